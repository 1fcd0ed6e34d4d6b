// The timeline as staff see it: what the processor said beside what happened, who was told and how they answered, and
// nothing in it that a screen must not show.

import { and, eq } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { observations } from "../../db/schema/index.ts";
import { database, keyFor } from "../testing/api-world.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  invoice,
  json,
  merchant,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";

type Step = {
  type: string;
  said: Record<string, unknown>[];
  told: {
    kind: string;
    host: string | null;
    state: string;
    answers: { status: number | null }[];
    tries: number;
    next_try_at: string | null;
  }[];
};
const timeline = async (shop: Connected, id: string) =>
  (await json<{ data: Step[] }>("public", "GET", `/v1/invoices/${id}/events`, { key: shop.apiKey })).data;

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

test("each step shows what was said, by which way, and who was told with which answer", async () => {
  const shop = await connected("v2");
  const origin = new URL(bindings.CLOCK_URL);
  const hook = (path: string) =>
    json("public", "POST", "/v1/webhook-endpoints", {
      key: shop.apiKey,
      body: { url: `${origin.origin}/${path}`, event_types: ["invoice.paid"] },
    });
  await hook(`partner/timeline-${shop.merchantId}?key=a-secret-in-the-address`);
  await hook("no-such-address");
  const owed = await invoice(shop);
  await json("public", "POST", `/v1/invoices/${owed.id}/send`, { key: shop.apiKey, body: {} });
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, { status: 12, code: "20", message: "Insufficient funds" }));
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  await json("public", "POST", `/v1/attempts/${attempt_id}/look`, { key: shop.apiKey });
  await runDue();
  const steps = await timeline(shop, owed.id);
  const of = (type: string) => steps.find((step) => step.type === type);
  expect(of("attempt.declined")?.said).toMatchObject([
    { source: "notification", kind: "declined", processor_code: "20", ipn_id: expect.stringMatching(/^ipn_/) },
  ]);
  expect(of("attempt.captured")?.said).toMatchObject([
    { source: "query", kind: "captured", money: { minor: 24_990, currency: "RON" }, ipn_id: null },
  ]);
  expect(of("invoice.created")?.said).toEqual([]);
  const told = of("invoice.paid")?.told ?? [];
  expect(told.map(({ host }) => host)).toEqual([origin.host, origin.host]);
  expect(
    told.map(({ state, answers, next_try_at }) => [state, answers.at(-1)?.status, next_try_at !== null]).sort(),
  ).toEqual([
    ["delivered", 200, false],
    ["waiting", 404, true],
  ]);
  expect(of("invoice.link_sent")?.told).toMatchObject([{ kind: "mail", host: null, state: "delivered" }]);
  expect(JSON.stringify(steps)).not.toContain("a-secret-in-the-address");
  await json("public", "POST", "/v1/refunds", { key: shop.apiKey, body: { attempt_id, amount_minor: 100 } });
  await runDue();
  const after = await timeline(shop, owed.id);
  expect(after.find((step) => step.type === "refund.requested")?.told).toMatchObject([
    { kind: "processor_call", state: "delivered", tries: 1 },
  ]);
  expect(after.find((step) => step.type === "refund.succeeded")?.said).toMatchObject([{ source: "command" }]);
});

test("secrets and the payer's data that a processor repeats are not in it", async () => {
  const shop = await connected("v2");
  const payer = { payer_name: "Ion Creangă", payer_email: "ion.creanga@demo.example", payer_phone: "0711 222 333" };
  const owed = await invoice(shop, payer);
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, { status: 12, code: "20", message: "Declined" }));
  const secrets = [
    shop.account.apiKey,
    shop.apiKey,
    "ion.creanga@demo.example",
    "Ion Creangă",
    "+40711222333",
    "4111111111111111",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJwYXllciJ9.c2lnbmF0dXJl",
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n-----END PRIVATE KEY-----",
  ];
  await database()
    .update(observations)
    .set({ processorText: `declined: ${secrets.join(" | ")}`, reference: `ref ${shop.account.apiKey}` })
    .where(and(eq(observations.merchantId, shop.merchantId), eq(observations.kind, "declined")));
  const steps = await timeline(shop, owed.id);
  const told = steps.find((step) => step.type === "attempt.declined")?.said[0];
  expect(told?.processor_text).toMatch(/^declined: \[secret\]/);
  const all = JSON.stringify(steps);
  for (const secret of secrets) expect(all, secret).not.toContain(JSON.stringify(secret).slice(1, -1));
});

test("nobody else's invoice has a timeline", async () => {
  const shop = await connected("v2");
  const owed = await invoice(shop);
  const { apiKey } = await merchant();
  expect((await call("public", "GET", `/v1/invoices/${owed.id}/events`, { key: apiKey })).status).toBe(404);
});

test("the audit tells who changed what, newest first, by page and by subject; a key sees its own shop's; no secret", async () => {
  const shop = await connected("v2");
  const owed = await invoice(shop);
  await json("public", "PATCH", `/v1/invoices/${owed.id}`, { key: shop.apiKey, body: { payer_name: "Altcineva" } });
  type Entry = {
    id: string;
    action: string;
    subject: string;
    actor: string;
    actor_name: string | null;
    before: unknown;
    after: unknown;
  };
  const read = (query: string, key = shop.apiKey) =>
    json<{ data: Entry[]; next_cursor: string | null }>("public", "GET", `/v1/audit${query}`, { key });
  const { data } = await read(`?subject=${owed.id}`);
  expect(data.map(({ action }) => action)).toEqual(["invoice.updated", "invoice.created"]);
  expect(data[0]).toMatchObject({
    actor: expect.stringMatching(/^api_key:/),
    actor_name: expect.any(String),
    before: { payerName: "Client demonstrativ" },
    after: { payerName: "Altcineva" },
  });
  const first = await read("?limit=1");
  const second = await read(`?limit=1&cursor=${first.next_cursor}`);
  expect((first.data[0]?.id ?? "") > (second.data[0]?.id ?? "")).toBe(true);
  const all = JSON.stringify(await read("?limit=100"));
  expect(all).toContain("connection.created");
  for (const secret of [shop.account.apiKey, shop.apiKey]) expect(all).not.toContain(secret);
  const other = await merchant();
  expect((await read("", other.apiKey)).data.map(({ subject }) => subject)).not.toContain(owed.id);
  const without = await keyFor(shop, ["invoices:read"]);
  expect((await call("public", "GET", "/v1/audit", { key: without })).status).toBe(403);
});
