// Payment links: what is refused, how they are paid, held, refunded, and how they end.
import { describe, expect, it } from "vitest";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();

const receipt = (changes: object = {}): Record<string, unknown> => ({
  amount: "1234.50",
  taxSystemCode: "usn_income",
  Client: { email: "payer@example.test", name: "Пётр Петров" },
  Items: [
    {
      name: "Урок",
      amount: 400,
      quantity: 3,
      vatType: "none",
      paymentMethod: "full_payment",
      paymentObject: "service",
    },
    {
      name: "Учебник",
      amount: "34.50",
      quantity: 1,
      vatType: "vat10",
      paymentMethod: "full_payment",
      paymentObject: "goods",
    },
  ],
  ...changes,
});
const createWithReceipt = (changes: object = {}) =>
  client.call("POST", "/acquiring/v1.0/payments_with_receipt", { Data: client.link(receipt(changes)) });

const refund = (id: string, amount: unknown) =>
  client.call("POST", `/acquiring/v1.0/payments/${id}/refund`, { Data: { amount } });
const capture = (id: string) => client.call("POST", `/acquiring/v1.0/payments/${id}/capture`);

describe("a link that is paid", () => {
  it("goes from CREATED to APPROVED, tells it and leads back", async () => {
    expect((await client.subscribe()).status).toBe(200);
    const made = await client.create({ paymentLinkId: "inv-77", consumerId: "c-1" });
    expect(made.status).toBe(200);
    expect(made.json).toMatchObject({ Links: { self: expect.any(String) }, Meta: { totalPages: 1 } });
    const { operationId, paymentLink } = made.data;
    expect(made.data).toMatchObject({ amount: 1234.5, status: "CREATED", paymentLinkId: "inv-77", ttl: 10_080 });
    expect(await client.operation(operationId)).toMatchObject({ status: "CREATED", Order: [] });

    const back = await client.payOnPage(paymentLink, "card", { outcome: "pay" });
    expect(back).toMatchObject({ status: 303, location: "https://pay.example.test/r/1?n=2" });
    expect(await client.operation(operationId)).toMatchObject({
      status: "APPROVED",
      paymentType: "card",
      paidAt: expect.stringMatching(/\+03:00$/),
      Order: [{ type: "approval", amount: 1234.5 }],
    });
    expect(client.received).toHaveLength(1);
    const told = await client.claims(0);
    expect(told).toMatchObject({ verdict: "verified", header: '{"typ":"JWT","alg":"RS256"}' });
    expect(told.claims).toEqual({
      webhookType: "acquiringInternetPayment",
      customerCode: client.codes[0],
      amount: "1234.5",
      purpose: "Курс английского",
      operationId,
      paymentType: "card",
      status: "APPROVED",
      merchantId: client.shops["С кассой"].merchantId,
      paymentLinkId: "inv-77",
      consumerId: "c-1",
    });
    expect(told.text).toContain('"purpose": "\\u041a');
    expect(client.received[0]?.headers["content-type"]).toBe("text/plain");
  });

  it.each(["sbp", "tinkoff", "dolyame"])("by %s says so", async (method) => {
    await client.subscribe();
    const { data } = await client.create();
    expect((await client.payOnPage(data.paymentLink, method, { outcome: "pay" })).status).toBe(303);
    const paid = await client.operation(data.operationId);
    expect(paid).toMatchObject({ status: "APPROVED", paymentType: method });
    const { claims } = await client.claims(0);
    expect(claims).toMatchObject({ status: "APPROVED", paymentType: method });
    if (method === "sbp") {
      expect(claims).toMatchObject({
        transactionId: paid.transactionId,
        qrcId: expect.stringMatching(/^AD.{30}$/),
        payerName: expect.any(String),
      });
      expect(client.received).toHaveLength(1);
    } else {
      expect(claims).not.toHaveProperty("qrcId");
    }
  });

  it("by SBP in the payer's own bank application", async () => {
    await client.subscribe();
    const { data } = await client.create({ paymentMode: ["sbp"] });
    const { text } = await client.page(data.paymentLink);
    const payload = (/href="([^"]*\/tochka\/qr\/[^"]*)"/.exec(text)?.[1] ?? "").replaceAll("&amp;", "&");
    expect(await client.press(payload, { bank: "Банк Пример", answer: "confirm" })).toMatchObject({ status: 200 });
    expect((await client.operation(data.operationId)).status).toBe("CREATED");
    await client.advance(5);
    expect(await client.operation(data.operationId)).toMatchObject({ status: "APPROVED", paymentType: "sbp" });
    expect((await client.claims(0)).verdict).toBe("verified");
  });

  it("waits for instalments as WAIT_FULL_PAYMENT until the rest arrives", async () => {
    await client.subscribe();
    const { data } = await client.create();
    await client.payOnPage(data.paymentLink, "dolyame", { outcome: "wait" });
    expect((await client.operation(data.operationId)).status).toBe("WAIT_FULL_PAYMENT");
    expect(client.received).toHaveLength(0);
    await client.act(data.operationId, { action: "pay", method: "dolyame" });
    expect((await client.operation(data.operationId)).status).toBe("APPROVED");
    expect(client.received).toHaveLength(1);
  });
});

describe("a link that is not paid", () => {
  it("stays CREATED after a decline, tells nobody, and can be paid later", async () => {
    await client.subscribe();
    const { data } = await client.create();
    const failed = await client.payOnPage(data.paymentLink, "card", { decline: "INSUFFICIENT_FUNDS" });
    expect(failed.location).toBe("https://pay.example.test/f/1");
    expect(await client.operation(data.operationId)).toMatchObject({ status: "CREATED", Order: [] });
    expect((await client.operation(data.operationId)).paymentType).toBeUndefined();
    expect(client.received).toHaveLength(0);
    expect((await client.page(`${data.paymentLink}&method=card`)).text).toContain("INSUFFICIENT_FUNDS");
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    expect((await client.operation(data.operationId)).status).toBe("APPROVED");
  });

  it("shows an error after an hour on the form, opens afresh, and expires silently", async () => {
    await client.subscribe();
    const { data } = await client.create({ ttl: 180 });
    const { text } = await client.page(`${data.paymentLink}&method=card`);
    const opened = /name="opened" value="(\d+)"/.exec(text)?.[1] ?? "";
    const uuid = new URL(data.paymentLink).searchParams.get("uuid") ?? "";
    await client.advance(3601);
    const form = { uuid, opened, method: "card", outcome: "pay" };
    expect((await client.press(`${client.origin}/tochka/order/`, form)).status).toBe(410);
    expect((await client.operation(data.operationId)).status).toBe("CREATED");
    expect((await client.page(`${data.paymentLink}&method=card`)).status).toBe(200);
    await client.advance(7200);
    expect((await client.operation(data.operationId)).status).toBe("EXPIRED");
    expect((await client.page(data.paymentLink)).status).toBe(410);
    const late = { ...form, opened: String(await client.now()) };
    expect((await client.press(`${client.origin}/tochka/order/`, late)).status).toBe(410);
    expect(client.received).toHaveLength(0);
  });

  it("offers only the modes it was made with, without scripts, and goes straight to a single one", async () => {
    const { data: both } = await client.create({ paymentMode: ["card", "tinkoff"] });
    const { text } = await client.page(both.paymentLink);
    expect(text).toContain("method=card");
    expect(text).toContain("method=tinkoff");
    expect(text).not.toContain("method=sbp");
    expect(text).not.toContain("<script");
    expect(text).toContain("width=device-width");
    const uuid = new URL(both.paymentLink).searchParams.get("uuid") ?? "";
    const form = { uuid, opened: String(await client.now()), method: "sbp", outcome: "pay" };
    expect((await client.press(`${client.origin}/tochka/order/`, form)).status).toBe(422);
    const { data: one } = await client.create({ paymentMode: ["card"] });
    expect((await client.page(one.paymentLink)).text).toContain('name="method" value="card"');
    expect((await client.page(`${client.origin}/tochka/order/?uuid=nobody`)).status).toBe(404);
  });

  it("is never paid twice", async () => {
    await client.subscribe();
    const { data } = await client.create();
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    const uuid = new URL(data.paymentLink).searchParams.get("uuid") ?? "";
    const again = { uuid, opened: String(await client.now()), method: "card", outcome: "pay" };
    expect((await client.press(`${client.origin}/tochka/order/`, again)).text).toContain("Оплачено");
    expect(client.received).toHaveLength(1);
    expect((await client.operation(data.operationId)).Order).toHaveLength(1);
  });
});

describe("what a link may say", () => {
  it.each([
    ["customerCode", { customerCode: "30012" }],
    ["amount", { amount: 0 }],
    ["amount", { amount: 10.005 }],
    ["amount", { amount: "ten" }],
    ["purpose", { purpose: "" }],
    ["purpose", { purpose: "x".repeat(141) }],
    ["paymentMode", { paymentMode: [] }],
    ["paymentMode", { paymentMode: ["cash"] }],
    ["redirectUrl", { redirectUrl: "no address" }],
    ["failRedirectUrl", { failRedirectUrl: `https://a.example.test/${"x".repeat(2083)}` }],
    ["merchantId", { merchantId: "123" }],
    ["merchantId", { merchantId: undefined }],
    ["preAuthorization", { preAuthorization: "yes" }],
    ["ttl", { ttl: 0 }],
    ["ttl", { ttl: 44_641 }],
    ["paymentLinkId", { paymentLinkId: "x".repeat(46) }],
  ])("refuses a wrong %s and names it", async (field, change) => {
    const { status, json } = await client.create(change);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: "400", id: expect.any(String), Errors: [{ errorCode: "Validation Error" }] });
    expect(json.Errors[0].message).toMatch(new RegExp(`^Field Data\\.${field}\\S* : `));
  });

  it("takes the limits themselves, text for an amount, and ignores what it does not know", async () => {
    const change = { purpose: "я".repeat(140), paymentLinkId: "x".repeat(45), ttl: 44_640, amount: "0.01", karma: [1] };
    expect(await client.create(change)).toMatchObject({ status: 200, data: { amount: 0.01 } });
  });

  it("must stand flat in Data", async () => {
    const path = "/acquiring/v1.0/payments";
    expect((await client.call("POST", path, client.link())).json.Errors[0].message).toBe("Field Data : field required");
    expect((await client.call("POST", path, { Data: { Operation: [client.link()] } })).status).toBe(400);
    expect((await client.call("POST", path, "{")).status).toBe(400);
  });

  it("lets the only shop of a company be left out", async () => {
    const own = { customerCode: client.codes[1], merchantId: undefined };
    expect((await client.create(own)).data.merchantId).toMatch(/^\d{15}$/);
  });

  it("refuses strangers' companies and shops with 403", async () => {
    const other = await client.control("POST", "/control/tochka/users", {});
    for (const change of [
      { customerCode: other.companies[0].customerCode },
      { merchantId: other.retailers[0].merchantId },
      { merchantId: "200000000099999" },
      { customerCode: client.codes[2], merchantId: undefined },
    ]) {
      expect(await client.create(change)).toMatchObject({
        status: 403,
        json: { Errors: [{ message: "Forbidden by consent" }] },
      });
    }
  });

  it.each(["Отключён", "Отправлен", "Создан", "Терминал создан", "Файл отправлен", "Закрыт"])(
    "refuses the shop %s",
    async (name) => {
      const { status, json } = await client.create({ merchantId: client.shops[name].merchantId });
      expect(status).toBe(400);
      expect(json.Errors[0].message).toContain("merchantId");
    },
  );

  it("refuses a mode that the shop does not have, whole", async () => {
    const change = { merchantId: client.shops["Без Долями"].merchantId };
    const { status, json } = await client.create(change);
    expect(status).toBe(400);
    expect(json.Errors[0].message).toMatch(/paymentMode.*dolyame/);
    expect((await client.create({ ...change, paymentMode: ["card"] })).status).toBe(200);
  });

  it("refuses a paymentLinkId a second time with 424, and the first is listed", async () => {
    const first = await client.create({ paymentLinkId: "twice" });
    expect((await client.create({ paymentLinkId: "twice" })).status).toBe(424);
    const today = new Date((await client.now()) + 10_800_000).toISOString().slice(0, 10);
    const query = `customerCode=${client.codes[0]}&fromDate=${today}&toDate=${today}`;
    const { data } = await client.call("GET", `/acquiring/v1.0/payments?${query}`);
    const found = data.Operation.filter((one: { paymentLinkId: string }) => one.paymentLinkId === "twice");
    expect(found.map((one: { operationId: string }) => one.operationId)).toEqual([first.data.operationId]);
  });

  it("is numbered by the bank when it says nothing", async () => {
    expect((await client.create({ paymentLinkId: undefined })).data.paymentLinkId).toMatch(/^\d+$/);
  });
});

describe("a link with a receipt", () => {
  it("echoes it, and the register has it once money moved", async () => {
    const { status, data } = await createWithReceipt({ paymentLinkId: "fiscal" });
    expect(status).toBe(200);
    expect(data).toMatchObject({
      customerCode: client.codes[0],
      taxSystemCode: "usn_income",
      Client: { email: "payer@example.test" },
      Items: [
        { name: "Урок", amount: 400, quantity: 3, measure: "шт." },
        { name: "Учебник", amount: 34.5 },
      ],
    });
    const receipts = () => client.control("GET", "/control/tochka/receipts?paymentLinkId=fiscal");
    expect(await receipts()).toMatchObject([{ state: "waiting", issuedAt: null }]);
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    expect(await receipts()).toMatchObject([
      {
        state: "issued",
        taxSystemCode: "usn_income",
        Client: { email: "payer@example.test", name: "Пётр Петров" },
        Items: [{ vatType: "none", amount: 400 }, { vatType: "vat10" }],
      },
    ]);
    expect(await client.operation(data.operationId)).toMatchObject({ taxSystemCode: "usn_income" });
  });

  it("needs a register at the shop", async () => {
    const refused = await createWithReceipt({ merchantId: client.shops["Без кассы"].merchantId });
    expect(refused.status).toBe(400);
    expect(refused.json.Errors[0].message).toContain("fiscalization");
  });

  const item = { name: "Урок", amount: 1234.5, quantity: 1 };
  it.each([
    ["Client", { Client: undefined }],
    ["Client.email", { Client: { name: "Пётр" } }],
    ["Client.email", { Client: { email: "nobody" } }],
    ["Items", { Items: [] }],
    ["Items.0.name", { Items: [{ ...item, name: "x".repeat(257) }] }],
    ["Items.0.quantity", { Items: [{ ...item, quantity: 0 }] }],
    ["Items.0.vatType", { Items: [{ ...item, vatType: "vat20" }] }],
    ["Items.0.vatType", { Items: [{ ...item, vatType: "vat120" }] }],
    ["Items.0.paymentMethod", { Items: [{ ...item, paymentMethod: "advance" }] }],
    ["Items.0.paymentObject", { Items: [{ ...item, paymentObject: "commodity" }] }],
    ["Items.0.measure", { Items: [{ ...item, measure: "шт" }] }],
    [
      "Items.0.Supplier.taxCode",
      { Items: [{ ...item, Supplier: { phone: "+79990001122", name: "П", taxCode: "1" } }] },
    ],
    ["taxSystemCode", { taxSystemCode: "envd" }],
    ["amount", { Items: [{ ...item, amount: 1234.49 }] }],
  ])("refuses a wrong %s and names it", async (field, change) => {
    const { status, json } = await createWithReceipt(change);
    expect(status).toBe(400);
    expect(json.Errors[0].message).toContain(`Field Data.${field} : `);
  });

  it("need not add up when that is switched off", async () => {
    await client.options({ itemsMustAddUp: false });
    expect((await createWithReceipt({ Items: [{ ...item, amount: 1 }] })).status).toBe(200);
  });
});

describe("reading", () => {
  it("answers 424 for an operation that nobody made, 403 for a stranger's", async () => {
    expect((await client.call("GET", "/acquiring/v1.0/payments/0c1c5f2e-0000-4000-8000-000000000000")).status).toBe(
      424,
    );
    const { data } = await client.create();
    const [code] = client.codes;
    await client.control("POST", `/control/tochka/consents/${client.consentId}/revoke`, { customerCode: code });
    expect((await client.call("GET", `/acquiring/v1.0/payments/${data.operationId}`)).status).toBe(403);
  });

  it("lists by day, status and page", async () => {
    for (let i = 0; i < 3; i++) await client.create();
    const { data } = await client.create();
    await client.act(data.operationId, { action: "pay", method: "card" });
    const list = (query: string) =>
      client.call("GET", `/acquiring/v1.0/payments?customerCode=${client.codes[0]}&${query}`);
    expect((await list("status=APPROVED")).data.Operation).toHaveLength(1);
    const paged = await list("page=2&perPage=3");
    expect(paged.data.Operation).toHaveLength(1);
    expect(paged.json.Meta.totalPages).toBe(2);
    expect((await list("toDate=2020-01-01")).data.Operation).toHaveLength(0);
    for (const wrong of ["fromDate=01.02.2026", "status=PAID", "page=0"]) expect((await list(wrong)).status).toBe(400);
    expect((await client.call("GET", "/acquiring/v1.0/payments")).json.Errors[0].message).toContain("customerCode");
  });

  it("keeps today's cards out of the registry until the next day", async () => {
    const { data } = await client.create();
    await client.act(data.operationId, { action: "pay", method: "card" });
    const date = new Date((await client.now()) + 10_800_000).toISOString().slice(0, 10);
    const { merchantId } = client.shops["С кассой"];
    const path = `/acquiring/v1.0/registry?customerCode=${client.codes[0]}&merchantId=${merchantId}&date=${date}`;
    expect((await client.call("GET", path)).data.Registry).toEqual([]);
    await client.advance(86_000);
    await client.control("POST", `/control/tochka/clients/${client.clientId}/connect`, {});
    await client.advance(300);
    const token = (await client.control("POST", `/control/tochka/clients/${client.clientId}/connect`, {})).accessToken;
    await client.advance(100);
    expect((await client.call("GET", path, undefined, token)).data.Registry).toMatchObject([
      {
        paymentType: "card",
        totalAmount: 1234.5,
        payments: [{ operationId: data.operationId, commission: 30.86, enrollmentAmount: 1203.64 }],
      },
    ]);
  });
});

describe("two stages", () => {
  it("tell AUTHORIZED and then APPROVED, once each", async () => {
    await client.subscribe();
    const { data } = await client.create({ preAuthorization: true });
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    expect(await client.operation(data.operationId)).toMatchObject({
      status: "AUTHORIZED",
      Order: [{ type: "authorized", amount: 1234.5 }],
    });
    expect((await capture(data.operationId)).data).toEqual({ result: true });
    await client.runDue();
    const told = [await client.claims(0), await client.claims(1)].map(({ claims }) => claims);
    expect(told).toMatchObject([
      { operationId: data.operationId, status: "AUTHORIZED" },
      { operationId: data.operationId, status: "APPROVED" },
    ]);
    expect((await capture(data.operationId)).status).toBe(400);
    expect(await client.operation(data.operationId)).toMatchObject({
      status: "APPROVED",
      Order: [{}, { type: "approval" }],
    });
  });

  it("are not for SBP: approved at once", async () => {
    const { data } = await client.create({ preAuthorization: true });
    await client.payOnPage(data.paymentLink, "sbp", { outcome: "pay" });
    expect((await client.operation(data.operationId)).status).toBe("APPROVED");
  });

  it("lapse silently, and cannot be captured then nor before", async () => {
    await client.subscribe();
    await client.options({ holdSeconds: 7200 });
    const { data } = await client.create({ preAuthorization: true });
    expect((await capture(data.operationId)).status).toBe(400);
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    await client.advance(7201);
    expect((await client.operation(data.operationId)).status).toBe("EXPIRED");
    expect((await capture(data.operationId)).status).toBe(400);
    expect(client.received).toHaveLength(1);
  });
});

describe("refunds", () => {
  async function paid(): Promise<string> {
    await client.subscribe();
    const { data } = await client.create();
    await client.act(data.operationId, { action: "pay", method: "card" });
    client.received.length = 0;
    return data.operationId;
  }

  it("pass through ON-REFUND to REFUNDED with a row, and tell nobody", async () => {
    const id = await paid();
    const { data } = await refund(id, 1234.5);
    expect(data).toEqual({
      isRefund: true,
      operationId: id,
      amount: 1234.5,
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
      orderId: expect.any(String),
    });
    expect((await client.operation(id)).status).toBe("ON-REFUND");
    expect((await refund(id, 1)).status).toBe(400);
    await client.advance(6);
    expect(await client.operation(id)).toMatchObject({
      status: "REFUNDED",
      Order: [{ type: "approval" }, { type: "refund", amount: 1234.5, orderId: data.orderId }],
    });
    expect(client.received).toHaveLength(0);
  });

  it("in part end as REFUNDED_PARTIALLY; a second is refused, or allowed by a switch up to the rest", async () => {
    const id = await paid();
    await refund(id, "234.50");
    await client.advance(6);
    expect((await client.operation(id)).status).toBe("REFUNDED_PARTIALLY");
    expect((await refund(id, 1)).status).toBe(400);
    await client.options({ secondRefund: "allowed" });
    expect((await refund(id, 1000.01)).status).toBe(400);
    expect((await refund(id, 1000)).status).toBe(200);
    await client.advance(6);
    expect((await client.operation(id)).status).toBe("REFUNDED");
  });

  it("are refused above the sum, below it, and where nothing was paid", async () => {
    const id = await paid();
    expect((await refund(id, 1234.51)).json.Errors[0].message).toContain("amount");
    expect((await refund(id, 0)).status).toBe(400);
    expect((await client.operation(id)).status).toBe("APPROVED");
    const { data } = await client.create();
    expect((await refund(data.operationId, 1)).status).toBe(400);
  });

  it("may be answered with isRefund false, stick, or fail later", async () => {
    const id = await paid();
    await client.plant("refund_refused");
    expect((await refund(id, 10)).data.isRefund).toBe(false);
    expect((await client.operation(id)).status).toBe("APPROVED");
    await client.plant("refund_fails");
    expect((await refund(id, 10)).data.isRefund).toBe(true);
    await client.advance(6);
    expect(await client.operation(id)).toMatchObject({ status: "APPROVED", Order: [{ type: "approval" }] });
    await client.plant("refund_stuck");
    await refund(id, 10);
    await client.advance(54_000);
    expect((await client.operation(id)).status).toBe("ON-REFUND");
    await client.act(id, { action: "complete-refund" });
    expect((await client.operation(id)).status).toBe("REFUNDED_PARTIALLY");
  });

  it("run though the answer is lost", async () => {
    const id = await paid();
    await client.plant("answer_lost", { operation: "refund" });
    await expect(refund(id, 10)).rejects.toThrow();
    expect((await client.operation(id)).status).toBe("ON-REFUND");
    await client.advance(6);
    expect((await client.operation(id)).Order).toMatchObject([{}, { type: "refund", amount: 10 }]);
  });

  it("may be made in the bank's cabinet", async () => {
    const id = await paid();
    await client.act(id, { action: "refund", amount: "34.50" });
    await client.advance(6);
    expect((await client.operation(id)).Order).toMatchObject([{}, { type: "refund", amount: 34.5 }]);
  });
});
