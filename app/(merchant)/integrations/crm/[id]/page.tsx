// The payment module's own page in a CRM account: its shops, what is wrong, the last calls. The CRM's people land here.
import type { Metadata } from "next";
import Link from "next/link";
import { CheckCrm, ReplaceCrmKey } from "../../../../../components/merchant/crm-actions.tsx";
import { CrmState } from "../../../../../components/merchant/crm-state.tsx";
import { Disconnect } from "../../../../../components/merchant/disconnect.tsx";
import { formatMoment } from "../../../../../components/merchant/moment.ts";
import { wordsOf } from "../../../../../components/merchant/states.tsx";
import { Badge } from "../../../../../components/ui/badge.tsx";
import { EmptyState } from "../../../../../components/ui/empty-state.tsx";
import { Notice } from "../../../../../components/ui/notice.tsx";
import { PageHead } from "../../../../../components/ui/page-head.tsx";
import { Pager } from "../../../../../components/ui/pager.tsx";
import { enter, need, one } from "../../../ask.ts";
import { speak } from "../../../speak.ts";
import { checkCrm, disconnectCrm, replaceCrmKey } from "../actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("crm.title") };
}

type Props = {
  params: Promise<{ id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export default async function Page({ params, searchParams }: Props) {
  const { id } = await params;
  const cursor = one((await searchParams).cursor);
  const pathWith = (next: string | undefined) =>
    `/integrations/crm/${encodeURIComponent(id)}${next ? `?cursor=${encodeURIComponent(next)}` : ""}`;
  const path = pathWith(cursor);
  const { say, locale, zone, edge, can } = await enter(path);
  const ofOne = edge.v1["crm-installations"][":id"];
  const [installation, calls] = await Promise.all([
    need(path, ofOne.$get({ param: { id } })),
    need(path, ofOne.calls.$get({ param: { id }, query: { cursor, limit: "15" } as never })),
  ]);
  const isAllowed = can("connections:write");
  return (
    <>
      <PageHead
        title={installation.brand}
        text={installation.url.replace(/^https?:\/\//, "")}
        back={{ href: "/integrations/crm", label: say("crm.title") }}
        beside={<CrmState say={say} installation={installation} />}
      >
        {isAllowed && (
          <>
            <CheckCrm id={id} check={checkCrm} />
            <ReplaceCrmKey id={id} replace={replaceCrmKey} />
            <Disconnect connectionId={id} then="/integrations/crm" disconnect={disconnectCrm} />
          </>
        )}
      </PageHead>
      <div className="space-y-5">
        {installation.warnings.length > 0 && (
          <section className="space-y-3" aria-label={say("crm.warningsTitle")}>
            {installation.warnings.map((warning) => (
              <Notice
                key={`${warning.code}${Object.values(warning.facts)}`}
                tone="warn"
                title={say(`crm.warnings.${warning.code}.title`, warning.facts)}
              >
                <p>{say(`crm.warnings.${warning.code}.text`, warning.facts)}</p>
              </Notice>
            ))}
          </section>
        )}
        <section className="card overflow-hidden" aria-labelledby="crm-shops">
          <div className="border-b border-line px-5 py-4">
            <h2 id="crm-shops" className="text-lg font-semibold">
              {say("crm.shops")}
            </h2>
            <p className="text-sm text-quiet">{say("crm.shopsText")}</p>
          </div>
          {installation.shops.length === 0 ? (
            <EmptyState icon="shop" title={say("crm.noShopsTitle")} text={say("crm.noShopsText")} />
          ) : (
            <ul className="divide-y divide-line">
              {installation.shops.map((shop) => (
                <li
                  key={shop.code}
                  className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4"
                  data-shop={shop.code}
                >
                  <div className="min-w-0 flex-1 basis-56">
                    <p className="font-medium">
                      <Link href={`/integrations/${shop.processor}`} prefetch={false} className="link">
                        {shop.name}
                      </Link>
                    </p>
                    <p className="text-sm text-quiet">
                      {[
                        wordsOf(say, `processors.${shop.processor}`),
                        shop.currencies.join(", "),
                        say(shop.confirms_manually ? "crm.byHand" : "crm.byItself"),
                      ].join(" · ")}
                    </p>
                  </div>
                  <Badge tone={shop.active ? "good" : "plain"} icon={shop.active ? "check" : "minus"}>
                    {say(shop.active ? "crm.shopActive" : "crm.shopRetired")}
                  </Badge>
                  {!shop.is_told && (
                    <Badge tone="warn" icon="clock">
                      {say("crm.notTold")}
                    </Badge>
                  )}
                </li>
              ))}
            </ul>
          )}
        </section>
        <section className="card overflow-hidden" aria-labelledby="crm-calls">
          <div className="border-b border-line px-5 py-4">
            <h2 id="crm-calls" className="text-lg font-semibold">
              {say("crm.calls")}
            </h2>
            <p className="text-sm text-quiet">{say("crm.callsText")}</p>
          </div>
          {calls.data.length === 0 ? (
            <EmptyState icon="bell" title={say("crm.noCallsTitle")} text={say("crm.noCallsText")} />
          ) : (
            <ul className="divide-y divide-line">
              {calls.data.map((call) => (
                <li
                  key={call.id}
                  className="flex flex-wrap items-start gap-x-4 gap-y-1.5 px-5 py-3"
                  data-call={call.name}
                >
                  <span className="sm:basis-20">
                    <Badge tone={call.is_done ? "good" : "bad"} icon={call.is_done ? "check" : "cross"}>
                      {call.status === null ? say("webhooks.silent") : String(call.status)}
                    </Badge>
                  </span>
                  <div className="min-w-0 flex-1 basis-56">
                    <p className="font-medium">
                      {say(call.direction === "in" ? "crm.from" : "crm.to", { brand: installation.brand })}{" "}
                      <span className="font-mono text-sm">{call.name}</span>
                    </p>
                    <p className="text-sm text-quiet">
                      <time dateTime={call.at}>{formatMoment(call.at, locale, zone)}</time> ·{" "}
                      {say("webhooks.milliseconds", { count: call.milliseconds })}
                      {call.about && ` · ${call.about}`}
                    </p>
                    {call.answer && <p className="text-sm [overflow-wrap:anywhere]">{call.answer}</p>}
                  </div>
                  {call.invoice_id && (
                    <Link href={`/invoices/${call.invoice_id}`} prefetch={false} className="link text-sm">
                      {call.invoice_label ?? say("crm.invoice")}
                    </Link>
                  )}
                </li>
              ))}
            </ul>
          )}
          <Pager
            label={say("common.pages")}
            first={cursor ? { href: pathWith(undefined), label: say("common.firstPage") } : null}
            next={calls.next_cursor ? { href: pathWith(calls.next_cursor), label: say("common.nextPage") } : null}
          />
        </section>
      </div>
    </>
  );
}
