// Connecting a processor that has no pages of its own: everything here is made from its descriptor, its guide's words and
// what the connection says of itself.
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import { ConsentBanner } from "../../../../components/merchant/consent-banner.tsx";
import { CredentialForm } from "../../../../components/merchant/credential-form.tsx";
import { Disconnect } from "../../../../components/merchant/disconnect.tsx";
import { Findings } from "../../../../components/merchant/findings.tsx";
import { GUIDES, OWN_PAGES } from "../../../../components/merchant/guides.ts";
import { formatMoment } from "../../../../components/merchant/moment.ts";
import { OptionsForm } from "../../../../components/merchant/options-form.tsx";
import { RegisterNotifications } from "../../../../components/merchant/register-notifications.tsx";
import { ShopChoice } from "../../../../components/merchant/shop-choice.tsx";
import { StateBadge, wordsOf } from "../../../../components/merchant/states.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { Icon } from "../../../../components/ui/icon.tsx";
import { Notice } from "../../../../components/ui/notice.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, need, one } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { checkConnection, disconnect, replaceCredentials } from "../actions.ts";
import { chooseShop } from "../netopia/choose.ts";
import { OutcomeSection } from "../outcome-section.tsx";
import { connectProcessor, refreshAccounts, registerNotifications, resendConsent, saveOptions } from "./actions.ts";

type Props = {
  params: Promise<{ processor: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: wordsOf((await speak()).say, `processors.${(await params).processor}`) };
}

export default async function Page({ params, searchParams }: Props) {
  const [{ processor: id }, query] = await Promise.all([params, searchParams]);
  const [pos, wanted, consent] = [one(query.pos), one(query.connection), one(query.consent)];
  const parameters = new URLSearchParams({ ...(pos ? { pos } : {}), ...(wanted ? { connection: wanted } : {}) });
  const here = `/integrations/${encodeURIComponent(id)}`;
  const path = parameters.size > 0 ? `${here}?${parameters}` : here;
  const { say, locale, zone, edge, can, member } = await enter(path);
  if (OWN_PAGES.has(id)) notFound();
  const [processors, all] = await Promise.all([
    need(path, edge.v1.processors.$get()),
    need(path, edge.v1.connections.$get()),
  ]);
  const processor = processors.data.find((known) => known.id === id);
  if (!processor) notFound();
  const named = all.data.find((known) => known.id === wanted && known.processor === id);
  const shop = chooseShop(member.points_of_sale, named?.point_of_sale_id ?? pos);
  if (!shop) return null;
  const own = all.data.filter((known) => known.processor === id && known.point_of_sale_id === shop.id);
  const connection = wanted === "new" ? null : (named ?? own[0] ?? null);
  const param = { id: connection?.id ?? "" };
  const [options, accounts] = connection
    ? await Promise.all([
        need(path, edge.v1.connections[":id"].options.$get({ param })),
        processor.has_accounts ? need(path, edge.v1.connections[":id"].accounts.$get({ param })) : null,
      ])
    : [null, null];
  const mayChange = can("connections:write");
  const hrefOf = (connectionId: string) => `${here}?${new URLSearchParams({ pos: shop.id, connection: connectionId })}`;
  const external = (href: string, text: string) => (
    <a className="button button-small" href={href} target="_blank" rel="noopener">
      {text}
      <Icon name="external" size={16} />
      <span className="sr-only">{say("common.newTab")}</span>
    </a>
  );
  const admin =
    (connection?.environment ?? (shop.is_test ? "test" : "live")) === "live"
      ? processor.links.admin
      : processor.links.admin_test;
  const guide = GUIDES[id] ?? [];
  const name = wordsOf(say, `processors.${id}`);
  return (
    <>
      <PageHead
        title={name}
        text={say("keys.text", { shop: shop.name })}
        back={{ href: "/integrations", label: say("nav.integrations") }}
        beside={<StateBadge say={say} of="connection" state={connection?.status ?? "none"} />}
      />
      <ShopChoice say={say} shops={member.points_of_sale} chosen={shop.id} />
      {own.length > 0 && (
        <nav aria-label={say("keys.accounts")} className="mb-5 flex flex-wrap gap-2">
          {[...own.map((known) => known.id), ...(mayChange ? ["new"] : [])].map((target) => {
            const known = own.find((one) => one.id === target);
            const isHere = target === (connection?.id ?? "new");
            return (
              <Link
                key={target}
                href={hrefOf(target)}
                prefetch={false}
                aria-current={isHere ? "true" : undefined}
                className={`button button-small ${isHere ? "border-accent bg-accent-soft" : ""}`}
              >
                {known ? `${known.name} · ${say(`keys.environments.${known.environment}`)}` : say("keys.another")}
              </Link>
            );
          })}
        </nav>
      )}
      <div className="max-w-3xl space-y-5">
        {consent && say.has(`connect.outcomes.${consent}`) && (
          <div role="status">
            <Notice tone={consent === "granted" ? "good" : consent === "incomplete" ? "warn" : "bad"}>
              {say(`connect.outcomes.${consent}`)}
            </Notice>
          </div>
        )}
        {connection && (
          <ConsentBanner connection={connection} zone={zone} isAllowed={mayChange} resend={resendConsent} />
        )}
        {connection && (
          <section className="card space-y-4 p-5 sm:p-6" aria-labelledby="doctor">
            <h2 id="doctor" className="text-lg font-semibold">
              {say("doctor.title")}
            </h2>
            <Findings
              connection={connection}
              zone={zone}
              isAllowed={mayChange}
              check={checkConnection}
              resend={resendConsent}
              refreshAccounts={refreshAccounts}
              register={registerNotifications}
            />
          </section>
        )}
        {(processor.links.apply || processor.links.open_account) && connection?.status !== "verified" && (
          <Notice tone="warn" title={say("connect.needs")}>
            <p>{say("connect.needsText")}</p>
            <p className="flex flex-wrap gap-2 pt-2">
              {processor.links.apply && external(processor.links.apply, say("connect.apply"))}
              {processor.links.open_account && external(processor.links.open_account, say("connect.openAccount"))}
            </p>
          </Notice>
        )}
        {guide.length > 0 && (
          <section className="card p-5 sm:p-6" aria-labelledby="guide">
            <details open={connection === null}>
              <summary className="cursor-pointer text-lg font-semibold">
                <h2 id="guide" className="inline">
                  {say("connect.guide")}
                </h2>
              </summary>
              <ol className="mt-4 space-y-4">
                {guide.map((step, at) => (
                  <li key={step} className="flex gap-3" data-step={step}>
                    <span
                      aria-hidden="true"
                      className="grid size-7 shrink-0 place-items-center rounded-full bg-accent-soft text-sm font-bold text-accent"
                    >
                      {at + 1}
                    </span>
                    <div className="min-w-0 space-y-1">
                      <h3 className="font-semibold">{say(`guides.${id}.${step}.title`)}</h3>
                      <p className="text-[0.9375rem] text-quiet">{say(`guides.${id}.${step}.text`)}</p>
                      {step === "cabinet" && <p className="pt-1">{external(admin, say("connect.openAdmin"))}</p>}
                    </div>
                  </li>
                ))}
              </ol>
            </details>
          </section>
        )}
        {processor.consent && (
          <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="redirect">
            <h2 id="redirect" className="text-lg font-semibold">
              {say("connect.redirect")}
            </h2>
            <p className="text-[0.9375rem] text-quiet">{say("connect.redirectText")}</p>
            <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all" data-redirect-url>
              {processor.consent.redirect_url}
            </p>
            <CopyButton
              text={processor.consent.redirect_url}
              label={say("connect.copyRedirect")}
              done={say("common.copied")}
              failed={say("common.copyFailed")}
            />
          </section>
        )}
        <section className="card space-y-5 p-5 sm:p-6" aria-labelledby="keys">
          <div className="space-y-1">
            <h2 id="keys" className="text-lg font-semibold">
              {say("connect.credentials")}
            </h2>
            {connection?.consent?.state === "granted" && connection.consent.access_until && (
              <p className="text-sm text-quiet">
                {say("connect.access", { until: formatMoment(connection.consent.access_until, locale, zone) })}
              </p>
            )}
          </div>
          <CredentialForm
            key={connection?.id ?? "new"}
            processor={processor}
            shop={shop}
            connection={connection}
            isAllowed={mayChange}
            connect={connectProcessor.bind(null, id)}
            replace={replaceCredentials}
          />
        </section>
        {connection && options && (
          <section className="card space-y-5 p-5 sm:p-6" aria-labelledby="settings">
            <h2 id="settings" className="text-lg font-semibold">
              {say("connect.settings")}
            </h2>
            <OptionsForm
              key={`${connection.id} ${connection.consent?.state}`}
              processor={processor}
              connection={connection}
              options={options}
              accounts={accounts}
              shop={shop}
              merchant={member.merchant}
              support={member.support_email}
              zone={zone}
              isAllowed={mayChange}
              save={saveOptions}
              refreshAccounts={refreshAccounts}
            />
          </section>
        )}
        {connection && (
          <section className="card space-y-3 p-5 sm:p-6" aria-labelledby="address">
            <h2 id="address" className="text-lg font-semibold">
              {say("connect.notifications")}
            </h2>
            <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all">
              {connection.notification_address}
            </p>
            <div className="flex flex-wrap gap-2">
              <CopyButton
                text={connection.notification_address}
                label={say("keys.copyAddress")}
                done={say("common.copied")}
                failed={say("common.copyFailed")}
              />
            </div>
            {processor.registers_notifications && mayChange && connection.consent?.state !== "wanted" && (
              <RegisterNotifications connectionId={connection.id} register={registerNotifications} />
            )}
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
            <Disconnect connectionId={connection.id} disconnect={disconnect} then={here} />
          </section>
        )}
      </div>
    </>
  );
}
