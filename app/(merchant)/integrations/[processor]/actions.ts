// Commands of a connection that is made from its descriptor, as server actions.
"use server";

import type { OptionsPatch } from "../../../../components/merchant/options-form.tsx";
import { api, command } from "../../ask.ts";

export async function connectProcessor(
  processor: string,
  input: {
    point_of_sale_id: string;
    environment: "live" | "test";
    name?: string;
    credentials: Record<string, string>;
  },
  key: string,
) {
  return command(
    (await api()).v1.connections.$post({ json: { ...input, processor }, header: { "idempotency-key": key } }),
  );
}

export async function resendConsent(id: string) {
  return command((await api()).v1.connections[":id"].consent.$post({ param: { id } }));
}

export async function saveOptions(id: string, patch: OptionsPatch) {
  return command((await api()).v1.connections[":id"].options.$patch({ param: { id }, json: patch }));
}

export async function refreshAccounts(id: string) {
  return command((await api()).v1.connections[":id"].accounts.refresh.$post({ param: { id } }));
}

export async function registerNotifications(id: string, replace: boolean) {
  return command((await api()).v1.connections[":id"].notifications.$post({ param: { id }, json: { replace } }));
}

/** Of one method alone: the only extra there is. */
export async function startTrial() {
  return command((await api()).v1.merchant.trials.$post({ json: { extra: "only_method" } }));
}
