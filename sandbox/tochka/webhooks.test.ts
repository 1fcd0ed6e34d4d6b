// Webhooks: kept only for those who answer 200, sent as tokens, repeated, forged.
import type { JsonWebKey } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { checkToken, setUpClient } from "./test-client.ts";

const client = setUpClient();
const path = (): string => `/webhook/v1.0/${client.clientId}`;
const body = (change: object = {}): object => ({
  webhooksList: ["acquiringInternetPayment"],
  url: client.hook,
  ...change,
});

async function pay(changes: object = {}): Promise<{ operationId: string; paymentLink: string }> {
  const { data } = await client.create(changes);
  await client.act(data.operationId, { action: "pay", method: "card" });
  return data;
}

describe("management", () => {
  it("sends the documentation's sample of every event, keeps, shows, changes and drops", async () => {
    expect((await client.call("GET", path())).json).toMatchObject({
      code: "404",
      Errors: [{ message: "Object of Webhooks does not exists" }],
    });
    const all = [
      "incomingPayment",
      "outgoingPayment",
      "incomingSbpPayment",
      "incomingSbpB2BPayment",
      "acquiringInternetPayment",
    ];
    const made = await client.call("PUT", path(), body({ webhooksList: all }));
    expect(made.data).toEqual({ webhooksList: all, url: client.hook });
    expect(client.received).toHaveLength(5);
    for (let i = 0; i < 5; i++) expect((await client.claims(i)).verdict).toBe("verified");
    expect((await client.claims(4)).claims).toMatchObject({
      customerCode: "300123123",
      operationId: "beeac8a4-6047-3f38-8922-a664e6b5c43b",
      merchantId: "200000000001234",
      paymentLinkId: "12345-ab-cd",
      amount: "0.33",
    });
    expect((await client.claims(2)).claims).toMatchObject({
      qrcId: "AS10006DPRTEFPFS9HJ9SQSDSVRHJD3L",
      operationId: "A22001100263820100000533E625FCB3",
    });
    expect((await client.call("GET", path())).data).toEqual(made.data);
    expect((await client.call("POST", path(), body())).data.webhooksList).toEqual(["acquiringInternetPayment"]);
    expect((await client.call("DELETE", path())).data).toEqual({ result: true });
    expect((await client.call("GET", path())).status).toBe(404);
    expect((await client.call("POST", path(), body())).status).toBe(404);
  });

  it.each([500, 302, 204, 404])("keeps nothing for a receiver that answers %i", async (status) => {
    client.reply(status);
    expect((await client.call("PUT", path(), body())).status).toBe(400);
    expect((await client.call("GET", path())).status).toBe(404);
  });

  it("takes bare bodies only, known events, and https on port 443", async () => {
    expect((await client.call("PUT", path(), { Data: body() })).status).toBe(400);
    expect((await client.call("PUT", path(), body({ webhooksList: ["everything"] }))).status).toBe(400);
    expect((await client.call("PUT", path(), body({ webhooksList: [] }))).status).toBe(400);
    await client.control("PATCH", `/control/tochka/clients/${client.clientId}`, { localUrls: false });
    for (const url of ["http://shop.example.test/hook", "https://shop.example.test:8443/hook", "no address"]) {
      const refused = await client.call("PUT", path(), body({ url }));
      expect(refused.status).toBe(400);
      expect(refused.json.Errors[0].message).toContain("Field url");
    }
    expect(client.received).toHaveLength(0);
  });

  it("is for the token's own client id, with the permission", async () => {
    expect((await client.call("GET", "/webhook/v1.0/nobody")).status).toBe(403);
    const revoke = `/control/tochka/consents/${client.consentId}/revoke`;
    await client.control("POST", revoke, { permission: "ManageWebhookData" });
    expect((await client.call("GET", path())).status).toBe(403);
  });

  it("takes user's and application's token, or one of them only", async () => {
    const app = await client.tokenCall({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope: "acquiring",
    });
    const by = async (token: string): Promise<number> => (await client.call("GET", path(), undefined, token)).status;
    expect([await by(client.token), await by(app.json.access_token)]).toEqual([404, 404]);
    await client.options({ webhookToken: "app" });
    expect([await by(client.token), await by(app.json.access_token)]).toEqual([403, 404]);
    await client.options({ webhookToken: "user" });
    expect([await by(client.token), await by(app.json.access_token)]).toEqual([404, 403]);
  });

  it("sends a sample on demand", async () => {
    await client.subscribe();
    const test = (webhookType: string) => client.call("POST", `${path()}/test_send`, { webhookType });
    expect((await test("incomingSbpPayment")).data).toEqual({ result: true });
    expect((await client.claims(0)).claims.qrcId).toBe("AS10006DPRTEFPFS9HJ9SQSDSVRHJD3L");
    expect((await test("everything")).status).toBe(400);
    client.reply(500);
    expect((await test("incomingSbpPayment")).status).toBe(424);
  });
});

describe("delivery", () => {
  it("goes to every application that may see the company, and to no other", async () => {
    await client.subscribe();
    const { codes } = client;
    const second = await client.control("POST", "/control/tochka/jwt-keys", {
      localUrls: true,
      granted: { [codes[1]]: "all" },
    });
    await client.call("PUT", `/webhook/v1.0/${second.clientId}`, body({ url: `${client.hook}/2` }), second.jwt);
    client.received.length = 0;
    await pay();
    expect(client.received.map((one) => one.path)).toEqual(["/hook"]);
    await pay({ customerCode: codes[1], merchantId: undefined });
    expect(client.received.map((one) => one.path).sort()).toEqual(["/hook", "/hook", "/hook/2"]);
    const { data } = await client.create({ customerCode: codes[1], merchantId: undefined });
    await client.control("POST", `/control/tochka/consents/${client.consentId}/revoke`, {});
    client.received.length = 0;
    await client.act(data.operationId, { action: "pay", method: "card" });
    expect(client.received.map((one) => one.path)).toEqual(["/hook/2"]);
  });

  it.each([500, 302, 201])("is repeated 30 times every 10 seconds after %i, then never", async (status) => {
    await client.subscribe();
    client.reply(status);
    const { operationId } = await pay();
    expect(client.received).toHaveLength(1);
    await client.advance(9);
    expect(client.received).toHaveLength(1);
    for (let i = 0; i < 40; i++) await client.advance(10);
    expect(client.received).toHaveLength(31);
    const bodies = new Set(client.received.map((one) => one.body.toString()));
    expect(bodies.size).toBe(1);
    expect((await client.operation(operationId)).status).toBe("APPROVED");
    const { notifications } = await client.control("GET", `/control/tochka/operations/${operationId}`);
    expect(notifications[0].state).toBe("gave_up");
  });

  it("is repeated when nobody answers in time, until somebody does", async () => {
    await client.subscribe();
    client.reply(503);
    await pay();
    client.reply(200);
    await client.advance(10);
    await client.advance(100);
    expect(client.received).toHaveLength(2);
  });

  it("is repeated when the receiver hangs", async () => {
    let asked = 0;
    const hanging = createServer((_, response) => {
      asked += 1;
      if (asked === 1) response.end();
    });
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const { port } = hanging.address() as AddressInfo;
    expect((await client.call("PUT", path(), body({ url: `http://127.0.0.1:${port}/` }))).status).toBe(200);
    await client.options({ webhookTimeoutMs: 50 });
    const { operationId } = await pay();
    await client.advance(10);
    expect(asked).toBe(3);
    const { notifications } = await client.control("GET", `/control/tochka/operations/${operationId}`);
    expect(notifications[0]).toMatchObject({
      state: "retrying",
      deliveries: [{ reason: "no answer within 50 ms" }, {}],
    });
    hanging.closeAllConnections();
    hanging.close();
  });

  it("has no headers that say more than its type", async () => {
    await client.subscribe();
    await pay();
    const names = Object.keys(client.received[0]?.headers ?? {}).sort();
    expect(names).toEqual(["connection", "content-length", "content-type", "host", "user-agent"]);
  });

  it.each([
    ["before_return", 1, 0],
    ["after_return", 0, 1],
    ["by_clock", 0, 1],
  ])("%s comes in its order with the browser", async (firstWebhook, atReturn, later) => {
    await client.subscribe();
    await client.options({ firstWebhook });
    const { data } = await client.create();
    await client.payOnPage(data.paymentLink, "card", { outcome: "pay" });
    expect(client.received).toHaveLength(atReturn);
    await client.advance(6);
    expect(client.received).toHaveLength(atReturn + later);
  });

  it("comes doubled, also at once, late, never, swapped and replayed", async () => {
    await client.subscribe();
    const count = async (fault: string, more: object = {}): Promise<number> => {
      client.received.length = 0;
      await client.plant(fault, more);
      await pay();
      return client.received.length;
    };
    expect(await count("duplicate")).toBe(2);
    expect(client.received[0]?.body).toEqual(client.received[1]?.body);
    expect(await count("at_once", { times: 3 })).toBe(3);
    expect(await count("lost")).toBe(0);
    expect(await count("late", { delaySeconds: 60 })).toBe(0);
    await client.advance(61);
    expect(client.received).toHaveLength(1);
    expect(await count("replay", { delaySeconds: 60 })).toBe(1);
    await client.advance(61);
    expect(client.received[1]?.body).toEqual(client.received[0]?.body);

    client.received.length = 0;
    await client.plant("out_of_order");
    const { data } = await client.create({ preAuthorization: true });
    await client.act(data.operationId, { action: "pay", method: "card" });
    expect(client.received).toHaveLength(0);
    await client.act(data.operationId, { action: "capture" });
    const order = [(await client.claims(0)).claims.status, (await client.claims(1)).claims.status];
    expect(order).toEqual(["APPROVED", "AUTHORIZED"]);
  });

  it("may wait for a browser that never returns", async () => {
    await client.subscribe();
    await client.plant("after_browser");
    const { operationId } = await pay();
    await client.advance(7200);
    expect(client.received).toHaveLength(0);
    await client.act(operationId, { action: "return" });
    await client.advance(3);
    expect(client.received).toHaveLength(1);
  });
});

describe("forged and odd tokens", () => {
  it.each([
    ["tampered_payload", "signature"],
    ["tampered_signature", "signature"],
    ["wrong_key", "signature"],
    ["alg_none", "algorithm"],
    ["alg_hs256", "algorithm"],
    ["alg_ps256", "algorithm"],
    ["alg_rs512", "algorithm"],
    ["jwk_header", "header"],
    ["jku_header", "header"],
    ["crit_header", "header"],
    ["bare_json", "unreadable"],
    ["two_parts", "parts"],
    ["empty_body", "unreadable"],
    ["trailing_newline", "verified"],
    ["content_type_json", "verified"],
    ["content_type_none", "verified"],
    ["not_json", "unreadable"],
  ])("%s is found to be: %s", async (fault, verdict) => {
    await client.subscribe();
    await client.plant(fault);
    await pay();
    expect((await client.claims(0)).verdict).toBe(verdict);
    // The next one is right again.
    await pay();
    expect((await client.claims(1)).verdict).toBe("verified");
  });

  it.each([
    ["other_amount", { amount: "1234.49" }],
    ["other_customer", { customerCode: "300999999" }],
    ["other_merchant", { merchantId: "299999999999999" }],
    ["other_link_id", { paymentLinkId: "link-of-nobody" }],
    ["unknown_status", { status: "REINCARNATED" }],
    ["unknown_type", { paymentType: "digitalRuble" }],
    ["unknown_event", { webhookType: "incomingKarma" }],
    ["two_decimals", { amount: "1234.50" }],
    ["sample", { customerCode: "300123123" }],
  ])("%s is well signed and says what it should not", async (fault, says) => {
    await client.subscribe();
    await client.plant(fault);
    await pay();
    const { verdict, claims } = await client.claims(0);
    expect(verdict).toBe("verified");
    expect(claims).toMatchObject(says);
  });

  it("of an operation that nobody made, without a link id, and with more claims", async () => {
    await client.subscribe();
    await client.plant("other_operation");
    const { operationId } = await pay();
    expect((await client.claims(0)).claims.operationId).not.toBe(operationId);
    await client.plant("no_link_id");
    await pay();
    expect((await client.claims(1)).claims).not.toHaveProperty("paymentLinkId");
    await client.plant("extra_claims");
    await pay();
    expect((await client.claims(2)).claims).toHaveProperty("loyalty");
  });

  it("can be made to order, sent anywhere or only built", async () => {
    const { operationId } = await pay();
    const key = await client.control("GET", "/control/tochka/key");
    const built = await client.control("POST", "/control/tochka/ipn", { reference: operationId, deliver: false });
    expect(checkToken(built.body, key)).toMatchObject({ verdict: "verified", claims: { operationId } });
    const sent = await client.control("POST", "/control/tochka/ipn", {
      url: client.hook,
      claims: { amount: "1.0" },
      faults: ["wrong_key"],
    });
    expect(sent.delivery).toMatchObject({ status: 200, why: "manual" });
    expect(checkToken(sent.body, key)).toMatchObject({ verdict: "signature", claims: { amount: "1.0" } });
  });
});

describe("the key", () => {
  it("is a bare JWK of 3072 bits, and a new one replaces it", async () => {
    const url = `${client.origin}/tochka/doc/openapi/static/keys/public`;
    const before = (await (await fetch(url)).json()) as JsonWebKey;
    expect(before).toEqual({ kty: "RSA", e: "AQAB", n: expect.any(String) });
    expect(Buffer.from(before.n ?? "", "base64url")).toHaveLength(384);
    await client.subscribe();
    await pay();
    await client.control("POST", "/control/tochka/key", { rotate: true });
    const after = (await (await fetch(url)).json()) as JsonWebKey;
    await pay();
    const [old, fresh] = client.received.map((one) => one.body.toString());
    expect(checkToken(old ?? "", after).verdict).toBe("signature");
    expect(checkToken(fresh ?? "", after).verdict).toBe("verified");
    expect(checkToken(fresh ?? "", before).verdict).toBe("signature");
    await client.plant("api_503", { operation: "public_key" });
    expect((await fetch(url)).status).toBe(503);
  });
});
