// The merchant's points of sale.
import type { Metadata } from "next";
import { Fragment } from "react";
import { BrandForm } from "../../../components/merchant/brand-form.tsx";
import { ShopForm } from "../../../components/merchant/shop-form.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter } from "../ask.ts";
import { changeShop } from "../integrations/actions.ts";
import { speak } from "../speak.ts";
import { changeColor, putLogo, removeLogo } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.pointsOfSale") };
}

export default async function Page() {
  const { say, can, member } = await enter("/points-of-sale");
  return (
    <>
      <PageHead title={say("nav.pointsOfSale")} text={say("shops.text")} />
      <div className="max-w-3xl space-y-5">
        {member.points_of_sale.map((shop) => (
          <Fragment key={shop.id}>
            <ShopForm shop={shop} isAllowed={can("settings:write")} change={changeShop} />
            <BrandForm
              shop={shop}
              isAllowed={can("settings:write")}
              changeColor={changeColor}
              putLogo={putLogo}
              removeLogo={removeLogo}
            />
          </Fragment>
        ))}
      </div>
    </>
  );
}
