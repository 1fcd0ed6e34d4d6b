// The inbox of notifications: what came, whether it was believed and why not, what became of it.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoment } from "../../../components/merchant/moment.ts";
import { StateBadge, wordsOf } from "../../../components/merchant/states.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { Pager } from "../../../components/ui/pager.tsx";
import { enter, need, one } from "../ask.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.ipns") };
}

const VERDICTS = ["verified", "hint", "rejected"] as const;
type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const query = await searchParams;
  const cursor = one(query.cursor);
  const verdict = VERDICTS.find((known) => known === one(query.verdict));
  const pathWith = (next: string | undefined) => {
    const parameters = new URLSearchParams({ ...(verdict ? { verdict } : {}), ...(next ? { cursor: next } : {}) });
    return parameters.size > 0 ? `/ipns?${parameters}` : "/ipns";
  };
  const path = pathWith(cursor);
  const { say, locale, zone, edge } = await enter(path);
  const list = await need(path, edge.v1.ipns.$get({ query: { cursor, verdict, limit: "25" } as never }));
  return (
    <>
      <PageHead title={say("nav.ipns")} text={say("ipns.text")} />
      <form className="mb-4 flex flex-wrap gap-2">
        <label>
          <span className="sr-only">{say("ipns.verdict")}</span>
          <select name="verdict" defaultValue={verdict ?? ""} className="field w-auto">
            <option value="">{say("ipns.anyVerdict")}</option>
            {VERDICTS.map((known) => (
              <option key={known} value={known}>
                {say(`states.verdict.${known}`)}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button">
          {say("common.filter")}
        </button>
      </form>
      <section className="card overflow-hidden" aria-label={say("nav.ipns")}>
        {list.data.length === 0 ? (
          <EmptyState icon="inbox" title={say("ipns.emptyTitle")} text={say("ipns.emptyText")} />
        ) : (
          <ul className="divide-y divide-line">
            {list.data.map((ipn) => (
              <li
                key={ipn.id}
                className="relative flex flex-wrap items-center gap-x-4 gap-y-1.5 px-4 py-3 hover:bg-sunken/60"
              >
                <span className="flex flex-wrap gap-1.5 md:basis-64">
                  <StateBadge say={say} of="verdict" state={ipn.verdict} />
                  <StateBadge say={say} of="inbox" state={ipn.state} />
                </span>
                <span className="min-w-0 flex-1 basis-56">
                  <Link href={`/ipns/${ipn.id}`} prefetch={false} className="font-medium after:absolute after:inset-0">
                    {formatMoment(ipn.received_at, locale, zone)}
                  </Link>
                  <span className="block text-sm text-quiet [overflow-wrap:anywhere]">
                    {[
                      ipn.processor && wordsOf(say, `processors.${ipn.processor}`),
                      ipn.reason && wordsOf(say, `ipnReasons.${ipn.reason}`),
                      ...ipn.observations.map((observation) => wordsOf(say, `observations.${observation.kind}`)),
                    ]
                      .filter(Boolean)
                      .join(" · ")}
                  </span>
                </span>
                <span className="text-sm text-quiet">{say("ipns.answered", { status: ipn.answer_status })}</span>
              </li>
            ))}
          </ul>
        )}
        <Pager
          label={say("common.pages")}
          first={cursor ? { href: pathWith(undefined), label: say("common.firstPage") } : null}
          next={list.next_cursor ? { href: pathWith(list.next_cursor), label: say("common.nextPage") } : null}
        />
      </section>
    </>
  );
}
