// What cannot be done stands before nobody: whole batches of it come due again later, and what is due after them is done.

import { and, eq, lte, or, sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { openDatabase } from "../../db/client.ts";
import {
  attempts,
  attentionItems,
  connections,
  merchants,
  receipts,
  refunds,
  registers,
} from "../../db/schema/index.ts";
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

/** Lets the database refuse every step of a merchant that would write an event or a matter for a person. */
async function refuseStepsOf(merchantId: string) {
  await db.execute(
    sql.raw(`create function refuse_steps() returns trigger language plpgsql as
      $$ begin if new.merchant_id = '${merchantId}' then raise exception 'refused'; end if; return new; end $$`),
  );
  for (const table of ["events", "attention_items"]) {
    await db.execute(
      sql.raw(`create trigger refuse_steps before insert on ${table} for each row execute function refuse_steps()`),
    );
  }
}

async function acceptStepsAgain() {
  await db.execute(sql.raw("drop function if exists refuse_steps() cascade"));
}

test("what fails for a reason of our own comes due later too: questions, alarms and policies of holds", async () => {
  const shop = await connected("v2");
  const { attempt_id } = await start(shop, await invoice(shop));
  const [attempt] = await db.select().from(attempts).where(eq(attempts.id, attempt_id));
  if (!attempt) throw new Error("no attempt");
  const other = await connected("v2");
  const paid = await paidInSilence(other);
  await advance(300);
  const at = await now();
  const held = {
    state: "authorized" as const,
    authorizedMinor: 24_990n,
    holdUntil: new Date(at.getTime() + 20 * 3600_000),
  };
  const kinds = {
    asked: { state: "processing" as const, nextLookAt: LONG_AGO },
    alarmed: { ...held, nextLookAt: null, holdAlarmAt: LONG_AGO },
    decided: { ...held, nextLookAt: null, holdPolicyAt: LONG_AGO },
  };
  await db.update(merchants).set({ holdPolicy: "capture" }).where(eq(merchants.id, shop.merchantId));
  const owed = await Promise.all(Array.from({ length: MANY }, () => invoice(shop)));
  await refuseStepsOf(shop.merchantId);
  try {
    for (const [kind, row] of Object.entries(kinds)) {
      await db.insert(attempts).values(
        owed.map(({ id }, n) => ({
          ...attempt,
          createdAt: LONG_AGO,
          ...row,
          id: `${attempt.id}_${kind}_${n}`,
          invoiceId: id,
        })),
      );
    }
    await runDue();
  } finally {
    await acceptStepsAgain();
  }
  expect((await readInvoice(other, paid.id)).state).toBe("paid");
  const [lookDue, alarmDue, policyDue] = [attempts.nextLookAt, attempts.holdAlarmAt, attempts.holdPolicyAt].map(
    (column) => lte(column, at),
  );
  expect(
    await db
      .select({ id: attempts.id })
      .from(attempts)
      .where(and(eq(attempts.merchantId, shop.merchantId), or(lookDue, alarmDue, policyDue))),
  ).toEqual([]);
  // Nothing was lost: what was put off is done.
  await advance(900);
  await runDue();
  const told = await db
    .select({ kind: attentionItems.kind })
    .from(attentionItems)
    .where(eq(attentionItems.merchantId, shop.merchantId));
  const many = (kind: string) => told.filter((one) => one.kind === kind).length;
  expect([many("pending_long"), many("hold_ends_24h")]).toEqual([MANY, MANY]);
});
