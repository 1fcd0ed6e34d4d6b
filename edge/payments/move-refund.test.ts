// Refunds by the deciding code: when they are asked about, and whose an answer is.

import { expect, test } from "vitest";
import { AMOUNT, attempt, context, story, T0 } from "../testing/histories.ts";
import { moveRefund, requestRefund } from "./move-refund.ts";
import { observe } from "./observe.ts";
import { scheduleLook, scheduleRefundLook } from "./schedule-look.ts";
import { Step, type StepContext } from "./step.ts";

const HOUR = 3_600_000;
const can = { canQuery: true, shortestLookSeconds: 5, canRefund: true, canQueryRefund: true, findsRefunds: true };

/** A step on a paid invoice. */
function paid(abilities: Partial<ReturnType<StepContext["abilitiesOf"]>> = {}) {
  const step = new Step(
    { ...story({}), attempts: [attempt("att_a")] },
    { ...context(0, { canRefund: true }), abilitiesOf: () => ({ ...can, ...abilities }) },
  );
  const [its] = step.story.attempts;
  if (!its) throw new Error("no attempt");
  observe(step, its, { kind: "captured", money: { minor: AMOUNT, currency: "RON" } }, { way: "query", key: "" });
  const ask = (amountMinor: bigint) => requestRefund(step, its, { amountMinor, reason: null, origin: "requested" });
  return { step, its, ask };
}
const later = (step: Step, milliseconds: number) =>
  new Step(step.story, { ...step.context, now: new Date(T0 + milliseconds) });
const back = (minor: bigint, reference?: string) => ({
  kind: "refund_succeeded" as const,
  money: { minor, currency: "RON" },
  ...(reference ? { reference } : {}),
});

test("what was accepted, and what nobody knows of, is asked about: soon, then hourly, after a week daily; the rest never", () => {
  const { step, ask } = paid();
  const refund = ask(4_000n);
  expect(refund.nextLookAt).toBeNull();
  moveRefund(step, refund, "call_started");
  expect(refund.nextLookAt).toBeNull();
  moveRefund(step, refund, "outcome_unknown");
  expect(refund).toMatchObject({ state: "unresolved", nextLookAt: new Date(T0 + 5_000) });
  moveRefund(step, refund, "refund_accepted");
  expect(refund).toMatchObject({ state: "accepted", nextLookAt: new Date(T0 + 5_000) });
  const dueAfter = (looks: number, at: number) =>
    (scheduleRefundLook(later(step, at), { ...refund, looks })?.getTime() ?? 0) - T0 - at;
  expect(dueAfter(1, 0)).toBe(15_000);
  expect(dueAfter(20, 48 * HOUR)).toBe(HOUR);
  expect(dueAfter(60, 8 * 24 * HOUR)).toBe(24 * HOUR);
  moveRefund(step, refund, "refund_succeeded");
  expect(refund).toMatchObject({ state: "succeeded", nextLookAt: null });
});

test("nobody is asked where nothing can be asked", () => {
  const { step, ask } = paid({ canQuery: false, canQueryRefund: false });
  const refund = ask(4_000n);
  moveRefund(step, refund, "call_started");
  moveRefund(step, refund, "outcome_unknown");
  expect(refund.nextLookAt).toBeNull();
});

test("an answer by sum that names another refund of the attempt moves nothing", () => {
  const { step, its, ask } = paid();
  const first = ask(1_000n);
  moveRefund(step, first, "call_started");
  observe(step, its, back(1_000n, "row-1"), { way: "command", key: first.id, refundId: first.id });
  const second = ask(1_000n);
  moveRefund(step, second, "call_started");
  moveRefund(step, second, "outcome_unknown");
  observe(step, its, back(1_000n, "row-1"), { way: "query", key: second.id, refundId: second.id });
  expect([first.state, second.state]).toEqual(["succeeded", "unresolved"]);
  expect(step.story.payments.map((p) => p.amountMinor)).toEqual([AMOUNT, -1_000n]);
  observe(step, its, back(1_000n, "row-2"), { way: "query", key: second.id, refundId: second.id });
  expect(second.state).toBe("succeeded");
  // The same two rows, told of the attempt: nothing is doubled.
  for (const row of ["row-1", "row-2"]) observe(step, its, back(1_000n, row), { way: "query", key: row });
  expect(step.story.refunds).toHaveLength(2);
  expect(step.story.payments.map((p) => p.amountMinor)).toEqual([AMOUNT, -1_000n, -1_000n]);
});

test("captured money is asked about while some of it could still be given back elsewhere: daily, then weekly, 90 days", () => {
  const { step, its, ask } = paid();
  const pause = (looks: number, at: number) => {
    const due = scheduleLook(later(step, at), { ...its, looks });
    return due && due.getTime() - T0 - at;
  };
  const DAY = 24 * HOUR;
  expect(its.nextLookAt).toEqual(new Date(T0 + DAY));
  expect(pause(13, 13 * DAY)).toBe(DAY);
  expect(pause(14, 14 * DAY)).toBe(7 * DAY);
  expect(pause(25, 91 * DAY)).toBeNull();
  const all = ask(AMOUNT);
  moveRefund(step, all, "refund_succeeded");
  expect(pause(0, DAY)).toBeNull();
  expect(paid({ findsRefunds: false }).its.nextLookAt).toBeNull();
});
