// The guide's steps, each of which can be marked begun or done; waits say since when, and ask after a while.
"use client";

import type { ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { formatShortMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { OnboardingStep } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

export type StepsProps = {
  processor: string;
  steps: OnboardingStep[];
  zone: string;
  canMark: boolean;
  /** What stands under a step besides its words. */
  extras: Record<string, ReactNode>;
  mark(step: string, state: "open" | "started" | "done"): Promise<Outcome>;
};

export function OnboardingSteps(props: StepsProps) {
  return (
    <ol className="divide-y divide-line">
      {props.steps.map((step, index) => (
        <Step key={step.step} {...props} step={step} number={index + 1} />
      ))}
    </ol>
  );
}

function Step({
  processor,
  step,
  number,
  zone,
  canMark,
  extras,
  mark,
}: StepsProps & { step: OnboardingStep; number: number }) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const isDone = step.done_at !== null;
  const isWait = step.is_wait;
  const name = say(`onboarding.${step.step}.title`);
  return (
    <li className="flex gap-4 py-4 first:pt-0 last:pb-0" data-step={step.step}>
      <span
        className={`grid size-8 shrink-0 place-items-center rounded-full text-sm font-bold ${isDone ? "bg-good text-on-accent" : "bg-sunken text-quiet"}`}
      >
        {isDone ? <Icon name="check" size={17} /> : number}
      </span>
      <div className="min-w-0 flex-1 space-y-2">
        <div>
          <p className="font-semibold">{name}</p>
          <p className="text-[0.9375rem] text-quiet">{say(`onboarding.${step.step}.text`)}</p>
        </div>
        {extras[step.step]}
        {step.done_at && (
          <p className="text-sm font-medium text-good">
            {say("onboarding.doneAt", { at: formatShortMoment(step.done_at, locale, zone) })}
          </p>
        )}
        {!isDone && step.started_at && (
          <p className="text-sm text-quiet">
            {say(isWait ? "onboarding.waitsSince" : "onboarding.begunAt", {
              at: formatShortMoment(step.started_at, locale, zone),
            })}
          </p>
        )}
        {step.is_overdue && (
          <Notice tone="warn" title={say("onboarding.overdueTitle")}>
            <p>{say("onboarding.overdueText", { processor: wordsOf(say, `processors.${processor}`) })}</p>
          </Notice>
        )}
        {canMark && (
          <div className="flex flex-wrap gap-2">
            {!isDone && !step.started_at && (
              <Button
                isSmall
                isBusy={isBusy}
                aria-label={say("onboarding.beginOf", { step: name })}
                onClick={() => run(() => mark(step.step, "started"), { done: say("onboarding.marked") })}
              >
                {say(isWait ? "onboarding.beginWait" : "onboarding.begin")}
              </Button>
            )}
            {isDone ? (
              <Button
                isSmall
                look="quiet"
                isBusy={isBusy}
                aria-label={say("onboarding.undoOf", { step: name })}
                onClick={() => run(() => mark(step.step, "open"), { done: say("onboarding.marked") })}
              >
                {say("onboarding.undo")}
              </Button>
            ) : (
              <Button
                isSmall
                isBusy={isBusy}
                aria-label={say("onboarding.doneOf", { step: name })}
                onClick={() => run(() => mark(step.step, "done"), { done: say("onboarding.marked") })}
              >
                <Icon name="check" size={16} />
                {say("onboarding.done")}
              </Button>
            )}
          </div>
        )}
      </div>
    </li>
  );
}
