// The vocabulary of the merchant's own statuses: which outcome may follow which, and that no history leaves the diagram.

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Observation } from "../processors/contract.ts";
import { AMOUNT, anyNews, context, story } from "../testing/histories.ts";
import { observe } from "./observe.ts";
import { noteWentWrong } from "./own-status.ts";
import { OUTCOME_TABLE, OUTCOMES, type Outcome } from "./states.ts";
import { Step } from "./step.ts";
import type { Story } from "./story.ts";

type Stage = Outcome | "none";
const STAGES: Stage[] = ["none", ...OUTCOMES];

/** The diagram as people draw it: from, and what may come next. Written out again here, not read from the table. */
const LEGAL: Record<Stage, Stage[]> = {
  none: ["held", "paid", "partly_paid", "rejected", "cancelled"],
  held: ["paid", "partly_paid", "rejected", "cancelled"],
  rejected: ["held", "paid", "partly_paid", "cancelled"],
  cancelled: ["held", "paid", "partly_paid", "rejected"],
  partly_paid: ["held", "paid", "refunded", "partly_refunded"],
  paid: ["refunded", "partly_refunded"],
  partly_refunded: ["held", "paid", "refunded"],
  refunded: ["held", "paid", "partly_refunded"],
};

const stageOf = (of: Story): Stage => of.invoice.outcome ?? "none";

/** Tells a history and gives every move that it made. */
function moves(
  news: { attempt: number; observation: Observation; key: string; byPerson: boolean }[],
): [Stage, Stage][] {
  const made: [Stage, Stage][] = [];
  let present = story({});
  for (const [at, { attempt, observation, key, byPerson }] of news.entries()) {
    const step = new Step(structuredClone(present), {
      ...context(at),
      actor: byPerson ? "member:mem_1" : "processor:any",
    });
    // Within a step several moves may follow each other: each is a patch.
    let stage = stageOf(present);
    const its = step.story.attempts[attempt];
    if (its) observe(step, its, observation, { way: byPerson ? "command" : "notification", key });
    for (const change of step.changes) {
      if (change.kind !== "invoice" || !change.patch.outcome) continue;
      made.push([stage, change.patch.outcome]);
      stage = change.patch.outcome;
    }
    present = step.story;
  }
  return made;
}

describe("[H23] the vocabulary of an invoice's status", () => {
  test("[H23] has the moves of the diagram and no others", () => {
    for (const from of STAGES) {
      const possible = [...new Set(Object.values(OUTCOME_TABLE[from]))].filter((to) => to !== from);
      expect(possible.sort(), from).toEqual([...LEGAL[from]].sort());
    }
  });

  test("[H23] whatever is told in whatever order, by processors and people, only legal moves are made, and each is made once", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyNews(24), fc.array(fc.boolean(), { minLength: 28, maxLength: 28 }), (told, byPerson) => {
        for (const [from, to] of moves(told.map((news, at) => ({ ...news, byPerson: byPerson[at] ?? false })))) {
          expect(LEGAL[from], `${from} → ${to}`).toContain(to);
          seen.add(`${from}>${to}`);
        }
      }),
      { numRuns: 5000 },
    );
    // The diagram is no fiction either: what it draws first does happen.
    for (const move of ["none>held", "held>paid", "held>rejected", "held>cancelled", "paid>refunded", "cancelled>paid"])
      expect([...seen]).toContain(move);
  });

  test("[H23] paid is never rejected or cancelled, and what a person refused is not paid by itself", () => {
    expect(LEGAL.paid).toEqual(["refunded", "partly_refunded"]);
    expect(Object.values(OUTCOME_TABLE.paid)).not.toContain("rejected");
    expect(Object.values(OUTCOME_TABLE.paid)).not.toContain("cancelled");
  });
});

describe("the step that changes the money sets the status", () => {
  const tell = (
    present: Story,
    observation: Observation,
    actor = "processor:any",
    way: "command" | "notification" = "notification",
  ) => {
    const step = new Step(present, { ...context(0, { canRefund: true }), actor });
    const [its] = step.story.attempts;
    if (its) observe(step, its, observation, { way, key: observation.kind });
    return step;
  };
  const money = { minor: AMOUNT, currency: "RON" };

  test("captured: the status of 'paid' in the same step as the sum", () => {
    const step = tell(story({}), { kind: "captured", money });
    const patch = Object.assign({}, ...step.changes.flatMap((c) => (c.kind === "invoice" ? [c.patch] : [])));
    expect(patch).toMatchObject({ state: "paid", paidMinor: AMOUNT, outcome: "paid", ownStatusId: "ost_paid" });
    const lines = step.changes.flatMap((c) =>
      c.kind === "event" && c.row.type === "invoice.own_status_set" ? [c.row.data] : [],
    );
    expect(lines).toEqual([{ outcome: "paid", own_status: { id: "ost_paid", name: "paid", tone: "plain" } }]);
  });

  test("a hold let go by a person is rejected with who pressed, whichever news comes first; let go by itself it went wrong", () => {
    const held = () => tell(story({}), { kind: "authorized", money }).story;
    const pressed = tell(held(), { kind: "voided" }, "member:mem_7", "command").story.invoice;
    expect(pressed).toMatchObject({ outcome: "rejected", outcomeBy: "member:mem_7" });
    const told = tell(held(), { kind: "voided" }).story;
    expect(told.invoice).toMatchObject({ outcome: "cancelled", outcomeReason: "hold_ended" });
    expect(tell(told, { kind: "voided" }, "member:mem_7", "command").story.invoice).toMatchObject({
      outcome: "rejected",
      outcomeBy: "member:mem_7",
      outcomeReason: null,
    });
  });

  test("an outcome without a chosen status leaves the status that is there, and writes no line", () => {
    const start = story({});
    start.ownStatuses = start.ownStatuses.filter(({ outcome }) => outcome === "paid");
    const paid = tell(start, { kind: "captured", money }).story;
    const back = tell(paid, { kind: "refund_succeeded", money, reference: "r" });
    expect(back.story.invoice).toMatchObject({ outcome: "refunded", ownStatusId: "ost_paid" });
    expect(back.changes.some((c) => c.kind === "event" && c.row.type === "invoice.own_status_set")).toBe(false);
  });

  test("a decline is kept with its reason, the newest one; money or a hold is not undone by it", () => {
    const declined = tell(story({}), { kind: "declined", declineReason: "insufficient_funds" }).story;
    expect(declined.invoice).toMatchObject({
      outcome: "cancelled",
      outcomeReason: "insufficient_funds",
      ownStatusId: "ost_cancelled",
    });
    const held = tell(story({}), { kind: "authorized", money });
    noteWentWrong(held, "declined");
    expect(held.story.invoice.outcome).toBe("held");
  });
});
