// Commands around webhooks, as server actions.
"use server";

import { redirect } from "next/navigation";
import { api, command } from "../ask.ts";

type Typed = { url: string; event_types: string[] };

const ofOne = async () => (await api()).v1["webhook-endpoints"][":id"];

export async function createWebhook(json: Typed & { point_of_sale_id: string }, key: string) {
  return command((await api()).v1["webhook-endpoints"].$post({ json, header: { "idempotency-key": key } }));
}

export async function changeWebhook(id: string, json: Typed) {
  return command((await ofOne()).$patch({ param: { id }, json }));
}

export async function setWebhookEnabled(id: string, isEnabled: boolean) {
  return command((await ofOne()).$patch({ param: { id }, json: { is_enabled: isEnabled } }));
}

export async function rotateWebhook(id: string) {
  return command((await ofOne()).rotate.$post({ param: { id } }));
}

export async function removeWebhook(id: string) {
  const outcome = await command((await ofOne()).$delete({ param: { id } }));
  // Its own screen is gone with it.
  if (outcome.ok) redirect("/webhooks");
  return outcome;
}

export async function resendSince(id: string, since: string) {
  return command((await ofOne()).resend.$post({ param: { id }, json: { since } }));
}

export async function resendDelivery(id: string) {
  return command((await api()).v1["webhook-deliveries"][":id"].resend.$post({ param: { id } }));
}
