// Sends notifications to every webhook of the account: when, how often, with which faults.
import type { Clock } from "../clock.ts";
import { postBytes } from "../node-http.ts";
import type { Job, Schedule } from "../schedule.ts";
import type { EventName } from "./events.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import type {
  Account,
  Delivery,
  Notification,
  Order,
  Outgoing,
  RequestRecord,
  RevolutState,
  Webhook,
} from "./state.ts";
import { eventFields, signedRequest, writeBody } from "./webhook-request.ts";

/** Everything the Revolut side works with. */
export type Revolut = {
  clock: Clock;
  schedule: Schedule;
  state: RevolutState;
  origin: string;
  requests: RequestRecord[];
  /** Saves the state soon. */
  changed: () => void;
};

/** `page`: a browser waits. `control`: nobody browses. Both await the first sending. `background`: sent right after. */
export type From = "page" | "control" | "background";

const jobKind = "revolut-webhook";

/** Tells the schedule how notifications of this simulator are sent. */
export function handleNotifications(revolut: Revolut): void {
  revolut.schedule.handle(jobKind, async (job: Job) => {
    const order = revolut.state.orders.find(({ id }) => id === job.data.order);
    const note = order?.notifications.find(({ id }) => id === job.data.note);
    if (!order || !note) return;
    if (job.data.replay) return replay(revolut, order, note);
    if (note.state === "accepted" || note.state === "stopped") return;
    await send(revolut, order, note, note.deliveries.length === 0 ? "first" : "retry");
  });
}

function sendAt(revolut: Revolut, order: Order, note: Notification, dueAt: number, more: Record<string, string> = {}) {
  const data = { order: order.id, note: note.id, ...more };
  revolut.schedule.add({ dueAt, kind: jobKind, lane: order.id, data });
}

/** The account of an order. */
export function accountOf(revolut: Revolut, order: Order): Account {
  const account = revolut.state.accounts.find(({ publicKey }) => publicKey === order.account);
  if (!account) throw new Error(`no account ${order.account}`);
  return account;
}

const successes: readonly EventName[] = ["ORDER_AUTHORISED", "ORDER_COMPLETED"];

/** Announces an event to every webhook that asked for it. */
export async function announce(revolut: Revolut, order: Order, event: EventName, from: From): Promise<void> {
  const account = accountOf(revolut, order);
  const now = revolut.clock.now();
  order.events.push({ at: now, event });
  revolut.changed();
  const listening = account.webhooks.filter(({ events }) => events.includes(event));
  if (listening.length === 0) return;
  const where = { account: account.publicKey, orderId: order.id, reference: order.reference, event };
  const faults = takeFaults(revolut.state, where, ["timing"]);
  const fault = (name: FaultName) => faults.find((candidate) => candidate.fault === name);
  const duplicate = fault("duplicate");
  const repeat = fault("replay");
  const late = fault("late");
  const afterBrowser = fault("after_browser");
  const waitsForBrowser =
    successes.includes(event) &&
    order.type === "payment" &&
    (afterBrowser || (account.options.firstWebhook === "after_return" && !fault("before_browser")));

  for (const webhook of listening) {
    const held = order.notifications.filter(
      (earlier) => earlier.holdUntil === "next_event" && earlier.webhookId === webhook.id,
    );
    const note: Notification = {
      id: crypto.randomUUID(),
      at: now,
      event,
      webhookId: webhook.id,
      style: revolut.state.told++,
      state: "waiting",
      duplicates: duplicate ? (duplicate.times ?? 1) : 0,
      replayAfterSeconds: repeat ? (repeat.delaySeconds ?? 360) : null,
      holdUntil: null,
      holdSeconds: 0,
      automaticTries: 0,
      deliveries: [],
    };
    order.notifications.push(note);
    if (fault("lost")) {
      note.state = "lost";
    } else if (fault("out_of_order")) {
      note.state = "held";
      note.holdUntil = "next_event";
    } else if (late) {
      sendAt(revolut, order, note, now + (late.delaySeconds ?? 3600) * 1000);
    } else if (waitsForBrowser) {
      note.holdSeconds = afterBrowser?.delaySeconds ?? 2;
      if (from === "page") {
        note.state = "held";
        note.holdUntil = "return";
      } else {
        sendAt(revolut, order, note, now + note.holdSeconds * 1000);
      }
    } else if (from === "background") {
      sendAt(revolut, order, note, now);
    } else {
      await send(revolut, order, note, "first");
    }
    for (const earlier of held) {
      earlier.holdUntil = null;
      earlier.state = "waiting";
      if (note.deliveries.length > 0 || note.state === "lost") {
        await send(revolut, order, earlier, "reordered");
      } else {
        // The new one has not gone out yet: the held one follows it in the same lane.
        const due = revolut.schedule.list().find((job) => job.data.note === note.id)?.dueAt ?? now;
        sendAt(revolut, order, earlier, Math.max(now, due) + 1);
      }
    }
  }
  revolut.changed();
}

/** The payer's browser went back: what was held for that now gets its time. */
export function browserReturned(revolut: Revolut, order: Order): void {
  order.returnedAt = revolut.clock.now();
  for (const note of order.notifications.filter(({ holdUntil }) => holdUntil === "return")) {
    note.holdUntil = null;
    note.state = "waiting";
    sendAt(revolut, order, note, revolut.clock.now() + note.holdSeconds * 1000);
  }
  revolut.changed();
}

/** The secrets of a webhook that are valid now; while two are, their order changes from one sending to the next. */
export function validSecrets(webhook: Webhook, now: number, turn: number): string[] {
  const valid = webhook.secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret);
  return turn % 2 === 0 ? valid : valid.reverse();
}

/** Builds the request of an event with the named faults. */
export function build(
  revolut: Revolut,
  account: Account,
  input: {
    url: string;
    secrets: readonly string[];
    fields: { event: string; orderId: string; reference: string | null };
    style: number;
    faults: readonly FaultName[];
    ageSeconds?: number | undefined;
  },
): Outgoing {
  const has = (name: FaultName): boolean => input.faults.includes(name);
  const text = writeBody(eventFields(input.fields, has), account.options.bodyStyle, input.style, has);
  return signedRequest({ ...input, text, now: revolut.clock.now(), has });
}

/** Posts a request to the merchant; any status from 200 to 399 counts as delivered. */
export async function post(
  revolut: Revolut,
  outgoing: Outgoing,
  why: Delivery["why"],
  faults: readonly string[],
  timeoutMs: number,
): Promise<Delivery> {
  const started = performance.now();
  const at = revolut.clock.now();
  let status: number | null = null;
  let text = "";
  let reason = "";
  try {
    const got = await postBytes(outgoing.url, outgoing.headers, outgoing.body, timeoutMs);
    status = got.status;
    text = got.text;
    if (status < 200 || status > 399) reason = `HTTP ${status}`;
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "AbortError";
    reason = timedOut ? `no answer within ${timeoutMs} ms` : String(error instanceof Error ? error.message : error);
    if (reason === "") reason = "no connection";
  }
  return {
    at,
    why,
    url: outgoing.url,
    headers: outgoing.headers,
    bodyBase64: outgoing.body.toString("base64"),
    faults: [...faults],
    status,
    answer: text.slice(0, 4000),
    verdict: reason === "" ? "accepted" : "retry",
    reason,
    milliseconds: Math.round(performance.now() - started),
  };
}

/** Sends a notification once (and its planted copies), then settles or puts the next try into the queue. */
async function send(revolut: Revolut, order: Order, note: Notification, why: Delivery["why"]): Promise<void> {
  const account = accountOf(revolut, order);
  const webhook = account.webhooks.find(({ id }) => id === note.webhookId);
  if (!webhook) {
    note.state = "stopped";
    return;
  }
  const struck = takeFaults(
    revolut.state,
    { account: account.publicKey, orderId: order.id, reference: order.reference, event: note.event },
    ["content", "signature"],
  );
  const faults = struck.map(({ fault }) => fault);
  const outgoing = build(revolut, account, {
    url: webhook.url,
    secrets: validSecrets(webhook, revolut.clock.now(), note.style + note.deliveries.length),
    fields: { event: note.event, orderId: order.id, reference: order.reference },
    style: note.style,
    faults,
    ageSeconds: struck.find(({ delaySeconds }) => delaySeconds !== undefined)?.delaySeconds,
  });
  const delivery = await post(revolut, outgoing, why, faults, account.options.webhookTimeoutMs);
  note.deliveries.push(delivery);
  if (why !== "duplicate") note.automaticTries += 1;
  if (delivery.verdict === "accepted") {
    note.state = "accepted";
  } else if (note.state !== "accepted" && why !== "duplicate") {
    note.state = note.automaticTries >= account.options.maxTries ? "gave_up" : "retrying";
    if (note.state === "retrying") {
      sendAt(revolut, order, note, revolut.clock.now() + account.options.retrySeconds * 1000);
    }
  }
  if (note.replayAfterSeconds !== null) {
    sendAt(revolut, order, note, revolut.clock.now() + note.replayAfterSeconds * 1000, { replay: "yes" });
    note.replayAfterSeconds = null;
  }
  revolut.changed();
  while (note.duplicates > 0) {
    note.duplicates -= 1;
    await send(revolut, order, note, "duplicate");
  }
}

/** Somebody sends what they overheard: the first sending again, to the byte. */
async function replay(revolut: Revolut, order: Order, note: Notification): Promise<void> {
  const first = note.deliveries[0];
  if (!first) return;
  const outgoing = { url: first.url, headers: first.headers, body: Buffer.from(first.bodyBase64, "base64") };
  const timeout = accountOf(revolut, order).options.webhookTimeoutMs;
  note.deliveries.push(await post(revolut, outgoing, "replay", first.faults, timeout));
  revolut.changed();
}
