// Integrations: which processors there are, how far each has come, and what is wrong with them.
import type { Metadata } from "next";
import Link from "next/link";
import { StateBadge, wordsOf } from "../../../components/merchant/states.tsx";
import { Badge } from "../../../components/ui/badge.tsx";
import { Icon } from "../../../components/ui/icon.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { enter, everyConnection, need, one } from "../ask.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.integrations") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

/** Without case and marks, so that "plati" finds "plăți". */
const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

export default async function Page({ searchParams }: Props) {
  const asked = (one((await searchParams).q) ?? "").trim();
  const { say, locale, edge } = await enter("/integrations");
  const [processors, connections] = await Promise.all([
    need("/integrations", edge.v1.processors.$get()),
    everyConnection("/integrations"),
  ]);
  const isAsked = (text: string) =>
    plain(asked)
      .split(/\s+/)
      .every((word) => text.includes(word));
  const countries = new Intl.DisplayNames([locale], { type: "region" });
  const shown = processors.data
    .map((processor) => {
      const methods = [...new Set(processor.variants.flatMap((variant) => variant.methods))];
      const names = methods.map((method) => wordsOf(say, `methods.${method}`));
      const country = countries.of(processor.country) ?? processor.country;
      const name = wordsOf(say, `processors.${processor.id}`);
      const about = say.has(`integrations.about.${processor.id}`) ? say(`integrations.about.${processor.id}`) : "";
      return { ...processor, name, country, about, names, text: plain([name, country, about, ...names].join(" ")) };
    })
    .filter(({ text }) => isAsked(text));
  const isCrmShown = isAsked(plain(`${say("crm.section")} ${say("crm.title")} ${say("crm.text")}`));
  return (
    <>
      <PageHead title={say("nav.integrations")} text={say("integrations.text")}>
        <Link href="/payment-methods" prefetch={false} className="button">
          <Icon name="sort" size={16} />
          {say("methodOrder.title")}
        </Link>
      </PageHead>
      <search>
        <form className="mb-5 flex max-w-md gap-2">
          <label className="min-w-0 flex-1">
            <span className="sr-only">{say("integrations.search")}</span>
            <input
              type="search"
              name="q"
              defaultValue={asked}
              placeholder={say("integrations.searchHint")}
              className="field"
            />
          </label>
          <button type="submit" className="button">
            <Icon name="search" size={16} />
            {say("common.filter")}
          </button>
        </form>
      </search>
      {shown.length === 0 && !isCrmShown && <p className="text-quiet">{say("integrations.noneFound")}</p>}
      <ul className="grid gap-4 sm:grid-cols-2">
        {shown.map((processor) => {
          const own = connections.data.filter((connection) => connection.processor === processor.id);
          const status = own.find((connection) => connection.status === "verified")?.status ?? own[0]?.status ?? "none";
          const findings = own.reduce((sum, connection) => sum + (connection.diagnosis?.findings.length ?? 0), 0);
          return (
            <li key={processor.id} className="card relative space-y-3 p-5 hover:border-accent">
              <div className="flex items-start justify-between gap-3">
                <span className="grid size-11 place-items-center rounded-xl bg-accent-soft text-accent">
                  <Icon name="card" size={24} />
                </span>
                <span className="flex flex-wrap justify-end gap-1.5">
                  <StateBadge say={say} of="connection" state={status} />
                  {findings > 0 && (
                    <Badge tone="warn" icon="alert">
                      {say("integrations.findings", { count: findings })}
                    </Badge>
                  )}
                </span>
              </div>
              <h2 className="text-lg font-semibold">
                <Link href={`/integrations/${processor.id}`} prefetch={false} className="after:absolute after:inset-0">
                  {processor.name}
                </Link>
              </h2>
              <p className="text-quiet">{processor.about}</p>
              <p className="text-sm text-quiet">
                {processor.country} · {processor.names.join(", ")}
              </p>
            </li>
          );
        })}
      </ul>
      {isCrmShown && (
        <section className="mt-8 space-y-3" aria-labelledby="crms">
          <h2 id="crms" className="text-lg font-semibold">
            {say("crm.section")}
          </h2>
          <div className="card relative flex flex-wrap items-center gap-4 p-5 hover:border-accent">
            <span className="grid size-11 place-items-center rounded-xl bg-accent-soft text-accent">
              <Icon name="plug" size={24} />
            </span>
            <div className="min-w-0 flex-1 basis-56">
              <h3 className="font-semibold">
                <Link href="/integrations/crm" prefetch={false} className="after:absolute after:inset-0">
                  {say("crm.title")}
                </Link>
              </h3>
              <p className="text-quiet">{say("crm.text")}</p>
            </div>
          </div>
        </section>
      )}
    </>
  );
}
