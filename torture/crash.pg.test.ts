// The crash torture in small: some payments, one kill of the edge Worker and one of Postgres. `npm run torture` is the
// long one; SEED repeats a run.

import { expect, test } from "vitest";
import { crash } from "./crash.ts";

const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test(`60 payments while the edge Worker and Postgres are killed (seed ${SEED}): all end right, nothing is lost or doubled`, {
  timeout: 240_000,
}, async () => {
  const { checks, told } = await crash({ seed: SEED, payments: 60, kills: 2, inTurn: true, say: () => {} });
  expect(checks.failures).toEqual([]);
  expect(told).toMatchObject({ kills: 2, "killed edge": 1, "killed postgres": 1 });
});
