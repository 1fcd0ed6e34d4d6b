// Held money: the hold that ends first on top, its age, what happens if nobody decides, and Confirm and Cancel in place.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoney } from "../../../components/format/money.ts";
import { HoldBox } from "../../../components/merchant/hold-box.tsx";
import { Live } from "../../../components/merchant/live.tsx";
import { TestBadge, wordsOf } from "../../../components/merchant/states.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, everyConnection, need } from "../ask.ts";
import { attemptCommands } from "../invoices/attempt-commands.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.holds") };
}

export default async function Page() {
  const { say, locale, zone, edge, can } = await enter("/holds");
  const { stamp } = await need("/holds", edge.v1.holds.stamp.$get());
  const [holds, connections, processors] = await Promise.all([
    need("/holds", edge.v1.holds.$get()),
    can("connections:read") ? everyConnection("/holds") : { data: [] },
    can("connections:read") ? need("/holds", edge.v1.processors.$get()) : { data: [] },
  ]);
  const adminUrlOf = (connectionId: string) => {
    const connection = connections.data.find((one) => one.id === connectionId);
    const links = processors.data.find((one) => one.id === connection?.processor)?.links;
    return connection?.environment === "test" ? links?.admin_test : links?.admin;
  };
  return (
    <>
      <Live url="/holds/stamp" stamp={stamp} />
      <PageHead title={say("nav.holds")} text={say("holds.text")}>
        {can("settings:read") && (
          <Link href="/money-rules" prefetch={false} className="button">
            {say("nav.moneyRules")}
          </Link>
        )}
      </PageHead>
      <section className="card overflow-hidden" aria-label={say("nav.holds")}>
        {holds.data.length === 0 ? (
          <EmptyState icon="clock" title={say("holds.emptyTitle")} text={say("holds.emptyText")} />
        ) : (
          <ol className="divide-y divide-line">
            {holds.data.map((held) => (
              <li key={held.attempt_id} className="grid gap-3 p-4 sm:p-5 md:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]">
                <div className="min-w-0">
                  <p className="text-xl font-bold whitespace-nowrap">{formatMoney(held.amount, locale)}</p>
                  <p>
                    <Link href={`/invoices/${held.invoice_id}`} prefetch={false} className="link font-semibold">
                      {held.invoice_label ?? say("invoices.noNumber")}
                    </Link>
                  </p>
                  <p className="[overflow-wrap:anywhere]">{held.payer_name}</p>
                  <p className="flex flex-wrap items-center gap-2 text-sm text-quiet">
                    {wordsOf(say, `processors.${held.processor}`)}
                    {held.is_test && <TestBadge say={say} />}
                  </p>
                </div>
                <HoldBox
                  held={held}
                  zone={zone}
                  now={holds.now}
                  canAct={can("refunds:write")}
                  adminUrl={adminUrlOf(held.connection_id)}
                  commands={attemptCommands}
                  isPlain
                />
              </li>
            ))}
          </ol>
        )}
      </section>
    </>
  );
}
