// Every attempt to pay an invoice and every try inside it: state, time with its zone, reason, and what can be done.
"use client";

import { type ReactNode, useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { useToast } from "../ui/toast.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { HoldNote } from "./hold-note.tsx";
import { formatMoment } from "./moment.ts";
import { CaptureDialog, RefundDialog } from "./money-back.tsx";
import type { Attempt, Refund } from "./shapes.ts";
import { StateBadge, wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

const LOOK_WORDS = {
  answered: "attempts.lookAnswered",
  cannot_ask: "attempts.lookCannot",
  fault: "attempts.lookFault",
} as const;
const SETTLED = ["captured", "declined", "expired", "voided"];

type Props = {
  attempts: Attempt[];
  refunds: Refund[];
  zone: string;
  canLook: boolean;
  canRefund: boolean;
  adminUrls: Record<string, string>;
  commands: AttemptCommands;
};

export function Attempts(props: Props) {
  const say = useSay();
  const [isNewestFirst, setNewestFirst] = useState(true);
  if (props.attempts.length === 0) {
    return <EmptyState icon="card" title={say("attempts.emptyTitle")} text={say("attempts.emptyText")} />;
  }
  const order = <T,>(items: T[], at: (item: T) => string) =>
    [...items].sort((a, b) => (isNewestFirst ? at(b).localeCompare(at(a)) : at(a).localeCompare(at(b))));
  return (
    <div className="space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-2 text-sm text-quiet">
        <p>{say("attempts.zone", { zone: props.zone })}</p>
        <Button isSmall onClick={() => setNewestFirst(!isNewestFirst)}>
          <Icon name="sort" size={16} />
          {say(isNewestFirst ? "attempts.newestFirst" : "attempts.oldestFirst")}
        </Button>
      </div>
      <ol className="space-y-3" aria-label={say("attempts.list")}>
        {order(props.attempts, (attempt) => attempt.created_at).map((attempt) => (
          <AttemptCard
            key={attempt.id}
            {...props}
            attempt={attempt}
            tries={order(attempt.tries, (one) => one.at)}
            refunds={props.refunds.filter((refund) => refund.attempt_id === attempt.id)}
          />
        ))}
      </ol>
    </div>
  );
}

function Why({ reason, code, text }: { reason: string | null; code: string | null; text: string | null }) {
  const say = useSay();
  if (!reason && !code) return null;
  return (
    <p className="text-sm">
      {reason && <span className="font-medium">{wordsOf(say, `reasons.${reason}`)}</span>}
      {(code || text) && (
        <span className="text-quiet">
          {reason ? " · " : ""}
          {say("attempts.processorSays", { code: code ?? "–" })}
          {text?.trim() ? ` „${text.trim()}”` : ""}
        </span>
      )}
    </p>
  );
}

function AttemptCard(props: Props & { attempt: Attempt; tries: Attempt["tries"] }) {
  const { attempt, tries, refunds, zone } = props;
  const say = useSay();
  const locale = useLanguage();
  const toast = useToast();
  const { run, isBusy } = useCommand();
  const [open, setOpen] = useState<"refund" | "capture" | null>(null);
  const isHeld = attempt.state === "authorized";
  const hasMoney = attempt.captured.minor > 0;
  // A refund without an end, and money given back at the processor, are found by asking too.
  const canLook = props.canLook && (!SETTLED.includes(attempt.state) || (hasMoney && attempt.can_look));
  const adminUrl = props.adminUrls[attempt.connection_id];
  return (
    <li className="rounded-xl border border-line" data-attempt={attempt.id}>
      <div className="space-y-2 p-4">
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <div className="flex flex-wrap items-center gap-2">
            <StateBadge say={say} of="attempt" state={attempt.state} />
            {attempt.is_test && (
              <Badge tone="warn" icon="spark">
                {say("common.test")}
              </Badge>
            )}
          </div>
          <p className="text-lg font-semibold">{formatMoney(attempt.amount, locale)}</p>
        </div>
        {tries.length === 0 && (
          <Why reason={attempt.reason} code={attempt.processor_code} text={attempt.processor_text} />
        )}
        <dl className="grid gap-x-6 gap-y-1 text-sm sm:grid-cols-2">
          <Fact name={say("attempts.begun")}>
            <time dateTime={attempt.created_at}>{formatMoment(attempt.created_at, locale, zone)}</time>
          </Fact>
          <Fact name={say("attempts.processor")}>{wordsOf(say, `processors.${attempt.processor}`)}</Fact>
          {attempt.instrument && <Fact name={say("attempts.instrument")}>{attempt.instrument}</Fact>}
          {attempt.settled && <Fact name={say("attempts.settled")}>{formatMoney(attempt.settled, locale)}</Fact>}
          {isHeld && (
            <Fact name={say("holds.title")}>
              <HoldNote say={say} locale={locale} zone={zone} hold={attempt.hold} />
            </Fact>
          )}
          {attempt.processor_reference && (
            <Fact name={say("attempts.reference")}>
              <span className="font-mono [overflow-wrap:anywhere]">{attempt.processor_reference}</span>
              <CopyButton
                isIconOnly
                text={attempt.processor_reference}
                label={say("attempts.copyReference")}
                done={say("common.copied")}
                failed={say("common.copyFailed")}
              />
            </Fact>
          )}
        </dl>
      </div>
      {tries.length > 0 && (
        <ol className="border-t border-line" aria-label={say("attempts.tries")}>
          {tries.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-start gap-x-4 gap-y-1 border-b border-line px-4 py-2.5 last:border-b-0"
            >
              <StateBadge say={say} of="attempt" state={one.outcome} />
              <div className="min-w-0 flex-1 basis-48">
                <Why reason={one.reason} code={one.processor_code} text={one.processor_text} />
                {one.instrument && <p className="text-sm text-quiet">{one.instrument}</p>}
              </div>
              <time dateTime={one.at} className="text-sm text-quiet">
                {formatMoment(one.at, locale, zone)}
              </time>
            </li>
          ))}
        </ol>
      )}
      {refunds.length > 0 && (
        <ul className="border-t border-line" aria-label={say("attempts.refunds")}>
          {refunds.map((refund) => (
            <li key={refund.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2.5 text-sm">
              <StateBadge say={say} of="refund" state={refund.state} />
              <span className="font-semibold">
                {formatMoney({ ...refund.amount, minor: -refund.amount.minor }, locale)}
              </span>
              <span className="min-w-0 flex-1 text-quiet">{refund.reason}</span>
              <time dateTime={refund.created_at} className="text-quiet">
                {formatMoment(refund.created_at, locale, zone)}
              </time>
            </li>
          ))}
        </ul>
      )}
      {(canLook || (props.canRefund && (hasMoney || isHeld))) && (
        <div className="flex flex-wrap items-center gap-2 border-t border-line px-4 py-3">
          {canLook && (
            <Button
              isSmall
              isBusy={isBusy}
              onClick={() =>
                run(() => props.commands.look(attempt.id), {
                  onDone: (value) => toast({ text: say(LOOK_WORDS[value.outcome]), isBad: value.outcome === "fault" }),
                })
              }
            >
              <Icon name="search" size={16} />
              {say("attempts.look")}
            </Button>
          )}
          {props.canRefund && attempt.can_refund && (
            <Button isSmall onClick={() => setOpen("refund")}>
              <Icon name="refund" size={16} />
              {say("attempts.refund")}
            </Button>
          )}
          {props.canRefund && attempt.can_capture && (
            <Button isSmall look="primary" onClick={() => setOpen("capture")}>
              {say("attempts.capture")}
            </Button>
          )}
          {props.canRefund && attempt.can_void && (
            <Button
              isSmall
              look="danger"
              isBusy={isBusy}
              onClick={() =>
                run(() => props.commands.release(attempt.id, crypto.randomUUID()), { done: say("attempts.released") })
              }
            >
              {say("attempts.release")}
            </Button>
          )}
          {props.canRefund &&
            ((hasMoney && attempt.refundable.minor > 0 && !attempt.can_refund) || (isHeld && !attempt.can_capture)) && (
              <p className="text-sm text-quiet">
                {say(isHeld ? "attempts.holdInConsole" : "attempts.refundInConsole")}{" "}
                {adminUrl && (
                  <a className="link" href={adminUrl} target="_blank" rel="noopener">
                    {say("attempts.openConsole")}
                  </a>
                )}
              </p>
            )}
        </div>
      )}
      {open === "refund" && <RefundDialog attempt={attempt} commands={props.commands} onClose={() => setOpen(null)} />}
      {open === "capture" && (
        <CaptureDialog attempt={attempt} commands={props.commands} onClose={() => setOpen(null)} />
      )}
    </li>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <dt className="text-quiet">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1 font-medium">{children}</dd>
    </div>
  );
}
