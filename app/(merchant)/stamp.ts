// Passes a stamp of the edge on to an open page; a reader without the right to it learns nothing.
import type { ClientResponse } from "hono/client";

export async function answerStamp(answer: ClientResponse<unknown, number, string>): Promise<Response> {
  const told = answer.ok ? ((await answer.json()) as { stamp: string }) : {};
  return Response.json(told, { status: answer.ok ? 200 : 404, headers: { "cache-control": "no-store" } });
}
