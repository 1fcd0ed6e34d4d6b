// How the web Worker reaches the edge Worker: through its service binding, by typed clients made from the edge's routes.

import { getCloudflareContext } from "@opennextjs/cloudflare";
import { hc } from "hono/client";
import type { Consent, Payer, V1 } from "../edge/http/app.ts";

/** The edge Worker's own door for the web Worker. Its host name is never looked up. */
const DOOR = "http://edge";

/** A request that goes through the service binding as it is: for sign-in, which passes untouched. */
export async function askEdge(request: Request): Promise<Response> {
  const { env } = await getCloudflareContext({ async: true });
  const { EDGE } = env as unknown as { EDGE: { fetch: typeof fetch } };
  return EDGE.fetch(request);
}

const throughDoor: typeof fetch = (input, init) => askEdge(new Request(input, init));

/** What the payer's page asks; the link's token in the path is its only right. */
export function payerEdge() {
  return hc<Payer>(DOOR, { fetch: throughDoor });
}

/**
 * Consent at a processor: a mail's link, and the return from there. The browser's cookie goes along, where there is one.
 */
export function consentEdge(cookie: string | null) {
  return hc<Consent>(DOOR, { fetch: throughDoor, headers: cookie ? { cookie } : {} });
}

/**
 * The API with the rights of the member who made the request.
 * @param requestHeaders of the browser's request: its cookie and the merchant it chose go along, nothing else
 */
export function memberEdge(requestHeaders: Headers) {
  const headers: Record<string, string> = {};
  for (const [name, value] of requestHeaders) {
    if (name === "cookie" || name.startsWith("x-merchant")) headers[name] = value;
  }
  return hc<V1>(DOOR, { fetch: throughDoor, headers });
}
