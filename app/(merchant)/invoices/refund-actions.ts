// What a member decides about refunds, as server actions.
"use server";

import { api, command } from "../ask.ts";

const byId = (id: string) => ({ param: { id } });

export async function recordRefund(input: {
  attemptId: string;
  amountMinor: number;
  reason: string;
  reference: string;
  key: string;
}) {
  const json = {
    attempt_id: input.attemptId,
    amount_minor: input.amountMinor,
    reason: input.reason || null,
    reference: input.reference || null,
  };
  return command((await api()).v1.refunds.manual.$post({ json, header: { "idempotency-key": input.key } }));
}

export async function approveRefund(id: string) {
  return command((await api()).v1.refunds[":id"].approve.$post(byId(id)));
}

export async function refuseRefund(id: string, note: string) {
  return command((await api()).v1.refunds[":id"].refuse.$post({ ...byId(id), json: { note } }));
}

export async function giveUpRefund(id: string, note: string) {
  return command((await api()).v1.refunds[":id"]["give-up"].$post({ ...byId(id), json: { note: note || null } }));
}

export async function retryRefund(id: string) {
  return command((await api()).v1.refunds[":id"].retry.$post(byId(id)));
}
