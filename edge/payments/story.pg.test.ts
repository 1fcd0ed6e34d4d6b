// The same random histories on a real Postgres: told one after the other they end as the model says; told from
// several sides at once, with readers that crash before they commit and tellers that crash after, the sums still add up.

import { and, eq } from "drizzle-orm";
import fc from "fast-check";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../../db/client.ts";
import {
  attempts,
  attentionItems,
  connections,
  events,
  invoices,
  merchants,
  outbox,
  outcomeStatuses,
  ownStatuses,
  refunds,
} from "../../db/schema/index.ts";
import { plantMerchant } from "../../db/seed/stories.ts";
import { newId } from "../ids.ts";
import {
  AMOUNT,
  act,
  actorOf,
  anyHistory,
  anyWorld,
  attempt,
  Calls,
  check,
  context,
  expectModel,
  story,
  T0,
} from "../testing/histories.ts";
import { type Item, Model, type World } from "../testing/model.ts";
import { observe } from "./observe.ts";
import { OUTCOMES } from "./states.ts";
import { type Attempt, readStory, type Story } from "./story.ts";
import { commitNew, takeStep } from "./transition.ts";

const RUNS = Number(process.env.HISTORIES ?? 300);
/** Histories wait for round trips and for each other's losers most of the time: several are told side by side. */
const LANES = 6;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** A merchant of each lane's own: lanes share no invoice, no series and no counter. */
type Shop = { merchantId: string; pointOfSaleId: string; connectionIds: string[]; seriesId: string };

let db: Database;
let shops: Shop[];

beforeAll(async () => {
  const stack = inject("testStack");
  db = openDatabase(stack.databaseUrl, stack.neonHost);
  shops = await Promise.all(
    Array.from({ length: LANES }, async () => {
      const { merchantId, pointOfSaleId } = await plantMerchant({
        databaseUrl: stack.databaseUrl,
        neonHost: stack.neonHost,
        keyEncryptionKeys: stack.edgeVariables.KEY_ENCRYPTION_KEYS ?? "",
        isTest: false,
        switches: { fiscalFromProforma: true, recordCollection: true },
      });
      const now = new Date(T0);
      const connectionIds = [newId("connection", now), newId("connection", now)];
      await db.insert(connections).values(
        connectionIds.map((id) => ({
          id,
          merchantId,
          pointOfSaleId,
          processor: "any",
          variant: "x",
          environment: "live" as const,
          name: id,
          credentials: "x",
          dataKeyId: "x",
          publicFields: {},
          status: "verified" as const,
          createdAt: now,
          updatedAt: now,
        })),
      );
      await db.update(merchants).set({ paidTwicePolicy: "refund" }).where(eq(merchants.id, merchantId));
      const statuses = OUTCOMES.map((outcome) => ({ outcome, id: newId("ownStatus", now) }));
      await db.insert(ownStatuses).values(
        statuses.map(({ outcome, id }) => ({
          id,
          merchantId,
          name: outcome,
          nameKey: outcome,
          tone: "plain" as const,
          createdAt: now,
        })),
      );
      await db.insert(outcomeStatuses).values(
        statuses.map(({ outcome, id }) => ({
          id: newId("outcomeStatus", now),
          merchantId,
          outcome,
          ownStatusId: id,
          updatedAt: now,
        })),
      );
      const rows = await db.query.series.findMany({
        where: (t, { and: both, eq: is }) =>
          both(is(t.merchantId, merchantId), is(t.kind, "proforma"), is(t.isTest, false)),
      });
      return { merchantId, pointOfSaleId, connectionIds, seriesId: rows[0]?.id ?? "" };
    }),
  );
});

// Nothing of these merchants is left due: other tests do what is due in this database, and there is no such processor.
afterAll(async () => {
  const never = { nextLookAt: null };
  await Promise.all(
    shops.flatMap(({ merchantId }) => [
      db
        .update(attempts)
        .set({ ...never, holdAlarmAt: null, holdPolicyAt: null })
        .where(eq(attempts.merchantId, merchantId)),
      db.update(refunds).set(never).where(eq(refunds.merchantId, merchantId)),
      db.update(outbox).set({ nextAttemptAt: null }).where(eq(outbox.merchantId, merchantId)),
    ]),
  );
});

const stepContext = (at: number, world: Partial<World> = {}, actor = "test") => {
  const { now, ...rest } = context(at, world);
  return { ...rest, now, actor, newId: (kind: Parameters<typeof newId>[0]) => newId(kind, now) };
};

/** An open invoice with its attempts, as the model's, in the database. */
async function plant({ merchantId, pointOfSaleId, connectionIds, seriesId }: Shop, world: World): Promise<Story> {
  const model = story({});
  const now = new Date(T0);
  const id = newId("invoice", now);
  const invoice = {
    ...model.invoice,
    id,
    merchantId,
    pointOfSaleId,
    seriesId: null,
    number: null,
    label: null,
    linkToken: id,
  };
  await commitNew(
    db,
    stepContext(0),
    invoice,
    [
      {
        id: newId("invoiceLine", now),
        merchantId,
        invoiceId: id,
        position: 0,
        description: "x",
        quantityMilli: 1000,
        unit: null,
        unitPriceMinor: AMOUNT,
        vatBasisPoints: 0,
        amountMinor: AMOUNT,
      },
    ],
    seriesId,
  );
  await db.insert(attempts).values(
    ["a", "b", "c"].slice(0, world.attempts).map((name) => ({
      ...attempt("x"),
      id: `${newId("attempt", now)}${name}`,
      merchantId,
      invoiceId: id,
      connectionId: connectionIds[0] ?? "",
    })),
  );
  const planted = await readStory(db, merchantId, id);
  if (!planted) throw new Error("planted nothing");
  return planted;
}

type Of = { merchantId: string; invoiceId: string; connectionIds: string[] };

function tellStored(of: Of, item: Item, at: number, world: World, calls: Calls): Promise<string> {
  return takeStep(db, stepContext(at + 1, world, actorOf(item)), of, (step) =>
    act(step, item, calls, { ...world, connectionIds: of.connectionIds }),
  );
}

async function endOf(merchantId: string, id: string) {
  const end = await readStory(db, merchantId, id);
  if (!end) throw new Error("the story is gone");
  const [told, fiscal, marks] = await db.batch([
    db
      .select({ type: events.type, data: events.data })
      .from(events)
      .where(and(eq(events.merchantId, merchantId), eq(events.invoiceId, id)))
      .orderBy(events.position),
    db
      .select({ id: invoices.id })
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.proformaId, id))),
    db
      .select({ kind: attentionItems.kind })
      .from(attentionItems)
      .where(and(eq(attentionItems.merchantId, merchantId), eq(attentionItems.invoiceId, id))),
  ]);
  return { end, facts: { events: told, fiscalInvoices: fiscal.length, marks: marks.map(({ kind }) => kind) } };
}

test(`${RUNS} histories on Postgres (seed ${SEED}): commands and news in a row end as the model says, at once they still add up`, {
  timeout: 60_000 + RUNS * 200,
}, async () => {
  await Promise.all(shops.map((shop, lane) => tellHistories(shop, Math.ceil((RUNS - lane) / LANES), SEED + lane)));
});

test("a dispute that moves on keeps the sum that was told last, also when one answer tells all of it", async () => {
  const [shop] = shops;
  if (!shop) throw new Error("no shop");
  const world = { amount: Number(AMOUNT), attempts: 1, canRefund: true, holds: "none" as const };
  const planted = await plant(shop, {
    ...world,
    recordCollection: true,
    fiscalFromProforma: true,
    approvalAbove: 1_000_000,
  });
  const of = { merchantId: shop.merchantId, invoiceId: planted.invoice.id };
  const tell = (kinds: ["dispute_opened" | "dispute_won" | "dispute_lost", bigint][]) =>
    takeStep(db, stepContext(1), of, (step) => {
      const [its] = step.story.attempts;
      for (const [kind, minor] of its ? kinds : []) {
        observe(step, its as Attempt, { kind, money: { minor, currency: "EUR" } }, { way: "query", key: kind });
      }
    });
  const disputed = async () => (await readStory(db, of.merchantId, of.invoiceId))?.disputes;
  await tell([
    ["dispute_opened", 2_000n],
    ["dispute_won", 1_900n],
  ]);
  expect(await disputed()).toMatchObject([{ state: "won", amountMinor: 1_900n, currency: "EUR" }]);
  await tell([["dispute_lost", 1_800n]]);
  expect(await disputed()).toMatchObject([{ state: "lost", amountMinor: 1_800n, currency: "EUR" }]);
});

async function tellHistories(shop: Shop, numRuns: number, seed: number): Promise<void> {
  const { merchantId } = shop;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(anyWorld, anyHistory(14), async (anywhere, history) => {
      const world = { ...anywhere, recordCollection: true, fiscalFromProforma: true };
      const planted = await plant(shop, world);
      const of = { merchantId, invoiceId: planted.invoice.id, connectionIds: shop.connectionIds };
      const calls = new Calls();
      if (run++ % 2 === 0) {
        const model = new Model(world);
        for (const [at, item] of history.entries()) {
          expect(await tellStored(of, item, at, world, calls)).toBe(model.tell(item));
        }
        const { end, facts } = await endOf(merchantId, of.invoiceId);
        expectModel(end, model, facts);
        check(end, facts);
        return;
      }
      // From all sides at once, everything twice; every fourth dies between reading and committing.
      const crash = new Error("crashed before the commit");
      await Promise.all(
        [...history, ...history].map(async (item, at) => {
          if (at % 4 === 0) {
            await takeStep(db, stepContext(at + 1, world), of, () => {
              throw crash;
            }).catch((error) => {
              if (error !== crash) throw error;
            });
          }
          await tellStored(of, item, at, world, calls);
        }),
      );
      const { end, facts } = await endOf(merchantId, of.invoiceId);
      check(end, facts);
    }),
    { numRuns, seed },
  );
}
