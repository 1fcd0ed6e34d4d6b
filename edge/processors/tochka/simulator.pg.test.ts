// The adapter against the simulator, which was written apart from it, by the running relay: consent, outlets, both rails,
// receipts, refunds, and every webhook that the simulator can send, whole or spoiled.

import { Buffer } from "node:buffer";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { makeCaller } from "../call.ts";
import type {
  Account,
  AttemptReference,
  CallContext,
  Notification,
  NotificationRequest,
  Observation,
  StartAttempt,
  Started,
} from "../contract.ts";
import { resolveHosts } from "../hosts.ts";
import { fetchFor, relayOf } from "../relay.ts";
import type { TochkaCredentials } from "./credentials.ts";
import { tochka } from "./index.ts";
import { BANK_RECEIPT } from "./testing.ts";

type User = {
  user: string;
  companies: { customerCode: string; customerType: string }[];
  retailers: { merchantId: string | null; name: string }[];
};
type Client = { clientId: string; clientSecret: string };
type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };
type Opened = AttemptReference & { processorReference: string; action: Started["action"] };

const { sandboxOrigin, edgeVariables } = inject("testStack");
const overrides = JSON.parse(edgeVariables.PROCESSOR_HOSTS ?? "{}") as Record<string, string>;
const platformKeys = (JSON.parse(edgeVariables.PLATFORM_KEYS ?? "{}") as Record<string, string[]>).tochka ?? [];
const RUB = (minor: bigint) => ({ minor, currency: "RUB" });
const REDIRECT = "http://localhost:9/oauth/callback";

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(sandboxOrigin + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

let serial = 0;
let owner: User;
let client: Client;
/** Of the connection whose outlet has a register. */
let credentials: TochkaCredentials;
let accounts: Account[];

function context(change: Partial<CallContext<TochkaCredentials>> = {}): CallContext<TochkaCredentials> {
  const resolved = resolveHosts(tochka.descriptor, "test", overrides);
  const send = fetchFor(tochka.descriptor, resolved, relayOf(edgeVariables), (url, init) => fetch(url, init));
  return {
    credentials,
    options: {},
    environment: "test",
    now: new Date(),
    call: makeCaller({ allowedOrigins: resolved.allowedOrigins, fetch: send, timeoutMs: 3000 }),
    hosts: resolved.hosts,
    mayLeadTo: resolved.mayLeadTo,
    idempotencyKey: "key",
    ...change,
  };
}

async function value<T>(
  result: Promise<{ ok: true; value: T } | { ok: false; error: unknown }> | undefined,
): Promise<T> {
  const answer = await result;
  if (!answer?.ok) throw new Error(JSON.stringify(answer));
  return answer.value;
}

beforeAll(async () => {
  owner = await control("POST", "/control/tochka/users", { user: `adapter-${Date.now()}` });
  client = await control("POST", "/control/tochka/clients", {
    user: owner.user,
    name: "Plata",
    redirectUrl: REDIRECT,
    localUrls: true,
  });
  const saved = tochka.descriptor.credentials.parse({ clientId: client.clientId, clientSecret: client.clientSecret });
  credentials = (await consent(saved)).credentials;
  accounts = await value(tochka.listAccounts?.(context()));
  credentials = chosen("С кассой");
});

/** The credentials once the outlet of that name is chosen. */
function chosen(name: string): TochkaCredentials {
  const account = accounts.find((one) => one.name === name);
  if (!account) throw new Error(`no outlet ${name}`);
  return tochka.descriptor.credentials.parse({ ...credentials, ...account.credentials });
}

/** Walks the bank's form as a person would, and turns the code into access. */
async function consent(saved: TochkaCredentials, leaveOut: string[] = []) {
  const { authorization } = tochka;
  if (!authorization) throw new Error("no consent");
  const { url } = await value(
    authorization.begin({ state: "our-state-1", redirectUri: REDIRECT }, context({ credentials: saved })),
  );
  const page = await (await fetch(url)).text();
  const form = new URLSearchParams(new URL(url).search);
  for (const [, name = "", ticked = ""] of page.matchAll(/type="checkbox" name="(\w+)" value="(\w+)"/g)) {
    if (!leaveOut.includes(ticked)) form.append(name, ticked);
  }
  form.set("decision", "save");
  const back = await fetch(new URL(url).origin + new URL(url).pathname, {
    method: "POST",
    redirect: "manual",
    body: form,
  });
  const landed = new URL(back.headers.get("location") ?? "");
  expect(landed.origin + landed.pathname).toBe(REDIRECT);
  expect(landed.searchParams.get("state")).toBe("our-state-1");
  const code = landed.searchParams.get("code") ?? "";
  return value(authorization.finish({ code, redirectUri: REDIRECT }, context({ credentials: saved })));
}

function attempt(change: Partial<StartAttempt> = {}): StartAttempt {
  serial += 1;
  return {
    attemptId: `att_SIM${Date.now()}${serial}`,
    method: "card",
    amount: RUB(24_990n),
    capture: "automatic",
    description: "Курс — весна 2026, счёт 77",
    locale: "ru",
    payer: { name: "Клиент Тест", email: "client+x@demo.example", phone: "+79000000001" },
    returnUrl: "http://localhost:9/i/token?back=1",
    notifyUrl: "http://localhost:9/ipn/con_X/att/secret",
    secret: "a-secret-of-the-attempt-0123456789",
    ...change,
  };
}

async function open(change: Partial<StartAttempt> = {}, by = context()): Promise<Opened> {
  const input = attempt(change);
  const { action, processorReference } = await value(tochka.startAttempt(input, by));
  if (processorReference === undefined) throw new Error("no reference");
  if (action.kind === "go") expect((await fetch(action.url)).status).toBe(200);
  return { attemptId: input.attemptId, amount: input.amount, processorReference, action };
}

const id = (opened: Opened) => opened.processorReference.split("/")[1];
const act = (opened: Opened, body: object) =>
  control(
    "POST",
    `/control/tochka/${opened.processorReference.startsWith("qr/") ? "qrs" : "operations"}/${id(opened)}/act`,
    body,
  );
const query = (attemptOf: AttemptReference): Promise<Observation[]> =>
  value(tochka.queryAttempt?.(attemptOf, context()));

const read = (request: NotificationRequest): Promise<Notification> =>
  tochka.readNotification(request, { credentials, environment: "test", now: new Date(), platformKeys });
const requestOf = (built: Built): NotificationRequest => ({
  method: built.method,
  url: built.url,
  headers: new Headers(built.headers),
  body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")),
});

describe("tochka at the simulator: access", () => {
  it("is given by a person's consent, with everything that was asked for", async () => {
    const given = await consent({ ...credentials, accessToken: "", refreshToken: "" });
    expect(given.missing).toEqual([]);
    expect(given.granted).toContain("MakeAcquiringOperation");
    expect(given.credentials).toMatchObject({ clientId: client.clientId, merchantId: credentials.merchantId });
    expect(given.expiresAt.getTime()).toBeGreaterThan(Date.now() + 23 * 3_600_000);
  });

  it("names permissions that were not ticked; the check names those that reading needs", async () => {
    const given = await consent(credentials, ["ReadSBPData", "EditSBPData"]);
    expect(given.missing.sort()).toEqual(["EditSBPData", "ReadSBPData"]);
    const { steps } = await value(tochka.checkCredentials(attempt(), context({ credentials: given.credentials })));
    expect(steps.find((step) => step.id === "permissions_granted")).toMatchObject({
      outcome: "failed",
      detail: "ReadSBPData",
    });
  });

  it("is renewed with a new pair, and the old one is dead", async () => {
    const given = await consent(credentials);
    await control("POST", `/control/tochka/clients/${client.clientId}/expire-tokens`, {});
    const expired = context({ credentials: given.credentials });
    expect(await tochka.startAttempt(attempt(), expired)).toMatchObject({ error: { kind: "bad_credentials" } });
    const renewed = await value(tochka.authorization?.renew(expired));
    expect(renewed.credentials.refreshToken).not.toBe(given.credentials.refreshToken);
    expect(await tochka.startAttempt(attempt(), context({ credentials: renewed.credentials }))).toMatchObject({
      ok: true,
    });
    expect(await tochka.authorization?.renew(expired)).toMatchObject({ error: { kind: "bad_credentials" } });
    credentials = renewed.credentials;
  });

  it("is refused for a code that was used, and for a wrong secret", async () => {
    const wrong = context({ credentials: { ...credentials, clientSecret: "not-this-one" } });
    const begun = await tochka.authorization?.begin({ state: "s", redirectUri: REDIRECT }, wrong);
    expect(begun).toMatchObject({ error: { kind: "bad_credentials" } });
    const used = await tochka.authorization?.finish({ code: "used", redirectUri: REDIRECT }, context());
    expect(used).toMatchObject({ error: { kind: "bad_credentials" } });
  });
});

describe("tochka at the simulator: outlets and the check", () => {
  it("lists every outlet of every company, usable or not, and no person", () => {
    const business = owner.companies.filter((company) => company.customerType === "Business");
    expect(new Set(accounts.map((one) => one.entity.id))).toEqual(new Set(business.map((one) => one.customerCode)));
    expect(accounts.length).toBe(owner.retailers.length);
    expect(new Set(accounts.map((one) => one.id)).size).toBe(accounts.length);
    const usable = accounts.filter((one) => one.isUsable).map((one) => one.name);
    expect(usable).toEqual(["С кассой", "Без кассы", "Без Долями", "Единственный"]);
    expect(accounts.find((one) => one.name === "Без Долями")?.methods).not.toContain("instalments");
    expect(accounts.find((one) => one.name === "Без кассы")?.hasRegister).toBe(false);
    expect(credentials.sbpMerchantId).toMatch(/^MF/);
  });

  it.each<[string, object, string, string | undefined]>([
    ["С кассой", BANK_RECEIPT, "fiscalisation_possible", undefined],
    ["Без кассы", BANK_RECEIPT, "fiscalisation_possible", "no_register_at_the_bank"],
    ["Без кассы", {}, "outlet_usable", undefined],
    ["Отключён", {}, "outlet_usable", "inactive"],
    ["Закрыт", {}, "outlet_usable", "CLOSE"],
  ])("checks outlet %s with %j: %s", async (name, options, id, detail) => {
    const by = context({ credentials: chosen(name), options: options as Record<string, unknown> });
    const { steps } = await value(tochka.checkCredentials(attempt(), by));
    const step = steps.find((one) => one.id === id);
    expect(step?.outcome).toBe(detail === undefined ? "passed" : "failed");
    expect(step?.detail).toBe(detail);
  });
});

describe("tochka at the simulator: our notification address", () => {
  it("is registered, kept, and replaces another's only when asked to; samples are strangers' and answered 200", async () => {
    const heard: Notification[] = [];
    let isUp = true;
    const receiver = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", async () => {
        const told = await read({
          method: request.method ?? "",
          url: "http://localhost/ipn/con_1",
          headers: new Headers(),
          body: new Uint8Array(Buffer.concat(parts)),
        });
        heard.push(told);
        response.writeHead(isUp ? told.replies.stored.status : 500).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
    const origin = `http://localhost:${(receiver.address() as AddressInfo).port}`;
    const register = (path: string, replace = false) =>
      tochka.registerNotifications?.({ address: `${origin}${path}`, replace }, context());
    try {
      isUp = false;
      expect(await register("/ipn/con_1")).toMatchObject({ error: { kind: "rejected" } });
      isUp = true;
      heard.length = 0;
      expect(await register("/ipn/con_1")).toMatchObject({ ok: true, value: { outcome: "registered" } });
      expect(heard).toHaveLength(2);
      for (const told of heard) {
        expect(told).toMatchObject({ trust: "verified", observations: [], lookNow: false, advised: "stored" });
        expect(told.reference?.processor).toBeUndefined();
      }
      expect(await register("/ipn/con_1")).toMatchObject({ value: { outcome: "already_registered" } });
      expect(await register("/ipn/con_2")).toMatchObject({
        value: { outcome: "other_address_kept", address: `${origin}/ipn/con_1` },
      });
      const steps = async (notifyUrl: string) =>
        JSON.stringify((await value(tochka.checkCredentials(attempt({ notifyUrl }), context()))).steps);
      expect(await steps(`${origin}/ipn/con_1/att/secret`)).toContain('"notification_address","outcome":"passed"');
      expect(await steps(`${origin}/ipn/con_2/att/secret`)).toContain(`other: ${origin}/ipn/con_1`);
      expect(await register("/ipn/con_2", true)).toMatchObject({ value: { outcome: "registered" } });
      expect(await register("/ipn/con_2")).toMatchObject({ value: { outcome: "already_registered" } });
    } finally {
      receiver.closeAllConnections();
      receiver.close();
    }
  });
});

describe("tochka at the simulator: links", () => {
  it.each(["card", "t_pay", "instalments"])("takes a payment by %s", async (method) => {
    const link = await open({ method });
    expect(link.action.kind).toBe("go");
    expect(await query(link)).toMatchObject([{ kind: "awaiting_payer" }]);
    await act(link, { action: "pay" });
    expect(await query(link)).toMatchObject([{ kind: "captured", method, money: RUB(24_990n) }]);
  });

  it("stays open after a refused card, and can be paid then", async () => {
    const link = await open();
    await act(link, { action: "decline", reason: "INSUFFICIENT_FUNDS" });
    expect(await query(link)).toMatchObject([{ kind: "awaiting_payer" }]);
    await act(link, { action: "pay" });
    expect(await query(link)).toMatchObject([{ kind: "captured" }]);
  });

  it("tells an end", async () => {
    const link = await open();
    await act(link, { action: "expire" });
    expect(await query(link)).toMatchObject([{ kind: "expired" }]);
  });

  it("holds a card and takes the whole of it, once", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    expect(await query(held)).toMatchObject([{ kind: "authorized", money: RUB(24_990n) }]);
    const capture = (minor: bigint) => tochka.captureAuthorization?.({ attempt: held, amount: RUB(minor) }, context());
    expect(await capture(100n)).toMatchObject({ error: { kind: "rejected", detail: "capture_whole_only" } });
    expect(await capture(24_990n)).toMatchObject({ ok: true, value: [{ kind: "captured", money: RUB(24_990n) }] });
    expect(await query(held)).toMatchObject([{ kind: "captured", money: RUB(24_990n) }]);
    expect((await capture(24_990n))?.ok).toBe(false);
  });

  it("tells a hold that ran out as released", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    await act(held, { action: "expire" });
    expect(await query(held)).toMatchObject([{ kind: "voided" }]);
  });

  it("gives back a part, finished only when the bank says so", async () => {
    const link = await open();
    await act(link, { action: "pay" });
    const refund = { attempt: link, amount: RUB(1050n) };
    const [accepted] = await value(tochka.refundCapture?.(refund, context()));
    expect(accepted).toMatchObject({ kind: "refund_accepted", money: RUB(1050n), reference: expect.any(String) });
    const asked = { ...refund, reference: accepted?.reference ?? "" };
    expect(await value(tochka.queryRefund?.(asked, context()))).toMatchObject([{ kind: "refund_accepted" }]);
    expect((await query(link)).map((one) => one.kind)).toEqual(["captured"]);
    await act(link, { action: "complete-refund" });
    expect(await value(tochka.queryRefund?.(asked, context()))).toMatchObject([{ kind: "refund_succeeded" }]);
    expect(await query(link)).toMatchObject([
      { kind: "captured", money: RUB(24_990n) },
      { kind: "refund_succeeded", money: RUB(1050n), reference: accepted?.reference },
    ]);
  });

  it("hears a no to a refund that is too large", async () => {
    const link = await open();
    await act(link, { action: "pay" });
    const answer = await tochka.refundCapture?.({ attempt: link, amount: RUB(24_991n) }, context());
    expect(answer).toMatchObject({ ok: true, value: [{ kind: "refund_failed" }] });
  });

  it.each(["answer_lost", "answer_500", "api_no_data"])("finds the link whose making ended in %s", async (fault) => {
    const input = attempt();
    await control("POST", "/control/tochka/faults", {
      fault,
      client: client.clientId,
      reference: input.attemptId,
      operation: "create",
      next: 1,
    });
    expect(await tochka.startAttempt(input, context())).toMatchObject({ error: { kind: "outcome_unknown" } });
    const lost = { attemptId: input.attemptId, amount: input.amount };
    expect(await query(lost)).toMatchObject([{ kind: "awaiting_payer" }]);
    // The same id with another sum is nobody's to adopt.
    expect(await query({ ...lost, amount: RUB(1n) })).toMatchObject([
      { kind: "not_understood", processorCode: "link_differs" },
    ]);
    await control("POST", `/control/tochka/operations/${input.attemptId}/act`, { action: "pay", method: "card" });
    expect(await query(lost)).toMatchObject([{ kind: "captured", money: RUB(24_990n) }]);
  });

  it("says so when there is no such link", async () => {
    expect(await tochka.queryAttempt?.({ attemptId: "att_NONE", amount: RUB(1n) }, context())).toMatchObject({
      error: { kind: "rejected", detail: "no_such_operation" },
    });
  });

  it("has its receipt issued by the bank, with the buyer's address and lines that add up", async () => {
    const unit = RUB(3333n);
    const lines = [
      { name: "Занятие", quantity: "3", unit, total: RUB(10_000n) },
      { name: "Материалы", quantity: "1.5", unit: RUB(9_993n), total: RUB(14_990n) },
    ];
    const link = await open({ lines }, context({ options: BANK_RECEIPT }));
    await act(link, { action: "pay" });
    type Receipt = { Client: { email: string }; Items: { amount: number; quantity: number; vatType: string }[] };
    const [receipt] = await control<Receipt[]>("GET", `/control/tochka/receipts?paymentLinkId=${link.attemptId}`);
    expect(receipt?.Client.email).toBe("client+x@demo.example");
    const kopecks = (receipt?.Items ?? []).reduce(
      (sum, item) => sum + Math.round(item.amount * 100) * item.quantity,
      0,
    );
    expect(kopecks).toBe(24_990);
    expect(receipt?.Items.every((item) => item.vatType === "none")).toBe(true);
  });

  it("is refused with a receipt at an outlet without a register", async () => {
    const by = context({ credentials: chosen("Без кассы"), options: BANK_RECEIPT });
    expect(await tochka.startAttempt(attempt(), by)).toMatchObject({ error: { kind: "rejected" } });
  });
});

describe("tochka at the simulator: QR", () => {
  it("is shown byte for byte, and its payment told with the sum", async () => {
    const qr = await open({ method: "sbp" });
    if (qr.action.kind !== "show_qr") throw new Error("no QR");
    const [kept] = await control<{ qrcId: string; payload: string }[]>("GET", "/control/tochka/qrs").then((all) =>
      all.filter((one) => one.qrcId === id(qr)),
    );
    expect(qr.action.payload).toBe(kept?.payload);
    expect((await fetch(qr.action.payload)).status).toBe(200);
    expect(await query(qr)).toMatchObject([{ kind: "awaiting_payer" }]);
    await act(qr, { action: "confirm" });
    expect(await query(qr)).toMatchObject([{ kind: "processing" }]);
    await act(qr, { action: "accept" });
    expect(await query(qr)).toMatchObject([
      { kind: "captured", method: "sbp", money: RUB(24_990n), reference: expect.any(String) },
    ]);
  });

  it("tells a refusal of the payer's bank", async () => {
    const qr = await open({ method: "sbp" });
    await act(qr, { action: "confirm" });
    await act(qr, { action: "reject" });
    expect(await query(qr)).toMatchObject([{ kind: "declined", declineReason: "declined" }]);
  });

  it("is a link where the bank issues the receipt", async () => {
    const link = await open({ method: "sbp" }, context({ options: BANK_RECEIPT }));
    expect(link.processorReference).toMatch(/^link\//);
    await act(link, { action: "pay" });
    expect(await query(link)).toMatchObject([{ kind: "captured", method: "sbp" }]);
  });

  it("gives back a part by the payment's number", async () => {
    const qr = await open({ method: "sbp" });
    await act(qr, { action: "accept" });
    const refund = { attempt: qr, amount: RUB(990n) };
    const [accepted] = await value(tochka.refundCapture?.(refund, context()));
    expect(accepted).toMatchObject({ kind: "refund_accepted", money: RUB(990n), reference: expect.any(String) });
    await act(qr, { action: "complete-refund" });
    const asked = { ...refund, reference: accepted?.reference ?? "" };
    expect(await value(tochka.queryRefund?.(asked, context()))).toMatchObject([{ kind: "refund_succeeded" }]);
  });
});

describe("tochka at the simulator: webhooks", () => {
  const SPOILED = [
    ...["tampered_payload", "tampered_signature", "wrong_key", "alg_none", "alg_hs256", "alg_ps256", "alg_rs512"],
    ...["jwk_header", "jku_header", "crit_header", "bare_json", "two_parts", "empty_body"],
  ];
  const GENUINE = [
    ...["none", "extra_claims", "two_decimals", "compact_claims", "trailing_newline", "content_type_json"],
    ...["content_type_none", "no_link_id", "unknown_type"],
  ];

  it.each(["card", "sbp"])("are believed when they are the bank's, whatever the fault: %s", async (method) => {
    const { catalogue } = await control<{ catalogue: { fault: string; group: string }[] }>(
      "GET",
      "/control/tochka/faults",
    );
    const opened = await open({ method });
    await act(opened, { action: method === "card" ? "pay" : "accept" });
    const shop = `${credentials.customerCode}/${credentials.merchantId}`;
    const faults = catalogue.filter((one) => one.group === "content" || one.group === "token").map((one) => one.fault);
    expect(faults.length).toBeGreaterThan(20);
    const paid: string[] = [];
    for (const fault of ["none", ...faults]) {
      const built = await control<Built>("POST", "/control/tochka/ipn", {
        reference: id(opened),
        url: "http://localhost:9/ipn/con_X",
        deliver: false,
        faults: fault === "none" ? [] : [fault],
      });
      const told = await read(requestOf(built));
      const [seen] = told.observations;
      if (told.trust === "rejected") {
        expect(told.reason).toMatch(/^[a-z_]+$/);
        expect(told.observations).toEqual([]);
        continue;
      }
      expect(SPOILED, fault).not.toContain(fault);
      // What the core compares: our number, our outlet, our sum.
      const isWhole =
        seen?.kind === "captured" &&
        told.reference?.processor === opened.processorReference &&
        (told.reference.attempt ?? opened.attemptId) === opened.attemptId &&
        told.claims?.pointOfSale === shop &&
        told.claims.asked?.minor === 24_990n;
      if (isWhole) paid.push(fault);
    }
    // A fault that does not concern this kind of event leaves it genuine.
    const harmless = method === "card" ? ["other_qrc"] : ["other_link_id", "other_operation", "unknown_status"];
    for (const fault of paid) expect([...GENUINE, ...harmless]).toContain(fault);
    expect(paid).toEqual(expect.arrayContaining(["none", "extra_claims", "two_decimals", "trailing_newline"]));
  });
});
