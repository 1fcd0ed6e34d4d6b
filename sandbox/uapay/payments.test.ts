// Money at UAPAY: paid, held, captured in part, voided, given back, run out; the payer's page.
import { describe, expect, it } from "vitest";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();
const { act, advance, call, create, move, options, plant, press, runDue, show, shown, told, words } = client;

const refused = (reply: { json: { error?: { code: string } } }) => reply.json.error?.code;

describe("one step", () => {
  it("is FINISHED at once, with the card's first six and last four digits, and the invoice is spent", async () => {
    const { id } = await create();
    expect((await act(id, { action: "pay" })).result).toBe("FINISHED");
    const seen = await show(id);
    expect(seen.invoiceStatus).toBe("INACTIVE");
    expect(seen.payments).toEqual([
      {
        invoiceId: id,
        paymentId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        number: expect.any(Number),
        receiptId: expect.any(String),
        amount: 1999,
        commission: 0,
        currency: 980,
        cardFromMasked: "4111111111",
        cardToMasked: null,
        cardFromId: expect.any(String),
        cardToId: null,
        sendOperationId: null,
        status: "FINISHED",
        paymentStatus: "FINISHED",
        responseCode: "00",
        createdAt: expect.stringMatching(/Z$/),
        updatedAt: expect.stringMatching(/Z$/),
        paidAt: expect.stringMatching(/Z$/),
        reversedAt: null,
      },
    ]);
    await expect(act(id, { action: "pay" })).rejects.toThrow("409");
  });

  it("is PAYED before, where settling takes time", async () => {
    await options({ settleSeconds: 600 });
    const { id } = await create();
    await act(id, { action: "pay" });
    expect(await words(id)).toEqual(["PAID/PAYED"]);
    expect(told()).toEqual([]);
    await advance(601);
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
    expect(told()).toEqual(["FINISHED"]);
  });

  it.each(["responseCode", "bankResponseCode", "errorCode", "code"])("shows the bank's code as %s", async (field) => {
    await options({ bankCodeField: field });
    const { id } = await create();
    expect((await act(id, { action: "decline", code: "51" })).result).toBe("REJECTED");
    expect((await show(id)).payments[0]).toMatchObject({ paymentStatus: "REJECTED", [field]: "51" });
  });

  it("shows no code where there is none", async () => {
    const { id } = await create();
    await act(id, { action: "decline", code: "none" });
    expect((await show(id)).payments[0]).not.toHaveProperty("responseCode");
    await options({ bankCodeField: "none" });
    const other = await create();
    await act(other.id, { action: "decline", code: "51" });
    expect(JSON.stringify(await show(other.id))).not.toContain('"51"');
  });

  it("spends its invoice by a failure, so that another try needs a new one", async () => {
    const { id } = await create();
    await act(id, { action: "decline" });
    expect((await show(id)).invoiceStatus).toBe("INACTIVE");
    await expect(act(id, { action: "pay" })).rejects.toThrow("409");
    const next = await create();
    await act(next.id, { action: "pay" });
    expect(await words(next.id)).toEqual(["FINISHED/FINISHED"]);
  });
});

describe("several payments under one invoice", () => {
  it("come of tries, where the shop allows them, and only one can be good", async () => {
    await options({ retrySameInvoice: true });
    const { id } = await create();
    await act(id, { action: "decline", code: "05" });
    await act(id, { action: "abandon" });
    await act(id, { action: "pay" });
    expect(await words(id)).toEqual(["CANCELED/REJECTED", "CANCELED/CANCELED", "FINISHED/FINISHED"]);
    await expect(act(id, { action: "pay" })).rejects.toThrow("409");
  });

  it("come of a reusable invoice, with failed ones first where the shop is so", async () => {
    const { id } = await create({ reusability: true });
    await act(id, { action: "pay" });
    await act(id, { action: "decline" });
    await act(id, { action: "pay" });
    const good = "FINISHED/FINISHED";
    expect(await words(id)).toEqual([good, "CANCELED/REJECTED", good]);
    expect((await show(id)).invoiceStatus).toBe("ACTIVE");
    await options({ rejectedFirst: true });
    expect(await words(id)).toEqual(["CANCELED/REJECTED", good, good]);
  });

  it("are told and refunded one by one", async () => {
    const { id } = await create({ reusability: true });
    await act(id, { action: "pay" });
    await act(id, { action: "pay" });
    const [first] = (await show(id)).payments;
    const done = await call("invoicer/payments/reverse", { paymentId: first?.paymentId, invoiceId: id });
    expect(done.claims).toEqual({ paymentId: first?.paymentId, iat: expect.any(String) });
    expect(await words(id)).toEqual(["REVERSED/REVERSED", "FINISHED/FINISHED"]);
  });
});

describe("two steps", () => {
  const held = async () => {
    const made = await create({ type: "HOLD", amount: 10_001 });
    await act(made.id, { action: "pay" });
    return made.id;
  };

  it("hold, and take all", async () => {
    const id = await held();
    expect(await words(id)).toEqual(["PAID/HOLDED"]);
    const done = await move("complete", id);
    expect(done.claims).toEqual({ paymentId: expect.any(String), iat: expect.any(String) });
    expect((await show(id)).payments[0]).toMatchObject({ amount: 10_001, paymentStatus: "FINISHED" });
    await runDue();
    expect(told()).toEqual(["HOLDED", "FINISHED"]);
  });

  it("take less than was held, never more, to the kopeck", async () => {
    const id = await held();
    expect(refused(await move("complete", id, { amount: 10_002 }))).toBe("NOT_ALLOWED");
    expect(refused(await move("complete", id, { amount: 10.5 }))).toBe("FORMAT_ERROR");
    expect(refused(await move("complete", id, { amount: "5000" }))).toBe("FORMAT_ERROR");
    expect(refused(await move("complete", id, { amount: 0 }))).toBe("FORMAT_ERROR");
    expect(await words(id)).toEqual(["PAID/HOLDED"]);
    await move("complete", id, { amount: 9999 });
    expect((await show(id)).payments[0]).toMatchObject({ amount: 9999, paymentStatus: "FINISHED" });
    expect((await shown(id)).payments[0]).toMatchObject({ held: 10_001, captured: 9999 });
  });

  it("do not see a sum in the wrong place: complete takes all, reverse gives all", async () => {
    const id = await held();
    await move("complete", id, {}, { amount: 100 });
    expect((await shown(id)).payments[0]).toMatchObject({ captured: 10_001 });
    await move("reverse", id, { amount: 100 });
    expect((await shown(id)).payments[0]).toMatchObject({ refunded: 10_001, paymentStatus: "REVERSED" });
  });

  it("are voided", async () => {
    const id = await held();
    expect((await move("cancel", id)).claims?.paymentId).toEqual(expect.any(String));
    expect(await words(id)).toEqual(["CANCELED/CANCELED"]);
    await runDue();
    expect(told()).toEqual(["HOLDED", "CANCELED"]);
  });

  it("refuse a second capture or void, a refund of what is only held, and both on what was paid at once", async () => {
    const id = await held();
    expect(refused(await move("reverse", id))).toBe("NOT_ALLOWED");
    await move("complete", id);
    for (const kind of ["complete", "cancel"]) expect(refused(await move(kind, id))).toBe("NOT_ALLOWED");
    const voided = await held();
    await move("cancel", voided);
    for (const kind of ["complete", "cancel", "reverse"]) expect(refused(await move(kind, voided))).toBe("NOT_ALLOWED");
    const paid = await create();
    await act(paid.id, { action: "pay" });
    for (const kind of ["complete", "cancel"]) expect(refused(await move(kind, paid.id))).toBe("NOT_ALLOWED");
  });

  it("give the money back by themselves when the time is over", async () => {
    const id = await held();
    await advance(7 * 86_400 - 5);
    await client.openSession(client.shop);
    expect(await words(id)).toEqual(["PAID/HOLDED"]);
    await advance(6);
    expect(await words(id)).toEqual(["REVERSED/REVERSED"]);
    expect(told()).toEqual(["HOLDED", "REVERSED"]);
    expect(refused(await move("complete", id))).toBe("NOT_ALLOWED");
  });

  it("are held as long as the shop's option says, or until a button", async () => {
    await options({ holdSeconds: 100 });
    const id = await held();
    await advance(101);
    expect(await words(id)).toEqual(["REVERSED/REVERSED"]);
    const other = await held();
    expect((await act(other, { action: "release" })).result).toBe("REVERSED");
  });

  it("can be done in the cabinet", async () => {
    const id = await held();
    expect((await act(id, { action: "complete", amount: "50.01" })).result).toBe("FINISHED");
    expect((await act(id, { action: "reverse", amount: "0.01" })).result).toBe("FINISHED");
    expect((await shown(id)).payments[0]).toMatchObject({ captured: 5001, refunded: 1 });
    expect((await act(await held(), { action: "cancel" })).result).toBe("CANCELED");
    await expect(act(id, { action: "reverse", amount: "1.001" })).rejects.toThrow("amount");
  });

  it("name what is missing or wrong", async () => {
    const id = await held();
    const paymentId = (await show(id)).payments[0]?.paymentId;
    const complete = async (params: object) =>
      (await call("invoicer/payments/complete", params as Record<string, unknown>)).json.error;
    expect(await complete({ invoiceId: id })).toMatchObject({ fields: { params: { paymentId: "REQUIRED" } } });
    expect(await complete({ paymentId })).toMatchObject({ fields: { params: { invoiceId: "REQUIRED" } } });
    expect(await complete({ paymentId, invoiceId: crypto.randomUUID() })).toMatchObject({ code: "NOT_FOUND" });
    expect(await complete({ paymentId: "x", invoiceId: id })).toMatchObject({ code: "NOT_FOUND" });
    expect(await complete({ paymentId: 7, invoiceId: id })).toMatchObject({
      fields: { params: { paymentId: "INVALID" } },
    });
  });
});

describe("refunds", () => {
  const paid = async () => {
    const { id } = await create();
    await act(id, { action: "pay" });
    return id;
  };

  it("are whole without a sum, once", async () => {
    const id = await paid();
    expect((await move("reverse", id)).claims?.paymentId).toEqual(expect.any(String));
    expect(await words(id)).toEqual(["REVERSED/REVERSED"]);
    expect((await show(id)).payments[0]?.reversedAt).toMatch(/Z$/);
    expect(refused(await move("reverse", id))).toBe("NOT_ALLOWED");
    await runDue();
    expect(told()).toEqual(["FINISHED", "REVERSED"]);
  });

  it("are parts up to what was captured, and the rest without a sum", async () => {
    const id = await paid();
    await move("reverse", id, {}, { amount: 999 });
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
    expect(refused(await move("reverse", id, {}, { amount: 1001 }))).toBe("NOT_ALLOWED");
    expect(refused(await move("reverse", id, {}, { amount: -1 }))).toBe("FORMAT_ERROR");
    await move("reverse", id, {}, { amount: 999 });
    await move("reverse", id);
    expect(await words(id)).toEqual(["REVERSED/REVERSED"]);
    expect((await shown(id)).payments[0]).toMatchObject({ captured: 1999, refunded: 1999 });
  });

  it("may be called otherwise: REVERSED after a part, RETURNED after all", async () => {
    await options({ partialRefundStatus: "REVERSED", refundStatus: "RETURNED" });
    const id = await paid();
    await move("reverse", id, {}, { amount: 1 });
    expect(await words(id)).toEqual(["REVERSED/REVERSED"]);
    await move("reverse", id);
    expect(await words(id)).toEqual(["REVERSED/RETURNED"]);
  });
});

describe("operations that misbehave", () => {
  it.each(["complete", "cancel", "reverse"])("%s is refused with a message, and can be tried again", async (kind) => {
    const { id, externalId } = await create({ type: kind === "reverse" ? "PAY" : "HOLD" });
    await act(id, { action: "pay" });
    const before = await words(id);
    await plant({ fault: "operation_refused", operation: kind, reference: externalId });
    expect((await move(kind, id)).json.error).toMatchObject({ code: "NOT_ALLOWED", message: expect.any(String) });
    expect(await words(id)).toEqual(before);
    expect((await move(kind, id)).claims).toBeDefined();
    expect(await words(id)).not.toEqual(before);
  });

  it.each([
    ["complete", "FINISHED/FINISHED"],
    ["cancel", "CANCELED/CANCELED"],
    ["reverse", "REVERSED/REVERSED"],
  ])("%s succeeds and comes into force later", async (kind, after) => {
    const { id } = await create({ type: kind === "reverse" ? "PAY" : "HOLD" });
    await act(id, { action: "pay" });
    const before = await words(id);
    await plant({ fault: "operation_delayed", operation: kind });
    expect((await move(kind, id)).claims).toBeDefined();
    expect(await words(id)).toEqual(before);
    expect(refused(await move(kind, id))).toBe("NOT_ALLOWED");
    await advance(61);
    expect(await words(id)).toEqual([after]);
    expect(told()).toHaveLength(2);
  });

  it("succeed without any effect", async () => {
    const { id } = await create({ type: "HOLD" });
    await act(id, { action: "pay" });
    await plant({ fault: "operation_idle" });
    expect((await move("complete", id)).claims).toBeDefined();
    await advance(3600);
    expect(await words(id)).toEqual(["PAID/HOLDED"]);
  });
});

describe("other reads", () => {
  it("show a payment by itself, with its receipt", async () => {
    const { id } = await create({ email: "payer@example.test" });
    await act(id, { action: "pay" });
    const paymentId = (await show(id)).payments[0]?.paymentId;
    const { claims } = await call("invoicer/payments/show", { paymentId });
    expect(claims).toMatchObject({
      paymentId,
      invoiceId: id,
      clientId: client.shop.clientId,
      amount: 1999,
      email: "payer@example.test",
      status: "FINISHED",
      paymentStatus: "FINISHED",
      chequeLink: `${client.origin}/uapay/receipts/${paymentId}.pdf`,
    });
    const receipt = await fetch(String(claims?.chequeLink));
    expect(receipt.headers.get("content-type")).toBe("application/pdf");
    expect(await receipt.text()).toMatch(/^%PDF-1\.4.*19\.99 UAH.*%%EOF\n$/s);
    expect(refused(await call("invoicer/payments/show", { paymentId: "x" }))).toBe("NOT_FOUND");
    expect((await fetch(`${client.origin}/uapay/receipts/x.pdf`)).status).toBe(404);
  });

  it("swap the two status names in checkStatus", async () => {
    const { id, page } = await create();
    await act(id, { action: "challenge", how: "3DS" });
    const paymentId = (await show(id)).payments[0]?.paymentId;
    const check = async () => (await call("invoicer/payments/checkStatus", { paymentId, invoiceId: id })).claims;
    expect(await check()).toMatchObject({
      id: paymentId,
      amount: 1999,
      status: "NEEDS_CONFIRMATION",
      paymentStatus: "NEW",
      confirmation: { type: "3DS", confirmationsLeft: 3, url: page, redirect: { params: { id: paymentId } } },
    });
    await act(id, { action: "approve" });
    expect(await check()).toMatchObject({ status: "FINISHED", confirmation: null });
  });

  it("show words that no list has", async () => {
    const { id } = await create();
    await act(id, { action: "pay" });
    await act(id, { action: "status", status: "DREAMT", paymentStatus: "CLOSED", invoiceStatus: "ASLEEP" });
    expect(await words(id)).toEqual(["DREAMT/CLOSED"]);
    expect((await show(id)).invoiceStatus).toBe("ASLEEP");
    expect(told()).toEqual(["FINISHED", "CLOSED"]);
  });
});

describe("the payer's page", () => {
  const open = async (changes: Record<string, unknown> = {}) => {
    const made = await create(changes);
    return { ...made, text: async () => (await fetch(made.page)).text() };
  };

  it("needs no scripts, says what is paid to whom, and fits a phone", async () => {
    const text = await (await open({ description: "Рахунок <77>" })).text();
    expect(text).not.toContain("<script");
    expect(text).toContain('name="viewport"');
    expect(text).toContain("19.99 ₴");
    expect(text).toContain("Рахунок &lt;77&gt;");
  });

  it("takes a test card and leads back by a button, with nothing appended", async () => {
    const { id, page } = await open();
    const form = { pan: "4111 1111 1111 1111", month: "12", year: "30", cvv: "123" };
    const done = await press(page, form);
    expect(done.text).toContain("Оплачено.");
    expect(done.text).toContain(`/uapay/pay/${id}/return`);
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
    const back = await fetch(`${page}/return`, { redirect: "manual" });
    expect([back.status, back.headers.get("location")]).toEqual([303, "https://pay.example.test/r/1?n=2"]);
    // Pressed twice: nothing happens twice.
    await press(page, form);
    expect(await words(id)).toHaveLength(1);
  });

  it("has no way back without redirectUrl", async () => {
    const { page } = await open({ redirectUrl: undefined });
    expect((await press(page, { card: "4111111111111111" })).text).not.toContain("/return");
  });

  it.each([
    ["a mistyped number", { pan: "4111111111111112" }],
    ["a card that has ended", { month: "01", year: "20" }],
    ["no CVV", { cvv: "" }],
  ])("refuses %s before anything begins", async (_name, changes) => {
    const { id, page } = await open();
    const form = { pan: "4111111111111111", month: "12", year: "2030", cvv: "123", ...changes };
    expect((await press(page, form)).status).toBe(422);
    expect(await words(id)).toEqual([]);
  });

  it.each<[string, Record<string, string>, string]>([
    ["hold", { card: "4111111111111111" }, "PAID/HOLDED"],
    ["a bank's code", { code: "54" }, "CANCELED/REJECTED"],
    ["a declined card", { card: "4000000000009995" }, "CANCELED/REJECTED"],
    ["a technical refusal", { outcome: "technical" }, "CANCELED/REJECTED"],
    ["a payer who breaks off", { outcome: "abandon" }, "CANCELED/CANCELED"],
    ["no end at all", { outcome: "pending" }, "NEW/PENDING"],
    ["3-D Secure", { card: "5555555555554444" }, "NEW/NEEDS_CONFIRMATION"],
    ["LOOKUP", { card: "4012888888881881" }, "NEW/NEEDS_CONFIRMATION"],
  ])("offers %s", async (_name, form, end) => {
    const { id, page, text } = await open({ type: "HOLD" });
    await press(page, form);
    expect(await words(id)).toEqual([end]);
    expect(await text()).toContain("Оплата рахунку");
  });

  it.each([
    ["approve", "FINISHED/FINISHED"],
    ["refuse", "CANCELED/REJECTED"],
    ["abandon", "CANCELED/CANCELED"],
  ])("asks for 3-D Secure: %s", async (answer, end) => {
    const { id, page, text } = await open();
    await press(page, { card: "5555555555554444" });
    const payment = /name="payment" value="([^"]+)"/.exec(await text())?.[1] ?? "";
    await press(`${page}/confirm`, { payment, answer });
    expect(await words(id)).toEqual([end]);
    await press(`${page}/confirm`, { payment, answer: "approve" });
    expect(await words(id)).toEqual([end]);
  });

  it("asks for the bank's code, three times at most", async () => {
    const lookup = async () => {
      const made = await open();
      const { text } = await press(made.page, { card: "4012888888881881" });
      const payment = /name="payment" value="([^"]+)"/.exec(text)?.[1] ?? "";
      const code = /Тут він: <strong>(\d{4})</.exec(text)?.[1] ?? "";
      const type = (typed: string) => press(`${made.page}/confirm`, { payment, answer: "code", code: typed });
      return { id: made.id, code, type };
    };
    const right = await lookup();
    expect((await right.type("0000")).status).toBe(422);
    await right.type(right.code);
    expect(await words(right.id)).toEqual(["FINISHED/FINISHED"]);
    const wrong = await lookup();
    for (let i = 0; i < 3; i++) await wrong.type("0000");
    expect(await words(wrong.id)).toEqual(["CANCELED/REJECTED"]);
    expect((await shown(wrong.id)).payments[0]?.confirmation).toBeNull();
  });

  it("refuses a step that nobody answered in time", async () => {
    const { id, page } = await open();
    await press(page, { card: "5555555555554444" });
    await advance(901);
    expect(await words(id)).toEqual(["CANCELED/REJECTED"]);
    expect(told()).toEqual(["REJECTED"]);
  });

  it("lets the payer type the sum when there is none", async () => {
    const { id, page } = await open({ amount: undefined });
    expect((await press(page, { card: "4111111111111111" })).status).toBe(422);
    await press(page, { card: "4111111111111111", amount: "12,05" });
    expect((await show(id)).payments).toMatchObject([{ amount: 1205, paymentStatus: "FINISHED" }]);
  });

  it("ends a stuck payment by a button of the panel", async () => {
    const { id, page } = await open();
    await press(page, { outcome: "pending" });
    await advance(80_000);
    expect(await words(id)).toEqual(["NEW/PENDING"]);
    await act(id, { action: "approve" });
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
  });

  it("knows nothing of strangers", async () => {
    expect((await fetch(`${client.origin}/uapay/pay/${crypto.randomUUID()}`)).status).toBe(404);
  });
});

describe("the panel", () => {
  it("shows invoices, shops and faults, plants by a plain form, and has no scripts", async () => {
    const { id, externalId } = await create({ type: "HOLD" });
    await act(id, { action: "pay" });
    const get = async (path: string) => (await fetch(`${client.origin}${path}`)).text();
    const all = await get("/uapay");
    expect(all).toContain(externalId);
    expect(all).toContain(client.shop.clientId);
    expect(all).not.toContain("<script");
    const one = await get(`/uapay/invoices/${id}`);
    for (const label of ["Capture", "Void", "Hold ends"]) expect(one).toContain(label);
    await press(`${client.origin}/control/uapay/faults`, { fault: "lost", reference: "x", operation: "", next: "2" });
    expect(await get("/uapay")).toContain("lost <span");
    await press(`${client.origin}/control/uapay/invoices/${id}/act`, { action: "complete", amount: "" });
    expect(await words(id)).toEqual(["FINISHED/FINISHED"]);
    const shop = `${client.origin}/control/uapay/shops/${client.shop.clientId}`;
    expect((await press(shop, { "options.errorStatus": "200", "options.holdSeconds": "60" })).status).toBe(303);
    expect(
      (await client.control<{ options: object }>("GET", `/control/uapay/shops/${client.shop.clientId}`)).options,
    ).toMatchObject({ errorStatus: 200, holdSeconds: 60 });
    expect(await get("/")).toContain('href="/uapay"');
  });
});
