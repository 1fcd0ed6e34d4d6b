// What is decided for a connection beside its credentials: checked against the bank's shops, permissions and the law.

import { and, eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { auditEntries, connections, merchants } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { openStored } from "../merchants/connections.ts";
import { database } from "../testing/api-world.ts";
import {
  bindings,
  buildIpn,
  call,
  connected,
  deliverIpn,
  invoice,
  json,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import {
  as,
  connectedTochka,
  consent,
  decide,
  mailsTo,
  outlet,
  RECEIPTS,
  type Saved,
  savedTochka,
} from "../testing/tochka-under-test.ts";

type Options = {
  options: Record<string, unknown>;
  account_id: string | null;
  capture_mode: string;
  only_method: string | null;
  details_template: string | null;
  payer_note: string | null;
  notify_email: string | null;
  methods: { id: string; missing_permissions: string[]; is_at_account: boolean }[];
  only_method_extra: { is_unlocked: boolean };
};
type Accounts = {
  read_at: string | null;
  account_id: string | null;
  is_gone: boolean;
  data: { id: string; entity: { id: string; name: string }; name: string; state: string; is_usable: boolean }[];
};
type Faults = { errors: { field: string; code: string; message: string }[] };

const optionsOf = (saved: { apiKey: string; connectionId: string }) =>
  json<Options>("public", "GET", `/v1/connections/${saved.connectionId}/options`, { key: saved.apiKey });
const accountsOf = (saved: Saved) =>
  json<Accounts>("public", "GET", `/v1/connections/${saved.connectionId}/accounts`, { key: saved.apiKey });
const refresh = (saved: Saved) =>
  json<Accounts>("public", "POST", `/v1/connections/${saved.connectionId}/accounts/refresh`, { key: saved.apiKey });
const check = async (saved: Saved) =>
  (
    await json<{
      connection: { status: string; diagnosis: { findings: { code: string; next: unknown; facts: unknown }[] } };
    }>("public", "POST", `/v1/connections/${saved.connectionId}/check`, { key: saved.apiKey })
  ).connection;

async function refusals(answer: Response): Promise<Record<string, string>> {
  expect(answer.status).toBe(400);
  const { errors } = (await answer.json()) as Faults;
  return Object.fromEntries(errors.map(({ field, code }) => [field, code]));
}

async function storedCredentials(saved: Saved): Promise<Record<string, string>> {
  const [row] = await database().select().from(connections).where(eq(connections.id, saved.connectionId));
  if (!row) throw new Error("no connection");
  return (await openStored(await makeContext(bindings), row)).credentials as Record<string, string>;
}

test("before consent only texts and addresses can be decided", async () => {
  const saved = await savedTochka();
  expect((await decide(saved, { details_template: "{payer}", notify_email: "money@demo.example" })).status).toBe(200);
  expect(
    await refusals(await decide(saved, { account_id: outlet(saved.bank, "С кассой"), options: RECEIPTS })),
  ).toEqual({ account_id: "confirm_first", options: "confirm_first" });
  expect(await accountsOf(saved)).toMatchObject({ read_at: null, data: [] });
});

test("[C26] saving without an outlet is refused; the outlets come from the bank's own call", async () => {
  const saved = await savedTochka();
  await consent(saved);
  const { data } = await accountsOf(saved);
  const shops = saved.bank.retailers.filter(({ merchantId }) => merchantId);
  expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(shops.map((shop) => outlet(saved.bank, shop.name))));
  expect(await refusals(await decide(saved, { options: { fiscalisation: "register" } }))).toEqual({
    account_id: "required",
  });
  expect(await refusals(await decide(saved, { account_id: "300000101/999999999999999" }))).toEqual({
    account_id: "invalid_value",
  });
  expect((await optionsOf(saved)).account_id).toBeNull();
});

test("[C27] outlets of several legal entities are listed with the entity's name, and a payment goes to the chosen one", async () => {
  const saved = await savedTochka();
  await consent(saved);
  const { data } = await accountsOf(saved);
  const businesses = saved.bank.companies.filter(({ customerType }) => customerType === "Business");
  expect(businesses.length).toBeGreaterThan(1);
  expect(new Set(data.map(({ entity }) => entity.name))).toEqual(new Set(businesses.map((one) => one.shortName)));
  for (const name of ["Единственный", "С кассой"]) {
    const id = outlet(saved.bank, name);
    expect((await decide(saved, { account_id: id, options: { fiscalisation: "register" } })).status).toBe(200);
    const { customerCode, merchantId } = await storedCredentials(saved);
    expect(`${customerCode}/${merchantId}`).toBe(id);
    expect((await check(saved)).status).toBe("verified");
    const owed = await invoice(saved, { currency: "RUB" });
    const { attempt_id } = await json<{ attempt_id: string }>("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: saved.connectionId, method: "card", locale: "en" },
    });
    const [operation] = await sandbox<{ customerCode: string; merchantId: string }[]>(
      "GET",
      `/control/tochka/operations?paymentLinkId=${attempt_id}`,
    );
    expect(`${operation?.customerCode}/${operation?.merchantId}`).toBe(id);
  }
});

test("refreshing reads what changed at the bank, keeps the choice, tells when, and flags a choice that is gone", async () => {
  const saved = await connectedTochka();
  const before = await accountsOf(saved);
  const chosen = outlet(saved.bank, "С кассой");
  const made = await sandbox<{ merchantId: string; name: string }>(
    "POST",
    `/control/tochka/companies/${saved.bank.companies[0]?.customerCode}/retailers`,
    { name: "Совсем новый", cashbox: "businessRu" },
  );
  await sandbox("POST", "/clock", { advanceSeconds: 5 });
  const after = await refresh(saved);
  expect(after.data.find(({ name }) => name === "Совсем новый")).toMatchObject({ is_usable: true });
  expect(after.data.length).toBe(before.data.length + 1);
  expect(after).toMatchObject({ account_id: chosen, is_gone: false });
  expect(Date.parse(after.read_at ?? "")).toBeGreaterThan(Date.parse(before.read_at ?? ""));

  const other = `${saved.bank.companies[0]?.customerCode}/${made.merchantId}`;
  expect((await decide(saved, { account_id: other })).status).toBe(200);
  await sandbox("PATCH", `/control/tochka/retailers/${made.merchantId}`, { merchantId: "200000000099999" });
  expect(await refresh(saved)).toMatchObject({ account_id: other, is_gone: true });
  expect(await refusals(await decide(saved, { payer_note: "x" }))).toEqual({ account_id: "account_gone" });
  const examined = await check(saved);
  expect(examined.status).toBe("failing");
  expect(examined.diagnosis.findings[0]).toMatchObject({ code: "account_gone", next: { kind: "field" } });
});

test("[C16] an outlet that is not registered and active keeps the connection from going live, with its state and the link to apply", async () => {
  const saved = await savedTochka();
  await consent(saved);
  for (const [name, state] of [
    ["Файл отправлен", "FILE_SENT"],
    ["Закрыт", "CLOSE"],
    ["Отключён", "REG"],
  ] as const) {
    const decided = await decide(saved, {
      account_id: outlet(saved.bank, name),
      options: { fiscalisation: "register" },
    });
    expect(decided.status).toBe(200);
    const { status, diagnosis } = await check(saved);
    expect(status).toBe("waiting_for_approval");
    const finding = diagnosis.findings.find(({ code }) => code === "account_not_usable");
    expect(finding).toMatchObject({ facts: { account: name }, next: { kind: "link" } });
    expect(JSON.stringify(finding?.facts)).toContain(state);
    expect(finding?.next).toMatchObject({ to: expect.stringMatching(/^https:\/\/tochka\.com\//) });
  }
  await decide(saved, { account_id: outlet(saved.bank, "С кассой"), options: { fiscalisation: "register" } });
  expect((await check(saved)).status).toBe("verified");
});

test("[C29] SBP cannot be chosen alone while one of its two permissions is missing; the permission is named", async () => {
  for (const missing of ["EditSBPData", "MakeAcquiringOperation"]) {
    const saved = await savedTochka();
    await consent(saved, [missing]);
    const { methods } = await optionsOf(saved);
    expect(methods.find(({ id }) => id === "sbp")?.missing_permissions).toEqual([missing]);
    const answer = await decide(saved, { account_id: outlet(saved.bank, "С кассой"), only_method: "sbp" });
    const { errors } = (await answer.json()) as Faults;
    expect(errors).toEqual([{ field: "only_method", code: "permission_missing", message: missing }]);
  }
});

test("one method alone is an extra of the plan: locked without it, open in a trial, locked again after it", async () => {
  const saved = await savedTochka({ extras: {} });
  await consent(saved);
  const account_id = outlet(saved.bank, "С кассой");
  expect((await optionsOf(saved)).only_method_extra.is_unlocked).toBe(false);
  expect(await refusals(await decide(saved, { account_id, only_method: "sbp" }))).toEqual({
    only_method: "extra_locked",
  });
  const { now } = await makeContext(bindings);
  const until = (ms: number) => ({ only_method: { until: new Date(now.getTime() + ms).toISOString() } });
  const set = (extras: Record<string, { until: string }>) =>
    database().update(merchants).set({ extras }).where(eq(merchants.id, saved.merchantId));
  await set(until(3600_000));
  expect((await decide(saved, { account_id, only_method: "sbp" })).status).toBe(200);
  await set(until(-1000));
  expect(await refusals(await decide(saved, { account_id, only_method: "sbp" }))).toEqual({
    only_method: "extra_locked",
  });
  expect((await decide(saved, { account_id, only_method: null })).status).toBe(200);
});

test("one method alone persists and has an audit entry of its own", async () => {
  const saved = await connectedTochka();
  expect((await decide(saved, { only_method: "sbp" })).status).toBe(200);
  expect((await decide(saved, { payer_note: "Plată instantanee" })).status).toBe(200);
  expect((await optionsOf(saved)).only_method).toBe("sbp");
  expect((await decide(saved, { only_method: null })).status).toBe(200);
  const entries = await database()
    .select()
    .from(auditEntries)
    .where(and(eq(auditEntries.subject, saved.connectionId), eq(auditEntries.action, "connection.only_method_changed")))
    .orderBy(auditEntries.id);
  expect(entries.map(({ before, after }) => [before, after])).toEqual([
    [{ onlyMethod: null }, { onlyMethod: "sbp" }],
    [{ onlyMethod: "sbp" }, { onlyMethod: null }],
  ]);
  expect(entries[0]?.actor).toMatch(/^api_key:/);
});

test("receipts by the bank are refused for an outlet without a register, on that field; nothing else is lost", async () => {
  const saved = await savedTochka();
  await consent(saved);
  const body = { account_id: outlet(saved.bank, "Без кассы"), options: RECEIPTS, details_template: "{payer}" };
  expect(await refusals(await decide(saved, body))).toEqual({ "options.fiscalisation": "register_missing" });
  expect(await optionsOf(saved)).toMatchObject({ account_id: null, details_template: null });
  expect((await decide(saved, { ...body, options: { fiscalisation: "register" } })).status).toBe(200);
  // A register that is taken away later is found by the examination.
  const other = await connectedTochka();
  const merchantId = outlet(other.bank, "С кассой").split("/")[1];
  await sandbox("PATCH", `/control/tochka/retailers/${merchantId}`, { cashbox: null });
  const { status, diagnosis } = await check(other);
  expect(status).toBe("failing");
  expect(diagnosis.findings[0]).toMatchObject({
    code: "register_missing",
    next: { kind: "field", to: "options.fiscalisation" },
  });
});

test("fields of the receipt are asked for only with receipts by the bank, each by its code", async () => {
  const saved = await savedTochka();
  await consent(saved);
  const account_id = outlet(saved.bank, "С кассой");
  expect(await refusals(await decide(saved, { account_id, options: { fiscalisation: "bank" } }))).toEqual({
    "options.taxSystem": "required",
    "options.vatRate": "required",
    "options.receiptMethod": "required",
    "options.receiptObject": "required",
  });
  expect(
    await refusals(await decide(saved, { account_id, options: { ...RECEIPTS, vatRate: "vat20", other: "x" } })),
  ).toEqual({ "options.vatRate": "invalid_value", "options.other": "unknown" });
  const { data } = await json<{
    data: { id: string; options: { name: string; choices: string[] }[] }[];
  }>("public", "GET", "/v1/processors", { key: saved.apiKey });
  const fields = data.find(({ id }) => id === "tochka")?.options ?? [];
  for (const [name, field] of [
    ["taxSystem", "osn usn_income usn_income_outcome esn patent"],
    ["vatRate", "none vat0 vat5 vat7 vat10 vat22 vat105 vat107 vat110 vat122"],
    ["receiptObject", "goods service work"],
    ["receiptMethod", "full_payment full_prepayment"],
  ] as const) {
    const choices = fields.find((one) => one.name === name)?.choices;
    expect(choices).toEqual(field.split(" "));
    for (const value of choices ?? []) {
      const decided = await decide(saved, { account_id, options: { ...RECEIPTS, [name]: value } });
      expect(decided.status, `${name} ${value}`).toBe(200);
      expect((await optionsOf(saved)).options[name]).toBe(value);
    }
  }
  await decide(saved, { account_id, options: { fiscalisation: "register" } });
  expect((await optionsOf(saved)).options).toEqual({ fiscalisation: "register" });
});

test("[F05] [F06] [F08] every tax system, VAT rate and object of payment is sent to the bank as it was chosen", async () => {
  const saved = await connectedTochka();
  const { data } = await json<{ data: { id: string; options: { name: string; choices: string[] }[] }[] }>(
    "public",
    "GET",
    "/v1/processors",
    { key: saved.apiKey },
  );
  const fields = data.find(({ id }) => id === "tochka")?.options ?? [];
  const choicesOf = (name: string) => fields.find((field) => field.name === name)?.choices ?? [];
  const rows = Math.max(...["taxSystem", "vatRate", "receiptObject"].map((name) => choicesOf(name).length));
  for (let at = 0; at < rows; at++) {
    const pick = (name: string) => choicesOf(name)[at % choicesOf(name).length] ?? "";
    const options = {
      ...RECEIPTS,
      taxSystem: pick("taxSystem"),
      vatRate: pick("vatRate"),
      receiptObject: pick("receiptObject"),
    };
    expect((await decide(saved, { options })).status).toBe(200);
    const owed = await invoice(saved, { currency: "RUB" });
    const { attempt_id } = await json<{ attempt_id: string }>("inside", "POST", `/payer/${tokenOf(owed)}/attempts`, {
      body: { connection_id: saved.connectionId, method: "card", locale: "en" },
    });
    const [receipt] = await sandbox<{ taxSystemCode: string; Items: { vatType: string; paymentObject: string }[] }[]>(
      "GET",
      `/control/tochka/receipts?paymentLinkId=${attempt_id}`,
    );
    expect(receipt?.taxSystemCode).toBe(options.taxSystem);
    expect(receipt?.Items.length).toBeGreaterThan(0);
    for (const item of receipt?.Items ?? []) {
      expect(item).toMatchObject({ vatType: options.vatRate, paymentObject: options.receiptObject });
    }
  }
});

test("texts: unknown tags are flagged by name, empty details are fine, lines of a note are kept", async () => {
  const shop = await connected("v2");
  const faulty = await decide(shop, { details_template: "{payer} {klient} {сумма}" });
  expect(((await faulty.json()) as Faults).errors).toEqual([
    { field: "details_template", code: "unknown_tag", message: "{klient} {сумма}" },
  ]);
  expect((await decide(shop, { details_template: " ", payer_note: " Un rând\r\nAltul\u0007 " })).status).toBe(200);
  expect(await optionsOf(shop)).toMatchObject({ details_template: null, payer_note: "Un rând\nAltul" });
  expect((await decide(shop, { details_template: "{service}: {payer}" })).status).toBe(200);
  expect((await optionsOf(shop)).details_template).toBe("{service}: {payer}");
});

async function payOnce(shop: Awaited<ReturnType<typeof connected>>) {
  const owed = await invoice(shop);
  const started = await start(shop, owed);
  await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  const told = await buildIpn(started.attempt_id, { status: 3 });
  await Promise.all([deliverIpn(told), deliverIpn(told)]);
  await deliverIpn(await buildIpn(started.attempt_id, { status: 3 }));
  await runDue();
  return owed;
}

test("[M11] [N02] an incoming payment is told once to the notification address, a test one only where that was chosen; a bad address is refused", async () => {
  const shop = await connected("v2");
  expect(await refusals(await decide(shop, { notify_email: "not an address" }))).toEqual({ notify_email: "bad_email" });
  const address = `money-${shop.merchantId.toLowerCase()}@demo.example`;
  const told = async () => (await mailsTo(address)).length;
  expect((await decide(shop, { notify_email: address })).status).toBe(200);
  await payOnce(shop);
  expect(await told()).toBe(0);
  expect((await decide(shop, { notify_test: true })).status).toBe(200);
  const paid = await payOnce(shop);
  expect(await told()).toBe(1);
  await runDue();
  expect(await told()).toBe(1);
  const [mail] = await mailsTo(address);
  expect(mail?.subject).toContain("249,90");
  expect(mail?.text).toContain(paid.label ?? "no label");
  expect(mail?.text).toContain("Client demonstrativ");
  expect((await decide(shop, { notify_email: null })).status).toBe(200);
  await payOnce(shop);
  await runDue();
  expect(await told()).toBe(1);
});

test("Revolut is told our address, keeps its secret sealed, and stays as it is when told again", async () => {
  const shop = await connected("v2");
  const account = await sandbox<{ secretKey: string; publicKey: string }>("POST", "/control/revolut/accounts", {
    options: { localUrls: true },
  });
  const { id } = await json<{ id: string; notification_address: string }>("public", "POST", "/v1/connections", {
    key: shop.apiKey,
    body: { processor: "revolut", environment: "test", credentials: { secretKey: account.secretKey } },
  });
  const register = () =>
    json<{ outcome: string; address: string; connection: { notification_address: string } }>(
      "public",
      "POST",
      `/v1/connections/${id}/notifications`,
      { key: shop.apiKey, body: { replace: false } },
    );
  const first = await register();
  expect(first.outcome).toBe("registered");
  expect(first.address).toBe(first.connection.notification_address);
  const { webhooks } = await sandbox<{ webhooks: { url: string; events: string[]; secrets: { secret: string }[] }[] }>(
    "GET",
    `/control/revolut/accounts/${account.publicKey}`,
  );
  expect(webhooks.map(({ url }) => url)).toEqual([first.address]);
  expect(webhooks[0]?.events).toEqual(expect.arrayContaining(["ORDER_COMPLETED", "ORDER_PAYMENT_DECLINED"]));
  const secret = webhooks[0]?.secrets[0]?.secret ?? "";
  expect(JSON.stringify(first)).not.toContain(secret);
  const saved = { ...shop, connectionId: id } as unknown as Saved;
  expect((await storedCredentials(saved)).webhookSecrets).toEqual([secret]);
  expect((await register()).outcome).toBe("already_registered");
  const missing = await call("public", "POST", `/v1/connections/${shop.connectionId}/notifications`, {
    key: shop.apiKey,
    body: { replace: false },
  });
  expect(missing.status).toBe(409);
});

test("the trial of an extra begins once, at once, and is on record; a key of one shop may not begin it", async () => {
  const saved = await savedTochka({ extras: {} });
  const headers = { ...as(saved.cookie), "x-merchant": saved.merchantId };
  const begin = () => call("inside", "POST", "/v1/merchant/trials", { headers, body: { extra: "only_method" } });
  const byKey = await call("public", "POST", "/v1/merchant/trials", {
    key: saved.apiKey,
    body: { extra: "only_method" },
  });
  expect(byKey.status).toBe(403);
  const answers = await Promise.all([begin(), begin(), begin()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const refused = answers.find(({ status }) => status === 409);
  expect(await refused?.json()).toMatchObject({ code: "trial_used" });
  const [row] = await database().select().from(merchants).where(eq(merchants.id, saved.merchantId));
  const until = row?.extras.only_method?.until ?? "";
  const days = (new Date(until).getTime() - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBeGreaterThanOrEqual(30);
  const noted = await database().select().from(auditEntries).where(eq(auditEntries.subject, saved.merchantId));
  expect(noted.filter(({ action }) => action === "merchant.trial_started")).toHaveLength(1);
});
