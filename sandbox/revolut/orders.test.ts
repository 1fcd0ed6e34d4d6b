// Orders from creation to refund, over the API, the payer's page and the control API.
import { describe, expect, it } from "vitest";
import { declineReasons } from "./cards.ts";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();
const { act, advance, call, create, events, plant, press, retrieve, verdict } = client;

describe("a payment on the hosted page", () => {
  it("is created, paid, told and read", async () => {
    const { status, json, reference, headers } = await create({ description: "Factura 77, Iași" });
    expect(status).toBe(201);
    expect(headers.get("request-id")).toMatch(/^[A-Z0-9]{12,13}$/);
    expect(json.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-a[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(json.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(json).toMatchObject({ state: "pending", type: "payment", amount: 7034, outstanding_amount: 7034 });
    expect(json).not.toHaveProperty("payments");
    expect(json.checkout_url).toBe(`${client.origin}/revolut/payment-link/${json.token}`);

    const page = await (await fetch(json.checkout_url)).text();
    expect(page).toContain("Sandbox card page");
    expect(page).toContain("70.34 EUR");
    expect(page).not.toContain("<script");
    for (const reason of declineReasons) expect(page).toContain(`value="${reason}"`);

    const paid = await press(json.checkout_url, { card: "4929420573595709" });
    expect(paid).toMatchObject({ status: 303, location: "https://pay.example.test/r/1?n=2" });
    expect(events()).toEqual(["AUTHORISATION_STARTED", "AUTHORISED", "COMPLETED"]);
    for (const [index, received] of client.received.entries()) {
      expect(await verdict(index)).toBe("verified");
      const { event, ...rest } = JSON.parse(received.body.toString()) as Record<string, string>;
      expect(rest).toEqual({ order_id: json.id, merchant_order_ext_ref: reference });
    }
    const read = await retrieve(json.id);
    expect(read).toMatchObject({ state: "completed", outstanding_amount: 0, amount: 7034 });
    expect(read).not.toHaveProperty("checkout_url");
    expect(read.payments).toMatchObject([{ state: "captured", amount: 7034, settled_amount: 7034 }]);
    expect((await call("GET", `/api/orders/${json.id}/payments`)).json).toMatchObject([{ state: "captured" }]);
    const attempt = await call("GET", `/api/payments/${read.payments[0]?.id}`);
    expect(attempt.json).toMatchObject({ order_id: json.id, state: "captured" });
    await advance(86_400);
    expect((await retrieve(json.id)).payments[0]?.state).toBe("completed");
    expect(await (await fetch(json.checkout_url)).text()).toContain("Payment successful");
  });

  it("stays open after each decline and lists every attempt", async () => {
    const { json } = await create();
    const first = await press(json.checkout_url, { card: "4929573638125985" });
    expect(first.status).toBe(200);
    expect(first.text).toContain("insufficient funds");
    await press(json.checkout_url, { reason: "pick_up_card" });
    await press(json.checkout_url, { reason: "technical_error" });
    await press(json.checkout_url, { outcome: "soft_declined" });
    expect((await retrieve(json.id)).state).toBe("pending");
    expect((await press(json.checkout_url, { card: "5281438801804148" })).status).toBe(303);
    const read = await retrieve(json.id);
    expect(read.payments.map(({ state, decline_reason }) => [state, decline_reason])).toEqual([
      ["declined", "insufficient_funds"],
      ["declined", "pick_up_card"],
      ["failed", "technical_error"],
      ["soft_declined", undefined],
      ["captured", undefined],
    ]);
    const told = ["DECLINED", "DECLINED", "FAILED", "DECLINED", "AUTHORISATION_STARTED", "AUTHORISED", "COMPLETED"];
    expect(events()).toEqual(told);
  });

  it("takes a typed card and says what is wrong with it", async () => {
    const { json } = await create({ redirect_url: undefined });
    const good = { pan: "4929 4205 7359 5709", month: "12", year: "30", cvv: "123", name: "Ion Test" };
    for (const wrong of [{ pan: "4929420573595700" }, { month: "13" }, { year: "20" }, { cvv: "1" }, { name: "Ion" }]) {
      const { status, text } = await press(json.checkout_url, { ...good, ...wrong });
      expect(status).toBe(422);
      expect(text).toContain('role="alert"');
    }
    const paid = await press(json.checkout_url, good);
    expect(paid.status).toBe(200);
    expect(paid.text).toContain("Payment successful");
  });

  it("fails 3-D Secure with its card from the threshold up only", async () => {
    const high = await create({ amount: 3000 });
    await press(high.json.checkout_url, { card: "4242424242424242" });
    const read = await retrieve(high.json.id);
    expect(read.payments).toMatchObject([{ state: "failed", decline_reason: "customer_challenge_failed" }]);
    const low = await create({ amount: 2999 });
    expect((await press(low.json.checkout_url, { card: "4242424242424242" })).status).toBe(303);
  });

  it("asks for 3-D Secure when forced; an attempt left open stays listed on the completed order", async () => {
    const { json } = await create({ enforce_challenge: "forced" });
    const asked = await press(json.checkout_url, { card: "4929420573595709" });
    expect(asked.text).toContain("3-D Secure");
    const [first] = (await retrieve(json.id)).payments;
    expect(first).toMatchObject({
      state: "authentication_challenge",
      authentication_challenge: { type: "three_ds", acs_url: json.checkout_url },
    });
    expect((await call("POST", `/api/orders/${json.id}/cancel`)).json.code).toBe("order_invalid_state");
    await press(`${json.checkout_url}/3ds`, { attempt: first?.id ?? "", answer: "other_card" });
    await press(json.checkout_url, { card: "5281438801804148" });
    const second = (await retrieve(json.id)).payments[1]?.id ?? "";
    expect((await press(`${json.checkout_url}/3ds`, { attempt: second, answer: "pass" })).status).toBe(303);
    const read = await retrieve(json.id);
    expect(read.state).toBe("completed");
    expect(read.payments.map(({ state }) => state)).toEqual(["authentication_challenge", "captured"]);
    // The abandoned step changes nothing once the order is paid, neither by hand nor by time.
    await press(`${json.checkout_url}/3ds`, { attempt: first?.id ?? "", answer: "pass" });
    await advance(900);
    expect((await retrieve(json.id)).state).toBe("completed");
  });

  it("counts a 3-D Secure step that nobody answers as abandoned", async () => {
    const { json } = await create();
    await act(json.id, { action: "challenge" });
    await advance(900);
    const read = await retrieve(json.id);
    expect(read).toMatchObject({ state: "pending", payments: [{ decline_reason: "customer_challenge_abandoned" }] });
    expect(events()).toEqual(["AUTHENTICATION_CHALLENGED", "FAILED"]);
  });

  it("can hang in processing, where it cannot be cancelled, and still end", async () => {
    const { json } = await create();
    const stuck = await press(json.checkout_url, { card: "2223000010479399" });
    expect(stuck.text).toContain("being processed");
    expect((await call("POST", `/api/orders/${json.id}/cancel`)).status).toBe(422);
    await act(json.id, { action: "pay" });
    expect((await retrieve(json.id)).state).toBe("completed");
  });

  it("tells nobody and leads nowhere when the payer leaves", async () => {
    const { json } = await create();
    const page = await (await fetch(json.checkout_url)).text();
    expect(page).toContain(`${json.checkout_url}/leave`);
    expect(await (await fetch(`${json.checkout_url}/leave`)).text()).toContain("You left without paying");
    expect((await retrieve(json.id)).state).toBe("pending");
    expect(events()).toEqual([]);
  });

  it("fails on a page that was opened for another amount", async () => {
    const { json } = await create();
    await call("PATCH", `/api/orders/${json.id}`, { amount: 8000 });
    expect((await press(json.checkout_url, { card: "4929420573595709", amount: "7034 EUR" })).status).toBe(409);
    expect((await press(json.checkout_url, { card: "4929420573595709", amount: "8000 EUR" })).status).toBe(303);
  });
});

describe("the life of an order", () => {
  it("expires unpaid, by default after 30 days", async () => {
    const short = await create({ expire_pending_after: "PT2M" });
    const long = await create();
    await advance(121);
    expect((await retrieve(short.json.id)).state).toBe("failed");
    expect(events()).toEqual(["FAILED"]);
    const late = await fetch(short.json.checkout_url);
    expect([late.status, await late.text()]).toEqual([410, expect.stringContaining("expired")]);
    expect((await press(short.json.checkout_url, { card: "4929420573595709" })).status).toBe(410);
    await advance(30 * 86_400);
    expect((await retrieve(long.json.id)).state).toBe("failed");
  });

  it("expires after the attempt that was under way when its time came", async () => {
    const { json } = await create({ expire_pending_after: "PT1M" });
    await act(json.id, { action: "stick" });
    await advance(61);
    expect((await retrieve(json.id)).state).toBe("processing");
    await act(json.id, { action: "decline" });
    expect((await retrieve(json.id)).state).toBe("failed");
  });

  it("is captured by hand: in part, once, the same amount again without effect", async () => {
    const { json } = await create({ capture_mode: "manual" });
    const capture = (amount?: number) =>
      call("POST", `/api/orders/${json.id}/capture`, amount === undefined ? undefined : { amount });
    expect((await capture()).json.code).toBe("order_invalid_state");
    expect((await press(json.checkout_url, { card: "4929420573595709" })).status).toBe(303);
    expect((await retrieve(json.id)).state).toBe("authorised");
    expect((await capture(0)).status).toBe(400);
    expect((await capture(7035)).status).toBe(422);
    expect((await capture(5000)).json).toMatchObject({ state: "completed", payments: [{ amount: 5000 }] });
    expect((await capture(5000)).status).toBe(200);
    expect((await capture(6000)).status).toBe(422);
    await client.runDue();
    expect(events()).toEqual(["AUTHORISATION_STARTED", "AUTHORISED", "COMPLETED"]);
    const refund = (amount: number) => call("POST", `/api/orders/${json.id}/refund`, { amount, currency: "EUR" });
    expect((await refund(5001)).status).toBe(422);
    expect((await refund(5000)).status).toBe(201);
  });

  it.each([
    ["PT1H", 3600],
    [undefined, 7 * 86_400],
  ])("is released when nobody captures it (%s)", async (cancel_authorised_after, seconds) => {
    const { json } = await create({ capture_mode: "manual", cancel_authorised_after });
    await act(json.id, { action: "pay" });
    await advance(seconds - 10);
    expect((await retrieve(json.id)).state).toBe("authorised");
    await advance(20);
    expect(await retrieve(json.id)).toMatchObject({ state: "cancelled", payments: [{ state: "cancelled" }] });
    expect(events().at(-1)).toBe("CANCELLED");
  });

  it("is cancelled while open, and its page says so", async () => {
    const { json } = await create();
    const cancelled = await call("POST", `/api/orders/${json.id}/cancel`, undefined, { "revolut-api-version": null });
    expect([cancelled.status, cancelled.json.state]).toEqual([200, "cancelled"]);
    expect(await (await fetch(json.checkout_url)).text()).toContain("cancelled");
    expect((await call("POST", `/api/orders/${json.id}/cancel`)).status).toBe(422);
  });

  it("pre-authorises with every card, is raised and captured", async () => {
    const { json } = await create({ capture_mode: "manual", authorisation_type: "pre_authorisation" });
    await press(json.checkout_url, { card: "4532336743874205" });
    const raise = (amount: number) => call("POST", `/api/orders/${json.id}/increment-authorisation`, { amount });
    expect((await raise(7000)).status).toBe(400);
    expect((await raise(9000)).status).toBe(200);
    expect((await call("POST", `/api/orders/${json.id}/capture`, { amount: 9000 })).json.state).toBe("completed");
  });

  it("is updated by the rules of its state", async () => {
    const { json } = await create();
    const update = (body: object) => call("PATCH", `/api/orders/${json.id}`, body);
    expect((await update({ amount: 100, currency: "GBP" })).json).toMatchObject({ amount: 100, currency: "GBP" });
    await act(json.id, { action: "pay" });
    expect((await update({ amount: 200 })).json.code).toBe("order_invalid_state");
    expect((await update({ metadata: { a: "b" } })).json).toMatchObject({ metadata: { a: "b" } });
  });
});

describe("refunds", () => {
  const paid = async () => {
    const made = await create();
    await act(made.json.id, { action: "pay" });
    return made.json.id;
  };
  const refund = (id: string, body: object, headers: Record<string, string> = {}) =>
    call("POST", `/api/orders/${id}/refund`, { currency: "EUR", ...body }, headers);

  it("are orders of their own, first in processing, later completed", async () => {
    const id = await paid();
    const first = await refund(id, { amount: 2000, merchant_order_data: { reference: "refund-1" } });
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({
      type: "refund",
      state: "processing",
      related_order_id: id,
      payments: [{ state: "refund_validated" }],
    });
    expect(first.json).not.toHaveProperty("token");
    expect(await retrieve(id)).not.toHaveProperty("refunded_amount");
    expect((await refund(id, { amount: 5035 })).status).toBe(422);
    await advance(10);
    expect((await retrieve(first.json.id)).payments).toMatchObject([{ state: "completed", settled_amount: -2000 }]);
    expect(await retrieve(id)).toMatchObject({ state: "completed", refunded_amount: 2000 });
    expect(JSON.parse(client.received.at(-1)?.body.toString() ?? "")).toEqual({
      event: "ORDER_COMPLETED",
      order_id: first.json.id,
      merchant_order_ext_ref: "refund-1",
    });
    await act(id, { action: "refund" });
    await act(id, { action: "complete-refund" });
    expect(await retrieve(id)).toMatchObject({ refunded_amount: 7034 });
  });

  it("are refused for other orders, currencies and amounts", async () => {
    const open = await create();
    expect((await refund(open.json.id, { amount: 1 })).json.code).toBe("bad_state");
    const id = await paid();
    expect((await refund(id, { amount: 1, currency: "GBP" })).status).toBe(400);
    expect((await refund(id, { amount: 0 })).status).toBe(400);
    expect((await call("POST", `/api/orders/${id}/refund`, { amount: 1 })).json.code).toBe("validation");
  });

  it("are made once per Idempotency-Key", async () => {
    const id = await paid();
    const headers = { "idempotency-key": "key-1" };
    const [first, again] = [await refund(id, { amount: 5 }, headers), await refund(id, { amount: 5 }, headers)];
    expect(again.json.id).toBe(first.json.id);
    expect((await refund(id, { amount: 6 }, headers)).status).toBe(409);
  });

  it("leave an order behind when they are declined", async () => {
    const id = await paid();
    await plant({ fault: "refund_declined" });
    expect((await refund(id, { amount: 5 })).status).toBe(400);
    const { orders } = (await call("GET", "/api/orders")).json;
    const hidden = orders.find(({ type }) => type === "refund");
    expect(await retrieve(hidden?.id ?? "")).toMatchObject({ payments: [{ state: "declined" }], related_order_id: id });
    expect(await retrieve(id)).not.toHaveProperty("refunded_amount");
  });

  it("of a wallet answer by version when they are declined", async () => {
    const { json } = await create();
    await press(json.checkout_url, { outcome: "wallet" });
    await plant({ fault: "refund_declined", next: 2 });
    expect((await refund(json.id, { amount: 5 })).status).toBe(400);
    const newer = await refund(json.id, { amount: 5 }, { "revolut-api-version": "2026-09-22" });
    expect(newer.status).toBe(200);
    expect(newer.json).toMatchObject({ state: "processing", payments: [{ state: "declined" }] });
  });

  it("can fail later", async () => {
    const id = await paid();
    await plant({ fault: "refund_fails" });
    const made = await refund(id, { amount: 5 });
    expect(made.status).toBe(201);
    await advance(10);
    expect((await retrieve(made.json.id)).payments[0]?.state).toBe("declined");
  });
});
