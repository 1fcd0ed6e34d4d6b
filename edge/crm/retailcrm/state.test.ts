// How an invoice stands in the CRM's words: a closed set, captured sums only, and the sums and times as the CRM writes them.

import { expect, test } from "vitest";
import type { Payment, Refund } from "../../payments/story.ts";
import { attempt, story } from "../../testing/histories.ts";
import { crmNumber, crmTime, readCrmNumber } from "./form.ts";
import { CRM_STATUSES, type CrmInvoice, crmState, endedRefunds, type Reading } from "./state.ts";

const NOW = new Date("2026-11-21T22:30:00Z");

function reading(change: (reading: Reading) => void = () => {}): Reading {
  const made: Reading = {
    story: { ...story({}), attempts: [attempt("att_a")] },
    invoice: { cancelledAt: null, cancelReason: null } as CrmInvoice,
    language: "uk",
    timeZone: "Europe/Kyiv",
    now: NOW,
    abilitiesOf: () => ({ canQuery: true, shortestLookSeconds: 5, canRefund: true }),
  };
  change(made);
  return made;
}

const payment = (amountMinor: bigint, isKept = true) => ({ amountMinor, isKept, occurredAt: NOW }) as Payment;
const refund = (state: Refund["state"], amountMinor: bigint, id = "rfd_1") =>
  ({
    id,
    state,
    amountMinor,
    currency: "RON",
    attemptId: "att_a",
    createdAt: NOW,
    reason: null,
    processorText: "no",
  }) as Refund;

test("every state is one of the five words, and only what was captured is a sum", () => {
  const open = crmState(reading());
  expect(open).toEqual({ status: "pending", refundable: false, cancellable: true });
  const held = crmState(
    reading(({ story: { attempts } }) => {
      Object.assign(attempts[0] ?? {}, { state: "authorized", authorizedMinor: 500n, holdUntil: NOW });
    }),
  );
  expect(held).toEqual({
    status: "waitingForCapture",
    expiredAt: "2026-11-22 00:30:00",
    refundable: false,
    cancellable: true,
  });
  const paid = crmState(
    reading(({ story: one }) => {
      one.payments.push(payment(1234n), payment(9999n, false));
      Object.assign(one.attempts[0] ?? {}, { state: "captured", capturedMinor: 1234n });
    }),
  );
  expect(paid).toEqual({
    status: "succeeded",
    amount: 12.34,
    paidAt: "2026-11-22 00:30:00",
    refundable: true,
    cancellable: false,
  });
  const part = crmState(reading(({ story: one }) => one.payments.push(payment(1000n), payment(-400n))));
  expect(part).toMatchObject({ status: "succeeded", amount: 10 });
  const all = crmState(reading(({ story: one }) => one.payments.push(payment(1000n), payment(-400n), payment(-600n))));
  expect(all).toMatchObject({ status: "refundSucceeded", amount: 10, refundable: false });
  const expired = crmState(
    reading(({ story: one }) => {
      one.invoice.expiresAt = new Date(NOW.getTime() - 1);
    }),
  );
  expect(expired).toMatchObject({ status: "canceled", cancellationDetails: "Термін посилання минув" });
  for (const { status } of [open, held, paid, part, all, expired]) expect(CRM_STATUSES).toContain(status);
});

test("what shall not be paid is told cancelled even while its money is on the way back, and paid when it cannot go back", () => {
  const cancelled = (state: Refund["state"] | null) =>
    crmState(
      reading(({ story: one, invoice }) => {
        Object.assign(invoice, { cancelledAt: NOW, cancelReason: "x".repeat(300) });
        one.payments.push(payment(1000n));
        Object.assign(one.attempts[0] ?? {}, { state: "captured", capturedMinor: 1000n });
        if (state) one.refunds.push(refund(state, 1000n));
      }),
    );
  for (const state of [null, "requested", "succeeded"] as const) {
    expect(cancelled(state)).toEqual({
      status: "canceled",
      cancellationDetails: "x".repeat(255),
      refundable: false,
      cancellable: false,
    });
  }
  expect(cancelled("failed")).toMatchObject({ status: "succeeded", amount: 10 });
});

test("refunds are told by their end, those without one are not", () => {
  const { story: one } = reading(({ story: mine }) =>
    mine.refunds.push(refund("succeeded", 100n), refund("sent", 1n, "rfd_2"), refund("failed", 5n, "rfd_3")),
  );
  expect(endedRefunds(one)).toEqual([
    { id: "rfd_1", status: "succeeded", amount: 1 },
    { id: "rfd_3", status: "canceled", amount: 0.05, comment: "no" },
  ]);
});

test("sums are read to the last unit or not at all", () => {
  expect(readCrmNumber(0.1 + 0.2, "UAH")).toEqual({ minor: 30n, currency: "UAH" });
  expect(readCrmNumber(1499.5, "UAH")?.minor).toBe(149_950n);
  expect(readCrmNumber("1499.50", "UAH")?.minor).toBe(149_950n);
  expect(readCrmNumber(500, "JPY")?.minor).toBe(500n);
  for (const bad of [10.005, 0.001, Number.NaN, Number.POSITIVE_INFINITY, 1e15, "1,5", "", null, {}, true]) {
    expect(readCrmNumber(bad, "UAH"), String(bad)).toBeNull();
  }
  expect(readCrmNumber(1, "XXX")).toBeNull();
  for (let minor = 1n; minor < 100_000n; minor += 37n) {
    expect(readCrmNumber(crmNumber(minor, "UAH"), "UAH")?.minor).toBe(minor);
  }
  expect(crmTime(NOW, "UTC")).toBe("2026-11-21 22:30:00");
});
