// One refund: what it is, what its state means, how it came, who decided, the payer's ticket, and what can be done with it.
"use client";

import { useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { formatMoment, formatShortMoment } from "./moment.ts";
import { RefundEndDialog } from "./money-back.tsx";
import type { Refund } from "./shapes.ts";
import { StateBadge, wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Props = {
  refund: Refund;
  zone: string;
  /** Who reads it, as it stands in `requested_by`. */
  actor: string;
  canRefund: boolean;
  canApprove: boolean;
  commands: AttemptCommands;
};

const UNSENT = ["requested", "not_sent"];

export function RefundRow({ refund, zone, actor, canRefund, canApprove, commands }: Props) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const [open, setOpen] = useState<"refuse" | "giveUp" | null>(null);
  const isWaiting = refund.state === "awaiting_approval";
  const isOwn = refund.requested_by === actor;
  const mayDecide = isWaiting && canApprove && !isOwn;
  const mayGiveUp = canRefund && (isWaiting || refund.state === "not_sent");
  return (
    <li className="space-y-2 border-b border-line px-4 py-3 text-sm last:border-b-0" data-refund={refund.id}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StateBadge say={say} of="refund" state={refund.state} />
        <span className="font-semibold">{formatMoney({ ...refund.amount, minor: -refund.amount.minor }, locale)}</span>
        {refund.origin !== "requested" && (
          <Badge tone="plain" icon="search">
            {say(`refunds.origin.${refund.origin}`)}
          </Badge>
        )}
        <time dateTime={refund.created_at} className="ml-auto text-quiet">
          {formatMoment(refund.created_at, locale, zone)}
        </time>
      </div>
      <p className="text-quiet">{say(`legends.refund.${refund.state}`)}</p>
      {refund.reason && (
        <p>{say("refunds.why", { text: refund.reason === "paid_twice" ? say("refunds.paidTwice") : refund.reason })}</p>
      )}
      {refund.decision?.note && <p>{say("refunds.note", { text: refund.decision.note })}</p>}
      {refund.processor_text?.trim() && ["failed", "not_sent"].includes(refund.state) && (
        <p>
          {say("attempts.processorSays", { code: refund.processor_code ?? "–" })} „{refund.processor_text.trim()}”
        </p>
      )}
      {(refund.bank_reference ?? refund.processor_reference) && (
        <p className="flex flex-wrap items-center gap-1">
          <span className="text-quiet">
            {refund.bank_reference?.kind ? refund.bank_reference.kind.toUpperCase() : say("attempts.reference")}
          </span>
          <span className="font-mono [overflow-wrap:anywhere]">
            {refund.bank_reference?.value ?? refund.processor_reference}
          </span>
          <CopyButton
            isIconOnly
            text={refund.bank_reference?.value ?? refund.processor_reference ?? ""}
            label={say("attempts.copyReference")}
            done={say("common.copied")}
            failed={say("common.copyFailed")}
          />
        </p>
      )}
      {refund.next_look_at && (
        <p className="text-quiet">
          {say("refunds.nextLook", { at: formatShortMoment(refund.next_look_at, locale, zone) })}
        </p>
      )}
      {isWaiting && isOwn && <p className="text-quiet">{say("refunds.own")}</p>}
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        {mayDecide && (
          <>
            <Button
              isSmall
              look="primary"
              isBusy={isBusy}
              onClick={() => run(() => commands.approveRefund(refund.id), { done: say("refunds.approved") })}
            >
              {say("refunds.approve")}
            </Button>
            <Button isSmall look="danger" onClick={() => setOpen("refuse")}>
              {say("refunds.refuse")}
            </Button>
          </>
        )}
        {canRefund && UNSENT.includes(refund.state) && (
          <Button
            isSmall
            isBusy={isBusy}
            onClick={() => run(() => commands.retryRefund(refund.id), { done: say("refunds.retried") })}
          >
            {say("refunds.retry")}
          </Button>
        )}
        {mayGiveUp && (
          <Button isSmall look="quiet" onClick={() => setOpen("giveUp")}>
            {say("refunds.giveUp")}
          </Button>
        )}
        {refund.ticket && (
          <>
            <a className="link" href={refund.ticket} target="_blank" rel="noopener">
              {say("refunds.ticket")}
            </a>
            <CopyButton
              isIconOnly
              text={refund.ticket}
              label={say("refunds.copyTicket")}
              done={say("common.copied")}
              failed={say("common.copyFailed")}
            />
          </>
        )}
      </div>
      {refund.decision && (
        <p className="text-quiet">
          {say(
            `refunds.by.${refund.state === "rejected" || refund.state === "abandoned" ? refund.state : "approved"}`,
            {
              who: wordsOf(say, `actors.${refund.decision.by.split(":")[0]}`),
              at: formatShortMoment(refund.decision.at, locale, zone),
            },
          )}
        </p>
      )}
      {open && <RefundEndDialog does={open} refund={refund} commands={commands} onClose={() => setOpen(null)} />}
    </li>
  );
}
