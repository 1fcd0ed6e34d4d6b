// The harness itself: the Worker runs in workerd with its bindings, and the database answers from there.
import { env, exports } from "cloudflare:workers";
import { neon, neonConfig } from "@neondatabase/serverless";
import { expect, test } from "vitest";
import { freshDatabase } from "../scripts/test-support.ts";

test("the Worker answers health", async () => {
  const worker = exports as unknown as { default: { fetch(url: string): Promise<Response> } };
  const response = await worker.default.fetch("http://edge/health");
  expect(response.status).toBe(200);
  await response.text();
});

test("bindings and variables are there, and the database answers", async () => {
  const bindings = env as unknown as Record<string, string>;
  for (const name of ["OUTBOX", "PAYER_LIMIT", "IPN_LIMIT", "SIGN_IN_LIMIT", "CRM_LIMIT", "KEY_ENCRYPTION_KEYS"]) {
    expect(bindings[name], name).toBeDefined();
  }
  neonConfig.fetchEndpoint = () => `http://${bindings.NEON_LOCAL}/sql`;
  const rows = await neon(bindings.DATABASE_URL ?? "")`select 40 + 2 as answer`;
  expect(rows).toEqual([{ answer: 42 }]);
});

test("the sandbox answers from workerd, and its platform keys arrived as a variable", async () => {
  const bindings = env as unknown as Record<string, string>;
  expect(JSON.parse(bindings.PLATFORM_KEYS ?? "")).toEqual({
    netopia: [expect.stringContaining("PUBLIC KEY")],
    tochka: [expect.stringContaining('"kty"')],
  });
  const clock = await fetch(bindings.CLOCK_URL ?? "");
  expect(await clock.json()).toHaveProperty("now");
});

test("a test in workerd can have a database of its own", async () => {
  const sql = neon(await freshDatabase());
  expect(await sql`select current_database() <> 'plata_shared' as own`).toEqual([{ own: true }]);
});
