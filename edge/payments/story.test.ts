// Random histories against a model: pages opened, attempts told about in any order, doubled and swapped, holds taken and let
// go, money booked by hand, refunds, cancellations. However it went, sums add up and every effect happened once.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  AMOUNT,
  anyHistory,
  anyNews,
  anyWorld,
  check,
  expectModel,
  factsOf,
  type News,
  play,
  story,
  T0,
  tell,
} from "../testing/histories.ts";
import { keptMinor } from "./amounts.ts";

const sameMoment = (a: News, b: News) => a.observation.occurredAt?.getTime() === b.observation.occurredAt?.getTime();

describe("random histories on the deciding code", () => {
  test("10 000 histories of commands and news: the end is the model's, sums add up, every effect happens once", () => {
    fc.assert(
      fc.property(anyWorld, anyHistory(24), (world, history) => {
        const { story: end, changes, model } = play(world, history);
        expectModel(end, model, factsOf(changes));
        check(end, factsOf(changes));
      }),
      { numRuns: 10_000 },
    );
  });

  test("a history told again from the end to the beginning changes nothing", () => {
    fc.assert(
      fc.property(anyNews(28), fc.boolean(), (news, canRefund) => {
        const first = tell(story({}), news, canRefund);
        const again = tell(first.story, [...news].reverse(), canRefund);
        expect(again.story.invoice.paidMinor).toBe(first.story.invoice.paidMinor);
        expect(again.story.payments.length).toBe(first.story.payments.length);
        expect(again.story.attempts.map((a) => a.state)).toEqual(first.story.attempts.map((a) => a.state));
      }),
      { numRuns: 2000 },
    );
  });

  test("whatever the order, the same money and the same ends (one capture sum per attempt)", () => {
    const whole = anyNews(24).map((list) =>
      list
        .filter((n) => n.observation.kind !== "refund_succeeded")
        .filter((n, at, all) => all.findIndex((m) => sameMoment(m, n)) === at)
        .map((n) =>
          n.observation.money
            ? { ...n, observation: { ...n.observation, money: { minor: AMOUNT, currency: "RON" } } }
            : n,
        ),
    );
    fc.assert(
      fc.property(
        whole.chain((news) => fc.tuple(fc.constant(news), fc.shuffledSubarray(news, { minLength: news.length }))),
        ([news, shuffled]) => {
          const one = tell(story({}), news, false).story;
          const other = tell(story({}), shuffled, false).story;
          expect(other.attempts.map((a) => a.state)).toEqual(one.attempts.map((a) => a.state));
          expect(other.invoice.paidMinor).toBe(one.invoice.paidMinor);
          expect(keptMinor(other)).toBe(keptMinor(one));
        },
      ),
      { numRuns: 3000 },
    );
  });

  test("a refund whose news comes before its capture ends the same", () => {
    const captured: News = {
      attempt: 0,
      key: "1",
      observation: { kind: "captured", money: { minor: AMOUNT, currency: "RON" } },
    };
    const refund: News = {
      attempt: 0,
      key: "2",
      observation: { kind: "refund_succeeded", money: { minor: 4_000n, currency: "RON" }, reference: "crc" },
    };
    for (const order of [
      [captured, refund],
      [refund, captured],
    ]) {
      const { story: end } = tell(story({}), order, false);
      expect(end.invoice.paidMinor).toBe(6_000n);
      expect(end.refunds.map((r) => r.state)).toEqual(["succeeded"]);
    }
  });

  test("a refund of money that counted in part gives the second payment back first, and never more than counted", () => {
    const money = (index: number, kind: "captured" | "refund_succeeded", minor: bigint, key: string): News => ({
      attempt: index,
      key,
      observation: { kind, money: { minor, currency: "RON" }, reference: `${kind}${key}` },
    });
    const paid = [
      money(0, "captured", 4_000n, "1"),
      money(1, "captured", AMOUNT, "2"),
      // All of the first now, of which 4 000 counted and 6 000 came when nothing was owed any more.
      money(0, "captured", AMOUNT, "3"),
    ];
    const { story: part, changes: few } = tell(story({}), [...paid, money(0, "refund_succeeded", 6_000n, "4")], false);
    check(part, factsOf(few));
    expect(keptMinor(part)).toBe(14_000n);
    const { story: end, changes } = tell(
      story({}),
      [...paid, money(0, "refund_succeeded", AMOUNT, "4"), money(1, "refund_succeeded", AMOUNT, "5")],
      false,
    );
    check(end, factsOf(changes));
    expect(end.payments.filter((p) => p.refundId).map((p) => [p.amountMinor, p.isKept])).toEqual([
      [-6_000n, false],
      [-4_000n, true],
      [-AMOUNT, true],
    ]);
  });

  test("money that came after the cancellation and went back leaves the invoice cancelled", () => {
    const cancelled = story({});
    cancelled.invoice.state = "cancelled";
    cancelled.invoice.cancelledAt = new Date(T0);
    const money = { minor: AMOUNT, currency: "RON" };
    const came: News = { attempt: 0, key: "1", observation: { kind: "captured", money } };
    const back: News = { attempt: 0, key: "2", observation: { kind: "refund_succeeded", money, reference: "crc" } };
    expect(tell(cancelled, [came], false).story.invoice.state).toBe("paid");
    expect(tell(cancelled, [came, back], false).story.invoice.state).toBe("cancelled");
    expect(tell(story({}), [came, back], false).story.invoice.state).toBe("open");
  });

  test("a hold of another sum counts as it came and is marked; one in another currency is marked and moves nothing", () => {
    const held = (minor: bigint, currency: string): News => ({
      attempt: 0,
      key: "1",
      observation: { kind: "authorized", money: { minor, currency } },
    });
    const marksOf = (changes: ReturnType<typeof tell>["changes"]) => factsOf(changes).marks;
    const short = tell(story({}), [held(4_000n, "RON")], false);
    expect(short.story.attempts[0]).toMatchObject({ state: "authorized", authorizedMinor: 4_000n });
    expect(marksOf(short.changes)).toEqual(["paid_short"]);
    const foreign = tell(story({}), [held(AMOUNT, "EUR")], false);
    expect(foreign.story.attempts[0]).toMatchObject({ state: "created", authorizedMinor: 0n });
    expect(foreign.story.invoice.state).toBe("open");
    expect(marksOf(foreign.changes)).toEqual(["currency_mismatch"]);
  });

  test("a refund told in another currency is not taken for ours of the same number", () => {
    const taken: News = {
      attempt: 0,
      key: "1",
      observation: { kind: "captured", money: { minor: AMOUNT, currency: "RON" } },
    };
    const paid = [taken, { ...taken, attempt: 1, key: "2" }];
    const both = tell(story({}), paid, true);
    expect(both.story.refunds).toMatchObject([{ attemptId: "att_b", state: "requested" }]);
    const back: News = {
      attempt: 1,
      key: "3",
      observation: { kind: "refund_succeeded", money: { minor: AMOUNT, currency: "EUR" } },
    };
    const { story: end, changes } = tell(both.story, [back], true);
    expect(end.refunds).toMatchObject([{ state: "requested" }]);
    expect(factsOf(changes).marks).toEqual(["refund_over_captured"]);
  });

  test("with what was paid is known whichever of the question and the notification comes first", () => {
    const money = { minor: AMOUNT, currency: "RON" };
    const asked: News = { attempt: 0, key: "1", observation: { kind: "captured", money } };
    const told: News = { attempt: 0, key: "2", observation: { kind: "captured", money, instrument: "•••• 5098" } };
    for (const order of [
      [asked, told],
      [told, asked],
    ]) {
      const { story: end } = tell(story({}), order, false);
      expect(end.attempts[0]).toMatchObject({ state: "captured", capturedMinor: AMOUNT, instrument: "•••• 5098" });
    }
  });

  test("a second capture is marked, its refund is started where the processor can, else a person is asked", () => {
    const both: News[] = [0, 1].map((index) => ({
      attempt: index,
      key: String(index),
      observation: { kind: "captured" as const, money: { minor: AMOUNT, currency: "RON" } },
    }));
    const automatic = tell(story({}), both, true);
    expect(automatic.story.refunds).toMatchObject([
      { attemptId: "att_b", amountMinor: AMOUNT, origin: "paid_twice", state: "requested" },
    ]);
    const byHand = tell(story({}), both, false);
    expect(byHand.story.refunds).toEqual([]);
    expect(byHand.changes.filter((c) => c.kind === "attention").map((c) => c.row.kind)).toEqual(["paid_twice"]);
    expect(byHand.story.payments.map((p) => p.isKept)).toEqual([true, false]);
  });
});
