// Checks a connection without moving money: each step with its result, and what to do next.
"use client";

import { Button } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Connection } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

const LOOKS: Record<string, [IconName, string]> = {
  passed: ["check", "text-good"],
  failed: ["cross", "text-bad"],
  needs_person: ["search", "text-warn"],
  skipped: ["minus", "text-quiet"],
};

export function ConnectionCheck(props: {
  connection: Connection;
  zone: string;
  isAllowed: boolean;
  check(id: string): Promise<Outcome>;
  tellPageSeen(id: string, seen: boolean): Promise<Outcome>;
}) {
  const { connection, zone } = props;
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const steps = connection.last_check?.steps ?? [];
  const hasFailed = steps.some((step) => step.outcome === "failed");
  const asksPerson = !hasFailed && steps.some((step) => step.outcome === "needs_person");
  return (
    <div className="space-y-4">
      <p className="text-[0.9375rem] text-quiet">{say("check.text")}</p>
      {connection.status === "verified" && connection.verified_at && (
        <Notice tone="good">
          {say("check.verifiedAt", { at: formatMoment(connection.verified_at, locale, zone) })}
        </Notice>
      )}
      {connection.status === "waiting_for_approval" && (
        <Notice tone="warn" title={say("check.waitingTitle")}>
          <p>{say("check.waitingText")}</p>
        </Notice>
      )}
      {connection.status === "unverified" && <Notice tone="info">{say("check.notLive")}</Notice>}
      {steps.length > 0 && (
        <ol className="divide-y divide-line rounded-xl border border-line" aria-label={say("check.steps")}>
          {steps.map((step) => {
            const [icon, ink] = LOOKS[step.outcome] ?? ["minus", "text-quiet"];
            const helpKey = `check.help.${step.id}`;
            return (
              <li key={step.id} className="flex gap-3 px-4 py-3" data-check={step.id} data-outcome={step.outcome}>
                <Icon name={icon} className={`mt-0.5 ${ink}`} />
                <div className="min-w-0">
                  <p className="font-medium">
                    {wordsOf(say, `check.names.${step.id}`)}
                    <span className={`ml-2 text-sm font-semibold ${ink}`}>{say(`check.outcomes.${step.outcome}`)}</span>
                  </p>
                  {step.outcome === "failed" && (
                    <p className="text-sm">
                      {step.detail && say.has(`faults.${step.detail}`)
                        ? say(`faults.${step.detail}`)
                        : say.has(helpKey)
                          ? say(helpKey)
                          : ""}
                    </p>
                  )}
                  {step.outcome === "failed" && step.detail && !say.has(`faults.${step.detail}`) && (
                    <p className="text-sm text-quiet [overflow-wrap:anywhere]">
                      {say("check.detail", { text: step.detail })}
                    </p>
                  )}
                </div>
              </li>
            );
          })}
        </ol>
      )}
      {connection.last_check && (
        <p className="text-sm text-quiet">
          {say("check.lastAt", { at: formatMoment(connection.last_check.at, locale, zone) })}
        </p>
      )}
      {props.isAllowed && asksPerson && (
        <div className="space-y-3 rounded-xl border border-warn/40 bg-warn-soft p-4">
          <p className="font-semibold">{say("check.personTitle")}</p>
          <p className="text-[0.9375rem]">{say("check.personText")}</p>
          <form action="/integrations/netopia/open-page" method="post" target="_blank" rel="noopener">
            <input type="hidden" name="connection" value={connection.id} />
            <button type="submit" className="button">
              <Icon name="external" size={16} />
              {say("check.openPage")}
            </button>
          </form>
          <div className="flex flex-wrap items-center gap-2">
            <span className="font-medium">{say("check.seen")}</span>
            <Button
              isSmall
              look="primary"
              isBusy={isBusy}
              onClick={() => run(() => props.tellPageSeen(connection.id, true), { done: say("check.seenYesDone") })}
            >
              {say("check.seenYes")}
            </Button>
            <Button
              isSmall
              isBusy={isBusy}
              onClick={() => run(() => props.tellPageSeen(connection.id, false), { done: say("check.seenNoDone") })}
            >
              {say("check.seenNo")}
            </Button>
          </div>
        </div>
      )}
      {props.isAllowed && (
        <Button isBusy={isBusy} onClick={() => run(() => props.check(connection.id), { done: say("check.ran") })}>
          <Icon name="check" />
          {say("check.run")}
        </Button>
      )}
    </div>
  );
}
