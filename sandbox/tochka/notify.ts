// Sends webhooks to every application that asked for them: when, how often, with which faults.
import { postBytes } from "../node-http.ts";
import type { Job } from "../schedule.ts";
import { type EventName, samples } from "./events.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { spacedJson, webhookBody } from "./jws.ts";
import type { Claims, Client, Delivery, Notification } from "./state.ts";
import type { From, Tochka } from "./tochka.ts";
import { companiesOf } from "./tokens.ts";

const jobKind = "tochka-webhook";

/** Tells the schedule how webhooks of this simulator are sent. */
export function handleNotifications(tochka: Tochka): void {
  tochka.schedule.handle(jobKind, async (job: Job) => {
    const note = tochka.state.notifications.find(({ id }) => id === job.data.note);
    if (!note) return;
    if (job.data.replay) return replay(tochka, note);
    if (note.state === "accepted" || note.state === "stopped") return;
    await send(tochka, note, note.deliveries.length === 0 ? "first" : "retry");
  });
}

function sendAt(tochka: Tochka, note: Notification, dueAt: number, more: Record<string, string> = {}): void {
  tochka.schedule.add({ dueAt, kind: jobKind, lane: `tochka ${note.subject}`, data: { note: note.id, ...more } });
}

/** Announces a success to every client that listens and may see the company. */
export async function announce(
  tochka: Tochka,
  input: { event: EventName; customerCode: string; subject: string; reference: string; claims: Claims },
  from: From,
): Promise<void> {
  const { state, clock } = tochka;
  const now = clock.now();
  const listening = state.clients.filter(
    (client) => client.webhook?.events.includes(input.event) && companiesOf(tochka, client).has(input.customerCode),
  );
  for (const client of listening) {
    const where = {
      client: client.clientId,
      customerCode: input.customerCode,
      references: [input.subject, input.reference],
      event: input.event,
    };
    const faults = takeFaults(state, where, ["timing"]);
    const fault = (name: FaultName) => faults.find((candidate) => candidate.fault === name);
    const duplicate = fault("duplicate");
    const atOnce = fault("at_once");
    const repeat = fault("replay");
    const late = fault("late");
    const afterBrowser = fault("after_browser");
    const mode = state.options.firstWebhook;
    const waitsForBrowser = afterBrowser || (mode === "after_return" && !fault("before_browser"));
    const held = state.notifications.filter(
      (earlier) =>
        earlier.holdUntil === "next_event" && earlier.clientId === client.clientId && earlier.subject === input.subject,
    );
    const note: Notification = {
      id: crypto.randomUUID(),
      at: now,
      clientId: client.clientId,
      ...input,
      state: "waiting",
      duplicates: duplicate ? (duplicate.times ?? 1) : 0,
      atOnce: atOnce ? (atOnce.times ?? 2) : 1,
      replayAfterSeconds: repeat ? (repeat.delaySeconds ?? 3600) : null,
      holdUntil: null,
      holdSeconds: 0,
      automaticTries: 0,
      deliveries: [],
    };
    state.notifications.push(note);
    if (fault("lost")) {
      note.state = "lost";
    } else if (fault("out_of_order")) {
      note.state = "held";
      note.holdUntil = "next_event";
    } else if (late) {
      sendAt(tochka, note, now + (late.delaySeconds ?? 240) * 1000);
    } else if (waitsForBrowser) {
      note.holdSeconds = afterBrowser?.delaySeconds ?? 2;
      if (from === "page" || afterBrowser) {
        note.state = "held";
        note.holdUntil = "return";
      } else {
        sendAt(tochka, note, now + note.holdSeconds * 1000);
      }
    } else if (mode === "by_clock" && !fault("before_browser")) {
      sendAt(tochka, note, now + state.options.webhookDelaySeconds * 1000);
    } else if (from === "background") {
      sendAt(tochka, note, now);
    } else {
      await send(tochka, note, "first");
    }
    for (const earlier of held) {
      earlier.holdUntil = null;
      earlier.state = "waiting";
      if (note.deliveries.length > 0 || note.state === "lost") {
        await send(tochka, earlier, "reordered");
      } else {
        // The new one has not gone out yet: the held one follows it in the same lane.
        const due = tochka.schedule.list().find((job) => job.data.note === note.id)?.dueAt ?? now;
        sendAt(tochka, earlier, Math.max(now, due) + 1);
      }
    }
  }
  tochka.changed();
}

/** The payer's browser went back: what was held for that now gets its time. */
export function browserReturned(tochka: Tochka, subject: string): void {
  for (const note of tochka.state.notifications) {
    if (note.subject !== subject || note.holdUntil !== "return") continue;
    note.holdUntil = null;
    note.state = "waiting";
    sendAt(tochka, note, tochka.clock.now() + note.holdSeconds * 1000);
  }
  tochka.changed();
}

/** The text that is signed, with the named faults. */
export function claimsText(event: EventName, claims: Record<string, unknown>, has: (name: FaultName) => boolean) {
  if (has("not_json")) return "amount=100";
  let said: Record<string, unknown> = has("sample") ? { ...samples[event] } : { ...claims };
  const change = (name: string, value: unknown): void => {
    if (name in said) said[name] = value;
  };
  if (has("other_amount")) change("amount", ((Math.round(Number(said.amount) * 100) - 1) / 100).toFixed(2));
  if (has("two_decimals")) change("amount", Number(said.amount).toFixed(2));
  if (has("other_customer")) change("customerCode", "300999999");
  if (has("other_merchant")) {
    change("merchantId", String(said.merchantId).startsWith("M") ? "MF9999999999" : "299999999999999");
  }
  if (has("other_operation")) change("operationId", crypto.randomUUID());
  if (has("other_qrc")) change("qrcId", "AD0000000000000000000000NOBODYS1");
  if (has("other_link_id")) change("paymentLinkId", "link-of-nobody");
  if (has("no_link_id")) delete said.paymentLinkId;
  if (has("unknown_status")) said.status = "REINCARNATED";
  if (has("unknown_type")) said.paymentType = "digitalRuble";
  if (has("unknown_event")) said.webhookType = "incomingKarma";
  if (has("extra_claims")) said = { ...said, loyalty: { points: 3 }, tags: ["a", null] };
  return has("compact_claims") ? JSON.stringify(said) : spacedJson(said);
}

/** Headers of a webhook: no signature, no id. */
const headersOf = (has: (name: FaultName) => boolean): Record<string, string> => ({
  ...(has("content_type_none") ? {} : { "Content-Type": has("content_type_json") ? "application/json" : "text/plain" }),
  "User-Agent": "Tochka-Webhooks",
});

/** Posts a body; only HTTP 200 counts as delivered, and nothing is followed. */
export async function post(
  tochka: Tochka,
  input: {
    url: string;
    body: string;
    headers: Record<string, string>;
    why: Delivery["why"];
    faults: readonly string[];
  },
): Promise<Delivery> {
  const started = performance.now();
  const at = tochka.clock.now();
  const timeoutMs = tochka.state.options.webhookTimeoutMs;
  let status: number | null = null;
  let text = "";
  let reason = "";
  try {
    const got = await postBytes(input.url, input.headers, Buffer.from(input.body, "utf8"), timeoutMs);
    status = got.status;
    text = got.text;
    if (status !== 200) reason = `HTTP ${status}`;
  } catch (error) {
    const timedOut = error instanceof Error && error.name === "AbortError";
    reason = timedOut ? `no answer within ${timeoutMs} ms` : String(error instanceof Error ? error.message : error);
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

/** Builds the body and headers of a webhook with the named faults. */
export async function build(
  tochka: Tochka,
  event: EventName,
  claims: Record<string, unknown>,
  faults: readonly FaultName[],
): Promise<{ body: string; headers: Record<string, string> }> {
  const has = (name: FaultName): boolean => faults.includes(name);
  const body = await webhookBody(await tochka.key(), claimsText(event, claims, has), has);
  return { body, headers: headersOf(has) };
}

/** Sends the documentation's sample of an event; whether it was answered with 200. */
export async function sendSample(tochka: Tochka, client: Client, event: EventName, url: string): Promise<Delivery> {
  const where = { client: client.clientId, event, references: [] };
  const faults = takeFaults(tochka.state, where, ["content", "token"]).map(({ fault }) => fault);
  const built = await build(tochka, event, samples[event], faults);
  return post(tochka, { url, ...built, why: "sample", faults });
}

/** Sends a notification once (and its planted copies), then settles or puts the next try into the queue. */
async function send(tochka: Tochka, note: Notification, why: Delivery["why"]): Promise<void> {
  const { state } = tochka;
  const client = state.clients.find(({ clientId }) => clientId === note.clientId);
  if (!client?.webhook) {
    note.state = "stopped";
    return;
  }
  const { url } = client.webhook;
  const struck = takeFaults(
    state,
    {
      client: note.clientId,
      customerCode: note.customerCode,
      references: [note.subject, note.reference],
      event: note.event,
    },
    ["content", "token"],
  );
  const faults = struck.map(({ fault }) => fault);
  const built = await build(tochka, note.event, note.claims, faults);
  const sendings = Array.from({ length: note.atOnce }, () => post(tochka, { url, ...built, why, faults }));
  note.atOnce = 1;
  const done = await Promise.all(sendings);
  note.deliveries.push(...done);
  if (why !== "duplicate") note.automaticTries += 1;
  if (done.some(({ verdict }) => verdict === "accepted")) {
    note.state = "accepted";
  } else if (note.state !== "accepted" && why !== "duplicate") {
    note.state = note.automaticTries >= state.options.maxTries ? "gave_up" : "retrying";
    if (note.state === "retrying") sendAt(tochka, note, tochka.clock.now() + state.options.retrySeconds * 1000);
  }
  if (note.replayAfterSeconds !== null) {
    sendAt(tochka, note, tochka.clock.now() + note.replayAfterSeconds * 1000, { replay: "yes" });
    note.replayAfterSeconds = null;
  }
  tochka.changed();
  while (note.duplicates > 0) {
    note.duplicates -= 1;
    await send(tochka, note, "duplicate");
  }
}

/** Somebody sends what they overheard: the first sending again, to the byte. */
async function replay(tochka: Tochka, note: Notification): Promise<void> {
  const first = note.deliveries[0];
  if (!first) return;
  const { url, body, headers, faults } = first;
  note.deliveries.push(await post(tochka, { url, body, headers, why: "replay", faults }));
  tochka.changed();
}
