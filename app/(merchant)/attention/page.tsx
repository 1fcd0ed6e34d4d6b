// What waits for a person, most urgent first.
import type { Metadata } from "next";
import Link from "next/link";
import { formatShortMoment } from "../../../components/merchant/moment.ts";
import { ResolveButton } from "../../../components/merchant/resolve-button.tsx";
import { wordsOf } from "../../../components/merchant/states.tsx";
import { Badge } from "../../../components/ui/badge.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { resolveItem } from "../ipns/actions.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.attention") };
}

export default async function Page() {
  const { say, locale, zone, edge, can } = await enter("/attention");
  const list = await need("/attention", edge.v1.attention.$get());
  return (
    <>
      <PageHead title={say("nav.attention")} text={say("attention.text")} />
      <section className="card overflow-hidden" aria-label={say("nav.attention")}>
        {list.data.length === 0 ? (
          <EmptyState icon="check" title={say("attention.emptyTitle")} text={say("attention.emptyText")} />
        ) : (
          <ul className="divide-y divide-line">
            {list.data.map((item) => {
              const href = item.invoice_id
                ? `/invoices/${item.invoice_id}`
                : item.ipn_id
                  ? `/ipns/${item.ipn_id}`
                  : null;
              return (
                <li key={item.id} className="flex flex-wrap items-start gap-x-4 gap-y-3 px-4 py-4 sm:px-5">
                  <div className="min-w-0 flex-1 basis-64 space-y-1">
                    <p className="font-semibold">{wordsOf(say, `attention.kinds.${item.kind}`)}</p>
                    <p className="text-[0.9375rem] text-quiet">{wordsOf(say, `attention.help.${item.kind}`)}</p>
                    <Badge tone="warn" icon="clock">
                      {say("attention.due", { at: formatShortMoment(item.due_at, locale, zone) })}
                    </Badge>
                  </div>
                  <div className="flex flex-wrap gap-2">
                    {href && (
                      <Link href={href} prefetch={false} className="button button-small">
                        {say(item.invoice_id ? "attention.openInvoice" : "attention.openIpn")}
                      </Link>
                    )}
                    {can("payments:write") && <ResolveButton itemId={item.id} resolve={resolveItem} />}
                  </div>
                </li>
              );
            })}
          </ul>
        )}
      </section>
    </>
  );
}
