// What cannot be done stands before nobody: whole batches of it come due again later, and what is due after them is done.

import { and, eq, lte } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { openDatabase } from "../../db/client.ts";
import { attempts, attentionItems, connections, receipts, refunds, registers } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import {
  bindings,
  buildIpn,
  connect,
  connected,
  deliverIpn,
  invoice,
  json,
  readInvoice,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { advance, owedTo, pay, receiptsOf, seller } from "../testing/receipts-under-test.ts";

/** More than are taken at once. */
const MANY = 60;
const LONG_AGO = new Date("2020-01-01");

const db = openDatabase(bindings.DATABASE_URL, bindings.NEON_LOCAL);
const now = async () => (await makeContext(bindings)).now;

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

/** A shop, and beside its connection one whose credentials do not open, with an attempt there and what is needed for more. */
async function withBrokenConnection() {
  const shop = await connected("v2");
  const broken = (await connect(shop, "v2")).connectionId;
  const { attempt_id } = await start(shop, await invoice(shop), { connection_id: broken });
  await db.update(connections).set({ credentials: "x" }).where(eq(connections.id, broken));
  const [attempt] = await db.select().from(attempts).where(eq(attempts.id, attempt_id));
  if (!attempt) throw new Error("no attempt");
  const owed = await Promise.all(Array.from({ length: MANY }, () => invoice(shop)));
  return { shop, broken, attempt, owed };
}

/** An attempt that was paid at the processor, of which no notification told. */
async function paidInSilence(shop: Awaited<ReturnType<typeof connected>>) {
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  return owed;
}

test("attempts that nobody can be asked about come due later, are put before a person, and hold no other up", async () => {
  const { shop, broken, attempt, owed } = await withBrokenConnection();
  await db.insert(attempts).values(
    owed.map(({ id }, at) => ({
      ...attempt,
      id: `${attempt.id}_${at}`,
      invoiceId: id,
      state: "processing" as const,
      nextLookAt: LONG_AGO,
    })),
  );
  const paid = await paidInSilence(shop);
  await advance(300);
  await runDue();
  expect((await readInvoice(shop, paid.id)).state).toBe("paid");
  const due = and(eq(attempts.connectionId, broken), lte(attempts.nextLookAt, await now()));
  expect(await db.select({ id: attempts.id }).from(attempts).where(due)).toEqual([]);
  await advance(7200);
  await runDue();
  const told = await db
    .select({ kind: attentionItems.kind })
    .from(attentionItems)
    .where(and(eq(attentionItems.merchantId, shop.merchantId), eq(attentionItems.kind, "pending_long")));
  expect(told).toHaveLength(MANY);
});

test("refunds that nobody can be asked about come due later and hold no other up", async () => {
  const { shop, broken, attempt, owed } = await withBrokenConnection();
  const given = await invoice(shop);
  const { attempt_id } = await start(shop, given);
  await sandbox("POST", `/control/netopia/payments/${attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  await json("public", "POST", "/v1/refunds", { key: shop.apiKey, body: { attempt_id } });
  await runDue();
  const [refund] = await db.select().from(refunds).where(eq(refunds.attemptId, attempt_id));
  if (!refund) throw new Error("no refund");
  await db
    .insert(attempts)
    .values(owed.map(({ id }, at) => ({ ...attempt, id: `${attempt.id}_${at}`, invoiceId: id, nextLookAt: null })));
  const unresolved = { ...refund, state: "unresolved" as const, processorReference: null, nextLookAt: LONG_AGO };
  await db.insert(refunds).values(
    owed.map(({ id }, at) => ({
      ...unresolved,
      id: `${refund.id}_${at}`,
      attemptId: `${attempt.id}_${at}`,
      invoiceId: id,
    })),
  );
  await runDue();
  expect(
    await db
      .select({ id: refunds.id })
      .from(refunds)
      .innerJoin(attempts, and(eq(attempts.merchantId, refunds.merchantId), eq(attempts.id, refunds.attemptId)))
      .where(and(eq(attempts.connectionId, broken), lte(refunds.nextLookAt, await now()))),
  ).toEqual([]);
});

test("receipts whose register does not open come due later", async () => {
  const shop = await seller();
  await db.update(registers).set({ credentials: "x" }).where(eq(registers.merchantId, shop.merchantId));
  const owed = await owedTo(shop, { payer_email: "client@demo.example" });
  await pay(shop, owed);
  expect((await receiptsOf(shop, owed.id)).data).toHaveLength(1);
  const due = and(eq(receipts.merchantId, shop.merchantId), lte(receipts.nextLookAt, await now()));
  expect(await db.select({ id: receipts.id }).from(receipts).where(due)).toEqual([]);
});
