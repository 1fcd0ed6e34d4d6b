// Saving the rules for money.
"use server";

import type { MoneyRules } from "../../../components/merchant/shapes.ts";
import { api, command } from "../ask.ts";

export async function saveMoneyRules(rules: MoneyRules) {
  return command((await api()).v1.merchant["money-rules"].$patch({ json: rules }));
}
