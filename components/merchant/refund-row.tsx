// One refund: what it is, what its state means, how it came, who decided, the payer's ticket, and what can be done with it.
"use client";

import { useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { formatMoment, formatShortMoment } from "./moment.ts";
import { RefundDecisionDialog, refundReason } from "./refund-decision.tsx";
import type { Person, Refund } from "./shapes.ts";
import { StateBadge, wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Props = {
  refund: Refund;
  people: Person[];
  zone: string;
  /** Who reads it, as it stands in `requested_by`. */
  actor: string;
  canRefund: boolean;
  canApprove: boolean;
  commands: AttemptCommands;
};

const UNSENT = ["requested", "not_sent"];

export function RefundRow({ refund, people, zone, actor, canRefund, canApprove, commands }: Props) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const [open, setOpen] = useState<"approve" | "refuse" | "giveUp" | null>(null);
  const isWaiting = refund.state === "awaiting_approval";
  const asker = people.find((person) => person.actor === refund.requested_by);
  const [isOwn, isOwnKey] = [refund.requested_by === actor, asker?.made_by === actor];
  const mayDecide = isWaiting && canApprove && !isOwn && !isOwnKey;
  const nameOf = (one: string) =>
    people.find((person) => person.actor === one)?.name ?? wordsOf(say, `actors.${one.split(":")[0]}`);
  // Who may decide says yes or no; the others can take back what waits.
  const mayGiveUp = canRefund && ((isWaiting && !mayDecide) || refund.state === "not_sent");
  return (
    <li className="space-y-2 border-b border-line px-4 py-3 text-sm last:border-b-0" data-refund={refund.id}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StateBadge say={say} of="refund" state={refund.state} />
        <span className="font-semibold">{formatMoney({ ...refund.amount, minor: -refund.amount.minor }, locale)}</span>
        {refund.origin !== "requested" && (
          <Badge tone="plain" icon={refund.origin === "manual" ? "draft" : "search"}>
            {say(`refunds.origin.${refund.origin}`)}
          </Badge>
        )}
        <time dateTime={refund.created_at} className="ml-auto text-quiet">
          {formatMoment(refund.created_at, locale, zone)}
        </time>
      </div>
      <p className="text-quiet">{say(`legends.refund.${refund.state}`)}</p>
      {refund.reason && (
        <p className="[overflow-wrap:anywhere]">{say("refunds.why", { text: refundReason(say, refund) })}</p>
      )}
      {refund.decision?.note && (
        <p className="[overflow-wrap:anywhere]">{say("refunds.note", { text: refund.decision.note })}</p>
      )}
      {refund.processor_text?.trim() && ["failed", "not_sent"].includes(refund.state) && (
        <p className="[overflow-wrap:anywhere]">
          {refund.processor_code
            ? `${say("attempts.processorSays", { code: refund.processor_code })} „${refund.processor_text.trim()}”`
            : say("refunds.processorText", { text: refund.processor_text.trim() })}
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
      {isWaiting && !isOwn && (
        <p className="[overflow-wrap:anywhere]">{say("refunds.by.asked", { who: nameOf(refund.requested_by) })}</p>
      )}
      {isWaiting && !mayDecide && (
        <p className="font-medium">{say(`refunds.${isOwn ? "own" : isOwnKey ? "ownKey" : "waits"}`)}</p>
      )}
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        {mayDecide && (
          <>
            <Button isSmall look="primary" onClick={() => setOpen("approve")}>
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
          <span className="flex min-w-0 items-center gap-1">
            <a className="link min-w-0" href={refund.ticket} target="_blank" rel="noopener">
              {say("refunds.ticket")}
            </a>
            <CopyButton
              isIconOnly
              text={refund.ticket}
              label={say("refunds.copyTicket")}
              done={say("common.copied")}
              failed={say("common.copyFailed")}
            />
          </span>
        )}
      </div>
      {refund.decision && (
        <p className="text-quiet [overflow-wrap:anywhere]">
          {say(
            `refunds.by.${refund.state === "rejected" || refund.state === "abandoned" ? refund.state : "approved"}`,
            { who: nameOf(refund.decision.by), at: formatShortMoment(refund.decision.at, locale, zone) },
          )}
        </p>
      )}
      {open && (
        <RefundDecisionDialog
          does={open}
          refund={refund}
          askedBy={nameOf(refund.requested_by)}
          commands={commands}
          onClose={() => setOpen(null)}
        />
      )}
    </li>
  );
}
