// Every code, action and status in the product's words, and nothing guessed.

import { describe, expect, it } from "vitest";
import { codeNumber, DECLINES, meaningOfV1, meaningOfV2 } from "./codes.ts";

describe("netopia codes", () => {
  it.each([
    [16, "fraud_suspected"],
    [17, "invalid_card"],
    [18, "card_blocked"],
    [19, "card_expired"],
    [20, "insufficient_funds"],
    [21, "invalid_cvv"],
    [22, "issuer_unavailable"],
    [26, "limit_exceeded"],
    [32, "processor_error"],
    [33, "currency_unsupported"],
    [34, "not_permitted"],
    [35, "declined"],
    [36, "fraud_suspected"],
    [37, "do_not_honor"],
    [38, "authentication_failed"],
    [39, "authentication_failed"],
    [48, "processor_error"],
    [99, "processor_error"],
  ])("reads %i as %s in both protocols", (code, reason) => {
    for (const action of ["paid", "confirmed", "paid_pending", "confirmed_pending"]) {
      expect(meaningOfV1(action, code, "x")).toEqual({
        kind: "declined",
        declineReason: reason,
        text: "x",
        lookNow: false,
      });
    }
    expect(meaningOfV2(12, code, "x")).toEqual({ kind: "declined", declineReason: reason, text: "x", lookNow: false });
  });

  it("takes 22 for the card's CVV when v2's message says so", () => {
    expect(meaningOfV2(12, 22, "Invalid CVV").declineReason).toBe("invalid_cvv");
    expect(meaningOfV1("paid", 22, "Invalid CVV").declineReason).toBe("issuer_unavailable");
  });

  it.each([49, 50, 56])("takes %i for a repeat and asks for a look", (code) => {
    expect(meaningOfV1("paid", code, "")).toMatchObject({ declineReason: "duplicate", lookNow: true });
    expect(meaningOfV2(12, code, "")).toMatchObject({ declineReason: "duplicate", lookNow: true });
  });

  it.each([
    ["new", "awaiting_payer"],
    ["paid", "authorized"],
    ["paid_pending", "in_review"],
    ["confirmed_pending", "in_review"],
    ["confirmed", "captured"],
    ["canceled", "voided"],
    ["credit", "refund_succeeded"],
  ])("reads the v1 action %s with code 0 as %s", (action, kind) => {
    expect(meaningOfV1(action, 0, " ")).toEqual({ kind, text: "", lookNow: false });
  });

  it("never changes a payment's state by a refused operation on it", () => {
    for (const code of [51, 52, 53, 54, 55]) {
      expect(meaningOfV1("confirmed", code, "").kind).toBe("not_understood");
      expect(meaningOfV1("credit", code, "").kind).toBe("refund_failed");
    }
    for (const code of [20, 51, 99, 7777]) {
      expect(meaningOfV1("canceled", code, "nu").kind).toBe("not_understood");
      expect(meaningOfV1("canceled", code, "nu").text).toContain(`${code}`);
      expect(meaningOfV1("credit", code, "nu").kind).toBe("refund_failed");
    }
  });

  it("keeps what it does not know with number and text", () => {
    for (const action of ["cancelled", "PAID", "toString", "__proto__", ""]) {
      expect(meaningOfV1(action, 0, "vorba")).toMatchObject({ kind: "not_understood" });
      expect(meaningOfV1(action, 0, "vorba").text).toContain("vorba");
    }
    expect(meaningOfV1("paid", 7777, "vorba")).toMatchObject({ kind: "not_understood" });
    expect(meaningOfV1("paid", 7777, "vorba").text).toMatch(/7777.*vorba/);
    expect(meaningOfV2(7777, 0, "word").text).toMatch(/7777.*word/);
  });

  it.each([
    [1, "awaiting_payer"],
    [2, "authorized"],
    [3, "captured"],
    [4, "voided"],
    [5, "captured"],
    [6, "processing"],
    [7, "not_understood"],
    [8, "refund_succeeded"],
    [9, "dispute_opened"],
    [10, "dispute_lost"],
    [13, "in_review"],
    [14, "processing"],
    [15, "awaiting_payer"],
    [16, "dispute_opened"],
    [17, "not_understood"],
    [18, "processing"],
    [19, "not_understood"],
    [20, "not_understood"],
    [21, "not_understood"],
    [22, "not_understood"],
    [23, "expired"],
    [0, "not_understood"],
    [24, "not_understood"],
  ])("reads the v2 status %i as %s", (status, kind) => {
    expect(meaningOfV2(status, 0, "").kind).toBe(kind);
  });

  it("names a status that has no meaning to us", () => {
    expect(meaningOfV2(17, 0, "").text).toContain("REVERSED");
  });

  it("declines by status whatever the code is, and by a fraud code in status 13", () => {
    expect(meaningOfV2(12, 7777, "")).toMatchObject({ kind: "declined", declineReason: "declined" });
    expect(meaningOfV2(12, null, "")).toMatchObject({ kind: "declined", declineReason: "declined" });
    expect(meaningOfV2(12, 102, "")).toMatchObject({ kind: "declined", declineReason: "declined" });
    expect(meaningOfV2(11, 7777, "")).toMatchObject({ kind: "declined", declineReason: "processor_error" });
    expect(meaningOfV2(11, 20, "")).toMatchObject({ kind: "declined", declineReason: "insufficient_funds" });
    for (const code of [16, 36]) expect(meaningOfV2(13, code, "").declineReason).toBe("fraud_suspected");
    for (const code of Object.keys(DECLINES)) expect(meaningOfV2(3, Number(code), "").kind).toBe("captured");
  });

  it("reads a code in each of its spellings and nothing else", () => {
    expect(["00", "0", 0, " 21 ", "021", 21].map(codeNumber)).toEqual([0, 0, 0, 21, 21, 21]);
    for (const code of ["", "ok", null, undefined, 1.5, Number.NaN, {}, "1e3", "0x10"])
      expect(codeNumber(code)).toBeNull();
  });
});
