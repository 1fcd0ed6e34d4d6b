// The state tables themselves: every state is in every set on purpose, and no order of news changes the end.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  ATTEMPT_STATES,
  ATTEMPT_TABLE,
  type AttemptEvent,
  type AttemptState,
  CLAIMING_REFUND_STATES,
  DISPUTE_STATES,
  DISPUTE_TABLE,
  INVOICE_STATES,
  INVOICE_TABLE,
  MONEY_MOVING_STATES,
  nextAttemptState,
  nextInvoiceState,
  nextRefundState,
  OPEN_ATTEMPT_STATES,
  REFUND_STATES,
  REFUND_TABLE,
} from "./states.ts";

const EVENTS: AttemptEvent[] = [
  "awaiting_payer",
  "processing",
  "in_review",
  "authorized",
  "captured",
  "voided",
  "declined",
  "expired",
];
const STRENGTH: AttemptState[] = [
  "created",
  "awaiting_payer",
  "processing",
  "expired",
  "declined",
  "in_review",
  "authorized",
  "voided",
  "captured",
];

describe("attempt", () => {
  test("nothing leads out of captured, and no weaker news leads back", () => {
    expect(ATTEMPT_TABLE.captured).toEqual({});
    for (const from of STRENGTH) {
      for (const to of Object.values(ATTEMPT_TABLE[from])) {
        if (to === "unresolved" || (from === "in_review" && to === "declined")) continue;
        expect(STRENGTH.indexOf(to), `${from} → ${to}`).toBeGreaterThan(STRENGTH.indexOf(from));
      }
    }
  });

  test("captured is reached from every other state: money that came is the truth", () => {
    for (const state of ATTEMPT_STATES) {
      if (state !== "captured") expect(nextAttemptState(state, "captured"), state).toBe("captured");
    }
  });

  test("an unknown outcome is never a failure", () => {
    for (const state of ATTEMPT_STATES) {
      expect(["unresolved", null]).toContain(nextAttemptState(state, "outcome_unknown"));
    }
  });

  test("the end is the same in whatever order dated news comes, doubled or not", () => {
    const news = fc.array(fc.tuple(fc.constantFrom(...EVENTS), fc.integer({ min: 1, max: 1_000_000 })), {
      minLength: 1,
      maxLength: 12,
    });
    const endOf = (told: [AttemptEvent, number][]) => {
      let state: AttemptState = "created";
      let reachedAt: Date | null = null;
      for (const [event, at] of told) {
        const occurredAt = new Date(at);
        const next = nextAttemptState(state, event, reachedAt, occurredAt);
        if (next) {
          state = next;
          reachedAt = occurredAt;
        } else if (event === state && (!reachedAt || occurredAt > reachedAt)) reachedAt = occurredAt;
      }
      return state;
    };
    fc.assert(
      fc.property(
        fc.uniqueArray(
          news.map((n) => n[0] ?? (["processing", 1] as [AttemptEvent, number])),
          { selector: (n) => n[1], minLength: 1, maxLength: 8 },
        ),
        fc.integer(),
        (told, seed) => {
          const shuffled = [...told, ...told.slice(0, 2)]
            .map((n, i) => ({ n, k: Math.sin(seed + i * 7.3) }))
            .sort((a, b) => a.k - b.k)
            .map(({ n }) => n);
          expect(endOf(shuffled)).toBe(endOf(told));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("open and money-moving states are what they are on purpose", () => {
    expect(ATTEMPT_STATES.filter((s) => !OPEN_ATTEMPT_STATES.includes(s))).toEqual([
      "authorized",
      "captured",
      "declined",
      "expired",
      "voided",
    ]);
    expect(ATTEMPT_STATES.filter((s) => !MONEY_MOVING_STATES.includes(s))).toEqual([
      "created",
      "awaiting_payer",
      "unresolved",
      "captured",
      "declined",
      "expired",
      "voided",
    ]);
  });
});

describe("refund", () => {
  test("money that went back is the truth, whatever was said before", () => {
    // Nobody but us has ever heard of those that a second person did not allow.
    for (const state of REFUND_STATES.filter((one) => one !== "awaiting_approval" && one !== "rejected")) {
      expect(nextRefundState(state, "refund_succeeded"), state).toBe(state === "succeeded" ? null : "succeeded");
    }
    expect(REFUND_TABLE.succeeded).toEqual({});
  });

  test("only a refund that failed, was not allowed or was given up frees its sum", () => {
    expect(REFUND_STATES.filter((s) => !CLAIMING_REFUND_STATES.includes(s))).toEqual([
      "failed",
      "rejected",
      "abandoned",
    ]);
  });
});

describe("invoice", () => {
  test("is paid by whatever covers it, also after it was cancelled, never while a draft", () => {
    expect(INVOICE_STATES.filter((s) => nextInvoiceState(s, "covered") === "paid")).toEqual([
      "open",
      "authorized",
      "cancelled",
    ]);
    expect(INVOICE_TABLE.draft).toEqual({ issued: "open", cancelled: "cancelled" });
  });

  test("a paid one is left only by giving money back", () => {
    expect(INVOICE_TABLE.paid).toEqual({ uncovered: "open", uncovered_cancelled: "cancelled" });
  });
});

test("a lost dispute stays lost", () => {
  expect(DISPUTE_STATES.filter((s) => Object.keys(DISPUTE_TABLE[s]).length === 0)).toEqual(["lost"]);
});
