// Sends notifications: when, how often, with which faults, and what the merchant's answer leads to.
import { randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";
import { postBytes } from "../node-http.ts";
import type { Job, Schedule } from "../schedule.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { buildV1 } from "./ipn-v1.ts";
import { buildV2 } from "./ipn-v2.ts";
import { type Judgement, judgeV1, judgeV2 } from "./replies.ts";
import type { Delivery, Ipn, KeyLike, NetopiaState, Outgoing, Payment, PointOfSale, RequestRecord } from "./state.ts";

/** Everything the NETOPIA side works with. */
export type Netopia = {
  clock: Clock;
  schedule: Schedule;
  state: NetopiaState;
  origin: string;
  platform: KeyLike;
  stranger: KeyLike;
  requests: RequestRecord[];
  /** Saves the state soon. */
  changed: () => void;
};

/** An event as the payment's rules make it; everything else about its notification is decided here. */
export type Event = {
  action: string;
  status: number;
  code: string;
  message: string;
  processed: number;
};

const jobKind = "netopia-ipn";

/** 32 hex digits, fresh for every event. */
export const freshCrc = (): string => randomBytes(16).toString("hex");

/** Tells the schedule how notifications of this simulator are sent. */
export function handleScheduled(netopia: Netopia): void {
  netopia.schedule.handle(jobKind, async (job: Job) => {
    const payment = netopia.state.payments.find(({ id }) => id === job.data.payment);
    const ipn = payment?.ipns.find(({ id }) => id === job.data.ipn);
    if (!payment || !ipn || ipn.state === "accepted" || ipn.state === "stopped") return;
    await send(netopia, payment, ipn, ipn.deliveries.length === 0 ? "first" : "retry");
  });
}

function sendAt(netopia: Netopia, payment: Payment, ipn: Ipn, dueAt: number): void {
  netopia.schedule.add({ dueAt, kind: jobKind, lane: payment.id, data: { payment: payment.id, ipn: ipn.id } });
}

/** Forgets every payment with what was still to be sent for it, and the log of requests. */
export function forgetPayments(netopia: Netopia): number {
  const forgotten = netopia.state.payments.length;
  netopia.schedule.drop((job) => job.kind === jobKind);
  netopia.state.payments.length = 0;
  netopia.requests.length = 0;
  netopia.changed();
  return forgotten;
}

/** The point of sale of a payment. */
export function posOf(netopia: Netopia, payment: Payment): PointOfSale {
  const pos = netopia.state.pointsOfSale.find(({ signature }) => signature === payment.signature);
  if (!pos) throw new Error(`no point of sale ${payment.signature}`);
  return pos;
}

/**
 * Announces an event. `page`: the payer's browser is waiting, so the first sending is awaited before it goes on.
 * `control`: nobody browses, it is awaited too. `background`: sent right after the current answer.
 */
export async function announce(
  netopia: Netopia,
  payment: Payment,
  event: Event,
  from: "page" | "control" | "background",
): Promise<Ipn> {
  const pos = posOf(netopia, payment);
  const now = netopia.clock.now();
  const held = payment.ipns.filter((earlier) => earlier.holdUntil === "next_event");
  const faults = takeFaults(
    netopia.state,
    { signature: payment.signature, orderId: payment.orderId, protocol: payment.protocol },
    ["timing"],
  );
  const fault = (name: FaultName) => faults.find((candidate) => candidate.fault === name);
  const ipn: Ipn = {
    id: crypto.randomUUID(),
    at: now,
    crc: freshCrc(),
    ...event,
    panMasked: payment.panMasked,
    state: "waiting",
    duplicates: fault("duplicate") ? (fault("duplicate")?.times ?? 1) : 0,
    newCrcCopies: fault("new_crc") ? (fault("new_crc")?.times ?? 1) : 0,
    holdUntil: null,
    holdSeconds: 0,
    automaticTries: 0,
    deliveries: [],
  };
  payment.ipns.push(ipn);
  netopia.changed();

  const late = fault("late");
  const afterBrowser = fault("after_browser");
  const waitsForBrowser = afterBrowser || (pos.options.firstIpn === "after_return" && !fault("before_browser"));
  if (fault("lost")) {
    ipn.state = "lost";
  } else if (fault("out_of_order")) {
    ipn.state = "held";
    ipn.holdUntil = "next_event";
  } else if (late) {
    sendAt(netopia, payment, ipn, now + (late.delaySeconds ?? 3600) * 1000);
  } else if (waitsForBrowser) {
    ipn.holdSeconds = afterBrowser?.delaySeconds ?? 2;
    if (from === "page") {
      ipn.state = "held";
      ipn.holdUntil = "return";
    } else {
      sendAt(netopia, payment, ipn, now + ipn.holdSeconds * 1000);
    }
  } else if (from === "background") {
    sendAt(netopia, payment, ipn, now);
  } else {
    await send(netopia, payment, ipn, "first");
  }
  for (const earlier of held) {
    earlier.holdUntil = null;
    earlier.state = "waiting";
    // When the new one has not gone out yet, the held one follows it in the same lane.
    if (ipn.deliveries.length > 0 || ipn.state === "lost") await send(netopia, payment, earlier, "reordered");
    else sendAt(netopia, payment, earlier, Math.max(now, dueOf(netopia, ipn) ?? now) + 1);
  }
  return ipn;
}

function dueOf(netopia: Netopia, ipn: Ipn): number | undefined {
  return netopia.schedule.list().find((job) => job.data.ipn === ipn.id)?.dueAt;
}

/** The payer's browser went back: what was held for that now gets its time. */
export function browserReturned(netopia: Netopia, payment: Payment): void {
  payment.returnedAt = netopia.clock.now();
  for (const ipn of payment.ipns.filter(({ holdUntil }) => holdUntil === "return")) {
    ipn.holdUntil = null;
    ipn.state = "waiting";
    sendAt(netopia, payment, ipn, netopia.clock.now() + ipn.holdSeconds * 1000);
  }
  netopia.changed();
}

/** Builds the request of a notification with the named faults. */
export function build(netopia: Netopia, payment: Payment, ipn: Ipn, faults: readonly FaultName[]): Outgoing {
  const has = (name: FaultName): boolean => faults.includes(name);
  const common = { payment, pos: posOf(netopia, payment), ipn, stranger: netopia.stranger, has };
  return payment.protocol === "v1"
    ? buildV1(common)
    : buildV2({ ...common, platform: netopia.platform, now: netopia.clock.now() });
}

/** Posts a request to the merchant and judges the answer. */
export async function post(
  netopia: Netopia,
  protocol: "v1" | "v2",
  outgoing: Outgoing,
  why: Delivery["why"],
  faults: readonly FaultName[],
  timeoutMs: number,
): Promise<Delivery> {
  const started = performance.now();
  const at = netopia.clock.now();
  let judgement: Judgement;
  let answer: { status: number | null; contentType: string | null; text: string };
  try {
    const got = await postBytes(outgoing.url, outgoing.headers, outgoing.body, timeoutMs);
    answer = got;
    judgement = protocol === "v1" ? judgeV1(got) : judgeV2(got);
  } catch (error) {
    answer = { status: null, contentType: null, text: "" };
    const timedOut = error instanceof Error && error.name === "AbortError";
    const cause = error instanceof Error ? error.message || error.name : String(error);
    judgement = { verdict: "retry", reason: timedOut ? `no answer within ${timeoutMs} ms` : cause };
  }
  return {
    at,
    why,
    url: outgoing.url,
    headers: outgoing.headers,
    bodyBase64: outgoing.body.toString("base64"),
    faults: [...faults],
    status: answer.status,
    contentType: answer.contentType,
    answer: answer.text.slice(0, 4000),
    ...judgement,
    milliseconds: Math.round(performance.now() - started),
  };
}

/** Sends a notification once (and its planted copies), then settles or puts the next try into the queue. */
export async function send(netopia: Netopia, payment: Payment, ipn: Ipn, why: Delivery["why"]): Promise<Delivery> {
  const { options } = posOf(netopia, payment);
  if (why === "retry" && options.newCrcOnResend) ipn.crc = freshCrc();
  const faults = takeFaults(
    netopia.state,
    { signature: payment.signature, orderId: payment.orderId, protocol: payment.protocol },
    ["content", payment.protocol],
  ).map(({ fault }) => fault);
  const outgoing = build(netopia, payment, ipn, faults);
  const delivery = await post(netopia, payment.protocol, outgoing, why, faults, options.ipnTimeoutMs);
  ipn.deliveries.push(delivery);
  if (why !== "manual" && why !== "duplicate" && why !== "new_crc") ipn.automaticTries += 1;
  settle(netopia, payment, ipn, delivery);
  netopia.changed();
  while (ipn.duplicates > 0) {
    ipn.duplicates -= 1;
    await send(netopia, payment, ipn, "duplicate");
  }
  while (ipn.newCrcCopies > 0) {
    ipn.newCrcCopies -= 1;
    ipn.crc = freshCrc();
    await send(netopia, payment, ipn, "new_crc");
  }
  return delivery;
}

function settle(netopia: Netopia, payment: Payment, ipn: Ipn, delivery: Delivery): void {
  const { options } = posOf(netopia, payment);
  if (delivery.verdict === "accepted") {
    ipn.state = "accepted";
    // "Paid" turns into "confirmed" once the merchant has acknowledged it.
    if (ipn.status === 3 && payment.status === 3) {
      payment.status = 5;
      if (payment.protocol === "v2" && options.ipnOnConfirmed) {
        const { action, code, message, processed } = ipn;
        void announce(netopia, payment, { action, status: 5, code, message, processed }, "background");
      }
    }
    return;
  }
  // A copy or a manual sending that fails does not undo an acknowledgement and starts no retries of its own.
  if (ipn.state === "accepted") return;
  if (delivery.verdict === "stop") {
    ipn.state = "stopped";
    return;
  }
  if (delivery.why !== "first" && delivery.why !== "retry" && delivery.why !== "reordered") return;
  if (ipn.automaticTries >= options.maxTries) {
    ipn.state = "gave_up";
    return;
  }
  ipn.state = "retrying";
  const wait = Math.min(
    options.retrySeconds * options.retryFactor ** (ipn.automaticTries - 1),
    options.maxRetrySeconds,
  );
  sendAt(netopia, payment, ipn, netopia.clock.now() + wait * 1000);
}
