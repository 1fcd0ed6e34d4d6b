// Commands of the inbox and of what waits for a person, as server actions.
"use server";

import { api, command } from "../ask.ts";

export async function replayIpn(id: string) {
  return command((await api()).v1.ipns[":id"].replay.$post({ param: { id } }));
}

export async function resolveItem(id: string) {
  return command((await api()).v1.attention[":id"].resolve.$post({ param: { id } }));
}
