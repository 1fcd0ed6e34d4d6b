// What goes wrong on the way: faults of the API, the panel that plants them, ids from a seed, the bank's own sandbox.
import { describe, expect, it } from "vitest";
import { type Json, setUpClient } from "./test-client.ts";

const client = setUpClient();

describe("an answer", () => {
  it.each([
    ["api_400", 400],
    ["api_401", 401],
    ["api_403", 403],
    ["api_424", 424],
    ["api_429", 429],
    ["api_500", 500],
    ["api_501", 501],
    ["api_502_html", 502],
    ["api_503", 503],
    ["api_non_json", 200],
  ])("may be %s, with nothing done", async (fault, status) => {
    await client.plant(fault, { operation: "create" });
    const { status: got, json, headers, text } = await client.create({ paymentLinkId: fault });
    expect(got).toBe(status);
    if (fault === "api_429") expect(headers.get("retry-after")).toBe("7");
    if (fault === "api_502_html") expect(text).toContain("<h1>502 Bad Gateway</h1>");
    if (fault === "api_503") expect(text).toBe("");
    if (fault === "api_500") expect(json.Errors[0].message).toBe("planted");
    expect(await client.control("GET", `/control/tochka/operations?paymentLinkId=${fault}`)).toEqual([]);
    expect((await client.create({ paymentLinkId: fault })).status).toBe(200);
  });

  it("may be cut off before anything was done", async () => {
    await client.plant("api_cut");
    await expect(client.create({ paymentLinkId: "cut" })).rejects.toThrow("fetch failed");
    expect(await client.control("GET", "/control/tochka/operations")).toEqual([]);
  });

  it.each(["answer_lost", "answer_500", "api_no_data"])(
    "may be %s after the link was made; it is listed",
    async (fault) => {
      await client.plant(fault, { operation: "create" });
      const made = await client.create({ paymentLinkId: "lost" }).catch(() => null);
      expect(made?.data).toBeUndefined();
      const { data } = await client.call("GET", `/acquiring/v1.0/payments?customerCode=${client.codes[0]}`);
      expect(data.Operation).toMatchObject([{ paymentLinkId: "lost", amount: 1234.5, status: "CREATED" }]);
      expect((await client.create({ paymentLinkId: "lost" })).status).toBe(424);
    },
  );

  it("may be slow, or never come", async () => {
    await client.plant("slow", { ms: 300, operation: "list" });
    const started = performance.now();
    await client.call("GET", `/acquiring/v1.0/payments?customerCode=${client.codes[0]}`);
    expect(performance.now() - started).toBeGreaterThan(290);
    await client.plant("api_hang", { operation: "retailers" });
    const hanging = fetch(`${client.origin}/tochka/uapi/acquiring/v1.0/retailers`, {
      signal: AbortSignal.timeout(200),
    });
    await expect(hanging).rejects.toThrow("timeout");
  });

  it("may be written otherwise: numeric code, text amounts, a flat operation", async () => {
    await client.plant("numeric_code");
    expect((await client.create({ amount: 0 })).json.code).toBe(400);
    const { data } = await client.create();
    await client.plant("string_amounts");
    expect((await client.operation(data.operationId)).amount).toBe("1234.50");
    await client.plant("flat_operation");
    const flat = await client.call("GET", `/acquiring/v1.0/payments/${data.operationId}`);
    expect(flat.data.Operation.operationId).toBe(data.operationId);
  });

  it("may lie about an operation", async () => {
    const { data } = await client.create();
    const struck = async (fault: string): Promise<Json> => {
      await client.plant(fault, { reference: data.operationId });
      return client.operation(data.operationId);
    };
    expect((await struck("unknown_status_read")).status).toBe("REINCARNATED");
    expect((await struck("unknown_type_read")).paymentType).toBe("digitalRuble");
    expect((await struck("other_amount_read")).amount).toBe(1234.49);
    expect((await struck("other_operation_read")).operationId).not.toBe(data.operationId);
  });

  it("may lead elsewhere, or nowhere", async () => {
    await client.plant("foreign_link");
    expect(new URL((await client.create()).data.paymentLink).host).toBe("merch.securepaytb.ru.example.test");
    await client.plant("no_link");
    expect((await client.create()).data).not.toHaveProperty("paymentLink");
    await client.plant("foreign_payload");
    expect(new URL((await client.register()).data.payload).host).toBe("qr.nspk.ru.example.test");
    await client.plant("no_qr_image");
    const bare = await client.register({ imageParams: { width: 300, height: 300 } });
    expect(bare.data).not.toHaveProperty("image");
    await client.options({ linkUuid: "other" });
    const { data } = await client.create();
    expect(data.paymentLink).not.toContain(data.operationId);
  });

  it("may come after the money", async () => {
    await client.subscribe();
    await client.plant("paid_before_answer");
    const { data } = await client.create({ paymentMode: ["card"] });
    expect(client.received).toHaveLength(1);
    expect(data.status).toBe("CREATED");
    expect((await client.operation(data.operationId)).status).toBe("APPROVED");
  });

  it("to a token of nobody is 403, to unknown paths 501, to wrong methods 405", async () => {
    const path = `/acquiring/v1.0/retailers?customerCode=${client.codes[0]}`;
    expect((await client.call("GET", path, undefined, null)).status).toBe(403);
    expect((await client.call("GET", path, undefined, "x")).status).toBe(403);
    expect((await client.call("GET", "/acquiring/v2.0/payments")).status).toBe(501);
    expect((await client.call("DELETE", "/acquiring/v1.0/payments")).status).toBe(405);
  });
});

describe("a planted fault", () => {
  it("strikes only where it was meant to, so many times", async () => {
    await client.plant("api_500", { reference: "inv-x", next: 2 });
    expect((await client.create()).status).toBe(200);
    expect((await client.create({ paymentLinkId: "inv-x" })).status).toBe(500);
    expect((await client.create({ paymentLinkId: "inv-x" })).status).toBe(500);
    expect((await client.create({ paymentLinkId: "inv-x" })).status).toBe(200);
    await client.plant("api_500", { customerCode: client.codes[1], next: "all" });
    expect((await client.create()).status).toBe(200);
    expect((await client.create({ customerCode: client.codes[1], merchantId: undefined })).status).toBe(500);
    expect(await client.control("DELETE", "/control/tochka/faults")).toEqual({ deleted: 1 });
  });

  it("is planted and removed on the panel by plain forms, and every fault is offered there", async () => {
    const form = new URLSearchParams({ fault: "api_500", reference: "", operation: "create", next: "1" });
    const response = await fetch(`${client.origin}/control/tochka/faults`, {
      method: "POST",
      body: form,
      redirect: "manual",
    });
    expect(response.headers.get("location")).toBe("/tochka");
    const text = await (await fetch(`${client.origin}/tochka`)).text();
    const { catalogue, planted } = await client.control("GET", "/control/tochka/faults");
    expect(planted).toMatchObject([{ fault: "api_500", operation: "create", left: 1 }]);
    for (const { fault } of catalogue) expect(text).toContain(`value="${fault}"`);
    expect(text).not.toContain("<script");
    expect((await client.create()).status).toBe(500);
  });

  it("is refused when nobody knows it", async () => {
    await expect(client.plant("karma")).rejects.toThrow("400");
    await expect(client.plant("api_500", { operation: "karma" })).rejects.toThrow("400");
  });
});

describe("the panel", () => {
  it("shows links and codes with their buttons, which work", async () => {
    await client.subscribe();
    const { data: link } = await client.create({ purpose: "<b>Курс</b>" });
    const { data: code } = await client.register({ paymentPurpose: "<b>Курс</b>" });
    const press = (path: string, form: Record<string, string>) => client.press(`${client.origin}${path}`, form);
    expect(
      (await press(`/control/tochka/operations/${link.operationId}/act`, { action: "pay", method: "card" })).status,
    ).toBe(303);
    expect((await press(`/control/tochka/qrs/${code.qrcId}/act`, { action: "accept" })).status).toBe(303);
    for (const path of ["/tochka", `/tochka/operations/${link.operationId}`, `/tochka/qrs/${code.qrcId}`, "/"]) {
      const { status, text } = await client.page(`${client.origin}${path}`);
      expect(status).toBe(200);
      expect(text).not.toMatch(/<script|<b>Курс/);
    }
    expect((await client.operation(link.operationId)).status).toBe("APPROVED");
    const shop = client.shops["С кассой"];
    expect((await press(`/control/tochka/retailers/${shop.key}`, { cashbox: "none" })).status).toBe(303);
    const { data } = await client.call("GET", `/acquiring/v1.0/retailers?customerCode=${client.codes[0]}`);
    expect(data.Retailer[0]).not.toHaveProperty("cashbox");
  });
});

describe("ids", () => {
  it("repeat with the seed and differ with another", async () => {
    const make = async (seed: string): Promise<string> => {
      await client.control("POST", "/control/tochka/reset", { seed });
      const { clientId } = await client.control("POST", "/control/tochka/clients", {});
      return clientId;
    };
    expect(await make("one")).toBe(await make("one"));
    expect(await make("one")).not.toBe(await make("two"));
  });
});

describe("the bank's own sandbox", () => {
  const call = (path: string, token: string, body?: object) =>
    fetch(`${client.origin}/tochka/sandbox/v2${path}`, {
      method: body ? "POST" : "GET",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const good = "sandbox.jwt.token";

  it("answers from a can, whatever is asked, to its one token", async () => {
    const customers = (await (await call("/open-banking/v1.0/customers", good)).json()) as Json;
    expect(customers.Data.Customer[0].customerCode).toBe("1234567ab");
    const read = (await (await call("/acquiring/v1.0/payments/anything", good)).json()) as Json;
    expect(read.Data.Operation).toMatchObject([{ status: "APPROVED", amount: 100, Order: [] }]);
    expect(read.Data.Operation[0]).not.toHaveProperty("paymentLinkId");
    const refund = (await (
      await call("/acquiring/v1.0/payments/x/refund", good, { Data: { amount: 1 } })
    ).json()) as Json;
    expect(refund.Data.orderId).toBe("20");
    const status = (await (await call("/sbp/v1.0/qr-codes/AD1/payment-status", good)).json()) as Json;
    expect(status.Data.paymentList).toMatchObject([{ code: "RQ05014" }]);
    expect((await call("/open-banking/v1.0/customers", "other")).status).toBe(403);
    expect((await call("/acquiring/v1.0/payments", good, { Data: {} })).status).toBe(400);
    expect((await call("/invoice/v1.0/bills", good)).status).toBe(501);
  });
});
