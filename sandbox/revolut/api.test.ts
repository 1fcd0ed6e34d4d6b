// What the API refuses, how it lists, and how its faults look to a caller.
import { describe, expect, it } from "vitest";
import { setUpClient } from "./test-client.ts";

const client = setUpClient();
const { act, call, control, create, plant, retrieve } = client;

describe("credentials and versions", () => {
  it.each([
    ["no key", { authorization: null }, 401, "unauthenticated"],
    ["another key", { authorization: "Bearer sk_of_nobody" }, 401, "unauthenticated"],
    ["no scheme", { authorization: "sk_of_nobody" }, 401, "unauthenticated"],
    ["no version", { "revolut-api-version": null }, 400, "bad_request"],
    ["an unknown version", { "revolut-api-version": "2025-01-01" }, 400, "bad_request"],
    ["no JSON type", { "content-type": "text/plain" }, 406, "bad_request"],
  ])("refuses %s", async (_name, headers, status, code) => {
    const refused = await call("POST", "/api/orders", { amount: 1, currency: "EUR" }, headers);
    expect([refused.status, refused.json.code]).toEqual([status, code]);
    expect(refused.json.timestamp).toEqual(expect.any(Number));
  });

  it("refuses the public key and a blocked account", async () => {
    const { publicKey } = client.account;
    expect((await call("GET", "/api/orders", undefined, { authorization: `Bearer ${publicKey}` })).status).toBe(401);
    await control("PATCH", `/control/revolut/accounts/${publicKey}`, { active: false });
    expect((await call("GET", "/api/orders")).json.code).toBe("forbidden");
  });

  it("knows list, refund and webhooks since 2024-09-01 only", async () => {
    const old = { "revolut-api-version": "2024-05-01" };
    const { json } = await create();
    expect((await call("GET", `/api/orders/${json.id}`, undefined, old)).status).toBe(200);
    expect((await call("GET", "/api/orders", undefined, old)).status).toBe(404);
    expect((await call("GET", "/api/webhooks", undefined, old)).status).toBe(404);
    expect((await call("POST", `/api/orders/${json.id}/refund`, {}, old)).status).toBe(404);
  });

  it("keeps accounts apart, and tells wrong methods and addresses", async () => {
    const { json } = await create();
    expect((await call("GET", `/api/orders/${json.token}`)).status).toBe(404);
    expect((await call("DELETE", `/api/orders/${json.id}`)).status).toBe(405);
    expect((await call("GET", "/api/nothing")).status).toBe(404);
    client.account = await control("POST", "/control/revolut/accounts", {});
    expect((await call("GET", `/api/orders/${json.id}`)).json.code).toBe("not_found");
    expect((await call("GET", "/api/orders")).json.orders).toEqual([]);
  });
});

describe("fields of an order", () => {
  const item = { name: "A", type: "service", quantity: { value: 1 }, unit_price_amount: 7034, total_amount: 7034 };
  it.each<[string, object]>([
    ["an amount as text", { amount: "7034" }],
    ["a broken amount", { amount: 70.34 }],
    ["a negative amount", { amount: -1 }],
    ["no amount", { amount: undefined }],
    ["a lower-case currency", { currency: "eur" }],
    ["an unknown currency", { currency: "XQZ" }],
    ["null for a text", { description: null }],
    ["a local redirect", { redirect_url: "http://localhost:3000/back" }],
    ["a redirect to an IP", { redirect_url: "https://127.0.0.1/back" }],
    ["a redirect to an IPv6", { redirect_url: "https://[::1]/back" }],
    ["a redirect to a script", { redirect_url: "javascript:alert(1)" }],
    ["a redirect that is too long", { redirect_url: `https://pay.example.test/${"a".repeat(2000)}` }],
    ["too short a life", { expire_pending_after: "PT59S" }],
    ["too long a life", { expire_pending_after: "PT721H" }],
    ["no duration", { expire_pending_after: "3600" }],
    ["a late release", { cancel_authorised_after: "P8D" }],
    ["pre-authorisation that captures by itself", { authorisation_type: "pre_authorisation" }],
    ["an unknown capture mode", { capture_mode: "AUTOMATIC" }],
    ["line items of another sum", { line_items: [{ ...item, total_amount: 7000 }] }],
    ["a line item without a name", { line_items: [{ ...item, name: undefined }] }],
    ["metadata that is no text", { metadata: { a: 1 } }],
    ["a metadata key with a dash", { metadata: { "a-b": "1" } }],
    ["a long metadata value", { metadata: { a: "b".repeat(501) } }],
    ["a bad statement suffix", { statement_descriptor_suffix: "a*b" }],
    ["a phone that is not E.164", { customer: { phone: "0700" } }],
  ])("are refused: %s", async (_name, changes) => {
    const refused = await create(changes);
    expect([refused.status, refused.json.code]).toEqual([400, "validation"]);
  });

  it("are echoed, and dropped silently when unknown", async () => {
    const { status, json } = await create({
      line_items: [item],
      customer: { email: "payer@example.test" },
      metadata: { invoice: "77" },
      success_url: "https://pay.example.test/x",
    });
    expect(status).toBe(201);
    expect(json).toMatchObject({ line_items: [item], metadata: { invoice: "77" } });
    expect(json).not.toHaveProperty("success_url");
    const { id } = json.customer as { id: string };
    expect((await create({ customer: { id } })).json.customer).toEqual({ id, email: "payer@example.test" });
    expect((await create({ customer: { id: crypto.randomUUID() } })).status).toBe(404);
    expect((await call("POST", "/api/orders", "{")).json.code).toBe("bad_request");
    expect((await call("POST", "/api/orders", [])).json.code).toBe("validation");
  });

  it("may name this machine when the account allows it", async () => {
    await client.options({ localUrls: true });
    expect((await create({ redirect_url: "http://localhost:3000/back" })).status).toBe(201);
  });

  it("make a new order each time", async () => {
    const body = { amount: 1, currency: "JPY", merchant_order_data: { reference: "same" } };
    const [first, second] = [await call("POST", "/api/orders", body), await call("POST", "/api/orders", body)];
    expect(first.json.id).not.toBe(second.json.id);
    const { orders } = (await call("GET", "/api/orders?merchant_order_data_reference=same")).json;
    expect(orders.map(({ id }) => id)).toEqual([second.json.id, first.json.id]);
    expect(orders[0]).not.toHaveProperty("checkout_url");
  });
});

describe("the list", () => {
  it("is walked backwards by date and filtered", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) ids.unshift((await create()).json.id);
    const seen = new Set<string>();
    let to = "";
    for (let page = 0; page < 5; page++) {
      const { orders } = (await call("GET", `/api/orders?limit=2${to && `&to=${to}`}`)).json;
      for (const { id } of orders) seen.add(id);
      to = orders.at(-1)?.created_at ?? "";
    }
    expect([...seen]).toEqual(ids);
    await act(ids[0] ?? "", { action: "pay" });
    const filtered = (await call("GET", "/api/orders?state=completed&state=failed")).json.orders;
    expect(filtered.map(({ id }) => id)).toEqual([ids[0]]);
    for (const query of ["limit=0", "limit=501", "state=paid", "from=yesterday"]) {
      expect((await call("GET", `/api/orders?${query}`)).status).toBe(400);
    }
  });
});

describe("faults of the API", () => {
  it.each([
    ["api_400_integer", 400],
    ["api_401", 401],
    ["api_403", 403],
    ["api_429", 429],
    ["api_500", 500],
    ["api_503", 503],
  ])("%s", async (fault, status) => {
    await plant({ fault });
    const refused = await create();
    expect(refused.status).toBe(status);
    expect(refused.headers.get("retry-after")).toBeNull();
    expect((await create()).status).toBe(201);
  });

  it("answers with no JSON, with another page, or not at all", async () => {
    await plant({ fault: "api_non_json" });
    expect((await create()).text).toContain("<html>");
    await plant({ fault: "foreign_checkout_url", operation: "create" });
    expect((await create()).json.checkout_url).toContain("checkout.example.test");
    await plant({ fault: "no_checkout_url" });
    expect((await create()).json).not.toHaveProperty("checkout_url");
    await plant({ fault: "api_hang" });
    await expect(create()).rejects.toThrow();
  });

  it("creates, but never answers", async () => {
    await plant({ fault: "timeout_after", reference: "lost-answer" });
    await expect(create({ merchant_order_data: { reference: "lost-answer" } })).rejects.toThrow();
    const { orders } = (await call("GET", "/api/orders?merchant_order_data_reference=lost-answer")).json;
    expect(orders).toHaveLength(1);
  });

  it("lies about an order that is read", async () => {
    const { json } = await create();
    await act(json.id, { action: "decline", reason: "expired_card" });
    await act(json.id, { action: "pay" });
    const lies = ["unknown_state", "unknown_reason", "other_amount", "other_currency", "shuffled_payments"];
    for (const fault of lies) await plant({ fault, orderId: json.id });
    const read = await retrieve(json.id);
    expect(read).toMatchObject({ state: "reincarnated", amount: 7033, currency: "GBP" });
    expect(read.payments.map(({ decline_reason }) => decline_reason)).toEqual([undefined, "bad_karma"]);
    expect(await retrieve(json.id)).toMatchObject({ state: "completed", amount: 7034 });
  });

  it("has an order paid and told before its creation is answered", async () => {
    await plant({ fault: "paid_before_answer" });
    const { json } = await create();
    expect(json.state).toBe("pending");
    expect(client.events()).toContain("COMPLETED");
    expect((await retrieve(json.id)).state).toBe("completed");
  });

  it("keeps a log of requests", async () => {
    const { json } = await create();
    await create({ amount: "1" });
    const log = await control<{ verdict: string; orderId: string | null; reason: string }[]>(
      "GET",
      "/control/revolut/requests",
    );
    expect(log).toMatchObject([
      { operation: "create", verdict: "accepted", status: 201, orderId: json.id, account: client.account.publicKey },
      { operation: "create", verdict: "refused", status: 400, reason: expect.stringContaining("amount") },
    ]);
  });
});
