// The three switches of a point of sale, each on its own; a change is saved at once.
"use client";

import { useOptimistic } from "react";
import { useHydrated } from "../ui/hydrated.ts";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

const OPTIONS = ["card_on_all_invoices", "fiscal_from_proforma", "record_collection"] as const;
type Option = (typeof OPTIONS)[number];

export function OptionSwitches(props: {
  shop: PointOfSale;
  isAllowed: boolean;
  change(id: string, patch: Partial<Record<Option, boolean>>): Promise<Outcome>;
}) {
  const { shop } = props;
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [shown, show] = useOptimistic<PointOfSale, Partial<PointOfSale>>(shop, (now, patch) => ({ ...now, ...patch }));
  const set = (option: Option, isOn: boolean) =>
    run(
      () => {
        show({ [option]: isOn });
        return props.change(shop.id, { [option]: isOn });
      },
      { done: say(isOn ? "options.on" : "options.off", { option: say(`options.${option}.label`) }) },
    );
  return (
    <ul className="divide-y divide-line">
      {OPTIONS.map((option) => (
        <li key={option} className="flex gap-3 py-4 first:pt-0 last:pb-0">
          <input
            type="checkbox"
            id={option}
            aria-describedby={`${option}-text ${option}-hint`}
            className="tick mt-0.5"
            checked={shown[option]}
            disabled={!isReady || !props.isAllowed || isBusy}
            onChange={(event) => set(option, event.target.checked)}
          />
          <div className="min-w-0">
            <label htmlFor={option} className="font-semibold">
              {say(`options.${option}.label`)}
            </label>
            <p id={`${option}-text`} className="text-[0.9375rem] text-quiet">
              {say(`options.${option}.text`)}
            </p>
            <p id={`${option}-hint`} className="text-[0.9375rem] text-accent">
              {say(`options.${option}.hint`)}
            </p>
          </div>
        </li>
      ))}
    </ul>
  );
}
