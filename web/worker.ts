// The web Worker's entry: what OpenNext made of the Next.js app, with the headers that keep its pages safe. `next dev` serves
// without them: its reloading needs what they forbid.

// @ts-expect-error: made by the build, and without types
import next from "../.open-next/worker.js";
import { newNonce, withHeaders, withPolicy } from "./headers.ts";

type Worker = { fetch(request: Request, env: { ENVIRONMENT: string }, ctx: unknown): Promise<Response> };

export default {
  async fetch(request, env, ctx) {
    const nonce = newNonce();
    const answer = await (next as Worker).fetch(withPolicy(request, nonce), env, ctx);
    const { pathname } = new URL(request.url);
    return withHeaders(answer, pathname, nonce, env.ENVIRONMENT === "production");
  },
} satisfies Worker;
