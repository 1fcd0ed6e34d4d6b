// Commands of the merchant's own statuses, as server actions.
"use server";

import type { Choice } from "../../../components/merchant/outcome-mapping.tsx";
import type { Tone } from "../../../components/ui/badge.tsx";
import { api, command } from "../ask.ts";

export async function createStatus(input: { name: string; tone: Tone }, key: string) {
  return command((await api()).v1["own-statuses"].$post({ json: input, header: { "idempotency-key": key } }));
}

export async function changeStatus(id: string, patch: { name?: string; tone?: Tone; is_archived?: boolean }) {
  return command((await api()).v1["own-statuses"][":id"].$patch({ param: { id }, json: patch }));
}

export async function saveMapping(data: Choice[]) {
  return command((await api()).v1["outcome-statuses"].$put({ json: { data } }));
}
