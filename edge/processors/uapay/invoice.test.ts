// What an invoice means to its attempt, word by word and code by code (uapay.md 8, 10, 11).

import { describe, expect, it } from "vitest";
import { DECLINE_REASONS } from "../contract.ts";
import { DECLINES, INVOICE_STATUSES, PAYMENT_STATUSES, STATUSES } from "./codes.ts";
import finished from "./fixtures/invoice-finished.json" with { type: "json" };
import held from "./fixtures/invoice-held.json" with { type: "json" };
import fresh from "./fixtures/invoice-new.json" with { type: "json" };
import rejected from "./fixtures/invoice-rejected.json" with { type: "json" };
import reversed from "./fixtures/invoice-reversed.json" with { type: "json" };
import { observationsOf, readInvoice } from "./invoice.ts";
import { PAYMENT } from "./testing.ts";

const UAH = (minor: bigint) => ({ minor, currency: "UAH" });
const [paid] = finished.claims.payments;
const [refused] = rejected.claims.payments;
const seen = (claims: object, change: object = {}) => {
  const invoice = readInvoice({ ...claims, ...change });
  if (!invoice) throw new Error("unreadable");
  return observationsOf(invoice);
};
const kinds = (claims: object, change: object = {}) => seen(claims, change).map((one) => one.kind);
const of = (change: object) => ({ payments: [{ ...paid, ...change }] });
const codes = (code: unknown, field = "responseCode") => ({
  payments: [{ ...refused, responseCode: undefined, [field]: code }],
});

// The lists of the protocol's page (10, 11), written down apart from the tables.
const WORDS = "OPEN PAYED FINISHED REVERSED RETURNED CLOSED PENDING REJECTED HOLDED CANCELED NEEDS_CONFIRMATION";
const REASONS: [string, string][] = [
  ...pairs("01 02 05", "do_not_honor"),
  ...pairs("03 06 12 13 19 20 68 96", "processor_error"),
  ...pairs("04 07 41 43 62", "card_blocked"),
  ...pairs("08", "authentication_failed"),
  ...pairs("14 15 55 75", "invalid_card"),
  ...pairs("17", "payer_cancelled"),
  ...pairs("18", "declined"),
  ...pairs("33 54", "card_expired"),
  ...pairs("34 59", "fraud_suspected"),
  ...pairs("51", "insufficient_funds"),
  ...pairs("57 58", "not_permitted"),
  ...pairs("61 65", "limit_exceeded"),
  ...pairs("82", "invalid_cvv"),
  ...pairs("91", "issuer_unavailable"),
];

describe("uapay: words and codes", () => {
  it("knows eleven words of processing, five of a payment, two of an invoice, and all codes", () => {
    expect(Object.keys(PAYMENT_STATUSES).sort()).toEqual(WORDS.split(" ").sort());
    expect(Object.keys(STATUSES).sort()).toEqual("CANCELED FINISHED NEW PAID REVERSED".split(" "));
    expect(Object.keys(INVOICE_STATUSES)).toEqual(["ACTIVE", "INACTIVE"]);
    expect(REASONS.map(([code]) => code).sort()).toEqual(Object.keys(DECLINES).sort());
  });

  it.each(REASONS)("tells code %s as %s, and keeps the code", (code, reason) => {
    const [one] = seen(rejected.claims, codes(code));
    expect(one).toMatchObject({ kind: "declined", declineReason: reason, processorCode: code });
    expect(DECLINE_REASONS).toContain(one?.declineReason);
  });

  it.each([
    ["responseCode", 5],
    ["bankResponseCode", "05"],
    ["errorCode", "5"],
    ["code", "05"],
  ])("finds the code in %s as %j", (field, code) => {
    expect(seen(rejected.claims, codes(code, field))[0]).toMatchObject({
      declineReason: "do_not_honor",
      processorCode: "05",
    });
  });

  it.each([
    ["no code", undefined, "processor_error", "REJECTED"],
    ["a new code", "X9", "processor_error", "X9"],
    ["a code that is a name", "toString", "processor_error", "toString"],
  ])("does not guess at %s", (_title, code, reason, word) => {
    expect(seen(rejected.claims, codes(code))[0]).toMatchObject({ declineReason: reason, processorCode: word });
  });

  it("takes a code of progress for no decline, and a yes beside a no for nothing", () => {
    expect(kinds(rejected.claims, codes("09"))).toEqual(["processing"]);
    for (const code of ["00", "10", "11", "16"])
      expect(kinds(rejected.claims, codes(code))).toEqual(["not_understood"]);
  });
});

describe("uapay: payments of an invoice", () => {
  it.each<[string | undefined, string | undefined, string, string[]]>([
    ["NEW", "OPEN", "PAY", ["awaiting_payer"]],
    ["NEW", "NEEDS_CONFIRMATION", "PAY", ["awaiting_payer"]],
    ["NEW", "PENDING", "PAY", ["processing"]],
    ["PAID", "PAYED", "PAY", ["processing"]],
    ["PAID", "HOLDED", "HOLD", ["authorized"]],
    ["NEW", "HOLDED", "HOLD", ["processing"]],
    ["FINISHED", "HOLDED", "HOLD", ["processing"]],
    ["FINISHED", "FINISHED", "PAY", ["captured"]],
    ["PAID", "FINISHED", "PAY", ["captured"]],
    ["CANCELED", "FINISHED", "PAY", ["not_understood"]],
    ["CANCELED", "CANCELED", "HOLD", ["voided"]],
    ["FINISHED", "REJECTED", "PAY", ["not_understood"]],
    ["NEW", "CLOSED", "PAY", ["voided"]],
    ["PAID", "CLOSED", "HOLD", ["not_understood"]],
    ["FINISHED", "RETURNED", "PAY", ["captured", "refund_succeeded"]],
    ["REVERSED", "FINISHED", "PAY", ["captured", "refund_succeeded"]],
    ["REVERSED", "REVERSED", "HOLD", ["voided", "refund_succeeded"]],
    ["FINISHED", undefined, "PAY", ["captured"]],
    ["TELEPORTED", "FINISHED", "PAY", ["not_understood"]],
    ["FINISHED", "TELEPORTED", "PAY", ["not_understood"]],
    ["constructor", "FINISHED", "PAY", ["not_understood"]],
  ])("%s / %s of a %s", (status, paymentStatus, type, expected) => {
    expect(kinds(finished.claims, { type, ...of({ status, paymentStatus }) })).toEqual(expected);
  });

  it("is open while nobody paid, and over when it is inactive", () => {
    expect(seen(fresh.claims)).toEqual([{ kind: "awaiting_payer", processorCode: "ACTIVE" }]);
    expect(seen(fresh.claims, { invoiceStatus: "INACTIVE" })).toEqual([{ kind: "expired", processorCode: "INACTIVE" }]);
    expect(kinds(fresh.claims, { invoiceStatus: "ASLEEP" })).toEqual(["not_understood"]);
    expect(kinds(rejected.claims, { invoiceStatus: "INACTIVE" })).toEqual(["declined", "expired"]);
    expect(kinds(finished.claims, { invoiceStatus: "ASLEEP" })).toEqual(["captured", "not_understood"]);
  });

  it("tells the payment with its time and its card's ends", () => {
    expect(seen(finished.claims)).toEqual([
      {
        kind: "captured",
        money: UAH(24_990n),
        method: "card",
        processorCode: "FINISHED",
        occurredAt: new Date("2026-11-21T12:14:01.905Z"),
        instrument: "4****1111",
      },
    ]);
    expect(seen(held.claims)).toMatchObject([{ kind: "authorized", money: UAH(24_990n), processorCode: "HOLDED" }]);
  });

  it("lets the good payment speak, wherever it stands, and tells the refused ones after it", () => {
    const good = { ...paid, paymentId: "good" };
    for (const payments of [
      [refused, good],
      [good, refused],
    ]) {
      expect(seen(finished.claims, { payments })).toMatchObject([
        { kind: "captured" },
        { kind: "declined", declineReason: "insufficient_funds" },
      ]);
    }
  });

  it("takes the newest of payments that are no good, by date", () => {
    const later = { ...refused, responseCode: "54", createdAt: "2026-11-21T12:20:00.000Z" };
    const told = seen(rejected.claims, { payments: [later, refused] });
    expect(told.map((one) => one.processorCode)).toEqual(["51", "54"]);
  });

  it("shows a second payment with money to a person", () => {
    const second = { ...paid, paymentId: "second" };
    expect(seen(finished.claims, { payments: [paid, second] })).toMatchObject([
      { kind: "captured" },
      { kind: "not_understood", processorCode: "second_payment" },
    ]);
  });

  it("tells of a taken hold only a smaller sum: an equal one may be what was held", () => {
    const done = { status: "FINISHED", paymentStatus: "FINISHED" };
    expect(seen(held.claims, of({ ...done, amount: 10_000 }))).toMatchObject([{ money: UAH(10_000n) }]);
    const [whole] = seen(held.claims, of(done));
    expect(whole?.kind).toBe("captured");
    expect(whole?.money).toBeUndefined();
  });

  it("does not take an approval of a part for the whole", () => {
    expect(kinds(finished.claims, of({ responseCode: "10" }))).toEqual(["not_understood"]);
    expect(seen(finished.claims, of({ responseCode: "10", amount: 5 }))).toMatchObject([
      { kind: "captured", money: UAH(5n) },
    ]);
  });

  it("tells a reversal without a sum, under the payment's id", () => {
    const [, back] = seen(reversed.claims);
    expect(back).toEqual({
      kind: "refund_succeeded",
      processorCode: "REVERSED",
      reference: PAYMENT,
      occurredAt: new Date("2026-11-21T13:02:00.000Z"),
    });
  });

  it.each([["249.9"], [249.9], [null], [-1], [Number.MAX_VALUE]])(
    "tells no sum that is no whole number: %s",
    (amount) => {
      const [one] = seen(finished.claims, of({ amount }));
      expect(one?.kind).toBe("captured");
      expect(one?.money).toBeUndefined();
    },
  );

  it("tells no sum of another currency", () => {
    expect(seen(finished.claims, of({ currency: 840 }))[0]?.money).toBeUndefined();
    expect(seen(finished.claims, of({ currency: "UAH" }))[0]?.money).toEqual(UAH(24_990n));
  });
});

function pairs(all: string, reason: string): [string, string][] {
  return all.split(" ").map((code) => [code, reason]);
}
