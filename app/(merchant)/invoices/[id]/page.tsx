// One invoice: its state and sums, its link, what may be done, every attempt, and its story.
import type { Metadata } from "next";
import Link from "next/link";
import { formatMoney } from "../../../../components/format/money.ts";
import { BookButton } from "../../../../components/merchant/book-button.tsx";
import { InvoiceActions, type InvoiceCommands } from "../../../../components/merchant/invoice-actions.tsx";
import { LinkActions, type LinkCommands } from "../../../../components/merchant/link-actions.tsx";
import { Live } from "../../../../components/merchant/live.tsx";
import { formatDay, formatMoment, formatShortMoment } from "../../../../components/merchant/moment.ts";
import { OwnStatusBadge } from "../../../../components/merchant/own-status.tsx";
import { Qr } from "../../../../components/merchant/qr.tsx";
import { ReceiptList } from "../../../../components/merchant/receipt-list.tsx";
import { invoiceState, StateBadge, TestBadge, wordsOf } from "../../../../components/merchant/states.tsx";
import { Timeline } from "../../../../components/merchant/timeline.tsx";
import { CopyButton } from "../../../../components/ui/copy-button.tsx";
import { Icon } from "../../../../components/ui/icon.tsx";
import { Notice } from "../../../../components/ui/notice.tsx";
import { PageHead } from "../../../../components/ui/page-head.tsx";
import { enter, need } from "../../ask.ts";
import { deliverInvoice, retryReceipt } from "../../receipts/actions.ts";
import { speak } from "../../speak.ts";
import {
  bookCollection,
  cancelInvoice,
  issueInvoice,
  makeFiscal,
  readLinkMails,
  recordPayment,
  sendLink,
} from "../actions.ts";
import { Transactions, timelineActions } from "../transactions.tsx";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await speak()).say("invoice.title") };
}

const commands: InvoiceCommands = {
  issue: issueInvoice,
  cancel: cancelInvoice,
  makeFiscal,
  recordPayment,
};

const linkCommands: LinkCommands = { send: sendLink, readMails: readLinkMails };

export default async function Page({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  const path = `/invoices/${id}`;
  const { say, locale, zone, edge, can } = await enter(path);
  // Before the rest: what changes in between is news to the page.
  const { stamp } = await need(path, edge.v1.invoices[":id"].stamp.$get({ param: { id } }));
  const [invoice, events, payments, receipts] = await Promise.all([
    need(path, edge.v1.invoices[":id"].$get({ param: { id } })),
    need(path, edge.v1.invoices[":id"].events.$get({ param: { id } })),
    can("payments:read")
      ? need(path, edge.v1.payments.$get({ query: { invoice_id: id, limit: "50" } as never }))
      : { data: [] },
    can("payments:read")
      ? need(path, edge.v1.invoices[":id"].receipts.$get({ param: { id } }))
      : { data: [], can_deliver: false },
  ]);
  const actions = await timelineActions(id, path, events.data);
  const title = invoice.label ?? say("invoices.noNumber");
  const facts: [string, string | null][] = [
    [say("editor.fields.payer_name"), invoice.payer_name],
    [say("editor.fields.payer_email"), invoice.payer_email],
    [say("editor.fields.payer_phone"), invoice.payer_phone],
    [say("editor.fields.payer_address"), invoice.payer_address],
    [say("editor.fields.payer_tax_id"), invoice.payer_tax_id],
    [say("invoice.issuedOn"), invoice.issued_on && formatDay(invoice.issued_on, locale)],
    [say("editor.fields.due_on"), invoice.due_on && formatDay(invoice.due_on, locale)],
    [say("editor.fields.expires_at"), invoice.expires_at && formatMoment(invoice.expires_at, locale, zone)],
    [say("editor.fields.note"), invoice.note],
  ];
  const isEditable = can("invoices:write") && invoice.state !== "cancelled" && invoice.state !== "paid";
  return (
    <>
      <Live url={`${path}/stamp`} stamp={stamp} />
      <PageHead
        title={title}
        text={`${say(`kinds.${invoice.kind}`)} · ${invoice.payer_name}`}
        back={{ href: "/invoices", label: say("nav.invoices") }}
        beside={
          <span className="flex flex-wrap gap-1.5">
            <StateBadge say={say} of="invoice" state={invoiceState(invoice)} />
            {invoice.own_status && <OwnStatusBadge status={invoice.own_status} />}
            {invoice.is_test && <TestBadge say={say} />}
          </span>
        }
      >
        {isEditable && (
          <Link href={`${path}/edit`} prefetch={false} className="button">
            <Icon name="draft" />
            {say("invoice.edit")}
          </Link>
        )}
        <InvoiceActions
          invoice={invoice}
          canWrite={can("invoices:write")}
          canBook={can("payments:write")}
          commands={commands}
        />
      </PageHead>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="min-w-0 space-y-5">
          {invoice.kind === "proforma" && invoice.state === "paid" && !invoice.fiscal_invoice && (
            <Notice tone="info" title={say("invoice.convertTitle")}>
              <p>{say("invoice.convertText")}</p>
            </Notice>
          )}
          <section className="card grid grid-cols-2 gap-x-4 gap-y-5 p-5 sm:grid-cols-3 sm:p-6">
            <Sum name={say("invoice.amount")} sum={formatMoney(invoice.amount, locale)} />
            <Sum name={say("invoice.paid")} sum={formatMoney(invoice.paid, locale)} />
            <Sum name={say("invoice.due")} sum={formatMoney(invoice.due, locale)} isStrong />
            {(invoice.fiscal_invoice || invoice.proforma_id) && (
              <p className="col-span-full text-[0.9375rem]">
                {invoice.fiscal_invoice && (
                  <>
                    {say("invoice.fiscalIs")}{" "}
                    <Link
                      className="link font-semibold"
                      href={`/invoices/${invoice.fiscal_invoice.id}`}
                      prefetch={false}
                    >
                      {invoice.fiscal_invoice.label ?? say("kinds.fiscal")}
                    </Link>
                  </>
                )}
                {invoice.proforma_id && (
                  <>
                    {say("invoice.proformaIs")}{" "}
                    <Link className="link font-semibold" href={`/invoices/${invoice.proforma_id}`} prefetch={false}>
                      {say("invoice.openProforma")}
                    </Link>
                  </>
                )}
              </p>
            )}
          </section>
          <section className="card overflow-hidden" aria-labelledby="lines">
            <h2 id="lines" className="px-5 pt-5 text-lg font-semibold sm:px-6">
              {say("editor.lines")}
            </h2>
            <ul className="mt-3 divide-y divide-line border-t border-line">
              {invoice.lines.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name and never move
                <li key={index} className="flex items-baseline justify-between gap-4 px-5 py-3 sm:px-6">
                  <div className="min-w-0">
                    <p className="[overflow-wrap:anywhere]">{line.description}</p>
                    <p className="text-sm text-quiet">
                      {line.quantity.toLocaleString(locale)} {line.unit ?? "×"}{" "}
                      {formatMoney({ minor: line.unit_price_minor, currency: invoice.amount.currency }, locale)}
                      {line.vat_percent > 0 &&
                        ` · ${say("invoice.vat", { percent: line.vat_percent.toLocaleString(locale) })}`}
                    </p>
                  </div>
                  <p className="font-semibold whitespace-nowrap">
                    {formatMoney({ minor: line.amount_minor, currency: invoice.amount.currency }, locale)}
                  </p>
                </li>
              ))}
            </ul>
          </section>
          {payments.data.length > 0 && (
            <section className="card overflow-hidden" aria-labelledby="payments">
              <h2 id="payments" className="px-5 pt-5 text-lg font-semibold sm:px-6">
                {say("nav.payments")}
              </h2>
              <ul className="mt-3 divide-y divide-line border-t border-line">
                {payments.data.map((payment) => (
                  <li key={payment.id} className="flex flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 sm:px-6">
                    <div className="min-w-0 flex-1 basis-52">
                      <p className="font-semibold">{formatMoney(payment.amount, locale)}</p>
                      <p className="text-sm text-quiet">
                        {formatShortMoment(payment.occurred_at, locale, zone)} ·{" "}
                        {payment.processor
                          ? wordsOf(say, `processors.${payment.processor}`)
                          : wordsOf(say, `methods.${payment.method ?? "other"}`)}
                        {payment.reference ? ` · ${payment.reference}` : ""}
                      </p>
                    </div>
                    {payment.collection ? (
                      <span className="text-sm text-good">
                        <Icon name="check" size={16} className="mr-1 inline" />
                        {say("payments.booked")}
                      </span>
                    ) : (
                      can("payments:write") && <BookButton paymentId={payment.id} book={bookCollection} />
                    )}
                  </li>
                ))}
              </ul>
            </section>
          )}
          {receipts.data.length > 0 && (
            <ReceiptList
              invoice={id}
              receipts={receipts.data}
              zone={zone}
              canWrite={can("payments:write")}
              canDeliver={receipts.can_deliver}
              retry={retryReceipt}
              deliver={deliverInvoice}
            />
          )}
          <section className="card p-5 sm:p-6" aria-labelledby="attempts">
            <h2 id="attempts" className="mb-4 text-lg font-semibold">
              {say("attempts.title")}
            </h2>
            <Transactions invoiceId={id} path={path} />
          </section>
        </div>
        <div className="min-w-0 space-y-5">
          <section className="card space-y-4 p-5" aria-labelledby="link">
            <h2 id="link" className="text-lg font-semibold">
              {say("invoice.link")}
            </h2>
            {invoice.link ? (
              <>
                <a
                  href={invoice.link}
                  target="_blank"
                  rel="noopener"
                  className="block rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all hover:underline"
                >
                  {invoice.link}
                </a>
                <div className="flex flex-wrap gap-2">
                  <CopyButton
                    text={invoice.link}
                    label={say("invoice.copyLink")}
                    done={say("invoice.linkCopied")}
                    failed={say("common.copyFailed")}
                  />
                  {can("invoices:write") && <LinkActions invoice={invoice} commands={linkCommands} />}
                </div>
                <Qr text={invoice.link} label={say("invoice.qr")} />
              </>
            ) : (
              <p className="text-quiet">
                {say(invoice.state === "draft" ? "invoice.noLinkDraft" : "invoice.noLinkCard")}
              </p>
            )}
          </section>
          <section className="card p-5" aria-labelledby="facts">
            <h2 id="facts" className="mb-3 text-lg font-semibold">
              {say("editor.payer")}
            </h2>
            <dl className="space-y-2.5 text-[0.9375rem]">
              {facts.map(
                ([name, value]) =>
                  value && (
                    <div key={name}>
                      <dt className="text-sm text-quiet">{name}</dt>
                      <dd className="[overflow-wrap:anywhere]">{value}</dd>
                    </div>
                  ),
              )}
            </dl>
          </section>
          <section className="card p-5" aria-labelledby="story">
            <h2 id="story" className="mb-4 text-lg font-semibold">
              {say("invoice.story")}
            </h2>
            <Timeline
              say={say}
              locale={locale}
              zone={zone}
              currency={invoice.amount.currency}
              events={events.data}
              actions={actions}
            />
          </section>
        </div>
      </div>
    </>
  );
}

function Sum({ name, sum, isStrong }: { name: string; sum: string; isStrong?: boolean }) {
  return (
    <div>
      <p className="text-sm text-quiet">{name}</p>
      <p className={`text-xl whitespace-nowrap ${isStrong ? "font-bold" : "font-semibold"}`}>{sum}</p>
    </div>
  );
}
