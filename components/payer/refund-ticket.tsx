// The ticket of a refund: how much comes back, how far it is, when it is expected, and the number to show to the bank.

import type { RefundTicketShape } from "../../edge/http/refund-ticket.ts";
import { formatDay, formatMoment } from "../format/dates.ts";
import { formatMoney } from "../format/money.ts";
import { groupReference } from "../format/references.ts";
import { PayerDocument } from "./document.tsx";
import { LIVE_SCRIPT } from "./live-script.ts";
import { documentText, type Place } from "./pages.tsx";
import { Told } from "./state-card.tsx";
import { wordsOf } from "./words.ts";

const LOOKS = {
  under_way: { sign: "clock", tone: "wait" },
  checking: { sign: "clock", tone: "wait" },
  returned: { sign: "check", tone: "ok" },
  failed: { sign: "cross", tone: "stop" },
} as const;

/** The same for the same news: an open page compares it. */
export const ticketKey = ({ version, state }: Pick<RefundTicketShape, "version" | "state">) => `${version}.${state}`;

/** @param place of the ticket itself; `invoicePath` is its invoice's link */
export function refundPage(ticket: RefundTicketShape, place: Place, invoicePath: string): Promise<string> {
  const t = wordsOf(place.language);
  const { merchant, invoice, reference, expected } = ticket;
  const { language } = place;
  const sum = formatMoney(ticket.amount, language);
  const title = t(`refund.${ticket.state}.title`, { amount: sum });
  const day = (iso: string) => formatDay(iso.slice(0, 10), language);
  const isOver = ticket.state === "returned" || ticket.state === "failed";
  const value = reference.kind === "ours" ? groupReference(reference.value) : [reference.value];
  return documentText(
    <PayerDocument
      words={t}
      {...place}
      title={t("page.title", { what: title, merchant: merchant.name })}
      merchant={{
        name: merchant.name,
        legalName: merchant.legal_name,
        taxId: merchant.tax_id,
        email: merchant.email,
        phone: merchant.phone,
      }}
      under={t("sum.document", { kind: invoice.kind, label: invoice.label })}
      script={LIVE_SCRIPT}
    >
      <main data-key={ticketKey(ticket)} data-live={isOver ? undefined : "slow"}>
        <section className="card" aria-labelledby="state">
          {ticket.is_test ? <p className="box">{t("page.test")}</p> : null}
          <Told {...LOOKS[ticket.state]} isFirst title={title}>
            <p>
              {t(ticket.is_outside ? "refund.outside" : `refund.${ticket.state}.text`, {
                merchant: merchant.name,
                processor: ticket.processor_name,
              })}
            </p>
          </Told>
          <dl>
            {expected ? (
              <div className="pair wide">
                <dt>{t("refund.expected")}</dt>
                <dd>{t("refund.between", { from: day(expected.from), to: day(expected.to) })}</dd>
              </div>
            ) : null}
            {ticket.instrument ? (
              <div className="pair">
                <dt>{t("refund.to")}</dt>
                <dd>{ticket.instrument}</dd>
              </div>
            ) : null}
            <div className="pair wide">
              <dt>{t(`refund.reference.${reference.kind}`)}</dt>
              <dd>
                <span className="ref">
                  {value.map((group, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: markup is made once, nothing is ever moved.
                    <i key={index}>{group}</i>
                  ))}
                </span>{" "}
                <button className="copy" type="button" data-copy={reference.value} data-done={t("page.copied")} hidden>
                  {t("page.copy")}
                </button>
              </dd>
            </div>
          </dl>
          <p className="hint">{t("refund.show")}</p>
          {isOver ? null : (
            <noscript>
              <a className="go calm" href={`${place.path}?lang=${language}`}>
                {t("page.reload")}
              </a>
            </noscript>
          )}
        </section>
        <section className="card truth" aria-labelledby="stages">
          <h2 id="stages">{t("refund.stages")}</h2>
          <ol>
            {ticket.stages
              .filter((one) => one.is_done || ticket.state !== "failed")
              .map(({ stage, is_done, at }) => (
                <li key={stage} className={is_done ? undefined : "todo"}>
                  {t(`refund.stage.${stage}`)}
                  <small>
                    {at ? (
                      <time dateTime={at}>{formatMoment(at, language, merchant.time_zone)}</time>
                    ) : (
                      t(is_done ? "refund.done" : "refund.todo")
                    )}
                  </small>
                </li>
              ))}
          </ol>
          <p>
            <a className="tap" href={`${invoicePath}?lang=${language}`}>
              {t("refund.invoice")}
            </a>
          </p>
        </section>
      </main>
    </PayerDocument>,
  );
}
