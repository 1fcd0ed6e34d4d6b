// A guide that first asks which case applies, and then shows that branch alone.
import Link from "next/link";
import type { ReactNode } from "react";
import { Notice } from "../ui/notice.tsx";
import { GuideSteps } from "./guide-steps.tsx";
import { CASES, GUIDE_CASES, type GuideCase } from "./guides.ts";
import { OnboardingSteps } from "./onboarding-steps.tsx";
import type { Outcome } from "./outcome.ts";
import type { Say } from "./say.ts";
import type { OnboardingStep } from "./shapes.ts";

export function GuideCases(props: {
  say: Say;
  processor: string;
  zone: string;
  chosen: GuideCase | null;
  hrefOf(chosen: GuideCase): string;
  onboarding: OnboardingStep[];
  canMark: boolean;
  mark(step: string, state: "open" | "started" | "done"): Promise<Outcome>;
  /** The way to the processor's own pages. */
  admin: ReactNode;
}) {
  const { say, processor, chosen } = props;
  return (
    <div className="space-y-5">
      <nav aria-labelledby="guide-case" className="space-y-2">
        <p id="guide-case" className="font-semibold">
          {say(`guides.${processor}.question`)}
        </p>
        <div className="grid gap-2 sm:grid-cols-2">
          {CASES.map((one) => (
            <Link
              key={one}
              href={props.hrefOf(one)}
              prefetch={false}
              scroll={false}
              aria-current={one === chosen ? "true" : undefined}
              className={`block rounded-xl border px-4 py-3 hover:border-accent ${one === chosen ? "border-accent bg-accent-soft" : "border-line-strong"}`}
            >
              <span className="block font-semibold">{say(`guides.${processor}.cases.${one}.title`)}</span>
              <span className="block text-sm text-quiet">{say(`guides.${processor}.cases.${one}.text`)}</span>
            </Link>
          ))}
        </div>
      </nav>
      {chosen === "new" && (
        <section aria-labelledby="opening" className="space-y-3" data-branch="new">
          <h3 id="opening" className="font-semibold">
            {say(`guides.${processor}.opening`)}
          </h3>
          <OnboardingSteps
            processor={processor}
            steps={props.onboarding}
            zone={props.zone}
            canMark={props.canMark}
            mark={props.mark}
            extras={{
              business_account: props.admin,
              reimbursement: (
                <Notice tone="info">
                  <p>{say(`guides.${processor}.noCard`)}</p>
                </Notice>
              ),
            }}
          />
        </section>
      )}
      {chosen && (
        <section
          aria-labelledby="then"
          className="space-y-3"
          data-branch={chosen === "existing" ? "existing" : undefined}
        >
          <h3 id="then" className="font-semibold">
            {say(chosen === "new" ? "connect.thenConnect" : "connect.guide")}
          </h3>
          <GuideSteps
            say={say}
            processor={processor}
            steps={GUIDE_CASES[processor]?.[chosen] ?? []}
            extras={{ sign_in: props.admin }}
          />
        </section>
      )}
    </div>
  );
}
