// The numbered steps of a processor's guide.
import type { ReactNode } from "react";
import type { Say } from "./say.ts";

export function GuideSteps(props: {
  say: Say;
  processor: string;
  steps: readonly string[];
  /** What stands under a step besides its words. */
  extras?: Record<string, ReactNode>;
}) {
  const { say, processor } = props;
  return (
    <ol className="space-y-4">
      {props.steps.map((step, at) => (
        <li key={step} className="flex gap-3" data-step={step}>
          <span
            aria-hidden="true"
            className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-sm font-bold text-accent"
          >
            {at + 1}
          </span>
          <div className="min-w-0 space-y-1">
            <h3 className="font-semibold">{say(`guides.${processor}.${step}.title`)}</h3>
            <p className="text-[0.9375rem] text-quiet">{say(`guides.${processor}.${step}.text`)}</p>
            {props.extras?.[step]}
          </div>
        </li>
      ))}
    </ol>
  );
}
