// Held money with everything that belongs to its decision: how much, since when and until when, what happens if nobody
// decides, what came of the last try, and Confirm and Cancel in place. What the processor does not offer is said instead.
"use client";

import { useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { heldFor } from "./held-for.ts";
import type { HoldFacts } from "./hold-facts.ts";
import { HoldNote } from "./hold-note.tsx";
import { formatShortMoment } from "./moment.ts";
import { CancelDialog, CaptureDialog } from "./money-back.tsx";
import { wordsOf } from "./states.tsx";
import { useLanguage, useSay } from "./use-say.ts";
import { whyUndone } from "./why-undone.ts";

type Props = {
  held: HoldFacts;
  zone: string;
  /** The server's clock when the page was made: an age must not depend on the reader's. */
  now: string;
  canAct: boolean;
  adminUrl?: string | undefined;
  commands: AttemptCommands;
  /** In a row that shows the sum itself. */
  isPlain?: boolean;
  /** What can be pressed alone: the rest stands elsewhere on the page. */
  isBare?: boolean;
};

export function HoldBox({ held, zone, now, canAct, adminUrl, commands, isPlain, isBare }: Props) {
  const say = useSay();
  const locale = useLanguage();
  const [open, setOpen] = useState<"capture" | "cancel" | null>(null);
  const { command } = held;
  const isAsked = command?.state === "begun" || command?.state === "unknown";
  const close = () => setOpen(null);
  return (
    <section className="space-y-3" aria-label={say("holds.title")} data-hold={held.attempt_id}>
      {!isBare && (
        <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
          {!isPlain && (
            <div className="flex flex-wrap gap-x-2">
              <dt className="text-quiet">{say("holds.sum")}</dt>
              <dd className="font-semibold">{formatMoney(held.amount, locale)}</dd>
            </div>
          )}
          <div className="flex flex-wrap gap-x-2">
            <dt className="text-quiet">{say("holds.age")}</dt>
            <dd className="font-medium">{heldFor(say, (Date.parse(now) - Date.parse(held.held_at)) / 1000)}</dd>
          </div>
          <div className="sm:col-span-2">
            <dt className="sr-only">{say("holds.end")}</dt>
            <dd>
              <HoldNote say={say} locale={locale} zone={zone} hold={held.hold} />
            </dd>
          </div>
          {held.plan && (
            <div className="sm:col-span-2">
              <dt className="sr-only">{say("holds.plan")}</dt>
              <dd className="text-quiet">
                {say(`holds.plans.${held.plan.does}`, { at: formatShortMoment(held.plan.at, locale, zone) })}
              </dd>
            </div>
          )}
        </dl>
      )}
      {!isBare && command?.state === "refused" && command.code !== "overtaken" && (
        <div role="alert" className="rounded-lg border border-bad/40 bg-bad-soft px-3 py-2 text-sm">
          <p className="font-semibold text-bad">
            {say(`holds.refused.${command.verb}`, { at: formatShortMoment(command.at, locale, zone) })}
          </p>
          <p>
            {whyUndone(say, command.code, held.processor) ??
              (command.text
                ? say("holds.theySay", {
                    processor: wordsOf(say, `processors.${held.processor}`),
                    text: command.text,
                  })
                : say("holds.notDone"))}
          </p>
        </div>
      )}
      {isAsked && (
        <p role="status" className="flex items-start gap-2 text-sm">
          <Icon name="clock" size={16} className="mt-0.5 shrink-0" />
          {say(`holds.asked.${command.state}.${command.verb}`)}
        </p>
      )}
      {canAct && (
        <div className="flex flex-wrap items-center gap-2">
          {held.can_capture && (
            <Button isSmall look="primary" onClick={() => setOpen("capture")}>
              <Icon name="check" size={16} />
              {say("holds.confirm")}
            </Button>
          )}
          {held.can_void && (
            <Button isSmall look="danger" onClick={() => setOpen("cancel")}>
              <Icon name="cross" size={16} />
              {say("holds.cancel")}
            </Button>
          )}
          {!isAsked && !(held.can_capture && held.can_void) && (
            <p className="text-sm text-quiet">
              {say(held.can_capture ? "holds.cannotCancel" : "attempts.holdInConsole")}{" "}
              {adminUrl && !held.can_capture && (
                <a className="link" href={adminUrl} target="_blank" rel="noopener">
                  {say("attempts.openConsole")}
                </a>
              )}
            </p>
          )}
        </div>
      )}
      {open === "capture" && <CaptureDialog held={held} commands={commands} onClose={close} />}
      {open === "cancel" && <CancelDialog held={held} commands={commands} onClose={close} />}
    </section>
  );
}
