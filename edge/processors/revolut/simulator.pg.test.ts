// The adapter against the simulator, which was written apart from it: orders, holds, refunds, and every notification
// that the simulator can send, whole or spoiled.

import { Buffer } from "node:buffer";
import { beforeAll, describe, expect, inject, it } from "vitest";
import { makeCaller } from "../call.ts";
import type { AttemptReference, CallContext, Notification, Observation, StartAttempt } from "../contract.ts";
import { resolveHosts } from "../hosts.ts";
import { processorOf } from "../registry.ts";

const maybe = processorOf("revolut");
if (!maybe) throw new Error("revolut is not in the registry");
const revolut = maybe;

type Account = { secretKey: string; publicKey: string; webhookSecret: string };
type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };
type Kept = { sent: string; state: string };
type Opened = AttemptReference & { processorReference: string };

const { sandboxOrigin, edgeVariables } = inject("testStack");
const overrides = JSON.parse(edgeVariables.PROCESSOR_HOSTS ?? "{}") as Record<string, string>;
const RON = (minor: bigint) => ({ minor, currency: "RON" });

async function control<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(sandboxOrigin + path, {
    method,
    ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}

let serial = 0;
let account: Account;
let credentials: unknown;

beforeAll(async () => {
  account = await control("POST", "/control/revolut/accounts", {});
  const { secretKey, publicKey, webhookSecret } = account;
  credentials = revolut.descriptor.credentials.parse({ secretKey, publicKey, webhookSecrets: `${webhookSecret}\n` });
});

function context(idempotencyKey = "key"): CallContext<unknown> {
  const hosts = resolveHosts(revolut.descriptor, "test", overrides);
  const call = makeCaller({
    allowedOrigins: hosts.allowedOrigins,
    fetch: (url, init) => fetch(url, init),
    timeoutMs: 1500,
  });
  const { hosts: bases, mayLeadTo } = hosts;
  return {
    credentials,
    options: {},
    environment: "test",
    now: new Date(),
    call,
    hosts: bases,
    mayLeadTo,
    idempotencyKey,
  };
}

function attempt(change: Partial<StartAttempt> = {}): StartAttempt {
  const attemptId = `att_SIM${Date.now()}${++serial}`;
  return {
    attemptId,
    method: "card",
    amount: RON(24_990n),
    capture: "automatic",
    description: "Factura 77 + 10% ș",
    locale: "ro",
    payer: { name: "Client Test", email: "client+x@demo.example", phone: "+40700000001" },
    returnUrl: "http://localhost:9/i/token?back=1",
    notifyUrl: "http://localhost:9/ipn/con_X",
    secret: "a-secret-of-the-attempt-0123456789",
    ...change,
  };
}

async function open(change: Partial<StartAttempt> = {}): Promise<Opened> {
  const input = attempt(change);
  const started = await revolut.startAttempt(input, context());
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const { action, processorReference } = started.value;
  if (action.kind !== "go" || processorReference === undefined) throw new Error("no page");
  expect((await fetch(action.url)).status).toBe(200);
  return { attemptId: input.attemptId, amount: input.amount, processorReference };
}

const act = (order: Opened, body: object) =>
  control("POST", `/control/revolut/orders/${order.processorReference}/act`, body);

async function query(order: AttemptReference): Promise<Observation[]> {
  const answer = await revolut.queryAttempt?.(order, context());
  if (!answer?.ok) throw new Error(JSON.stringify(answer));
  return answer.value;
}

async function plant(fault: string, order: { reference?: string; orderId?: string }): Promise<void> {
  await control("POST", "/control/revolut/faults", { fault, account: account.publicKey, ...order });
}

describe("revolut at the simulator", () => {
  it("has its key accepted, and another one refused", async () => {
    const check = async (secretKey: string) =>
      revolut.checkCredentials(attempt(), { ...context(), credentials: { secretKey, webhookSecrets: [] } });
    expect(JSON.stringify(await check(account.secretKey))).not.toContain("failed");
    expect(JSON.stringify(await check(`${account.secretKey}x`))).toContain("failed");
  });

  it("opens an order that is taken, with the payer's data whole", async () => {
    const order = await open();
    const kept = await control<Kept>("GET", `/control/revolut/orders/${order.processorReference}`);
    expect(JSON.parse(kept.sent)).toMatchObject({
      amount: 24_990,
      description: "Factura 77 + 10% ș",
      customer: { email: "client+x@demo.example", phone: "+40700000001" },
    });
    expect(await query(order)).toMatchObject([{ kind: "awaiting_payer" }]);
  });

  it("tells declines, a challenge and the payment of one order", async () => {
    const order = await open();
    await act(order, { action: "decline", reason: "insufficient_funds" });
    expect(await query(order)).toMatchObject([{ kind: "declined", declineReason: "insufficient_funds" }]);
    await act(order, { action: "challenge" });
    expect(await query(order)).toMatchObject([{ kind: "awaiting_payer" }]);
    await act(order, { action: "abandon-3ds" });
    await act(order, { action: "pay" });
    expect(await query(order)).toMatchObject([
      { kind: "captured", money: RON(24_990n) },
      { kind: "declined", declineReason: "insufficient_funds" },
      { kind: "declined", declineReason: "authentication_failed" },
    ]);
  });

  it("takes a part of a hold, and lets another go", async () => {
    const held = await open({ capture: "manual" });
    await act(held, { action: "pay" });
    expect(await query(held)).toMatchObject([{ kind: "authorized", money: RON(24_990n) }]);
    const part = { attempt: held, amount: RON(10_000n) };
    for (const _again of [1, 2]) {
      expect(await revolut.captureAuthorization?.(part, context())).toMatchObject({
        ok: true,
        value: [{ kind: "captured", money: RON(10_000n) }],
      });
    }
    expect(await query(held)).toMatchObject([{ kind: "captured", money: RON(10_000n) }]);
    const other = await open({ capture: "manual" });
    await act(other, { action: "pay" });
    expect(await revolut.voidAuthorization?.(other, context())).toMatchObject({
      ok: true,
      value: [{ kind: "voided" }],
    });
    expect(await query(other)).toMatchObject([{ kind: "voided" }]);
  });

  it("gives back once for one key, and finds what the dashboard gave back", async () => {
    const order = await open();
    await act(order, { action: "pay" });
    const refund = { attempt: order, amount: RON(1000n) };
    const first = await revolut.refundCapture?.(refund, context(`${order.attemptId}-1`));
    expect(first).toMatchObject({ ok: true, value: [{ kind: "refund_accepted", money: RON(1000n) }] });
    expect(await revolut.refundCapture?.(refund, context(`${order.attemptId}-1`))).toEqual(first);
    await act(order, { action: "complete-refund" });
    await act(order, { action: "refund", amount: "5.00" });
    await act(order, { action: "complete-refund" });
    expect(await revolut.queryRefund?.(refund, context(`${order.attemptId}-1`))).toMatchObject({
      ok: true,
      value: [{ kind: "refund_succeeded" }],
    });
    const told = (await query(order)).filter((one) => one.kind === "refund_succeeded");
    expect(told.map((one) => one.money?.minor).sort()).toEqual([1000n, 500n]);
  });

  it("knows why a refund was declined with a bare 400", async () => {
    const order = await open();
    await act(order, { action: "pay" });
    await plant("refund_declined", { orderId: order.processorReference });
    const refund = { attempt: order, amount: RON(700n) };
    expect(await revolut.refundCapture?.(refund, context(`${order.attemptId}-2`))).toMatchObject({
      ok: true,
      value: [{ kind: "refund_failed", declineReason: expect.any(String), reference: expect.any(String) }],
    });
  });

  it("finds the order whose opening was never answered", async () => {
    const input = attempt();
    await plant("timeout_after", { reference: input.attemptId });
    expect(await revolut.startAttempt(input, context())).toMatchObject({ error: { kind: "outcome_unknown" } });
    expect(await query({ attemptId: input.attemptId, amount: input.amount })).toMatchObject([
      { kind: "awaiting_payer" },
    ]);
  });

  it("believes nothing that was spoiled on its way, whatever the fault", async () => {
    const { catalogue } = await control<{ catalogue: { fault: string; group: string; sentence: string }[] }>(
      "GET",
      "/control/revolut/faults",
    );
    const order = await open();
    await act(order, { action: "pay" });
    const believed: string[] = [];
    for (const { fault } of [...catalogue, { fault: "none" }]) {
      const built = await control<Built>("POST", "/control/revolut/ipn", {
        orderId: order.processorReference,
        url: "http://localhost:9/ipn/con_X",
        deliver: false,
        faults: fault === "none" ? [] : [fault],
      });
      const told = await read(built);
      expect(told.observations.filter((one) => one.kind !== "not_understood")).toEqual([]);
      if (told.trust === "verified") believed.push(fault);
      else expect(told.reason).toMatch(/^[a-z_]+$/);
    }
    expect(believed).toEqual(expect.arrayContaining(["none", "two_signatures", "spaced_signatures", "extra_fields"]));
    for (const fault of SPOILED) expect(believed).not.toContain(fault);
  });
});

const SPOILED = [
  ...["malformed_json", "tampered_body", "reserialised_body", "tampered_signature", "old_timestamp"],
  ...["future_timestamp", "seconds_timestamp", "other_timestamp", "wrong_secret", "missing_header"],
  ...["missing_timestamp", "empty_signature", "upper_case_hex", "no_version_label", "other_label"],
];

async function read(built: Built): Promise<Notification> {
  const { now } = await control<{ now: number }>("GET", "/clock"); // signed by the sandbox's clock
  return revolut.readNotification(
    {
      method: built.method,
      url: built.url,
      headers: new Headers(built.headers),
      body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")),
    },
    { credentials, environment: "test", now: new Date(now), platformKeys: [] },
  );
}
