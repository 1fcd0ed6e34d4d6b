// The adapter's HMAC in the runtime that production has (revolut.md 8.4).

import { describe, expect, it } from "vitest";
import { revolut } from "./index.ts";
import { ATTEMPT, credentials, event, FOREIGN_WEBHOOK_SECRET, ORDER, SENT_AT, webhook } from "./testing.ts";

describe("revolut in workerd", () => {
  const read = (request: ReturnType<typeof webhook>) =>
    revolut.readNotification(request, { credentials, environment: "test", now: SENT_AT, platformKeys: [] });

  it.each(credentials.webhookSecrets)("believes the secret %#", async (secret) => {
    expect(await read(webhook(event("ORDER_COMPLETED"), { secrets: [FOREIGN_WEBHOOK_SECRET, secret] }))).toMatchObject({
      trust: "verified",
      reference: { attempt: ATTEMPT, processor: ORDER },
      lookNow: true,
    });
  });

  it("believes no other, and no changed byte", async () => {
    const request = webhook(event("ORDER_COMPLETED"));
    const body = request.body.with(3, 65);
    expect(await read(webhook(event("ORDER_COMPLETED"), { secrets: [FOREIGN_WEBHOOK_SECRET] }))).toMatchObject({
      reason: "bad_signature",
    });
    expect(await read({ ...request, body })).toMatchObject({ trust: "rejected", reason: "bad_signature" });
  });
});
