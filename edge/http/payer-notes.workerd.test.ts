// What a payer is told of money that came otherwise than asked, and how they ask for a new date, in real workerd on real
// Postgres: derived from what was observed, never guessed.

import { and, eq } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import { attentionItems, merchants } from "../../db/schema/index.ts";
import { database } from "../testing/api-world.ts";
import {
  buildIpn,
  type Connected,
  call,
  connect,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import type { PayerViewShape } from "./payer-view.ts";

const viewOf = (shape: { link: string | null }) => json<PayerViewShape>("inside", "GET", `/payer/${tokenOf(shape)}`);
const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });
const now = async () => (await sandbox<{ now: number }>("GET", "/clock")).now;
const ron = (minor: number) => ({ minor, currency: "RON" });

async function owedBy(body: Record<string, unknown> = {}): Promise<{ shop: Connected; owed: InvoiceShape }> {
  const shop = await connected("v2");
  return { shop, owed: await invoice(shop, body) };
}

/** The processor takes the money and tells so; a sum other than the asked one where it is given. */
async function take(orderId: string, told: Record<string, unknown> = {}): Promise<void> {
  await sandbox("POST", `/control/netopia/payments/${orderId}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(orderId, { status: 3, ...told }));
}

const refund = (shop: Connected, attempt_id: string, amount_minor: number) =>
  json("public", "POST", "/v1/refunds", { key: shop.apiKey, body: { attempt_id, amount_minor } });

describe("paid late", () => {
  test("in time it is no news", async () => {
    const { shop, owed } = await owedBy({ expires_at: new Date((await now()) + 3_600_000).toISOString() });
    await take((await start(shop, owed)).attempt_id);
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [] });
  });

  test("after the cancellation: the money is named, with when and through whom", async () => {
    const { shop, owed } = await owedBy();
    const { attempt_id } = await start(shop, owed);
    await json("public", "POST", `/v1/invoices/${owed.id}/cancel`, { key: shop.apiKey, body: {} });
    expect(await viewOf(owed)).toMatchObject({ state: "cancelled", notes: [] });
    await take(attempt_id);
    expect(await viewOf(owed)).toMatchObject({
      state: "paid",
      notes: [{ kind: "late", cause: "cancelled", amount: ron(24_990), processor_name: "NETOPIA Payments" }],
    });
    // Given back, it is no news any more: the truth line keeps it.
    await refund(shop, attempt_id, 24_990);
    await runDue();
    const after = await viewOf(owed);
    expect(after.notes).toEqual([]);
    expect(after.truth.map((step) => step.kind)).toContain("refund_succeeded");
  });

  test("after the validity; a longer validity later does not unsay it", async () => {
    const { shop, owed } = await owedBy({ expires_at: new Date((await now()) + 60_000).toISOString() });
    const { attempt_id } = await start(shop, owed);
    await advance(120);
    await take(attempt_id);
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [{ kind: "late", cause: "expired" }] });
    const later = new Date((await now()) + 86_400_000).toISOString();
    await json("public", "PATCH", `/v1/invoices/${owed.id}`, { key: shop.apiKey, body: { expires_at: later } });
    expect((await viewOf(owed)).notes).toMatchObject([{ kind: "late", cause: "expired" }]);
  });

  test("after the attempt's own time was over", async () => {
    const { shop, owed } = await owedBy();
    const { attempt_id } = await start(shop, owed);
    await advance(3 * 3600);
    await runDue();
    await take(attempt_id);
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [{ kind: "late", cause: "attempt_over" }] });
  });
});

describe("another sum", () => {
  test("less: what came and what was asked, and the rest can be paid", async () => {
    const { shop, owed } = await owedBy();
    await take((await start(shop, owed)).attempt_id, { amount: "200.00" });
    expect(await viewOf(owed)).toMatchObject({
      state: "payable",
      notes: [{ kind: "short", amount: ron(20_000), asked: ron(24_990) }],
      invoice: { paid: ron(20_000), due: ron(4_990) },
    });
    const rest = await start(shop, owed);
    expect((await viewOf(owed)).attempt).toMatchObject({ id: rest.attempt_id, can_resume: true });
    await take(rest.attempt_id);
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [] });
  });

  test("more: the surplus; its refund, as long as it is under way; nothing once it is back", async () => {
    const { shop, owed } = await owedBy();
    const { attempt_id } = await start(shop, owed);
    await take(attempt_id, { amount: "300.00" });
    const surplus = { kind: "over", amount: ron(5_010), asked: ron(24_990) };
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [{ ...surplus, refund: null }] });
    await refund(shop, attempt_id, 5_010);
    expect(await viewOf(owed)).toMatchObject({
      notes: [{ ...surplus, refund: { id: expect.stringMatching(/^rfd_/), is_done: false } }],
    });
    await runDue();
    expect(await viewOf(owed)).toMatchObject({ state: "paid", notes: [] });
  });

  test("twice: the second payment by name, its refund under way, then done", async () => {
    const { shop, owed } = await owedBy();
    const other = await connect(shop, "v2");
    const first = await start(shop, owed);
    const second = await start(shop, owed, { connection_id: other.connectionId, is_warned: true });
    await take(first.attempt_id);
    await take(second.attempt_id);
    const twice = { kind: "twice", amount: ron(24_990), processor_name: "NETOPIA Payments" };
    const before = await viewOf(owed);
    expect(before).toMatchObject({ state: "paid", notes: [{ ...twice, refund: { is_done: false } }] });
    await runDue();
    const after = await viewOf(owed);
    expect(after).toMatchObject({ state: "paid", notes: [{ ...twice, refund: { is_done: true } }] });
    expect(after.refunds).toMatchObject([{ id: after.notes[0]?.refund?.id, is_done: true }]);
  });

  test("twice, where the merchant decides: nothing is promised that nobody has ordered", async () => {
    const { shop, owed } = await owedBy();
    await database().update(merchants).set({ paidTwicePolicy: "ask" }).where(eq(merchants.id, shop.merchantId));
    const other = await connect(shop, "v2");
    const first = await start(shop, owed);
    const second = await start(shop, owed, { connection_id: other.connectionId, is_warned: true });
    await take(first.attempt_id);
    await take(second.attempt_id);
    await runDue();
    expect((await viewOf(owed)).notes).toMatchObject([{ kind: "twice", refund: null }]);
    await refund(shop, second.attempt_id, 24_990);
    expect((await viewOf(owed)).notes).toMatchObject([{ kind: "twice", refund: { is_done: false } }]);
  });

  test("in another currency: under review until a person has looked, or the right sum comes", async () => {
    const { shop, owed } = await owedBy();
    const { attempt_id } = await start(shop, owed);
    await deliverIpn(await buildIpn(attempt_id, { status: 3, faults: ["other_currency"] }));
    expect(await viewOf(owed)).toMatchObject({
      state: "in_review",
      notes: [{ kind: "other_currency", amount: { minor: 24_990, currency: "EUR" }, asked: ron(24_990) }],
    });
    const open = and(eq(attentionItems.merchantId, shop.merchantId), eq(attentionItems.kind, "currency_mismatch"));
    const [item] = await database().select().from(attentionItems).where(open);
    await json("public", "POST", `/v1/attention/${item?.id}/resolve`, { key: shop.apiKey, body: {} });
    expect(await viewOf(owed)).toMatchObject({ state: "payable", notes: [] });
  });
});

describe("a new date", () => {
  const ask = (owed: InvoiceShape) => json<PayerViewShape>("inside", "POST", `/payer/${tokenOf(owed)}/date-requests`);
  const askedItems = async (shop: Connected) =>
    (await database().select().from(attentionItems).where(eq(attentionItems.merchantId, shop.merchantId))).filter(
      (row) => row.kind === "date_asked",
    );
  const mailsAbout = async (owed: InvoiceShape) =>
    (await sandbox<{ to: string[]; text: string }[]>("GET", "/control/mail")).filter((mail) =>
      mail.text.includes(`/invoices/${owed.id}`),
    );

  test("one press tells the merchant once, however often it is pressed; a new date answers it", async () => {
    const { shop, owed } = await owedBy({ expires_at: new Date((await now()) + 60_000).toISOString() });
    expect(await ask(owed)).toMatchObject({ state: "payable", date_asked_at: null });
    await advance(120);
    expect(await viewOf(owed)).toMatchObject({ state: "expired", date_asked_at: null });
    await Promise.all([ask(owed), ask(owed), ask(owed)]);
    const seen = await ask(owed);
    expect(seen.date_asked_at).not.toBeNull();
    expect(await askedItems(shop)).toMatchObject([{ invoiceId: owed.id, resolvedAt: null }]);
    await runDue();
    const mails = await mailsAbout(owed);
    expect(mails).toMatchObject([{ to: [seen.merchant.email], text: expect.stringContaining("client@demo.example") }]);
    const later = new Date((await now()) + 86_400_000).toISOString();
    await json("public", "PATCH", `/v1/invoices/${owed.id}`, { key: shop.apiKey, body: { expires_at: later } });
    expect(await viewOf(owed)).toMatchObject({ state: "payable", date_asked_at: null });
    expect(await askedItems(shop)).toMatchObject([{ resolvedAt: expect.any(Date) }]);
  });

  test("unanswered for a day, it can be asked again; answered before the mail went, none is sent", async () => {
    const { shop, owed } = await owedBy({ expires_at: new Date((await now()) + 60_000).toISOString() });
    await advance(120);
    await ask(owed);
    await advance(24 * 3600 + 1);
    expect((await viewOf(owed)).date_asked_at).toBeNull();
    await ask(owed);
    expect(await askedItems(shop)).toHaveLength(2);
    const later = new Date((await now()) + 86_400_000).toISOString();
    await json("public", "PATCH", `/v1/invoices/${owed.id}`, { key: shop.apiKey, body: { expires_at: later } });
    await runDue();
    expect(await mailsAbout(owed)).toEqual([]);
  });
});

test("the version alone answers by either link, grows with every change, and is 404 for no link", async () => {
  const { shop, owed } = await owedBy();
  const versionOf = async (shape: { link: string | null }) =>
    (await json<{ version: number }>("inside", "GET", `/payer/${tokenOf(shape)}/version`)).version;
  const { view, link } = await json<{ view: PayerViewShape; link: string }>(
    "inside",
    "POST",
    `/payer/${tokenOf(owed)}/hand-overs`,
  );
  expect([await versionOf(owed), await versionOf({ link })]).toEqual([view.version, view.version]);
  await start(shop, owed);
  const { version } = await viewOf(owed);
  expect(version).toBeGreaterThan(view.version);
  expect([await versionOf(owed), await versionOf({ link })]).toEqual([version, version]);
  await advance(16 * 60);
  expect((await call("inside", "GET", `/payer/${tokenOf({ link })}/version`)).status).toBe(404);
  expect((await call("inside", "GET", "/payer/abcdefghijklmnopqrstuvwx/version")).status).toBe(404);
});
