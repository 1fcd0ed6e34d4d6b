// One webhook: how it does, what can be done with it, and each delivery with its answer.
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { formatMoment } from "../../../../components/merchant/moment.ts";
import type { Say } from "../../../../components/merchant/say.ts";
import type { WebhookDelivery } from "../../../../components/merchant/shapes.ts";
import { wordsOf } from "../../../../components/merchant/states.tsx";
import { RemoveWebhook, RotateSecret, WebhookSwitch } from "../../../../components/merchant/webhook-actions.tsx";
import { eventKey } from "../../../../components/merchant/webhook-events.ts";
import { EditWebhook } from "../../../../components/merchant/webhook-form.tsx";
import { ResendDelivery, ResendSince } from "../../../../components/merchant/webhook-resend.tsx";
import { WebhookState } from "../../../../components/merchant/webhook-state.tsx";
import { Badge } from "../../../../components/ui/badge.tsx";
import { EmptyState } from "../../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { Pager } from "../../../../components/ui/pager.tsx";
import { enter, need, one } from "../../ask.ts";
import { speak } from "../../speak.ts";
import {
  changeWebhook,
  removeWebhook,
  resendDelivery,
  resendSince,
  rotateWebhook,
  setWebhookEnabled,
} from "../actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("webhooks.title") };
}

/** Why there was no answer, as the edge writes it beside a delivery. */
const SILENCE: Record<string, string> = {
  "no answer within 10 s": "webhooks.noAnswer",
  "no connection": "webhooks.noConnection",
};

function saidBy(say: Say, { status, answer }: WebhookDelivery): string {
  if (status !== null) return answer;
  const key = SILENCE[answer];
  return key ? say(key) : wordsOf(say, `faults.${answer}`);
}

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function Page({ params, searchParams }: Props) {
  const { id } = await params;
  const cursor = one((await searchParams).cursor);
  const pathWith = (next: string | undefined) =>
    `/webhooks/${encodeURIComponent(id)}${next ? `?cursor=${encodeURIComponent(next)}` : ""}`;
  const path = pathWith(cursor);
  const { say, locale, zone, edge, can } = await enter(path);
  const endpoints = edge.v1["webhook-endpoints"];
  const [list, deliveries] = await Promise.all([
    need(path, endpoints.$get()),
    need(path, endpoints[":id"].deliveries.$get({ param: { id }, query: { cursor, limit: "25" } as never })),
  ]);
  const endpoint = list.data.find((known) => known.id === id);
  if (!endpoint) notFound();
  const isAllowed = can("webhooks:write");
  return (
    <>
      <PageHead
        title={say("webhooks.title")}
        back={{ href: "/webhooks", label: say("nav.webhooks") }}
        beside={<WebhookState say={say} locale={locale} zone={zone} endpoint={endpoint} />}
      >
        {isAllowed && (
          <>
            <EditWebhook key={`${endpoint.url} ${endpoint.event_types}`} endpoint={endpoint} change={changeWebhook} />
            <RotateSecret endpointId={id} rotate={rotateWebhook} />
            <RemoveWebhook endpoint={endpoint} remove={removeWebhook} />
          </>
        )}
      </PageHead>
      <div className="space-y-5">
        <section className="card flex flex-wrap items-start gap-x-4 gap-y-3 p-5" aria-label={say("webhooks.url")}>
          <dl className="min-w-0 flex-1 basis-64 space-y-2.5 text-[0.9375rem]">
            <div>
              <dt className="text-sm text-quiet">{say("webhooks.url")}</dt>
              <dd className="font-mono text-sm [overflow-wrap:anywhere]">{endpoint.url}</dd>
            </div>
            <div>
              <dt className="text-sm text-quiet">{say("webhooks.events")}</dt>
              <dd>
                {endpoint.event_types.includes("*")
                  ? say("webhooks.allEvents")
                  : endpoint.event_types.map((type) => wordsOf(say, eventKey(type))).join(" · ")}
              </dd>
            </div>
          </dl>
          {isAllowed && <WebhookSwitch endpoint={endpoint} setEnabled={setWebhookEnabled} />}
        </section>
        <section className="card overflow-hidden" aria-labelledby="deliveries">
          <div className="flex flex-wrap items-center justify-between gap-3 border-b border-line px-4 py-3 sm:px-5">
            <div>
              <h2 id="deliveries" className="text-lg font-semibold">
                {say("webhooks.deliveries")}
              </h2>
              <p className="text-sm text-quiet">{say("webhooks.deliveriesText")}</p>
            </div>
            {isAllowed && (
              <ResendSince endpointId={id} zone={zone} failingSince={endpoint.failing_since} resend={resendSince} />
            )}
          </div>
          {deliveries.data.length === 0 ? (
            <EmptyState icon="bell" title={say("webhooks.noDeliveriesTitle")} text={say("webhooks.noDeliveriesText")} />
          ) : (
            <ul className="divide-y divide-line">
              {deliveries.data.map((delivery) => {
                const event = delivery.event_type ? wordsOf(say, eventKey(delivery.event_type)) : delivery.event_id;
                const isTold = delivery.status !== null && delivery.status >= 200 && delivery.status < 300;
                return (
                  <li
                    key={delivery.id}
                    className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-3 sm:px-5"
                    data-delivery={delivery.event_type ?? ""}
                    data-status={delivery.status ?? "none"}
                  >
                    <span className="sm:basis-28">
                      <Badge tone={isTold ? "good" : "bad"} icon={isTold ? "check" : "cross"}>
                        {delivery.status === null ? say("webhooks.silent") : String(delivery.status)}
                      </Badge>
                    </span>
                    <div className="min-w-0 flex-1 basis-56">
                      <p className="font-medium">{event}</p>
                      <p className="text-sm text-quiet">
                        <time dateTime={delivery.at}>{formatMoment(delivery.at, locale, zone)}</time> ·{" "}
                        {say("webhooks.milliseconds", { count: delivery.milliseconds })}
                      </p>
                      <p className="font-mono text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">
                        {[delivery.event_type, delivery.event_id].filter(Boolean).join(" · ")}
                      </p>
                      {saidBy(say, delivery) && (
                        <p className="text-sm [overflow-wrap:anywhere]">
                          {say("webhooks.said", { text: saidBy(say, delivery) })}
                        </p>
                      )}
                    </div>
                    {isAllowed && <ResendDelivery deliveryId={delivery.id} of={event} resend={resendDelivery} />}
                  </li>
                );
              })}
            </ul>
          )}
          <Pager
            label={say("common.pages")}
            first={cursor ? { href: pathWith(undefined), label: say("common.firstPage") } : null}
            next={
              deliveries.next_cursor ? { href: pathWith(deliveries.next_cursor), label: say("common.nextPage") } : null
            }
          />
        </section>
      </div>
    </>
  );
}
