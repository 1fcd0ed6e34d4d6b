// Webhooks of Revolut: signatures, the window, rotation, and what an event may not say (revolut.md 8).

import { describe, expect, it } from "vitest";
import type { Notification, NotificationRequest } from "../contract.ts";
import { EVENTS } from "./codes.ts";
import { revolut } from "./index.ts";
import {
  ATTEMPT,
  credentials,
  event,
  FOREIGN_WEBHOOK_SECRET,
  OLD_WEBHOOK_SECRET,
  ORDER,
  REFUND_ORDER,
  SENT_AT,
  signatureOf,
  WEBHOOK_SECRET,
  webhook,
} from "./testing.ts";

const MINUTES = 60_000;
const later = (milliseconds: number) => new Date(SENT_AT.getTime() + milliseconds);
const read = (request: NotificationRequest, now = SENT_AT, secrets = credentials.webhookSecrets) =>
  revolut.readNotification(request, {
    credentials: { ...credentials, webhookSecrets: secrets },
    environment: "test",
    now,
    platformKeys: [],
  });
const why = async (request: NotificationRequest, now = SENT_AT): Promise<string | undefined> => {
  const seen = await read(request, now);
  expect(seen.trust).toBe("rejected");
  return seen.reason;
};

describe("revolut: whose message it is", () => {
  it("takes a known answer", () => {
    // Computed apart from this code with `openssl dgst -sha256 -hmac`.
    const body = new TextEncoder().encode('{"event": "ORDER_COMPLETED"}');
    expect(signatureOf(body, "1795263299000", [WEBHOOK_SECRET])).toBe(
      "v1=84b65421d431a0c881482c76f577b8e7d0f3e633e30b0beaafbf06070b6bfb09",
    );
  });

  it("takes white space and text of any language as they are", async () => {
    const text = `{ "event" :\t"ORDER_COMPLETED",\r\n "order_id":"${ORDER}", "merchant_order_ext_ref": "${ATTEMPT}", "x":"ș😀" }\n`;
    expect(await read(webhook(text))).toMatchObject({ trust: "verified", reference: { attempt: ATTEMPT } });
  });

  it.each([
    ["the new secret", [WEBHOOK_SECRET]],
    ["the old secret", [OLD_WEBHOOK_SECRET]],
    ["both", [OLD_WEBHOOK_SECRET, WEBHOOK_SECRET]],
    ["both, the other way round", [WEBHOOK_SECRET, OLD_WEBHOOK_SECRET]],
    ["one that we do not hold yet beside one that we hold", [FOREIGN_WEBHOOK_SECRET, WEBHOOK_SECRET]],
  ])("believes %s", async (_title, secrets) => {
    expect((await read(webhook(event("ORDER_COMPLETED"), { secrets }))).trust).toBe("verified");
  });

  it("believes nobody without a secret of its own", async () => {
    expect(await read(webhook(event("ORDER_COMPLETED")), SENT_AT, [])).toMatchObject({
      trust: "rejected",
      reason: "no_webhook_secret",
      advised: "retry",
    });
  });

  it("names what is missing or wrong", async () => {
    const message = event("ORDER_COMPLETED");
    const good = webhook(message).headers.get("revolut-signature") ?? "";
    const withSignature = (value: string | null) => webhook(message, { headers: { "revolut-signature": value } });
    expect(await why(withSignature(null))).toBe("signature_missing");
    expect(await why(withSignature(" "))).toBe("signature_missing");
    expect(await why(webhook(message, { headers: { "revolut-request-timestamp": null } }))).toBe("timestamp_missing");
    for (const strange of [good.slice(3), good.toUpperCase(), good.replace("v1=", "v2="), `t=1;${good}`, `${good}0`]) {
      expect(await why(withSignature(strange))).toBe("signature_malformed");
    }
    expect(await why(withSignature(`v1=${"0".repeat(64)}`))).toBe("bad_signature");
    expect(await why(webhook(message, { secrets: [FOREIGN_WEBHOOK_SECRET] }))).toBe("bad_signature");
    expect((await read(withSignature(` v0=zz , ${good} ,`))).trust).toBe("verified");
  });

  it("keeps the window to either side, its borders inside", async () => {
    const request = webhook(event("ORDER_COMPLETED"));
    for (const distance of [0, 5 * MINUTES, -5 * MINUTES]) {
      expect((await read(request, later(distance))).trust).toBe("verified");
    }
    expect(await why(request, later(5 * MINUTES + 1))).toBe("timestamp_too_old");
    expect(await why(request, later(6 * MINUTES))).toBe("timestamp_too_old");
    expect(await why(request, later(-5 * MINUTES - 1))).toBe("timestamp_in_future");
  });

  it("never guesses the unit of a timestamp", async () => {
    const seconds = String(Math.floor(SENT_AT.getTime() / 1000));
    expect(await why(webhook(event("ORDER_COMPLETED"), { timestamp: seconds }))).toBe("timestamp_too_old");
    for (const timestamp of ["-1", "1e12", "1795263299000.0", "2026-11-21T12:14:59Z", "9".repeat(16)]) {
      expect(await why(webhook(event("ORDER_COMPLETED"), { timestamp })), timestamp).toBe("timestamp_malformed");
    }
  });

  it("refuses an old signature under a new timestamp", async () => {
    const request = webhook(event("ORDER_COMPLETED"));
    request.headers.set("revolut-request-timestamp", String(later(6 * MINUTES).getTime()));
    expect(await why(request, later(6 * MINUTES))).toBe("bad_signature");
  });

  it("refuses signed text that is no event", async () => {
    for (const body of ["[]", "null", "not json", "\u00ff"]) expect(await why(webhook(body))).toBe("malformed_body");
    expect(await why(webhook({}))).toBe("incomplete");
    expect(await why(webhook({ event: "ORDER_COMPLETED" }))).toBe("incomplete");
    expect(await why({ ...webhook({}), body: new Uint8Array(300_000) })).toBe("too_large");
  });
});

describe("revolut: what an event says", () => {
  const told = (name: string, change: object = {}): Promise<Notification> => read(webhook(event(name, change)));

  it.each(Object.entries(EVENTS).filter(([, about]) => about === "order"))("%s says only: read", async (name) => {
    expect(await told(name)).toMatchObject({
      trust: "verified",
      reference: { attempt: ATTEMPT, processor: ORDER },
      observations: [],
      lookNow: true,
      advised: "stored",
    });
  });

  it("leads from a refund of ours to its attempt, and not to another order's id", async () => {
    const change = { order_id: REFUND_ORDER, merchant_order_ext_ref: `${ATTEMPT}/refund/ref_1` };
    const seen = await told("ORDER_COMPLETED", change);
    expect(seen).toMatchObject({ trust: "verified", observations: [], lookNow: true });
    expect(seen.reference).toEqual({ attempt: ATTEMPT });
  });

  it("has no attempt for an order of another system", async () => {
    const seen = await told("ORDER_COMPLETED", { merchant_order_ext_ref: undefined });
    expect(seen.reference).toEqual({ processor: ORDER });
  });

  it("tells two declines of one order apart, and copies of one not", async () => {
    const first = webhook(event("ORDER_PAYMENT_DECLINED"));
    const second = webhook(event("ORDER_PAYMENT_DECLINED"), { timestamp: String(later(MINUTES).getTime()) });
    const keys = [await read(first), await read(first, later(MINUTES)), await read(second, later(MINUTES))];
    expect(new Set(keys.map((one) => one.dedupeKey)).size).toBe(2);
    expect(keys[0]?.dedupeKey).toBe(keys[1]?.dedupeKey);
  });

  it.each([
    ["DISPUTE_ACTION_REQUIRED", "dispute_opened"],
    ["DISPUTE_UNDER_REVIEW", "dispute_opened"],
    ["DISPUTE_WON", "dispute_won"],
    ["DISPUTE_LOST", "dispute_lost"],
  ])("keeps %s for a person: it names no order", async (name, kind) => {
    const seen = await read(webhook({ event: name, dispute_id: "d-1" }));
    expect(seen).toMatchObject({ trust: "verified", lookNow: false, observations: [{ kind, reference: "d-1" }] });
    expect(seen.reference).toBeUndefined();
  });

  it("keeps the word of an unknown event, and reads the order", async () => {
    expect(await told("ORDER_TELEPORTED")).toMatchObject({
      trust: "verified",
      lookNow: true,
      observations: [{ kind: "not_understood", processorCode: "ORDER_TELEPORTED" }],
    });
    expect((await told("toString")).observations).toMatchObject([{ kind: "not_understood" }]);
  });
});
