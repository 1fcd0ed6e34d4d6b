// Money that came otherwise than asked: what happened, who knows of it, what comes next. The weightiest of it is what the
// card says first; see edge/payments/payment-notes.ts.

import { formatMoment } from "../format/dates.ts";
import { formatMoney } from "../format/money.ts";
import { type Merchant, Ways } from "./document.tsx";
import type { Sign } from "./icons.tsx";
import { resumable } from "./pay-form.tsx";
import type { Note, PayerState, Screen } from "./view.ts";

/** Where nothing newer is going on than the money that came. */
const AT_REST: PayerState[] = ["paid", "payable", "expired", "cancelled", "closed", "not_accepted", "no_method"];

const PAYABLE: PayerState[] = ["payable", "declined", "released"];

/** The note that the card is about; none while the state itself is news, or what came twice has gone back. */
export function leadingNote(screen: Screen): Note | undefined {
  const { state, notes } = screen.view;
  const [first] = notes;
  if (first?.kind === "other_currency" && state === "in_review") return first;
  if (!AT_REST.includes(state) || resumable(screen)) return undefined;
  return notes.find((note) => note.kind !== "other_currency" && !note.refund?.is_done);
}

const SIGNS: Record<Note["kind"], Sign> = {
  late: "check",
  over: "check",
  twice: "check",
  short: "parts",
  other_currency: "clock",
};
export const noteLook = ({ kind }: Note) => ({ sign: SIGNS[kind], tone: "wait", turns: false }) as const;

export function noteTitle({ words: t, language }: Screen, note: Note): string {
  return t(`notes.${note.kind}.title`, { amount: formatMoney(note.amount, language) });
}

/** One sentence after the other: what came, and what becomes of it. */
export function noteText({ words: t, language, view }: Screen, note: Note): string {
  const { merchant, invoice } = view;
  const told = {
    amount: formatMoney(note.amount, language),
    asked: note.asked ? formatMoney(note.asked, language) : "",
    due: formatMoney(invoice.due, language),
    date: formatMoment(note.at, language, merchant.time_zone),
    merchant: merchant.name,
    processor: note.processor_name,
  };
  switch (note.kind) {
    case "late":
      return t(`notes.late.${note.cause ?? "attempt_over"}`, told);
    case "over":
      return t(note.refund ? "notes.over.refunding" : "notes.over.text", told);
    case "twice": {
      const end = note.refund ? (note.refund.is_done ? "returned" : "refunding") : "merchant";
      return [t("notes.twice.text", told), t(`notes.twice.${end}`, told)].join(" ");
    }
    case "short":
      return [t("notes.short.text", told), ...(PAYABLE.includes(view.state) ? [t("notes.short.rest", told)] : [])].join(
        " ",
      );
    default:
      return t(`notes.${note.kind}.text`, told);
  }
}

/** How far the money is on its way back, and whom to ask where a person has to decide about it. */
export function NoteWays({ screen, merchant }: { screen: Screen; merchant: Merchant }) {
  const leading = leadingNote(screen);
  if (!leading || leading.kind === "short") return null;
  const { words: t, language, path } = screen;
  return (
    <>
      {leading.refund?.id ? (
        <a className="go calm" href={`${path}/refunds/${leading.refund.id}?lang=${language}`}>
          {t("refund.link", { amount: formatMoney(leading.amount, language) })}
        </a>
      ) : null}
      <div>
        <p className="hint">{t("notes.ask", { merchant: merchant.name })}</p>
        <Ways merchant={merchant} as="text" />
      </div>
    </>
  );
}
