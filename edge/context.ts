// From bindings to what a command needs: database, clock, vault, processors. Made once per request, queue batch or cron.

import { type Database, openDatabase } from "../db/client.ts";
import { makeClock } from "./clock.ts";
import { type Bindings, type Env, parseEnv, type Wake } from "./env.ts";
import { type IdKind, newId, newToken } from "./ids.ts";
import { Vault } from "./merchants/vault.ts";
import type { StepContext } from "./payments/step.ts";
import { abilitiesOf } from "./processors/abilities.ts";

export type Context = {
  env: Env;
  db: Database;
  vault: Vault;
  /** The moment this request is served at; business logic knows no other time. */
  now: Date;
  requestId: string;
  newId(kind: IdKind): string;
  /** Wakes the queue; the rows say what is due. A lost wake is swept by cron. */
  wake(message: Wake): Promise<void>;
  /** Wakes the queue if a step of this context has ordered an effect since the last time. */
  wakeIfOrdered(): Promise<void>;
  /** What a step of an invoice's story needs, for whoever causes it. */
  stepBy(actor: string): StepContext;
};

/** Builds the context, or throws naming the missing binding. */
export async function makeContext(bindings: Bindings): Promise<Context> {
  const env = parseEnv(bindings);
  const db = openDatabase(env.DATABASE_URL, env.NEON_LOCAL);
  const now = await makeClock(env.CLOCK_URL)();
  const requestId = newId("request", now);
  const ids = (kind: IdKind) => newId(kind, now);
  const wake = async (message: Wake) => {
    await env.OUTBOX.send(message).catch(() => {}); // cron sweeps what a wake did not reach
  };
  let isOrdered = false;
  return {
    env,
    db,
    vault: new Vault(db, env.KEY_ENCRYPTION_KEYS),
    now,
    requestId,
    newId: ids,
    wake,
    async wakeIfOrdered() {
      if (!isOrdered) return;
      isOrdered = false;
      await wake({ kind: "due" });
    },
    stepBy: (actor) => ({
      now,
      newId: ids,
      newToken,
      actor,
      requestId,
      abilitiesOf,
      onOrdered: () => {
        isOrdered = true;
      },
    }),
  };
}
