// Notifications of UAPAY: tokens forged in every way, both forms of the message, and what each word says (uapay.md 7, 10).

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Notification, NotificationRequest } from "../contract.ts";
import finished from "./fixtures/callback-finished.json" with { type: "json" };
import older from "./fixtures/callback-older.json" with { type: "json" };
import finishedInvoice from "./fixtures/invoice-finished.json" with { type: "json" };
import session from "./fixtures/session-created.json" with { type: "json" };
import { uapay } from "./index.ts";
import {
  ATTEMPT,
  callback,
  credentials,
  FOREIGN_KEY,
  INVOICE,
  PAYMENT,
  posted,
  type Signing,
  token,
} from "./testing.ts";

const { claims } = finished;
const NOW = new Date("2026-11-21T12:15:00Z");
const UAH = (minor: bigint) => ({ minor, currency: "UAH" });
const read = (request: NotificationRequest, now = NOW): Promise<Notification> =>
  uapay.readNotification(request, { credentials, environment: "test", now, platformKeys: [] });
const why = async (request: NotificationRequest): Promise<string | undefined> => {
  const seen = await read(request);
  expect(seen).toMatchObject({ trust: "rejected", observations: [], lookNow: false, advised: "retry" });
  return seen.reason;
};
const body = (text: unknown) => posted(JSON.stringify({ token: text }));
const signed = (how: Signing) => callback(claims, how);
const good = token(claims);
const [head = "", payload = "", mac = ""] = good.split(".");

describe("uapay: whose message it is", () => {
  it("takes a known answer", () => {
    // Computed apart from this code with `openssl dgst -sha256 -hmac`, over the text that looks like base64.
    const known = createHmac("sha256", credentials.secretKey).update("a.b").digest("hex");
    expect(known).toBe("6e408e9e2c26e05d18a705920e9743e4279bbc99cb3f2bc141bde90ead6b5e1a");
  });

  it.each<[string, NotificationRequest, string]>([
    ["a stranger's key", signed({ key: FOREIGN_KEY }), "bad_signature"],
    ["the key decoded from base64", signed({ key: Buffer.from(credentials.secretKey, "base64") }), "bad_signature"],
    ["an empty key", signed({ key: "" }), "bad_signature"],
    ["alg none", body(`${part({ alg: "none", typ: "JWT" })}.${payload}.`), "wrong_algorithm"],
    ["alg nOnE with a signature", signed({ header: { alg: "nOnE" } }), "wrong_algorithm"],
    ["HS384 by the right key", signed({ header: { alg: "HS384" }, hash: "sha384" }), "wrong_algorithm"],
    ["HS512 by the right key", signed({ header: { alg: "HS512" }, hash: "sha512" }), "wrong_algorithm"],
    ["HS512 in the header over a SHA-256", signed({ header: { alg: "HS512" } }), "wrong_algorithm"],
    ["hs256", signed({ header: { alg: "hs256" } }), "wrong_algorithm"],
    ["RS256 over an HMAC", signed({ header: { alg: "RS256" } }), "wrong_algorithm"],
    ["no algorithm", signed({ header: { typ: "JWT" } }), "wrong_algorithm"],
    ["a list of algorithms", signed({ header: { alg: ["HS256"] } }), "wrong_algorithm"],
    ["rules of its own", signed({ header: { alg: "HS256", crit: ["b64"], b64: false } }), "wrong_algorithm"],
    ["a long hash under the right name", signed({ hash: "sha512" }), "bad_signature"],
    ["other claims", body(`${head}.${part({ ...claims, amount: 1 })}.${mac}`), "bad_signature"],
    ["another header", body(`${part({ alg: "HS256" })}.${payload}.${mac}`), "bad_signature"],
    ["half a signature", body(`${head}.${payload}.${mac.slice(0, 20)}`), "bad_signature"],
    ["no signature", body(`${head}.${payload}.`), "token_malformed"],
    ["two parts", body(`${head}.${payload}`), "token_malformed"],
    ["four parts", body(`${good}.${mac}`), "token_malformed"],
    ["a blank in it", body(` ${good}`), "token_malformed"],
    ["padding", body(`${good}=`), "token_malformed"],
    ["a header that is no JSON", body(`e30x.${payload}.${mac}`), "token_malformed"],
    ["signed text that is no JSON", callback("not json"), "token_malformed"],
    ["a signed list", callback("[]"), "token_malformed"],
    ["a number for a token", body(7), "token_missing"],
    ["no token", posted("{}"), "token_missing"],
    ["an empty token", body(""), "token_missing"],
    ["the claims in clear", posted(JSON.stringify(claims)), "token_missing"],
    ["the token alone", posted(good), "malformed_body"],
    ["a list", posted("[]"), "malformed_body"],
    ["a body of 300 kB", posted(`{"token":"${"x".repeat(300_000)}"}`), "too_large"],
  ])("refuses %s", async (_title, request, reason) => {
    expect(await why(request)).toBe(reason);
  });

  it.each<[string, object]>([
    ["an answer to us", session.claims],
    ["an invoice as it is read", finishedInvoice.claims],
    ["our own request", { params: { sessionId: "s" }, data: { externalId: ATTEMPT }, iat: 1 }],
    ["nothing", {}],
    ["no state", { ...claims, status: undefined, paymentStatus: undefined }],
    ["nobody", { ...claims, invoiceId: undefined, externalId: undefined }],
  ])("takes what is well signed and %s for no notification", async (_title, other) => {
    expect(await why(callback(other))).toBe("incomplete");
  });

  it("never judges its age: they try again for more than a day", async () => {
    const first = await read(callback({ ...claims, iat: 1_795_263_241 }));
    for (const later of ["2026-11-22T15:20:00Z", "2027-11-22T00:00:00Z", "2020-01-01T00:00:00Z"]) {
      expect(await read(callback({ ...claims, iat: 1_795_263_241 }), new Date(later))).toEqual(first);
    }
    // A copy that was signed anew is a copy.
    expect((await read(callback({ ...claims, iat: "1795273241" }))).dedupeKey).toBe(first.dedupeKey);
  });

  it("takes the bytes as they came, however they are escaped", async () => {
    const text = JSON.stringify({ ...claims, x: "ї" })
      .replaceAll("/", "\\/")
      .replaceAll("ї", "\\u0457");
    expect(await read(callback(text))).toMatchObject({ trust: "verified", reference: { attempt: ATTEMPT } });
    const spaced = posted(`{ "other": 1,\n "token" : "${token(claims, { header: { alg: "HS256" } })}" }\n`);
    expect((await read(spaced)).trust).toBe("verified");
  });
});

describe("uapay: what a notification says", () => {
  const told = async (change: object) => read(callback({ ...claims, ...change }));

  it("tells the payment, its sum and whose it is, and asks to read the invoice", async () => {
    expect(await told({})).toMatchObject({
      trust: "verified",
      reference: { attempt: ATTEMPT, processor: INVOICE },
      claims: { asked: UAH(24_990n) },
      observations: [
        {
          kind: "captured",
          money: UAH(24_990n),
          method: "card",
          instrument: "4****1111",
          processorCode: "FINISHED",
          occurredAt: new Date("2026-11-21T12:14:01.905Z"),
        },
      ],
      lookNow: true,
      advised: "stored",
    });
  });

  it("reads the older form by its names", async () => {
    expect(await read(callback(older.claims))).toMatchObject({
      reference: { attempt: ATTEMPT, processor: INVOICE },
      observations: [
        { kind: "captured", money: UAH(24_990n), instrument: "4****1111", occurredAt: new Date(1_795_263_241_905) },
      ],
    });
  });

  it.each([
    ["NEW", "OPEN", "PAY", "awaiting_payer"],
    ["NEW", "NEEDS_CONFIRMATION", "PAY", "awaiting_payer"],
    ["NEW", "PENDING", "PAY", "processing"],
    ["PAID", "PAYED", "PAY", "processing"],
    ["PAID", "HOLDED", "HOLD", "authorized"],
    ["NEW", "HOLDED", "HOLD", "processing"],
    ["CANCELED", "REJECTED", "PAY", "declined"],
    ["CANCELED", "CANCELED", "PAY", "declined"],
    ["CANCELED", "CANCELED", "HOLD", "voided"],
    ["REVERSED", "RETURNED", "PAY", "refund_succeeded"],
    ["NEW", "CLOSED", "PAY", "voided"],
    ["FINISHED", "FINISHED", "PAY", "captured"],
    ["TELEPORTED", "FINISHED", "PAY", "not_understood"],
    ["FINISHED", "toString", "PAY", "not_understood"],
  ])("%s / %s of a %s is %s", async (status, paymentStatus, type, kind) => {
    const { observations } = await told({ status, paymentStatus, type });
    expect(observations.map((one) => one.kind)).toEqual([kind]);
  });

  it("leaves the sum of a taken hold to the reading", async () => {
    const seen = await told({ type: "HOLD", amount: 10_000 });
    expect(seen).toMatchObject({ observations: [], lookNow: true, claims: { asked: UAH(10_000n) } });
  });

  it("tells no sum of another currency, or that is none", async () => {
    for (const change of [{ currency: 840 }, { amount: 249.9 }, { amount: -1 }, { amount: null }, { amount: "1e3" }]) {
      const seen = await told(change);
      expect(seen.observations[0]?.money).toBeUndefined();
      expect(seen.claims?.asked).toBeUndefined();
    }
    expect((await told({ amount: "24990", currency: 980 })).observations[0]?.money).toEqual(UAH(24_990n));
  });

  it("tells the steps of one payment apart, and copies of one not", async () => {
    const changes = [{}, { paymentStatus: "PENDING" }, { status: "REVERSED" }, { amount: 1 }, { paymentId: "other" }];
    const keys = await Promise.all(changes.map(async (change) => (await told(change)).dedupeKey));
    expect(new Set(keys).size).toBe(changes.length);
    expect((await told({ receiptPath: "https://elsewhere.example/1.pdf" })).dedupeKey).toBe(keys[0]);
  });

  it("names another shop where it is told, for the core to compare", async () => {
    expect((await told({ clientId: 99 })).claims?.pointOfSale).toBe("99");
  });

  it("never passes a whole card number on", async () => {
    const { observations } = await told({ cardFromMasked: "4111111111111111" });
    expect(observations[0]?.instrument).toBe("4****1111");
    expect((await told({ id: PAYMENT, cardFromMasked: "oops" })).observations[0]?.instrument).toBeUndefined();
  });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}
