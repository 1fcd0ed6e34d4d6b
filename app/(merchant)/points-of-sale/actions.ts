// Commands for what a point of sale's payment pages look like, as server actions.
"use server";

import { api, command } from "../ask.ts";

export async function changeColor(id: string, brand_color: string | null) {
  return command((await api()).v1["points-of-sale"][":id"].$patch({ param: { id }, json: { brand_color } }));
}

/** @param data the file in base64 */
export async function putLogo(id: string, data: string) {
  return command((await api()).v1["points-of-sale"][":id"].logo.$put({ param: { id }, json: { data } }));
}

export async function removeLogo(id: string) {
  return command((await api()).v1["points-of-sale"][":id"].logo.$delete({ param: { id } }));
}
