// CRMs: the accounts in which our payment module is connected, and connecting one more.
import type { Metadata } from "next";
import Link from "next/link";
import { CrmForm } from "../../../../components/merchant/crm-form.tsx";
import { CrmState } from "../../../../components/merchant/crm-state.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, need } from "../../ask.ts";
import { speak } from "../../speak.ts";
import { connectCrm } from "./actions.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("crm.title") };
}

export default async function Page() {
  const path = "/integrations/crm";
  const { say, edge, can, member } = await enter(path);
  const list = await need(path, edge.v1["crm-installations"].$get());
  const isAllowed = can("connections:write");
  return (
    <>
      <PageHead
        title={say("crm.title")}
        text={say("crm.text")}
        back={{ href: "/integrations", label: say("nav.integrations") }}
      />
      <div className="space-y-6">
        {list.data.length > 0 && (
          <ul className="card divide-y divide-line overflow-hidden" aria-label={say("crm.connected")}>
            {list.data.map((one) => (
              <li key={one.id} className="relative flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-4">
                <div className="min-w-0 flex-1 basis-56">
                  <Link
                    href={`${path}/${one.id}`}
                    prefetch={false}
                    className="font-semibold [overflow-wrap:anywhere] after:absolute after:inset-0"
                  >
                    {one.url.replace(/^https?:\/\//, "")}
                  </Link>
                  <p className="text-sm text-quiet">
                    {[
                      one.brand,
                      member.points_of_sale.find((shop) => shop.id === one.point_of_sale_id)?.name,
                      say("crm.shopCount", { count: one.shops.filter((shop) => shop.active).length }),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </p>
                </div>
                <CrmState say={say} installation={one} />
              </li>
            ))}
          </ul>
        )}
        {isAllowed && (
          <section className="card space-y-5 p-5" aria-labelledby="connect-crm">
            <h2 id="connect-crm" className="text-lg font-semibold">
              {say("crm.connectTitle")}
            </h2>
            <CrmForm
              shops={member.points_of_sale}
              required={list.required_methods}
              useful={list.useful_methods}
              connect={connectCrm}
            />
          </section>
        )}
        {isAllowed && list.connect_urls.length > 0 && (
          <details className="card p-5">
            <summary className="font-semibold">{say("crm.oneClick")}</summary>
            <div className="mt-3 space-y-3">
              <p className="text-quiet">{say("crm.oneClickText")}</p>
              {list.connect_urls.map(({ point_of_sale_id, url }) => (
                <div key={point_of_sale_id} className="flex flex-wrap items-center gap-3">
                  <span className="min-w-0 flex-1 basis-56 font-mono text-sm [overflow-wrap:anywhere]" data-connect-url>
                    {url}
                  </span>
                  <CopyButton
                    text={url}
                    label={say("crm.copyAddress")}
                    done={say("common.copied")}
                    failed={say("common.copyFailed")}
                  />
                </div>
              ))}
            </div>
          </details>
        )}
      </div>
    </>
  );
}
