// Webhooks: where the merchant's own systems are told, of what, and whether they answer.
import type { Metadata } from "next";
import Link from "next/link";
import { wordsOf } from "../../../components/merchant/states.tsx";
import { WebhookSwitch } from "../../../components/merchant/webhook-actions.tsx";
import { eventKey } from "../../../components/merchant/webhook-events.ts";
import { NewWebhook } from "../../../components/merchant/webhook-form.tsx";
import { WebhookState } from "../../../components/merchant/webhook-state.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";
import { createWebhook, setWebhookEnabled } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.webhooks") };
}

const SHOWN = 4;

export default async function Page() {
  const { say, locale, zone, edge, can, member } = await enter("/webhooks");
  const list = await need("/webhooks", edge.v1["webhook-endpoints"].$get());
  const shops = member.points_of_sale;
  const isAllowed = can("webhooks:write");
  const eventsOf = (types: string[]) =>
    types.includes("*")
      ? say("webhooks.allEvents")
      : [
          ...types.slice(0, SHOWN).map((type) => wordsOf(say, eventKey(type))),
          ...(types.length > SHOWN ? [say("webhooks.moreEvents", { count: types.length - SHOWN })] : []),
        ].join(" · ");
  return (
    <>
      <PageHead title={say("nav.webhooks")} text={say("webhooks.text")}>
        {isAllowed && <NewWebhook shops={shops} create={createWebhook} />}
      </PageHead>
      <section className="card overflow-hidden" aria-label={say("nav.webhooks")}>
        {list.data.length === 0 ? (
          <EmptyState icon="bell" title={say("webhooks.emptyTitle")} text={say("webhooks.emptyText")} />
        ) : (
          <ul className="divide-y divide-line">
            {list.data.map((endpoint) => (
              <li key={endpoint.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-4 sm:px-5">
                <div className="min-w-0 flex-1 basis-64 space-y-1.5">
                  <Link
                    href={`/webhooks/${endpoint.id}`}
                    prefetch={false}
                    className="link inline-block py-0.5 font-mono text-[0.9375rem] [overflow-wrap:anywhere]"
                  >
                    {endpoint.url}
                  </Link>
                  <WebhookState say={say} locale={locale} zone={zone} endpoint={endpoint} />
                  <p className="text-sm text-quiet">
                    {shops.length > 1 &&
                      `${shops.find((shop) => shop.id === endpoint.point_of_sale_id)?.name ?? ""} · `}
                    {eventsOf(endpoint.event_types)}
                  </p>
                </div>
                {isAllowed && <WebhookSwitch endpoint={endpoint} setEnabled={setWebhookEnabled} />}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
