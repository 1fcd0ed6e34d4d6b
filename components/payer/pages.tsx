// The pages under a payment link as whole documents in text: payment, leading on to a processor, and what went wrong.

import type { ReactElement } from "react";
import { PayerDocument } from "./document.tsx";
import { ElsewhereCard, type HandOver } from "./elsewhere.tsx";
import type { Sign } from "./icons.tsx";
import { knownOf } from "./known.ts";
import { LIVE_SCRIPT, ONLINE_SCRIPT, SUBMIT_SCRIPT } from "./live-script.ts";
import { documentTitle, StateCard, Told } from "./state-card.tsx";
import { Amount, Facts } from "./summary.tsx";
import { keyOf, merchantOf, type PayerView, paceOf, type Screen } from "./view.ts";
import { type Language, wordsOf } from "./words.ts";

/** Markup without anything of a framework in it. Imported late: Next refuses to see this package from afar. */
export async function documentText(element: ReactElement): Promise<string> {
  const { renderToStaticMarkup } = await import("react-dom/server.edge");
  return `<!doctype html>${renderToStaticMarkup(element)}`;
}

/**
 * In which language a page speaks, the address of its link, the origins that may show it in a frame, the merchant's own
 * colour and logo, and the application inside which its browser is.
 */
export type Place = {
  language: Language;
  path: string;
  frames?: readonly string[];
  brand?: PayerView["brand"] | undefined;
  app?: string | undefined;
};

/** The payment page in the state of its view. */
export function paymentPage(
  view: PayerView,
  place: Place,
  after: Pick<Screen, "typed" | "faults" | "problem"> = {},
): Promise<string> {
  const words = wordsOf(place.language);
  const screen: Screen = { view, words, ...place, ...after };
  const { kind, label } = view.invoice;
  return documentText(
    <PayerDocument
      words={words}
      {...place}
      title={documentTitle(screen)}
      merchant={merchantOf(view)}
      under={words("sum.document", { kind, label })}
      script={LIVE_SCRIPT}
    >
      <main
        className="two"
        data-key={keyOf(view)}
        data-known={JSON.stringify(knownOf(view, place.language))}
        data-live={paceOf(view)}
        data-frames={view.frame_origins.join(" ") || undefined}
      >
        <Amount screen={screen} />
        <StateCard screen={screen} />
        <Facts screen={screen} />
      </main>
    </PayerDocument>,
  );
}

/** The page that hands an invoice over: with the link that was made, or the press that makes one. */
export function elsewherePage(view: PayerView, place: Place, handOver?: HandOver): Promise<string> {
  const words = wordsOf(place.language);
  const screen: Screen = { view, words, ...place };
  const { kind, label } = view.invoice;
  return documentText(
    <PayerDocument
      words={words}
      language={place.language}
      brand={place.brand}
      path={`${place.path}/elsewhere`}
      title={words("page.title", { what: words("elsewhere.title"), merchant: view.merchant.name })}
      merchant={merchantOf(view)}
      under={words("sum.document", { kind, label })}
      script={LIVE_SCRIPT}
    >
      <main
        className="two"
        data-key={keyOf(view)}
        data-known={JSON.stringify(knownOf(view, place.language))}
        data-live={handOver ? "fast" : paceOf(view)}
        data-frames={view.frame_origins.join(" ") || undefined}
      >
        <Amount screen={screen} />
        <ElsewhereCard screen={screen} handOver={handOver} />
      </main>
    </PayerDocument>,
  );
}

/** Whose payment leads on, and to whom: known unless the edge fell silent in between. */
export type Onward = { view: PayerView; processor: string };

function onward(place: Place, whither: Onward | undefined) {
  const words = wordsOf(place.language);
  const processor = whither?.processor ?? words("leading.anyProcessor");
  const invoice = whither?.view.invoice;
  const frame = {
    words,
    ...place,
    title: words("leading.title", { processor }),
    ...(whither ? { merchant: merchantOf(whither.view) } : {}),
    ...(invoice ? { under: words("sum.document", { kind: invoice.kind, label: invoice.label }) } : {}),
  };
  const told = (
    <Told sign="turning" tone="ok" turns isFirst title={frame.title}>
      <p>{words("leading.text")}</p>
    </Told>
  );
  return { frame, told, go: words("leading.go", { processor }) };
}

/**
 * A small page that leads on to the processor's address: never a redirect, as `form-action` applies to those.
 * @param isInFrame it waits for the press: only that may lead the whole window on, and a processor opens in no frame
 */
export function leadingPage(place: Place, url: string, whither?: Onward, isInFrame = false): Promise<string> {
  const { frame, told, go } = onward(place, whither);
  return documentText(
    <PayerDocument {...frame} {...(isInFrame ? {} : { leadTo: url })}>
      <main>
        <section className="card">
          {told}
          <a className="go" href={url} target="_top" rel="noreferrer">
            {go}
          </a>
        </section>
      </main>
    </PayerDocument>,
  );
}

/** A page that hands a sealed form to the processor: by itself with scripting, by its button without. */
export function sealedFormPage(
  place: Place,
  form: { url: string; fields: Record<string, string> },
  whither?: Onward,
): Promise<string> {
  const { frame, told, go } = onward(place, whither);
  return documentText(
    <PayerDocument {...frame} script={SUBMIT_SCRIPT}>
      <main>
        <form className="card" method="post" action={form.url} target="_top">
          {told}
          {Object.entries(form.fields).map(([key, value]) => (
            <input key={key} type="hidden" name={key} value={value} />
          ))}
          <button className="go" type="submit">
            {go}
          </button>
        </form>
      </main>
    </PayerDocument>,
  );
}

/**
 * The page that stands in for all others while there is no line, with gaps for what the browser knows then
 * (offline-worker.ts). It offers nothing to pay by.
 * @param isKnown the browser remembers how the payment stood
 */
export function offlinePage(language: Language, isKnown: boolean): Promise<string> {
  const t = wordsOf(language);
  const rows = [
    ["merchant", t("offline.merchant")],
    ["amount", t("offline.amount")],
    ["title", t("offline.known")],
    ["time", t("offline.at")],
  ];
  return documentText(
    <PayerDocument words={t} language={language} title={t("offline.title")} script={ONLINE_SCRIPT}>
      <main>
        <section className="card">
          <Told sign="clock" tone="wait" isFirst title={t("offline.title")}>
            <p>{t("offline.text")}</p>
          </Told>
          {isKnown ? (
            <dl>
              {rows.map(([gap, name]) => (
                <div className="pair" key={gap}>
                  <dt>{name}</dt>
                  <dd>{`%${gap}%`}</dd>
                </div>
              ))}
            </dl>
          ) : null}
          <a className="go" href="%href%">
            {t("page.retry")}
          </a>
        </section>
      </main>
    </PayerDocument>,
  );
}

const NOTICES = {
  missing: { sign: "cross", tone: "stop", mayRetry: false },
  lapsed: { sign: "clock", tone: "stop", mayRetry: false },
  tooMany: { sign: "clock", tone: "wait", mayRetry: true },
  unreachable: { sign: "clock", tone: "wait", mayRetry: true },
} as const satisfies Record<string, { sign: Sign; tone: string; mayRetry: boolean }>;
export type Notice = keyof typeof NOTICES;

/** A page that can show no invoice, and says why. */
export function noticePage(place: Place, notice: Notice): Promise<string> {
  const t = wordsOf(place.language);
  const { sign, tone, mayRetry } = NOTICES[notice];
  return documentText(
    <PayerDocument words={t} {...place} title={t(`${notice}.title`)}>
      <main>
        <section className="card">
          <Told sign={sign} tone={tone} isFirst title={t(`${notice}.title`)}>
            <p>{t(`${notice}.text`)}</p>
          </Told>
          {mayRetry ? (
            <a className="go" href={`${place.path}?lang=${place.language}`}>
              {t("page.retry")}
            </a>
          ) : null}
        </section>
      </main>
    </PayerDocument>,
  );
}
