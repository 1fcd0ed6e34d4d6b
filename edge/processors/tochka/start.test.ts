// What is sent to open a payment: which call, which fields, exact sums, the receipt's codes and lines (tochka-sbp.md 1, 6, 7.1).

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { HttpRequest, ReceiptLine, StartAttempt } from "../contract.ts";
import { contextFor, fakeWire, type WireAnswer } from "../contract-suite.ts";
import failedDependency from "./fixtures/failed-dependency.json" with { type: "json" };
import linkCreated from "./fixtures/link-created.json" with { type: "json" };
import qrCreated from "./fixtures/qr-created.json" with { type: "json" };
import { tochka } from "./index.ts";
import { choosableRates, isInForce, RECEIPT_METHODS, RECEIPT_OBJECTS, TAX_SYSTEMS, type VatRate } from "./law.ts";
import { options } from "./options.ts";
import { ATTEMPT, attempt, BANK_RECEIPT, credentials } from "./testing.ts";

type Item = Record<string, unknown> & { name: string; amount: number; quantity: number };
type Sent = { url: string; data: Record<string, unknown> & { Items?: Item[]; Client?: object } };

const REGISTER = { fiscalisation: "register" };

async function send(
  change: Partial<StartAttempt>,
  chosen: Record<string, unknown> = {},
  answer: WireAnswer = linkCreated,
  own = credentials,
) {
  const wire = fakeWire(answer);
  const result = await tochka.startAttempt(attempt(change), contextFor(tochka, own, wire, "test", chosen));
  return { result, sent: wire.sent.map(readSent) };
}

function readSent(request: HttpRequest): Sent {
  return { url: request.url, data: JSON.parse(request.body ?? "{}").Data };
}

async function sentBy(change: Partial<StartAttempt>, chosen: Record<string, unknown> = {}): Promise<Sent["data"]> {
  const { result, sent } = await send(change, chosen);
  expect(result).toMatchObject({ ok: true });
  return sent[0]?.data ?? {};
}

describe("tochka: which call opens a payment", () => {
  it.each([
    ["bank", "card", "/acquiring/v1.0/payments_with_receipt"],
    ["register", "card", "/acquiring/v1.0/payments"],
    ["bank", "sbp", "/acquiring/v1.0/payments_with_receipt"],
    ["register", "sbp", "/sbp/v1.0/qr-code/merchant/MF0000000007/40702810000000000001%2F044525104"],
  ])("[F03] fiscalisation by %s, %s: %s", async (fiscalisation, method, path) => {
    const chosen = fiscalisation === "bank" ? BANK_RECEIPT : REGISTER;
    const { result, sent } = await send({ method }, chosen, path.startsWith("/sbp") ? qrCreated : linkCreated);
    expect(result).toMatchObject({ ok: true });
    expect(sent).toHaveLength(1);
    expect(sent[0]?.url).toBe(`https://enter.tochka.com/sandbox/v2${path}`);
    expect(sent[0]?.data.Items !== undefined).toBe(fiscalisation === "bank");
    expect(sent[0]?.data.taxSystemCode !== undefined).toBe(fiscalisation === "bank");
  });

  it("makes a link of SBP where no outlet of SBP goes with the chosen one", async () => {
    const { sbpMerchantId: _none, ...own } = credentials;
    const { sent } = await send({ method: "sbp" }, REGISTER, linkCreated, own);
    expect(sent[0]?.data).toMatchObject({ paymentMode: ["sbp"] });
    expect(sent[0]?.url).toContain("/acquiring/v1.0/payments");
  });

  it.each([
    ["card", ["card"]],
    ["t_pay", ["tinkoff"]],
    ["instalments", ["dolyame"]],
  ])("asks for the page of %s alone", async (method, paymentMode) => {
    expect(await sentBy({ method })).toMatchObject({
      paymentMode,
      customerCode: credentials.customerCode,
      merchantId: credentials.merchantId,
      paymentLinkId: ATTEMPT,
      amount: 249.9,
      ttl: 60,
    });
  });

  it("holds cards only", async () => {
    expect(await sentBy({ capture: "manual" })).toMatchObject({ preAuthorization: true });
    for (const method of ["t_pay", "instalments"]) {
      expect((await sentBy({ capture: "manual", method })).preAuthorization).toBeUndefined();
    }
    expect((await sentBy({})).preAuthorization).toBeUndefined();
  });

  it("sends the access and the company in headers, and no secret of the application", async () => {
    const wire = fakeWire(linkCreated);
    await tochka.startAttempt(attempt(), contextFor(tochka, credentials, wire));
    expect(wire.sent[0]?.headers).toMatchObject({
      authorization: `Bearer ${credentials.accessToken}`,
      customercode: credentials.customerCode,
    });
    expect(JSON.stringify(wire.sent)).not.toContain(credentials.clientSecret);
  });

  it("says outcome unknown to 424, which may be a doubled id: the link is looked up", async () => {
    const { result } = await send({}, {}, failedDependency);
    expect(result).toMatchObject({ error: { kind: "outcome_unknown" } });
  });

  it("brings texts to their limits", async () => {
    const data = await sentBy({ description: `Курс — ${"очень ".repeat(60)}\u0000 длинный` });
    expect([...String(data.purpose)].length).toBeLessThanOrEqual(140);
    expect(data.purpose).toMatch(/^Курс - очень/);
    expect((await sentBy({ description: " \n " })).purpose).toBe("Оплата");
    expect((await send({ attemptId: "a".repeat(46) })).result).toMatchObject({ error: { kind: "rejected" } });
  });

  it("writes every sum exactly, roubles for links and kopecks for codes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 1n, max: 9_999_999_999n }), async (minor) => {
        const amount = { minor, currency: "RUB" };
        const link = await send({ amount });
        const body = JSON.stringify(link.sent[0]?.data.amount);
        expect(body).toMatch(/^\d+(\.\d{1,2})?$/);
        const [whole = "", fraction = ""] = body.split(".");
        expect(BigInt(whole + fraction.padEnd(2, "0"))).toBe(minor);
        const qr = await send({ amount, method: "sbp" }, REGISTER, qrCreated);
        expect(JSON.stringify(qr.sent[0]?.data.amount)).toBe(minor.toString());
      }),
      { numRuns: 300 },
    );
  });

  it("sends a return address of a code only when it is https", async () => {
    const sent = async (returnUrl: string) =>
      (await send({ method: "sbp", returnUrl }, REGISTER, qrCreated)).sent[0]?.data.redirectUrl;
    expect(await sent("https://pay.example.test/r/1")).toBe("https://pay.example.test/r/1");
    expect(await sent("http://localhost:3000/r/1")).toBeUndefined();
  });
});

describe("tochka: the receipt", () => {
  const choices = (name: string) => options.fields.find((field) => field.name === name)?.choices ?? [];
  const lines: ReceiptLine[] = [line("Занятие", "2", 5000n, 10_000n), line("Учебник", "1", 14_990n, 14_990n)];

  it("[F05] offers every system of taxation, and sends the code that was stored", async () => {
    expect(choices("taxSystem")).toEqual(["osn", "usn_income", "usn_income_outcome", "esn", "patent"]);
    for (const taxSystem of TAX_SYSTEMS) {
      const stored = options.schema.parse({ ...BANK_RECEIPT, taxSystem });
      expect(stored.taxSystem).toBe(taxSystem);
      expect((await sentBy({}, stored)).taxSystemCode).toBe(taxSystem);
    }
  });

  it("[F06] offers every current rate and none, and sends it with every line", async () => {
    expect(choices("vatRate")).toEqual([
      ...["none", "vat0", "vat5", "vat7", "vat10", "vat22", "vat105", "vat107", "vat110", "vat122"],
    ]);
    for (const vatRate of choices("vatRate")) {
      const stored = options.schema.parse({ ...BANK_RECEIPT, vatRate });
      const { Items = [] } = await sentBy({ lines }, stored);
      expect(Items.map((item) => item.vatType)).toEqual([vatRate, vatRate]);
    }
  });

  it("[F06] takes a change of the law from the table alone", async () => {
    const table: VatRate[] = [
      { code: "vat22", from: "2026-01-01", until: "2029-12-31" },
      { code: "vat25", from: "2030-01-01" },
    ];
    expect(choosableRates(table)).toEqual(["vat25"]);
    // Midnight in Moscow, three hours before that of UTC.
    const [before, after] = [new Date("2029-12-31T20:59:59Z"), new Date("2029-12-31T21:00:00Z")];
    expect([isInForce("vat22", before, table), isInForce("vat22", after, table)]).toEqual([true, false]);
    expect([isInForce("vat25", before, table), isInForce("vat25", after, table)]).toEqual([false, true]);
    // A rate that has ended stays readable in what was saved, and is refused when a receipt would carry it.
    const saved = options.schema.parse({ ...BANK_RECEIPT, vatRate: "vat20" });
    const { result, sent } = await send({}, saved);
    expect(result).toMatchObject({ error: { kind: "rejected", detail: "vat_rate_not_in_force: vat20" } });
    expect(sent).toHaveLength(0);
  });

  it("sends the payment method with every line", async () => {
    expect(choices("receiptMethod")).toEqual([...RECEIPT_METHODS]);
    for (const receiptMethod of RECEIPT_METHODS) {
      const { Items = [] } = await sentBy({ lines }, { ...BANK_RECEIPT, receiptMethod });
      expect(Items.map((item) => item.paymentMethod)).toEqual([receiptMethod, receiptMethod]);
    }
  });

  it("[F08] sends the sign of the object with every line", async () => {
    expect(choices("receiptObject")).toEqual([...RECEIPT_OBJECTS]);
    for (const receiptObject of RECEIPT_OBJECTS) {
      const { Items = [] } = await sentBy({ lines }, { ...BANK_RECEIPT, receiptObject });
      expect(Items.map((item) => item.paymentObject)).toEqual([receiptObject, receiptObject]);
    }
  });

  it("goes to the buyer's e-mail, and without one nothing is sent", async () => {
    expect((await sentBy({}, BANK_RECEIPT)).Client).toEqual({ email: "client@example.test", name: "Клиент" });
    for (const payer of [{}, { email: "" }, { email: "no address" }]) {
      const { result, sent } = await send({ payer }, BANK_RECEIPT);
      expect(result).toMatchObject({ error: { kind: "rejected", detail: "receipt_email_missing" } });
      expect(sent).toHaveLength(0);
    }
  });

  it("has one line with the description where none are given", async () => {
    const { Items } = await sentBy({ description: "Счёт 77" }, BANK_RECEIPT);
    expect(Items).toMatchObject([{ name: "Счёт 77", amount: 249.9, quantity: 1 }]);
  });

  it("keeps units and quantities that are exact, fractions too", async () => {
    const { Items } = await sentBy({ lines: [line("Ткань", "1.5", 16_660n, 24_990n)] }, BANK_RECEIPT);
    expect(Items).toMatchObject([{ name: "Ткань", amount: 166.6, quantity: 1.5 }]);
  });

  it("splits pieces a kopeck apart, and makes one of what is no number of pieces", async () => {
    const three = [line("Занятие", "3", 8333n, 24_990n + 2n)];
    const amount = { minor: 24_992n, currency: "RUB" };
    expect((await sentBy({ lines: three, amount }, BANK_RECEIPT)).Items).toMatchObject([
      { amount: 83.3, quantity: 1 },
      { amount: 83.31, quantity: 2 },
    ]);
    const cloth = [line("Ткань", "1.333", 18_740n, 24_990n)];
    expect((await sentBy({ lines: cloth }, BANK_RECEIPT)).Items).toMatchObject([
      { name: "Ткань × 1.333", amount: 249.9, quantity: 1 },
    ]);
  });

  it.each<[string, ReceiptLine[], string]>([
    ["do not add up", [line("a", "1", 24_989n, 24_989n)], "receipt_lines_differ"],
    ["are negative", [line("a", "1", 25_000n, 25_000n), line("b", "1", -10n, -10n)], "receipt_line_not_payable"],
    [
      "are in another currency",
      [{ ...line("a", "1", 24_990n, 24_990n), total: { minor: 24_990n, currency: "USD" } }],
      "receipt_line_not_payable",
    ],
  ])("is not sent with lines that %s", async (_title, wrong, detail) => {
    const { result, sent } = await send({ lines: wrong }, BANK_RECEIPT);
    expect(result).toMatchObject({ error: { kind: "rejected", detail } });
    expect(sent).toHaveLength(0);
  });

  it("adds up to the sum paid, whatever the lines", async () => {
    const anyLine = fc.record({
      quantity: fc.oneof(
        fc.integer({ min: 1, max: 400 }).map(String),
        fc.integer({ min: 1, max: 99_999 }).map((n) => (n / 1000).toFixed(3)),
        fc.constantFrom("0", "1.00000", "0.0001", "abc", "2.50"),
      ),
      unit: fc.bigInt({ min: 0n, max: 5_000_000n }),
      total: fc.bigInt({ min: 0n, max: 50_000_000n }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { minLength: 1, maxLength: 8 }), async (made) => {
        const all = made.map((one, index) => line(`Строка ${index}`, one.quantity, one.unit, one.total));
        const minor = all.reduce((sum, one) => sum + one.total.minor, 0n);
        fc.pre(minor > 0n && minor < 9_999_999_999n);
        const { Items = [] } = await sentBy({ lines: all, amount: { minor, currency: "RUB" } }, BANK_RECEIPT);
        let thousandths = 0n;
        for (const item of Items) {
          expect(item.amount).toBeGreaterThan(0);
          expect(item.quantity).toBeGreaterThan(0);
          thousandths += exact(item.amount, 2) * exact(item.quantity, 3);
        }
        expect(thousandths).toBe(minor * 1000n);
      }),
      { numRuns: 400 },
    );
  });

  it("names a missing or unknown code on its field", () => {
    const issues = (given: object) =>
      (options.schema.safeParse(given).error?.issues ?? []).map((issue) => `${issue.path.join(".")} ${issue.message}`);
    expect(issues({ fiscalisation: "bank" })).toEqual([
      "taxSystem tax_system_missing",
      "vatRate vat_rate_missing",
      "receiptMethod receipt_method_missing",
      "receiptObject receipt_object_missing",
    ]);
    expect(issues({ ...BANK_RECEIPT, vatRate: "vat21" })).toEqual(["vatRate vat_rate_unknown"]);
    expect(issues({ fiscalisation: "both" })).toEqual(["fiscalisation fiscalisation_unknown"]);
    expect(options.schema.parse({})).toEqual(REGISTER);
    expect(options.schema.parse({ ...BANK_RECEIPT, fiscalisation: "register" })).toEqual(REGISTER);
  });

  it("opens nothing with options that are not whole", async () => {
    const { result, sent } = await send({}, { fiscalisation: "bank" });
    expect(result).toMatchObject({ error: { kind: "rejected", detail: "options_incomplete" } });
    expect(sent).toHaveLength(0);
  });
});

function line(name: string, quantity: string, unit: bigint, total: bigint): ReceiptLine {
  return { name, quantity, unit: { minor: unit, currency: "RUB" }, total: { minor: total, currency: "RUB" } };
}

/** A JSON number as an integer of its smallest parts, by its digits. */
function exact(value: number, digits: number): bigint {
  const [whole = "", fraction = ""] = JSON.stringify(value).split(".");
  expect(fraction.length).toBeLessThanOrEqual(digits);
  return BigInt(whole + fraction.padEnd(digits, "0"));
}
