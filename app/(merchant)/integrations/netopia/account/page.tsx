// Configuring the NETOPIA account of a point of sale: keys, check, the three switches, notification address.
import type { Metadata } from "next";
import Link from "next/link";
import { AccountWarning } from "../../../../../components/merchant/account-warning.tsx";
import { ConnectionCheck } from "../../../../../components/merchant/connection-check.tsx";
import { Disconnect } from "../../../../../components/merchant/disconnect.tsx";
import { KeyForm } from "../../../../../components/merchant/key-form.tsx";
import { formatMoment } from "../../../../../components/merchant/moment.ts";
import { OptionSwitches } from "../../../../../components/merchant/option-switches.tsx";
import { RecentlyViewed } from "../../../../../components/merchant/recently-viewed.tsx";
import { ShopChoice } from "../../../../../components/merchant/shop-choice.tsx";
import { StateBadge, wordsOf } from "../../../../../components/merchant/states.tsx";
import { CopyButton } from "../../../../../components/ui/copy-button.tsx";
import { Icon } from "../../../../../components/ui/icon.tsx";
import { Notice } from "../../../../../components/ui/notice.tsx";
import { PageHead } from "../../../../../components/ui/page-head.tsx";
import { enter, everyConnection, need, one } from "../../../ask.ts";
import { speak } from "../../../speak.ts";
import { changeShop, checkConnection, connect, disconnect, replaceCredentials, tellPageSeen } from "../../actions.ts";
import { OutcomeSection } from "../../outcome-section.tsx";
import { chooseShop, connectionsOf } from "../choose.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("guide.configure") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const query = await searchParams;
  const [pos, wanted] = [one(query.pos), one(query.connection)];
  const parameters = new URLSearchParams({ ...(pos ? { pos } : {}), ...(wanted ? { connection: wanted } : {}) });
  const path = `/integrations/netopia/account${parameters.size > 0 ? `?${parameters}` : ""}`;
  const { say, locale, zone, edge, can, member } = await enter(path);
  const shop = chooseShop(member.points_of_sale, pos);
  if (!shop) return null;
  const [processors, all] = await Promise.all([
    need(path, edge.v1.processors.$get()),
    everyConnection(path, { processor: "netopia" }),
  ]);
  const processor = processors.data.find((known) => known.id === "netopia");
  const own = connectionsOf(all.data, shop);
  const connection = wanted === "new" ? null : (own.find((known) => known.id === wanted) ?? own[0] ?? null);
  const mayChange = can("connections:write");
  const hrefOf = (id: string) =>
    `/integrations/netopia/account?${new URLSearchParams({ pos: shop.id, connection: id })}`;
  return (
    <>
      <PageHead
        title={say("guide.configure")}
        text={say("keys.text", { shop: shop.name })}
        back={{ href: "/integrations/netopia", label: say("processors.netopia") }}
        beside={<StateBadge say={say} of="connection" state={connection?.status ?? "none"} />}
      />
      <ShopChoice say={say} shops={member.points_of_sale} chosen={shop.id} />
      {own.length > 0 && (
        <nav aria-label={say("keys.accounts")} className="mb-5 flex flex-wrap gap-2">
          {own.map((known) => (
            <Link
              key={known.id}
              href={hrefOf(known.id)}
              prefetch={false}
              aria-current={known.id === connection?.id ? "true" : undefined}
              className={`button button-small ${known.id === connection?.id ? "border-accent bg-accent-soft" : ""}`}
            >
              {known.name} · {say(`keys.environments.${known.environment}`)}
            </Link>
          ))}
          {mayChange && (
            <Link
              href={hrefOf("new")}
              prefetch={false}
              aria-current={connection ? undefined : "true"}
              className={`button button-small ${connection ? "" : "border-accent bg-accent-soft"}`}
            >
              <Icon name="plus" size={16} />
              {say("keys.another")}
            </Link>
          )}
        </nav>
      )}
      <div className="max-w-3xl space-y-5">
        {connection?.status !== "verified" && (
          <AccountWarning say={say} eligibility={processor?.links.eligibility ?? processor?.links.home ?? "#"} />
        )}
        {connection?.warnings.map((warning) => (
          <Notice key={warning} tone="warn" title={say("keys.warning")}>
            <p>{wordsOf(say, `warnings.${warning}`)}</p>
          </Notice>
        ))}
        {connection && (
          <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="check">
            <h2 id="check" className="text-lg font-semibold">
              {say("check.title")}
            </h2>
            <ConnectionCheck
              connection={connection}
              zone={zone}
              isAllowed={mayChange}
              check={checkConnection}
              tellPageSeen={tellPageSeen}
            />
          </section>
        )}
        <section className="card space-y-5 p-5 sm:p-6" aria-labelledby="keys">
          <div>
            <h2 id="keys" className="text-lg font-semibold">
              {say("keys.title")}
            </h2>
            <p className="text-[0.9375rem] text-quiet">
              {say("keys.where")}{" "}
              <Link className="link" href="/integrations/netopia#keys" prefetch={false}>
                {say("keys.whereLink")}
              </Link>
            </p>
          </div>
          <KeyForm
            key={connection?.id ?? "new"}
            variants={processor?.variants ?? []}
            shop={shop}
            connection={connection}
            zone={zone}
            isAllowed={mayChange}
            connect={connect}
            replace={replaceCredentials}
          />
        </section>
        <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="options">
          <h2 id="options" className="text-lg font-semibold">
            {say("options.title")}
          </h2>
          <p className="text-[0.9375rem] text-quiet">{say("options.text")}</p>
          <OptionSwitches shop={shop} isAllowed={can("settings:write")} change={changeShop} />
        </section>
        {connection && (
          <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="address">
            <h2 id="address" className="text-lg font-semibold">
              {say("keys.addressTitle")}
            </h2>
            <p className="text-[0.9375rem] text-quiet">{say("keys.addressText")}</p>
            <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all">
              {connection.notification_address}
            </p>
            <CopyButton
              text={connection.notification_address}
              label={say("keys.copyAddress")}
              done={say("common.copied")}
              failed={say("common.copyFailed")}
            />
            <p className="text-sm text-quiet">
              {connection.last_notification_at
                ? say("keys.lastNotification", { at: formatMoment(connection.last_notification_at, locale, zone) })
                : say("keys.noNotification")}
            </p>
          </section>
        )}
        {connection && <OutcomeSection path={path} />}
        {connection && mayChange && (
          <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="disconnect">
            <h2 id="disconnect" className="text-lg font-semibold">
              {say("disconnect.title")}
            </h2>
            <p className="text-[0.9375rem] text-quiet">{say("disconnect.text")}</p>
            <Disconnect connectionId={connection.id} disconnect={disconnect} then="/integrations/netopia" />
          </section>
        )}
        <RecentlyViewed page="netopia-account" />
      </div>
    </>
  );
}
