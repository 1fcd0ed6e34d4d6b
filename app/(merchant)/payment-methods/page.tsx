// What payers are offered, in which order, and what is held back and why.
import type { Metadata } from "next";
import Link from "next/link";
import { MethodOrder } from "../../../components/merchant/method-order.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { changeShop } from "../integrations/actions.ts";
import { speak } from "../speak.ts";

const HERE = "/payment-methods";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("methodOrder.title") };
}

export default async function Page() {
  const { say, can, member, edge, zone } = await enter(HERE);
  const shops = await Promise.all(
    member.points_of_sale.map(async (shop) => ({
      shop,
      methods: (await need(HERE, edge.v1["points-of-sale"][":id"].methods.$get({ param: { id: shop.id } }))).data,
    })),
  );
  return (
    <>
      <PageHead
        title={say("methodOrder.title")}
        text={say("methodOrder.text")}
        back={{ href: "/integrations", label: say("nav.integrations") }}
      />
      <div className="max-w-3xl space-y-8">
        {shops.map(({ shop, methods }) => (
          <section key={shop.id} aria-labelledby={shop.id} className="space-y-3">
            <h2 id={shop.id} className="text-lg font-semibold">
              {shop.name}
            </h2>
            {methods.length > 0 ? (
              <MethodOrder
                shop={shop}
                methods={methods}
                isAllowed={can("settings:write")}
                timeZone={zone}
                change={changeShop}
              />
            ) : (
              <div className="card">
                <EmptyState icon="plug" title={say("methodOrder.none")} text={say("methodOrder.noneText")}>
                  <Link href="/integrations" prefetch={false} className="button button-primary">
                    {say("methodOrder.connect")}
                  </Link>
                </EmptyState>
              </div>
            )}
          </section>
        ))}
      </div>
    </>
  );
}
