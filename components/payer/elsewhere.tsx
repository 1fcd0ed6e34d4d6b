// Carrying on elsewhere: the way out on the payment page, and the page with the short-lived link and its code.

import { formatMoment } from "../format/dates.ts";
import { drawQr } from "../ui/qr-drawing.ts";
import type { PayerState, PayerView, Screen } from "./view.ts";

const OFFERED: PayerState[] = ["payable", "declined", "scan"];

/** Whether it can be handed over: something is left to pay, and this is not a hand-over already. */
export function isHandable({ state, hand_over }: PayerView): boolean {
  return OFFERED.includes(state) && !hand_over;
}

/** A press that makes the short-lived link. */
function MakeLink({ screen, look, label }: { screen: Screen; look: string; label: string }) {
  return (
    <form method="post" action={`${screen.path}/elsewhere`}>
      <input type="hidden" name="lang" value={screen.language} />
      <button type="submit" className={look}>
        {label}
      </button>
    </form>
  );
}

/** The way out at the foot of the card. */
export function GoElsewhere({ screen }: { screen: Screen }) {
  const { words: t, view, language } = screen;
  if (view.hand_over) {
    const time = formatMoment(view.hand_over.expires_at, language, view.merchant.time_zone);
    return <p className="hint">{t("elsewhere.short", { time })}</p>;
  }
  if (!isHandable(view)) return null;
  return (
    <div className="more">
      <MakeLink screen={screen} look="copy" label={t("elsewhere.open")} />
    </div>
  );
}

/** Inside another application: what may fail here, and the address to open in a browser. Nothing opens a window. */
export function InAppHint({ screen }: { screen: Screen }) {
  const { words: t, view, app } = screen;
  if (app === undefined || !OFFERED.includes(view.state)) return null;
  return (
    <div className="box">
      <strong>{t("inApp.title", { app: app || t("inApp.other") })}</strong>
      {t("inApp.text")}{" "}
      <a className="tap" href={view.link}>
        {view.link}
      </a>{" "}
      <CopyLink screen={screen} link={view.link} />
    </div>
  );
}

function CopyLink({ screen: { words: t }, link }: { screen: Screen; link: string }) {
  return (
    <button className="copy" type="button" data-copy={link} data-done={t("page.copied")} hidden>
      {t("elsewhere.copy")}
    </button>
  );
}

export type HandOver = { link: string; expires_at: string };

/** The card with the link; without one, the press that makes it. */
export function ElsewhereCard({ screen, handOver }: { screen: Screen; handOver: HandOver | undefined }) {
  const { words: t, view, language, path } = screen;
  const back = (
    <a className="go calm" href={`${path}?lang=${language}`}>
      {t("elsewhere.back")}
    </a>
  );
  if (!handOver) {
    return (
      <section className="card" aria-labelledby="state">
        <h2 id="state" tabIndex={-1}>
          {t("elsewhere.title")}
        </h2>
        <p>{t("elsewhere.text")}</p>
        <MakeLink screen={screen} look="go" label={t("elsewhere.make")} />
        {back}
      </section>
    );
  }
  const { size, path: drawing } = drawQr(handOver.link);
  const { merchant, invoice } = view;
  const told = { merchant: merchant.name, label: invoice.label };
  const mail = `subject=${encodeURIComponent(t("elsewhere.subject", told))}&body=${encodeURIComponent(handOver.link)}`;
  return (
    <section className="card" aria-labelledby="state">
      <h2 id="state" tabIndex={-1}>
        {t("elsewhere.title")}
      </h2>
      <p>{t("elsewhere.text")}</p>
      <div className="scan">
        <svg className="qr" role="img" aria-label={t("elsewhere.code")} viewBox={`-4 -4 ${size + 8} ${size + 8}`}>
          <path d={drawing} />
        </svg>
        <p>
          <a className="tap" href={handOver.link}>
            {handOver.link}
          </a>{" "}
          <CopyLink screen={screen} link={handOver.link} />
        </p>
        <p className="until">
          {t("elsewhere.until", { time: formatMoment(handOver.expires_at, language, merchant.time_zone) })}{" "}
          <b data-until={handOver.expires_at} data-left={t("scan.left")} aria-hidden="true" />
        </p>
      </div>
      <a className="go" href={`mailto:?${mail}`}>
        {t("elsewhere.mail")}
      </a>
      {back}
      <p className="hint">{t("elsewhere.follows")}</p>
    </section>
  );
}
