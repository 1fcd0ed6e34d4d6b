// What happened, what to do now, whom to ask: one card for each state of the payer's view.

import type { ReactNode } from "react";
import { formatMoment } from "../format/dates.ts";
import { formatMoney } from "../format/money.ts";
import { groupReference } from "../format/references.ts";
import { type Merchant, Ways } from "./document.tsx";
import { GoElsewhere, InAppHint } from "./elsewhere.tsx";
import { Icon, type Sign } from "./icons.tsx";
import { leadingNote, NoteWays, noteLook, noteText, noteTitle } from "./notes.tsx";
import { FaultSummary, OtherWays, PayForm, resumable } from "./pay-form.tsx";
import { ScanCode } from "./scan-code.tsx";
import { TruthLine } from "./truth-line.tsx";
import { merchantOf, type PayerState, type Screen, type StartProblem } from "./view.ts";

const SIGNS: Record<PayerState, { sign: Sign; tone: "ok" | "wait" | "stop"; turns?: boolean }> = {
  payable: { sign: "card", tone: "ok" },
  scan: { sign: "code", tone: "ok" },
  checking: { sign: "turning", tone: "wait", turns: true },
  processing: { sign: "turning", tone: "wait", turns: true },
  in_review: { sign: "clock", tone: "wait" },
  held: { sign: "hand", tone: "wait" },
  released: { sign: "check", tone: "wait" },
  paid: { sign: "check", tone: "ok" },
  declined: { sign: "cross", tone: "stop" },
  cancelled: { sign: "cross", tone: "stop" },
  expired: { sign: "clock", tone: "stop" },
  closed: { sign: "pause", tone: "wait" },
  not_accepted: { sign: "pause", tone: "wait" },
  no_method: { sign: "pause", tone: "wait" },
};

/** What was asked for is on its way, and no stop any more. */
const lookOf = ({ state, date_asked_at }: Screen["view"]): (typeof SIGNS)[PayerState] =>
  date_asked_at ? { sign: "clock", tone: "wait" } : SIGNS[state];

/** A sign, what happened, and what it means. */
export function Told(props: {
  sign: Sign;
  tone: "ok" | "wait" | "stop";
  turns?: boolean;
  /** On pages that show no sum this is the first heading. */
  isFirst?: boolean;
  title: string;
  children: ReactNode;
}) {
  const Heading = props.isFirst ? "h1" : "h2";
  return (
    <div className={`say ${props.tone}`}>
      <div className={props.turns ? "ico spin" : "ico"}>
        <Icon sign={props.sign} />
      </div>
      <div>
        <Heading id="state" tabIndex={-1}>
          {props.title}
        </Heading>
        {props.children}
      </div>
    </div>
  );
}

/** Where the payment stands, in the words of its heading. */
export function titleOf(screen: Screen): string {
  const { words: t, view } = screen;
  const note = leadingNote(screen);
  if (note) return noteTitle(screen, note);
  if (view.state === "expired" && view.date_asked_at) return t("expired.askedTitle");
  if (view.state !== "payable") return t(`${view.state}.title`);
  if (resumable(screen)) return t("payable.resumeTitle");
  return view.methods.length > 1 ? t("payable.choose") : t("payable.title");
}

/** Title of the document: what stands on the card, and whose page it is. */
export function documentTitle(screen: Screen): string {
  const what = titleOf(screen);
  return screen.words("page.title", { what, merchant: screen.view.merchant.name });
}

function PayableText({ screen }: { screen: Screen }) {
  const { words: t, view, language } = screen;
  const { attempt, invoice } = view;
  const processor = attempt?.processor_name ?? "";
  return (
    <>
      {invoice.paid.minor > 0 && !view.notes.some((note) => note.kind === "short") ? (
        <p>{t("payable.partly", { due: formatMoney(invoice.due, language) })}</p>
      ) : null}
      {resumable(screen) ? <p>{t("payable.resume", { processor })}</p> : null}
      {attempt?.is_lapsed_code ? <p>{t("scan.lapsed")}</p> : null}
      {attempt?.state === "expired" && !attempt.is_lapsed_code ? <p>{t("payable.lapsed")}</p> : null}
      {attempt?.state === "unresolved" || attempt?.state === "created" ? (
        <p>{t("payable.unresolved", { processor })}</p>
      ) : null}
    </>
  );
}

/** The page's link for those without scripting; with it the page asks by itself. */
function Reload({ screen: { words: t, path, language } }: { screen: Screen }) {
  return (
    <noscript>
      <a className="go calm" href={`${path}?lang=${language}`}>
        {t("page.reload")}
      </a>
    </noscript>
  );
}

function Receipt({ screen }: { screen: Screen }) {
  const { words: t, view, language } = screen;
  const { attempt, invoice, merchant } = view;
  const paidBy = attempt?.state === "captured" ? attempt : null;
  return (
    <>
      <dl>
        {invoice.paid_at ? (
          <div className="pair">
            <dt>{t("paid.at")}</dt>
            <dd>{formatMoment(invoice.paid_at, language, merchant.time_zone)}</dd>
          </div>
        ) : null}
        {paidBy?.instrument ? (
          <div className="pair">
            <dt>{t("paid.with")}</dt>
            <dd>{paidBy.instrument}</dd>
          </div>
        ) : null}
        {paidBy ? (
          <>
            <div className="pair">
              <dt>{t("paid.through")}</dt>
              <dd>{paidBy.processor_name}</dd>
            </div>
            <div className="pair wide">
              <dt>{t("paid.reference")}</dt>
              <dd>
                <span className="ref">
                  {groupReference(paidBy.id).map((group, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: markup is made once, nothing is ever moved.
                    <i key={index}>{group}</i>
                  ))}
                </span>{" "}
                <button className="copy" type="button" data-copy={paidBy.id} data-done={t("page.copied")} hidden>
                  {t("page.copy")}
                </button>
              </dd>
            </div>
          </>
        ) : null}
      </dl>
      <p className="hint">{t("paid.keep")}</p>
      {view.frame_origins.length > 0 && URL.canParse(view.point_of_sale.site) ? (
        <a className="go calm" href={view.point_of_sale.site} target="_top" rel="noreferrer">
          {t("paid.backTo", { site: new URL(view.point_of_sale.site).host })}
        </a>
      ) : null}
    </>
  );
}

function Body({ screen, merchant }: { screen: Screen; merchant: Merchant }) {
  const { words: t, view, language, path } = screen;
  const resume = resumable(screen);
  switch (view.state) {
    case "payable":
    case "declined":
    case "released":
      return <PayForm screen={screen} />;
    case "scan":
      return (
        <>
          <ScanCode screen={screen} />
          <OtherWays screen={screen} />
        </>
      );
    case "checking":
      return (
        <>
          <Reload screen={screen} />
          {resume ? (
            <details className="more">
              <summary>{t("checking.notDone")}</summary>
              <p className="hint">{t("checking.resume")}</p>
              <PayForm screen={screen} only={resume} />
            </details>
          ) : null}
        </>
      );
    case "processing":
    case "in_review":
    case "held":
      return <Reload screen={screen} />;
    case "paid":
      return <Receipt screen={screen} />;
    case "expired":
      return view.date_asked_at ? (
        <>
          <Ways merchant={merchant} as="buttons" />
          <Reload screen={screen} />
        </>
      ) : (
        <form method="post" action={`${path}/date`}>
          <input type="hidden" name="lang" value={language} />
          <button className="go" type="submit">
            {t("expired.ask")}
          </button>
        </form>
      );
    case "cancelled":
      // A note about money has named them already.
      return leadingNote(screen) ? null : <Ways merchant={merchant} as="text" />;
    default:
      return <Ways merchant={merchant} as="buttons" />;
  }
}

function textOf(screen: Screen): string[] {
  const notes = screen.view.notes.map((note) => noteText(screen, note));
  if (!leadingNote(screen)) return [...stateText(screen), ...notes];
  // A note that leads says all that these two states would.
  return ["paid", "in_review"].includes(screen.view.state) ? notes : [...notes, ...stateText(screen)];
}

function stateText({ words: t, view, language }: Screen): string[] {
  const { state, attempt, invoice, merchant } = view;
  const told = { merchant: merchant.name, processor: attempt?.processor_name ?? "" };
  const moment = (at: string) => formatMoment(at, language, merchant.time_zone);
  switch (state) {
    case "payable":
      return [];
    case "declined":
      return [
        t(`declined.reasons.${attempt?.reason ?? "declined"}`),
        `${t("declined.nothingTaken")} ${t("declined.again")}`,
      ];
    case "scan":
      return view.code?.is_opened ? [t("scan.back")] : [];
    case "expired":
      if (view.date_asked_at) return [t("expired.asked", { ...told, date: moment(view.date_asked_at) })];
      return [
        invoice.expires_at
          ? t("expired.text", { ...told, date: moment(invoice.expires_at) })
          : t("expired.textUndated", told),
      ];
    case "held":
      return attempt?.hold
        ? [
            t("held.text", told),
            t(attempt.hold.is_estimated ? "held.about" : "held.until", {
              date: moment(attempt.hold.until),
            }),
          ]
        : [t("held.text", told)];
    default:
      return [t(`${state}.text`, told)];
  }
}

// Where the state itself tells why the payment was not opened, a second message would only confuse.
const SILENT: Partial<Record<PayerState, true>> = {
  paid: true,
  cancelled: true,
  expired: true,
  closed: true,
  not_accepted: true,
  processing: true,
  in_review: true,
  held: true,
  checking: true,
};

const TOLD = [
  "payment_in_progress",
  "other_attempt_open",
  "amount_not_supported",
  "currency_not_supported",
  "method_not_offered",
  "processor_refused",
  "processor_unreachable",
] as const satisfies readonly StartProblem[];

function ProblemBox({ screen }: { screen: Screen }) {
  const { problem, view, words: t } = screen;
  if (!problem || SILENT[view.state]) return null;
  // A refusal of the processor is kept as a declined attempt, whose reason stands on the card.
  if (problem === "processor_refused" && view.state === "declined") return null;
  return (
    // biome-ignore lint/a11y/noAutofocus: after a refused form the reason is what must be read first.
    <p className="box bad" role="alert" tabIndex={-1} autoFocus>
      {t(`problems.${TOLD.find((code) => code === problem) ?? "other"}`)}
    </p>
  );
}

const WAITING: PayerState[] = ["checking", "processing", "scan"];

/** The card with the state of the payment and what can be done now. */
export function StateCard({ screen }: { screen: Screen }) {
  const { view, words: t } = screen;
  const note = leadingNote(screen);
  const { sign, tone, turns } = note ? noteLook(note) : lookOf(view);
  const isWaiting = WAITING.includes(view.state) || (view.state === "expired" && view.date_asked_at !== null);
  return (
    <section className="card" aria-labelledby="state">
      <InAppHint screen={screen} />
      <FaultSummary screen={screen} />
      <ProblemBox screen={screen} />
      <Told sign={sign} tone={tone} turns={turns ?? false} title={titleOf(screen)}>
        {textOf(screen).map((text) => (
          <p key={text}>{text}</p>
        ))}
        {view.state === "payable" ? <PayableText screen={screen} /> : null}
        {isWaiting ? <p className="hint">{t("page.selfUpdating")}</p> : null}
      </Told>
      <NoteWays screen={screen} merchant={merchantOf(view)} />
      <Body screen={screen} merchant={merchantOf(view)} />
      <GoElsewhere screen={screen} />
      <TruthLine screen={screen} />
    </section>
  );
}
