// Refunds that need a second person, that never reach the processor, that were made outside: in real workerd on real Postgres
// against the simulated UAPAY.

import { and, eq } from "drizzle-orm";
import { beforeAll, expect, test } from "vitest";
import { user } from "../../db/schema/auth.ts";
import { attentionItems, members, merchants, payments } from "../../db/schema/index.ts";
import { newId } from "../ids.ts";
import { database, signIn } from "../testing/api-world.ts";
import {
  type Connected,
  call,
  type InvoiceShape,
  invoice,
  json,
  merchant,
  readInvoice,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { as } from "../testing/tochka-under-test.ts";
import { connectedUapay } from "../testing/uapay-under-test.ts";

type RefundShape = {
  id: string;
  state: string;
  origin: string;
  requested_by: string;
  ticket: string | null;
  decision: { by: string; note: string | null } | null;
};

let shop: Connected;
let owner: string;
let second: string;

beforeAll(async () => {
  shop = await connectedUapay();
  owner = await signIn(shop, "198.51.100.7");
  // A colleague: another merchant's owner who is an administrator here too.
  const other = await merchant({});
  const db = database();
  const [person] = await db.select().from(user).where(eq(user.email, other.ownerEmail));
  if (!person) throw new Error("no second person");
  await db.insert(members).values({
    id: newId("member", new Date()),
    merchantId: shop.merchantId,
    userId: person.id,
    role: "admin",
    createdAt: new Date(),
  });
  second = await signIn(other, "198.51.100.8");
  await db
    .update(merchants)
    .set({ refundApproval: { UAH: 10_000 } })
    .where(eq(merchants.id, shop.merchantId));
});

const by = (cookie: string) => ({ headers: { ...as(cookie), "x-merchant": shop.merchantId } });
async function paid(): Promise<{ owed: InvoiceShape; attemptId: string }> {
  const owed = await invoice(shop, { currency: "UAH" });
  const { attempt_id } = await start(shop, owed, { locale: "en" });
  await sandbox("POST", `/control/uapay/invoices/${attempt_id}/act`, { action: "pay" });
  await json("public", "POST", `/v1/attempts/${attempt_id}/look`, { key: shop.apiKey });
  expect((await readInvoice(shop, owed.id)).state).toBe("paid");
  return { owed, attemptId: attempt_id };
}
const ask = (attempt_id: string, amount_minor: number, cookie = owner) =>
  json<RefundShape>("inside", "POST", "/v1/refunds", { ...by(cookie), body: { attempt_id, amount_minor } });
const decide = (id: string, what: string, cookie: string, body?: object) =>
  call("inside", "POST", `/v1/refunds/${id}/${what}`, { ...by(cookie), ...(body ? { body } : {}) });
const read = (id: string) => json<RefundShape>("public", "GET", `/v1/refunds/${id}`, { key: shop.apiKey });
const codeOf = async (answer: Response) => ((await answer.json()) as { code: string }).code;
async function reversals(attemptId: string): Promise<number> {
  const { id } = await sandbox<{ id: string }>("GET", `/control/uapay/invoices/${attemptId}`);
  const requests = await sandbox<{ operation: string; body: string }[]>("GET", "/control/uapay/requests");
  return requests.filter((one) => one.operation === "reverse" && one.body.includes(id)).length;
}
const moved = async (invoiceId: string) =>
  (
    await database()
      .select({ minor: payments.amountMinor })
      .from(payments)
      .where(and(eq(payments.merchantId, shop.merchantId), eq(payments.invoiceId, invoiceId)))
      .orderBy(payments.id)
  ).map(({ minor }) => Number(minor));

test("above the sum a second person is asked: not the one who asked, not a key; then it is sent", async () => {
  const { owed, attemptId } = await paid();
  const refund = await ask(attemptId, 15_000);
  expect(refund).toMatchObject({ state: "awaiting_approval", ticket: null });
  await runDue();
  expect(await reversals(attemptId)).toBe(0);
  expect(await codeOf(await decide(refund.id, "approve", owner))).toBe("own_refund");
  const byKey = await call("public", "POST", `/v1/refunds/${refund.id}/approve`, { key: shop.apiKey });
  expect(byKey.status).toBe(403);
  // Nobody is promised anything yet.
  expect((await call("inside", "GET", `/payer/${tokenOf(owed)}/refunds/${refund.id}`)).status).toBe(404);
  expect((await decide(refund.id, "approve", second)).status).toBe(200);
  expect(await codeOf(await decide(refund.id, "approve", second))).toBe("not_awaiting_approval");
  await runDue();
  expect(await read(refund.id)).toMatchObject({
    state: "succeeded",
    decision: { by: expect.stringMatching(/^member:/) },
    ticket: expect.stringContaining(`/refunds/${refund.id}`),
  });
  expect(await reversals(attemptId)).toBe(1);
  expect(await moved(owed.id)).toEqual([24_990, -15_000]);
  const open = await database()
    .select()
    .from(attentionItems)
    .where(and(eq(attentionItems.merchantId, shop.merchantId), eq(attentionItems.invoiceId, owed.id)));
  expect(open.filter(({ resolvedAt }) => resolvedAt === null)).toEqual([]);
  const ticket = await json<{ state: string; stages: { is_done: boolean }[]; expected: object | null }>(
    "inside",
    "GET",
    `/payer/${tokenOf(owed)}/refunds/${refund.id}`,
  );
  expect(ticket).toMatchObject({ state: "returned", expected: { from: expect.any(String), to: expect.any(String) } });
  expect(ticket.stages.every(({ is_done }) => is_done)).toBe(true);
});

test("who made the key that asked is no second person", async () => {
  const { attemptId } = await paid();
  const made = await json<{ key: string }>("inside", "POST", "/v1/api-keys", {
    ...by(owner),
    body: { point_of_sale_id: shop.pointOfSaleId, name: "Depozit", scopes: ["refunds:write"] },
  });
  const refund = await json<RefundShape>("public", "POST", "/v1/refunds", {
    key: made.key,
    body: { attempt_id: attemptId, amount_minor: 15_000 },
  });
  expect(refund.state).toBe("awaiting_approval");
  expect(await codeOf(await decide(refund.id, "approve", owner))).toBe("own_refund");
  expect(await codeOf(await decide(refund.id, "refuse", owner, { note: "Nu" }))).toBe("own_refund");
  expect((await decide(refund.id, "approve", second)).status).toBe(200);
});

test("many small refunds of one payment need the second person too; a refusal needs a reason and frees the sum", async () => {
  const { owed, attemptId } = await paid();
  expect((await ask(attemptId, 6_000)).state).toBe("requested");
  await runDue();
  const more = await ask(attemptId, 6_000);
  expect(more.state).toBe("awaiting_approval");
  expect((await decide(more.id, "refuse", second, { note: "" })).status).toBe(400);
  expect((await decide(more.id, "refuse", second, { note: "Nu s-a returnat produsul" })).status).toBe(200);
  expect(await read(more.id)).toMatchObject({
    state: "rejected",
    ticket: null,
    decision: { note: "Nu s-a returnat produsul" },
  });
  await runDue();
  expect(await moved(owed.id)).toEqual([24_990, -6_000]);
  expect((await ask(attemptId, 18_990)).state).toBe("awaiting_approval");
});

test("never more than was taken, whoever asks at the same moment", async () => {
  const { owed, attemptId } = await paid();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      call("public", "POST", "/v1/refunds", {
        key: shop.apiKey,
        body: { attempt_id: attemptId, amount_minor: 9_000 },
        headers: { "idempotency-key": `at-once-${attemptId}-${i}` },
      }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(2);
  expect(answers.filter(({ status }) => status === 409)).toHaveLength(6);
  await runDue();
  // The first went out, the second one waits for its second person.
  expect(await moved(owed.id)).toEqual([24_990, -9_000]);
});

test("given back outside: booked at once as entered by hand, shown to the payer, and never above what is left", async () => {
  const { owed, attemptId } = await paid();
  const enter = (amount_minor: number) =>
    call("public", "POST", "/v1/refunds/manual", {
      key: shop.apiKey,
      body: { attempt_id: attemptId, amount_minor, reference: "OP 12", reason: "Transfer" },
    });
  const made = await enter(4_000);
  expect(made.status).toBe(201);
  const { id, ...rest } = (await made.json()) as RefundShape;
  expect(rest).toMatchObject({ state: "succeeded", origin: "manual" });
  expect(await codeOf(await enter(21_000))).toBe("amount_over_refundable");
  expect(await reversals(attemptId)).toBe(0);
  expect(await moved(owed.id)).toEqual([24_990, -4_000]);
  expect(await json("inside", "GET", `/payer/${tokenOf(owed)}/refunds/${id}`)).toMatchObject({
    state: "returned",
    is_outside: true,
    reference: { value: "OP 12" },
  });
});

test("what never reached the processor is seen, tried again by itself, and can be given up", async () => {
  const { owed, attemptId } = await paid();
  const clear = () => sandbox("DELETE", "/control/uapay/faults");
  await sandbox("POST", "/control/uapay/faults", { fault: "api_429", operation: "session", next: "all" }).catch(() =>
    sandbox("POST", "/control/uapay/faults", { fault: "api_429", next: "all" }),
  );
  const kept = await ask(attemptId, 3_000);
  const dropped = await ask(attemptId, 2_000);
  await runDue();
  expect([(await read(kept.id)).state, (await read(dropped.id)).state]).toEqual(["not_sent", "not_sent"]);
  expect((await decide(dropped.id, "give-up", owner, { note: "Plătit numerar" })).status).toBe(200);
  await clear();
  expect((await decide(kept.id, "retry", owner)).status).toBe(200);
  await runDue();
  expect([(await read(kept.id)).state, (await read(dropped.id)).state]).toEqual(["succeeded", "abandoned"]);
  expect(await codeOf(await decide(kept.id, "give-up", owner, {}))).toBe("refund_under_way");
  expect(await moved(owed.id)).toEqual([24_990, -3_000]);
});

test("the rules are changed by a member with the right alone, and the change is on record", async () => {
  const change = (cookie: string | null) =>
    call(cookie ? "inside" : "public", "PATCH", "/v1/merchant/money-rules", {
      ...(cookie ? by(cookie) : { key: shop.apiKey }),
      body: { refund_approval: [{ currency: "UAH", over_minor: 10_000 }], hold_policy: "ask" },
    });
  expect((await change(null)).status).toBe(403);
  expect((await change(second)).status).toBe(200);
  expect((await change(owner)).status).toBe(200);
});

test("who asked and who decided is told by name to members alone", async () => {
  const { owed, attemptId } = await paid();
  const refund = await ask(attemptId, 15_000);
  expect((await decide(refund.id, "refuse", second, { note: "Nu" })).status).toBe(200);
  const made = await json<{ id: string; key: string }>("inside", "POST", "/v1/api-keys", {
    ...by(owner),
    body: { point_of_sale_id: shop.pointOfSaleId, name: "Depozit", scopes: ["refunds:write"] },
  });
  const byKey = await json<RefundShape>("public", "POST", "/v1/refunds", {
    key: made.key,
    body: { attempt_id: attemptId, amount_minor: 15_000 },
  });
  type Listed = { refunds: RefundShape[]; people: { actor: string; name: string; made_by: string | null }[] };
  const path = `/v1/invoices/${owed.id}/attempts`;
  const seen = await json<Listed>("inside", "GET", path, by(second));
  const nameOf = (actor: string | undefined) => seen.people.find((person) => person.actor === actor);
  const decided = seen.refunds.find(({ id }) => id === refund.id);
  expect(nameOf(decided?.requested_by)).toMatchObject({ name: shop.ownerEmail, made_by: null });
  expect(nameOf(decided?.decision?.by)?.name).toMatch(/@demo\.example$/);
  expect(nameOf(byKey.requested_by)).toMatchObject({ name: "Depozit", made_by: refund.requested_by });
  expect((await json<Listed>("public", "GET", path, { key: shop.apiKey })).people).toEqual([]);
});
