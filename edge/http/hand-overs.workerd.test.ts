// Handing over: a short-lived link to the same session, without the payer's data, in real workerd on real Postgres.

import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { handOvers } from "../../db/schema/index.ts";
import { sha256Hex } from "../ids.ts";
import { database } from "../testing/api-world.ts";
import {
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  readAttempts,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { HAND_OVER_MINUTES } from "./hand-overs.ts";
import type { PayerViewShape } from "./payer-view.ts";

type Made = { view: PayerViewShape; link: string; expires_at: string };

const viewOf = (shape: { link: string | null }) => json<PayerViewShape>("inside", "GET", `/payer/${tokenOf(shape)}`);
const handOver = (shape: InvoiceShape) => json<Made>("inside", "POST", `/payer/${tokenOf(shape)}/hand-overs`);
const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });

async function owedBy(): Promise<{ shop: Connected; owed: InvoiceShape }> {
  const shop = await connected("v2");
  return { shop, owed: await invoice(shop) };
}

test("it shows the same invoice without name, e-mail and phone; its token is kept as a hash", async () => {
  const { owed } = await owedBy();
  const made = await handOver(owed);
  expect(made.view.invoice).toMatchObject({ payer_name: "Client demonstrativ", payer_email: "client@demo.example" });
  const seen = await viewOf(made);
  expect(seen).toMatchObject({
    state: "payable",
    link: made.link,
    hand_over: { expires_at: made.expires_at },
    invoice: { label: owed.label, due: { minor: 24_990 }, payer_name: null, payer_email: null, payer_phone: null },
  });
  expect(JSON.stringify(seen)).not.toMatch(/Client demonstrativ|client@demo|0700/);
  expect(JSON.stringify(seen)).not.toContain(tokenOf(owed));
  const rows = await database()
    .select()
    .from(handOvers)
    .where(eq(handOvers.tokenHash, await sha256Hex(tokenOf(made))));
  expect(rows).toHaveLength(1);
  expect(JSON.stringify(rows)).not.toContain(tokenOf(made));
  // The invoice's own link still shows all.
  expect((await viewOf(owed)).hand_over).toBeNull();
});

test("its time over, it says so, pays nothing, and the invoice's own link goes on working", async () => {
  const { shop, owed } = await owedBy();
  const made = await handOver(owed);
  await advance(HAND_OVER_MINUTES * 60 + 1);
  for (const [method, path, body] of [
    ["GET", "", undefined],
    ["POST", "/attempts", { connection_id: shop.connectionId, method: "card", locale: "ro" }],
    ["POST", "/returned", { attempt_id: "att_1" }],
  ] as const) {
    const answer = await call("inside", method, `/payer/${tokenOf(made)}${path}`, { body });
    expect([path, answer.status]).toEqual([path, 410]);
    expect(await answer.json()).toMatchObject({ code: "hand_over_expired" });
  }
  expect(await readAttempts(shop, owed.id)).toEqual([]);
  expect((await viewOf(owed)).state).toBe("payable");
});

test("it cannot be handed on", async () => {
  const { owed } = await owedBy();
  const made = await handOver(owed);
  expect((await call("inside", "POST", `/payer/${tokenOf(made)}/hand-overs`)).status).toBe(404);
});

test("a payment by it sends the processor nothing of the payer, comes back to it, and pays the one invoice", async () => {
  const { shop, owed } = await owedBy();
  const made = await handOver(owed);
  const started = await start(shop, { ...owed, link: made.link });
  const payments = await sandbox<{ orderId: string; sent: string }[]>(
    "GET",
    `/control/netopia/payments?signature=${shop.account.signature}`,
  );
  const sent = payments.find(({ orderId }) => orderId === started.attempt_id)?.sent ?? "";
  expect(sent).toContain(`/i/${tokenOf(made)}?back=`);
  expect(sent).not.toContain(tokenOf(owed));
  expect(sent).not.toMatch(/client@demo|700000000/);
  // Whoever began in time may take their time at the bank.
  await advance(HAND_OVER_MINUTES * 60 + 1);
  await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  await deliverIpn(await buildIpn(started.attempt_id, { status: 3 }));
  expect(await viewOf(made)).toMatchObject({
    state: "paid",
    invoice: { payer_name: null },
    attempt: { instrument: null },
  });
  const own = await viewOf(owed);
  expect(own).toMatchObject({ state: "paid", attempt: { instrument: expect.stringMatching(/\d{4}$/) } });
  const refund = await json<{ id: string }>("public", "POST", "/v1/refunds", {
    key: shop.apiKey,
    body: { attempt_id: started.attempt_id, amount_minor: 1_000 },
  });
  const ticketBy = (shape: { link: string | null }) =>
    json<{ instrument: string | null }>("inside", "GET", `/payer/${tokenOf(shape)}/refunds/${refund.id}`);
  expect((await ticketBy(owed)).instrument).toBe(own.attempt?.instrument);
  expect((await ticketBy(made)).instrument).toBeNull();
  await advance(2 * 3600);
  expect((await call("inside", "GET", `/payer/${tokenOf(made)}`)).status).toBe(410);
});

test("what was typed is sent; an open attempt is opened again rather than doubled", async () => {
  const { shop, owed } = await owedBy();
  const first = await start(shop, owed);
  const made = await handOver(owed);
  const again = await start(shop, { ...owed, link: made.link }, { email: "other@demo.example" });
  expect(again).toMatchObject({ attempt_id: first.attempt_id, resumed: true });
});

test("who opened a payment by a hand-over comes back to one, though it was begun by the invoice's own link; and the reverse", async () => {
  const { shop, owed } = await owedBy();
  const { attempt_id } = await start(shop, owed);
  const made = await handOver(owed);
  expect(await start(shop, { ...owed, link: made.link })).toMatchObject({ attempt_id, resumed: true });
  type Back = PayerViewShape & { return_link?: string };
  const back = (shape: { link: string | null }) =>
    json<Back>("inside", "POST", `/payer/${tokenOf(shape)}/returned`, { body: { attempt_id } });
  // The processor knows the invoice's own link alone.
  const { return_link: link = null } = await back(owed);
  expect(link).not.toBe(made.link);
  const there = await back({ link });
  expect(there).toMatchObject({ hand_over: {}, invoice: { payer_name: null, payer_email: null } });
  expect(there.return_link).toBeUndefined();

  const second = await owedBy();
  const first = await start(second.shop, second.owed);
  const other = await handOver(second.owed);
  await start(second.shop, { ...second.owed, link: other.link });
  await start(second.shop, second.owed);
  const own = await json<Back>("inside", "POST", `/payer/${tokenOf(second.owed)}/returned`, {
    body: { attempt_id: first.attempt_id },
  });
  expect(own.return_link).toBeUndefined();
  expect(own.hand_over).toBeNull();
});
