// What can be done with an attempt beside deciding on its hold: ask the processor now, give money back, enter what was given
// back outside. The same on the attempt's card and on the timeline.
"use client";

import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { useToast } from "../ui/toast.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { ManualRefundDialog, RefundDialog } from "./money-back.tsx";
import type { Attempt, Refund } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

const LOOK_WORDS = {
  answered: "attempts.lookAnswered",
  cannot_ask: "attempts.lookCannot",
  fault: "attempts.lookFault",
} as const;
const SETTLED = ["captured", "declined", "expired", "voided"];
/** While one of ours is being sent, another one waits: a second press would be a second refund. */
const UNDER_WAY = ["requested", "sent"];

type Props = {
  attempt: Attempt;
  refunds: Refund[];
  canLook: boolean;
  canRefund: boolean;
  adminUrl?: string | undefined;
  commands: AttemptCommands;
  className?: string;
};

export function AttemptActions({ attempt, refunds, commands, className = "", ...props }: Props) {
  const say = useSay();
  const toast = useToast();
  const { run, isBusy } = useCommand();
  const [open, setOpen] = useState<"refund" | "manual" | null>(null);
  const hasMoney = attempt.captured.minor > 0;
  // A refund without an end, and money given back at the processor, are found by asking too.
  const canLook = props.canLook && (!SETTLED.includes(attempt.state) || (hasMoney && attempt.can_look));
  const isLeft = props.canRefund && attempt.refundable.minor > 0;
  const isPending = refunds.some((one) => one.attempt_id === attempt.id && UNDER_WAY.includes(one.state));
  const isSending = props.canRefund && isPending;
  if (!canLook && !isLeft && !isSending) return null;
  return (
    <div className={`flex flex-wrap items-center gap-2 ${className}`}>
      {canLook && (
        <Button
          isSmall
          isBusy={isBusy}
          onClick={() =>
            run(() => commands.look(attempt.id), {
              onDone: (value) => toast({ text: say(LOOK_WORDS[value.outcome]), isBad: value.outcome === "fault" }),
            })
          }
        >
          <Icon name="search" size={16} />
          {say("attempts.look")}
        </Button>
      )}
      {((isLeft && attempt.can_refund) || isSending) && (
        <Button isSmall disabled={isPending} onClick={() => setOpen("refund")}>
          <Icon name="refund" size={16} />
          {say(isPending ? "refunds.pending" : "attempts.refund")}
        </Button>
      )}
      {isLeft && (
        <Button isSmall look="quiet" onClick={() => setOpen("manual")}>
          {say("money.manual")}
        </Button>
      )}
      {isLeft && !attempt.can_refund && (
        <p className="text-sm text-quiet">
          {say("attempts.refundInConsole")}{" "}
          {props.adminUrl && (
            <a className="link" href={props.adminUrl} target="_blank" rel="noopener">
              {say("attempts.openConsole")}
            </a>
          )}
        </p>
      )}
      {open === "refund" && <RefundDialog attempt={attempt} commands={commands} onClose={() => setOpen(null)} />}
      {open === "manual" && <ManualRefundDialog attempt={attempt} commands={commands} onClose={() => setOpen(null)} />}
    </div>
  );
}
