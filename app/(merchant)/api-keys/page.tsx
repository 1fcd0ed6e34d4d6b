// API keys of the points of sale.
import type { Metadata } from "next";
import { NewKey, RevokeKey } from "../../../components/merchant/api-key-actions.tsx";
import { formatShortMoment } from "../../../components/merchant/moment.ts";
import { Badge } from "../../../components/ui/badge.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, need } from "../ask.ts";
import { speak } from "../speak.ts";
import { createKey, revokeKey } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.apiKeys") };
}

export default async function Page() {
  const { say, locale, zone, edge, member } = await enter("/api-keys");
  const list = await need("/api-keys", edge.v1["api-keys"].$get());
  const shopName = (id: string) => member.points_of_sale.find((shop) => shop.id === id)?.name ?? id;
  return (
    <>
      <PageHead title={say("nav.apiKeys")} text={say("apiKeys.text")}>
        <NewKey shops={member.points_of_sale} scopes={member.scopes} create={createKey} />
      </PageHead>
      <section className="card overflow-hidden" aria-label={say("nav.apiKeys")}>
        {list.data.length === 0 ? (
          <EmptyState icon="key" title={say("apiKeys.emptyTitle")} text={say("apiKeys.emptyText")} />
        ) : (
          <ul className="divide-y divide-line">
            {list.data.map((key) => (
              <li key={key.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 px-4 py-4 sm:px-5">
                <div className="min-w-0 flex-1 basis-64 space-y-1">
                  <p className="flex flex-wrap items-center gap-2 font-semibold">
                    {key.name}
                    {key.revoked_at && (
                      <Badge tone="plain" icon="cross">
                        {say("apiKeys.isRevoked")}
                      </Badge>
                    )}
                  </p>
                  <p className="font-mono text-sm text-quiet">{key.prefix}…</p>
                  <p className="text-sm text-quiet">
                    {shopName(key.point_of_sale_id)} ·{" "}
                    {key.last_used_at
                      ? say("apiKeys.lastUsed", { at: formatShortMoment(key.last_used_at, locale, zone) })
                      : say("apiKeys.neverUsed")}
                  </p>
                  <p className="font-mono text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">
                    {key.scopes.join(" ")}
                  </p>
                </div>
                {!key.revoked_at && <RevokeKey keyId={key.id} name={key.name} revoke={revokeKey} />}
              </li>
            ))}
          </ul>
        )}
      </section>
    </>
  );
}
