// The merchant's own statuses through the whole edge, on real Postgres, at the simulator of UAPAY: chosen by a member, set
// by the step that moves the money, told by the API, the timeline and webhooks.

import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { auditEntries } from "../../db/schema/index.ts";
import { database, signIn } from "../testing/api-world.ts";
import {
  bindings,
  type Connected,
  call,
  type InvoiceShape,
  invoice,
  json,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { atUapay, connectedUapay, setCaptureMode, tellOf } from "../testing/uapay-under-test.ts";

type Status = { id: string; name: string; tone: string; archived_at: string | null };
type Mapping = { is_asked: boolean; data: { outcome: string; own_status: Status | null }[] };
type Shown = InvoiceShape & {
  own_status: { id: string; name: string; tone: string } | null;
  outcome: { name: string; reason: string | null; by: string } | null;
};

let shop: Connected;
let cookie: string;
let member: string;

const asMember = (method: string, path: string, body?: unknown) =>
  call("inside", method, path, { body, headers: { cookie, origin: bindings.WEB_ORIGIN } });
const read = async <T>(answer: Promise<Response>, status: number): Promise<T> => {
  const got = await answer;
  const text = await got.text();
  expect(got.status, text).toBe(status);
  return JSON.parse(text) as T;
};
const mapping = () => read<Mapping>(asMember("GET", "/v1/outcome-statuses"), 200);
const directory = async () => (await read<{ data: Status[] }>(asMember("GET", "/v1/own-statuses"), 200)).data;
const choose = (data: object[]) => asMember("PUT", "/v1/outcome-statuses", { data });

beforeAll(async () => {
  shop = await connectedUapay();
  cookie = await signIn(shop, "192.0.2.77");
  member = (await read<{ actor: string }>(asMember("GET", "/v1/me"), 200)).actor;
});

const readInvoice = (id: string) => json<Shown>("public", "GET", `/v1/invoices/${id}`, { key: shop.apiKey });

async function begin(): Promise<{ owed: InvoiceShape; attemptId: string }> {
  const owed = await invoice(shop, { currency: "UAH" });
  return { owed, attemptId: (await start(shop, owed, { locale: "en" })).attempt_id };
}

const act = (attemptId: string, body: object) => sandbox("POST", `/control/uapay/invoices/${attemptId}/act`, body);

const lines = async (id: string) =>
  (
    await json<{ data: { type: string; actor: string; data: { own_status?: { name: string } } }[] }>(
      "public",
      "GET",
      `/v1/invoices/${id}/events`,
      { key: shop.apiKey },
    )
  ).data
    .filter(({ type }) => type === "invoice.own_status_set")
    .map(({ actor, data }) => [data.own_status?.name, actor]);

describe("the directory and the mapping", () => {
  test("nothing is chosen and nobody was asked at first; a key of a shop reads and changes nothing", async () => {
    expect(await mapping()).toMatchObject({
      is_asked: false,
      data: expect.arrayContaining([{ outcome: "paid", own_status: null }]),
    });
    for (const [method, path, body, status] of [
      ["POST", "/v1/own-statuses", { name: "x" }, 403],
      ["PUT", "/v1/outcome-statuses", { data: [] }, 403],
    ] as const)
      expect((await call("public", method, path, { key: shop.apiKey, body })).status).toBe(status);
  });

  test("the mapping is saved whole or not at all: one bad choice and nothing of it is kept, not even what was to be made", async () => {
    const refused = await choose([
      { outcome: "paid", make: { name: "Half saved", tone: "good" } },
      { outcome: "refunded", own_status_id: "ost_00000000000000000000000000" },
    ]);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ field: "refunded", code: "unknown_status" }] });
    expect(await directory()).toEqual([]);
    expect(await mapping()).toMatchObject({ is_asked: false });
    const saved = await read<Mapping>(
      choose([
        { outcome: "held", make: { name: "На підтвердженні", tone: "warn" } },
        { outcome: "paid", make: { name: "Оплачено", tone: "good" } },
        { outcome: "rejected", make: { name: "Відхилено менеджером", tone: "bad" } },
        { outcome: "refunded", make: { name: "Успішне повернення", tone: "info" } },
        { outcome: "cancelled", make: { name: "Скасовано", tone: "bad" } },
      ]),
      200,
    );
    expect(saved.is_asked).toBe(true);
    expect(saved.data.find(({ outcome }) => outcome === "paid")?.own_status?.name).toBe("Оплачено");
    expect(saved.data.find(({ outcome }) => outcome === "partly_paid")?.own_status).toBeNull();
  });

  test("a name is unique whatever its case and blanks, with a clear error on its field; an archived one frees its name", async () => {
    const made = await read<Status>(
      asMember("POST", "/v1/own-statuses", { name: "Склад перевірено", tone: "info" }),
      201,
    );
    for (const name of ["Склад перевірено", "  СКЛАД   перевірено "]) {
      const twice = await asMember("POST", "/v1/own-statuses", { name });
      expect(twice.status).toBe(400);
      expect(await twice.json()).toMatchObject({ errors: [{ field: "name", code: "name_taken" }] });
    }
    await read(asMember("PATCH", `/v1/own-statuses/${made.id}`, { is_archived: true }), 200);
    await read(asMember("POST", "/v1/own-statuses", { name: "Склад перевірено" }), 201);
    expect((await asMember("PATCH", `/v1/own-statuses/${made.id}`, { is_archived: false })).status).toBe(400);
  });

  test("what the mapping made stands in the directory; a rename shows in the mapping; what is chosen cannot be archived", async () => {
    const paid = (await directory()).find(({ name }) => name === "Оплачено");
    expect(paid).toBeDefined();
    await read(asMember("PATCH", `/v1/own-statuses/${paid?.id}`, { name: "Сплачено" }), 200);
    expect((await mapping()).data.find(({ outcome }) => outcome === "paid")?.own_status?.name).toBe("Сплачено");
    const archived = await asMember("PATCH", `/v1/own-statuses/${paid?.id}`, { is_archived: true });
    expect(await read(Promise.resolve(archived), 409)).toMatchObject({ code: "status_in_use" });
    await read(asMember("PATCH", `/v1/own-statuses/${paid?.id}`, { name: "Оплачено" }), 200);
  });
});

describe("an invoice takes the status", () => {
  test("[R11] of 'paid' after a successful capture, with the paid amount, and shows it everywhere", async () => {
    await setCaptureMode(shop, "manual");
    const { owed, attemptId } = await begin();
    await act(attemptId, { action: "pay" });
    await tellOf(attemptId);
    expect(await readInvoice(owed.id)).toMatchObject({ own_status: { name: "На підтвердженні" }, paid: { minor: 0 } });
    await read(asMember("POST", `/v1/attempts/${attemptId}/capture`, {}), 200);
    const paid = await readInvoice(owed.id);
    expect(paid).toMatchObject({
      state: "paid",
      own_status: { name: "Оплачено", tone: "good" },
      outcome: { name: "paid", reason: null },
      paid: { minor: 24_990 },
    });
    await tellOf(attemptId);
    expect((await lines(owed.id)).map(([name]) => name)).toEqual(["На підтвердженні", "Оплачено"]);
    const found = await json<{ data: { id: string }[] }>(
      "public",
      "GET",
      `/v1/invoices?own_status=${paid.own_status?.id}`,
      { key: shop.apiKey },
    );
    expect(found.data.map(({ id }) => id)).toEqual([owed.id]);
  });

  test("[R13] of 'rejected by manager' when a member lets the hold go, with who pressed", async () => {
    await setCaptureMode(shop, "manual");
    const { owed, attemptId } = await begin();
    await act(attemptId, { action: "pay" });
    await tellOf(attemptId);
    await read(asMember("POST", `/v1/attempts/${attemptId}/void`), 200);
    expect(await atUapay(attemptId)).toMatchObject({ paymentStatus: "CANCELED", captured: 0 });
    await tellOf(attemptId);
    expect(await readInvoice(owed.id)).toMatchObject({
      own_status: { name: "Відхилено менеджером" },
      outcome: { name: "rejected", by: member },
    });
    expect((await lines(owed.id)).at(-1)).toEqual(["Відхилено менеджером", member]);
    const entries = await database()
      .select({ actor: auditEntries.actor })
      .from(auditEntries)
      .where(and(eq(auditEntries.merchantId, shop.merchantId), eq(auditEntries.subject, attemptId)));
    expect(entries.map(({ actor }) => actor)).toContain(member);
  });

  test("[R16] of a successful refund only after the processor's success: a refused one leaves it paid", async () => {
    await setCaptureMode(shop, "automatic");
    const { owed, attemptId } = await begin();
    await act(attemptId, { action: "pay" });
    await tellOf(attemptId);
    expect((await readInvoice(owed.id)).own_status?.name).toBe("Оплачено");
    const refund = () => asMember("POST", "/v1/refunds", { attempt_id: attemptId });
    await sandbox("POST", "/control/uapay/faults", {
      fault: "operation_refused",
      reference: attemptId,
      operation: "reverse",
    });
    await read(refund(), 201);
    expect((await readInvoice(owed.id)).own_status?.name).toBe("Оплачено");
    await runDue();
    expect((await readInvoice(owed.id)).own_status?.name).toBe("Оплачено");
    await read(refund(), 201);
    await runDue();
    expect(await readInvoice(owed.id)).toMatchObject({
      own_status: { name: "Успішне повернення" },
      outcome: { name: "refunded" },
      paid: { minor: 0 },
    });
    expect((await lines(owed.id)).map(([name]) => name)).toEqual(["Оплачено", "Успішне повернення"]);
  });

  test("[R17] of 'cancelled' when something goes wrong, and the reason is kept; a later payment still counts", async () => {
    await setCaptureMode(shop, "automatic");
    const { owed, attemptId } = await begin();
    await act(attemptId, { action: "pay", card: "4000000000009995" });
    await tellOf(attemptId);
    const wrong = await readInvoice(owed.id);
    expect(wrong).toMatchObject({
      state: "open",
      own_status: { name: "Скасовано" },
      outcome: { name: "cancelled", by: "processor:uapay" },
    });
    expect(wrong.outcome?.reason).toBeTruthy();
    const again = await json<{ attempt_id: string }>(
      "inside",
      "POST",
      `/payer/${(owed.link ?? "").split("/").at(-1)}/attempts`,
      { body: { connection_id: shop.connectionId, method: "card", locale: "en" } },
    );
    await act(again.attempt_id, { action: "pay" });
    await tellOf(again.attempt_id);
    expect(await readInvoice(owed.id)).toMatchObject({ own_status: { name: "Оплачено" }, outcome: { reason: null } });
    const dropped = await invoice(shop, { currency: "UAH" });
    await read(asMember("POST", `/v1/invoices/${dropped.id}/cancel`), 200);
    expect(await readInvoice(dropped.id)).toMatchObject({
      own_status: { name: "Скасовано" },
      outcome: { reason: "cancelled_by_member", by: member },
    });
  });
});
