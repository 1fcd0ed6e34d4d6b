// Reading invoices: by their id, or by our own when the answer to their making was lost (uapay.md 8, 13).

import { sameMoney } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { AttemptReference, Fault } from "../contract.ts";
import { type Invoice, kindOfOne, readInvoice, spokesman } from "./invoice.ts";
import { objectsOf, textOf } from "./json.ts";
import { call, faultOf, type Session } from "./wire.ts";

const MOST_INVOICES_OF_AN_ATTEMPT = 5;

/** The attempt's invoice, and others under our id that hold money, of which there should be none. */
export type Found = { invoice: Invoice; others: Invoice[] };

/** The invoice as it stands now. */
export async function findInvoice(attempt: AttemptReference, session: Session): Promise<Result<Found, Fault>> {
  if (attempt.processorReference === undefined) return findByOurId(attempt, session);
  const shown = await showInvoice(attempt.processorReference, session);
  if (!shown.ok) return shown;
  const why = faultOfInvoice(shown.value, attempt, session);
  return why ? fail({ kind: "malformed", detail: why }) : ok({ invoice: shown.value, others: [] });
}

/** Reads one invoice (8). */
export async function showInvoice(id: string, session: Session): Promise<Result<Invoice, Fault>> {
  const answered = await call(session, { method: "invoicer/invoices/show", effect: "read", params: { id } });
  if (!answered.ok) return answered;
  if (answered.value.refusal) return fail(faultOf(answered.value.refusal));
  const invoice = readInvoice(answered.value.claims);
  if (!invoice) return fail({ kind: "malformed", detail: "answer_without_invoice" });
  return invoice.id === id ? ok(invoice) : fail({ kind: "malformed", detail: "answer_about_another_invoice" });
}

/** Why an invoice cannot be the attempt's, or null. What is not told is not held against it. */
function faultOfInvoice(invoice: Invoice, attempt: AttemptReference, { context }: Session): string | null {
  if ((invoice.attemptId ?? attempt.attemptId) !== attempt.attemptId) return "answer_about_another_attempt";
  if ((invoice.shopId ?? context.credentials.shopId) !== context.credentials.shopId) return "answer_about_another_shop";
  if (invoice.amount !== null && !sameMoney(invoice.amount, attempt.amount)) return "answer_with_another_sum";
  return null;
}

async function findByOurId(attempt: AttemptReference, session: Session): Promise<Result<Found, Fault>> {
  const answered = await call(session, {
    method: "invoicer/invoices/show/list",
    effect: "read",
    params: { externalIds: [attempt.attemptId] },
  });
  if (!answered.ok) return answered;
  if (answered.value.refusal) return fail(faultOf(answered.value.refusal));
  const { invoices } = answered.value.claims;
  if (!Array.isArray(invoices)) return fail({ kind: "malformed", detail: "answer_without_list" });
  const whole: Invoice[] = [];
  for (const row of objectsOf(invoices).slice(0, MOST_INVOICES_OF_AN_ATTEMPT)) {
    const id = textOf(row.id);
    const shown = id === undefined ? null : await showInvoice(id, session); // rows may lack the payments
    if (shown && !shown.ok) return shown;
    // The filter is theirs: what says that it is another's is not ours, whatever was asked.
    if (shown && !faultOfInvoice(shown.value, attempt, session)) whole.push(shown.value);
  }
  const ranks = ["captured", "refund_succeeded", "authorized", "processing"];
  const rank = (invoice: Invoice) => {
    const speaks = spokesman(invoice);
    const at = speaks ? ranks.indexOf(kindOfOne(speaks)) : -1;
    return at < 0 ? ranks.length : at;
  };
  const [invoice, ...rest] = whole.sort((a, b) => rank(a) - rank(b));
  if (!invoice) return fail({ kind: "rejected", detail: "no_such_invoice", processorCode: "404" });
  return ok({ invoice, others: rest.filter((one) => rank(one) < ranks.length) });
}
