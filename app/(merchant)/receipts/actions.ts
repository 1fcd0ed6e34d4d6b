// Commands for fiscal receipts and the register that makes them, as server actions.
"use server";

import type { RegisterInput } from "../../../components/merchant/shapes.ts";
import { api, command } from "../ask.ts";

const byId = (id: string) => ({ param: { id } });

export async function chooseRegister(shop: string, input: RegisterInput) {
  return command((await api()).v1["points-of-sale"][":id"].register.$put({ ...byId(shop), json: input }));
}

export async function checkRegister(shop: string) {
  return command((await api()).v1["points-of-sale"][":id"].register.check.$post(byId(shop)));
}

export async function removeRegister(shop: string) {
  return command((await api()).v1["points-of-sale"][":id"].register.$delete(byId(shop)));
}

export async function retryReceipt(id: string, isChecked: boolean) {
  return command((await api()).v1.receipts[":id"].retry.$post({ ...byId(id), json: { is_checked: isChecked } }));
}

export async function deliverInvoice(id: string) {
  return command((await api()).v1.invoices[":id"].deliver.$post(byId(id)));
}
