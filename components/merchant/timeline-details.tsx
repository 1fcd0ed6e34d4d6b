// What stands behind one line of the history: the processor's own words and how we heard them, and who was told of it.
// A native disclosure: it opens by keyboard and is read out without any script.

import type { ReactNode } from "react";
import { formatMoney } from "../format/money.ts";
import { CopyButton } from "../ui/copy-button.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Locale } from "./language.ts";
import { formatMoment } from "./moment.ts";
import type { Say } from "./say.ts";
import type { TimelineEvent } from "./shapes.ts";
import { wordsOf } from "./states.tsx";

type Props = { say: Say; locale: Locale; zone: string; event: TimelineEvent };

export function TimelineDetails({ say, locale, zone, event }: Props) {
  if (event.said.length === 0 && event.told.length === 0) return null;
  const when = (iso: string) => <time dateTime={iso}>{formatMoment(iso, locale, zone)}</time>;
  return (
    <details className="group mt-1.5">
      <summary className="-mx-1.5 inline-flex min-h-8 cursor-pointer list-none items-center gap-1 rounded-md px-1.5 text-sm font-medium text-accent hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <Icon
          name="chevron"
          size={16}
          className="transition-transform group-open:rotate-90 motion-reduce:transition-none"
        />
        {say("timeline.details")}
      </summary>
      <div className="mt-2 space-y-3 rounded-lg bg-sunken p-3 text-sm">
        {event.said.map((one) => (
          <section key={one.id} className="space-y-1.5">
            <h3 className="font-semibold">
              {say("timeline.said")}: {wordsOf(say, `observations.${one.kind}`)}
            </h3>
            <p className="text-quiet">{say(`timeline.by_${one.source}`)}</p>
            <dl className="space-y-1">
              {one.processor_code && <Fact name={say("timeline.code")} value={<code>{one.processor_code}</code>} />}
              {one.processor_text?.trim() && <Fact name={say("timeline.text")} value={one.processor_text.trim()} />}
              {one.money && <Fact name={say("timeline.sum")} value={formatMoney(one.money, locale)} />}
              {one.reference && (
                <Fact
                  name={say("timeline.reference")}
                  value={
                    <>
                      <code>{one.reference}</code>
                      <CopyButton
                        text={one.reference}
                        label={say("timeline.copy")}
                        done={say("timeline.copied")}
                        failed={say("common.copyFailed")}
                        isIconOnly
                      />
                    </>
                  }
                />
              )}
              {one.ipn_id && (
                <Fact
                  name={say("timeline.ipn")}
                  value={
                    <a className="link font-mono" href={`/ipns/${one.ipn_id}`}>
                      {one.ipn_id}
                    </a>
                  }
                />
              )}
              {one.occurred_at && <Fact name={say("timeline.theirTime")} value={when(one.occurred_at)} />}
              <Fact name={say("timeline.ourTime")} value={when(one.recorded_at)} />
            </dl>
          </section>
        ))}
        {event.told.length > 0 && (
          <section className="space-y-1.5">
            <h3 className="font-semibold">{say("timeline.told")}</h3>
            <ul className="space-y-2">
              {event.told.map((one, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: deliveries of an event are never moved
                <li key={index}>
                  <p className="[overflow-wrap:anywhere]">
                    {one.host ? say("timeline.webhook", { host: one.host }) : say(`timeline.${one.kind}`)}
                    {": "}
                    <span
                      className={
                        one.state === "delivered"
                          ? "font-medium text-good"
                          : one.state === "failed"
                            ? "font-medium text-bad"
                            : "font-medium text-warn"
                      }
                    >
                      {say(`timeline.state_${one.state}`)}
                    </span>
                  </p>
                  {one.answers.map((answer) => (
                    <p key={answer.at} className="text-quiet">
                      {answer.status === null
                        ? say("timeline.noAnswer", { ms: answer.milliseconds })
                        : say("timeline.answer", { status: String(answer.status), ms: answer.milliseconds })}
                      {" · "}
                      {when(answer.at)}
                    </p>
                  ))}
                  {one.answers.length === 0 && one.delivered_at && (
                    <p className="text-quiet">{when(one.delivered_at)}</p>
                  )}
                  {one.state !== "delivered" && (
                    <p className="text-quiet">
                      {say("timeline.tries", { count: one.tries })}
                      {one.next_try_at &&
                        ` · ${say("timeline.next", { at: formatMoment(one.next_try_at, locale, zone) })}`}
                    </p>
                  )}
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </details>
  );
}

function Fact({ name, value }: { name: string; value: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center gap-x-2">
      <dt className="text-quiet">{name}</dt>
      <dd className="flex min-w-0 items-center gap-1 [overflow-wrap:anywhere]">{value}</dd>
    </div>
  );
}
