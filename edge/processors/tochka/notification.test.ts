// Webhooks of Tochka: signatures, strangers, sums, and what an event may say (tochka-sbp.md 8).

import { describe, expect, it } from "vitest";
import type { TochkaCredentials } from "./credentials.ts";
import { tochka } from "./index.ts";
import { trustedKeys } from "./keys.ts";
import {
  ATTEMPT,
  confusedToken,
  credentials,
  linkClaims,
  makePair,
  OPERATION,
  QRC_ID,
  qrClaims,
  TRX_ID,
  token,
  unsignedToken,
  webhook,
} from "./testing.ts";

const bank = makePair();
const old = makePair();
const read = (text: string, change: Partial<TochkaCredentials> = {}, platformKeys = [bank.jwk]) =>
  tochka.readNotification(webhook(text), {
    credentials: { ...credentials, ...change },
    environment: "test",
    now: new Date("2026-11-21T12:15:00Z"),
    platformKeys,
  });
const why = async (text: string, keys?: string[]) => {
  const seen = await read(text, {}, keys);
  expect(seen).toMatchObject({ trust: "rejected", observations: [], lookNow: false, advised: "retry" });
  expect(seen.replies.retry.status).toBe(401);
  return seen.reason;
};

describe("tochka: whose message it is", () => {
  it("takes the text as it is: spaces, escapes, an end of line", async () => {
    const claims = `{ "webhookType" : "acquiringInternetPayment",\t"purpose":"\\u0421\\u0447\\u0451\\u0442 😀", "amount": "249.90", "status":"APPROVED", "operationId":"${OPERATION}", "paymentLinkId":"${ATTEMPT}", "customerCode":"${credentials.customerCode}", "merchantId":"${credentials.merchantId}"}`;
    expect(await read(`${token(claims, bank)}\r\n`)).toMatchObject({
      trust: "verified",
      observations: [{ kind: "captured" }],
    });
  });

  it("takes the new key and the old one while both are given, and no key of a stranger", async () => {
    const keys = [bank.jwk, old.publicPem, "not a key", "{}"];
    for (const pair of [bank, old]) expect((await read(token(linkClaims(), pair), {}, keys)).trust).toBe("verified");
    expect(await why(token(linkClaims(), makePair()), keys)).toBe("bad_signature");
  });

  it("falls back to the pinned key only when none is given", async () => {
    expect(await why(token(linkClaims(), bank), [])).toBe("bad_signature");
    expect(await why(token(linkClaims(), bank), ["not a key"])).toBe("no_platform_key");
    expect(trustedKeys([])).toHaveLength(1);
  });

  it.each([
    ["none", unsignedToken(linkClaims()), "wrong_algorithm"],
    ["HS256 with the public key", confusedToken(linkClaims(), bank), "wrong_algorithm"],
    ["RS512 by its header", token(linkClaims(), bank, { alg: "RS512" }), "wrong_algorithm"],
    ["PS256 by its header", token(linkClaims(), bank, { alg: "PS256" }), "wrong_algorithm"],
    ["lower case", token(linkClaims(), bank, { alg: "rs256" }), "wrong_algorithm"],
    ["a key of its own", token(linkClaims(), old, { alg: "RS256", jwk: JSON.parse(old.jwk) }), "foreign_key_named"],
    [
      "an address of a key",
      token(linkClaims(), old, { alg: "RS256", jku: "https://evil.example" }),
      "foreign_key_named",
    ],
    ["an unknown rule", token(linkClaims(), bank, { alg: "RS256", crit: ["x"] }), "foreign_key_named"],
    ["bare JSON", JSON.stringify(linkClaims()), "token_malformed"],
    ["two parts", token(linkClaims(), bank).split(".").slice(0, 2).join("."), "token_malformed"],
    ["four parts", `${token(linkClaims(), bank)}.x`, "token_malformed"],
    ["padding", `${token(linkClaims(), bank)}=`, "token_malformed"],
    ["signed text that is no object", token("[]", bank), "token_malformed"],
    ["an event without a name", token({}, bank), "incomplete"],
  ])("refuses %s", async (_title, text, reason) => {
    expect(await why(text)).toBe(reason);
  });

  it("refuses other claims under a genuine signature", async () => {
    const [head, , signature] = token(linkClaims(), bank).split(".");
    const claims = Buffer.from(JSON.stringify(linkClaims({ amount: "1.00" }))).toString("base64url");
    expect(await why(`${head}.${claims}.${signature}`)).toBe("bad_signature");
  });

  it("does not ask for a time that the bank never writes", async () => {
    const claims = linkClaims({ exp: 1, iat: 1 });
    expect((await read(token(claims, bank))).trust).toBe("verified");
  });
});

describe("tochka: what an event says", () => {
  it("tells a payment by link with its sum, its ids and the outlet's name", async () => {
    const seen = await read(token(linkClaims(), bank));
    expect(seen).toMatchObject({
      reference: { attempt: ATTEMPT, processor: `link/${OPERATION}` },
      claims: {
        pointOfSale: `${credentials.customerCode}/${credentials.merchantId}`,
        asked: { minor: 24_990n, currency: "RUB" },
      },
      observations: [{ kind: "captured", method: "card", money: { minor: 24_990n, currency: "RUB" } }],
      lookNow: false,
    });
  });

  it.each([
    ["card", "card"],
    ["sbp", "sbp"],
    ["tinkoff", "t_pay"],
    ["dolyame", "instalments"],
    ["digitalRuble", "other"],
  ])("knows payment type %s", async (paymentType, method) => {
    expect((await read(token(linkClaims({ paymentType }), bank))).observations[0]?.method).toBe(method);
  });

  it("tells a hold and its capture apart", async () => {
    const held = await read(token(linkClaims({ status: "AUTHORIZED" }), bank));
    const taken = await read(token(linkClaims(), bank));
    expect(held.observations).toMatchObject([{ kind: "authorized", money: { minor: 24_990n } }]);
    expect(held.dedupeKey).not.toBe(taken.dedupeKey);
  });

  it("tells a payment by QR by the code's number, whichever number of the outlet it names", async () => {
    const seen = await read(token(qrClaims(), bank));
    expect(seen).toMatchObject({
      claims: { pointOfSale: `${credentials.customerCode}/${credentials.merchantId}`, asked: { minor: 24_990n } },
      observations: [{ kind: "captured", method: "sbp", reference: TRX_ID, money: { minor: 24_990n } }],
    });
    expect(seen.reference).toEqual({ processor: `qr/${QRC_ID}` });
    expect(JSON.stringify(seen, (_, value) => (typeof value === "bigint" ? `${value}` : value))).not.toContain("7900");
  });

  it.each<[string, object, object]>([
    ["company", linkClaims({ customerCode: "300123123" }), {}],
    ["outlet", linkClaims({ merchantId: "200000000001234" }), {}],
    ["outlet of SBP", qrClaims({ merchantId: "MF0000000001" }), {}],
    ["company, by QR", qrClaims({ customerCode: "300123123" }), {}],
    ["connection that has no outlet yet", qrClaims({ customerCode: "", merchantId: "" }), { customerCode: "" }],
  ])("makes nothing of a genuine event of another %s, even with our ids", async (_title, claims, change) => {
    const seen = await read(token(claims, bank), change as Partial<TochkaCredentials>);
    expect(seen).toMatchObject({ trust: "verified", observations: [], lookNow: false, advised: "stored" });
    expect(seen.reference?.processor).toBeUndefined();
    expect(seen.claims?.pointOfSale).not.toBe(`${credentials.customerCode}/${credentials.merchantId}`);
    expect(seen.replies.stored.status).toBe(200);
  });

  it("answers the samples of a registration with 200", async () => {
    // The guide's own example (8.1): signed by the bank, and nobody's.
    const sample = linkClaims({
      customerCode: "300123123",
      operationId: "beeac8a4-6047-3f38-8922-a664e6b5c43b",
      merchantId: "200000000001234",
      paymentLinkId: "12345-ab-cd",
      amount: "0.33",
    });
    for (const claims of [sample, { webhookType: "incomingPayment", paymentId: "cbs-tb-92-1" }]) {
      const seen = await read(token(claims, bank));
      expect(seen).toMatchObject({ trust: "verified", advised: "stored", lookNow: false });
      expect(seen.observations.filter((one) => one.kind !== "not_understood")).toEqual([]);
    }
  });

  it.each(["", "1.234", "1e2", "NaN", "-5", "0", "0x10", "12,50"])(
    "reads the operation when the sum is %j",
    async (amount) => {
      const seen = await read(token(linkClaims({ amount }), bank));
      expect(seen).toMatchObject({ observations: [], lookNow: true });
      expect(seen.claims?.asked).toBeUndefined();
    },
  );

  it("reads the operation when the status is new", async () => {
    expect(await read(token(linkClaims({ status: "WAIT_FULL_PAYMENT" }), bank))).toMatchObject({
      observations: [{ kind: "not_understood", processorCode: "WAIT_FULL_PAYMENT" }],
      lookNow: true,
    });
  });

  it("finds the operation by its number where our id is not echoed", async () => {
    const seen = await read(token(linkClaims({ paymentLinkId: undefined }), bank));
    expect(seen.reference).toEqual({ processor: `link/${OPERATION}` });
  });

  it("never notes a number that could not stand in an address", async () => {
    const seen = await read(token(linkClaims({ operationId: "../../x?y" }), bank));
    expect(seen.reference).toEqual({ attempt: ATTEMPT });
  });
});
