// Connecting a processor that has no pages of its own: everything here is made from its descriptor, its guide's words and
// what the connection says of itself.
import type { Metadata } from "next";
import Link from "next/link";
import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { ConsentBanner } from "../../../../components/merchant/consent-banner.tsx";
import { CredentialForm } from "../../../../components/merchant/credential-form.tsx";
import { Disconnect } from "../../../../components/merchant/disconnect.tsx";
import { Findings } from "../../../../components/merchant/findings.tsx";
import { GuideCases } from "../../../../components/merchant/guide-cases.tsx";
import { GuideSteps } from "../../../../components/merchant/guide-steps.tsx";
import { CASES, GUIDE_CASES, GUIDES, OWN_PAGES } from "../../../../components/merchant/guides.ts";
import { formatMoment } from "../../../../components/merchant/moment.ts";
import { OptionsForm } from "../../../../components/merchant/options-form.tsx";
import { RegisterNotifications } from "../../../../components/merchant/register-notifications.tsx";
import { ShopChoice } from "../../../../components/merchant/shop-choice.tsx";
import { StateBadge, wordsOf } from "../../../../components/merchant/states.tsx";
import { SupportChannels } from "../../../../components/merchant/support-channels.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { Icon } from "../../../../components/ui/icon.tsx";
import { Notice } from "../../../../components/ui/notice.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, need, one } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { checkConnection, disconnect, markStep, replaceCredentials } from "../actions.ts";
import { chooseShop } from "../netopia/choose.ts";
import { OutcomeSection } from "../outcome-section.tsx";
import {
  connectProcessor,
  refreshAccounts,
  registerNotifications,
  resendConsent,
  saveOptions,
  startTrial,
} from "./actions.ts";

type Props = {
  params: Promise<{ processor: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
};

/** Connections of one account on a page. */
const PER_PAGE = "12";

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: wordsOf((await speak()).say, `processors.${(await params).processor}`) };
}

export default async function Page({ params, searchParams }: Props) {
  const [{ processor: id }, query] = await Promise.all([params, searchParams]);
  const [pos, wanted, consent] = [one(query.pos), one(query.connection), one(query.consent)];
  const parameters = new URLSearchParams(
    Object.entries({ pos, connection: wanted, case: one(query.case), after: one(query.after) }).filter(
      (given): given is [string, string] => given[1] !== undefined,
    ),
  );
  const here = `/integrations/${encodeURIComponent(id)}`;
  const path = parameters.size > 0 ? `${here}?${parameters}` : here;
  const { say, locale, zone, edge, can, member } = await enter(path);
  if (OWN_PAGES.has(id)) notFound();
  const [processors, asked] = await Promise.all([
    need(path, edge.v1.processors.$get()),
    wanted && wanted !== "new" ? need(path, edge.v1.connections[":id"].$get({ param: { id: wanted } })) : null,
  ]);
  const processor = processors.data.find((known) => known.id === id);
  if (!processor) notFound();
  const named = asked?.processor === id ? asked : undefined;
  const shop = chooseShop(member.points_of_sale, named?.point_of_sale_id ?? pos);
  if (!shop) return null;
  const after = one(query.after);
  const listed = { processor: id, point_of_sale_id: shop.id, limit: PER_PAGE, ...(after ? { cursor: after } : {}) };
  const [list, onboarding] = await Promise.all([
    need(path, edge.v1.connections.$get({ query: listed as never })),
    GUIDE_CASES[id]
      ? need(
          path,
          edge.v1["points-of-sale"][":id"].onboarding[":processor"].$get({ param: { id: shop.id, processor: id } }),
        )
      : { data: [] },
  ]);
  const own = list.data;
  const connection = wanted === "new" ? null : (named ?? own[0] ?? null);
  const param = { id: connection?.id ?? "" };
  const [options, accounts] = connection
    ? await Promise.all([
        need(path, edge.v1.connections[":id"].options.$get({ param })),
        processor.has_accounts ? need(path, edge.v1.connections[":id"].accounts.$get({ param })) : null,
      ])
    : [null, null];
  const mayChange = can("connections:write");
  const hrefWith = (parameters: Record<string, string | undefined>) =>
    `${here}?${new URLSearchParams(
      Object.entries({ pos: shop.id, after, ...parameters }).filter((one): one is [string, string] => Boolean(one[1])),
    )}`;
  const hrefOf = (connectionId: string) => hrefWith({ connection: connectionId });
  const hasBegun = onboarding.data.some((step) => step.started_at || step.done_at);
  const guideCase = CASES.find((one) => one === query.case) ?? (hasBegun && !connection ? "new" : null);
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
          {after && (
            <Link href={hrefWith({ after: undefined })} prefetch={false} className="button button-small">
              {say("common.firstPage")}
            </Link>
          )}
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
          {list.next_cursor && (
            <Link
              href={hrefWith({ after: list.next_cursor })}
              prefetch={false}
              rel="next"
              className="button button-small"
            >
              {say("common.nextPage")}
              <Icon name="arrow" size={16} />
            </Link>
          )}
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
        {GUIDE_CASES[id] && (
          <GuideCard title={say("connect.guide")} isOpen={connection === null || guideCase !== null}>
            <GuideCases
              say={say}
              processor={id}
              zone={zone}
              chosen={guideCase}
              hrefOf={(one) => hrefWith({ connection: wanted, case: one })}
              onboarding={onboarding.data}
              canMark={mayChange}
              mark={markStep.bind(null, shop.id, id)}
              admin={<p>{external(admin, say("connect.openAdmin"))}</p>}
            />
          </GuideCard>
        )}
        {guide.length > 0 && (
          <GuideCard title={say("connect.guide")} isOpen={connection === null}>
            <GuideSteps
              say={say}
              processor={id}
              steps={guide}
              extras={{ cabinet: <p className="pt-1">{external(admin, say("connect.openAdmin"))}</p> }}
            />
          </GuideCard>
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
              startTrial={startTrial}
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
        <SupportChannels say={say} channels={member.support} />
      </div>
    </>
  );
}

/** The guide, folded away once it has done its work. */
function GuideCard({ title, isOpen, children }: { title: string; isOpen: boolean; children: ReactNode }) {
  return (
    <section className="card p-5 sm:p-6" aria-labelledby="guide">
      <details open={isOpen}>
        <summary className="cursor-pointer text-lg font-semibold">
          <h2 id="guide" className="inline">
            {title}
          </h2>
        </summary>
        <div className="mt-4">{children}</div>
      </details>
    </section>
  );
}
