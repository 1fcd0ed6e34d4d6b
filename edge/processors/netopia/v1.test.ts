// v1 from the sealed order to the IPN: what goes out, what comes back, what is believed.

import { describe, expect, it } from "vitest";
import type { StartAttempt } from "../contract.ts";
import { contextFor, fakeWire } from "../contract-suite.ts";
import credit from "./fixtures/v1-credit.json" with { type: "json" };
import declined19 from "./fixtures/v1-decline-19.json" with { type: "json" };
import declined35 from "./fixtures/v1-decline-35-blank.json" with { type: "json" };
import review from "./fixtures/v1-review.json" with { type: "json" };
import success from "./fixtures/v1-success.json" with { type: "json" };
import { netopia } from "./index.ts";
import {
  formRequest,
  type IpnParts,
  ipnXml,
  makeV1World,
  NOTIFY_URL,
  OTHER_SIGNATURE,
  openOrder,
  SECRET,
  SIGNATURE,
  sealFields,
  v1Request,
} from "./testing.ts";

const world = makeV1World();
const NOW = new Date("2026-11-21T12:15:00Z");
const fixed = { key: new Uint8Array(32).fill(7), iv: new Uint8Array(16).fill(9) };
const RON = (minor: bigint) => ({ minor, currency: "RON" });
const input = (change: Partial<StartAttempt> = {}): StartAttempt => ({
  attemptId: "INV77-2",
  method: "card",
  amount: RON(24990n),
  capture: "automatic",
  description: "Factura 77",
  locale: "ro",
  payer: {},
  returnUrl: "https://pay.example.test/r/1?x=1&y=2",
  notifyUrl: NOTIFY_URL,
  secret: SECRET,
  ...change,
});
const start = (change: Partial<StartAttempt> = {}, environment: "test" | "live" = "test") =>
  netopia.startAttempt(input(change), contextFor(netopia, world.credentials, fakeWire(), environment));
const read = (request: Parameters<typeof netopia.readNotification>[0]) =>
  netopia.readNotification(request, {
    credentials: world.credentials,
    environment: "test",
    now: NOW,
    platformKeys: [],
  });
const told = (parts: IpnParts, how: Parameters<typeof v1Request>[2] = {}) =>
  read(v1Request(parts, world.merchant, { ...fixed, ...how }));
const fixture = (opened: string) => read(formRequest(sealFields(opened, world.merchant.publicKey)));

async function sealed(change: Partial<StartAttempt> = {}, environment: "test" | "live" = "test") {
  const started = await start(change, environment);
  if (!started.ok || started.value.action.kind !== "post_form") throw new Error("no form");
  const { url, fields } = started.value.action;
  return { url, fields, xml: openOrder(fields, world.gateway.privateKey) };
}

describe("netopia v1: start", () => {
  it("seals an order that the gateway can open, with amount, addresses and the secret's copy", async () => {
    const { url, fields, xml } = await sealed();
    expect(url).toBe("https://sandboxsecure.mobilpay.ro");
    expect(Object.keys(fields).sort()).toEqual(["cipher", "data", "env_key", "iv"]);
    expect(xml).toContain(
      `<order type="card" id="INV77-2" timestamp="20261121141500"><signature>${SIGNATURE}</signature>`,
    );
    expect(xml).toContain(
      '<invoice currency="RON" amount="249.90"><details><![CDATA[Factura+77]]></details></invoice>',
    );
    expect(xml).toContain(`<param><name>n</name><value><![CDATA[${SECRET}]]></value></param>`);
    expect(xml).toContain(`<confirm><![CDATA[${NOTIFY_URL}]]></confirm>`);
    expect(xml).toContain("<return><![CDATA[https://pay.example.test/r/1?x=1&y=2]]></return>");
  });

  it("opens the page of the environment and of the payer's language", async () => {
    for (const locale of ["en", "ru", "uk", "it"]) {
      expect((await sealed({ locale })).url).toBe("https://sandboxsecure.mobilpay.ro/en");
    }
    expect((await sealed({ locale: "ro-RO" }, "live")).url).toBe("https://secure.mobilpay.ro");
  });

  it("sends contact data only with name and e-mail, encoded as the gateway decodes it", async () => {
    expect((await sealed({ payer: { name: "Client Test" } })).xml).not.toContain("contact_info");
    const payer = { name: "Client Al Doilea Test", email: "a+b@example.test", phone: "+40700000001", city: "Brașov" };
    const { xml } = await sealed({ payer });
    expect(xml).toContain(
      "<first_name><![CDATA[Client+Al+Doilea]]></first_name><last_name><![CDATA[Test]]></last_name>",
    );
    expect(xml).toContain("<email><![CDATA[a%2Bb%40example.test]]></email>");
    expect(xml).toContain("<mobile_phone><![CDATA[%2B40700000001]]></mobile_phone>");
  });

  it.each([
    [{ amount: RON(9_999_901n) }, /^amount_too_large: 99999\.01, at most 99999\.00$/],
    [{ amount: RON(0n) }, /^amount_too_small/],
    [{ amount: { minor: 1n, currency: "MDL" } }, /^currency_unsupported: MDL$/],
    [{ attemptId: "x".repeat(65) }, /^order_id_too_long: 65/],
    [{ attemptId: "a b" }, /^order_id_not_url_safe$/],
    [{ attemptId: "" }, /^order_id_not_url_safe$/],
  ])("refuses and names its limit %#", async (change, detail) => {
    const started = await start(change);
    expect(started).toMatchObject({ ok: false, error: { kind: "rejected" } });
    if (!started.ok) expect(started.error.detail).toMatch(detail);
  });

  it("[C11] rejects an IPN with any one byte changed, and seals orders that only the processor's private key opens", async () => {
    const request = v1Request({}, world.merchant, fixed);
    expect((await read(request)).proof).toBe(SECRET);
    for (let at = 0; at < request.body.length; at += 1) {
      const seen = await read({ ...request, body: request.body.with(at, (request.body[at] ?? 0) ^ 0x01) });
      expect(seen.trust, `byte ${at}`).toBe("rejected");
      expect(seen.observations).toEqual([]);
    }
    const { fields, xml } = await sealed();
    expect(xml).toContain('amount="249.90"');
    expect(() => openOrder(fields, world.merchant.privateKey)).toThrow();
  });
});

describe("netopia v1: notification", () => {
  it("tells the recorded-style messages as they are", async () => {
    expect(await fixture(success.opened)).toMatchObject({
      trust: "hint",
      proof: SECRET,
      reference: { attempt: "INV77-2", processor: "918273" },
      claims: { pointOfSale: SIGNATURE, asked: RON(24990n) },
      observations: [
        {
          kind: "captured",
          money: RON(24990n),
          processorCode: "0",
          processorText: "Tranzactia aprobata",
          occurredAt: new Date("2026-11-21T12:17:12Z"),
          method: "card",
          instrument: "9****5098",
        },
      ],
      lookNow: false,
    });
    expect((await fixture(declined19.opened)).observations).toMatchObject([
      { kind: "declined", declineReason: "card_expired", processorCode: "19", processorText: "Card expirat" },
    ]);
    const [blank] = (await fixture(declined35.opened)).observations;
    expect(blank).toMatchObject({
      kind: "declined",
      declineReason: "declined",
      occurredAt: new Date("2026-07-21T11:16:40Z"),
    });
    expect(blank).not.toHaveProperty("processorText");
    expect((await fixture(review.opened)).observations).toMatchObject([{ kind: "in_review" }]);
    expect((await fixture(credit.opened)).observations).toMatchObject([
      { kind: "refund_succeeded", money: RON(5000n), reference: "4d1e2d3c4b5a69788796a5b4c3d2e1f4" },
    ]);
  });

  it("keeps the proof without an echoed copy, and gives none against a differing one", async () => {
    expect((await told({ secret: null })).proof).toBe(SECRET);
    const other = await told({ secret: "another" });
    expect(other).toMatchObject({ trust: "hint", reason: "secret_mismatch" });
    expect(other).not.toHaveProperty("proof");
  });

  it("gives no proof for another point of sale, or a RON sum that is not the order's", async () => {
    const stranger = await told({ signature: OTHER_SIGNATURE });
    expect(stranger).toMatchObject({ reason: "wrong_point_of_sale", claims: { pointOfSale: OTHER_SIGNATURE } });
    expect(stranger).not.toHaveProperty("proof");
    expect(await told({ original: "249.89" })).toMatchObject({ reason: "amount_mismatch" });
  });

  it("gives no proof for more than was ordered, and in a cipher without a check for any other sum", async () => {
    const rc4 = { cipher: "rc4", key: fixed.key.subarray(0, 16) } as const;
    for (const how of [{}, rc4]) {
      expect(await told({ processed: "649.90" }, how)).toMatchObject({ reason: "amount_mismatch" });
      expect(await told({ processed: "649.90" }, how)).not.toHaveProperty("proof");
    }
    // A sum that cannot be read any more hides no other.
    for (const how of [{}, rc4]) {
      expect(await told({ original: "2t9.90", processed: "649.90" }, how)).toMatchObject({ reason: "amount_mismatch" });
    }
    expect(await told({ original: "2t9.90", processed: "149.90" }, rc4)).not.toHaveProperty("proof");
    expect((await told({ processed: "49.90" })).proof).toBe(SECRET);
    expect(await told({ processed: "49.90" }, rc4)).not.toHaveProperty("proof");
    expect((await told({ processed: "49.90", action: "credit" }, rc4)).proof).toBe(SECRET);
  });

  it("keeps a converted sum apart, and states the asked one only when the whole was processed", async () => {
    const usd = { currency: "USD", amount: "10.00", original: "41.07" };
    const whole = await told(usd);
    expect(whole.claims).toMatchObject({ asked: { minor: 1000n, currency: "USD" }, settled: RON(4107n) });
    expect(whole.observations[0]?.money).toEqual({ minor: 1000n, currency: "USD" });
    expect((await told({ ...usd, processed: "20" })).observations[0]).not.toHaveProperty("money");
  });

  it("tells a partial capture by its sum", async () => {
    expect((await told({ processed: "50" })).observations).toMatchObject([{ kind: "captured", money: RON(5000n) }]);
  });

  it("tells two equal refunds apart and copies of one alike", async () => {
    const refund = { action: "credit", processed: "10" };
    const [one, two, again] = await Promise.all([
      told({ ...refund, crc: "1".repeat(32) }),
      told({ ...refund, crc: "2".repeat(32) }),
      told({ ...refund, crc: "1".repeat(32) }),
    ]);
    expect(one?.dedupeKey).not.toBe(two?.dedupeKey);
    expect(one?.dedupeKey).toBe(again?.dedupeKey);
  });

  it("is not hindered by a forgery that repeats a known crc", async () => {
    const forged = await told({ action: "canceled" });
    const elsewhere = await read({ ...v1Request({}, world.merchant), url: `${NOTIFY_URL}x` });
    const genuine = await told({});
    expect(new Set([forged.dedupeKey, elsewhere.dedupeKey, genuine.dedupeKey]).size).toBe(3);
  });

  it("masks a card number that comes whole", async () => {
    expect((await told({ pan: "9900004810225098" })).observations[0]?.instrument).toBe("990000****5098");
  });

  it("answers as the gateway wants", async () => {
    const { replies } = await told({ crc: "a&amp;b" });
    expect(replies.stored).toEqual({
      status: 200,
      headers: { "content-type": "application/xml" },
      body: '<?xml version="1.0" encoding="utf-8"?><crc>a&amp;b</crc>',
    });
    expect(replies.retry.body).toContain('<crc error_type="1" error_code="');
    expect(replies.refused.body).toContain('<crc error_type="2" error_code="');
  });

  it("gives one answer to everything that cannot be opened or read", async () => {
    const good = sealFields(ipnXml(), world.merchant.publicKey);
    const bad = [
      { ...good, data: "x" },
      { ...good, env_key: "x" },
      { ...good, iv: "" },
      sealFields("<order/>", world.merchant.publicKey),
      sealFields(ipnXml({ code: null }), world.merchant.publicKey),
      sealFields(ipnXml(), world.gateway.publicKey),
    ];
    const seen = await Promise.all(bad.map((fields) => read(formRequest(fields))));
    for (const one of seen) expect(one).toMatchObject({ trust: "rejected", advised: "retry", observations: [] });
    expect(new Set(seen.map((one) => JSON.stringify(one.replies))).size).toBe(1);
    const large = await read(formRequest({ ...good, x: "x".repeat(70_000) }));
    expect(large).toMatchObject({ trust: "rejected", reason: "too_large" });
  });
});

describe("netopia v1: check", () => {
  it("passes what it can and leaves the page to a person", async () => {
    const check = await netopia.checkCredentials(input(), contextFor(netopia, world.credentials, fakeWire()));
    expect(check).toMatchObject({
      ok: true,
      value: {
        steps: [
          { id: "signature_format", outcome: "passed" },
          { id: "certificate_readable", outcome: "passed" },
          { id: "private_key_readable", outcome: "passed" },
          { id: "order_sealed", outcome: "passed" },
          { id: "page_seen", outcome: "needs_person" },
        ],
        action: { kind: "post_form", url: "https://sandboxsecure.mobilpay.ro" },
      },
    });
  });

  it("names the step of a bad value", async () => {
    const broken = { ...world.credentials, certificate: "x" };
    const check = await netopia.checkCredentials(input(), contextFor(netopia, broken, fakeWire()));
    expect(check.ok && check.value.steps.filter((step) => step.outcome === "failed")).toEqual([
      { id: "certificate_readable", outcome: "failed", detail: "not_a_certificate" },
    ]);
  });
});
