// One way to pay and no other: a switch that says why it cannot be moved, where that is so.
"use client";

import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { FieldFault } from "../ui/field.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { ConnectionOptions } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

export function OnlyMethod(props: {
  method: ConnectionOptions["methods"][number];
  isOn: boolean;
  extra: ConnectionOptions["only_method_extra"];
  fault: string | undefined;
  merchant: { id: string; name: string };
  support: string;
  zone: string;
  isAllowed: boolean;
  startTrial(): Promise<Outcome>;
  onChange(isOn: boolean): void;
}) {
  const { method, isOn, extra } = props;
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const isMissing = method.missing_permissions.length > 0;
  const isLocked = !extra.is_unlocked;
  // What is on can always be taken off.
  const isStuck = !isOn && (isMissing || isLocked || !method.is_at_account);
  const names = method.missing_permissions
    .map((id) => `${wordsOf(say, `connect.permissions.${id}`)} (${id})`)
    .join("; ");
  const words = { merchant: props.merchant.name, id: props.merchant.id };
  const mail = `mailto:${props.support}?${new URLSearchParams({
    subject: say("connect.askSubject"),
    body: say("connect.askBody", words),
  })
    .toString()
    .replaceAll("+", "%20")}`;
  return (
    <div className="space-y-2 rounded-xl border border-line p-4">
      <div className="flex gap-3">
        <input
          type="checkbox"
          id="only_method"
          aria-describedby={`only_method-hint${isStuck ? " only_method-why" : ""}`}
          className="tick mt-0.5"
          checked={isOn}
          disabled={isStuck}
          onChange={(event) => props.onChange(event.target.checked)}
        />
        <div className="min-w-0 space-y-1">
          <label htmlFor="only_method" className="font-semibold">
            {say(`connect.only.${method.id}.label`)}
          </label>
          <p id="only_method-hint" className="text-sm text-quiet">
            {say(`connect.only.${method.id}.hint`)}
          </p>
        </div>
      </div>
      {props.fault && <FieldFault id="only_method">{props.fault}</FieldFault>}
      <div id="only_method-why" className="space-y-2 pl-8 text-[0.9375rem] empty:hidden">
        {isMissing && <p className="text-warn">{say("connect.onlyMissing", { names })}</p>}
        {!isMissing && !method.is_at_account && <p className="text-warn">{say("connect.onlyNotThere")}</p>}
        {isLocked && (
          <>
            <Badge tone="info" icon="key">
              {say("connect.lockedTitle")}
            </Badge>
            {extra.trial_days !== null && <p>{say("connect.locked", { days: extra.trial_days })}</p>}
            {extra.trial_days === null && extra.until && (
              <p>{say("connect.trialOver", { until: formatMoment(extra.until, locale, props.zone) })}</p>
            )}
            <p className="flex flex-wrap items-center gap-2">
              {extra.trial_days !== null && props.isAllowed && (
                <Button
                  isSmall
                  isBusy={isBusy}
                  onClick={() => run(() => props.startTrial(), { done: say("connect.trialStarted") })}
                >
                  {say("connect.startTrial")}
                </Button>
              )}
              <a className="link" href={mail}>
                {say("connect.askTrial")}
              </a>
            </p>
          </>
        )}
        {!isLocked && extra.until && (
          <p className="text-quiet">
            {say("connect.trialUntil", { until: formatMoment(extra.until, locale, props.zone) })}
          </p>
        )}
      </div>
      <details className="pl-8 text-sm">
        <summary className="cursor-pointer text-accent">{say("connect.more")}</summary>
        <p className="pt-1 text-quiet">{say("connect.moreText")}</p>
      </details>
    </div>
  );
}
