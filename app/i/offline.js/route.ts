// The service worker of everything under a payment link: says that there is no line, and what was last known.

import { createHash } from "node:crypto";
import { dataHeaders } from "../../../components/payer/headers.ts";
import { offlineWorker } from "../../../components/payer/offline-worker.ts";

export const dynamic = "force-dynamic";

let made: Promise<{ text: string; tag: string }> | undefined;

async function make() {
  const text = await offlineWorker();
  return { text, tag: `"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"` };
}

/** A constant of this build: browsers ask for it again and again, and are told that it is still the same. */
export async function GET(request: Request): Promise<Response> {
  made ??= make();
  const { text, tag } = await made;
  const headers = {
    ...dataHeaders("text/javascript; charset=utf-8"),
    "cache-control": "no-cache",
    // The worker's own policy: it asks nobody but us.
    "content-security-policy": "default-src 'none'; connect-src 'self'",
    etag: tag,
  };
  if (request.headers.get("if-none-match")?.includes(tag)) return new Response(null, { status: 304, headers });
  return new Response(text, { headers });
}
