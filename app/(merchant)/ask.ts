// How a screen asks the edge Worker: with the member's session, an answer or a problem, and sign-in where it has ended.
import type { ClientResponse } from "hono/client";
import { refresh } from "next/cache";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import type { Outcome } from "../../components/merchant/outcome.ts";
import type { Connection } from "../../components/merchant/shapes.ts";
import type { FieldFault } from "../../edge/http/problem.ts";
import { memberEdge } from "../edge.ts";
import { speak } from "./speak.ts";

type AnyResponse = ClientResponse<unknown, number, string>;
/** What an answer holds when all went well. */
type Good<R> =
  R extends ClientResponse<infer T, infer Status, string> ? (Status extends 200 | 201 | 202 ? T : never) : never;

/** The typed client with this request's session. */
export const api = cache(async () => memberEdge(await headers()));

async function settle<R extends AnyResponse>(asked: Promise<R>): Promise<Outcome<Good<R>>> {
  const response = await asked;
  const text = await response.text();
  if (response.ok) return { ok: true, value: (text ? JSON.parse(text) : null) as Good<R> };
  let problem: { code?: string; errors?: FieldFault[] } = {};
  try {
    problem = JSON.parse(text) as typeof problem;
  } catch {
    // Not a problem of the API's own making.
  }
  return { ok: false, code: problem.code ?? "internal", fields: problem.errors ?? [] };
}

const signInFor = (path: string) => `/sign-in?next=${encodeURIComponent(path)}`;

/** What a screen cannot be shown without. */
export async function need<R extends AnyResponse>(path: string, asked: Promise<R>): Promise<Good<R>> {
  const outcome = await settle(asked);
  if (outcome.ok) return outcome.value;
  if (outcome.code === "unauthenticated") redirect(signInFor(path));
  if (outcome.code === "not_found" || outcome.code === "invalid_request") notFound();
  if (outcome.code === "forbidden") redirect("/no-access");
  throw new Error(`the edge answered ${outcome.code}`);
}

/**
 * Runs a member's command; what the screen shows is read again afterwards.
 * @param isTold a refusal leaves something to show too: the processor's words
 */
export async function command<R extends AnyResponse>(
  asked: Promise<R>,
  { isTold = false }: { isTold?: boolean } = {},
): Promise<Outcome<Good<R>>> {
  const outcome = await settle(asked);
  if (!outcome.ok && outcome.code === "unauthenticated") {
    const from = (await headers()).get("referer");
    const { pathname, search } = from ? new URL(from) : { pathname: "/", search: "" };
    redirect(signInFor(pathname + search));
  }
  if (outcome.ok || isTold) refresh();
  return outcome;
}

/** Reads something for a part of a screen that is there already; nothing else is read again. */
export function look<R extends AnyResponse>(asked: Promise<R>): Promise<Outcome<Good<R>>> {
  return settle(asked);
}

/** All of the merchant's connections (of a processor, of a point of sale), page after page. */
export async function everyConnection(path: string, of: { processor?: string; point_of_sale_id?: string } = {}) {
  const edge = await api();
  const data: Connection[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const query = { ...of, limit: "100", ...(cursor ? { cursor } : {}) };
    const page: { data: Connection[]; next_cursor: string | null } = await need(
      path,
      edge.v1.connections.$get({ query: query as never }),
    );
    data.push(...page.data);
    cursor = page.next_cursor;
  }
  return { data };
}

const me = cache(async () => settle((await api()).v1.me.$get()));

/** Who is signed in, or null; asked once for a request. */
export async function signedIn() {
  const outcome = await me();
  return outcome.ok ? outcome.value : null;
}

/** Everything that a screen of the merchant area starts with. */
export async function enter(path: string) {
  const [outcome, spoken, edge] = await Promise.all([me(), speak(), api()]);
  if (!outcome.ok) {
    if (outcome.code === "unauthenticated") redirect(signInFor(path));
    throw new Error(`the edge answered ${outcome.code}`);
  }
  const member = outcome.value;
  const scopes = new Set(member.scopes);
  return { ...spoken, edge, member, zone: member.merchant.time_zone, can: (scope: string) => scopes.has(scope) };
}

/** One value of a search parameter. */
export function one(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
