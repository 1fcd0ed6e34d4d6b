// The Merchant API: authentication, version rules, orders, payments, refunds and webhooks, with errors as documented.
import { z } from "zod";
import { addWebhook, currentSecret, rotateSecret } from "./accounts.ts";
import { goodPan } from "./cards.ts";
import { type FaultName, takeFaults } from "./faults.ts";
import { pageAddress } from "./hosted-page.ts";
import type { Revolut } from "./notify.ts";
import {
  cancel,
  capture,
  createOrder,
  increment,
  methodOf,
  RuleError,
  refund,
  setLapse,
  startAttempt,
} from "./order.ts";
import {
  captureInput,
  createInput,
  incrementInput,
  orderProblem,
  refundInput,
  rotateInput,
  updateInput,
  webhookChange,
  webhookInput,
} from "./order-input.ts";
import type { Account, Attempt, Order, RequestRecord, Webhook } from "./state.ts";
import { durationSeconds, microseconds, requestId, timestamp } from "./values.ts";

const versions = [
  "2023-09-01",
  "2024-05-01",
  "2024-09-01",
  "2025-10-16",
  "2025-12-04",
  "2026-03-12",
  "2026-04-20",
  "2026-08-17",
  "2026-09-22",
];

type Call = {
  revolut: Revolut;
  account: Account;
  version: string;
  id: string;
  query: URLSearchParams;
  text: string;
  body: unknown;
  idempotencyKey: string | null;
  has: (fault: FaultName) => boolean;
};
type Reply = { status: number; body?: unknown; order?: Order };
type Handler = (call: Call) => Reply | Promise<Reply>;
type Route = {
  path: RegExp;
  method: string;
  operation: string;
  handler: Handler;
  /** The oldest version that knows the call here. */
  since?: string;
  /** The version header may be left out: then the earliest is meant. */
  versionOptional?: true;
};

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new RuleError(400, "validation", `${issue?.path.join(".") || "body"}: ${issue?.message ?? "is not valid"}`);
}

/** One attempt as the API shows it. */
function attemptBody(revolut: Revolut, order: Order, attempt: Attempt): Record<string, unknown> {
  return present({
    id: attempt.id,
    token: order.type === "payment" ? attempt.token : undefined,
    state: attempt.state,
    decline_reason: attempt.reason,
    bank_message: attempt.bankMessage,
    created_at: attempt.createdAt,
    updated_at: attempt.updatedAt,
    amount: attempt.settled !== null && attempt.settled > 0 ? attempt.settled : attempt.amount,
    currency: order.currency,
    authorised_amount: attempt.authorised,
    settled_amount: attempt.settled,
    settled_currency: attempt.settled === null ? undefined : (order.fields.settlement_currency ?? order.currency),
    risk_level: attempt.reason === "high_risk" ? "high" : "low",
    fees: attempt.state === "completed" ? [] : undefined,
    payment_method: methodOf(order, attempt),
    authentication_challenge:
      attempt.state === "authentication_challenge"
        ? { type: "three_ds", acs_url: pageAddress(revolut, order) }
        : undefined,
  });
}

/** An order as the API shows it; rows of the list have no payments, page or refunds. */
function orderBody(revolut: Revolut, order: Order, version: string, simple = false): Record<string, unknown> {
  const { expire_pending_after, cancel_authorised_after, shipping, settlement_currency, ...echoed } = order.fields;
  const refund = order.type === "refund";
  const open = order.state === "pending" || order.state === "processing";
  const old = version < "2024-09-01";
  return present({
    id: order.id,
    token: refund ? undefined : order.token,
    type: order.type,
    state: order.state,
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    ...(simple
      ? present({ metadata: echoed.metadata, customer: echoed.customer, description: echoed.description })
      : echoed),
    merchant_order_data: echoed.merchant_order_data,
    amount: order.amount,
    currency: order.currency,
    settlement_currency,
    outstanding_amount: refund || !open ? 0 : order.amount,
    capture_mode: order.captureMode,
    authorisation_type: order.authorisationType,
    enforce_challenge: order.enforceChallenge,
    cancel_authorised_after,
    expire_pending_after: simple ? undefined : expire_pending_after,
    [old ? "shipping_address" : "shipping"]: simple ? undefined : shipping,
    redirect_url: order.redirectUrl,
    related_order_id: order.relatedOrderId,
    ...(simple
      ? {}
      : {
          checkout_url: !refund && open ? pageAddress(revolut, order) : undefined,
          refunded_amount: order.refunded > 0 ? order.refunded : undefined,
          payments:
            order.payments.length > 0
              ? order.payments.map((attempt) => attemptBody(revolut, order, attempt))
              : undefined,
          incremental_authorisations:
            order.increments.length > 0
              ? order.increments.map(({ amount, reference, at }) => present({ amount, reference, created_at: at }))
              : undefined,
        }),
  });
}

function webhookBody(webhook: Webhook, secretToo = true): object {
  const { id, url, events } = webhook;
  return { id, url, events, ...(secretToo ? { signing_secret: currentSecret(webhook) } : {}) };
}

function ownOrder({ revolut, account, id }: Call): Order {
  const order = revolut.state.orders.find(
    (candidate) => candidate.id === id && candidate.account === account.publicKey,
  );
  if (!order) throw new RuleError(404, "not_found", "Order not found");
  return order;
}

function ownWebhook({ account, id }: Call): Webhook {
  const webhook = account.webhooks.find((candidate) => candidate.id === id);
  if (!webhook) throw new RuleError(404, "not_found", "Webhook not found");
  return webhook;
}

/** A known customer by id; anybody else is made anew each time. */
function customerOf(account: Account, given: { id?: string | undefined } & object): Record<string, string> {
  if (given.id !== undefined) {
    const known = account.customers.find(({ id }) => id === given.id);
    if (!known) throw new RuleError(404, "not_found", "Customer not found");
    return known;
  }
  const made = { ...(present({ ...given }) as Record<string, string>), id: crypto.randomUUID() };
  account.customers.push(made);
  return made;
}

const create: Handler = async (call) => {
  const { revolut, account } = call;
  const input = read(createInput(account.options.localUrls), call.body);
  const problem = orderProblem(input);
  if (problem) throw new RuleError(400, "validation", problem);
  const { amount, currency, capture_mode, authorisation_type, enforce_challenge, redirect_url, customer, ...fields } =
    input;
  const order = createOrder(revolut, account, {
    amount,
    currency,
    captureMode: capture_mode,
    authorisationType: authorisation_type,
    enforceChallenge: enforce_challenge,
    redirectUrl: redirect_url ?? null,
    reference: fields.merchant_order_data?.reference ?? null,
    fields: present({ ...fields, customer: customer ? customerOf(account, customer) : undefined }),
    sent: call.text,
  });
  const made = orderBody(revolut, order, call.version);
  if (call.has("foreign_checkout_url")) made.checkout_url = "https://checkout.example.test/payment-link/somewhere-else";
  if (call.has("no_checkout_url")) delete made.checkout_url;
  if (call.has("paid_before_answer")) {
    await startAttempt(revolut, order, { pan: goodPan, outcome: { result: "paid" }, from: "control" });
  }
  return { status: call.has("create_200") ? 200 : 201, body: made, order };
};

const retrieve: Handler = (call) => {
  const order = ownOrder(call);
  const body = orderBody(call.revolut, order, call.version);
  if (call.has("unknown_state")) body.state = "reincarnated";
  if (call.has("other_amount")) body.amount = order.amount - 1;
  if (call.has("other_currency")) body.currency = order.currency === "EUR" ? "GBP" : "EUR";
  const payments = (body.payments ?? []) as Record<string, unknown>[];
  for (const payment of payments) {
    if (call.has("unknown_reason") && payment.decline_reason) payment.decline_reason = "bad_karma";
    if (call.has("no_reason")) delete payment.decline_reason;
  }
  if (call.has("shuffled_payments")) payments.reverse();
  if (call.has("no_payments")) delete body.payments;
  return { status: 200, body, order };
};

const listInput = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(100),
  from: z.string().transform(microseconds).pipe(z.number("is not a date-time")).optional(),
  to: z.string().transform(microseconds).pipe(z.number("is not a date-time")).optional(),
  state: z.array(z.enum(["pending", "processing", "authorised", "completed", "cancelled", "failed"])),
  customer_id: z.string().optional(),
  merchant_order_data_reference: z.string().optional(),
  location_id: z.string().optional(),
});

const list: Handler = ({ revolut, account, version, query }) => {
  const wanted = read(listInput, { ...Object.fromEntries(query), state: query.getAll("state") });
  const rows = revolut.state.orders
    .filter((order) => order.account === account.publicKey)
    .map((order) => ({ order, at: microseconds(order.createdAt) ?? 0 }))
    .filter(({ order, at }) => {
      if (at < (wanted.from ?? at) || at > (wanted.to ?? at)) return false;
      if (wanted.state.length > 0 && !wanted.state.includes(order.state)) return false;
      const reference = wanted.merchant_order_data_reference;
      if (reference !== undefined && order.reference !== reference) return false;
      const customer = order.fields.customer as { id?: string } | undefined;
      if (wanted.customer_id !== undefined && customer?.id !== wanted.customer_id) return false;
      return wanted.location_id === undefined || order.fields.location_id === wanted.location_id;
    })
    .sort((a, b) => b.at - a.at)
    .slice(0, wanted.limit);
  return { status: 200, body: { orders: rows.map(({ order }) => orderBody(revolut, order, version, true)) } };
};

const update: Handler = (call) => {
  const { revolut, account } = call;
  const order = ownOrder(call);
  const input = read(updateInput(account.options.localUrls), call.body);
  const always = ["description", "metadata", "merchant_order_data", "shipping", "industry_data"];
  const allowed: Partial<Record<Order["state"], string[]>> = {
    pending: Object.keys(input),
    authorised: [...always, "cancel_authorised_after"],
    completed: always,
  };
  const may = allowed[order.state];
  if (order.type !== "payment" || !may || Object.keys(input).some((name) => !may.includes(name))) {
    throw new RuleError(422, "order_invalid_state", `Order in ${order.state.toUpperCase()} state cannot be updated so`);
  }
  const merged = {
    amount: input.amount ?? order.amount,
    capture_mode: input.capture_mode ?? order.captureMode,
    authorisation_type: input.authorisation_type ?? order.authorisationType,
    cancel_authorised_after: input.cancel_authorised_after ?? order.fields.cancel_authorised_after,
    line_items: input.line_items ?? order.fields.line_items,
  };
  const problem = orderProblem(merged);
  if (problem) throw new RuleError(400, "validation", problem);
  const now = revolut.clock.now();
  if (order.state === "authorised" && input.cancel_authorised_after !== undefined) {
    const deadline = (order.authorisedAt ?? now) + (durationSeconds(input.cancel_authorised_after) ?? 0) * 1000;
    if (deadline <= now || (order.lapsesAt ?? deadline) - now < 1_800_000) {
      throw new RuleError(400, "validation", "cancel_authorised_after has elapsed or the deadline is too near");
    }
  }
  const { amount, currency, capture_mode, authorisation_type, enforce_challenge, redirect_url, customer, ...fields } =
    input;
  order.amount = merged.amount;
  order.currency = currency ?? order.currency;
  order.captureMode = merged.capture_mode;
  order.authorisationType = merged.authorisation_type;
  order.enforceChallenge = enforce_challenge ?? order.enforceChallenge;
  order.redirectUrl = redirect_url ?? order.redirectUrl;
  order.reference = fields.merchant_order_data ? (fields.merchant_order_data.reference ?? null) : order.reference;
  order.fields = {
    ...order.fields,
    ...present({ ...fields, customer: customer ? customerOf(account, customer) : undefined }),
  };
  order.updatedAt = timestamp(now);
  if (order.state === "authorised" && input.cancel_authorised_after !== undefined) setLapse(revolut, order);
  revolut.changed();
  return { status: 200, body: orderBody(revolut, order, call.version), order };
};

const captureCall: Handler = async (call) => {
  const order = ownOrder(call);
  const input = read(captureInput, call.body ?? {});
  const sum = input.line_items?.reduce((total, item) => total + item.total_amount, 0);
  if (sum !== undefined && sum !== (input.amount ?? order.authorised)) {
    throw new RuleError(400, "validation", "The sum of line_items.total_amount must equal amount");
  }
  await capture(call.revolut, order, input.amount, "background", input.line_items);
  return { status: 200, body: orderBody(call.revolut, order, call.version), order };
};

const incrementCall: Handler = async (call) => {
  const order = ownOrder(call);
  const input = read(incrementInput, call.body);
  await increment(call.revolut, order, input.amount, input.reference ?? null, "background");
  return { status: 200, body: orderBody(call.revolut, order, call.version), order };
};

const cancelCall: Handler = async (call) => {
  const order = ownOrder(call);
  await cancel(call.revolut, order, "background");
  return { status: 200, body: orderBody(call.revolut, order, call.version), order };
};

const refundCall: Handler = async (call) => {
  const { revolut, account, idempotencyKey } = call;
  const order = ownOrder(call);
  const { amount, currency, ...fields } = read(refundInput, call.body);
  const answerFor = (made: Order, declined: boolean): Reply => {
    const wallet = made.payments[0]?.method === "revolut_pay_account";
    if (declined && (!wallet || call.version < "2026-09-22")) {
      throw new RuleError(400, "bad_request", "Refund was declined");
    }
    return { status: declined ? 200 : 201, body: orderBody(revolut, made, call.version), order: made };
  };
  const earlier = idempotencyKey === null ? undefined : account.idempotency[idempotencyKey];
  if (earlier) {
    const made = revolut.state.orders.find(({ id }) => id === earlier.orderId);
    if (earlier.body !== `${order.id} ${call.text}` || !made) {
      throw new RuleError(409, "conflict", "Idempotency-Key was used for another request");
    }
    return answerFor(made, earlier.declined);
  }
  if (currency !== order.currency) throw new RuleError(400, "validation", "currency must be the order's currency");
  const { refund: made, declined } = await refund(revolut, order, {
    amount,
    reference: fields.merchant_order_data?.reference ?? null,
    fields: present(fields),
    sent: call.text,
  });
  if (idempotencyKey !== null) {
    account.idempotency[idempotencyKey] = { body: `${order.id} ${call.text}`, orderId: made.id, declined };
  }
  return answerFor(made, declined);
};

const payments: Handler = (call) => {
  const order = ownOrder(call);
  return { status: 200, body: order.payments.map((attempt) => attemptBody(call.revolut, order, attempt)), order };
};

const payment: Handler = ({ revolut, account, id }) => {
  for (const order of revolut.state.orders) {
    const attempt = order.account === account.publicKey && order.payments.find((candidate) => candidate.id === id);
    if (attempt) return { status: 200, body: { order_id: order.id, ...attemptBody(revolut, order, attempt) }, order };
  }
  throw new RuleError(404, "not_found", "Payment not found");
};

/** Only methods that were saved may be charged so, and none is ever saved here. */
const chargeSaved: Handler = (call) => {
  ownOrder(call);
  throw new RuleError(404, "not_found", "Saved payment method not found");
};

const registerWebhook: Handler = ({ revolut, account, body }) => {
  const input = read(webhookInput(account.options.localUrls), body);
  if (account.webhooks.length >= 10) throw new RuleError(422, "validation", "There are 10 webhooks already");
  const webhook = addWebhook(account, input.url, input.events);
  revolut.changed();
  return { status: 200, body: webhookBody(webhook) };
};

const changeWebhook: Handler = (call) => {
  const webhook = ownWebhook(call);
  const input = read(webhookChange(call.account.options.localUrls), call.body);
  webhook.url = input.url ?? webhook.url;
  webhook.events = input.events ?? webhook.events;
  call.revolut.changed();
  return { status: 200, body: webhookBody(webhook) };
};

const dropWebhook: Handler = (call) => {
  const webhook = ownWebhook(call);
  call.account.webhooks = call.account.webhooks.filter((other) => other !== webhook);
  call.revolut.changed();
  return { status: 204 };
};

const rotate: Handler = (call) => {
  const webhook = ownWebhook(call);
  const { expiration_period } = read(rotateInput, call.body ?? {});
  const grace = expiration_period === undefined ? 0 : (durationSeconds(expiration_period) ?? 0);
  rotateSecret(call.account, webhook, call.revolut.clock.now(), grace);
  call.revolut.changed();
  return { status: 200, body: webhookBody(webhook) };
};

const since = "2024-09-01";
const routes: Route[] = [
  { method: "POST", path: /^\/api\/orders$/, operation: "create", handler: create },
  { method: "GET", path: /^\/api\/orders$/, operation: "list", handler: list, since },
  { method: "GET", path: /^\/api\/orders\/([^/]+)$/, operation: "retrieve", handler: retrieve },
  { method: "PATCH", path: /^\/api\/orders\/([^/]+)$/, operation: "update", handler: update },
  { method: "POST", path: /^\/api\/orders\/([^/]+)\/capture$/, operation: "capture", handler: captureCall },
  {
    method: "POST",
    path: /^\/api\/orders\/([^/]+)\/increment-authorisation$/,
    operation: "increment",
    handler: incrementCall,
  },
  {
    method: "POST",
    path: /^\/api\/orders\/([^/]+)\/cancel$/,
    operation: "cancel",
    handler: cancelCall,
    versionOptional: true,
  },
  { method: "POST", path: /^\/api\/orders\/([^/]+)\/refund$/, operation: "refund", handler: refundCall, since },
  { method: "GET", path: /^\/api\/orders\/([^/]+)\/payments$/, operation: "payments", handler: payments },
  { method: "POST", path: /^\/api\/orders\/([^/]+)\/payments$/, operation: "charge", handler: chargeSaved },
  { method: "GET", path: /^\/api\/payments\/([^/]+)$/, operation: "payment", handler: payment },
  { method: "POST", path: /^\/api\/webhooks$/, operation: "webhook_register", handler: registerWebhook, since },
  {
    method: "GET",
    path: /^\/api\/webhooks$/,
    operation: "webhook_list",
    handler: ({ account }) => ({
      status: 200,
      body: { webhooks: account.webhooks.map((webhook) => webhookBody(webhook, false)) },
    }),
    since,
  },
  {
    method: "GET",
    path: /^\/api\/webhooks\/([^/]+)$/,
    operation: "webhook_read",
    handler: (call) => ({ status: 200, body: webhookBody(ownWebhook(call)) }),
    since,
  },
  { method: "PATCH", path: /^\/api\/webhooks\/([^/]+)$/, operation: "webhook_change", handler: changeWebhook, since },
  { method: "DELETE", path: /^\/api\/webhooks\/([^/]+)$/, operation: "webhook_delete", handler: dropWebhook, since },
  {
    method: "POST",
    path: /^\/api\/webhooks\/([^/]+)\/rotate-signing-secret$/,
    operation: "webhook_rotate",
    handler: rotate,
    since,
  },
];

/** Names of all operations, for faults that strike one only. */
export const operations = routes.map(({ operation }) => operation);

const htmlError = "<html><head><title>503</title></head><body><h1>Service Temporarily Unavailable</h1></body></html>";

function accountFor(revolut: Revolut, header: string | null): Account {
  const key = /^Bearer ([\x21-\x7e]+)$/.exec(header ?? "")?.[1];
  const account = revolut.state.accounts.find(({ secretKey }) => secretKey === key);
  if (!account) throw new RuleError(401, "unauthenticated", "Authentication credentials are missing or invalid");
  if (!account.active) throw new RuleError(403, "forbidden", "Merchant is not allowed to do this");
  return account;
}

function versionFor(route: Route, header: string | null): string {
  if (header === null && route.versionOptional) return versions[0] ?? "";
  if (header === null) throw new RuleError(400, "bad_request", "Revolut-Api-Version header is missing");
  if (!versions.includes(header)) throw new RuleError(400, "bad_request", "Revolut-Api-Version is not known");
  if (route.since && header < route.since) throw new RuleError(404, "not_found", "Not found");
  return header;
}

function jsonBody(request: Request, text: string): unknown {
  if (text === "") return undefined;
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") throw new RuleError(406, "bad_request", "Content-Type must be application/json");
  try {
    return JSON.parse(text);
  } catch {
    throw new RuleError(400, "bad_request", "Body is not valid JSON");
  }
}

const never = (): Promise<never> => new Promise<never>(() => {});
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Answers one call below `/revolut`. */
export async function receiveCall(revolut: Revolut, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const path = url.pathname.slice("/revolut".length);
  const text = await request.text();
  const record: RequestRecord = {
    at: revolut.clock.now(),
    method: request.method,
    path: `${path}${url.search}`,
    operation: null,
    version: request.headers.get("revolut-api-version"),
    verdict: "refused",
    reason: "",
    status: 0,
    requestId: requestId(),
    account: null,
    orderId: null,
    idempotencyKey: request.headers.get("idempotency-key"),
    body: text,
  };
  revolut.requests.push(record);
  const headers = { "request-id": record.requestId, "cache-control": "no-store" };
  const reply = (status: number, body?: unknown): Response => {
    record.status = status;
    if (body === undefined) return new Response(null, { status, headers });
    return new Response(JSON.stringify(body), {
      status,
      headers: { ...headers, "content-type": "application/json" },
    });
  };
  const refuse = (status: number, code: string | number, message: string): Response => {
    record.reason = `${code}: ${message}`;
    return reply(status, { code, message, timestamp: revolut.clock.now() });
  };

  const fits = routes.filter((route) => route.path.test(path));
  const route = fits.find(({ method }) => method === request.method);
  try {
    if (fits.length === 0) return refuse(404, "not_found", "Not found");
    if (!route) return refuse(405, "bad_request", "Method not allowed");
    record.operation = route.operation;
    const account = accountFor(revolut, request.headers.get("authorization"));
    record.account = account.publicKey;
    const id = decodeURIComponent(route.path.exec(path)?.[1] ?? "");
    const known = revolut.state.orders.find((order) => order.id === id);
    const where = { account: account.publicKey, operation: route.operation };
    const struck = takeFaults(
      revolut.state,
      { ...where, ...(known ? { orderId: id, reference: known.reference } : referenceIn(text)) },
      ["api"],
    );
    const has = (name: FaultName): boolean => struck.some(({ fault }) => fault === name);
    const slow = struck.find(({ fault }) => fault === "slow");
    if (slow) await pause(slow.ms ?? 3000);
    if (has("api_hang")) return await never();
    if (has("api_400_integer")) return refuse(400, 1024, "Bad request");
    if (has("api_401")) return refuse(401, "unauthenticated", "Planted");
    if (has("api_403")) return refuse(403, "forbidden", "Planted");
    if (has("api_429")) return refuse(429, "too_many_requests", "Too many requests");
    if (has("api_500")) return refuse(500, "internal_error", "Something went wrong");
    if (has("api_503") || has("api_non_json")) {
      record.status = has("api_503") ? 503 : 200;
      record.reason = "an answer that is no JSON was planted";
      return new Response(htmlError, { status: record.status, headers: { ...headers, "content-type": "text/html" } });
    }
    const version = versionFor(route, record.version);
    const body = jsonBody(request, text);
    const call = { revolut, account, version, id, query: url.searchParams, text, body, has };
    const done = await route.handler({ ...call, idempotencyKey: record.idempotencyKey });
    record.verdict = "accepted";
    record.orderId = done.order?.id ?? null;
    if (has("timeout_after")) {
      record.reason = "done, but never answered";
      return await never();
    }
    return reply(done.status, done.body);
  } catch (error) {
    if (error instanceof RuleError) return refuse(error.status, error.code, error.message);
    throw error;
  }
}

/** The reference that a create names, so that a fault may wait for it. */
function referenceIn(text: string): { reference?: string } {
  const found = /"reference"\s*:\s*"([^"\\]*)"/.exec(text)?.[1];
  return found === undefined ? {} : { reference: found };
}
