// Refunds followed to their end at the simulators: accepted first, then done or refused, or with a lost answer; and money
// that was given back at the processor without us.

import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { payments, refunds } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { database, raisedFor } from "../testing/api-world.ts";
import {
  bindings,
  type Connected,
  call,
  connected,
  type InvoiceShape,
  invoice,
  json,
  readInvoice,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { connectedTochka, decide, outlet, type Saved } from "../testing/tochka-under-test.ts";
import { moveRefund } from "./move-refund.ts";
import { sendRefund } from "./refund-payment.ts";
import { takeStep } from "./transition.ts";

type RefundShape = {
  id: string;
  state: string;
  amount: { minor: number };
  origin: string;
  next_look_at: string | null;
};
type Payee = Connected;

let revolut: Payee & { publicKey: string };
let tochka: Payee & Saved;

beforeAll(async () => {
  const shop = await connected("v2");
  const account = await sandbox<{ secretKey: string; publicKey: string }>("POST", "/control/revolut/accounts", {
    options: { localUrls: true, refundSeconds: 600 },
  });
  const { id } = await json<{ id: string }>("public", "POST", "/v1/connections", {
    key: shop.apiKey,
    body: { processor: "revolut", environment: "test", credentials: { secretKey: account.secretKey } },
  });
  revolut = { ...shop, connectionId: id, publicKey: account.publicKey };
  const saved = await connectedTochka();
  tochka = { ...saved, account: undefined as never };
});

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });
const look = (shop: Payee, attemptId: string) =>
  json<{ outcome: string }>("public", "POST", `/v1/attempts/${attemptId}/look`, { key: shop.apiKey });
const give = (shop: Payee, attempt_id: string, amount_minor: number, key?: string) =>
  call("public", "POST", "/v1/refunds", {
    key: shop.apiKey,
    body: { attempt_id, amount_minor },
    ...(key ? { headers: { "idempotency-key": key } } : {}),
  });
async function refundsOf(shop: Payee, invoiceId: string): Promise<RefundShape[]> {
  const { refunds: rows } = await json<{ refunds: RefundShape[] }>(
    "public",
    "GET",
    `/v1/invoices/${invoiceId}/attempts`,
    { key: shop.apiKey },
  );
  return rows.reverse();
}
const moved = async (shop: Payee, invoiceId: string) =>
  (
    await database()
      .select({ minor: payments.amountMinor })
      .from(payments)
      .where(and(eq(payments.merchantId, shop.merchantId), eq(payments.invoiceId, invoiceId)))
      .orderBy(payments.id)
  ).map(({ minor }) => Number(minor));

/** How many refunds of an attempt the simulator was asked for. */
async function refundOrders(attemptId: string): Promise<number> {
  const orders = await sandbox<{ type: string; reference: string | null }[]>(
    "GET",
    `/control/revolut/orders?account=${revolut.publicKey}`,
  );
  return orders.filter(({ type, reference }) => type === "refund" && reference?.startsWith(`${attemptId}/refund/`))
    .length;
}

async function paidByRevolut(): Promise<{ owed: InvoiceShape; attemptId: string }> {
  const owed = await invoice(revolut);
  const { attempt_id } = await start(revolut, owed);
  await sandbox("POST", `/control/revolut/orders/${attempt_id}/act`, { action: "pay" });
  await look(revolut, attempt_id);
  expect((await readInvoice(revolut, owed.id)).state).toBe("paid");
  return { owed, attemptId: attempt_id };
}

async function paidByTochka(method: "card" | "sbp"): Promise<{ owed: InvoiceShape; attemptId: string; at: string }> {
  // Codes of our own are shown only where the bank makes no receipt: there it is a link.
  const options = method === "sbp" ? { fiscalisation: "register" } : { ...RECEIPTS };
  const decided = await decide(tochka, { account_id: outlet(tochka.bank, "С кассой"), options });
  if (decided.status !== 200) throw new Error(await decided.text());
  const owed = await invoice(tochka, { currency: "RUB" });
  const { attempt_id } = await start(tochka, owed, { method, email: "client@demo.example" });
  const { processor_reference } = await json<{ processor_reference: string }>(
    "public",
    "GET",
    `/v1/attempts/${attempt_id}`,
    { key: tochka.apiKey },
  );
  const [rail = "", id = ""] = processor_reference.split("/");
  const at = rail === "qr" ? `/control/tochka/qrs/${id}/act` : `/control/tochka/operations/${id}/act`;
  await sandbox("POST", at, rail === "qr" ? { action: "accept" } : { action: "pay", method: "card" });
  await look(tochka, attempt_id);
  expect((await readInvoice(tochka, owed.id)).state).toBe("paid");
  return { owed, attemptId: attempt_id, at };
}

const RECEIPTS = {
  fiscalisation: "bank",
  taxSystem: "usn_income",
  vatRate: "none",
  receiptMethod: "full_payment",
  receiptObject: "service",
};

test("Revolut: accepted, asked about by the schedule, succeeded; booked once however often it is asked", async () => {
  const { owed, attemptId } = await paidByRevolut();
  expect((await give(revolut, attemptId, 5_000)).status).toBe(201);
  await runDue();
  const [accepted] = await refundsOf(revolut, owed.id);
  expect(accepted).toMatchObject({ state: "accepted", next_look_at: expect.any(String) });
  expect(await moved(revolut, owed.id)).toEqual([24_990]);
  await advance(60);
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "accepted" }]);
  await advance(3_700);
  await sandbox("POST", "/control/run-due");
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "succeeded", next_look_at: null }]);
  await look(revolut, attemptId);
  await look(revolut, attemptId);
  await runDue();
  expect(await moved(revolut, owed.id)).toEqual([24_990, -5_000]);
  expect((await readInvoice(revolut, owed.id)).due.minor).toBe(5_000);
});

test("Revolut: accepted, then refused: failed only when they say so, and a person is told", async () => {
  const { owed, attemptId } = await paidByRevolut();
  await sandbox("POST", "/control/revolut/faults", { fault: "refund_fails", account: revolut.publicKey, next: 1 });
  await give(revolut, attemptId, 5_000);
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "accepted" }]);
  await advance(3_700);
  await sandbox("POST", "/control/run-due");
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "failed", next_look_at: null }]);
  expect(await moved(revolut, owed.id)).toEqual([24_990]);
  expect(await raisedFor(revolut, owed.id)).toEqual(["refund_failed"]);
});

test("Revolut: the answer is lost: unresolved, never sent again, found by our reference", async () => {
  const { owed, attemptId } = await paidByRevolut();
  await sandbox("POST", "/control/revolut/faults", {
    fault: "timeout_after",
    account: revolut.publicKey,
    operation: "refund",
    next: 1,
  });
  await give(revolut, attemptId, 5_000);
  await runDue();
  // The schedule may have asked at once; what matters is that nobody sent it twice.
  await advance(3_700);
  await sandbox("POST", "/control/run-due");
  await runDue();
  await advance(3_700);
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "succeeded" }]);
  expect(await moved(revolut, owed.id)).toEqual([24_990, -5_000]);
  expect(await refundOrders(attemptId)).toBe(1);
});

test("a doubled press, and a crash between the order and the call, make one refund", async () => {
  const { owed, attemptId } = await paidByRevolut();
  const key = `refund-${attemptId}`;
  const answers = await Promise.all([1, 2, 3].map(() => give(revolut, attemptId, 24_990, key)));
  expect(answers.filter((answer) => answer.status === 201).length).toBeGreaterThan(0);
  // Without a key the sum itself stands in the way of a second one.
  expect((await give(revolut, attemptId, 24_990)).status).toBe(409);
  const [row] = await refundsOf(revolut, owed.id);
  const id = row?.id ?? "";
  const context = await makeContext(bindings);
  const of = { merchantId: revolut.merchantId, invoiceId: owed.id };
  // Died after it noted that the call begins: nobody knows, so it is asked about and not sent.
  const died = await takeStep(context.db, context.stepBy("system"), of, (step) => {
    const mine = step.story.refunds.find((refund) => refund.id === id);
    return mine?.state === "requested" && moveRefund(step, mine, "call_started");
  });
  expect(died).toBe(true);
  expect(await sendRefund(context, revolut.merchantId, id)).toBe("done");
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "unresolved", next_look_at: expect.any(String) }]);
  await runDue();
  expect(await refundOrders(attemptId)).toBe(0);
  expect(await moved(revolut, owed.id)).toEqual([24_990]);
  // They know of none for an hour: it never reached them. A person is told once, and nothing is sent by itself.
  for (let hour = 0; hour < 3; hour++) {
    await advance(3_700);
    await runDue();
  }
  expect(await refundsOf(revolut, owed.id)).toMatchObject([{ state: "not_sent" }]);
  expect(await raisedFor(revolut, owed.id)).toEqual(["refund_not_sent"]);
  expect(await refundOrders(attemptId)).toBe(0);
  // Sent once more by a person.
  await json("public", "POST", `/v1/refunds/${id}/retry`, { key: revolut.apiKey });
  await runDue();
  expect(await refundOrders(attemptId)).toBe(1);
  expect((await refundsOf(revolut, owed.id))[0]?.state).toBe("accepted");
});

test("Revolut: given back in the dashboard, found by asking, posted once with how it was found", async () => {
  const { owed, attemptId } = await paidByRevolut();
  await sandbox("POST", `/control/revolut/orders/${attemptId}/act`, { action: "refund", amount: "40.00" });
  await advance(3_700);
  await sandbox("POST", "/control/run-due");
  expect(await refundsOf(revolut, owed.id)).toEqual([]);
  await advance(24 * 3_600);
  await runDue();
  expect(await refundsOf(revolut, owed.id)).toMatchObject([
    { state: "succeeded", origin: "query", amount: { minor: 4_000 } },
  ]);
  for (let day = 0; day < 3; day++) {
    await advance(24 * 3_600);
    await runDue();
  }
  expect(await refundsOf(revolut, owed.id)).toHaveLength(1);
  expect(await moved(revolut, owed.id)).toEqual([24_990, -4_000]);
  expect(await readInvoice(revolut, owed.id)).toMatchObject({ state: "open", due: { minor: 4_000 } });
});

test("Tochka by code: accepted, then done, then one refused", async () => {
  const { owed, attemptId, at } = await paidByTochka("sbp");
  await sandbox("POST", "/control/tochka/faults", { fault: "refund_stuck", client: tochka.client.clientId, next: 2 });
  await give(tochka, attemptId, 990);
  await runDue();
  expect(await refundsOf(tochka, owed.id)).toMatchObject([{ state: "accepted" }]);
  await sandbox("POST", at, { action: "complete-refund" });
  await advance(60);
  await runDue();
  expect(await refundsOf(tochka, owed.id)).toMatchObject([{ state: "succeeded" }]);
  await give(tochka, attemptId, 1_000);
  await runDue();
  await sandbox("POST", at, { action: "fail-refund" });
  await look(tochka, attemptId);
  expect((await refundsOf(tochka, owed.id)).map(({ state }) => state)).toEqual(["succeeded", "failed"]);
  expect(await moved(tochka, owed.id)).toEqual([24_990, -990]);
});

test("Tochka by link: its own row and the operation's tell of one refund, which is booked once", async () => {
  const { owed, attemptId, at } = await paidByTochka("card");
  await give(tochka, attemptId, 1_050);
  await runDue();
  await sandbox("POST", at, { action: "complete-refund" }).catch(() => {}); // it may be done by the clock already
  for (let i = 0; i < 3; i++) {
    await look(tochka, attemptId);
    await advance(60);
    await runDue();
  }
  expect(await refundsOf(tochka, owed.id)).toMatchObject([{ state: "succeeded", origin: "requested" }]);
  expect(await moved(tochka, owed.id)).toEqual([24_990, -1_050]);
});

test("Tochka by link: of two equal refunds the one whose answer was lost is not taken for the other", async () => {
  await sandbox("PATCH", "/control/tochka/options", { secondRefund: "allowed" });
  const { owed, attemptId } = await paidByTochka("card");
  await give(tochka, attemptId, 1_000);
  await runDue();
  await advance(60);
  await runDue();
  expect(await refundsOf(tochka, owed.id)).toMatchObject([{ state: "succeeded" }]);
  await sandbox("POST", "/control/tochka/faults", {
    fault: "api_cut",
    client: tochka.client.clientId,
    operation: "refund",
    next: 1,
  });
  await give(tochka, attemptId, 1_000);
  await runDue();
  for (let i = 0; i < 3; i++) {
    await advance(60);
    await look(tochka, attemptId);
  }
  // It never reached the bank: the first refund's row is not its proof.
  expect((await refundsOf(tochka, owed.id)).map(({ state }) => state)).toEqual(["succeeded", "unresolved"]);
  expect(await moved(tochka, owed.id)).toEqual([24_990, -1_000]);

  const other = await paidByTochka("card");
  await sandbox("POST", "/control/tochka/faults", {
    fault: "answer_lost",
    client: tochka.client.clientId,
    operation: "refund",
    next: 1,
  });
  await give(tochka, other.attemptId, 2_000);
  await runDue();
  await advance(60);
  await runDue();
  expect(await refundsOf(tochka, other.owed.id)).toMatchObject([{ state: "succeeded", origin: "requested" }]);
  expect(await moved(tochka, other.owed.id)).toEqual([24_990, -2_000]);
  await sandbox("PATCH", "/control/tochka/options", { secondRefund: "refused" });
});

test("Tochka by link: given back in the cabinet, found by asking, posted once", async () => {
  const { owed, attemptId, at } = await paidByTochka("card");
  await sandbox("POST", at, { action: "refund", amount: "30.00" });
  await advance(3_600);
  await look(tochka, attemptId);
  await look(tochka, attemptId);
  await runDue();
  expect(await refundsOf(tochka, owed.id)).toMatchObject([{ origin: "query", amount: { minor: 3_000 } }]);
  expect(await moved(tochka, owed.id)).toEqual([24_990, -3_000]);
  const rows = await database().select().from(refunds).where(eq(refunds.invoiceId, owed.id));
  expect(rows.map((row) => row.state)).toEqual(["succeeded"]);
});
