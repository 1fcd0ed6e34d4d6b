// Commands around API keys, as server actions.
"use server";

import type { Scope } from "../../../edge/merchants/permissions.ts";
import { api, command } from "../ask.ts";

export async function createKey(input: { point_of_sale_id: string; name: string; scopes: string[] }) {
  // The edge Worker knows which scopes there are and refuses others.
  const json = { ...input, scopes: input.scopes as Scope[] };
  return command((await api()).v1["api-keys"].$post({ json, header: {} }));
}

export async function revokeKey(id: string) {
  return command((await api()).v1["api-keys"][":id"].$delete({ param: { id } }));
}
