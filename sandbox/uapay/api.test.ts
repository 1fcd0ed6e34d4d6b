// The API of UAPAY: envelope both ways, sessions, invoices, reads.
import { describe, expect, it } from "vitest";
import { setUpClient, sign, verify } from "./test-client.ts";

const client = setUpClient();
const { act, advance, call, control, create, now, openSession, options, post, show } = client;

/** Claims of a good session call, to be spoilt. */
const sessionClaims = async () => ({
  params: { clientId: client.shop.clientId },
  iat: Math.floor((await now()) / 1000),
});

describe("requests", () => {
  it("are answered with a token by the shop's key, iat as text", async () => {
    const made = await call("sessions/create", { clientId: client.shop.clientId });
    expect(made.status).toBe(200);
    expect(made.json).toEqual({ status: 1, data: { token: expect.any(String) } });
    expect(made.claims).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: String(Math.floor((await now()) / 1000)),
    });
  });

  it("may be short: params in clear and the token", async () => {
    const claims = await sessionClaims();
    const made = await post("sessions/create", { params: claims.params, token: sign(claims, client.shop.secret) });
    expect(made.claims?.id).toEqual(expect.any(String));
  });

  it("take iat as numeric text too", async () => {
    const claims = await sessionClaims();
    const text = { ...claims, iat: String(claims.iat) };
    expect((await post("sessions/create", { token: sign(text, client.shop.secret) })).claims).toBeDefined();
  });

  it.each([
    [19, undefined],
    [-20, undefined],
    [21, "TIMELIMIT_ERROR"],
    [-22, "TIMELIMIT_ERROR"],
    [3600, "TIMELIMIT_ERROR"],
  ])("that were signed %i s ago get %s", async (age, code) => {
    // A second may begin between asking and sending: each age is on the edge, or one off it, where that changes nothing.
    await control("POST", "/clock", { now: 1_800_000_000_100 });
    const made = await call("sessions/create", { clientId: client.shop.clientId }, undefined, { age });
    expect(made.json.error?.code).toBe(code);
  });

  it("must be signed anew once 20 s have gone by, and the log knows a token that came twice", async () => {
    // The test's own session was opened in this very second, perhaps: the same claims make the same token.
    await advance(2);
    const claims = await sessionClaims();
    const body = { ...claims, token: sign(claims, client.shop.secret) };
    expect((await post("sessions/create", body)).claims).toBeDefined();
    await advance(30);
    expect((await post("sessions/create", body)).json.error?.code).toBe("TIMELIMIT_ERROR");
    const log = await control<{ repeated: boolean; verdict: string; iat: number }[]>("GET", "/control/uapay/requests");
    expect(log.slice(-2)).toMatchObject([
      { repeated: false, verdict: "accepted", iat: claims.iat },
      { repeated: true, verdict: "refused", iat: claims.iat },
    ]);
    const again = await call("sessions/create", { clientId: client.shop.clientId });
    expect(again.claims).toBeDefined();
  });

  it.each<[string, (claims: object, secret: string) => unknown]>([
    ["without a token", (claims) => claims],
    ["with a token of two parts", (claims, secret) => ({ token: sign(claims, secret).replace(/\.[^.]+$/, "") })],
    ["with alg none", (claims, secret) => ({ token: sign(claims, secret, "none") })],
    ["with HS384", (claims, secret) => ({ token: sign(claims, secret, "HS384") })],
    ["with HS512", (claims, secret) => ({ token: sign(claims, secret, "HS512") })],
    ["by a stranger's key", (claims) => ({ token: sign(claims, "stranger") })],
    [
      "by the key decoded from base64",
      (claims, secret) => ({ token: sign(claims, Buffer.from(secret, "base64").toString("latin1")) }),
    ],
    ["with another copy in clear", (claims, secret) => ({ params: { clientId: "1" }, token: sign(claims, secret) })],
    ["without iat", (claims, secret) => ({ token: sign({ ...claims, iat: undefined }, secret) })],
    ["with a broken iat", (claims, secret) => ({ token: sign({ ...claims, iat: 1.5 }, secret) })],
    ["for another shop", (claims, secret) => ({ token: sign({ ...claims, params: { clientId: "999999" } }, secret) })],
    [
      "with a number for a shop",
      (claims, secret) => ({ token: sign({ ...claims, params: { clientId: 1000 } }, secret) }),
    ],
    ["that are no JSON", () => "token=1"],
  ])("%s are refused, unsigned", async (_name, spoil) => {
    const made = await post("sessions/create", spoil(await sessionClaims(), client.shop.secret));
    expect(made.status).toBe(400);
    expect(made.json).toMatchObject({ status: 0, error: { code: expect.any(String) } });
    expect(made.json.data).toBeUndefined();
  });

  it("name a missing field", async () => {
    const made = await call("sessions/create", {});
    expect(made.json.error).toMatchObject({ code: "FORMAT_ERROR", fields: { params: { clientId: "REQUIRED" } } });
  });

  it("are refused with the chosen code and HTTP status", async () => {
    await options({ errorStatus: 200, signatureErrorCode: "SIGN_ERROR" });
    const made = await call("sessions/create", { clientId: client.shop.clientId }, undefined, { secret: "other" });
    expect([made.status, made.json.error?.code]).toEqual([200, "SIGN_ERROR"]);
  });

  it("count by their token where the shop is lenient about the copy", async () => {
    await options({ strictCopy: false });
    const claims = await sessionClaims();
    const made = await post("sessions/create", {
      params: { clientId: "1" },
      iat: 5,
      token: sign(claims, client.shop.secret),
    });
    expect(made.claims?.id).toEqual(expect.any(String));
  });

  it("are POST and JSON, to methods that there are", async () => {
    const got = await fetch(`${client.origin}/uapay/api/sessions/create`);
    expect(await got.json()).toMatchObject({ status: 0 });
    expect((await post("sessions/create", {}, { "content-type": "text/plain" })).json.status).toBe(0);
    for (const path of ["invoicer/invoices/pay", "constructor"]) {
      expect((await call(path)).json.error?.code).toBe("NOT_FOUND");
    }
  });

  it("are refused while the shop is not active", async () => {
    await control("PATCH", `/control/uapay/shops/${client.shop.clientId}`, { active: false });
    const made = await call("sessions/create", { clientId: client.shop.clientId });
    expect(made.json.error?.code).toBe("NOT_ALLOWED");
  });

  it("are answered in clear by a shop without signing", async () => {
    await options({ signedAnswers: false });
    const made = await call("sessions/create", { clientId: client.shop.clientId });
    expect(made.json).toEqual({ status: 1, data: { id: expect.any(String) } });
  });

  it("are answered with escaped slashes now and then", async () => {
    const texts = await Promise.all([create(), create()]).then((made) => made.map(({ json }) => json.data?.token));
    const inside = texts.map((token) => Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());
    expect(inside.filter((text) => text.includes("http:\\/\\/"))).toHaveLength(1);
    expect(inside.filter((text) => text.includes("http://"))).toHaveLength(1);
  });
});

describe("sessions", () => {
  it("end after a day, and a new one goes on", async () => {
    const { id } = await create();
    await advance(86_399);
    expect((await call("invoicer/invoices/show", { id })).claims?.id).toBe(id);
    await advance(2);
    expect((await call("invoicer/invoices/show", { id })).json.error?.code).toBe("SESSION_NOT_FOUND");
    await openSession(client.shop);
    expect((await show(id)).id).toBe(id);
  });

  it.each([
    ["code", { code: "SESSION_NOT_FOUND" }],
    ["fields", { code: "FORMAT_ERROR", fields: { params: { sessionId: "NOT_FOUND" } } }],
    ["message", { code: "NOT_ALLOWED", message: "Session is not found or has expired" }],
  ])("that have ended are named in the %s", async (sessionErrorIn, error) => {
    await options({ sessionErrorIn });
    await control("POST", "/control/uapay/sessions/end", { clientId: client.shop.clientId });
    expect((await call("invoicer/invoices/show", { id: "x" })).json.error).toMatchObject(error);
  });

  it("that nobody opened, or none at all, are refused", async () => {
    const sessionId = crypto.randomUUID();
    expect((await call("invoicer/invoices/show", { sessionId })).json.error?.code).toBe("SESSION_NOT_FOUND");
    const none = await call("invoicer/invoices/show", { sessionId: undefined });
    expect(none.json.error).toMatchObject({ code: "FORMAT_ERROR", fields: { params: { sessionId: "REQUIRED" } } });
  });

  it("of one shop open nothing of another, and take no other key", async () => {
    const mine = client.shop;
    const session = client.sessionId;
    const { id, externalId } = await create();
    await act(id, { action: "pay" });
    const other = await control<typeof mine>("POST", "/control/uapay/shops", { name: "Other" });
    await openSession(other);
    expect((await call("invoicer/invoices/show", { id })).json.error?.code).toBe("NOT_FOUND");
    const list = await call("invoicer/invoices/show/list", { externalIds: [externalId] });
    expect(list.claims?.invoices).toEqual([]);
    expect((await client.move("reverse", id)).json.error?.code).toBe("NOT_FOUND");
    client.sessionId = session;
    expect((await call("invoicer/invoices/show", { id })).json.error?.code).toBe("TOKEN_ERROR");
  });
});

describe("shops", () => {
  it("are made with ids and keys as they are given, or found again", async () => {
    const given = { clientId: "777", secret: " raw=text= ", name: "Крамниця" };
    const made = await control<object>("POST", "/control/uapay/shops", given);
    expect(made).toMatchObject({ ...given, active: true, live: false });
    const again = await control<object>("POST", "/control/uapay/shops", { clientId: "777", name: "Інша" });
    expect(again).toMatchObject({ clientId: "777", secret: given.secret, name: "Інша" });
    expect(await control("GET", "/control/uapay/shops/777")).toMatchObject({ name: "Інша" });
  });

  it("can be fifty, each with its own key", async () => {
    const shops = await Promise.all(
      Array.from({ length: 50 }, () =>
        control<{ clientId: string; secret: string }>("POST", "/control/uapay/shops", {}),
      ),
    );
    expect(new Set(shops.map(({ clientId }) => clientId)).size).toBe(50);
    expect(new Set(shops.map(({ secret }) => secret)).size).toBe(50);
    for (const { clientId } of shops) expect(clientId).toMatch(/^\d+$/);
  });
});

describe("invoices", () => {
  it("have an id and two addresses", async () => {
    const made = await create();
    expect(made.claims).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      paymentPageUrl: `${client.origin}/uapay/pay/${made.id}`,
      paymentPageUrlQR: `${client.origin}/uapay/pay/${made.id}/qr`,
      iat: expect.any(String),
    });
  });

  it.each<[string, Record<string, unknown>, object]>([
    ["no externalId", { externalId: undefined }, { externalId: "REQUIRED" }],
    ["no description", { description: "" }, { description: "REQUIRED" }],
    ["a long description", { description: "x".repeat(256) }, { description: "INVALID" }],
    ["an unknown type", { type: "GIFT" }, { type: "INVALID" }],
    ["hryvnias instead of kopecks", { amount: 19.99 }, { amount: "INVALID" }],
    ["a sum as text", { amount: "1999" }, { amount: "INVALID" }],
    ["nothing to pay", { amount: 0 }, { amount: "INVALID" }],
    ["less than nothing", { amount: -1 }, { amount: "INVALID" }],
    ["extraInfo as an object", { extraInfo: { a: 1 } }, { extraInfo: "INVALID" }],
    ["extraInfo that is no JSON", { extraInfo: "a=1" }, { extraInfo: "INVALID" }],
    ["an address that is none", { callbackUrl: "hook" }, { callbackUrl: "INVALID" }],
    ["a way back into scripts", { redirectUrl: "javascript:alert(1)" }, { redirectUrl: "INVALID" }],
    ["an email that is none", { email: "nobody" }, { email: "INVALID" }],
    ["an end in milliseconds", { payExpiresAt: 1_900_000_000_000 }, { payExpiresAt: "INVALID" }],
    ["an end in ISO 8601", { payExpiresAt: "2030-01-01T00:00:00Z" }, { payExpiresAt: "INVALID" }],
    ["an end that is over", { payExpiresAt: "2020-01-01 00:00:00" }, { payExpiresAt: "INVALID" }],
    ["an end on no day", { payExpiresAt: "2030-02-30 00:00:00" }, { payExpiresAt: "INVALID" }],
    ["reusability as text", { reusability: "false" }, { reusability: "INVALID" }],
    ["services that do not add up", { services: [{ serviceId: 1, amount: 5 }] }, { services: "INVALID" }],
    ["a series of no sum", { type: "SUBSCRIBE", amount: undefined }, { amount: "REQUIRED" }],
    [
      "a series too slow",
      { type: "SUBSCRIBE", recurringInterval: 367, expiresAt: 4e12 },
      { recurringInterval: "INVALID" },
    ],
  ])("with %s are refused", async (_name, changes, data) => {
    const { json } = await create(changes);
    expect(json.error).toMatchObject({ code: "FORMAT_ERROR", fields: { data } });
  });

  it("are for shops, not for cards", async () => {
    const data = { externalId: "x", type: "PAY", amount: 1, description: "d" };
    const unnamed = await call("invoicer/invoices/create", {}, data);
    expect(unnamed.json.error?.fields).toEqual({ params: { systemType: "REQUIRED" } });
    expect((await call("invoicer/invoices/create", { systemType: "P2P" }, data)).json.error?.code).toBe("NOT_ALLOWED");
    expect((await call("invoicer/invoices/create", { systemType: "ECOM" })).json.error?.code).toBe("FORMAT_ERROR");
  });

  it("are shown by the documented names, extraInfo as an object", async () => {
    const { id, externalId } = await create({ extraInfo: '{"order":"77/1"}', email: "payer@example.test" });
    const shown = await show(id);
    expect(shown).toEqual({
      id,
      invoiceNumber: expect.any(Number),
      clientId: client.shop.clientId,
      systemType: "ECOM",
      amount: 1999,
      reusability: false,
      description: "Рахунок 77",
      invoiceStatus: "ACTIVE",
      redirectUrl: "https://pay.example.test/r/1?n=2",
      callbackUrl: client.hook,
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      type: "PAY",
      email: "payer@example.test",
      extraInfo: { order: "77/1" },
      serviceData: [],
      payments: [],
      iat: expect.any(String),
    });
    await options({ showExternalId: true });
    expect((await show(id)).externalId).toBe(externalId);
  });

  it("are listed by ids or externalIds, of which several may be the same", async () => {
    const made = [await create({ externalId: "twice" }), await create({ externalId: "twice" }), await create()];
    const list = async (params: object) => {
      const { claims = {} } = await call("invoicer/invoices/show/list", params as Record<string, unknown>);
      return (claims.invoices as { id: string }[]).map(({ id }) => id);
    };
    expect(await list({ externalIds: ["twice", "nobody"] })).toEqual([made[0]?.id, made[1]?.id]);
    expect(await list({ ids: [made[2]?.id] })).toEqual([made[2]?.id]);
    expect(await list({ externalIds: ["nobody"] })).toEqual([]);
    const hundred = Array.from({ length: 101 }, (_, i) => `x-${i}`);
    for (const params of [
      {},
      { ids: [] },
      { externalIds: hundred },
      { ids: "x" },
      { ids: ["a"], externalIds: ["b"] },
    ]) {
      expect((await call("invoicer/invoices/show/list", params)).json.error?.code).toBe("FORMAT_ERROR");
    }
    expect(await list({ externalIds: hundred.slice(1) })).toEqual([]);
  });

  it("end at payExpiresAt, which is a clock on a wall in Kyiv", async () => {
    await control("POST", "/clock", { now: Date.parse("2027-07-01T09:00:00Z") });
    await openSession(client.shop);
    // Noon in Kyiv in summer is nine o'clock in UTC.
    expect((await create({ payExpiresAt: "2027-07-01 11:59:59" })).json.error?.code).toBe("FORMAT_ERROR");
    const { id, page } = await create({ payExpiresAt: "2027-07-01 12:10:00" });
    expect((await show(id)).invoiceStatus).toBe("ACTIVE");
    await advance(601);
    expect((await show(id)).invoiceStatus).toBe("INACTIVE");
    expect((await fetch(page)).status).toBe(410);
    await expect(act(id, { action: "pay" })).rejects.toThrow("409");
    await options({ timeZone: "UTC" });
    expect((await create({ payExpiresAt: "2027-07-01 12:10:00" })).claims).toBeDefined();
    expect((await create({ payExpiresAt: "2027-07-01 09:10:00" })).json.error?.code).toBe("FORMAT_ERROR");
  });

  it("know what a stranger's token is", () => {
    expect(verify(sign({ a: 1 }, "one"), "other")).toBe("signature");
    expect(verify(sign({ a: 1 }, "one"), "one")).toEqual({ a: 1 });
  });
});
