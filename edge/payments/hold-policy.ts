// What happens with held money that nobody decided on: shortly before its hold ends the merchant's policy is carried out by
// the clock, through the same commands that a person presses. Which policy holds is read at that moment, not before.

import { and, asc, eq, isNotNull, lte } from "drizzle-orm";
import { attempts, connections, merchants } from "../../db/schema/index.ts";
import type { HoldPolicy } from "../../db/schema/merchants.ts";
import type { Context } from "../context.ts";
import { captureAuthorization, voidAuthorization } from "./hold-commands.ts";
import type { HoldRefusal } from "./hold-steps.ts";
import { takeStep } from "./transition.ts";

/** What could not be reached or has no known end yet is tried again after this, as long as the hold lasts. */
const AGAIN_MS = 30 * 60_000;

export type DueHold = {
  id: string;
  merchantId: string;
  invoiceId: string;
  until: Date | null;
  ofMerchant: HoldPolicy;
  ofConnection: HoldPolicy | null;
};

/** Holds whose policy is due, the most urgent first. */
export function dueHoldPolicies({ db, now }: Context, limit: number): Promise<DueHold[]> {
  return db
    .select({
      id: attempts.id,
      merchantId: attempts.merchantId,
      invoiceId: attempts.invoiceId,
      until: attempts.holdUntil,
      ofMerchant: merchants.holdPolicy,
      ofConnection: connections.holdPolicy,
    })
    .from(attempts)
    .innerJoin(merchants, eq(merchants.id, attempts.merchantId))
    .innerJoin(
      connections,
      and(eq(connections.merchantId, attempts.merchantId), eq(connections.id, attempts.connectionId)),
    )
    .where(and(isNotNull(attempts.holdPolicyAt), lte(attempts.holdPolicyAt, now)))
    .orderBy(asc(attempts.holdPolicyAt))
    .limit(limit);
}

/** Which policy holds for a connection: its own, else the merchant's. */
export function policyOf(of: { ofMerchant: HoldPolicy; ofConnection: HoldPolicy | null }): HoldPolicy {
  return of.ofConnection ?? of.ofMerchant;
}

/** Reads which policy holds for each connection of a merchant. One round trip. */
export async function holdPoliciesOf(
  { db }: Context,
  merchantId: string,
): Promise<(connectionId: string) => HoldPolicy> {
  const rows = await db
    .select({ id: connections.id, ofMerchant: merchants.holdPolicy, ofConnection: connections.holdPolicy })
    .from(connections)
    .innerJoin(merchants, eq(merchants.id, connections.merchantId))
    .where(eq(connections.merchantId, merchantId));
  return (connectionId) => {
    const row = rows.find((one) => one.id === connectionId);
    return row ? policyOf(row) : "ask";
  };
}

/** Whether a failed try is worth another one: nothing is decided yet. */
function isOpen(refusal: HoldRefusal): boolean {
  if (typeof refusal === "string") return refusal === "hold_command_running" || refusal === "hold_outcome_unknown";
  return refusal.fault.kind === "unreachable" || refusal.fault.kind === "rate_limited";
}

/** Carries out the policy of one hold; a policy that cannot be carried out is put before a person. */
export async function carryOutHoldPolicy(context: Context, due: DueHold): Promise<void> {
  const { now } = context;
  const policy = policyOf(due);
  const again = new Date(now.getTime() + AGAIN_MS);
  // Its line comes before the call, and the next time is noted first: a crash in between loses neither.
  const isHeld = await takeStep(context.db, context.stepBy("system"), due, (step) => {
    const attempt = step.story.attempts.find((a) => a.id === due.id);
    if (!attempt?.holdPolicyAt || attempt.holdPolicyAt > now) return false;
    const holds = attempt.state === "authorized" && policy !== "ask";
    step.patchAttempt(attempt, { holdPolicyAt: holds && due.until && again < due.until ? again : null });
    const until = due.until?.toISOString() ?? null;
    if (holds) step.event("attempt.hold_policy", { policy, until }, { attemptId: attempt.id });
    return holds;
  });
  if (!isHeld) return;
  const input = { merchantId: due.merchantId, invoiceId: due.invoiceId, attemptId: due.id, actor: "system" };
  const result = await (policy === "capture"
    ? captureAuthorization(context, input)
    : voidAuthorization(context, input));
  if (result.ok) return;
  const why = result.error;
  if (isOpen(why) && due.until && again < due.until) return;
  await takeStep(context.db, context.stepBy("system"), due, (step) => {
    const attempt = step.story.attempts.find((a) => a.id === due.id);
    if (attempt?.state !== "authorized") return;
    step.patchAttempt(attempt, { holdPolicyAt: null });
    step.attention(
      "hold_policy_failed",
      {
        policy,
        why: typeof why === "string" ? why : why.fault.kind,
        text: typeof why === "string" ? null : why.fault.detail,
      },
      { attemptId: attempt.id, days: 0.25 },
    );
  });
}
