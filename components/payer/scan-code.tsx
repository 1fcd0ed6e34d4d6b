// A code to scan with a bank's application: on a desktop the code, on a phone first the button that opens the application.

import { formatMoment } from "../format/dates.ts";
import { drawQr } from "../ui/qr-drawing.ts";
import type { Screen } from "./view.ts";

function Code({ text, label }: { text: string; label: string }) {
  const { size, path } = drawQr(text);
  return (
    <svg className="qr" role="img" aria-label={label} viewBox={`-4 -4 ${size + 8} ${size + 8}`}>
      <path d={path} />
    </svg>
  );
}

/** The code, how to use it, and until when it can be. Which of the two comes first is the style's decision. */
export function ScanCode({ screen }: { screen: Screen }) {
  const { words: t, view, language, path } = screen;
  const { code, merchant } = view;
  if (!code) return null;
  const until = formatMoment(code.expires_at, language, merchant.time_zone);
  return (
    <div className="scan">
      <a className="go app" href={code.payload} rel="noreferrer" target="_top">
        {t("scan.openApp")}
      </a>
      <p className="hint app">{t("scan.onOther")}</p>
      <Code text={code.payload} label={t("scan.label")} />
      <p className="hint desk">{t("scan.how")}</p>
      <p className="until">
        {t.rich("scan.until", { time: () => <time dateTime={code.expires_at}>{until}</time> })}{" "}
        <b data-until={code.expires_at} data-left={t("scan.left")} aria-hidden="true" />
      </p>
      <noscript>
        <a className="go calm" href={`${path}?lang=${language}`}>
          {t("page.reload")}
        </a>
      </noscript>
    </div>
  );
}
