// Protocol v2 from the start call to the acknowledged notification, verified with WebCrypto as a merchant would.
import { createHash, createPublicKey, X509Certificate } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../server.ts";
import { type Credentials, startBody, startMerchant, v2Stored } from "../test-merchant.ts";
import type { Fault, Payment } from "./state.ts";

let sandbox: Sandbox;
let merchant: Awaited<ReturnType<typeof startMerchant>>;
let pos: Credentials;
let platformKey: string;
let count = 0;

const control = async <T>(method: string, path: string, body?: object): Promise<T> => {
  const response = await fetch(`${sandbox.origin}${path}`, {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
  });
  const json = (await response.json()) as T;
  if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(json)}`);
  return json;
};
const act = (id: string, body: object) =>
  control<{ result: string; payment: Payment }>("POST", `/control/netopia/payments/${id}/act`, body);
const payment = (id: string) => control<Payment>("GET", `/control/netopia/payments/${id}`);
const plant = (body: object) => control<Fault>("POST", "/control/netopia/faults", body);
const runDue = () => control("POST", "/control/run-due", {});
const advance = async (advanceSeconds: number) => {
  await control("POST", "/clock", { advanceSeconds });
  await runDue();
};
const options = (changes: object) =>
  control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { options: changes });

type Answer = {
  error: { code: string; message: string };
  payment: {
    ntpID: string;
    status: number;
    amount: number;
    currency: string;
    operationDate: string;
    paymentURL?: string;
  };
  order?: { data: object };
};
async function call(path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${sandbox.origin}/netopia/v2${path}`, {
    method: "POST",
    headers: { authorization: pos.apiKey, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, text, json: () => JSON.parse(text) as Answer };
}
async function start(changes: Partial<Parameters<typeof startBody>[0]> = {}) {
  const id = changes.id ?? `V2-${++count}`;
  const reply = await call(
    "/payment/card/start",
    startBody({ signature: pos.signature, id, notify: `${merchant.origin}/notify`, ...changes }),
  );
  return { id, status: reply.status, body: reply.json() };
}
const status = async (ntpID: string, orderID?: string) =>
  (await call("/operation/status", { posID: pos.signature, ntpID, ...(orderID ? { orderID } : {}) })).json();

type Told = {
  payment: { status: number; amount: number; currency: string; code: string; ntpID: string };
  order: object;
};
const told = (index: number): Told => JSON.parse(merchant.received.at(index)?.body.toString() ?? "null") as Told;

/** Checks a token as a careful merchant: algorithm, key, issuer, audience and the hash of the exact bytes. */
async function verdict(index: number): Promise<string> {
  const received = merchant.received.at(index);
  const header = received?.headers["verification-token"];
  if (!received || typeof header !== "string") return "no token";
  const [head, claims, signature, ...more] = header.split(".");
  if (!head || !claims || signature === undefined || more.length > 0) return "not three parts";
  const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as Record<string, unknown>;
  if (read(head).alg !== "RS512" || read(head).typ !== "JWT") return "algorithm";
  const key = await crypto.subtle.importKey(
    "spki",
    createPublicKey(platformKey).export({ type: "spki", format: "der" }),
    { name: "RSASSA-PKCS1-v1_5", hash: "SHA-512" },
    false,
    ["verify"],
  );
  const good = await crypto.subtle.verify(
    "RSASSA-PKCS1-v1_5",
    key,
    Buffer.from(signature, "base64url"),
    Buffer.from(`${head}.${claims}`),
  );
  if (!good) return "signature";
  const { iss, aud, sub } = read(claims);
  if (iss !== "NETOPIA Payments") return "issuer";
  if (!(Array.isArray(aud) ? aud : [aud]).includes(pos.signature)) return "audience";
  if (sub !== createHash("sha512").update(received.body).digest("base64")) return "body";
  return "verified";
}

beforeAll(async () => {
  sandbox = await startSandbox({ port: 0, smtpPort: 0 });
  merchant = await startMerchant(v2Stored);
  pos = await control("POST", "/control/netopia/points-of-sale", { signature: "7QKD-1M2P-XX4T-90AB-LLW3" });
  platformKey = (await control<{ publicKey: string }>("GET", "/control/netopia/platform-key")).publicKey;
});
afterAll(async () => {
  await merchant.stop();
  await sandbox.stop();
});
beforeEach(async () => {
  await control("DELETE", "/control/netopia/faults");
  await control("DELETE", "/control/netopia/payments");
  await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, {
    approved: true,
    options: { preauth: false, review: false, convertToRon: false, firstIpn: "before_return" },
  });
  merchant.received.length = 0;
  merchant.reply = v2Stored;
});

describe("the way of a payment", () => {
  it("starts with 101 and a page, and is confirmed after the acknowledged notification", async () => {
    const { id, body } = await start();
    expect(body).toMatchObject({
      error: { code: "101" },
      payment: { status: 1, amount: 249.9, currency: "RON", operationDate: "0001-01-01T00:00:00" },
    });
    const url = body.payment.paymentURL ?? "";
    expect(url).toMatch(/\/ui\/card\?p=[0-9a-f]{32}$/);
    const page = await (await fetch(url)).text();
    expect(page).toContain("249.90 RON");
    expect(page).not.toMatch(/<script/i);
    const done = await fetch(url, { method: "POST", body: new URLSearchParams({ card: "9900004810225098" }) });
    expect(await done.text()).toMatch(/http-equiv="refresh" content="10;url=/);
    expect(await verdict(0)).toBe("verified");
    expect(told(0)).toMatchObject({
      payment: { ntpID: body.payment.ntpID, status: 3, amount: 249.9, currency: "RON", code: "00" },
      order: { orderID: id, posSignature: pos.signature, data: { attempt: "77-2" } },
    });
    expect((await status(body.payment.ntpID, id)).payment.status).toBe(5);
    const back = await fetch(url.replace("/card?", "/return?"), { redirect: "manual" });
    expect(back.headers.get("location")).toBe(`https://shop.example.test/back?orderId=${id}`);
  });

  it("keeps one number through a decline and a second try", async () => {
    const { id, body } = await start();
    const url = body.payment.paymentURL ?? "";
    const declined = await fetch(url, { method: "POST", body: new URLSearchParams({ card: "9900827979991500" }) });
    expect(await declined.text()).toContain("Declined (21)");
    const answer = await status(body.payment.ntpID);
    expect(answer).toMatchObject({ error: { code: "21", message: "Invalid CVV" }, payment: { status: 12 } });
    await act(id, { action: "pay" });
    expect([told(0), told(1)].map((one) => [one.payment.ntpID, one.payment.status])).toEqual([
      [body.payment.ntpID, 12],
      [body.payment.ntpID, 3],
    ]);
  });

  it("tells nothing at the 3-D Secure step", async () => {
    const { id, body } = await start();
    expect((await act(id, { action: "pay", card: "9900009184214768" })).result).toBe("challenge");
    expect((await status(body.payment.ntpID)).payment.status).toBe(15);
    expect(merchant.received).toHaveLength(0);
    await act(id, { action: "refuse-3ds" });
    expect(told(0).payment).toMatchObject({ status: 12, code: "39" });
  });
});

describe("what is refused", () => {
  it.each([
    ["no key", ""],
    ["a scheme word", "Bearer KEY"],
    ["another key", "KEYx"],
  ])("%s: 401 with a flat body", async (_, authorization) => {
    const reply = await call("/operation/status", {}, { authorization: authorization.replace("KEY", pos.apiKey) });
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.text)).toEqual({ code: "401", message: "Unauthorized" });
  });

  it("another point of sale, or one not approved: 400 with 99", async () => {
    const other = await control<Credentials>("POST", "/control/netopia/points-of-sale", {});
    expect(await start({ signature: other.signature })).toMatchObject({ status: 400, body: { error: { code: "99" } } });
    await control("PATCH", `/control/netopia/points-of-sale/${pos.signature}`, { approved: false });
    expect(await start()).toMatchObject({ status: 400, body: { error: { code: "99" } } });
  });

  it.each([
    ["249.90", "32"],
    [-1, "32"],
    [100_000.01, "32"],
    [1.234, "32"],
  ])("the amount %j", async (amount, code) => {
    expect(await start({ amount })).toMatchObject({ status: 400, body: { error: { code } } });
  });

  it.each([
    ["order.currency", "XYZ"],
    ["order.billing.country", "642"],
    ["order.billing.country", 64.2],
    ["order.billing.email", undefined],
    ["order.billing.phone", undefined],
    ["order.dateTime", "21.11.2026"],
    ["order.orderID", ""],
    ["order.data", { a: 1 }],
    ["config.notifyUrl", "not an address"],
    ["config.language", "xx"],
  ])("%s = %j, naming the field", async (path, value) => {
    const body = startBody({ signature: pos.signature, id: `bad-${++count}`, notify: `${merchant.origin}/notify` });
    const keys = path.split(".");
    const last = keys.pop() ?? "";
    let at: Record<string, unknown> = body;
    for (const key of keys) at = at[key] as Record<string, unknown>;
    at[last] = value;
    const reply = await call("/payment/card/start", body);
    expect(reply.status).toBe(400);
    expect(reply.json().error.message).toContain(path);
  });

  it("an order id used before: 56 when paid, 99 with another amount, else HTTP 400", async () => {
    const { id, body } = await start();
    expect(await start({ id, amount: 1 })).toMatchObject({ status: 200, body: { error: { code: "99" } } });
    expect(await start({ id })).toMatchObject({ status: 400, body: { error: { message: "Order already processed" } } });
    await act(id, { action: "pay" });
    expect(await start({ id })).toMatchObject({
      status: 200,
      body: { error: { code: "56" }, payment: { ntpID: body.payment.ntpID, status: 5 } },
    });
  });

  it("a status question about an unknown number: 404 in the body", async () => {
    expect((await status("1")).error.code).toBe("404");
  });
});

describe("answers to a notification", () => {
  it.each([
    ["HTTP 201", { status: 201, body: v2Stored.body }, /STATUS/],
    ["a redirect", { status: 302, body: v2Stored.body }, /STATUS/],
    ["no JSON", { body: "ok" }, /BODY/],
    ["an array", { body: "[0]" }, /FORMAT/],
    ["errorCode as text", { body: '{"errorCode":"0"}' }, /FORMAT/],
    ["errorType 1", { body: '{"errorType":1,"errorCode":0}' }, /errorType/],
    ["another errorCode", { body: '{"errorCode":7}' }, /errorCode 7/],
  ])("%s brings it again by the clock", async (_, reply, reason) => {
    const { id } = await start();
    merchant.reply = reply;
    await act(id, { action: "pay" });
    const first = await payment(id);
    expect(first.status).toBe(3);
    expect(first.ipns[0]?.deliveries[0]).toMatchObject({ verdict: "retry", reason: expect.stringMatching(reason) });
    merchant.reply = { body: '{"errorCode":0}' };
    await advance(59);
    expect(merchant.received).toHaveLength(1);
    await advance(2);
    expect(merchant.received).toHaveLength(2);
    expect(merchant.received[1]?.body.equals(merchant.received[0]?.body ?? Buffer.alloc(0))).toBe(true);
    expect((await payment(id)).status).toBe(5);
  });

  it("spaces retries exponentially", async () => {
    const { id } = await start();
    merchant.reply = { status: 500, body: "" };
    await act(id, { action: "pay" });
    await advance(61);
    await advance(60);
    expect(merchant.received).toHaveLength(2);
    await advance(61);
    expect(merchant.received).toHaveLength(3);
  });

  it("errorType 2 ends it", async () => {
    const { id } = await start();
    merchant.reply = { body: '{"errorType":2,"errorCode":1}' };
    await act(id, { action: "pay" });
    await advance(86_400);
    expect(merchant.received).toHaveLength(1);
    expect(await payment(id)).toMatchObject({ status: 3, ipns: [{ state: "stopped" }] });
  });
});

describe("money afterwards", () => {
  it("credits in parts, refuses too much, and tells the original amount", async () => {
    const { id, body } = await start();
    const { ntpID } = body.payment;
    await act(id, { action: "pay" });
    for (const amount of [50, 99.9]) {
      expect((await call("/operation/credit", { ntpID, amount })).json()).toMatchObject({
        error: { code: "00" },
        payment: { status: 8, ntpID },
      });
    }
    expect((await call("/operation/credit", { ntpID, amount: 100.01 })).json().error).toEqual({
      code: "99",
      message: "Invalid Credit amount",
    });
    await runDue();
    expect(merchant.received).toHaveLength(3);
    expect([told(1), told(2)].map((one) => [one.payment.status, one.payment.amount])).toEqual([
      [8, 249.9],
      [8, 249.9],
    ]);
    expect((await payment(id)).credited).toBe(14_990);
  });

  it("reserves, then captures or voids", async () => {
    await options({ preauth: true });
    const first = await start();
    await act(first.id, { action: "pay" });
    expect(told(0).payment.status).toBe(2);
    const captured = await call("/operation/capture", { ntpID: first.body.payment.ntpID, amount: 100 });
    expect(captured.json()).toMatchObject({ error: { code: "00" }, payment: { status: 3 } });
    const second = await start();
    await act(second.id, { action: "pay" });
    const voided = await call("/operation/void", { ntpID: second.body.payment.ntpID });
    expect(voided.json().payment.status).toBe(4);
    await runDue();
    expect(merchant.received.map((_, i) => told(i).payment.status).sort()).toEqual([2, 2, 3, 4]);
  });

  it("converts to RON in notification and status, and caps a credit in the start currency", async () => {
    await options({ convertToRon: true });
    const { id, body } = await start({ currency: "EUR", amount: 10 });
    await act(id, { action: "pay" });
    expect(told(0).payment).toMatchObject({ amount: 49.76, currency: "RON" });
    expect((await status(body.payment.ntpID)).payment).toMatchObject({ amount: 49.76, currency: "RON" });
    const { ntpID } = body.payment;
    expect((await call("/operation/credit", { ntpID, amount: 10.01 })).json().error.code).toBe("99");
    expect((await call("/operation/credit", { ntpID, amount: 10 })).json().error.code).toBe("00");
  });

  it.each([2, 4, 6, 9, 10, 13, 14, 16, 17, 18, 23, 77])("tells status %i on demand", async (number) => {
    const { id } = await start();
    await act(id, { action: "status", status: number });
    expect(told(0).payment.status).toBe(number);
  });
});

describe("faults of a notification", () => {
  it.each([
    ["tampered_body", "body"],
    ["reserialised_body", "body"],
    ["token_of_other_body", "body"],
    ["hex_sub", "body"],
    ["base64url_sub", "body"],
    ["tampered_signature", "signature"],
    ["wrong_key", "signature"],
    ["other_issuer", "issuer"],
    ["other_audience", "audience"],
    ["other_pos", "audience"],
    ["alg_none", "algorithm"],
    ["alg_hs512", "algorithm"],
    ["alg_rs256", "algorithm"],
    ["missing_header", "no token"],
    ["two_parts", "not three parts"],
    ["malformed_json", "verified"],
    ["status_as_string", "verified"],
    ["unknown_order", "verified"],
    ["other_payment", "verified"],
    ["other_amount", "verified"],
    ["audience_string", "verified"],
    ["iat_milliseconds", "verified"],
    ["header_lower_case", "verified"],
    ["header_upper_case", "verified"],
    ["content_type_text", "verified"],
    ["content_type_none", "verified"],
  ])("%s: a careful merchant says %s", async (fault, expected) => {
    const { id } = await start();
    await plant({ fault, orderId: id });
    await act(id, { action: "pay" });
    expect(await verdict(0)).toBe(expected);
    await act(id, { action: "credit", amount: 1 });
    expect(await verdict(1)).toBe("verified");
  });

  it("says what it changes", async () => {
    const seen = async (fault: string) => {
      const { id } = await start();
      await plant({ fault, orderId: id });
      await act(id, { action: "pay" });
      return merchant.received.at(-1);
    };
    expect((await seen("header_upper_case"))?.rawHeaders).toContain("VERIFICATION-TOKEN");
    expect((await seen("content_type_none"))?.headers["content-type"]).toBeUndefined();
    expect((await seen("content_type_text"))?.headers["content-type"]).toBe("text/plain");
    expect((await seen("other_amount"))?.body.toString()).toContain('"amount":249.89');
    expect((await seen("status_as_string"))?.body.toString()).toContain('"status":"3"');
    expect(() => JSON.parse((merchant.received.at(-1)?.body ?? "").toString().slice(0, -1))).toThrow();
  });

  it("swaps two events and tells a held one after the return", async () => {
    const { id } = await start();
    await plant({ fault: "out_of_order", orderId: id });
    await act(id, { action: "decline", code: "21" });
    await act(id, { action: "pay" });
    expect([told(0).payment.status, told(1).payment.status]).toEqual([3, 12]);

    await options({ firstIpn: "after_return" });
    const { body } = await start();
    const url = body.payment.paymentURL ?? "";
    await fetch(url, { method: "POST", body: new URLSearchParams({ card: "9900004810225098" }) });
    await advance(3600);
    expect(merchant.received).toHaveLength(2);
    await fetch(url.replace("/card?", "/return?"), { redirect: "manual" });
    await advance(3);
    expect(merchant.received).toHaveLength(3);
  });

  it("signs any body for a test, without sending it", async () => {
    const made = await control<{ headers: Record<string, string>; bodyBase64: string }>(
      "POST",
      "/control/netopia/ipn",
      {
        protocol: "v2",
        signature: pos.signature,
        url: `${merchant.origin}/x`,
        body: '{"payment": 1}',
        deliver: false,
      },
    );
    expect(Buffer.from(made.bodyBase64, "base64").toString()).toBe('{"payment": 1}');
    expect(made.headers["Verification-token"]?.split(".")).toHaveLength(3);
    expect(merchant.received).toHaveLength(0);
  });
});

describe("faults of the API", () => {
  const startRaw = () =>
    call("/payment/card/start", startBody({ signature: pos.signature, id: `api-${++count}`, notify: merchant.origin }));

  it("403 page, 500, no JSON, no paymentURL, foreign paymentURL", async () => {
    const one = async (fault: string) => {
      await plant({ fault, operation: "start" });
      return startRaw();
    };
    expect(await one("api_403_html")).toMatchObject({ status: 403, text: expect.stringContaining("<html>") });
    expect((await one("api_500")).status).toBe(500);
    expect(await one("api_non_json")).toMatchObject({ status: 200, text: "OK" });
    expect((await one("api_no_payment_url")).json().payment.paymentURL).toBeUndefined();
    expect((await one("api_foreign_payment_url")).json().payment.paymentURL).toContain("elsewhere.example");
    expect((await startRaw()).json().payment.paymentURL).toContain(sandbox.origin);
  });

  it("credits, but never answers", async () => {
    const { id, body } = await start();
    await act(id, { action: "pay" });
    await plant({ fault: "timeout_after", operation: "credit" });
    const asked = fetch(`${sandbox.origin}/netopia/v2/operation/credit`, {
      method: "POST",
      headers: { authorization: pos.apiKey, "content-type": "application/json" },
      body: JSON.stringify({ ntpID: body.payment.ntpID, amount: 10 }),
      signal: AbortSignal.timeout(300),
    });
    await expect(asked).rejects.toThrow(/timeout/i);
    expect((await status(body.payment.ntpID)).payment.status).toBe(8);
    expect((await payment(id)).credited).toBe(1000);
  });
});

it("signs with the new key after a change of keys", async () => {
  const { id } = await start();
  await control("POST", "/control/netopia/platform-key", { rotate: true });
  await act(id, { action: "pay" });
  expect(await verdict(0)).toBe("signature");
  platformKey = (await control<{ publicKey: string }>("GET", "/control/netopia/platform-key")).publicKey;
  expect(await verdict(0)).toBe("verified");
});

it("exports the platform key as SPKI and as certificate of 2048 bits", async () => {
  const keys = await control<{ publicKey: string; certificate: string }>("GET", "/control/netopia/platform-key");
  const fromCertificate = new X509Certificate(keys.certificate).publicKey;
  expect(fromCertificate.export({ type: "spki", format: "pem" })).toBe(keys.publicKey);
  expect(fromCertificate.asymmetricKeyDetails?.modulusLength).toBe(2048);
});
