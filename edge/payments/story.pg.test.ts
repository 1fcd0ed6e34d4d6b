// The same random histories on a real Postgres: told one after the other they end as the deciding code says; told from
// several sides at once, with readers that crash before they commit and tellers that crash after, the sums still add up.

import { and, eq } from "drizzle-orm";
import fc from "fast-check";
import { beforeAll, expect, inject, test } from "vitest";
import { type Database, openDatabase } from "../../db/client.ts";
import { attempts, connections, events, invoices, outcomeStatuses, ownStatuses } from "../../db/schema/index.ts";
import { plantMerchant } from "../../db/seed/stories.ts";
import { newId } from "../ids.ts";
import { AMOUNT, anyNews, attempt, check, context, type News, story, T0, tell } from "../testing/histories.ts";
import { observe } from "./observe.ts";
import { OUTCOMES } from "./states.ts";
import { readStory, type Story } from "./story.ts";
import { commitNew, takeStep } from "./transition.ts";

const RUNS = Number(process.env.HISTORIES ?? 300);
/** Histories wait for round trips and for each other's losers most of the time: several are told side by side. */
const LANES = 6;
const SEED = Number(process.env.SEED ?? Date.now() % 2 ** 31);

/** A merchant of each lane's own: lanes share no invoice, no series and no counter. */
type Shop = { merchantId: string; pointOfSaleId: string; connectionId: string; seriesId: string };

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
      const connectionId = newId("connection", now);
      await db.insert(connections).values({
        id: connectionId,
        merchantId,
        pointOfSaleId,
        processor: "any",
        variant: "x",
        environment: "live",
        name: "x",
        credentials: "x",
        dataKeyId: "x",
        publicFields: {},
        status: "verified",
        createdAt: now,
        updatedAt: now,
      });
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
      return { merchantId, pointOfSaleId, connectionId, seriesId: rows[0]?.id ?? "" };
    }),
  );
});

const stepContext = (at: number, canRefund: boolean) => ({
  ...context(at, canRefund),
  newId: (kind: Parameters<typeof newId>[0]) => newId(kind, new Date(T0 + at)),
});

/** An open invoice with three attempts, as the model's, in the database. */
async function plant({ merchantId, pointOfSaleId, connectionId, seriesId }: Shop): Promise<Story> {
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
    stepContext(0, true),
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
    ["a", "b", "c"].map((name) => ({
      ...attempt("x"),
      id: `${newId("attempt", now)}${name}`,
      merchantId,
      invoiceId: id,
      connectionId,
    })),
  );
  const planted = await readStory(db, merchantId, id);
  if (!planted) throw new Error("planted nothing");
  return planted;
}

function tellStored(merchantId: string, id: string, news: News, at: number, canRefund: boolean): Promise<unknown> {
  return takeStep(db, stepContext(at, canRefund), { merchantId, invoiceId: id }, (step) => {
    const its = [...step.story.attempts].sort((a, b) => a.id.slice(-1).localeCompare(b.id.slice(-1)))[news.attempt];
    if (its) observe(step, its, news.observation, { way: "notification", key: news.key });
  });
}

async function endOf(merchantId: string, id: string) {
  const end = await readStory(db, merchantId, id);
  if (!end) throw new Error("the story is gone");
  const [told, fiscal] = await db.batch([
    db
      .select({ type: events.type, data: events.data })
      .from(events)
      .where(and(eq(events.merchantId, merchantId), eq(events.invoiceId, id)))
      .orderBy(events.position),
    db
      .select({ id: invoices.id })
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.proformaId, id))),
  ]);
  end.attempts.sort((a, b) => a.id.slice(-1).localeCompare(b.id.slice(-1)));
  return { end, facts: { events: told, fiscalInvoices: fiscal.length } };
}

test(`${RUNS} histories on Postgres (seed ${SEED}): told in a row as the model, told at once still adding up`, {
  timeout: 60_000 + RUNS * 200,
}, async () => {
  await Promise.all(shops.map((shop, lane) => tellHistories(shop, Math.ceil((RUNS - lane) / LANES), SEED + lane)));
});

async function tellHistories(shop: Shop, numRuns: number, seed: number): Promise<void> {
  const { merchantId } = shop;
  let run = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyNews, { maxLength: 8 }), fc.boolean(), async (news, canRefund) => {
      const planted = await plant(shop);
      const { id } = planted.invoice;
      if (run++ % 2 === 0) {
        for (const [at, item] of news.entries()) await tellStored(merchantId, id, item, at, canRefund);
        const { end, facts } = await endOf(merchantId, id);
        const model = tell(story({}), news, canRefund).story;
        expect(end.attempts.map((a) => a.state)).toEqual(model.attempts.map((a) => a.state));
        expect(end.invoice.paidMinor).toBe(model.invoice.paidMinor);
        expect(end.invoice.state).toBe(model.invoice.state);
        const sums = (of: Story) => of.payments.map((p) => Number(p.amountMinor)).sort((a, b) => a - b);
        expect(sums(end)).toEqual(sums(model));
        check(end, facts);
        return;
      }
      // From three sides at once, everything twice; every fourth reader dies between reading and committing.
      const crash = new Error("crashed before the commit");
      await Promise.all(
        [...news, ...news].map(async (item, at) => {
          if (at % 4 === 0) {
            await takeStep(db, stepContext(at, canRefund), { merchantId, invoiceId: id }, () => {
              throw crash;
            }).catch((error) => {
              if (error !== crash) throw error;
            });
          }
          await tellStored(merchantId, id, item, at, canRefund);
        }),
      );
      const { end, facts } = await endOf(merchantId, id);
      check(end, facts);
    }),
    { numRuns, seed },
  );
}
