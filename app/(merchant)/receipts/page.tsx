// Fiscal receipts: the online cash register that makes a shop's, and what stands in them.
import type { Metadata } from "next";
import Link from "next/link";
import { RegisterForm } from "../../../components/merchant/register-form.tsx";
import { ShopChoice } from "../../../components/merchant/shop-choice.tsx";
import { Notice } from "../../../components/ui/notice.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need, one } from "../ask.ts";
import { speak } from "../speak.ts";
import { checkRegister, chooseRegister, removeRegister } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.receipts") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const { say, edge, member, zone, can } = await enter("/receipts");
  const asked = one((await searchParams).pos);
  const shops = member.points_of_sale;
  const shop = shops.find(({ id }) => id === asked) ?? shops[0];
  const [services, chosen] = await Promise.all([
    need("/receipts", edge.v1.registers.$get()),
    shop ? need("/receipts", edge.v1["points-of-sale"][":id"].register.$get({ param: { id: shop.id } })) : null,
  ]);
  return (
    <>
      <PageHead title={say("nav.receipts")} text={say("receipts.text")} />
      <ShopChoice say={say} shops={shops} chosen={shop?.id} />
      <div className="max-w-3xl space-y-5">
        <Notice tone="info" title={say("receipts.roublesTitle")}>
          <p>{say("receipts.roublesText")}</p>
        </Notice>
        {chosen?.receipts_by && (
          <Notice tone="warn" title={say("receipts.bankTitle", { name: chosen.receipts_by.name })}>
            <p>{say("receipts.bankText")}</p>
            <p>
              <Link className="link" href="/integrations" prefetch={false}>
                {say("nav.integrations")}
              </Link>
            </p>
          </Notice>
        )}
        {shop && chosen && (
          <RegisterForm
            key={`${shop.id}-${chosen.register?.id}`}
            shop={shop.id}
            zone={zone}
            services={services.data}
            register={chosen.register}
            isAllowed={can("connections:write")}
            choose={chooseRegister}
            check={checkRegister}
            remove={removeRegister}
          />
        )}
      </div>
    </>
  );
}
