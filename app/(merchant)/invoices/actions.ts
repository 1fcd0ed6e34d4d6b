// Commands around invoices and their attempts, as server actions.
"use server";

import type { InvoiceDraft } from "../../../components/merchant/invoice-draft.ts";
import { api, command, look } from "../ask.ts";

const byId = (id: string) => ({ param: { id } });
const once = (key: string) => ({ header: { "idempotency-key": key } });

export async function createInvoice(draft: InvoiceDraft, key: string) {
  const { is_test, is_draft, kind, point_of_sale_id, ...fields } = draft;
  const chosen = { is_draft, kind, point_of_sale_id, ...(is_test ? { is_test } : {}) };
  return command((await api()).v1.invoices.$post({ json: { ...fields, ...chosen }, ...once(key) }));
}

export async function changeInvoice(id: string, draft: Partial<InvoiceDraft>) {
  const { is_test: _test, is_draft: _draft, kind: _kind, point_of_sale_id: _shop, ...fields } = draft;
  return command((await api()).v1.invoices[":id"].$patch({ ...byId(id), json: fields }));
}

export async function issueInvoice(id: string) {
  return command((await api()).v1.invoices[":id"].issue.$post(byId(id)));
}

export async function cancelInvoice(id: string) {
  return command((await api()).v1.invoices[":id"].cancel.$post(byId(id)));
}

export async function makeFiscal(id: string) {
  return command((await api()).v1.invoices[":id"].fiscal.$post(byId(id)));
}

export async function sendLink(id: string, email: string, key: string) {
  return command((await api()).v1.invoices[":id"].send.$post({ ...byId(id), json: { email }, ...once(key) }));
}

export async function readLinkMails(id: string) {
  return look((await api()).v1.invoices[":id"]["link-mails"].$get(byId(id)));
}

export async function recordPayment(
  id: string,
  payment: { amount_minor: number; method: "cash" | "transfer" | "card" | "other"; reference: string | null },
  key: string,
) {
  return command((await api()).v1.invoices[":id"].payments.$post({ ...byId(id), json: payment, ...once(key) }));
}

export async function lookAtAttempt(id: string) {
  return command((await api()).v1.attempts[":id"].look.$post(byId(id)));
}

export async function refundAttempt(input: { attemptId: string; amountMinor: number; reason: string; key: string }) {
  const json = { attempt_id: input.attemptId, amount_minor: input.amountMinor, reason: input.reason || null };
  return command((await api()).v1.refunds.$post({ json, ...once(input.key) }));
}

export async function captureAttempt(id: string, amountMinor: number, key: string) {
  const json = { amount_minor: amountMinor };
  return command((await api()).v1.attempts[":id"].capture.$post({ ...byId(id), json, ...once(key) }), {
    isTold: true,
  });
}

export async function releaseAttempt(id: string, key: string) {
  return command((await api()).v1.attempts[":id"].void.$post({ ...byId(id), ...once(key) }), { isTold: true });
}

export async function bookCollection(paymentId: string) {
  return command((await api()).v1.payments[":id"].collection.$post(byId(paymentId)));
}
