// Commands around CRM installations, as server actions.
"use server";

import { redirect } from "next/navigation";
import { api, command } from "../../ask.ts";

const ofOne = async () => (await api()).v1["crm-installations"][":id"];

export async function connectCrm(json: { point_of_sale_id: string; url: string; api_key: string }, key: string) {
  const outcome = await command(
    (await api()).v1["crm-installations"].$post({ json, header: { "idempotency-key": key } }),
  );
  if (outcome.ok) redirect(`/integrations/crm/${outcome.value.id}`);
  return outcome;
}

export async function checkCrm(id: string) {
  return command((await ofOne()).check.$post({ param: { id } }));
}

export async function replaceCrmKey(id: string, apiKey: string) {
  return command((await ofOne()).$patch({ param: { id }, json: { api_key: apiKey } }));
}

export async function disconnectCrm(id: string) {
  return command((await ofOne()).$delete({ param: { id } }));
}
