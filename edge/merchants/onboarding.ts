// Steps of opening an account at a processor that a person marks, in order; waits are those that the processor ends.

type Onboarding = { steps: readonly string[]; waits: ReadonlySet<string> };

export const NETOPIA_STEPS = [
  "reach_platform",
  "create_account",
  "fill_data",
  "sign_contract",
  "account_approval",
  "add_point_of_sale",
  "point_of_sale_approval",
] as const;

/** uapay.md 2. Where the money goes is given to UAPAY alone: a mark is all that is kept of it here. */
export const UAPAY_STEPS = [
  "business_account",
  "activate_shop",
  "reimbursement",
  "documents",
  "contract",
  "confirmation",
] as const;

export const ALL_STEPS = [...NETOPIA_STEPS, ...UAPAY_STEPS] as const;

const ONBOARDING: Record<string, Onboarding> = {
  netopia: { steps: NETOPIA_STEPS, waits: new Set(["account_approval", "point_of_sale_approval"]) },
  uapay: { steps: UAPAY_STEPS, waits: new Set(["confirmation"]) },
};

/** A processor's steps; none for one whose account is opened without a guide. */
export function onboardingOf(processor: string): Onboarding {
  return ONBOARDING[processor] ?? { steps: [], waits: new Set() };
}

const NUDGE_MS = 3 * 24 * 3600 * 1000;

/** Whether a wait has lasted long enough to ask about it. */
export function isOverdue(
  processor: string,
  step: { step: string; startedAt: Date | null; doneAt: Date | null },
  now: Date,
) {
  if (!step.startedAt || step.doneAt || !onboardingOf(processor).waits.has(step.step)) return false;
  return now.getTime() - step.startedAt.getTime() > NUDGE_MS;
}
