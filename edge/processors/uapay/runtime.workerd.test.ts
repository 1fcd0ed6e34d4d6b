// The adapter's HMAC and Kyiv's clock in the runtime that production has (uapay.md 2, 5, 7).

import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { contextFor, fakeWire } from "../contract-suite.ts";
import finishedCallback from "./fixtures/callback-finished.json" with { type: "json" };
import session from "./fixtures/session-created.json" with { type: "json" };
import { uapay } from "./index.ts";
import { localText } from "./start.ts";
import { ATTEMPT, answer, callback, credentials, FOREIGN_KEY, INVOICE, sentClaims } from "./testing.ts";

describe("uapay in workerd", () => {
  const read = (request: ReturnType<typeof callback>) =>
    uapay.readNotification(request, { credentials, environment: "test", now: new Date(), platformKeys: [] });

  it("believes the key as it is typed", async () => {
    expect(await read(callback(finishedCallback.claims))).toMatchObject({
      trust: "verified",
      reference: { attempt: ATTEMPT, processor: INVOICE },
      observations: [{ kind: "captured", money: { minor: 24_990n, currency: "UAH" } }],
    });
  });

  it("believes no other key, not the decoded one, and no changed byte", async () => {
    const decoded = Buffer.from(credentials.secretKey, "base64");
    for (const key of [FOREIGN_KEY, decoded]) {
      expect(await read(callback(finishedCallback.claims, { key }))).toMatchObject({ reason: "bad_signature" });
    }
    const request = callback(finishedCallback.claims);
    expect(await read({ ...request, body: request.body.with(60, 65) })).toMatchObject({ trust: "rejected" });
  });

  it("signs what it asks", async () => {
    const wire = fakeWire(answer(session));
    await uapay.checkCredentials(
      {} as Parameters<typeof uapay.checkCredentials>[0],
      contextFor(uapay, credentials, wire),
    );
    expect(sentClaims(wire.sent[0]?.body)).toEqual({ params: { clientId: "1234" }, iat: 1_795_263_300 });
  });

  it("knows the clocks of Kyiv, in winter and in summer", () => {
    expect(localText(new Date("2026-11-21T22:15:00Z"))).toBe("2026-11-22 00:15:00");
    expect(localText(new Date("2026-07-01T12:15:09Z"))).toBe("2026-07-01 15:15:09");
  });
});
