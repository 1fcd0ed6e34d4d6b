// What is owed: the amount first and big, then whose invoice it is, its dates, its lines.

import { formatDay, formatMoment } from "../format/dates.ts";
import { formatMoney, formatNumber } from "../format/money.ts";
import type { PayerState, Screen } from "./view.ts";

/** More lines than these are folded away. */
const OPEN_LINES = 3;

const NAMES: Partial<Record<PayerState, "sum.paid" | "sum.held" | "sum.amount">> = {
  paid: "sum.paid",
  held: "sum.held",
  cancelled: "sum.amount",
};

/** Whether the sum is still asked for, so that the dates to pay by matter. */
function isAsked(state: PayerState): boolean {
  return !["paid", "held", "cancelled", "processing", "in_review"].includes(state);
}

function Lines({ screen }: { screen: Screen }) {
  const { words: t, language, view } = screen;
  const { lines, amount } = view.invoice;
  const money = (minor: number) => formatMoney({ minor, currency: amount.currency }, language);
  const list = (
    <ul>
      {lines.map((line, index) => {
        const isPlain = line.quantity === 1 && !line.unit;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: markup is made once, nothing is ever moved.
          <li key={index}>
            <div>
              {line.description}
              {isPlain ? null : (
                <small>
                  {t("sum.quantity", {
                    quantity: formatNumber(line.quantity, language),
                    unit: line.unit ?? "",
                    price: money(line.unit_price_minor),
                  }).replace(/ {2,}/g, " ")}
                </small>
              )}
              {line.vat_percent > 0 ? (
                <small>{t("sum.vat", { rate: formatNumber(line.vat_percent, language) })}</small>
              ) : null}
            </div>
            <span>{money(line.amount_minor)}</span>
          </li>
        );
      })}
    </ul>
  );
  if (lines.length > OPEN_LINES) {
    return (
      <details className="lines">
        <summary>{t("sum.manyLines", { count: lines.length })}</summary>
        {list}
      </details>
    );
  }
  return (
    <div className="lines">
      <h2>{t("sum.lines")}</h2>
      {list}
    </div>
  );
}

function Row({ name, children, isBig = false }: { name: string; children: string; isBig?: boolean }) {
  return (
    <div className={isBig ? "pair big" : "pair"}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** What the page is about: what came or was asked where nothing is to be paid any more, else what is left. */
export function sumOf({ state, invoice }: Screen["view"]): Screen["view"]["invoice"]["amount"] {
  if (state === "cancelled") return invoice.amount;
  if (state !== "paid") return invoice.due;
  return invoice.paid.minor > invoice.amount.minor ? invoice.paid : invoice.amount;
}

/** The amount, first and big, and until when it is asked for. */
export function Amount({ screen }: { screen: Screen }) {
  const { words: t, language, view } = screen;
  const { invoice, state } = view;
  const shown = sumOf(view);
  return (
    <section className="sum" aria-labelledby="amount">
      {view.is_test ? <p className="test">{t("page.test")}</p> : null}
      <h1 id="amount">
        {t(NAMES[state] ?? "sum.toPay")} <b>{formatMoney(shown, language)}</b>
      </h1>
      {isAsked(state) && invoice.due_on ? (
        <p className="until">{t("sum.dueOn", { date: formatDay(invoice.due_on, language) })}</p>
      ) : null}
      {isAsked(state) && view.payer_note ? <p className="note">{view.payer_note}</p> : null}
    </section>
  );
}

/** Whose invoice it is, its dates, its sums, its lines. */
export function Facts({ screen }: { screen: Screen }) {
  const { words: t, language, view, app } = screen;
  const { invoice, merchant, state } = view;
  const money = (sum: typeof invoice.amount) => formatMoney(sum, language);
  const surplus = invoice.paid.minor - invoice.amount.minor;
  const isOtherwise = invoice.paid.minor > 0 && surplus !== 0;
  return (
    <section className="facts" aria-label={t("sum.details")}>
      <dl>
        {invoice.payer_name ? <Row name={t("sum.payer")}>{invoice.payer_name}</Row> : null}
        {invoice.issued_on ? <Row name={t("sum.issuedOn")}>{formatDay(invoice.issued_on, language)}</Row> : null}
        {isAsked(state) && invoice.expires_at ? (
          <Row name={t("sum.expiresAt")}>{formatMoment(invoice.expires_at, language, merchant.time_zone)}</Row>
        ) : null}
        {isOtherwise ? (
          <>
            <Row name={t("sum.total")}>{money(invoice.amount)}</Row>
            <Row name={t("sum.paidSoFar")}>{money(invoice.paid)}</Row>
            {state === "cancelled" ? null : (
              <Row name={t(surplus > 0 ? "sum.over" : "sum.left")} isBig>
                {surplus > 0 ? money({ ...invoice.amount, minor: surplus }) : money(invoice.due)}
              </Row>
            )}
          </>
        ) : null}
      </dl>
      <Lines screen={screen} />
      {invoice.note ? (
        <p className="note">
          <span className="hide">{t("sum.note")}: </span>
          {invoice.note}
        </p>
      ) : null}
      {merchant.offer_url ? (
        <p>
          {/* A browser inside an application may lose a second window, or cannot open one. */}
          <a
            className="tap"
            href={merchant.offer_url}
            target={app === undefined ? "_blank" : undefined}
            rel="noopener noreferrer"
          >
            {t("sum.offer", { merchant: merchant.name })}
          </a>
        </p>
      ) : null}
    </section>
  );
}
