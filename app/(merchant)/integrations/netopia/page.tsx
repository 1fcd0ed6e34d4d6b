// The guide to NETOPIA Payments: condition, account, point of sale, keys, and the way to the configuration.
import type { Metadata } from "next";
import Link from "next/link";
import { AccountWarning } from "../../../../components/merchant/account-warning.tsx";
import { GuideVideo } from "../../../../components/merchant/guide-video.tsx";
import { HelpVote } from "../../../../components/merchant/help-vote.tsx";
import { OnboardingSteps } from "../../../../components/merchant/onboarding-steps.tsx";
import { RecentlyViewed } from "../../../../components/merchant/recently-viewed.tsx";
import { ShopChoice } from "../../../../components/merchant/shop-choice.tsx";
import { StateBadge } from "../../../../components/merchant/states.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { Icon } from "../../../../components/ui/icon.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, everyConnection, need, one } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { markStep } from "../actions.ts";
import { chooseShop, connectionsOf } from "./choose.ts";
import { readVotes, vote } from "./help.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("processors.netopia") };
}

const ACCOUNT_STEPS = ["reach_platform", "create_account", "fill_data", "sign_contract", "account_approval"];

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const pos = one((await searchParams).pos);
  const path = pos ? `/integrations/netopia?pos=${encodeURIComponent(pos)}` : "/integrations/netopia";
  const { say, zone, edge, can, member } = await enter(path);
  const shop = chooseShop(member.points_of_sale, pos);
  if (!shop) return null;
  const [processors, connections, onboarding, votes] = await Promise.all([
    need(path, edge.v1.processors.$get()),
    everyConnection(path, { processor: "netopia" }),
    need(
      path,
      edge.v1["points-of-sale"][":id"].onboarding[":processor"].$get({ param: { id: shop.id, processor: "netopia" } }),
    ),
    readVotes(),
  ]);
  const links = processors.data.find((processor) => processor.id === "netopia")?.links;
  const status = connectionsOf(connections.data, shop)[0]?.status ?? "none";
  const mark = markStep.bind(null, shop.id, "netopia");
  const account = onboarding.data.filter((step) => ACCOUNT_STEPS.includes(step.step));
  const pointOfSale = onboarding.data.filter((step) => !ACCOUNT_STEPS.includes(step.step));
  const accountHref = `/integrations/netopia/account${pos ? `?pos=${encodeURIComponent(shop.id)}` : ""}`;
  const copies: [string, string][] = [
    [say("guide.copyName"), shop.name],
    [say("guide.copySite"), shop.site],
    ...(shop.activity ? ([[say("guide.copyActivity"), shop.activity]] as [string, string][]) : []),
  ];
  const external = (href: string, text: string) => (
    <a className="button button-small" href={href} target="_blank" rel="noopener">
      {text}
      <Icon name="external" size={16} />
      <span className="sr-only">{say("common.newTab")}</span>
    </a>
  );
  return (
    <>
      <PageHead
        title={say("processors.netopia")}
        text={say("guide.text")}
        back={{ href: "/integrations", label: say("nav.integrations") }}
        beside={<StateBadge say={say} of="connection" state={status} />}
      >
        <Link href={accountHref} prefetch={false} className="button button-primary">
          {say("guide.configure")}
        </Link>
      </PageHead>
      <ShopChoice say={say} shops={member.points_of_sale} chosen={shop.id} />
      <div className="max-w-3xl space-y-5">
        <AccountWarning say={say} eligibility={links?.eligibility ?? links?.home ?? "#"} />
        <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="account">
          <h2 id="account" className="text-lg font-semibold">
            {say("guide.accountTitle")}
          </h2>
          <OnboardingSteps
            processor="netopia"
            steps={account}
            zone={zone}
            canMark={can("connections:write")}
            mark={mark}
            extras={{ reach_platform: links && external(links.home, say("guide.openPlatform")) }}
          />
        </section>
        <GuideVideo say={say} film={null} />
        <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="admin">
          <h2 id="admin" className="text-lg font-semibold">
            {say("guide.adminTitle")}
          </h2>
          <p className="text-quiet">{say("guide.adminText")}</p>
          <p className="flex flex-wrap gap-2">
            {links && external(links.admin, say("guide.openAdmin"))}
            {links && external(links.admin_test, say("guide.openAdminTest"))}
          </p>
        </section>
        <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="pos">
          <div>
            <h2 id="pos" className="text-lg font-semibold">
              {say("guide.posTitle")}
            </h2>
            <p className="text-quiet">{say("guide.posRule")}</p>
          </div>
          <OnboardingSteps
            processor="netopia"
            steps={pointOfSale}
            zone={zone}
            canMark={can("connections:write")}
            mark={mark}
            extras={{
              add_point_of_sale: (
                <div className="space-y-2">
                  <ol className="list-decimal space-y-1 pl-5 text-[0.9375rem]">
                    {["menu", "add", "choose", "fill", "wait"].map((step) => (
                      <li key={step}>{say(`guide.posSteps.${step}`)}</li>
                    ))}
                  </ol>
                  <dl className="divide-y divide-line rounded-lg border border-line">
                    {copies.map(([name, value]) => (
                      <div key={name} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2">
                        <dt className="basis-40 text-sm text-quiet">{name}</dt>
                        <dd className="flex min-w-0 flex-1 basis-40 items-center justify-between gap-2 font-medium">
                          <span className="min-w-0 [overflow-wrap:anywhere]">{value}</span>
                          <CopyButton
                            text={value}
                            label={say("guide.copyOf", { name })}
                            done={say("common.copied")}
                            failed={say("common.copyFailed")}
                            isIconOnly
                          />
                        </dd>
                      </div>
                    ))}
                  </dl>
                </div>
              ),
            }}
          />
          <p className="text-[0.9375rem] text-quiet">{say("guide.posApproved")}</p>
        </section>
        <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="keys">
          <h2 id="keys" className="text-lg font-semibold">
            {say("guide.keysTitle")}
          </h2>
          <ol className="list-decimal space-y-1 pl-5 text-[0.9375rem]">
            {["section", "settings", "signature", "download"].map((step) => (
              <li key={step}>{say(`guide.keySteps.${step}`)}</li>
            ))}
          </ol>
          <p className="text-[0.9375rem] text-quiet">{say("guide.keysWhy")}</p>
          <p>
            <Link href={accountHref} prefetch={false} className="button button-primary">
              {say("guide.configure")}
            </Link>
          </p>
        </section>
        <HelpVote votes={votes} vote={vote} />
        <RecentlyViewed page="netopia" />
      </div>
    </>
  );
}
