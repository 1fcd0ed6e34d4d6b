// Every attempt to pay an invoice and every try inside it: state, time with its zone, reason, and what can be done.
"use client";

import { type ReactNode, useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Icon } from "../ui/icon.tsx";
import { AttemptActions } from "./attempt-actions.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import { HoldBox } from "./hold-box.tsx";
import { holdFactsOf } from "./hold-facts.ts";
import { formatMoment } from "./moment.ts";
import { RefundRow } from "./refund-row.tsx";
import type { Attempt, Person, Refund } from "./shapes.ts";
import { StateBadge, wordsOf } from "./states.tsx";
import { useLanguage, useSay } from "./use-say.ts";

type Props = {
  attempts: Attempt[];
  refunds: Refund[];
  /** Who asked for refunds and decided on them. */
  people: Person[];
  zone: string;
  /** The server's clock when the page was made. */
  now: string;
  /** Who reads it. */
  actor: string;
  canLook: boolean;
  canRefund: boolean;
  canApprove: boolean;
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
  const isHeld = attempt.state === "authorized";
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
        <p className="text-sm text-quiet">{say(`legends.attempt.${attempt.state}`)}</p>
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
            <RefundRow
              key={refund.id}
              refund={refund}
              people={props.people}
              zone={zone}
              actor={props.actor}
              canRefund={props.canRefund}
              canApprove={props.canApprove}
              commands={props.commands}
            />
          ))}
        </ul>
      )}
      {isHeld && (
        <div className="border-t border-line px-4 py-3">
          <HoldBox
            held={holdFactsOf(attempt)}
            zone={zone}
            now={props.now}
            canAct={props.canRefund}
            adminUrl={adminUrl}
            commands={props.commands}
          />
        </div>
      )}
      <AttemptActions {...props} adminUrl={adminUrl} className="border-t border-line px-4 py-3" />
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
