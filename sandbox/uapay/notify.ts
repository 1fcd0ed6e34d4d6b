// Sends callbacks: when, how often, with which faults.
import { postBytes } from "../node-http.ts";
import type { Job } from "../schedule.ts";
import { callbackRequest, claimsText } from "./callback.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { findShop } from "./shops.ts";
import type { Claims, Delivery, Invoice, Notification, Payment, Shop } from "./state.ts";
import type { From, Uapay } from "./uapay.ts";
import { callbackClaims } from "./views.ts";

const jobKind = "uapay-callback";

/** Seconds between one sending and the next until HTTP 200: six sendings in all. */
export const gaps: readonly number[] = [5, 300, 3600, 7200, 86_400];

/** Tells the schedule how callbacks of this simulator are sent. */
export function handleNotifications(uapay: Uapay): void {
  uapay.schedule.handle(jobKind, async (job: Job) => {
    const note = uapay.state.notifications.find(({ id }) => id === job.data.note);
    if (!note) return;
    if (job.data.replay) return replay(uapay, note);
    if (note.state === "accepted") return;
    await send(uapay, note, note.deliveries.length === 0 ? "first" : "retry");
  });
}

function sendAt(uapay: Uapay, note: Notification, dueAt: number, more: Record<string, string> = {}): void {
  uapay.schedule.add({ dueAt, kind: jobKind, lane: `uapay ${note.invoiceId}`, data: { note: note.id, ...more } });
}

const isListed = (shop: Shop, url: string): boolean =>
  !shop.live || shop.allowedUrls.some((allowed) => url === allowed || url.startsWith(allowed));

const whereOf = (note: Notification) => ({
  clientId: note.clientId,
  references: [note.invoiceId, note.externalId, String(note.claims.paymentId)],
  event: String(note.claims.paymentStatus),
});

/** Tells the merchant how a payment stands now. */
export async function announce(uapay: Uapay, invoice: Invoice, payment: Payment, from: From): Promise<void> {
  const { state, clock } = uapay;
  const shop = findShop(uapay, invoice.clientId);
  if (!shop || invoice.callbackUrl === null) return;
  const now = clock.now();
  const note: Notification = {
    id: crypto.randomUUID(),
    at: now,
    clientId: shop.clientId,
    invoiceId: invoice.id,
    externalId: invoice.externalId,
    url: invoice.callbackUrl,
    claims: callbackClaims(uapay, invoice, payment),
    state: "waiting",
    duplicates: 0,
    atOnce: 1,
    replayAfterSeconds: null,
    holdUntil: null,
    holdSeconds: 0,
    automaticTries: 0,
    deliveries: [],
  };
  const faults = takeFaults(state, whereOf(note), ["timing"]);
  const fault = (name: FaultName) => faults.find((candidate) => candidate.fault === name);
  const duplicate = fault("duplicate");
  if (duplicate) note.duplicates = duplicate.times ?? 1;
  const atOnce = fault("at_once");
  if (atOnce) note.atOnce = atOnce.times ?? 2;
  const repeat = fault("replay");
  if (repeat) note.replayAfterSeconds = repeat.delaySeconds ?? 3600;
  const late = fault("late");
  const afterBrowser = fault("after_browser");
  const atReturn = shop.options.firstCallback === "after_return" && from === "page" && !fault("before_browser");
  const held = state.notifications.filter(
    (earlier) => earlier.holdUntil === "next_event" && earlier.invoiceId === invoice.id,
  );
  state.notifications.push(note);
  if (!isListed(shop, note.url)) {
    // Silent, as the real one: nobody learns why nothing comes.
    note.state = "not_listed";
  } else if (fault("lost")) {
    note.state = "lost";
  } else if (fault("out_of_order")) {
    note.state = "held";
    note.holdUntil = "next_event";
  } else if (late) {
    sendAt(uapay, note, now + (late.delaySeconds ?? 300) * 1000);
  } else if (afterBrowser || atReturn) {
    note.state = "held";
    note.holdUntil = "return";
    note.holdSeconds = afterBrowser?.delaySeconds ?? 2;
  } else if (from === "background") {
    sendAt(uapay, note, now);
  } else {
    await send(uapay, note, "first");
  }
  for (const earlier of held) {
    earlier.holdUntil = null;
    earlier.state = "waiting";
    if (note.deliveries.length > 0 || note.state === "lost") {
      await send(uapay, earlier, "reordered");
    } else {
      // The new one has not gone out yet: the held one follows it in the same lane.
      const due = uapay.schedule.list().find((job) => job.data.note === note.id)?.dueAt ?? now;
      sendAt(uapay, earlier, Math.max(now, due) + 1);
    }
  }
  uapay.changed();
}

/** The payer's browser went back: what was held for that now gets its time. */
export function browserReturned(uapay: Uapay, invoice: Invoice): void {
  invoice.returnedAt = uapay.clock.now();
  for (const note of uapay.state.notifications) {
    if (note.invoiceId !== invoice.id || note.holdUntil !== "return") continue;
    note.holdUntil = null;
    note.state = "waiting";
    sendAt(uapay, note, uapay.clock.now() + note.holdSeconds * 1000);
  }
  uapay.changed();
}

/** Body and headers of a callback with the named faults. */
export function build(
  uapay: Uapay,
  shop: Shop,
  said: Claims | string,
  faults: readonly FaultName[],
  ageSeconds?: number,
): { body: string; headers: Record<string, string> } {
  const has = (name: FaultName): boolean => faults.includes(name);
  const others = uapay.state.shops.filter((other) => other !== shop).map(({ secret }) => secret);
  const text = typeof said === "string" ? said : claimsText(said, has, { ageSeconds });
  return callbackRequest(shop, text, others, has);
}

/** Posts a body; only HTTP 200 counts as delivered, and nothing is followed. */
export async function post(
  uapay: Uapay,
  input: {
    url: string;
    body: string;
    headers: Record<string, string>;
    why: Delivery["why"];
    faults: readonly string[];
    timeoutMs: number;
  },
): Promise<Delivery> {
  const started = performance.now();
  const at = uapay.clock.now();
  let status: number | null = null;
  let text = "";
  let reason = "";
  try {
    const got = await postBytes(input.url, input.headers, Buffer.from(input.body, "utf8"), input.timeoutMs);
    status = got.status;
    text = got.text;
    if (status !== 200) reason = `HTTP ${status}`;
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "AbortError";
    reason = timedOut ? `no answer within ${input.timeoutMs} ms` : error instanceof Error ? error.message : "";
    if (reason === "") reason = "no connection";
  }
  return {
    at,
    why: input.why,
    url: input.url,
    headers: input.headers,
    body: input.body,
    faults: [...input.faults],
    status,
    answer: text.slice(0, 4000),
    verdict: reason === "" ? "accepted" : "retry",
    reason,
    milliseconds: Math.round(performance.now() - started),
  };
}

/** Sends a callback once (and its planted copies), then settles or puts the next try into the queue. */
async function send(uapay: Uapay, note: Notification, why: Delivery["why"]): Promise<void> {
  const shop = findShop(uapay, note.clientId);
  if (!shop) return;
  const struck = takeFaults(uapay.state, whereOf(note), ["content", "token"]);
  const faults = struck.map(({ fault }) => fault);
  const age = struck.find(({ fault }) => fault === "old_iat")?.delaySeconds;
  const built = build(uapay, shop, note.claims, faults, age);
  const timeoutMs = shop.options.callbackTimeoutMs;
  const sendings = Array.from({ length: note.atOnce }, () =>
    post(uapay, { url: note.url, ...built, why, faults, timeoutMs }),
  );
  note.atOnce = 1;
  const done = await Promise.all(sendings);
  note.deliveries.push(...done);
  if (why !== "duplicate") note.automaticTries += 1;
  if (done.some(({ verdict }) => verdict === "accepted")) {
    note.state = "accepted";
  } else if (note.state !== "accepted" && why !== "duplicate") {
    const gap = gaps[note.automaticTries - 1];
    note.state = gap === undefined ? "gave_up" : "retrying";
    if (gap !== undefined) sendAt(uapay, note, uapay.clock.now() + gap * 1000);
  }
  if (note.replayAfterSeconds !== null) {
    sendAt(uapay, note, uapay.clock.now() + note.replayAfterSeconds * 1000, { replay: "yes" });
    note.replayAfterSeconds = null;
  }
  uapay.changed();
  while (note.duplicates > 0) {
    note.duplicates -= 1;
    await send(uapay, note, "duplicate");
  }
}

/** Somebody sends what they overheard: the first sending again, to the byte. */
async function replay(uapay: Uapay, note: Notification): Promise<void> {
  const first = note.deliveries[0];
  const shop = findShop(uapay, note.clientId);
  if (!first || !shop) return;
  const { url, body, headers, faults } = first;
  const timeoutMs = shop.options.callbackTimeoutMs;
  note.deliveries.push(await post(uapay, { url, body, headers, why: "replay", faults, timeoutMs }));
  uapay.changed();
}
