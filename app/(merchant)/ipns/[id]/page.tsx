// One notification: verdict, what it said, what was answered, and its scrubbed raw content.
import type { Metadata } from "next";
import { formatMoney } from "../../../../components/format/money.ts";
import { formatMoment } from "../../../../components/merchant/moment.ts";
import { ReplayButton } from "../../../../components/merchant/replay-button.tsx";
import { StateBadge, wordsOf } from "../../../../components/merchant/states.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, need } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { replayIpn } from "../actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("ipns.title") };
}

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const path = `/ipns/${id}`;
  const { say, locale, zone, edge, can } = await enter(path);
  const ipn = await need(path, edge.v1.ipns[":id"].$get({ param: { id } }));
  const facts: [string, string | null][] = [
    [say("ipns.received"), formatMoment(ipn.received_at, locale, zone)],
    [say("ipns.processed"), ipn.processed_at && formatMoment(ipn.processed_at, locale, zone)],
    [say("ipns.nextTry"), ipn.next_try_at && formatMoment(ipn.next_try_at, locale, zone)],
    [say("ipns.reason"), ipn.reason && wordsOf(say, `ipnReasons.${ipn.reason}`)],
    [say("attempts.processor"), ipn.processor && wordsOf(say, `processors.${ipn.processor}`)],
    [say("ipns.attempt"), ipn.attempt_id],
    [say("ipns.size"), say("ipns.bytes", { count: ipn.size_bytes })],
    ["SHA-256", ipn.sha256],
  ];
  const raw =
    "max-h-96 overflow-auto rounded-lg bg-sunken p-3 font-mono text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]";
  return (
    <>
      <PageHead
        title={say("ipns.title")}
        text={formatMoment(ipn.received_at, locale, zone)}
        back={{ href: "/ipns", label: say("nav.ipns") }}
        beside={
          <span className="flex flex-wrap gap-1.5">
            <StateBadge say={say} of="verdict" state={ipn.verdict} />
            <StateBadge say={say} of="inbox" state={ipn.state} />
          </span>
        }
      >
        {can("ipns:write") && ipn.raw && <ReplayButton ipnId={id} replay={replayIpn} />}
      </PageHead>
      <div className="grid gap-5 lg:grid-cols-2">
        <section className="card p-5" aria-labelledby="facts">
          <h2 id="facts" className="mb-3 text-lg font-semibold">
            {say("ipns.facts")}
          </h2>
          <dl className="space-y-2.5 text-[0.9375rem]">
            {facts.map(
              ([name, value]) =>
                value && (
                  <div key={name}>
                    <dt className="text-sm text-quiet">{name}</dt>
                    <dd className="[overflow-wrap:anywhere]">{value}</dd>
                  </div>
                ),
            )}
          </dl>
        </section>
        <section className="card p-5" aria-labelledby="said">
          <h2 id="said" className="mb-3 text-lg font-semibold">
            {say("ipns.said")}
          </h2>
          {ipn.observations.length === 0 ? (
            <p className="text-quiet">{say("ipns.saidNothing")}</p>
          ) : (
            <ul className="space-y-2">
              {ipn.observations.map((observation, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: observations have no other name and never move
                <li key={index} className="rounded-lg border border-line px-3 py-2">
                  <p className="font-medium">
                    {wordsOf(say, `observations.${observation.kind}`)}
                    {observation.money &&
                      ` · ${formatMoney({ minor: Number(observation.money.minor), currency: observation.money.currency }, locale)}`}
                  </p>
                  <p className="text-sm text-quiet">
                    {[
                      observation.declineReason && wordsOf(say, `reasons.${observation.declineReason}`),
                      observation.processorCode && say("attempts.processorSays", { code: observation.processorCode }),
                      observation.processorText,
                      observation.occurredAt && formatMoment(observation.occurredAt, locale, zone),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </p>
                </li>
              ))}
            </ul>
          )}
          <h3 className="mt-5 mb-2 font-semibold">{say("ipns.answered", { status: ipn.answer_status })}</h3>
          <pre className={raw}>{ipn.answer_body || "–"}</pre>
        </section>
        <section className="card space-y-3 p-5 lg:col-span-2" aria-labelledby="raw">
          <h2 id="raw" className="text-lg font-semibold">
            {say("ipns.raw")}
          </h2>
          {ipn.raw ? (
            <>
              <p className="text-sm text-quiet">{say("ipns.scrubbed")}</p>
              <pre className={raw}>
                {Object.entries(ipn.raw.headers)
                  .map(([name, value]) => `${name}: ${value}`)
                  .join("\n")}
              </pre>
              <pre className={raw}>{ipn.raw.body}</pre>
            </>
          ) : (
            <p className="text-quiet">{say("ipns.gone")}</p>
          )}
        </section>
      </div>
    </>
  );
}
