// What must become of one invoice, told once more in the plainest words and with nothing of edge/payments in them: whole
// numbers, one list of payments, no events, no rows. Histories are told to both, and both must come to the same end.

export type NewsKind =
  | "awaiting_payer"
  | "processing"
  | "in_review"
  | "authorized"
  | "captured"
  | "voided"
  | "declined"
  | "expired"
  | "refund_accepted"
  | "refund_succeeded"
  | "refund_failed"
  | "dispute_opened"
  | "dispute_won"
  | "dispute_lost";

/** What news says of money: the sum, none, or one in another currency than was asked. */
export type Telling = "sum" | "no_sum" | "other_currency";

export type StartEnd = "page" | "refused" | "unreachable" | "unknown";
export type HoldCallEnd = "done" | "nothing_told" | "refused" | "unknown";
export type RefundEnd = "accepted" | "succeeded" | "failed";
export type CallEnd = RefundEnd | "unknown" | "unreachable";

/**
 * One thing that happens. Attempts, and payments and refunds in the order in which they came, are counted from 0; a number
 * above the last begins again from the first.
 */
export type Item =
  /** A processor says something; the same key says the same again. */
  | {
      do: "news";
      attempt: number;
      kind: NewsKind;
      minor: number;
      telling: Telling;
      /** Which number of theirs a refund is told with. */
      reference: number;
      key: string;
      way: "notification" | "query" | "command";
      at: number;
    }
  /** A call about an attempt ended without an answer that can be read. */
  | { do: "lose_answer"; attempt: number }
  /** A payer asks for the page of one of two connections; the second holds the money before it is taken. */
  | { do: "start"; connection: 0 | 1; isWarned: boolean }
  /** The oldest call for a page that has no end yet gets one. */
  | { do: "end_start"; end: StartEnd }
  /** Something is asked of a hold; without a sum: all of it. */
  | { do: "ask_hold"; attempt: number; verb: "capture" | "void"; minor: number | null }
  /** The oldest call about a hold that has no end yet gets one. */
  | { do: "end_hold_call"; attempt: number; end: HoldCallEnd; at: number }
  /** The processor was asked about an attempt, and said that it is held, or nothing of it. */
  | { do: "look"; attempt: number; isHeld: boolean }
  | { do: "cancel" }
  | { do: "pay_by_hand"; minor: number }
  | { do: "edit"; minor: number }
  | { do: "convert" }
  /** Books the n-th payment that came in as a collection. */
  | { do: "collect"; payment: number }
  | { do: "ask_refund"; attempt: number; minor: number }
  | { do: "enter_refund"; attempt: number; minor: number; at: number }
  | { do: "approve"; refund: number }
  | { do: "refuse"; refund: number }
  | { do: "give_up"; refund: number }
  | { do: "begin_call"; refund: number }
  | { do: "end_call"; refund: number; end: CallEnd; reference: number; at: number };

export type World = {
  amount: number;
  attempts: number;
  canRefund: boolean;
  /** What the processor takes by our call of what it holds: nothing, the whole, parts too. */
  holds: "none" | "whole" | "parts";
  recordCollection: boolean;
  fiscalFromProforma: boolean;
  /** Above it a second person is asked. */
  approvalAbove: number;
};

/** What was asked of a hold last. */
type Order = {
  verb: "capture" | "void";
  minor: number;
  state: "begun" | "unknown" | "done" | "refused";
  askedAt: number;
};
type Attempt = {
  connection: number;
  amount: number;
  begunAt: number;
  hasPage: boolean;
  state: string;
  /** When it came to it by the processor's clock; null when nobody told. */
  reachedAt: number | null;
  held: number;
  captured: number;
  dispute: { state: string; minor: number; isForeign: boolean } | null;
  order: Order | null;
  /** Calls without an end, the oldest first. */
  calls: Order[];
};
type Payment = { attempt: number | null; refund: number | null; minor: number; isKept: boolean; isCollected: boolean };
type Refund = {
  attempt: number;
  minor: number;
  state: string;
  isOurs: boolean;
  isEarly: boolean;
  reference: string | null;
  at: number | null;
};

// Everything that happens takes half a minute.
/** A call about a hold is believed dead after so many. */
const CALL_LIVES = 4;
/** For so many a payer who asks for a page is believed to be on the way to it. */
const START_LIVES = 2;

/** From weak to strong: stronger news moves an attempt, weaker news does not. */
const STRENGTH = [
  "created",
  "awaiting_payer",
  "processing",
  "expired",
  "declined",
  "in_review",
  "authorized",
  "voided",
  "captured",
];
const OPEN = ["created", "awaiting_payer", "processing", "in_review", "unresolved"];
const CLAIMING = ["awaiting_approval", "requested", "sent", "not_sent", "accepted", "unresolved", "succeeded"];
const UNHEARD = ["awaiting_approval", "requested", "not_sent"];
const UNDER_WAY = ["requested", "sent", "not_sent", "accepted", "unresolved"];
function newAttempt(known: Pick<Attempt, "connection" | "amount" | "begunAt">): Attempt {
  const money = { held: 0, captured: 0, dispute: null };
  return { hasPage: false, state: "created", reachedAt: null, ...money, order: null, calls: [], ...known };
}
const isOpen = ({ state }: Order) => state === "begun" || state === "unknown";
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

export class Model {
  readonly world: World;
  amount: number;
  state = "open";
  isCancelled = false;
  hasFiscal = false;
  attempts: Attempt[];
  payments: Payment[] = [];
  refunds: Refund[] = [];
  /** What was put before a person, of the kinds that speak of money. */
  marks: string[] = [];
  readonly #heard = new Set<string>();
  readonly #calls = new Set<number>();
  /** Attempts whose page is being asked for, the oldest first. */
  readonly #starts: Attempt[] = [];
  /** How many things have happened before. */
  #now = 0;

  constructor(world: World) {
    this.world = world;
    this.amount = world.amount;
    this.attempts = Array.from({ length: world.attempts }, () =>
      newAttempt({ connection: 0, amount: world.amount, begunAt: 0 }),
    );
  }

  kept(): number {
    return sum(this.payments.filter((p) => p.isKept).map((p) => p.minor));
  }

  moved(): number {
    return sum(this.payments.map((p) => p.minor));
  }

  /** Does it, and says how a command was answered: "ok", or why not. */
  tell(told: Item): string {
    this.#now += 1;
    const item = "attempt" in told ? { ...told, attempt: told.attempt % this.attempts.length } : told;
    switch (item.do) {
      case "news":
        return this.#news(item);
      case "lose_answer":
        this.#loseAnswer(this.attempts[item.attempt] as Attempt);
        return "ok";
      case "start":
        return this.#start(item.connection, item.isWarned);
      case "end_start":
        return this.#endStart(item.end);
      case "ask_hold":
        return this.#askHold(item.attempt, item.verb, item.minor);
      case "end_hold_call":
        return this.#endHoldCall(item.attempt, item.end, item.at);
      case "look": {
        const { state, order } = this.attempts[item.attempt] as Attempt;
        if (!order || !isOpen(order) || this.#now - order.askedAt < CALL_LIVES) return "ok";
        if (item.isHeld && state === "authorized") order.state = "refused";
        else order.state = "unknown";
        return "ok";
      }
      case "cancel":
        return this.#cancel();
      case "pay_by_hand":
        return this.#payByHand(item.minor);
      case "edit":
        return this.#edit(item.minor);
      case "convert":
        if (this.state === "cancelled") return "invoice_cancelled";
        this.hasFiscal = true;
        return "ok";
      case "collect": {
        const came = this.payments.filter((p) => p.minor > 0);
        const payment = came[item.payment % came.length];
        if (!payment) return "not_found";
        payment.isCollected = true;
        return "ok";
      }
      case "ask_refund":
        return this.#askRefund(item.attempt, item.minor);
      case "enter_refund":
        return this.#enterRefund(item.attempt, item.minor, item.at);
      default:
        return this.#aboutRefund(item);
    }
  }

  #news(item: Extract<Item, { do: "news" }>): string {
    const { attempt: index, kind, minor, telling, reference, key, way, at } = item;
    const attempt = this.attempts[index] as Attempt;
    const heard = `${index} ${way} ${key}`;
    if (this.#heard.has(heard)) return "ok";
    this.#heard.add(heard);
    const isForeign = telling === "other_currency";
    const told = telling === "no_sum" ? null : minor;
    if (kind === "refund_accepted" || kind === "refund_succeeded" || kind === "refund_failed") {
      this.#refundNews(index, kind.slice(7) as RefundEnd, { told, isForeign, reference: `r${reference}`, at });
    } else if (kind === "dispute_opened" || kind === "dispute_won" || kind === "dispute_lost") {
      this.#disputed(attempt, kind.slice(8), told === null ? null : { minor: told, isForeign });
    } else if (isForeign && (kind === "captured" || kind === "authorized")) this.marks.push("currency_mismatch");
    else if (kind === "captured") this.#captured(index, told, at);
    else if (kind === "voided") this.#voided(index, at);
    else if (this.#move(attempt, kind, at) && kind === "authorized") {
      attempt.held = told ?? attempt.amount;
      this.#markOtherSum(attempt, attempt.held);
      if (this.state === "open") this.state = "authorized";
    }
    return "ok";
  }

  /** Lost is the end of it; won is not. What is in dispute is what was said last, or all that was taken. */
  #disputed(attempt: Attempt, to: string, told: { minor: number; isForeign: boolean } | null): void {
    const { dispute } = attempt;
    const isOver = dispute?.state === "lost" || (dispute?.state === "won" && to !== "lost");
    if (isOver || dispute?.state === to) return;
    const about = told ?? dispute ?? { minor: attempt.captured, isForeign: false };
    attempt.dispute = { state: to, minor: about.minor, isForeign: about.isForeign };
    this.marks.push("dispute");
  }

  #markOtherSum(attempt: Attempt, minor: number): void {
    if (minor < attempt.amount) this.marks.push("paid_short");
    if (minor > attempt.amount) this.marks.push("paid_over");
  }

  /** One page at a time that may take money; who was warned may open a second, but not while money moves. */
  #start(connection: 0 | 1, isWarned: boolean): string {
    const due = Math.max(0, this.amount - this.kept());
    if (this.state === "cancelled") return "invoice_cancelled";
    if (this.state === "paid" || due === 0) return "invoice_paid";
    if (this.state === "authorized") return "payment_in_progress";
    const mayMove = ["processing", "in_review", "authorized"];
    const isBeginning = (a: Attempt) => a.state === "created" && this.#now - a.begunAt < START_LIVES;
    if (this.attempts.some((a) => mayMove.includes(a.state) || isBeginning(a))) return "payment_in_progress";
    const paged = this.attempts.filter((a) => a.hasPage);
    const open = paged.find((a) => a.connection === connection && a.state === "awaiting_payer" && a.amount === due);
    if (open) return `resume ${this.attempts.indexOf(open)}`;
    if (!isWarned && paged.some((a) => ["awaiting_payer", "unresolved"].includes(a.state))) return "other_attempt_open";
    const attempt = newAttempt({ connection, amount: due, begunAt: this.#now });
    this.attempts.push(attempt);
    this.#starts.push(attempt);
    return `start ${due}`;
  }

  #endStart(end: StartEnd): string {
    const attempt = this.#starts.shift();
    if (!attempt) return "ok";
    if (end === "unknown") this.#loseAnswer(attempt);
    else if (end === "page") {
      attempt.hasPage = true;
      if (attempt.state === "created") this.#move(attempt, "awaiting_payer", null);
    } else this.#move(attempt, "declined", null);
    return "ok";
  }

  #loseAnswer(attempt: Attempt): void {
    if (!["created", "awaiting_payer", "processing"].includes(attempt.state)) return;
    Object.assign(attempt, { state: "unresolved", reachedAt: null });
  }

  #move(attempt: Attempt, to: string, at: number | null): boolean {
    const { state: from, reachedAt } = attempt;
    if (from === to) {
      if (at !== null && (reachedAt === null || at > reachedAt)) attempt.reachedAt = at;
      return false;
    }
    const isTrial = [from, to].sort().join() === "declined,in_review";
    const isStronger = from === "unresolved" || STRENGTH.indexOf(to) > STRENGTH.indexOf(from) || isTrial;
    // A new try after a decline and a review that is lost follow each other both ways: there the older news is old.
    if (!isStronger || (isTrial && at !== null && reachedAt !== null && at < reachedAt)) return false;
    Object.assign(attempt, { state: to, reachedAt: at });
    const { order } = attempt;
    if (order && isOpen(order))
      order.state = to === (order.verb === "capture" ? "captured" : "voided") ? "done" : "refused";
    return true;
  }

  #voided(index: number, at: number): void {
    const attempt = this.attempts[index] as Attempt;
    const wasHeld = attempt.state === "authorized";
    if (this.#move(attempt, "voided", at) && wasHeld) this.#release();
  }

  #askHold(index: number, verb: "capture" | "void", wanted: number | null): string {
    const attempt = this.attempts[index] as Attempt;
    const minor = wanted ?? attempt.held;
    if (attempt.state !== "authorized") return "not_authorized";
    if (this.world.holds === "none") return "not_supported";
    if (minor > attempt.held) return "amount_over_hold";
    if (minor < attempt.held && this.world.holds === "whole") return "partial_not_supported";
    if (attempt.order && isOpen(attempt.order)) return "hold_command_running";
    attempt.order = { verb, minor, state: "begun", askedAt: this.#now };
    attempt.calls.push(attempt.order);
    return "ok";
  }

  /** Done is done whoever asked; what a call does not tell concerns the order that it was made for alone. */
  #endHoldCall(index: number, end: HoldCallEnd, at: number): string {
    const attempt = this.attempts[index] as Attempt;
    const call = attempt.calls.shift();
    if (!call) return "ok";
    const isLast = call === attempt.order;
    if (end === "done" && call.verb === "capture") this.#captured(index, call.minor, at);
    else if (end === "done") this.#voided(index, at);
    else if (end === "refused") {
      if (isLast && isOpen(call)) call.state = "refused";
    } else if (isLast && call.state === "begun" && attempt.state === "authorized") call.state = "unknown";
    return end === "refused" ? "rejected" : end === "unknown" ? "hold_outcome_unknown" : "ok";
  }

  #release(): void {
    if (this.state === "authorized" && !this.attempts.some((a) => a.state === "authorized")) this.state = "open";
  }

  #captured(index: number, told: number | null, at: number): void {
    const attempt = this.attempts[index] as Attempt;
    const from = attempt.state;
    this.#move(attempt, "captured", at);
    const total = told ?? (attempt.captured > 0 ? attempt.captured : attempt.amount);
    const added = total - attempt.captured;
    if (added <= 0) return;
    attempt.captured = total;
    const wasDue = Math.max(0, this.amount - this.kept());
    const isLate = this.state === "cancelled" || from === "expired" || from === "voided";
    // What was to be held first is taken in whatever part a person asks for.
    if (told === null) this.marks.push("amount_unknown");
    else if (from !== "authorized" && attempt.connection === 0) this.#markOtherSum(attempt, total);
    const isKept = wasDue > 0;
    const { recordCollection, canRefund } = this.world;
    const payment = { attempt: index, refund: null, minor: added, isKept, isCollected: false };
    this.payments.push(payment);
    for (const [at, refund] of this.refunds.entries()) {
      if (refund.attempt !== index || !refund.isEarly || refund.state !== "accepted") continue;
      this.#succeed(at);
    }
    if (isKept && isLate) this.marks.push("paid_late");
    if (isKept && added > wasDue) this.marks.push("paid_over");
    if (!isKept) {
      this.marks.push("paid_twice");
      const minor = Math.min(added, this.#refundable(index));
      if (canRefund && minor > 0) this.#addRefund(index, minor, { state: "requested", isOurs: true });
    }
    this.#settle();
    if (isKept && recordCollection) payment.isCollected = true;
    this.#release();
  }

  #settle(): void {
    if (this.kept() < this.amount) {
      if (this.state === "paid") this.state = this.isCancelled ? "cancelled" : "open";
    } else if (this.state !== "paid") {
      this.state = "paid";
      if (this.world.fiscalFromProforma) this.hasFiscal = true;
    }
  }

  #cancel(): string {
    if (this.state === "cancelled") return "ok";
    const isUnderWay = this.attempts.some((a) => a.state === "processing" || a.state === "in_review");
    if (this.moved() !== 0 || isUnderWay || this.state !== "open") return "invoice_has_money";
    Object.assign(this, { state: "cancelled", isCancelled: true });
    return "ok";
  }

  #payByHand(minor: number): string {
    const due = Math.max(0, this.amount - this.kept());
    if (this.state === "cancelled") return "invoice_cancelled";
    if (due === 0) return "invoice_paid";
    if (minor > due) return "conflict";
    this.payments.push({ attempt: null, refund: null, minor, isKept: true, isCollected: true });
    this.#settle();
    return "ok";
  }

  #edit(minor: number): string {
    if (this.state === "cancelled") return "invoice_cancelled";
    const mayBring = this.attempts.some((a) => OPEN.includes(a.state) || a.state === "authorized");
    if (this.payments.length > 0 || mayBring) return "invoice_has_money";
    this.amount = minor;
    return "ok";
  }

  #refundable(index: number): number {
    const claimed = this.refunds.filter((r) => r.attempt === index && CLAIMING.includes(r.state)).map((r) => r.minor);
    return (this.attempts[index]?.captured ?? 0) - sum(claimed);
  }

  #addRefund(attempt: number, minor: number, known: Partial<Refund> & { state: string }): number {
    this.refunds.push({ attempt, minor, isOurs: false, isEarly: false, reference: null, at: null, ...known });
    return this.refunds.length - 1;
  }

  #askRefund(index: number, minor: number): string {
    const attempt = this.attempts[index] as Attempt;
    if (attempt.captured === 0) return "nothing_captured";
    if (!this.world.canRefund) return "refund_not_supported";
    const left = this.#refundable(index);
    if (minor > left) return "amount_over_refundable";
    const needsYes = attempt.captured - left + minor > this.world.approvalAbove;
    this.#addRefund(index, minor, { state: needsYes ? "awaiting_approval" : "requested", isOurs: true });
    return "ok";
  }

  #enterRefund(index: number, minor: number, at: number): string {
    const attempt = this.attempts[index] as Attempt;
    if (attempt.captured === 0) return "nothing_captured";
    if (minor > this.#refundable(index)) return "amount_over_refundable";
    this.#giveBack(this.#addRefund(index, minor, { state: "accepted", isOurs: true, at }));
    return "ok";
  }

  /** Money went back: first what had come when nothing was owed, then what had counted. */
  #giveBack(at: number): void {
    const refund = this.refunds[at] as Refund;
    refund.state = "succeeded";
    const its = this.payments.filter((p) => p.attempt === refund.attempt);
    const surplus = Math.min(refund.minor, sum(its.filter((p) => !p.isKept).map((p) => p.minor)));
    for (const [isKept, minor] of [
      [false, surplus],
      [true, refund.minor - surplus],
    ] as const) {
      if (minor === 0) continue;
      const origin = its.find((p) => p.isKept === isKept && p.minor > 0);
      const isCollected = origin?.isCollected ?? false;
      this.payments.push({ attempt: refund.attempt, refund: at, minor: -minor, isKept, isCollected });
    }
    this.#settle();
  }

  /** The processor speaks of a refund: one that we know, or, when money went back, one made without us. */
  #refundNews(
    index: number,
    to: RefundEnd,
    { told, isForeign, reference, at }: { told: number | null; isForeign: boolean; reference: string; at: number },
  ): void {
    const attempt = this.attempts[index] as Attempt;
    const its = this.refunds.filter((r) => r.attempt === index);
    const isItsSum = (r: Refund) => told === r.minor && !isForeign;
    const known =
      its.find((r) => r.reference === reference) ??
      its.find((r) => r.state === "succeeded" && isItsSum(r) && r.at === at) ??
      its.find((r) => UNDER_WAY.includes(r.state) && r.reference === null && (told === null || isItsSum(r))) ??
      its.find((r) => r.state === "succeeded" && r.reference === null && r.isOurs && isItsSum(r));
    if (known) {
      this.#refundSaid(known, to, reference, at);
      return;
    }
    if (to !== "succeeded") return;
    if (told === null) {
      if (!its.some((r) => CLAIMING.includes(r.state))) this.marks.push("refund_amount_unknown");
      return;
    }
    const minor = told;
    const isEarly = attempt.captured === 0;
    const unheard = sum(its.filter((r) => UNHEARD.includes(r.state)).map((r) => r.minor));
    if (isForeign || minor > this.#refundable(index) + unheard + (isEarly ? attempt.amount : 0)) {
      this.marks.push("refund_over_captured");
      return;
    }
    const found = this.#addRefund(index, minor, { state: "accepted", isEarly, reference, at });
    if (!isEarly) this.#succeed(found);
  }

  /** Money went back, as the processor says: never more than came, and what only we know of makes room for it. */
  #succeed(at: number): void {
    const refund = this.refunds[at] as Refund;
    const its = this.refunds.filter((r) => r.attempt === refund.attempt);
    const back = sum(its.filter((r) => r.state === "succeeded").map((r) => r.minor));
    if (back + refund.minor > (this.attempts[refund.attempt]?.captured ?? 0)) {
      this.marks.push("refund_over_captured");
      return;
    }
    this.#giveBack(at);
    for (const other of its.toReversed()) {
      if (this.#refundable(refund.attempt) >= 0) return;
      if (UNHEARD.includes(other.state)) other.state = "abandoned";
    }
  }

  #refundSaid(refund: Refund, to: RefundEnd, reference: string, at: number): void {
    if (refund.state === "succeeded") refund.reference ??= reference;
    const isHeard = to === "succeeded" && ["failed", "abandoned"].includes(refund.state);
    const isNews = UNDER_WAY.includes(refund.state) && refund.state !== to;
    if (!isNews && !isHeard) return;
    if (to === "succeeded" && this.attempts[refund.attempt]?.captured === 0) return;
    if (to === "succeeded") this.#succeed(this.refunds.indexOf(refund));
    else refund.state = to;
    if (refund.state === to) Object.assign(refund, { reference, at });
  }

  #aboutRefund(item: Extract<Item, { refund: number }>): string {
    const at = item.refund % this.refunds.length;
    const refund = this.refunds[at];
    if (!refund) return "not_found";
    switch (item.do) {
      case "approve":
        if (refund.state !== "awaiting_approval") return "not_awaiting_approval";
        if (this.#refundable(refund.attempt) < 0) return "amount_over_refundable";
        refund.state = "requested";
        return "ok";
      case "refuse":
        if (refund.state !== "awaiting_approval") return "not_awaiting_approval";
        refund.state = "rejected";
        return "ok";
      case "give_up":
        if (!UNHEARD.includes(refund.state)) return "refund_under_way";
        refund.state = "abandoned";
        return "ok";
      case "begin_call":
        if (refund.state === "sent") refund.state = "unresolved";
        else if (refund.state === "requested" || refund.state === "not_sent") {
          refund.state = "sent";
          this.#calls.add(at);
        }
        return "ok";
      case "end_call":
        if (!this.#calls.delete(at)) return "ok";
        if (item.end === "unknown") {
          if (refund.state === "sent") refund.state = "unresolved";
        } else if (item.end === "unreachable") {
          if (refund.state === "sent" || refund.state === "unresolved") refund.state = "not_sent";
        } else {
          const reference = `r${item.reference}`;
          const its = this.refunds.filter((r) => r.attempt === refund.attempt && r !== refund);
          // The answer names another refund: it was taken for this one.
          if (!its.some((r) => r.reference === reference)) this.#refundSaid(refund, item.end, reference, item.at);
        }
        return "ok";
    }
  }
}
