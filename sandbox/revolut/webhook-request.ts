// Writes and signs one notification: the thin body, the timestamp, and a signature per valid secret.
import { createHmac } from "node:crypto";
import type { FaultName } from "./faults.ts";
import type { Options, Outgoing } from "./state.ts";

type Has = (name: FaultName) => boolean;

/** The fields of an event's body; there is no id, time, amount or state in it. */
export function eventFields(
  input: { event: string; orderId: string; reference: string | null },
  has: Has,
): Record<string, unknown> {
  const event = has("unknown_event") ? "ORDER_REINCARNATED" : has("wrong_event") ? "ORDER_COMPLETED" : input.event;
  const extra = has("extra_fields") ? { livemode: false, context: { origin: "sandbox", tags: [1, null] } } : {};
  const id = has("other_order") ? crypto.randomUUID() : input.orderId;
  if (event.startsWith("DISPUTE_")) return { event, dispute_id: id, ...extra };
  if (event.startsWith("PAYOUT_")) return { event, payout_id: id, ...extra };
  const reference = has("other_reference") ? "reference-of-nobody" : input.reference;
  if (event.startsWith("SUBSCRIPTION_")) return { event, subscription_id: id, ...extra };
  return {
    event,
    order_id: id,
    ...(reference === null || has("no_reference") ? {} : { merchant_order_ext_ref: reference }),
    ...extra,
  };
}

const styles = ["compact", "spaced", "reordered", "pretty"] as const;

/** JSON in one of the ways in which it may come. */
export function writeBody(
  fields: Record<string, unknown>,
  style: Options["bodyStyle"],
  turn: number,
  has: Has,
): string {
  const chosen = style === "varying" ? (styles[turn % styles.length] ?? "compact") : style;
  let text: string;
  if (chosen === "spaced") {
    const pairs = Object.entries(fields).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`);
    text = `{${pairs.join(", ")}}`;
  } else if (chosen === "reordered") {
    text = JSON.stringify(Object.fromEntries(Object.entries(fields).reverse()));
  } else {
    text = chosen === "pretty" ? `${JSON.stringify(fields, null, 2)}\n` : JSON.stringify(fields);
  }
  if (has("malformed_json")) text = text.trimEnd().slice(0, -1);
  if (!has("escaped_unicode")) return text;
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const strangersSecret = "wsk_strangerstrangerstrangerstranger";

/** The request for a body, signed for `now` with every secret that is valid. */
export function signedRequest(input: {
  url: string;
  text: string;
  secrets: readonly string[];
  now: number;
  /** Age in old_timestamp and future_timestamp. */
  ageSeconds?: number | undefined;
  has: Has;
}): Outgoing {
  const { has } = input;
  const age = (input.ageSeconds ?? 360) * 1000;
  const at = input.now + (has("future_timestamp") ? age : has("old_timestamp") ? -age : 0);
  const stamp = String(has("seconds_timestamp") ? Math.floor(at / 1000) : at);
  const signedStamp = has("other_timestamp") ? String(at - age) : stamp;
  const signature = (secret: string): string =>
    createHmac("sha256", secret).update(`v1.${signedStamp}.${input.text}`, "utf8").digest("hex");
  const secrets = has("wrong_secret") ? [strangersSecret] : input.secrets;
  const label = has("no_version_label") ? "" : has("other_label") ? "v2=" : "v1=";
  let entries = secrets.map((secret) => {
    let hex = signature(secret);
    if (has("tampered_signature")) hex = `${hex.slice(0, -1)}${hex.endsWith("0") ? "1" : "0"}`;
    if (has("upper_case_hex")) hex = hex.toUpperCase();
    return `${label}${hex}`;
  });
  if (has("two_signatures") || has("spaced_signatures")) entries = [`v1=${signature(strangersSecret)}`, ...entries];
  let header = entries.join(has("spaced_signatures") ? ", " : ",");
  if (has("stripe_layout")) header = `t=${stamp},${header}`;
  if (has("empty_signature")) header = "";

  let body = Buffer.from(input.text, "utf8");
  if (has("reserialised_body") && !has("malformed_json")) {
    const same = JSON.stringify(JSON.parse(input.text));
    body = Buffer.from(same === input.text ? JSON.stringify(JSON.parse(input.text), null, 1) : same, "utf8");
  }
  if (has("tampered_body")) {
    // A digit or letter near the end, so that the body stays the JSON that it was.
    const text = body.toString("utf8");
    const place = text.search(/[0-9a-f](?=[^0-9a-f]*$)/);
    body = Buffer.from(`${text.slice(0, place)}${text[place] === "0" ? "1" : "0"}${text.slice(place + 1)}`, "utf8");
  }
  const named: [string, string][] = [];
  if (!has("content_type_none"))
    named.push(["Content-Type", has("content_type_text") ? "text/plain" : "application/json"]);
  if (!has("missing_timestamp")) named.push(["Revolut-Request-Timestamp", stamp]);
  if (!has("missing_header")) named.push(["Revolut-Signature", header]);
  const headers = Object.fromEntries(
    named.map(([name, value]) => [has("header_lower_case") ? name.toLowerCase() : name, value]),
  );
  return { url: input.url, headers: { ...headers, "User-Agent": "Revolut-Sandbox" }, body };
}
