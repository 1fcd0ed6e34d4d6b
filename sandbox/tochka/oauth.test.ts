// Applications, consent, tokens, and what they open.
import { describe, expect, it } from "vitest";
import { type Json, type Page, setUpClient } from "./test-client.ts";

const client = setUpClient();
const day = 86_400;
const scope = "acquiring customers sbp";
const asked = [
  "ReadCustomerData",
  "ReadAcquiringData",
  "MakeAcquiringOperation",
  "ManageWebhookData",
  "ReadSBPData",
  "EditSBPData",
];

const authorizeUrl = (): string => `${client.origin}/tochka/connect/authorize`;

async function appToken(words = scope): Promise<string> {
  const { client_id, client_secret } = { client_id: client.clientId, client_secret: client.clientSecret };
  const { json } = await client.tokenCall({ grant_type: "client_credentials", client_id, client_secret, scope: words });
  return json.access_token;
}

async function newConsent(data: object = {}): Promise<string> {
  const body = { Data: { permissions: asked, ...data } };
  const { json } = await client.call("POST", "/consent/v1.0/consents", body, await appToken());
  return json.Data.Consent[0].consentId;
}

const fields = (consentId: string, more: Record<string, string> = {}): Record<string, string> => ({
  client_id: client.clientId,
  response_type: "code",
  state: "s-1",
  redirect_uri: client.redirectUrl,
  scope,
  consent_id: consentId,
  ...more,
});

/** Presses Save with companies and permissions ticked. */
function save(consentId: string, companies: string[], permissions = asked, more = {}): Promise<Page> {
  return client.press(authorizeUrl(), [
    ...Object.entries(fields(consentId, more)),
    ["decision", "save"],
    ...companies.map((code): [string, string] => ["company", code]),
    ...permissions.map((word): [string, string] => ["permission", word]),
  ]);
}

const answerOf = (page: Page): Record<string, string> =>
  Object.fromEntries(new URL(page.location ?? "http://nowhere").searchParams);

const exchange = (code: string, more: Record<string, string> = {}) =>
  client.tokenCall({
    grant_type: "authorization_code",
    client_id: client.clientId,
    client_secret: client.clientSecret,
    scope,
    code,
    redirect_uri: client.redirectUrl,
    ...more,
  });

const refresh = (token: string) =>
  client.tokenCall({
    grant_type: "refresh_token",
    client_id: client.clientId,
    client_secret: client.clientSecret,
    refresh_token: token,
  });

async function connected(companies = [client.codes[0]], permissions = asked): Promise<Json> {
  const { code = "" } = answerOf(await save(await newConsent(), companies, permissions));
  return (await exchange(code)).json;
}

const customers = (token: string) => client.call("GET", "/open-banking/v1.0/customers", undefined, token);

describe("registration of an application", () => {
  const cabinet = (form: Record<string, string>) =>
    client.press(`${client.origin}/tochka/bank/services/m/integration/new`, form);
  const good = () => ({
    name: "Школа",
    redirectUrl: "https://pay.example.test/back",
    company: client.codes[0],
    offer: "yes",
  });

  it("shows id and secret once, and they get a token", async () => {
    const shown = await cabinet(good());
    expect(shown.status).toBe(200);
    const [, clientId = ""] = /id="client-id">([^<]+)</.exec(shown.text) ?? [];
    const [, clientSecret = ""] = /id="client-secret">([^<]+)</.exec(shown.text) ?? [];
    const got = await client.tokenCall({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    });
    expect(got.json).toMatchObject({ token_type: "bearer", expires_in: day });
    expect(got.json).not.toHaveProperty("refresh_token");
    expect(await (await fetch(`${client.origin}/tochka`)).text()).not.toContain(clientSecret);
  });

  it.each([
    ["without the offer", { offer: "" }, "оферт"],
    ["without a name", { name: "" }, "название"],
    ["with plain http", { redirectUrl: "http://pay.example.test/back" }, "https://"],
    ["to localhost", { redirectUrl: "https://localhost/back" }, "localhost"],
    ["for a company that is no business", { company: "none" }, "компанию"],
  ])("is refused %s, with a text", async (_, change, text) => {
    const before = (await client.control("GET", "/control/tochka/clients")).length;
    const refused = await cabinet({ ...good(), ...change });
    expect(refused.status).toBe(422);
    expect(/role="alert">([^<]*)</.exec(refused.text)?.[1]).toContain(text);
    expect(await client.control("GET", "/control/tochka/clients")).toHaveLength(before);
  });

  it("takes 127.0.0.1, and this machine's name only where local addresses are ticked", async () => {
    expect((await cabinet({ ...good(), redirectUrl: "https://127.0.0.1:8443/back" })).status).toBe(200);
    const local = { ...good(), redirectUrl: "http://localhost:3000/back" };
    expect((await cabinet(local)).status).toBe(422);
    expect((await cabinet({ ...local, local: "yes" })).status).toBe(200);
  });
});

describe("consents", () => {
  it("are made on both paths, in the shape of specification and guide", async () => {
    const token = await appToken();
    const body = { Data: { permissions: asked } };
    const bySpec = await client.call("POST", "/consent/v1.0/consents", body, token);
    const byGuide = await client.call("POST", "/v1.0/consents", body, token);
    const shape = { status: "AwaitingAuthorisation", permissions: asked, clientId: client.clientId };
    expect(bySpec.json.Data.Consent).toMatchObject([shape]);
    expect(byGuide.json.Data).toMatchObject(shape);
    const { consentId } = byGuide.json.Data;
    const one = await client.call("GET", `/consent/v1.0/consents/${consentId}`, undefined, token);
    expect(one.data.Consent[0].consentId).toBe(consentId);
    const list = await client.call("GET", "/v1.0/consents", undefined, token);
    expect(list.data.Consent.at(-1)).toMatchObject({ consentId, isValid: true });
  });

  it("refuse unknown words and past dates", async () => {
    const token = await appToken();
    const post = (data: object) => client.call("POST", "/v1.0/consents", { Data: data }, token);
    const unknown = await post({ permissions: ["ReadMinds"] });
    expect(unknown.status).toBe(400);
    expect(unknown.json.Errors[0].message).toMatch(/ReadMinds.*ReadAccountsBasic.*ManageGuarantee/);
    const past = await post({ permissions: asked, expirationDateTime: "2020-01-01T00:00:00+00:00" });
    expect(past.status).toBe(400);
    expect(past.json.Errors[0].message).toContain("expirationDateTime");
    expect((await post({ permissions: [] })).status).toBe(400);
  });

  it("are not for a token of nobody, and an app token opens nothing else", async () => {
    expect((await client.call("POST", "/v1.0/consents", { Data: { permissions: asked } }, "x")).status).toBe(403);
    expect((await customers(await appToken())).status).toBe(403);
  });
});

describe("the form of consent", () => {
  it("offers companies and permissions one by one, none ticked", async () => {
    const url = `${authorizeUrl()}?${new URLSearchParams(fields(await newConsent()))}`;
    const { status, text } = await client.page(url);
    expect(status).toBe(200);
    expect(text.match(/name="company"/g)).toHaveLength(3);
    expect(text.match(/name="permission"/g)).toHaveLength(asked.length);
    expect(text).not.toContain("checked");
    expect(text).not.toContain("<script");
  });

  it("gives a code and the state, and the tokens open just what was ticked", async () => {
    const consentId = await newConsent();
    const back = await save(consentId, [client.codes[0]]);
    expect(back).toMatchObject({
      status: 302,
      location: expect.stringMatching(/^https:\/\/shop\.example\.test\/connect/),
    });
    expect(answerOf(back)).toEqual({ code: expect.any(String), state: "s-1" });
    const { json } = await exchange(answerOf(back).code ?? "");
    expect(json).toMatchObject({ token_type: "bearer", expires_in: day, state: "s-1", user_id: expect.any(String) });
    const seen = await customers(json.access_token);
    expect(seen.data.Customer).toMatchObject([
      { customerCode: client.codes[0], customerType: "Business", isResident: true, fullName: expect.any(String) },
    ]);
    const child = await client.call("GET", `/v1.0/consents/${consentId}/child`, undefined, await appToken());
    expect(child.data.Consent).toMatchObject([{ customerCode: client.codes[0], status: "Authorised" }]);
  });

  it("shows persons beside companies when they are ticked", async () => {
    const { access_token } = await connected([...client.codes]);
    const types = (await customers(access_token)).data.Customer.map((one: Json) => one.customerType);
    expect(types).toEqual(["Business", "Business", "Personal"]);
  });

  it("asks again when nothing is ticked", async () => {
    const consentId = await newConsent();
    for (const page of [await save(consentId, []), await save(consentId, [client.codes[0]], [])]) {
      expect(page.status).toBe(422);
      expect(page.text).toContain('role="alert"');
    }
  });

  it("leads back with an error when it is refused, and the consent is gone", async () => {
    const consentId = await newConsent();
    const back = await client.press(authorizeUrl(), { ...fields(consentId), decision: "refuse" });
    expect(answerOf(back)).toMatchObject({
      error: "access_denied",
      error_description: expect.any(String),
      state: "s-1",
    });
    const { data } = await client.call("GET", `/v1.0/consents/${consentId}`, undefined, await appToken());
    expect(data.status).toBe("Rejected");
    expect((await save(consentId, [client.codes[0]])).status).toBe(400);
  });

  it.each([
    ["another redirect_uri", { redirect_uri: "https://shop.example.test/connect/return/" }],
    ["another client_id", { client_id: "nobody" }],
    ["another consent_id", { consent_id: "nobody" }],
    ["another response_type", { response_type: "token" }],
    ["no state", { state: "" }],
    ["another scope than the consent's", { scope: "acquiring sbp" }],
    ["an unknown scope", { scope: "everything" }],
  ])("leads nowhere with %s", async (_, change) => {
    const page = await save(await newConsent(), [client.codes[0]], asked, change);
    expect(page).toMatchObject({ status: 400, location: null });
  });

  it("can hand back a wrong state, or none, or less than was ticked", async () => {
    await client.plant("oauth_wrong_state");
    expect(answerOf(await save(await newConsent(), [client.codes[0]])).state).not.toBe("s-1");
    await client.plant("oauth_no_state");
    expect(answerOf(await save(await newConsent(), [client.codes[0]]))).not.toHaveProperty("state");
    await client.plant("oauth_partial");
    const consentId = await newConsent();
    await save(consentId, [client.codes[0]]);
    const { data } = await client.call("GET", `/v1.0/consents/${consentId}`, undefined, await appToken());
    expect(data.permissions).toEqual(asked.slice(0, -1));
  });
});

describe("a code", () => {
  it("serves once", async () => {
    const { code = "" } = answerOf(await save(await newConsent(), [client.codes[0]]));
    expect((await exchange(code)).status).toBe(200);
    expect(await exchange(code)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
  });

  it("lives five minutes", async () => {
    const { code: first = "" } = answerOf(await save(await newConsent(), [client.codes[0]]));
    await client.advance(290);
    expect((await exchange(first)).status).toBe(200);
    const { code: second = "" } = answerOf(await save(await newConsent(), [client.codes[0]]));
    await client.advance(301);
    expect(await exchange(second)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
  });

  it("wants the same redirect_uri, scope and secret", async () => {
    const { code = "" } = answerOf(await save(await newConsent(), [client.codes[0]]));
    const other = { redirect_uri: "https://shop.example.test/connect" };
    expect(await exchange(code, other)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
    expect(await exchange(code, { scope: "sbp" })).toMatchObject({ status: 400, json: { error: "invalid_scope" } });
    expect(await exchange(code, { client_secret: "x" })).toMatchObject({
      status: 401,
      json: { error: "invalid_client" },
    });
    expect((await exchange(code)).status).toBe(200);
  });
});

describe("tokens", () => {
  it("end after 24 hours with 403 (or 401), and a refresh brings a new pair", async () => {
    const { access_token, refresh_token } = await connected();
    await client.advance(day + 1);
    expect(await customers(access_token)).toMatchObject({
      status: 403,
      json: { code: "403", message: "Что-то пошло не так", Errors: [{ message: "Forbidden by consent" }] },
    });
    await client.options({ expiredTokenStatus: 401 });
    expect((await customers(access_token)).status).toBe(401);
    const next = await refresh(refresh_token);
    expect(next.json).toMatchObject({ state: null, expires_in: day });
    expect(next.json.refresh_token).not.toBe(refresh_token);
    expect((await customers(next.json.access_token)).status).toBe(200);
    expect(await refresh(refresh_token)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
  });

  it("burn one of two parallel refreshes", async () => {
    const { refresh_token } = await connected();
    const both = await Promise.all([refresh(refresh_token), refresh(refresh_token)]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it("cannot be refreshed after 30 days", async () => {
    const { refresh_token } = await connected();
    await client.advance(30 * day - 60);
    const next = await refresh(refresh_token);
    expect(next.status).toBe(200);
    await client.advance(30 * day + 1);
    expect(await refresh(next.json.refresh_token)).toMatchObject({ status: 400, json: { error: "invalid_grant" } });
  });

  it("may be rotated while the answer is lost", async () => {
    const { refresh_token } = await connected();
    await client.plant("answer_lost", { operation: "token_refresh" });
    await expect(refresh(refresh_token)).rejects.toThrow();
    expect((await refresh(refresh_token)).status).toBe(400);
  });

  it("are told by introspection as a signed text", async () => {
    const { access_token } = await connected();
    const response = await fetch(`${client.origin}/tochka/connect/introspect`, {
      method: "POST",
      body: new URLSearchParams({ access_token }),
    });
    const jwt = (await response.json()) as string;
    const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    expect(claims).toMatchObject({ iss: "enter.tochka.com", sub: client.codes[0], aud: client.clientId });
  });

  it("must be asked for by a form", async () => {
    const response = await fetch(`${client.origin}/tochka/connect/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ grant_type: "client_credentials" }),
    });
    expect(response.status).toBe(400);
  });
});

describe("what a consent opens", () => {
  const retailers = (token: string, code: string) =>
    client.call("GET", `/acquiring/v1.0/retailers?customerCode=${code}`, undefined, token);

  it("is nothing once it is revoked", async () => {
    const { access_token, refresh_token } = await connected();
    const [consent] = (await client.control("GET", "/control/tochka/consents")).slice(-1);
    await client.control("POST", `/control/tochka/consents/${consent.consentId}/revoke`, {});
    expect((await customers(access_token)).json.Errors[0].message).toBe("Forbidden by consent");
    expect((await refresh(refresh_token)).status).toBe(400);
  });

  it("is nothing once it has expired", async () => {
    const until = new Date((await client.now()) + 3_600_000).toISOString();
    const consentId = await newConsent({ expirationDateTime: until });
    const { code = "" } = answerOf(await save(consentId, [client.codes[0]]));
    const { access_token } = (await exchange(code)).json;
    expect((await customers(access_token)).status).toBe(200);
    await client.advance(3601);
    expect((await customers(access_token)).status).toBe(403);
  });

  it("lacks what was not ticked, or was taken back", async () => {
    const { access_token } = await connected([client.codes[0]], ["ReadAcquiringData"]);
    expect((await retailers(access_token, client.codes[0])).status).toBe(200);
    expect((await customers(access_token)).status).toBe(403);
    expect((await retailers(access_token, client.codes[1])).status).toBe(403);
    const [consent] = (await client.control("GET", "/control/tochka/consents")).slice(-1);
    const path = `/control/tochka/consents/${consent.consentId}/revoke`;
    await client.control("POST", path, { permission: "ReadAcquiringData" });
    expect((await retailers(access_token, client.codes[0])).status).toBe(403);
  });

  it("is not another user's", async () => {
    const other = await client.control("POST", "/control/tochka/users", {});
    expect((await retailers(client.token, other.companies[0].customerCode)).status).toBe(403);
  });
});

describe("JWT keys", () => {
  it("open what they name, and end by deletion and re-issue, webhook and all", async () => {
    const made = await client.control("POST", "/control/tochka/jwt-keys", { localUrls: true });
    expect((await customers(made.jwt)).data.Customer).toHaveLength(3);
    const claims = JSON.parse(Buffer.from(made.jwt.split(".")[1] ?? "", "base64url").toString("utf8"));
    expect(claims.iss).toBe(made.clientId);
    const webhook = { webhooksList: ["acquiringInternetPayment"], url: client.hook };
    expect((await client.call("PUT", `/webhook/v1.0/${made.clientId}`, webhook, made.jwt)).status).toBe(200);
    const next = await client.control("POST", "/control/tochka/jwt-keys", { localUrls: true, replaces: made.clientId });
    expect(next.clientId).not.toBe(made.clientId);
    expect((await customers(made.jwt)).status).toBe(403);
    expect((await client.call("GET", `/webhook/v1.0/${made.clientId}`, undefined, next.jwt)).status).toBe(403);
    expect((await client.call("GET", `/webhook/v1.0/${next.clientId}`, undefined, next.jwt)).status).toBe(404);
    await client.control("DELETE", `/control/tochka/clients/${next.clientId}`);
    expect((await customers(next.jwt)).status).toBe(403);
  });

  it("are no applications", async () => {
    const { jwt } = await client.control("POST", "/control/tochka/jwt-keys", {});
    expect((await client.call("POST", "/v1.0/consents", { Data: { permissions: asked } }, jwt)).status).toBe(501);
  });
});

describe("shops and accounts", () => {
  it("are in every status, with and without register and Dolyame", async () => {
    const { data } = await client.call("GET", `/acquiring/v1.0/retailers?customerCode=${client.codes[0]}`);
    const byName = Object.fromEntries(data.Retailer.map((shop: Json) => [shop.name, shop]));
    expect(byName["С кассой"]).toMatchObject({ status: "REG", isActive: true, cashbox: "businessRu" });
    expect(byName["Без кассы"]).not.toHaveProperty("cashbox");
    expect(byName.Отключён).toMatchObject({ status: "REG", isActive: false });
    expect(byName["Без Долями"].paymentModes).not.toContain("dolyame");
    expect(byName.Новый).not.toHaveProperty("merchantId");
    expect(byName.Создан).not.toHaveProperty("terminalId");
    const statuses = new Set(data.Retailer.map((shop: Json) => shop.status));
    expect(statuses.size).toBe(9);
  });

  it("change when somebody changes them", async () => {
    const shop = client.shops["С кассой"].merchantId;
    await client.control("PATCH", `/control/tochka/retailers/${shop}`, { cashbox: null });
    const path = `/control/tochka/companies/${client.codes[0]}/retailers`;
    const added = await client.control("POST", path, { name: "Второй" });
    const { data } = await client.call("GET", `/acquiring/v1.0/retailers?customerCode=${client.codes[0]}`);
    expect(data.Retailer.find((one: Json) => one.merchantId === shop)).not.toHaveProperty("cashbox");
    expect(data.Retailer.at(-1)).toMatchObject({ name: "Второй", merchantId: added.merchantId });
    await client.plant("quoted_active");
    const quoted = await client.call("GET", `/acquiring/v1.0/retailers?customerCode=${client.codes[0]}`);
    expect(quoted.data.Retailer[0].isActive).toBe("true");
  });

  it("have accounts with the bank's number", async () => {
    const { data } = await client.call("GET", "/open-banking/v1.0/accounts");
    expect(data.Account[0].accountId).toMatch(/^\d{20}\/044525104$/);
    const one = await client.call("GET", `/open-banking/v1.0/customers/${client.codes[1]}`);
    expect(one.data.customerCode).toBe(client.codes[1]);
    expect((await client.call("GET", "/open-banking/v1.0/customers/300999999")).status).toBe(403);
  });
});
