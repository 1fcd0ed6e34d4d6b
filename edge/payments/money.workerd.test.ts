// The truth about money, in real workerd on real Postgres against the simulator: switches, fiscal invoices, collections,
// doubled, late, swapped and forged notifications, second payments, refunds.

import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { openDatabase } from "../../db/client.ts";
import { auditEntries, collections, connections, events, invoices, outbox, payments } from "../../db/schema/index.ts";
import { raisedFor } from "../testing/api-world.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connect,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  readAttempts,
  readInvoice,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";

const db = () => openDatabase(bindings.DATABASE_URL, bindings.NEON_LOCAL);
const setSwitches = (shop: Connected, body: Record<string, boolean>) =>
  json("public", "PATCH", `/v1/points-of-sale/${shop.pointOfSaleId}`, { key: shop.apiKey, body });
const act = (orderId: string, body: Record<string, unknown>) =>
  sandbox("POST", `/control/netopia/payments/${orderId}/act`, body);

/** Opens an attempt, has the simulator take the money, and delivers its notification. */
async function pay(shop: Connected, owed: InvoiceShape): Promise<string> {
  const { attempt_id } = await start(shop, owed);
  await act(attempt_id, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  return attempt_id;
}

/** Has the simulator decline a card, and delivers its notification. */
async function decline(shop: Connected, owed: InvoiceShape, code: string): Promise<string> {
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, { status: 12, code, message: "Declined" }));
  return attempt_id;
}

const collectionsOf = (shop: Connected, invoiceId: string) =>
  db()
    .select({
      id: collections.id,
      amountMinor: collections.amountMinor,
      invoiceId: collections.invoiceId,
      bookedBy: collections.bookedBy,
      reference: payments.reference,
      processor: payments.processor,
    })
    .from(collections)
    .innerJoin(payments, eq(payments.id, collections.paymentId))
    .where(and(eq(collections.merchantId, shop.merchantId), eq(payments.invoiceId, invoiceId)));
const fiscalOf = (shop: Connected, proformaId: string) =>
  db()
    .select()
    .from(invoices)
    .where(and(eq(invoices.merchantId, shop.merchantId), eq(invoices.proformaId, proformaId)));

let shop: Connected;
beforeAll(async () => {
  shop = await connected("v2");
});

describe("the three switches", () => {
  test("[M07] all eight combinations: each does its own thing and nothing of the others'", async () => {
    for (let bits = 0; bits < 8; bits++) {
      const on = {
        card_on_all_invoices: (bits & 1) > 0,
        fiscal_from_proforma: (bits & 2) > 0,
        record_collection: (bits & 4) > 0,
      };
      await setSwitches(shop, on);
      const preset = await invoice(shop, { accepts_card: undefined });
      expect(preset.accepts_card, `card ${bits}`).toBe(on.card_on_all_invoices);
      const owed = await invoice(shop, { accepts_card: true });
      await pay(shop, owed);
      const after = await readInvoice(shop, owed.id);
      expect(after.state, `state ${bits}`).toBe("paid");
      expect((await fiscalOf(shop, owed.id)).length, `fiscal ${bits}`).toBe(on.fiscal_from_proforma ? 1 : 0);
      expect((await collectionsOf(shop, owed.id)).length, `collection ${bits}`).toBe(on.record_collection ? 1 : 0);
    }
  });

  test("[M04] switching it changes what the next payment does, not what was paid before", async () => {
    await setSwitches(shop, { fiscal_from_proforma: false, record_collection: false });
    const before = await invoice(shop);
    await pay(shop, before);
    await setSwitches(shop, { fiscal_from_proforma: true });
    const after = await invoice(shop);
    await pay(shop, after);
    await runDue();
    expect(await fiscalOf(shop, before.id)).toHaveLength(0);
    expect(await fiscalOf(shop, after.id)).toHaveLength(1);
  });

  test("[M05] on: the collection is booked by itself; off: paid in the history, booked only by a person", async () => {
    await setSwitches(shop, { fiscal_from_proforma: false, record_collection: true });
    const booked = await invoice(shop);
    await pay(shop, booked);
    expect(await collectionsOf(shop, booked.id)).toMatchObject([{ amountMinor: 24_990n, bookedBy: "system" }]);
    await setSwitches(shop, { record_collection: false });
    const open = await invoice(shop);
    const attempt = await pay(shop, open);
    expect(await collectionsOf(shop, open.id)).toHaveLength(0);
    expect(await readAttempts(shop, open.id)).toMatchObject([{ id: attempt, state: "captured" }]);
    expect(await json("inside", "GET", `/payer/${tokenOf(open)}`)).toMatchObject({ state: "paid" });
    const { data } = await json<{ data: { id: string; invoice_id: string; collection: unknown }[] }>(
      "public",
      "GET",
      `/v1/payments?invoice_id=${open.id}`,
      { key: shop.apiKey },
    );
    expect(data).toMatchObject([{ collection: null }]);
    await json("public", "POST", `/v1/payments/${data[0]?.id}/collection`, { key: shop.apiKey });
    expect(await collectionsOf(shop, open.id)).toMatchObject([{ bookedBy: expect.stringMatching(/^api_key:/) }]);
  });

  test("[M06] what stands at the confirmation counts, and the audit entry says so", async () => {
    await setSwitches(shop, { fiscal_from_proforma: false, record_collection: false });
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    await act(attempt_id, { action: "status", status: 3 });
    const ipn = await buildIpn(attempt_id, { status: 3 });
    await setSwitches(shop, { fiscal_from_proforma: true, record_collection: true }); // while the payment is in flight
    await deliverIpn(ipn);
    await setSwitches(shop, { fiscal_from_proforma: false, record_collection: false });
    await deliverIpn(ipn);
    expect(await fiscalOf(shop, owed.id)).toHaveLength(1);
    expect(await collectionsOf(shop, owed.id)).toHaveLength(1);
    const paid = await db().select().from(payments).where(eq(payments.invoiceId, owed.id));
    const entries = await db()
      .select()
      .from(auditEntries)
      .where(eq(auditEntries.subject, paid[0]?.id ?? ""));
    expect(entries).toMatchObject([
      { action: "payment.confirmed", after: { settings: { fiscalFromProforma: true, recordCollection: true } } },
    ]);
  });
});

describe("documents and collections", () => {
  test("[I05] exactly one fiscal invoice, linked both ways, however often the notification comes", async () => {
    await setSwitches(shop, { fiscal_from_proforma: true, record_collection: true });
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    await act(attempt_id, { action: "status", status: 3 });
    const ipn = await buildIpn(attempt_id, { status: 3 });
    for (let i = 0; i < 20; i++) expect((await deliverIpn(ipn)).status).toBe(200);
    // The acknowledged order turns from "paid" to "confirmed" and is told again, as another message.
    for (let i = 0; i < 3; i++) await deliverIpn(await buildIpn(attempt_id, { status: 5 }));
    await runDue();
    const fiscal = await fiscalOf(shop, owed.id);
    expect(fiscal).toHaveLength(1);
    expect(fiscal[0]).toMatchObject({
      kind: "fiscal",
      state: "paid",
      amountMinor: 24_990n,
      label: expect.stringMatching(/^TFF-\d{6}$/),
    });
    const proforma = await readInvoice(shop, owed.id);
    expect(proforma.fiscal_invoice).toEqual({ id: fiscal[0]?.id, label: fiscal[0]?.label });
    expect(await readInvoice(shop, fiscal[0]?.id ?? "")).toMatchObject({ proforma_id: owed.id, paid: { minor: 0 } });
    expect(await db().select().from(payments).where(eq(payments.invoiceId, owed.id))).toHaveLength(1);
    expect(await collectionsOf(shop, owed.id)).toMatchObject([{ invoiceId: fiscal[0]?.id, processor: "netopia" }]);
  });

  test("[I08] a decline, an expiry and a cancellation book nothing", async () => {
    await setSwitches(shop, { fiscal_from_proforma: true, record_collection: true });
    const declined = await invoice(shop);
    await decline(shop, declined, "20");
    const expired = await invoice(shop);
    await deliverIpn(await buildIpn((await start(shop, expired)).attempt_id, { status: 23 }));
    const cancelled = await invoice(shop);
    await deliverIpn(await buildIpn((await start(shop, cancelled)).attempt_id, { status: 4 }));
    const ends = ["declined", "expired", "voided"];
    for (const [index, owed] of [declined, expired, cancelled].entries()) {
      expect(await readAttempts(shop, owed.id)).toMatchObject([{ state: ends[index] }]);
      expect(await collectionsOf(shop, owed.id)).toHaveLength(0);
      expect(await fiscalOf(shop, owed.id)).toHaveLength(0);
      expect((await readInvoice(shop, owed.id)).state).toBe("open");
    }
  });

  test("numbers of a series have no gap and no double under simultaneous payments", async () => {
    const many = await connected("v2", { switches: { fiscalFromProforma: true } });
    const owed = await Promise.all(Array.from({ length: 12 }, () => invoice(many)));
    await Promise.all(owed.map((one) => pay(many, one)));
    const numbers = await db()
      .select({ number: invoices.number })
      .from(invoices)
      .where(and(eq(invoices.merchantId, many.merchantId), eq(invoices.kind, "fiscal")));
    expect(numbers.map((row) => row.number).sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
  });
});

describe("notifications", () => {
  test("[N01] a signed one changes the state; doubled, late, swapped and forged ones end right", async () => {
    await setSwitches(shop, { fiscal_from_proforma: false, record_collection: true });
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    const forged = await buildIpn(attempt_id, { status: 3, faults: ["tampered_signature"] });
    expect((await deliverIpn(forged)).status).toBe(200);
    expect((await readInvoice(shop, owed.id)).state).toBe("open");
    const declined = await buildIpn(attempt_id, { status: 12, code: "20" });
    const captured = await buildIpn(attempt_id, { status: 3 });
    await deliverIpn(captured);
    expect((await readInvoice(shop, owed.id)).state).toBe("paid");
    await deliverIpn(declined); // swapped: the decline came first and arrives last
    await deliverIpn(captured); // doubled
    await sandbox("POST", "/clock", { advanceSeconds: 2 * 24 * 3600 });
    await deliverIpn(await buildIpn(attempt_id, { status: 5 })); // late
    await deliverIpn(forged);
    expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await collectionsOf(shop, owed.id)).toHaveLength(1);
    const log = await json<{ data: { verdict: string; reason: string | null }[] }>(
      "public",
      "GET",
      `/v1/ipns?attempt_id=${attempt_id}`,
      { key: shop.apiKey },
    );
    expect(log.data.filter((row) => row.verdict === "verified")).toHaveLength(3);
    const all = await json<{ data: { verdict: string; reason: string | null }[] }>(
      "public",
      "GET",
      "/v1/ipns?verdict=rejected",
      { key: shop.apiKey },
    );
    expect(all.data.length).toBeGreaterThanOrEqual(2);
    expect(all.data[0]?.reason).toBeTruthy();
  });

  test("fifty deliveries of the same and of conflicting notifications at once, with looks and returns between", async () => {
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    await act(attempt_id, { action: "status", status: 3 });
    const [captured, declined, confirmed] = await Promise.all([
      buildIpn(attempt_id, { status: 3 }),
      buildIpn(attempt_id, { status: 12, code: "35" }),
      buildIpn(attempt_id, { status: 5 }),
    ]);
    await Promise.all(
      Array.from({ length: 50 }, (_, i) => {
        if (i % 10 === 8) return json("public", "POST", `/v1/attempts/${attempt_id}/look`, { key: shop.apiKey });
        if (i % 10 === 9) return json("inside", "POST", `/payer/${tokenOf(owed)}/returned`, { body: { attempt_id } });
        return deliverIpn(i % 3 === 0 ? captured : i % 3 === 1 ? declined : confirmed);
      }),
    );
    await runDue();
    expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await db().select().from(payments).where(eq(payments.invoiceId, owed.id))).toHaveLength(1);
    const told = await db()
      .select()
      .from(events)
      .where(and(eq(events.invoiceId, owed.id), eq(events.type, "invoice.paid")));
    expect(told).toHaveLength(1);
  });

  test("v1: without our secret it is only a hint and moves nothing; with it, it counts", async () => {
    const v1 = await connected("v1");
    const owed = await invoice(v1);
    const { attempt_id, action } = await start(v1, owed);
    await fetch(action.url, { method: "POST", body: new URLSearchParams(action.fields ?? {}) });
    const ipn = await buildIpn(attempt_id, { action: "confirmed" });
    const wrong = await deliverIpn(ipn, {
      url: ipn.url.replace(/[^/]+$/, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    });
    expect(await wrong.text()).toContain("<crc>");
    expect((await readInvoice(v1, owed.id)).state).toBe("open");
    await deliverIpn(await buildIpn(attempt_id, { action: "confirmed" }));
    expect((await readInvoice(v1, owed.id)).state).toBe("paid");
  });

  test("another sum than was asked is parked for a person, never booked", async () => {
    const other = await connected("v2");
    const owed = await invoice(other);
    const { attempt_id } = await start(other, owed);
    const answer = await deliverIpn(await buildIpn(attempt_id, { status: 3, faults: ["other_amount"] }));
    expect(answer.status).toBe(200);
    expect((await readInvoice(other, owed.id)).state).toBe("open");
    expect(await raisedFor(other)).toContain("notification_parked");
  });
});

describe("pay once", () => {
  test("a double click opens one order; a second press opens the same page again", async () => {
    const owed = await invoice(shop);
    const pressed = await Promise.all(
      Array.from({ length: 5 }, () =>
        call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
          body: { connection_id: shop.connectionId, method: "card", locale: "ro" },
        }),
      ),
    );
    expect(pressed.filter((answer) => answer.status === 200).length).toBeGreaterThanOrEqual(1);
    expect(pressed.every((answer) => answer.status === 200 || answer.status === 409)).toBe(true);
    const again = await start(shop, owed);
    expect(again.resumed).toBe(true);
    expect(await readAttempts(shop, owed.id)).toHaveLength(1);
    const requests = await sandbox<{ orderId: string; path: string }[]>("GET", "/control/netopia/requests");
    expect(requests.filter((r) => r.orderId === again.attempt_id && r.path.endsWith("/start"))).toHaveLength(1);
  });

  test("two accounts both take the money: the later one is marked and its refund reaches the processor", async () => {
    const both = await connected("v2", { switches: { recordCollection: true } });
    const second = await connect(both, "v2");
    const owed = await invoice(both);
    const first = await start(both, owed);
    const unwarned = await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: second.connectionId, method: "card", locale: "ro" },
    });
    expect(await unwarned.json()).toMatchObject({ code: "other_attempt_open" });
    const other = await start(both, owed, { connection_id: second.connectionId, is_warned: true });
    expect(other.attempt_id).not.toBe(first.attempt_id);
    for (const { attempt_id } of [first, other]) {
      await act(attempt_id, { action: "status", status: 3 });
      await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
    }
    expect(await raisedFor(both)).toContain("paid_twice");
    await runDue();
    const refund = await json<{ data: { state: string; origin: string; amount: { minor: number } }[] }>(
      "public",
      "GET",
      "/v1/refunds",
      { key: both.apiKey },
    );
    expect(refund.data).toMatchObject([{ state: "succeeded", origin: "paid_twice", amount: { minor: 24_990 } }]);
    expect(await readInvoice(both, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    const theirs = await sandbox<{ credited: number }>("GET", `/control/netopia/payments/${other.attempt_id}`);
    expect(theirs.credited).toBe(24_990);
    expect(await collectionsOf(both, owed.id)).toHaveLength(1);
    const told = await db().select().from(events).where(eq(events.invoiceId, owed.id));
    const toldAt = (type: string) => told.find((event) => event.type === type)?.recordedAt.getTime() ?? Number.NaN;
    expect(toldAt("refund.succeeded") - toldAt("payment.paid_twice")).toBeLessThan(60_000);
  });

  test("the first processor is asked before a second is opened: what it took a moment ago ends the matter", async () => {
    const both = await connected("v2");
    const second = await connect(both, "v2");
    const owed = await invoice(both);
    const first = await start(both, owed);
    await act(first.attempt_id, { action: "status", status: 3 }); // paid there, and nobody told us yet
    const refused = await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: second.connectionId, method: "card", locale: "ro", is_warned: true },
    });
    expect(await refused.json()).toMatchObject({ code: "invoice_paid" });
    expect(await readAttempts(both, owed.id)).toHaveLength(1);
    expect((await readInvoice(both, owed.id)).state).toBe("paid");
  });

  test("a processor that cannot be asked hides nothing from its payer, and keeps nobody from paying at another", async () => {
    const both = await connected("v2");
    const second = await connect(both, "v2");
    const owed = await invoice(both);
    const first = await start(both, owed);
    await db().update(connections).set({ credentials: "x" }).where(eq(connections.id, both.connectionId));
    const back = `/payer/${tokenOf(owed)}/returned`;
    expect(await json("inside", "POST", back, { body: { attempt_id: first.attempt_id } })).toMatchObject({
      state: "checking",
    });
    const press = { connection_id: second.connectionId, is_warned: true };
    const unwarned = await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: second.connectionId, method: "card", locale: "ro" },
    });
    expect(await unwarned.json()).toMatchObject({ code: "other_attempt_open" });
    expect(await start(both, owed, press)).toMatchObject({ resumed: false });
  });

  test("the same processor's page for another sum is asked about too, and its payer is warned", async () => {
    const owed = await invoice(shop);
    const first = await start(shop, owed);
    const byHand = { amount_minor: 4_990, method: "cash" };
    await json("public", "POST", `/v1/invoices/${owed.id}/payments`, { key: shop.apiKey, body: byHand });
    const press = (is_warned: boolean) =>
      call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
        body: { connection_id: shop.connectionId, method: "card", locale: "ro", is_warned },
      });
    expect(await (await press(false)).json()).toMatchObject({ code: "other_attempt_open" });
    expect(await readAttempts(shop, owed.id)).toHaveLength(1);
    await act(first.attempt_id, { action: "status", status: 3 }); // the whole was paid there, and nobody told us yet
    expect(await (await press(true)).json()).toMatchObject({ code: "invoice_paid" });
    expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 29_980 } });
    expect(await raisedFor(shop)).toContain("paid_over");
  });

  test("a payment by hand while an attempt runs: the attempt's money is then a second payment", async () => {
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    await json("public", "POST", `/v1/invoices/${owed.id}/payments`, {
      key: shop.apiKey,
      body: { amount_minor: 24_990, method: "cash" },
    });
    await act(attempt_id, { action: "status", status: 3 });
    await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
    await runDue();
    expect(await readInvoice(shop, owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
  });
});

describe("unknown outcomes and the clock", () => {
  test("a lost notification is found by asking", async () => {
    const owed = await invoice(shop);
    const { attempt_id } = await start(shop, owed);
    await act(attempt_id, { action: "status", status: 3 });
    await sandbox("POST", "/clock", { advanceSeconds: 300 });
    await runDue();
    expect((await readInvoice(shop, owed.id)).state).toBe("paid");
  });

  test("a start that times out is asked about, never called failed", async () => {
    const own = await connected("v2");
    await sandbox("POST", "/control/netopia/faults", {
      fault: "api_500",
      signature: own.account.signature,
      operation: "start",
    });
    const owed = await invoice(own);
    const answer = await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: own.connectionId, method: "card", locale: "ro" },
    });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ code: "processor_unreachable" });
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "unresolved" }]);
    const again = await start(own, owed); // the payer never saw a page of it, so a new order may be opened
    expect(again.resumed).toBe(false);
  });

  test("a start that the processor never heard of ends when its time is over, and is not asked about for ever", async () => {
    const own = await connected("v2");
    const fault = { fault: "api_500", signature: own.account.signature, operation: "start" };
    await sandbox("POST", "/control/netopia/faults", fault);
    const owed = await invoice(own);
    await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: own.connectionId, method: "card", locale: "ro" },
    });
    await runDue();
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "unresolved" }]);
    await sandbox("POST", "/clock", { advanceSeconds: 2 * 3600 });
    await runDue();
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "expired" }]);
  });

  test("a payment in review is asked about and, once it is old, put before a person; it still ends by itself", async () => {
    const own = await connected("v2");
    const owed = await invoice(own);
    const { attempt_id } = await start(own, owed);
    await act(attempt_id, { action: "status", status: 13 });
    await deliverIpn(await buildIpn(attempt_id, { status: 13, code: "00" }));
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "in_review" }]);
    for (let hour = 0; hour < 3; hour++) {
      await sandbox("POST", "/clock", { advanceSeconds: 3700 });
      await runDue();
    }
    expect((await raisedFor(own)).filter((kind) => kind === "pending_long")).toHaveLength(1);
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "in_review" }]);
    await act(attempt_id, { action: "status", status: 3 });
    await sandbox("POST", "/clock", { advanceSeconds: 3700 });
    await runDue();
    expect((await readInvoice(own, owed.id)).state).toBe("paid");
  });

  test("an attempt whose time is over expires; money that comes after all is kept and marked late", async () => {
    const own = await connected("v2");
    const owed = await invoice(own);
    const { attempt_id } = await start(own, owed);
    await sandbox("POST", "/clock", { advanceSeconds: 3 * 3600 });
    await runDue();
    expect(await readAttempts(own, owed.id)).toMatchObject([{ state: "expired" }]);
    await act(attempt_id, { action: "status", status: 3 });
    await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
    expect((await readInvoice(own, owed.id)).state).toBe("paid");
    expect(await raisedFor(own)).toContain("paid_late");
  });

  test("an expired invoice takes no payment and calls nobody; extended, the same link takes it", async () => {
    const own = await connected("v2");
    const now = (await sandbox<{ now: number }>("GET", "/clock")).now;
    const owed = await invoice(own, { expires_at: new Date(now + 60_000).toISOString() });
    await sandbox("POST", "/clock", { advanceSeconds: 120 });
    expect(await json("inside", "GET", `/payer/${tokenOf(owed)}`)).toMatchObject({ state: "expired" });
    const refused = await call("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: own.connectionId, method: "card", locale: "ro" },
    });
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({ code: "invoice_expired" });
    expect(await readAttempts(own, owed.id)).toEqual([]);
    await json("public", "PATCH", `/v1/invoices/${owed.id}`, {
      key: own.apiKey,
      body: { expires_at: new Date(now + 86_400_000).toISOString() },
    });
    expect((await start(own, owed)).action.kind).toBe("go");
  });
});

describe("refunds", () => {
  test("in two parts, never over what was taken, also when asked for at once", async () => {
    const own = await connected("v2", { switches: { recordCollection: true } });
    const owed = await invoice(own);
    const attempt_id = await pay(own, owed);
    const ask = (amount_minor: number) =>
      call("public", "POST", "/v1/refunds", { key: own.apiKey, body: { attempt_id, amount_minor, reason: "retur" } });
    const answers = await Promise.all([ask(15_000), ask(15_000), ask(9_990)]);
    const statuses = answers.map((answer) => answer.status).sort();
    expect(statuses.filter((s) => s === 409).length).toBeGreaterThanOrEqual(1);
    await runDue();
    const theirs = await sandbox<{ credited: number }>("GET", `/control/netopia/payments/${attempt_id}`);
    const ours = await readInvoice(own, owed.id);
    expect(ours.paid.minor).toBe(24_990 - theirs.credited);
    expect(theirs.credited).toBeLessThanOrEqual(24_990);
    expect(theirs.credited).toBeGreaterThan(0);
    const sums = await collectionsOf(own, owed.id);
    expect(sums.reduce((total, row) => total + row.amountMinor, 0n)).toBe(BigInt(ours.paid.minor));
    const waiting = await db()
      .select()
      .from(outbox)
      .where(and(eq(outbox.merchantId, own.merchantId), eq(outbox.topic, "refund")));
    expect(waiting.every((row) => row.deliveredAt !== null)).toBe(true);
  });

  test("a refund whose answer never came is unresolved, not failed, and is not sent again", async () => {
    const own = await connected("v2");
    const owed = await invoice(own);
    const attempt_id = await pay(own, owed);
    await sandbox("POST", "/control/netopia/faults", {
      fault: "api_500",
      signature: own.account.signature,
      operation: "credit",
      next: "all",
    });
    await json("public", "POST", "/v1/refunds", { key: own.apiKey, body: { attempt_id, amount_minor: 5_000 } });
    await runDue();
    await sandbox("POST", "/clock", { advanceSeconds: 600 });
    await runDue();
    const { data } = await json<{ data: { state: string }[] }>("public", "GET", "/v1/refunds", { key: own.apiKey });
    expect(data).toMatchObject([{ state: "unresolved" }]);
  });

  test("v1: a refund made in the console is told and booked with how it was found", async () => {
    const own = await connected("v1");
    const owed = await invoice(own);
    const { attempt_id, action } = await start(own, owed);
    await fetch(action.url, { method: "POST", body: new URLSearchParams(action.fields ?? {}) });
    await deliverIpn(await buildIpn(attempt_id, { action: "confirmed" }));
    await deliverIpn(await buildIpn(attempt_id, { action: "credit", amount: "100.00" }));
    const { data } = await json<{ data: { state: string; origin: string; amount: { minor: number } }[] }>(
      "public",
      "GET",
      "/v1/refunds",
      { key: own.apiKey },
    );
    expect(data).toMatchObject([{ state: "succeeded", origin: "notification", amount: { minor: 10_000 } }]);
    expect(await readInvoice(own, owed.id)).toMatchObject({
      state: "open",
      paid: { minor: 14_990 },
      due: { minor: 10_000 },
    });
  });
});

describe("connection", () => {
  test("[C08] before approval the check says that it waits; after it the check passes and a signed notification is taken", async () => {
    const own = await connected("v2");
    await sandbox("PATCH", `/control/netopia/points-of-sale/${own.account.signature}`, { approved: false });
    const check = () =>
      json<{ connection: { status: string; last_check: { steps: { id: string; outcome: string }[] } } }>(
        "public",
        "POST",
        `/v1/connections/${own.connectionId}/check`,
        { key: own.apiKey },
      );
    expect((await check()).connection.status).toBe("waiting_for_approval");
    await sandbox("PATCH", `/control/netopia/points-of-sale/${own.account.signature}`, { approved: true });
    const passed = await check();
    expect(passed.connection).toMatchObject({ status: "verified", verified_at: expect.any(String) });
    expect(passed.connection.last_check.steps.every((step) => step.outcome === "passed")).toBe(true);
    const owed = await invoice(own);
    const { attempt_id } = await start(own, owed);
    const answer = await deliverIpn(await buildIpn(attempt_id, { status: 1 }));
    expect(await answer.json()).toMatchObject({ errorCode: 0 });
    const log = await json<{ data: { verdict: string }[] }>("public", "GET", `/v1/ipns?attempt_id=${attempt_id}`, {
      key: own.apiKey,
    });
    expect(log.data).toMatchObject([{ verdict: "verified" }]);
  });
});
