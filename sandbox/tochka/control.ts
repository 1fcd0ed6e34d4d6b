// The control API of the Tochka simulator: users, shops, applications, consents, payments, faults, webhooks to order.
import type { Hono } from "hono";
import { z } from "zod";
import { answer, ControlError, readInput } from "../control-input.ts";
import { apiOperations } from "./api.ts";
import { addClient, addJwtKey, clientOf, deleteClient, redirectUrlProblem } from "./clients.ts";
import { addRetailer, addUser, companyOf } from "./companies.ts";
import { authorise, closeConsent } from "./consents.ts";
import { declineReasons } from "./declines.ts";
import { eventNames, linkClaims, samples, sbpClaims } from "./events.ts";
import { faultCatalogue, faultNames } from "./faults.ts";
import { makeSecret, moscowTime } from "./ids.ts";
import { kopecks } from "./money.ts";
import { browserReturned, build, post } from "./notify.ts";
import { capture, catchUp, decline, expire, pageAddress, pay, refund, refundable, settleRefund } from "./operation.ts";
import { type Permission, permissions, scopes } from "./permissions.ts";
import { beginPayment, endPayment, qrOfLink, step } from "./qr.ts";
import { ApiError } from "./reply.ts";
import {
  type Client,
  defaultOptions,
  emptyState,
  methods,
  type Operation,
  type Options,
  type Qr,
  type Retailer,
  retailerStatuses,
} from "./state.ts";
import type { Tochka } from "./tochka.ts";
import { refreshSeconds } from "./tokens.ts";

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, "is not a number")
    .transform(Number),
]);
const whole = number.refine(Number.isInteger, "must be a whole number");
const seconds = number.pipe(z.number().min(0));
const panel = "/tochka";

const optionsInput = z
  .strictObject({
    firstWebhook: z.enum(["before_return", "after_return", "by_clock"]),
    webhookDelaySeconds: seconds,
    maxTries: whole.pipe(z.number().min(1).max(1000)),
    retrySeconds: number.pipe(z.number().min(0.001)),
    webhookTimeoutMs: whole.pipe(z.number().min(1)),
    expiredTokenStatus: whole.pipe(z.union([z.literal(401), z.literal(403)])),
    strictScope: z.boolean(),
    itemsMustAddUp: z.boolean(),
    webhookToken: z.enum(["either", "user", "app"]),
    linkUuid: z.enum(["operation", "other"]),
    secondRefund: z.enum(["refused", "allowed"]),
    refundSeconds: seconds,
    holdSeconds: seconds,
    formSeconds: seconds,
    sbpStepSeconds: seconds,
    sbpRefundSeconds: seconds,
    sbpEventForLinks: z.boolean(),
  })
  .partial();

const nullableText = z.union([z.literal("none").transform(() => null), z.string().min(1), z.null()]);
const retailerInput = z
  .strictObject({
    status: z.enum(retailerStatuses),
    isActive: z.boolean(),
    name: z.string().min(1),
    url: z.string(),
    mcc: z.string(),
    rate: number,
    merchantId: nullableText,
    terminalId: nullableText,
    paymentModes: z.array(z.enum(methods)),
    cashbox: nullableText,
  })
  .partial();

const grantInput = z.record(z.string(), z.union([z.literal("all"), z.array(z.enum(permissions))]));
const clientInput = z.strictObject({
  user: z.string().optional(),
  name: z.string().min(1).max(60).default("Plata"),
  redirectUrl: z.string().default("https://shop.example.test/connect/return"),
  customerCode: z.string().optional(),
  localUrls: z.boolean().default(false),
});
const keyInput = z.strictObject({
  user: z.string().optional(),
  name: z.string().min(1).default("JWT"),
  granted: grantInput.optional(),
  lifetimeSeconds: seconds.nullable().default(null),
  localUrls: z.boolean().default(false),
  replaces: z.string().optional(),
});

const faultInput = z.strictObject({
  fault: z.enum(faultNames),
  client: z.string().optional(),
  customerCode: z.string().optional(),
  reference: z.string().optional(),
  operation: z.enum(apiOperations as [string, ...string[]]).optional(),
  event: z.enum(eventNames).optional(),
  next: z.union([z.literal("all"), whole.pipe(z.number().min(1))]).optional(),
  delaySeconds: seconds.optional(),
  ms: whole.pipe(z.number().min(0)).optional(),
  times: whole.pipe(z.number().min(1).max(50)).optional(),
});

const actInput = z.strictObject({
  action: z.enum(["pay", "decline", "wait", "capture", "refund", "complete-refund", "fail-refund", "expire", "return"]),
  method: z.enum(methods).optional(),
  reason: z.enum(declineReasons).optional(),
  amount: z.union([z.string(), z.number()]).optional(),
});

const qrActInput = z.strictObject({
  action: z.enum(["confirm", "step", "accept", "reject", "expire", "complete-refund", "fail-refund", "return"]),
  amount: z.union([z.string(), z.number()]).optional(),
});

const ipnInput = z.strictObject({
  /** Operation id, paymentLinkId or qrcId: its own event. */
  reference: z.string().optional(),
  /** Without a reference: the documentation's sample. */
  event: z.enum(eventNames).optional(),
  /** Any claims instead. */
  claims: z.record(z.string(), z.unknown()).optional(),
  client: z.string().optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  faults: z.array(z.enum(faultNames)).default([]),
  headers: z.record(z.string(), z.string()).default({}),
  deliver: z.boolean().default(true),
});

/** Without the keys that zod shows as undefined. */
function given<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

const notFound = (field: string, wanted: string): ControlError =>
  new ControlError(404, field, `no ${field} ${wanted}`, "not_found");

function client(tochka: Tochka, wanted: string): Client {
  const found = clientOf(tochka, wanted);
  if (!found) throw notFound("client", wanted);
  return found;
}

/** The operation of an id or paymentLinkId; the newest when several companies have the same. */
export function findOperation(tochka: Tochka, wanted: string): Operation {
  const { operations } = tochka.state;
  const found =
    operations.find(({ operationId, uuid }) => operationId === wanted || uuid === wanted) ??
    operations.findLast(({ paymentLinkId }) => paymentLinkId === wanted);
  if (!found) throw notFound("operation", wanted);
  return found;
}

function findQr(tochka: Tochka, wanted: string): Qr {
  const found = tochka.state.qrs.find(({ qrcId, operationId }) => qrcId === wanted || operationId === wanted);
  if (!found) throw notFound("qr", wanted);
  return found;
}

const notesOf = (tochka: Tochka, ...subjects: string[]): object[] =>
  tochka.state.notifications.filter(({ subject }) => subjects.includes(subject));

/** An operation as the control API shows it. */
const shown = (tochka: Tochka, operation: Operation): object => ({
  ...operation,
  pageUrl: pageAddress(tochka, operation),
  notifications: notesOf(tochka, operation.operationId),
});

const shownQr = (tochka: Tochka, qr: Qr): object => ({
  ...qr,
  refunds: tochka.state.sbpRefunds.filter(({ qrcId }) => qrcId === qr.qrcId),
  notifications: notesOf(tochka, qr.qrcId),
});

/** Runs a rule of the bank's and reports its refusal as a conflict. */
async function ruled<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError) throw new ControlError(409, "action", error.message, "not_allowed");
    throw error;
  }
}

async function act(tochka: Tochka, operation: Operation, input: z.infer<typeof actInput>): Promise<void> {
  const method = input.method ?? operation.paymentMode[0] ?? "card";
  const amount = input.amount === undefined ? refundable(operation) : kopecks(input.amount);
  if (amount === undefined) throw new ControlError(400, "amount", "is not an amount in roubles");
  switch (input.action) {
    case "pay":
      if (method === "sbp") {
        const qr = qrOfLink(tochka, operation);
        const payment = await beginPayment(tochka, qr, { ends: "Accepted", bank: "control" }, "control");
        await endPayment(tochka, qr, payment, "Accepted", "control");
      } else {
        await pay(tochka, operation, method, "control");
      }
      return;
    case "wait":
      return pay(tochka, operation, method, "control", { waits: true });
    case "decline":
      return decline(tochka, operation, method, input.reason ?? "INSUFFICIENT_FUNDS");
    case "capture":
      return capture(tochka, operation, "control");
    case "refund":
      refund(tochka, operation, amount);
      return;
    case "complete-refund":
      return settleRefund(tochka, operation, true);
    case "fail-refund":
      return settleRefund(tochka, operation, false);
    case "expire":
      return expire(tochka, operation);
    case "return":
      operation.returnedAt = tochka.clock.now();
      return browserReturned(tochka, operation.operationId);
  }
}

async function actOnQr(tochka: Tochka, qr: Qr, input: z.infer<typeof qrActInput>): Promise<void> {
  const amount = input.amount === undefined ? undefined : kopecks(input.amount);
  const open = qr.payments.find(({ endedAt }) => endedAt === null);
  const refund = tochka.state.sbpRefunds.findLast(
    ({ qrcId, status }) => qrcId === qr.qrcId && status !== "Accepted" && status !== "Rejected",
  );
  const begin = (ends: "Accepted" | "Rejected") =>
    beginPayment(tochka, qr, { ends, bank: "control", amount }, "control");
  switch (input.action) {
    case "confirm":
      await begin("Accepted");
      return;
    case "step":
      if (!open) throw new ControlError(409, "action", "no payment is under way", "not_allowed");
      return step(tochka, qr, open, "control");
    case "accept":
    case "reject": {
      const ends = input.action === "accept" ? "Accepted" : "Rejected";
      return endPayment(tochka, qr, open ?? (await begin(ends)), ends, "control");
    }
    case "expire":
      qr.expiresAt = tochka.clock.now();
      return;
    case "complete-refund":
    case "fail-refund":
      if (!refund) throw new ControlError(409, "action", "no refund is under way", "not_allowed");
      refund.status = input.action === "complete-refund" ? "Accepted" : "Rejected";
      return;
    case "return":
      return browserReturned(tochka, qr.qrcId);
  }
}

const allOf = (asked: "all" | Permission[]): Permission[] => (asked === "all" ? [...permissions] : asked);

/** The whole of what a user has, as a test wants it. */
const shownUser = (tochka: Tochka, user: string): object => {
  const companies = tochka.state.companies.filter((company) => company.user === user);
  const codes = companies.map(({ customerCode }) => customerCode);
  return {
    user,
    companies,
    retailers: tochka.state.retailers.filter(({ customerCode }) => codes.includes(customerCode)),
    tsps: tochka.state.tsps.filter(({ customerCode }) => codes.includes(customerCode)),
  };
};

/** Registers everything under /control/tochka. */
export function tochkaControl(app: Hono, tochka: Tochka): void {
  const base = "/control/tochka";
  app.use(`${base}/*`, async (_, next) => {
    catchUp(tochka);
    await next();
  });
  const firstUser = (): string => tochka.state.companies[0]?.user ?? "";
  const changed = (): void => tochka.changed();

  app.get(`${base}/tls`, (c) => c.json(tochka.tls));
  app.get(`${base}/root.pem`, (c) => c.text(tochka.tls.rootPem));
  app.get(`${base}/key`, async (c) => c.json((await tochka.key()).publicJwk));
  app.post(`${base}/key`, async (c) => {
    await readInput(c, z.strictObject({ rotate: z.literal(true) }));
    return answer(c, (await tochka.rotateKey()).publicJwk, 200, panel);
  });
  app.get(`${base}/options`, (c) => c.json(tochka.state.options));
  for (const method of ["PATCH", "POST"] as const) {
    app.on(method, `${base}/options`, async (c) => {
      Object.assign(tochka.state.options, given(await readInput(c, optionsInput)) as Partial<Options>);
      changed();
      return answer(c, tochka.state.options, 200, panel);
    });
  }
  app.post(`${base}/reset`, async (c) => {
    const { seed } = await readInput(c, z.strictObject({ seed: z.string().min(1).optional() }));
    const { key } = tochka.state;
    tochka.schedule.drop((job) => job.kind.startsWith("tochka-"));
    Object.assign(tochka.state, emptyState(), { key, seed: seed ?? crypto.randomUUID() });
    tochka.state.options = { ...defaultOptions };
    tochka.requests.length = 0;
    addUser(tochka.state, "main", tochka.clock.now());
    changed();
    return answer(c, shownUser(tochka, "main"), 200, panel);
  });

  app.get(`${base}/users`, (c) => {
    const users = [...new Set(tochka.state.companies.map(({ user }) => user))];
    return c.json(users.map((user) => shownUser(tochka, user)));
  });
  app.post(`${base}/users`, async (c) => {
    const { user } = await readInput(c, z.strictObject({ user: z.string().min(1).optional() }));
    const made = user ?? `user-${new Set(tochka.state.companies.map((company) => company.user)).size + 1}`;
    if (!tochka.state.companies.some((company) => company.user === made)) {
      addUser(tochka.state, made, tochka.clock.now());
    }
    changed();
    return answer(c, shownUser(tochka, made), 201, panel);
  });
  app.post(`${base}/companies/:code/retailers`, async (c) => {
    const company = companyOf(tochka.state, c.req.param("code"));
    if (!company) throw notFound("company", c.req.param("code"));
    const more = given(await readInput(c, retailerInput)) as Partial<Retailer>;
    const made = addRetailer(tochka.state, company.customerCode, more);
    changed();
    return answer(c, made, 201, panel);
  });
  for (const method of ["PATCH", "POST"] as const) {
    app.on(method, `${base}/retailers/:id`, async (c) => {
      const id = c.req.param("id");
      const found = tochka.state.retailers.find(({ key, merchantId }) => key === id || merchantId === id);
      if (!found) throw notFound("retailer", id);
      Object.assign(found, given(await readInput(c, retailerInput)));
      changed();
      return answer(c, found, 200, panel);
    });
    app.on(method, `${base}/tsps/:id`, async (c) => {
      const found = tochka.state.tsps.find(({ merchantId }) => merchantId === c.req.param("id"));
      if (!found) throw notFound("tsp", c.req.param("id"));
      const input = z.strictObject({
        status: z.enum(["Active", "Suspended"]).optional(),
        brandName: z.string().optional(),
      });
      Object.assign(found, given(await readInput(c, input)));
      changed();
      return answer(c, found, 200, panel);
    });
    app.on(method, `${base}/clients/:id`, async (c) => {
      const found = client(tochka, c.req.param("id"));
      const input = z.strictObject({ localUrls: z.boolean().optional(), redirectUrl: z.string().optional() });
      Object.assign(found, given(await readInput(c, input)));
      changed();
      return answer(c, found, 200, panel);
    });
  }

  app.get(`${base}/clients`, (c) => c.json(tochka.state.clients));
  app.post(`${base}/clients`, async (c) => {
    const { user = firstUser(), customerCode, ...input } = await readInput(c, clientInput);
    const own = tochka.state.companies.filter((company) => company.user === user);
    const company = own.find((one) => one.customerCode === customerCode) ?? own[0];
    if (!company) throw notFound("user", user);
    const problem = redirectUrlProblem(input.redirectUrl, input.localUrls);
    if (problem) throw new ControlError(400, "redirectUrl", problem);
    const made = addClient(tochka, { ...input, user, customerCode: company.customerCode });
    return answer(c, made, 201, panel);
  });
  app.get(`${base}/clients/:id`, (c) => c.json(client(tochka, c.req.param("id"))));
  app.delete(`${base}/clients/:id`, (c) => {
    deleteClient(tochka, client(tochka, c.req.param("id")).clientId);
    return c.json({ deleted: 1 });
  });
  // The walk through consent without a browser: everything (or what is named) ticked and saved.
  app.post(`${base}/clients/:id/connect`, async (c) => {
    const found = client(tochka, c.req.param("id"));
    const input = z.strictObject({ granted: grantInput.optional() });
    const { granted } = await readInput(c, input);
    const own = tochka.state.companies.filter(({ user }) => user === found.user);
    const asked = granted ?? Object.fromEntries(own.map(({ customerCode }) => [customerCode, "all" as const]));
    const now = tochka.clock.now();
    const scope = [...scopes].sort().join(" ");
    const consent = {
      consentId: crypto.randomUUID(),
      clientId: found.clientId,
      status: "AwaitingAuthorisation" as const,
      asked: [...permissions],
      scope,
      createdAt: now,
      updatedAt: now,
      expiresAt: null,
      granted: {},
      children: [],
    };
    tochka.state.consents.push(consent);
    authorise(tochka, consent, Object.fromEntries(Object.entries(asked).map(([code, words]) => [code, allOf(words)])));
    const accessToken = makeSecret(tochka.state, "access");
    const refreshToken = makeSecret(tochka.state, "refresh");
    const { clientId } = found;
    const { consentId } = consent;
    const common = { clientId, consentId, scope };
    const expiresAt = now + 86_400_000;
    tochka.state.tokens.push({ ...common, token: accessToken, kind: "user", granted: {}, expiresAt, deleted: false });
    tochka.state.refreshTokens.push({
      ...common,
      token: refreshToken,
      expiresAt: now + refreshSeconds * 1000,
      used: false,
    });
    changed();
    return answer(c, { accessToken, refreshToken, consentId, expiresAt, scope }, 201, panel);
  });
  app.post(`${base}/jwt-keys`, async (c) => {
    const { user = firstUser(), granted, ...input } = await readInput(c, keyInput);
    const own = tochka.state.companies.filter((company) => company.user === user);
    const [first] = own;
    if (!first) throw notFound("user", user);
    const asked = granted ?? Object.fromEntries(own.map(({ customerCode }) => [customerCode, "all" as const]));
    const read = Object.fromEntries(Object.entries(asked).map(([code, words]) => [code, allOf(words)]));
    const made = await addJwtKey(tochka, { ...input, user, customerCode: first.customerCode, granted: read });
    return answer(c, { clientId: made.client.clientId, jwt: made.jwt }, 201, panel);
  });
  app.post(`${base}/clients/:id/expire-tokens`, async (c) => {
    const found = client(tochka, c.req.param("id"));
    const { refresh = false } = await readInput(c, z.strictObject({ refresh: z.boolean().optional() }));
    const now = tochka.clock.now();
    const own = tochka.state.tokens.filter(({ clientId }) => clientId === found.clientId);
    for (const token of own) token.expiresAt = now;
    if (refresh) {
      for (const token of tochka.state.refreshTokens) if (token.clientId === found.clientId) token.expiresAt = now;
    }
    changed();
    return answer(c, { expired: own.length }, 200, panel);
  });

  app.get(`${base}/consents`, (c) => {
    const wanted = c.req.query("client");
    return c.json(tochka.state.consents.filter(({ clientId }) => !wanted || clientId === wanted));
  });
  app.post(`${base}/consents/:id/revoke`, async (c) => {
    const input = z.strictObject({ permission: z.enum(permissions).optional(), customerCode: z.string().optional() });
    const { permission, customerCode } = await readInput(c, input);
    const found = tochka.state.consents.find(({ consentId }) => consentId === c.req.param("id"));
    if (!found) throw notFound("consent", c.req.param("id"));
    if (permission === undefined && customerCode === undefined) closeConsent(tochka, found, "Revoked");
    for (const [code, words] of Object.entries(found.granted)) {
      if (customerCode !== undefined && code !== customerCode) continue;
      if (permission !== undefined) found.granted[code] = words.filter((word) => word !== permission);
      else if (customerCode !== undefined) delete found.granted[code];
    }
    changed();
    return answer(c, found, 200, panel);
  });

  app.get(`${base}/operations`, (c) => {
    const { paymentLinkId, customerCode } = c.req.query();
    const found = tochka.state.operations.filter(
      (operation) =>
        (!paymentLinkId || operation.paymentLinkId === paymentLinkId) &&
        (!customerCode || operation.customerCode === customerCode),
    );
    return c.json(found.map((operation) => shown(tochka, operation)));
  });
  app.get(`${base}/operations/:id`, (c) => c.json(shown(tochka, findOperation(tochka, c.req.param("id")))));
  app.post(`${base}/operations/:id/act`, async (c) => {
    const operation = findOperation(tochka, c.req.param("id"));
    const input = await readInput(c, actInput);
    await ruled(() => act(tochka, operation, input));
    const data = { result: operation.status, operation: shown(tochka, operation) };
    return answer(c, data, 200, `${panel}/operations/${operation.operationId}`);
  });
  // What the register partner would issue: by the bank, once the money has moved.
  app.get(`${base}/receipts`, (c) => {
    const { paymentLinkId } = c.req.query();
    const rows = tochka.state.operations.flatMap((operation) => {
      const { receipt, operationId, customerCode, merchantId, amount, paidAt } = operation;
      if (!receipt || (paymentLinkId && operation.paymentLinkId !== paymentLinkId)) return [];
      const issuedAt = paidAt === null ? null : moscowTime(paidAt);
      const state = paidAt === null ? "waiting" : "issued";
      const items = receipt.Items.map((item) => ({ ...item, amount: Number(item.amount) / 100 }));
      const { paymentLinkId: reference } = operation;
      const common = { operationId, paymentLinkId: reference, customerCode, merchantId, amount: amount / 100 };
      return [{ ...common, state, issuedAt, ...receipt, Items: items }];
    });
    return c.json(rows);
  });

  app.get(`${base}/qrs`, (c) => {
    const { customerCode } = c.req.query();
    const found = tochka.state.qrs.filter((qr) => !customerCode || qr.customerCode === customerCode);
    return c.json(found.map((qr) => shownQr(tochka, qr)));
  });
  app.get(`${base}/qrs/:id`, (c) => c.json(shownQr(tochka, findQr(tochka, c.req.param("id")))));
  app.post(`${base}/qrs/:id/act`, async (c) => {
    const qr = findQr(tochka, c.req.param("id"));
    const input = await readInput(c, qrActInput);
    await ruled(() => actOnQr(tochka, qr, input));
    changed();
    const result = qr.payments.at(-1)?.status ?? "NotStarted";
    return answer(c, { result, qr: shownQr(tochka, qr) }, 200, `${panel}/qrs/${qr.qrcId}`);
  });

  // Forgets payments, their queue and the request log; companies, applications and tokens stay.
  app.delete(`${base}/payments`, (c) => {
    const { state } = tochka;
    const deleted = state.operations.length + state.qrs.length;
    Object.assign(state, { operations: [], qrs: [], sbpRefunds: [], notifications: [] });
    tochka.schedule.drop((job) => job.kind.startsWith("tochka-"));
    tochka.requests.length = 0;
    changed();
    return c.json({ deleted });
  });
  app.get(`${base}/requests`, (c) => c.json(tochka.requests));
  app.get(`${base}/notifications`, (c) => c.json(tochka.state.notifications));

  app.get(`${base}/faults`, (c) =>
    c.json({
      catalogue: faultNames.map((name) => ({ fault: name, ...faultCatalogue[name] })),
      planted: tochka.state.faults,
    }),
  );
  app.post(`${base}/faults`, async (c) => {
    const { next, ...input } = await readInput(c, faultInput);
    const fault = { id: crypto.randomUUID(), ...input, left: next === "all" ? null : (next ?? 1) };
    tochka.state.faults.push(fault);
    changed();
    return answer(c, fault, 201, panel);
  });
  const clearFaults = (id: string | undefined): number => {
    const before = tochka.state.faults.length;
    tochka.state.faults = id ? tochka.state.faults.filter((fault) => fault.id !== id) : [];
    changed();
    return before - tochka.state.faults.length;
  };
  app.delete(`${base}/faults`, (c) => c.json({ deleted: clearFaults(c.req.query("id")) }));
  app.post(`${base}/faults/clear`, async (c) => {
    const { id } = await readInput(c, z.strictObject({ id: z.string().optional() }));
    return answer(c, { deleted: clearFaults(id) }, 200, panel);
  });

  app.post(`${base}/ipn`, async (c) => {
    const input = await readInput(c, ipnInput);
    const { reference } = input;
    let event = input.event ?? ("acquiringInternetPayment" as const);
    let claims: Record<string, unknown> = samples[event];
    const qr = tochka.state.qrs.find(({ qrcId }) => qrcId === reference);
    const payment = qr?.payments.findLast(({ status }) => status === "Accepted") ?? qr?.payments.at(-1);
    if (qr) {
      event = "incomingSbpPayment";
      const brand = tochka.state.tsps.find(({ merchantId }) => merchantId === qr.merchantId)?.brandName ?? "";
      if (!payment) throw new ControlError(409, "reference", "nobody paid with this code yet", "not_allowed");
      claims = sbpClaims(qr, payment, brand);
    } else if (reference !== undefined) {
      const operation = findOperation(tochka, reference);
      const paid = operation.status === "CREATED" ? { ...operation, status: "APPROVED" as const } : operation;
      claims = linkClaims(paid);
    }
    claims = { ...claims, ...input.claims };
    const subject = qr?.clientId ?? (reference === undefined ? undefined : findOperation(tochka, reference).clientId);
    const owner = input.client ?? subject;
    const url = input.url ?? (owner === undefined ? undefined : clientOf(tochka, owner)?.webhook?.url) ?? "";
    if (url === "" && input.deliver) throw new ControlError(400, "url", "is required: there is no webhook");
    const built = await build(tochka, event, claims, input.faults);
    const headers = { ...built.headers, ...input.headers };
    const bytes = {
      url,
      method: "POST",
      headers,
      body: built.body,
      bodyBase64: Buffer.from(built.body, "utf8").toString("base64"),
    };
    if (!input.deliver) return c.json(bytes);
    const delivery = await post(tochka, { url, body: built.body, headers, why: "manual", faults: input.faults });
    return c.json({ ...bytes, delivery });
  });
}
