// Saving the company's legal details, as a server action.
"use server";

import type { LegalDetails } from "../../../components/merchant/legal-form.tsx";
import { api, command } from "../ask.ts";

export async function saveLegalDetails(details: LegalDetails) {
  return command((await api()).v1.merchant.$patch({ json: details }));
}
