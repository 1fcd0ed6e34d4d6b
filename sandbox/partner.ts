// A partner's side of webhooks: addresses that keep what they were told and answer as they were bidden.
import type { Hono } from "hono";
import { z } from "zod";
import type { Clock } from "./clock.ts";
import { answer, readInput } from "./control-input.ts";

type Told = { at: number; headers: Record<string, string>; body: string; answered: number };

const mood = z.strictObject({
  status: z.number().int().min(200).max(599),
  next: z.number().int().min(0).default(1),
  location: z.string().optional(),
  ms: z.number().int().min(0).max(60_000).default(0),
});

/**
 * `POST /partner/<name>` takes a delivery; `GET /control/partner/<name>` lists what came, oldest first; `POST
 * /control/partner/<name>` `{status, next, location?, ms?}` lets the next deliveries be answered otherwise, or only after some
 * real time. In memory.
 */
export function partnerRoutes(app: Hono, clock: Clock): void {
  const told = new Map<string, Told[]>();
  const moods = new Map<string, z.infer<typeof mood>>();

  app.post("/partner/:name", async (c) => {
    const name = c.req.param("name");
    const bidden = moods.get(name);
    const isBidden = bidden !== undefined && bidden.next > 0;
    if (isBidden) bidden.next -= 1;
    const status = isBidden ? bidden.status : 200;
    const headers = Object.fromEntries(c.req.raw.headers);
    told.set(name, [
      ...(told.get(name) ?? []),
      { at: clock.now(), headers, body: await c.req.text(), answered: status },
    ]);
    if (isBidden && bidden.ms > 0) await new Promise((resolve) => setTimeout(resolve, bidden.ms));
    return new Response(status === 204 ? null : "noted", {
      status,
      headers: isBidden && bidden.location ? { location: bidden.location } : {},
    });
  });
  app.get("/control/partner/:name", (c) => c.json(told.get(c.req.param("name")) ?? []));
  app.post("/control/partner/:name", async (c) => {
    moods.set(c.req.param("name"), await readInput(c, mood));
    return answer(c, { ok: true });
  });
}
