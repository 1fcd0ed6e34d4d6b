// What the end of a call may do to a hold of which something else has been asked since.

import { expect, test } from "vitest";
import { context, story } from "../testing/histories.ts";
import { settleCommand } from "./hold-command-row.ts";
import { askOfHold, endHoldCall } from "./hold-steps.ts";
import { observe } from "./observe.ts";
import { Step } from "./step.ts";
import type { Attempt } from "./story.ts";

const ATTEMPT = "att_a";
const MONEY = { minor: 10_000n, currency: "RON" };

/** A hold whose first capture was cut off and not done, and whose second is under way. */
function askedTwice() {
  let turn = 0;
  const start = story({});
  // Two minutes each: a call is believed dead after as much.
  const next = () => new Step(start, context(4 * turn++, { holds: "parts" }));
  const held = () => start.attempts.find((a) => a.id === ATTEMPT) as Attempt;
  const ask = () => {
    const asked = askOfHold(next(), { attemptId: ATTEMPT, verb: "capture" });
    if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    return { ...asked.value };
  };
  observe(next(), held(), { kind: "authorized", money: MONEY }, { way: "notification", key: "1" });
  const first = ask();
  expect(askOfHold(next(), { attemptId: ATTEMPT, verb: "void" })).toMatchObject({ error: "hold_command_running" });
  settleCommand(next(), held(), true);
  return { next, held, first, second: ask() };
}

test("a call that ends badly after another was begun leaves the other one alone", () => {
  for (const kind of ["rejected", "outcome_unknown"] as const) {
    const { next, held, first } = askedTwice();
    const ended = endHoldCall(next(), first, { ok: false, error: { kind, detail: "late" } });
    expect(ended.ok).toBe(false);
    expect(held()).toMatchObject({ state: "authorized", commandState: "begun" });
  }
});

test("a call that ends well after another was begun took the money, once", () => {
  const { next, held, first, second } = askedTwice();
  const captured = [{ kind: "captured" as const, money: MONEY }];
  endHoldCall(next(), first, { ok: true, value: captured });
  expect(held()).toMatchObject({ state: "captured", commandState: "done" });
  const last = next();
  endHoldCall(last, second, { ok: true, value: captured });
  expect(last.story.payments.map((p) => p.amountMinor)).toEqual([10_000n]);
});

test("a call that never reached the processor is told as that; a refusal keeps the processor's own code", () => {
  for (const [fault, code] of [
    [{ kind: "unreachable", detail: "timed_out" }, "not_reached"],
    [{ kind: "rejected", detail: "No", processorCode: "51" }, "51"],
    [{ kind: "rejected", detail: "No" }, null],
  ] as const) {
    const { next, held, second } = askedTwice();
    endHoldCall(next(), second, { ok: false, error: fault });
    expect(held()).toMatchObject({ commandState: "refused", commandCode: code, commandText: fault.detail });
  }
});
