// Commands around connections to processors and a point of sale's switches, as server actions.
"use server";

import { api, command } from "../ask.ts";

export async function connect(
  input: { point_of_sale_id: string; environment: "live" | "test"; credentials: Record<string, string> },
  key: string,
) {
  const json = { ...input, processor: "netopia" };
  return command((await api()).v1.connections.$post({ json, header: { "idempotency-key": key } }));
}

export async function replaceCredentials(id: string, credentials: Record<string, string>, name?: string) {
  const json = { credentials, ...(name ? { name } : {}) };
  return command((await api()).v1.connections[":id"].$patch({ param: { id }, json }));
}

export async function disconnect(id: string) {
  return command((await api()).v1.connections[":id"].$delete({ param: { id } }));
}

export async function checkConnection(id: string) {
  return command((await api()).v1.connections[":id"].check.$post({ param: { id } }));
}

export async function tellPageSeen(id: string, seen: boolean) {
  return command((await api()).v1.connections[":id"]["page-seen"].$post({ param: { id }, json: { seen } }));
}

export async function markStep(
  pointOfSaleId: string,
  processor: string,
  step: string,
  state: "open" | "started" | "done",
) {
  const param = { id: pointOfSaleId, processor, step: step as "create_account" };
  return command(
    (await api()).v1["points-of-sale"][":id"].onboarding[":processor"][":step"].$put({ param, json: { state } }),
  );
}

export async function changeShop(
  id: string,
  patch: {
    name?: string;
    site?: string;
    activity?: string | null;
    sender_name?: string | null;
    sender_email?: string | null;
    is_open?: boolean;
    card_on_all_invoices?: boolean;
    fiscal_from_proforma?: boolean;
    record_collection?: boolean;
    method_order?: string[];
    frame_origins?: string[];
  },
) {
  return command((await api()).v1["points-of-sale"][":id"].$patch({ param: { id }, json: patch }));
}
