// Votes on the NETOPIA guide: reads the counter, and votes for the visitor that a cookie of ours names.
"use server";

import { hc } from "hono/client";
import { refresh } from "next/cache";
import { cookies } from "next/headers";
import type { Outcome } from "../../../../components/merchant/outcome.ts";
import type { Help } from "../../../../edge/http/app.ts";
import { askEdge } from "../../../edge.ts";

const VISITOR = "plata_visitor";

async function votesApi() {
  const ask: typeof fetch = (input, init) => askEdge(new Request(input, init));
  return hc<Help>("http://edge", { fetch: ask }).help[":article"].votes;
}

const param = { article: "netopia" } as const;

export async function readVotes() {
  const visitor = (await cookies()).get(VISITOR)?.value;
  const answer = await (await votesApi()).$get({ param, query: visitor ? { visitor } : {} });
  return answer.ok ? await answer.json() : { helpful: 0, total: 0, mine: null };
}

export async function vote(isHelpful: boolean): Promise<Outcome> {
  const jar = await cookies();
  const visitor = jar.get(VISITOR)?.value ?? crypto.randomUUID();
  jar.set(VISITOR, visitor, { path: "/", maxAge: 365 * 24 * 3600, sameSite: "lax", httpOnly: true });
  const answer = await (await votesApi()).$post({ param, json: { visitor, helpful: isHelpful } });
  if (!answer.ok) return { ok: false, code: "internal", fields: [] };
  refresh();
  return { ok: true, value: null };
}
