// The edge Worker. Placeholder: answers health, through both doors.
import { WorkerEntrypoint } from "cloudflare:workers";

function answer(request: Request, door: string): Response {
  return new URL(request.url).pathname === "/health"
    ? Response.json({ ok: true, door })
    : new Response(null, { status: 404 });
}

/** What only the web Worker may call, by its service binding. */
export class WebDoor extends WorkerEntrypoint {
  override fetch(request: Request): Response {
    return answer(request, "web");
  }
}

export default {
  fetch: (request) => answer(request, "public"),
  async queue() {},
  async scheduled() {},
} satisfies ExportedHandler;
