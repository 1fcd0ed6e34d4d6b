// A merchant's logo by the hash of its bytes: the same for ever, so that a browser asks once.

import { dataHeaders } from "../../../../components/payer/headers.ts";
import { askEdge } from "../../../edge.ts";

export const dynamic = "force-dynamic";

const TYPES = ["image/png", "image/jpeg", "image/webp"];

export async function GET(_request: Request, { params }: { params: Promise<{ hash: string }> }): Promise<Response> {
  const { hash } = await params;
  if (!/^[0-9a-f]{64}$/.test(hash)) return missing();
  const answer = await askEdge(new Request(`http://edge/payer/logos/${hash}`)).catch(() => null);
  const type = answer?.headers.get("content-type") ?? "";
  // Nothing else ever leaves here, whatever was answered.
  if (!answer?.ok || !TYPES.includes(type)) return missing();
  return new Response(answer.body, {
    headers: {
      ...dataHeaders(type),
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
      "cache-control": "public, max-age=31536000, immutable",
      "cross-origin-resource-policy": "same-origin",
    },
  });
}

function missing(): Response {
  return new Response(null, { status: 404, headers: dataHeaders("text/plain") });
}
