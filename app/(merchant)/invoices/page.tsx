// Invoices: search, filter, pages, and the card button that opens an invoice's transactions.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoney } from "../../../components/format/money.ts";
import { heldFor } from "../../../components/merchant/held-for.ts";
import { HoldNote } from "../../../components/merchant/hold-note.tsx";
import { formatDay, formatShortMoment } from "../../../components/merchant/moment.ts";
import { OwnStatusBadge } from "../../../components/merchant/own-status.tsx";
import { RoutedDialog } from "../../../components/merchant/routed-dialog.tsx";
import { invoiceState, StateBadge, TestBadge } from "../../../components/merchant/states.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { Icon } from "../../../components/ui/icon.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { Pager } from "../../../components/ui/pager.tsx";
import { enter, everyConnection, need, one } from "../ask.ts";
import { speak } from "../speak.ts";
import { Transactions } from "./transactions.tsx";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.invoices") };
}

const STATES = ["draft", "open", "authorized", "paid", "cancelled"] as const;

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const query = await searchParams;
  const [q, cursor, card] = [one(query.q)?.trim() ?? "", one(query.cursor), one(query.card)];
  const status = one(query.status);
  const state = STATES.find((known) => known === one(query.state));
  const pathWith = (changes: Record<string, string | undefined>) => {
    const entries = Object.entries({ q: q || undefined, state, status, cursor, ...changes });
    const parameters = new URLSearchParams(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
    return parameters.size > 0 ? `/invoices?${parameters}` : "/invoices";
  };
  const path = pathWith({ card });
  const { say, locale, zone, edge, can } = await enter(path);
  const [list, connections, statuses] = await Promise.all([
    need(
      path,
      edge.v1.invoices.$get({ query: { q: q || undefined, state, own_status: status, cursor, limit: "25" } as never }),
    ),
    can("connections:read") ? everyConnection(path) : { data: [] },
    need(path, edge.v1["own-statuses"].$get()),
  ]);
  // The card button is there once a processor has been verified at the invoice's point of sale, or took a payment before.
  const active = new Set(connections.data.filter((c) => c.status === "verified").map((c) => c.point_of_sale_id));
  const isFiltered = q !== "" || state !== undefined || status !== undefined;
  const opened = card ? list.data.find((invoice) => invoice.id === card) : undefined;
  return (
    <>
      <PageHead title={say("nav.invoices")} text={say("invoices.text")}>
        {can("invoices:write") && (
          <Link href="/invoices/new" prefetch={false} className="button button-primary">
            <Icon name="plus" />
            {say("invoices.new")}
          </Link>
        )}
      </PageHead>
      <search>
        <form action="/invoices" className="mb-4 flex flex-wrap gap-2">
          <label className="relative min-w-0 flex-1 basis-56">
            <span className="sr-only">{say("invoices.search")}</span>
            <Icon name="search" className="pointer-events-none absolute top-3 left-3 text-quiet" />
            <input
              type="search"
              name="q"
              defaultValue={q}
              maxLength={80}
              placeholder={say("invoices.searchHint")}
              className="field pl-10"
            />
          </label>
          <label>
            <span className="sr-only">{say("invoices.stateFilter")}</span>
            <select name="state" defaultValue={state ?? ""} className="field w-auto">
              <option value="">{say("invoices.anyState")}</option>
              {STATES.map((known) => (
                <option key={known} value={known}>
                  {say(`states.invoice.${known}`)}
                </option>
              ))}
            </select>
          </label>
          {statuses.data.length > 0 && (
            <label>
              <span className="sr-only">{say("statuses.filter")}</span>
              <select name="status" defaultValue={status ?? ""} className="field w-auto max-w-full">
                <option value="">{say("statuses.any")}</option>
                {statuses.data.map((known) => (
                  <option key={known.id} value={known.id}>
                    {known.name}
                  </option>
                ))}
              </select>
            </label>
          )}
          <button type="submit" className="button">
            {say("common.filter")}
          </button>
          {isFiltered && (
            <Link href="/invoices" prefetch={false} className="button button-quiet">
              {say("common.clear")}
            </Link>
          )}
        </form>
      </search>
      <section className="card overflow-hidden" aria-label={say("nav.invoices")}>
        {list.data.length === 0 ? (
          isFiltered ? (
            <EmptyState icon="search" title={say("invoices.noneFoundTitle")} text={say("invoices.noneFoundText")} />
          ) : (
            <EmptyState icon="invoice" title={say("invoices.emptyTitle")} text={say("invoices.emptyText")}>
              {can("invoices:write") && (
                <Link href="/invoices/new" prefetch={false} className="button button-primary">
                  {say("invoices.first")}
                </Link>
              )}
              {active.size === 0 && can("connections:write") && (
                <Link href="/integrations" prefetch={false} className="button">
                  {say("invoices.connect")}
                </Link>
              )}
            </EmptyState>
          )
        ) : (
          <table className="w-full text-[0.9375rem] max-md:block">
            <thead className="border-b border-line text-left text-[0.8125rem] text-quiet max-md:sr-only">
              <tr>
                <th className="px-4 py-2.5 font-medium">{say("invoices.number")}</th>
                <th className="px-4 py-2.5 font-medium">{say("invoices.payer")}</th>
                <th className="px-4 py-2.5 text-right font-medium">{say("invoices.amount")}</th>
                <th className="px-4 py-2.5 font-medium">{say("invoices.state")}</th>
                <th className="px-4 py-2.5 font-medium">{say("invoices.due")}</th>
                <th className="px-4 py-2.5 font-medium">
                  <span className="sr-only">{say("invoices.actions")}</span>
                </th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line max-md:block">
              {list.data.map((invoice) => {
                const name = invoice.label ?? say("invoices.noNumber");
                const hasCard = active.has(invoice.point_of_sale_id) && invoice.state !== "draft";
                return (
                  <tr
                    key={invoice.id}
                    className="hover:bg-sunken/60 max-md:grid max-md:grid-cols-[minmax(8rem,1fr)_auto] max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3.5"
                  >
                    <td className="md:px-4 md:py-3">
                      <Link href={`/invoices/${invoice.id}`} prefetch={false} className="font-semibold hover:underline">
                        {name}
                      </Link>
                      <span className="block text-[0.8125rem] text-quiet">
                        {say(`kinds.${invoice.kind}`)} · {formatShortMoment(invoice.created_at, locale, zone)}
                      </span>
                    </td>
                    <td className="max-md:order-3 md:px-4 md:py-3">
                      <span className="[overflow-wrap:anywhere]">{invoice.payer_name}</span>
                    </td>
                    <td className="text-right font-semibold whitespace-nowrap md:px-4 md:py-3">
                      {formatMoney(invoice.amount, locale)}
                      {invoice.paid.minor > 0 && invoice.due.minor > 0 && (
                        <span className="block text-[0.8125rem] font-normal text-quiet">
                          {say("invoices.left", { sum: formatMoney(invoice.due, locale) })}
                        </span>
                      )}
                    </td>
                    <td className="max-md:order-5 md:px-4 md:py-3">
                      <span className="flex flex-wrap gap-1.5">
                        <StateBadge say={say} of="invoice" state={invoiceState(invoice)} />
                        {invoice.own_status && <OwnStatusBadge status={invoice.own_status} />}
                        {invoice.is_test && <TestBadge say={say} />}
                      </span>
                      {invoice.held && (
                        <span className="mt-1 block text-[0.8125rem] text-quiet" data-held={invoice.held.attempt_id}>
                          {say("holds.since", { age: heldFor(say, invoice.held.held_for_seconds) })}
                          <HoldNote say={say} locale={locale} zone={zone} hold={invoice.held.hold} isShort />
                        </span>
                      )}
                    </td>
                    <td className="text-quiet max-md:order-4 max-md:text-right max-md:text-[0.8125rem] md:px-4 md:py-3 md:whitespace-nowrap">
                      {invoice.due_on ? (
                        <>
                          <span className="md:sr-only">{say("invoices.due")} </span>
                          {formatDay(invoice.due_on, locale)}
                        </>
                      ) : (
                        <span className="max-md:hidden">–</span>
                      )}
                    </td>
                    <td className="text-right max-md:order-6 md:px-3 md:py-2">
                      {hasCard && (
                        <Link
                          id={`card-${invoice.id}`}
                          href={pathWith({ card: invoice.id })}
                          prefetch={false}
                          scroll={false}
                          aria-haspopup="dialog"
                          aria-label={say("invoices.cardOf", { label: name })}
                          title={say("invoices.card")}
                          className="inline-grid size-10 place-items-center rounded-lg text-accent hover:bg-accent-soft"
                        >
                          <Icon name="card" size={22} />
                        </Link>
                      )}
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        )}
        <Pager
          label={say("common.pages")}
          first={cursor ? { href: pathWith({ cursor: undefined }), label: say("common.firstPage") } : null}
          next={
            list.next_cursor ? { href: pathWith({ cursor: list.next_cursor }), label: say("common.nextPage") } : null
          }
        />
      </section>
      {card && opened && (
        <RoutedDialog
          key={card}
          parameter="card"
          value={card}
          title={say("attempts.title")}
          text={`${opened.label ?? ""} · ${opened.payer_name}`}
          closeHref={pathWith({})}
          openerId={`card-${card}`}
        >
          <Transactions invoiceId={card} path={path} />
        </RoutedDialog>
      )}
    </>
  );
}
