// The truth line: what is known of the money, step by step, each with its time and what shows that it is so.

import { formatMoment } from "../format/dates.ts";
import { formatMoney } from "../format/money.ts";
import type { Screen } from "./view.ts";

/** The steps in the order in which they became known; nothing while no money has moved. */
export function TruthLine({ screen: { view, words: t, language, path } }: { screen: Screen }) {
  if (view.truth.length === 0) return null;
  return (
    <section className="truth" aria-labelledby="truth">
      <h2 id="truth">{t("truth.title")}</h2>
      <ol>
        {view.truth.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: markup is made once, nothing is ever moved.
          <li key={index}>
            {t(`truth.steps.${step.kind}`, {
              processor: step.processor_name ?? "",
              merchant: view.merchant.name,
              label: step.label ?? "",
              status: step.status ?? 0,
              amount: step.amount ? formatMoney(step.amount, language) : "",
            })}
            {step.url && (
              <>
                {" "}
                <a href={step.url} rel="noopener">
                  {t("truth.receipt")}
                </a>
              </>
            )}
            <small>
              <time dateTime={step.at}>{formatMoment(step.at, language, view.merchant.time_zone)}</time>
            </small>
          </li>
        ))}
      </ol>
      {view.refunds.map((refund) => (
        <p key={refund.id}>
          <a className="tap" href={`${path}/refunds/${refund.id}?lang=${language}`}>
            {t("refund.link", { amount: formatMoney(refund.amount, language) })}
          </a>
        </p>
      ))}
    </section>
  );
}
