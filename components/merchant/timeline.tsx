// Everything that happened to an invoice, in plain words: what, when, who said so.

import type { ReactNode } from "react";
import { formatMoney } from "../format/money.ts";
import { Icon, type IconName } from "../ui/icon.tsx";
import type { Locale } from "./language.ts";
import { formatMoment } from "./moment.ts";
import type { Say } from "./say.ts";
import type { TimelineEvent } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { TimelineDetails } from "./timeline-details.tsx";
import { whyUndone } from "./why-undone.ts";

const ICONS: [RegExp, IconName][] = [
  [/without_email/, "alert"],
  [/^payment\.|captured|succeeded|recorded/, "check"],
  [/declined|cancelled|failed|twice|dispute/, "cross"],
  [/^refund\./, "refund"],
  [/^receipt\./, "invoice"],
  [/^attempt\./, "card"],
  [/^attention\./, "alert"],
  [/^invoice\./, "invoice"],
];

function detailOf(say: Say, locale: Locale, { type, data }: TimelineEvent, currency: string): string {
  const text = (name: string) =>
    typeof data[name] === "string" || typeof data[name] === "number" ? String(data[name]) : "";
  const minor = text("amountMinor");
  const reason = text("reason");
  const code = text("code");
  const undone = type.endsWith("_refused") ? whyUndone(say, code, text("processor")) : null;
  return [
    minor && /^-?\d+$/.test(minor)
      ? formatMoney({ minor: Number(minor), currency: text("currency") || currency }, locale)
      : "",
    text("receiptKind") ? wordsOf(say, `receipts.kinds.${text("receiptKind")}`) : "",
    text("document") ? `ФД ${text("document")}` : "",
    reason ? reasonOf(say, type, reason) : "",
    type === "attention.raised" ? wordsOf(say, `attention.kinds.${text("kind")}`) : "",
    type === "invoice.own_status_set" ? ownStatusOf(data) : "",
    text("outcomeReason") ? wordsOf(say, `reasons.${text("outcomeReason")}`) : "",
    text("label"),
    text("policy") ? wordsOf(say, `holds.did.${text("policy")}`) : "",
    text("foundBy") && text("foundBy") !== "requested" ? wordsOf(say, `refunds.origin.${text("foundBy")}`) : "",
    undone ?? (code ? say("attempts.processorSays", { code }) : ""),
    type.endsWith("_refused") && !undone && text("text") ? `„${text("text")}”` : "",
  ]
    .filter(Boolean)
    .join(" · ");
}

function reasonOf(say: Say, type: string, reason: string): string {
  if (type.startsWith("attempt.")) return wordsOf(say, `reasons.${reason}`);
  return type.startsWith("receipt.") ? wordsOf(say, `receipts.reasons.${reason}`) : reason;
}

function ownStatusOf(data: TimelineEvent["data"]): string {
  const status = data.own_status;
  return status && typeof status === "object" && "name" in status ? String(status.name) : "";
}

function actorOf(say: Say, actor: string): string {
  const [who = "", what = ""] = actor.split(":");
  if (who === "register") return wordsOf(say, `registers.${what}`);
  return who === "processor" ? wordsOf(say, `processors.${what}`) : wordsOf(say, `actors.${who}`);
}

export function Timeline(props: {
  say: Say;
  locale: Locale;
  zone: string;
  currency: string;
  events: TimelineEvent[];
  /** What can be done now, by the event that it stands at. */
  actions?: ReadonlyMap<string, ReactNode>;
}) {
  const { say, locale, zone } = props;
  return (
    <ol className="space-y-0">
      {[...props.events].reverse().map((event) => {
        const icon = ICONS.find(([pattern]) => pattern.test(event.type))?.[1] ?? "clock";
        const detail = detailOf(say, locale, event, props.currency);
        return (
          <li
            key={event.id}
            className="relative flex gap-3 pb-5 last:pb-0 [&:not(:last-child)]:before:absolute [&:not(:last-child)]:before:top-8 [&:not(:last-child)]:before:bottom-0 [&:not(:last-child)]:before:left-[0.9375rem] [&:not(:last-child)]:before:w-px [&:not(:last-child)]:before:bg-line"
          >
            <span className="grid size-[1.9rem] shrink-0 place-items-center rounded-full bg-sunken text-quiet">
              <Icon name={icon} size={16} />
            </span>
            <div className="min-w-0 flex-1">
              <p className="font-medium">{wordsOf(say, `events.${event.type.replace(".", "_")}`)}</p>
              {detail && <p className="text-sm">{detail}</p>}
              <p className="text-sm text-quiet">
                <time dateTime={event.occurred_at}>{formatMoment(event.occurred_at, locale, zone)}</time> ·{" "}
                {actorOf(say, event.actor)}
              </p>
              {props.actions?.get(event.id)}
              <TimelineDetails say={say} locale={locale} zone={zone} event={event} />
            </div>
          </li>
        );
      })}
    </ol>
  );
}
