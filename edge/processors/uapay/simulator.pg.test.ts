// The adapter against the simulator, which was written apart from it: payments, holds, refunds, lost answers, and every
// notification that the simulator can send, whole or spoiled.

import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { makeCaller } from "../call.ts";
import type { AttemptReference, CallContext, Notification, Observation, StartAttempt } from "../contract.ts";
import { resolveHosts } from "../hosts.ts";
import { processorOf } from "../registry.ts";

const maybe = processorOf("uapay");
if (!maybe) throw new Error("uapay is not in the registry");
const uapay = maybe;

type Shop = { clientId: string; secret: string };
type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };
type Opened = AttemptReference & { processorReference: string };

const { sandboxOrigin, edgeVariables } = inject("testStack");
const overrides = JSON.parse(edgeVariables.PROCESSOR_HOSTS ?? "{}") as Record<string, string>;
const UAH = (minor: bigint) => ({ minor, currency: "UAH" });
const serialOf = () => `${Date.now()}${++serial}`;

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(sandboxOrigin + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

let serial = 0;
let shop: Shop;

async function openShop(options: object = {}): Promise<Shop> {
  const clientId = serialOf().slice(-12);
  return control("POST", "/control/uapay/shops", { clientId, secret: `c2hvcCBvZiB0ZXN0cyA${clientId}==`, options });
}

beforeAll(async () => {
  shop = await openShop();
});

async function context(of: Shop = shop, now?: Date): Promise<CallContext<unknown>> {
  const hosts = resolveHosts(uapay.descriptor, "test", overrides);
  const call = makeCaller({
    allowedOrigins: hosts.allowedOrigins,
    fetch: (url, init) => fetch(url, init),
    timeoutMs: 1500,
  });
  const clock = await control<{ now: number }>("GET", "/clock"); // requests are judged by the sandbox's clock
  return {
    credentials: uapay.descriptor.credentials.parse({ shopId: of.clientId, secretKey: ` ${of.secret}\n` }),
    options: {},
    environment: "test",
    now: now ?? new Date(clock.now),
    call,
    hosts: hosts.hosts,
    mayLeadTo: hosts.mayLeadTo,
    idempotencyKey: "key",
  };
}

function attempt(change: Partial<StartAttempt> = {}): StartAttempt {
  const attemptId = `att_SIM${serialOf()}`;
  return {
    attemptId,
    method: "card",
    amount: UAH(24_990n),
    capture: "automatic",
    description: "Рахунок 77 + 10% ї",
    locale: "uk",
    payer: { name: "Client Test", email: "client+x@demo.example" },
    returnUrl: "http://localhost:9/i/token?back=1",
    notifyUrl: `http://localhost:9/ipn/con_X/${attemptId}/a-secret-of-the-attempt-0123456789`,
    secret: "a-secret-of-the-attempt-0123456789",
    ...change,
  };
}

async function open(change: Partial<StartAttempt> = {}, of: Shop = shop): Promise<Opened> {
  const input = attempt(change);
  const started = await uapay.startAttempt(input, await context(of));
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const { action, processorReference } = started.value;
  if (action.kind !== "go" || processorReference === undefined) throw new Error("no page");
  const page = await fetch(action.url);
  expect(page.status).toBe(200);
  expect((await page.text()).replaceAll(/[\s\u00a0\u202f]/g, "")).toMatch(/249[.,]90/);
  return { attemptId: input.attemptId, amount: input.amount, processorReference };
}

const act = (invoice: Opened, body: object) =>
  control<{ result: string }>("POST", `/control/uapay/invoices/${invoice.processorReference}/act`, body);

const kept = (invoice: AttemptReference) =>
  control<Record<string, unknown> & { payments: Record<string, unknown>[] }>(
    "GET",
    `/control/uapay/invoices/${invoice.processorReference ?? invoice.attemptId}`,
  );

async function query(invoice: AttemptReference, of: Shop = shop): Promise<Observation[]> {
  const answer = await uapay.queryAttempt?.(invoice, await context(of));
  if (!answer?.ok) throw new Error(JSON.stringify(answer));
  return answer.value;
}

const plant = (fault: string, reference: string, more: object = {}) =>
  control("POST", "/control/uapay/faults", { fault, reference, ...more });

describe("uapay at the simulator", () => {
  it("has its key accepted, and another one found", async () => {
    const check = async (of: Shop, now?: Date) =>
      JSON.stringify(await uapay.checkCredentials(attempt(), await context(of, now)));
    expect(await check(shop)).not.toContain("failed");
    expect(await check({ ...shop, secret: "d3Jvbmcga2V5IG9mIGE==" })).toMatch(
      /credentials_accepted","outcome":"failed/,
    );
    expect(await check({ ...shop, clientId: "999" })).toMatch(/credentials_accepted","outcome":"failed/);
    expect(await check(shop, new Date(0))).toMatch(/clock_accepted","outcome":"failed/);
  });

  it("opens an invoice that is taken whole, at one address for the shop", async () => {
    const invoice = await open();
    expect(await kept(invoice)).toMatchObject({
      amount: 24_990,
      type: "PAY",
      reusability: false,
      description: "Рахунок 77 + 10% ї",
      email: "client+x@demo.example",
      callbackUrl: "http://localhost:9/ipn/con_X",
      externalId: invoice.attemptId,
    });
    expect(await query(invoice)).toMatchObject([{ kind: "awaiting_payer" }]);
  });

  it("refuses another currency than hryvnia with a clear word", async () => {
    const started = await uapay.startAttempt(attempt({ amount: { minor: 1n, currency: "EUR" } }), await context());
    expect(started).toMatchObject({
      ok: false,
      error: { kind: "rejected", detail: "currency_unsupported: EUR, UAPAY takes UAH only" },
    });
  });

  it("tells a payment, a decline, a challenge and who left", async () => {
    const paid = await open();
    await act(paid, { action: "challenge", how: "LOOKUP" });
    expect(await query(paid)).toMatchObject([{ kind: "awaiting_payer" }]);
    await act(paid, { action: "approve" });
    expect(await query(paid)).toMatchObject([{ kind: "captured", money: UAH(24_990n) }]);
    const poor = await open();
    await act(poor, { action: "decline", code: "51" });
    expect((await query(poor))[0]).toMatchObject({ kind: "declined", declineReason: "insufficient_funds" });
    const left = await open();
    await act(left, { action: "abandon" });
    expect((await query(left))[0]).toMatchObject({ kind: "declined", declineReason: "payer_cancelled" });
    const waits = await open();
    await act(waits, { action: "pend" });
    expect(await query(waits)).toMatchObject([{ kind: "processing" }]);
  });

  it("finds the good payment behind a refused one", async () => {
    const twice = await openShop({ retrySameInvoice: true, rejectedFirst: true });
    const invoice = await open({}, twice);
    await act(invoice, { action: "decline", code: "05" });
    await act(invoice, { action: "pay" });
    expect(await query(invoice, twice)).toMatchObject([
      { kind: "captured", money: UAH(24_990n) },
      { kind: "declined", declineReason: "do_not_honor" },
    ]);
    const refund = { attempt: invoice, amount: UAH(100n) };
    expect(await uapay.refundCapture?.(refund, await context(twice))).toMatchObject({ ok: true });
  });

  it("takes a part of a hold, and lets another go", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    expect(await query(held)).toMatchObject([{ kind: "authorized", money: UAH(24_990n) }]);
    const over = { attempt: held, amount: UAH(24_991n) };
    expect(await uapay.captureAuthorization?.(over, await context())).toMatchObject({ error: { kind: "rejected" } });
    const part = { attempt: held, amount: UAH(10_000n) };
    for (const _again of [1, 2]) {
      expect(await uapay.captureAuthorization?.(part, await context())).toMatchObject({
        ok: true,
        value: [{ kind: "captured", money: UAH(10_000n) }],
      });
    }
    expect(await query(held)).toMatchObject([{ kind: "captured", money: UAH(10_000n) }]);
    expect((await kept(held)).payments).toMatchObject([{ captured: 10_000 }]);
    const other = await open({ capture: "manual" });
    await act(other, { action: "pay" });
    for (const _again of [1, 2]) {
      expect(await uapay.voidAuthorization?.(other, await context())).toMatchObject({
        ok: true,
        value: [{ kind: "voided" }],
      });
    }
    expect(await query(other)).toMatchObject([{ kind: "voided" }]);
    expect(await uapay.captureAuthorization?.({ ...part, attempt: other }, await context())).toMatchObject({
      error: { kind: "rejected" },
    });
  });

  it("passes on why a capture was refused, and takes the hold at the second try", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    await plant("operation_refused", held.processorReference, { operation: "complete" });
    const whole = { attempt: held, amount: held.amount };
    expect(await uapay.captureAuthorization?.(whole, await context())).toMatchObject({
      error: { kind: "rejected", detail: expect.stringContaining("Операцію відхилено банком") },
    });
    expect(await query(held)).toMatchObject([{ kind: "authorized" }]);
    expect(await uapay.captureAuthorization?.(whole, await context())).toMatchObject({
      value: [{ kind: "captured", money: held.amount }],
    });
  });

  it("takes a yes that is not seen for no capture", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    await plant("operation_idle", held.processorReference, { operation: "complete" });
    expect(await uapay.captureAuthorization?.({ attempt: held, amount: held.amount }, await context())).toMatchObject({
      error: { kind: "outcome_unknown" },
    });
  });

  it.each(["FINISHED", "REVERSED"])(
    "gives back in parts, up to what was taken, where a part reads %s",
    async (word) => {
      const given = await openShop({ partialRefundStatus: word });
      const invoice = await open({}, given);
      await act(invoice, { action: "pay" });
      const back = async (minor: bigint) =>
        uapay.refundCapture?.({ attempt: invoice, amount: UAH(minor) }, await context(given));
      expect(await back(10_000n)).toMatchObject({
        ok: true,
        value: [{ kind: "refund_succeeded", money: UAH(10_000n) }],
      });
      expect(await back(20_000n)).toMatchObject({ ok: true, value: [{ kind: "refund_failed", money: UAH(20_000n) }] });
      expect(await back(14_990n)).toMatchObject({ ok: true, value: [{ kind: "refund_succeeded" }] });
      expect((await kept(invoice)).payments).toMatchObject([{ refunded: 24_990 }]);
      expect(await query(invoice, given)).toMatchObject([{ kind: "captured" }, { kind: "refund_succeeded" }]);
    },
  );

  it("gives back the whole at once", async () => {
    const invoice = await open();
    await act(invoice, { action: "pay" });
    const refund = { attempt: invoice, amount: invoice.amount };
    expect(await uapay.refundCapture?.(refund, await context())).toMatchObject({
      value: [{ kind: "refund_succeeded", money: invoice.amount, reference: expect.any(String) }],
    });
  });

  it.each(["answer_lost", "answer_500", "answer_502_html", "answer_tokenless", "answer_wrong_key", "answer_hs512"])(
    "finds the invoice whose opening was answered by %s",
    async (fault) => {
      const input = attempt();
      await plant(fault, input.attemptId, { operation: "create" });
      expect(await uapay.startAttempt(input, await context())).toMatchObject({ error: { kind: "outcome_unknown" } });
      const found = { attemptId: input.attemptId, amount: input.amount };
      expect(await query(found)).toMatchObject([{ kind: "awaiting_payer" }]);
      expect(await uapay.queryAttempt?.({ ...found, amount: UAH(1n) }, await context())).toMatchObject({
        error: { kind: "rejected", detail: "no_such_invoice" },
      });
    },
  );

  it("never takes a refund for failed whose answer was lost, and sends it once", async () => {
    const invoice = await open();
    await act(invoice, { action: "pay" });
    await plant("answer_lost", invoice.processorReference, { operation: "reverse" });
    const refund = { attempt: invoice, amount: invoice.amount };
    expect(await uapay.refundCapture?.(refund, await context())).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await query(invoice)).toMatchObject([{ kind: "captured" }, { kind: "refund_succeeded" }]);
  });

  it("leads nobody to a foreign page, or to a script", async () => {
    for (const fault of ["foreign_page", "script_page", "no_page"]) {
      const input = attempt();
      await plant(fault, input.attemptId, { operation: "create" });
      expect(await uapay.startAttempt(input, await context())).toMatchObject({ error: { kind: "malformed" } });
    }
  });

  it("believes nothing that was spoiled on its way, whatever the fault", async () => {
    const { catalogue } = await control<{ catalogue: { fault: string; group: string; sentence: string }[] }>(
      "GET",
      "/control/uapay/faults",
    );
    const invoice = await open();
    await act(invoice, { action: "decline", code: "05" });
    const ofToken = catalogue.filter(({ group }) => group === "token" || group === "content");
    expect(ofToken.length).toBeGreaterThan(30);
    for (const { fault, group, sentence } of [...ofToken, { fault: "none", group: "token", sentence: "(genuine)" }]) {
      const built = await control<Built>("POST", "/control/uapay/ipn", {
        invoice: invoice.processorReference,
        url: "http://localhost:9/ipn/con_X",
        deliver: false,
        faults: fault === "none" ? [] : [fault],
      });
      const told = await read(built);
      if (told.trust === "rejected") expect(told.reason).toMatch(/^[a-z_]+$/);
      if (group === "token") {
        // What is said to be genuine is believed and says what happened; the rest is not, and says nothing.
        expect(told.trust, fault).toBe(sentence.includes("(genuine)") ? "verified" : "rejected");
        const kinds = told.observations.map((one) => one.kind);
        expect(kinds, fault).toEqual(told.trust === "verified" ? ["declined"] : []);
      } else if (sentence.includes("(genuine)")) {
        expect(told, fault).toMatchObject({ trust: "verified", observations: [{ kind: "declined" }] });
      } else if (fault.startsWith("unknown_")) {
        expect(told.observations, fault).toMatchObject([{ kind: "not_understood" }]);
      }
    }
  });
});

async function read(built: Built): Promise<Notification> {
  const { credentials } = await context();
  return uapay.readNotification(
    {
      method: built.method,
      url: built.url,
      headers: new Headers(built.headers),
      body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")),
    },
    { credentials, environment: "test", now: new Date(), platformKeys: [] },
  );
}
