// Collections: every movement of money with its invoice, and whether it is booked.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoney } from "../../../components/format/money.ts";
import { BookButton } from "../../../components/merchant/book-button.tsx";
import { HoldNote } from "../../../components/merchant/hold-note.tsx";
import { formatMoment } from "../../../components/merchant/moment.ts";
import { TestBadge, wordsOf } from "../../../components/merchant/states.tsx";
import { EmptyState } from "../../../components/ui/empty-state.tsx";
import { Icon } from "../../../components/ui/icon.tsx";
import { PageHead } from "../../../components/ui/page-head.tsx";
import { Pager } from "../../../components/ui/pager.tsx";
import { enter, need, one } from "../ask.ts";
import { bookCollection } from "../invoices/actions.ts";
import { speak } from "../speak.ts";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("nav.payments") };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function Page({ searchParams }: Props) {
  const cursor = one((await searchParams).cursor);
  const path = cursor ? `/payments?cursor=${encodeURIComponent(cursor)}` : "/payments";
  const { say, locale, zone, edge, can } = await enter(path);
  const [list, held] = await Promise.all([
    need(path, edge.v1.payments.$get({ query: { cursor, limit: "25" } as never })),
    // Holds stand above the first page.
    cursor ? { data: [] } : need(path, edge.v1.holds.$get()),
  ]);
  return (
    <>
      <PageHead title={say("nav.payments")} text={say("payments.text")} />
      {held.data.length > 0 && (
        <section className="card mb-5 overflow-hidden" aria-labelledby="held">
          <div className="px-4 pt-4 sm:px-5">
            <h2 id="held" className="text-lg font-semibold">
              {say("holds.title")}
            </h2>
            <p className="text-[0.9375rem] text-quiet">{say("holds.text")}</p>
          </div>
          <ul className="mt-3 divide-y divide-line border-t border-line">
            {held.data.map((one) => (
              <li key={one.attempt_id} className="flex flex-wrap items-start gap-x-4 gap-y-1 px-4 py-3 sm:px-5">
                <div className="min-w-0 flex-1 basis-52">
                  <Link href={`/invoices/${one.invoice_id}`} prefetch={false} className="font-semibold hover:underline">
                    {one.invoice_label ?? say("invoices.noNumber")}
                  </Link>
                  <span className="block text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">
                    {one.payer_name} · {wordsOf(say, `processors.${one.processor}`)}
                  </span>
                </div>
                <div className="min-w-0 flex-1 basis-60 text-[0.9375rem]">
                  <HoldNote say={say} locale={locale} zone={zone} hold={one.hold} />
                </div>
                <p className="flex items-center gap-2 font-semibold whitespace-nowrap">
                  {one.is_test && <TestBadge say={say} />}
                  {formatMoney(one.amount, locale)}
                </p>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section className="card overflow-hidden" aria-label={say("nav.payments")}>
        {list.data.length === 0 ? (
          <EmptyState icon="bank" title={say("payments.emptyTitle")} text={say("payments.emptyText")} />
        ) : (
          <table className="w-full text-[0.9375rem] max-md:block">
            <thead className="border-b border-line text-left text-[0.8125rem] text-quiet max-md:sr-only">
              <tr>
                <th className="px-4 py-2.5 font-medium">{say("payments.when")}</th>
                <th className="px-4 py-2.5 font-medium">{say("payments.invoice")}</th>
                <th className="px-4 py-2.5 font-medium">{say("payments.by")}</th>
                <th className="px-4 py-2.5 text-right font-medium">{say("invoices.amount")}</th>
                <th className="px-4 py-2.5 font-medium">{say("payments.collection")}</th>
              </tr>
            </thead>
            <tbody className="divide-y divide-line max-md:block">
              {list.data.map((payment) => (
                <tr
                  key={payment.id}
                  className="max-md:grid max-md:grid-cols-[minmax(8rem,1fr)_auto] max-md:gap-x-3 max-md:gap-y-1 max-md:px-4 max-md:py-3.5"
                >
                  <td className="max-md:order-3 max-md:text-sm max-md:text-quiet md:px-4 md:py-3 md:whitespace-nowrap">
                    <time dateTime={payment.occurred_at}>{formatMoment(payment.occurred_at, locale, zone)}</time>
                  </td>
                  <td className="md:px-4 md:py-3">
                    {payment.invoice_id ? (
                      <Link
                        href={`/invoices/${payment.invoice_id}`}
                        prefetch={false}
                        className="font-semibold hover:underline"
                      >
                        {payment.invoice_label ?? say("invoices.noNumber")}
                      </Link>
                    ) : (
                      say("payments.noInvoice")
                    )}
                    <span className="block text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">
                      {payment.payer_name}
                    </span>
                  </td>
                  <td className="max-md:order-5 max-md:col-span-2 max-md:text-sm md:px-4 md:py-3">
                    {payment.processor
                      ? wordsOf(say, `processors.${payment.processor}`)
                      : wordsOf(say, `methods.${payment.method ?? "other"}`)}
                    {payment.source === "refund" && ` · ${say("payments.refund")}`}
                    {payment.reference && (
                      <span className="block font-mono text-[0.8125rem] text-quiet [overflow-wrap:anywhere]">
                        {payment.reference}
                      </span>
                    )}
                  </td>
                  <td
                    className={`text-right font-semibold whitespace-nowrap md:px-4 md:py-3 ${payment.amount.minor < 0 ? "text-bad" : ""}`}
                  >
                    {formatMoney(payment.amount, locale)}
                    {!payment.is_kept && (
                      <span className="block text-[0.8125rem] font-normal text-warn">{say("payments.twice")}</span>
                    )}
                  </td>
                  <td className="max-md:order-4 max-md:text-right md:px-4 md:py-3">
                    <span className="flex flex-wrap items-center gap-2 max-md:justify-end">
                      {payment.is_test && <TestBadge say={say} />}
                      {payment.collection ? (
                        <span className="inline-flex items-center gap-1 text-sm font-medium text-good">
                          <Icon name="check" size={16} />
                          {say(
                            payment.collection.booked_by === "system" ? "payments.bookedBySystem" : "payments.booked",
                          )}
                        </span>
                      ) : can("payments:write") && payment.invoice_id ? (
                        <BookButton paymentId={payment.id} book={bookCollection} />
                      ) : (
                        <span className="text-sm text-quiet">{say("payments.notBooked")}</span>
                      )}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        <Pager
          label={say("common.pages")}
          first={cursor ? { href: "/payments", label: say("common.firstPage") } : null}
          next={
            list.next_cursor
              ? { href: `/payments?cursor=${encodeURIComponent(list.next_cursor)}`, label: say("common.nextPage") }
              : null
          }
        />
      </section>
    </>
  );
}
