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

export async function replaceCredentials(id: string, credentials: Record<string, string>) {
  return command((await api()).v1.connections[":id"].$patch({ param: { id }, json: { credentials } }));
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

type StepName =
  | "reach_platform"
  | "create_account"
  | "fill_data"
  | "sign_contract"
  | "account_approval"
  | "add_point_of_sale"
  | "point_of_sale_approval";

export async function markStep(pointOfSaleId: string, step: string, state: "open" | "started" | "done") {
  return command(
    (await api()).v1["points-of-sale"][":id"].onboarding[":processor"][":step"].$put({
      param: { id: pointOfSaleId, processor: "netopia", step: step as StepName },
      json: { state },
    }),
  );
}

export async function changeShop(
  id: string,
  patch: {
    name?: string;
    site?: string;
    activity?: string | null;
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
