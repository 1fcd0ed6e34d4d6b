// The control API of the Revolut simulator: accounts, orders, faults, and notifications to order.
import type { Hono } from "hono";
import { z } from "zod";
import { answer, ControlError, readInput } from "../control-input.ts";
import { createAccount, findAccount, rotateSecret, shownAccount } from "./accounts.ts";
import { operations } from "./api.ts";
import { declineReasons, goodPan, testCards } from "./cards.ts";
import { eventNames } from "./events.ts";
import { type FaultName, faultCatalogue, faultNames } from "./faults.ts";
import { pageAddress } from "./hosted-page.ts";
import { accountOf, browserReturned, build, post, type Revolut, validSecrets } from "./notify.ts";
import {
  answerChallenge,
  cancel,
  capture,
  endRefund,
  expire,
  forgetOrders,
  openAttempt,
  RuleError,
  refund,
  refundable,
  resolveOpen,
  startAttempt,
  submitCard,
  testEntry,
} from "./order.ts";
import type { Account, Options, Order, Outcome, Outgoing } from "./state.ts";
import { minorFromText } from "./values.ts";
import { signedRequest } from "./webhook-request.ts";

const number = z.union([
  z.number(),
  z
    .string()
    .regex(/^-?\d+(\.\d+)?$/, "is not a number")
    .transform(Number),
]);
const whole = number.refine(Number.isInteger, "must be a whole number");
const seconds = number.pipe(z.number().min(0));

const options = z
  .strictObject({
    localUrls: z.boolean(),
    firstWebhook: z.enum(["before_return", "after_return"]),
    bodyStyle: z.enum(["varying", "compact", "spaced", "reordered", "pretty"]),
    captureSeconds: seconds,
    refundSeconds: seconds,
    settleSeconds: seconds,
    challengeSeconds: seconds,
    pendingSeconds: seconds,
    maxTries: whole.pipe(z.number().min(1).max(1000)),
    retrySeconds: number.pipe(z.number().min(0.001)),
    webhookTimeoutMs: whole.pipe(z.number().min(1)),
  })
  .partial();

const webhookUrl = z.union([z.literal(""), z.url({ protocol: /^https?$/ })]);
const key = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[\\x21-\\x7e]{1,200}$`), `must be ${prefix}_…`);
const changes = {
  name: z.string().min(1).optional(),
  active: z.boolean().optional(),
  webhookUrl: webhookUrl.optional(),
  events: z.array(z.enum(eventNames)).min(1).optional(),
  options: options.optional(),
};
const accountChange = z.strictObject(changes);
const accountInput = z.strictObject({
  secretKey: key("sk").optional(),
  publicKey: key("pk").optional(),
  webhookSecret: key("wsk").optional(),
  ...changes,
});

const faultInput = z.strictObject({
  fault: z.enum(faultNames),
  account: z.string().optional(),
  orderId: z.string().optional(),
  reference: z.string().optional(),
  operation: z.enum(operations as [string, ...string[]]).optional(),
  event: z.enum(eventNames).optional(),
  next: z.union([z.literal("all"), whole.pipe(z.number().min(1))]).optional(),
  delaySeconds: seconds.optional(),
  ms: whole.pipe(z.number().min(0)).optional(),
  times: whole.pipe(z.number().min(1).max(50)).optional(),
});

const actInput = z.strictObject({
  action: z.enum([
    "pay",
    "challenge",
    "pass-3ds",
    "fail-3ds",
    "abandon-3ds",
    "decline",
    "stick",
    "authorize",
    "capture",
    "cancel",
    "refund",
    "complete-refund",
    "fail-refund",
    "expire",
    "return",
  ]),
  card: z.string().optional(),
  wallet: z.boolean().optional(),
  reason: z.union([z.enum(declineReasons), z.literal("none")]).optional(),
  state: z.enum(["declined", "failed", "soft_declined"]).optional(),
  message: z.string().optional(),
  reference: z.string().optional(),
  amount: z.union([z.string(), z.number()]).optional(),
});

const ipnInput = z.strictObject({
  orderId: z.string().optional(),
  reference: z.string().optional(),
  account: z.string().optional(),
  event: z.string().min(1).optional(),
  /** Any text or object instead of an event's own body. */
  body: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  faults: z.array(z.enum(faultNames)).default([]),
  delaySeconds: seconds.optional(),
  headers: z.record(z.string(), z.string()).default({}),
  deliver: z.boolean().default(true),
});

/** Without the keys that zod shows as undefined. */
function given<T extends object>(input: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** The order of an id, token or reference; the newest payment when several have the reference. */
function findOrder(revolut: Revolut, wanted: string): Order {
  const { orders } = revolut.state;
  const found =
    orders.find(({ id, token }) => id === wanted || token === wanted) ??
    orders.findLast(({ type, reference }) => type === "payment" && reference === wanted) ??
    orders.findLast(({ reference }) => reference === wanted);
  if (!found) throw new ControlError(404, "orderId", `no order ${wanted}`, "not_found");
  return found;
}

function account(revolut: Revolut, wanted: string): Account {
  const found = findAccount(revolut, wanted);
  if (!found) throw new ControlError(404, "account", `no account ${wanted}`, "not_found");
  return found;
}

/** An order as the control API shows it. */
const shown = (revolut: Revolut, order: Order): object => ({ ...order, pageUrl: pageAddress(revolut, order) });

async function act(revolut: Revolut, order: Order, input: z.infer<typeof actInput>): Promise<Order> {
  const amount = input.amount === undefined ? undefined : minorFromText(String(input.amount), order.currency);
  if (input.amount !== undefined && amount === undefined) {
    throw new ControlError(400, "amount", "is not an amount in major units");
  }
  const from = "control";
  const open = openAttempt(order);
  const finish = async (outcome: Outcome, keepAuthorised = false): Promise<void> => {
    if (open && outcome.result !== "stuck") return resolveOpen(revolut, order, outcome, from, keepAuthorised);
    const method = input.wallet ? ("revolut_pay_account" as const) : ("card" as const);
    await startAttempt(revolut, order, { pan: input.card ?? goodPan, method, outcome, from, keepAuthorised });
  };
  switch (input.action) {
    case "pay": {
      if (open || input.wallet) {
        await finish({ result: "paid" });
        return order;
      }
      const result = await submitCard(revolut, order, testEntry(revolut, input.card ?? goodPan), from);
      if (result.kind === "invalid") throw new ControlError(400, `card.${result.field}`, result.message);
      return order;
    }
    case "challenge":
      await startAttempt(revolut, order, {
        pan: input.card ?? goodPan,
        outcome: { result: "paid" },
        challenge: true,
        from,
      });
      return order;
    case "pass-3ds":
    case "fail-3ds":
    case "abandon-3ds": {
      const answers = { "pass-3ds": "pass", "fail-3ds": "fail", "abandon-3ds": "abandon" } as const;
      const attempt = order.payments.findLast(({ state }) => state === "authentication_challenge");
      if (!attempt) throw new ControlError(409, "action", "no 3-D Secure step is open", "order_invalid_state");
      await answerChallenge(revolut, order, attempt, answers[input.action], from);
      return order;
    }
    case "decline": {
      const reason = input.reason === "none" ? null : (input.reason ?? "do_not_honour");
      const message = input.message === undefined ? {} : { message: input.message };
      await finish({ result: input.state ?? "declined", reason, ...message });
      return order;
    }
    case "stick":
      await startAttempt(revolut, order, { pan: input.card ?? goodPan, outcome: { result: "stuck" }, from });
      return order;
    case "authorize":
      await finish({ result: "paid" }, true);
      return order;
    case "capture":
      await capture(revolut, order, amount, from);
      return order;
    case "cancel":
      await cancel(revolut, order, from);
      return order;
    case "refund": {
      const wanted = amount ?? refundable(revolut, order);
      const reference = input.reference ?? null;
      const fields = reference === null ? {} : { merchant_order_data: { reference } };
      return (await refund(revolut, order, { amount: wanted, reference, fields, sent: "" })).refund;
    }
    case "complete-refund":
    case "fail-refund": {
      const { orders } = revolut.state;
      const made =
        order.type === "refund"
          ? order
          : orders.findLast(({ relatedOrderId, state }) => relatedOrderId === order.id && state === "processing");
      if (!made) throw new ControlError(409, "action", "no refund is under way", "order_invalid_state");
      await endRefund(revolut, made, input.action === "complete-refund", from);
      return made;
    }
    case "expire":
      await expire(revolut, order, from);
      return order;
    case "return":
      browserReturned(revolut, order);
      return order;
  }
}

/** The event that fits how the order stands. */
function fittingEvent(order: Order): string {
  const last = order.payments.at(-1)?.state;
  if (order.state === "pending" && last === "failed") return "ORDER_PAYMENT_FAILED";
  if (order.state === "pending") return "ORDER_PAYMENT_DECLINED";
  if (order.state === "processing") return "ORDER_PAYMENT_AUTHORISATION_STARTED";
  return `ORDER_${order.state.toUpperCase()}`;
}

const asBytes = (outgoing: Outgoing): object => ({
  url: outgoing.url,
  method: "POST",
  headers: outgoing.headers,
  bodyBase64: outgoing.body.toString("base64"),
});

/** Registers everything under /control/revolut. */
export function revolutControl(app: Hono, revolut: Revolut): void {
  app.post("/control/revolut/accounts", async (c) => {
    const { options: wanted, ...input } = await readInput(c, accountInput);
    const made = createAccount(revolut, {
      ...given(input),
      ...(wanted ? { options: given(wanted) as Partial<Options> } : {}),
    });
    return answer(c, shownAccount(made), 201, "/revolut");
  });
  app.get("/control/revolut/accounts", (c) => c.json(revolut.state.accounts.map(shownAccount)));
  app.get("/control/revolut/accounts/:key", (c) => c.json(shownAccount(account(revolut, c.req.param("key")))));
  for (const method of ["PATCH", "POST"] as const) {
    // POST is for plain forms, which cannot send PATCH.
    app.on(method, "/control/revolut/accounts/:key", async (c) => {
      const { publicKey } = account(revolut, c.req.param("key"));
      const { options: wanted, ...input } = await readInput(c, accountChange);
      const changed = createAccount(revolut, {
        publicKey,
        ...given(input),
        ...(wanted ? { options: given(wanted) as Partial<Options> } : {}),
      });
      return answer(c, shownAccount(changed), 200, "/revolut");
    });
  }
  // The dashboard's button: a new secret for the webhook that was registered by hand.
  app.post("/control/revolut/accounts/:key/rotate", async (c) => {
    const found = account(revolut, c.req.param("key"));
    const { graceSeconds = 0 } = await readInput(c, z.strictObject({ graceSeconds: seconds.optional() }));
    const webhook = found.webhooks.find(({ byHand }) => byHand);
    if (!webhook) throw new ControlError(409, "webhookUrl", "no webhook was registered by hand", "no_webhook");
    rotateSecret(found, webhook, revolut.clock.now(), graceSeconds);
    revolut.changed();
    return answer(c, shownAccount(found), 200, "/revolut");
  });

  app.get("/control/revolut/cards", (c) => c.json({ cards: testCards, reasons: declineReasons }));
  app.get("/control/revolut/requests", (c) => c.json(revolut.requests));

  app.get("/control/revolut/orders", (c) => {
    const { reference, account: wanted } = c.req.query();
    const publicKey = wanted ? account(revolut, wanted).publicKey : undefined;
    const found = revolut.state.orders.filter(
      (order) => (!reference || order.reference === reference) && (!publicKey || order.account === publicKey),
    );
    return c.json(found.map((order) => shown(revolut, order)));
  });
  app.delete("/control/revolut/orders", (c) => c.json({ deleted: forgetOrders(revolut) }));
  app.get("/control/revolut/orders/:id", (c) => c.json(shown(revolut, findOrder(revolut, c.req.param("id")))));
  app.post("/control/revolut/orders/:id/act", async (c) => {
    const order = findOrder(revolut, c.req.param("id"));
    const input = await readInput(c, actInput);
    try {
      const done = await act(revolut, order, input);
      const data = { result: done.state, order: shown(revolut, done) };
      return answer(c, data, 200, `/revolut/orders/${order.id}`);
    } catch (error) {
      if (error instanceof RuleError) throw new ControlError(409, "action", error.message, error.code);
      throw error;
    }
  });

  app.get("/control/revolut/faults", (c) =>
    c.json({
      catalogue: faultNames.map((name) => ({ fault: name, ...faultCatalogue[name] })),
      planted: revolut.state.faults,
    }),
  );
  app.post("/control/revolut/faults", async (c) => {
    const { next, account: wanted, ...input } = await readInput(c, faultInput);
    const publicKey = wanted ? { account: account(revolut, wanted).publicKey } : {};
    const left = next === "all" ? null : (next ?? 1);
    const fault = { id: crypto.randomUUID(), ...input, ...publicKey, left };
    revolut.state.faults.push(fault);
    revolut.changed();
    return answer(c, fault, 201, "/revolut");
  });
  const clearFaults = (id: string | undefined): number => {
    const before = revolut.state.faults.length;
    revolut.state.faults = id ? revolut.state.faults.filter((fault) => fault.id !== id) : [];
    revolut.changed();
    return before - revolut.state.faults.length;
  };
  app.delete("/control/revolut/faults", (c) => c.json({ deleted: clearFaults(c.req.query("id")) }));
  app.post("/control/revolut/faults/clear", async (c) => {
    const { id } = await readInput(c, z.strictObject({ id: z.string().optional() }));
    return answer(c, { deleted: clearFaults(id) }, 200, "/revolut");
  });

  app.post("/control/revolut/ipn", async (c) => {
    const input = await readInput(c, ipnInput);
    const wanted = input.orderId ?? input.reference;
    const order = wanted === undefined ? undefined : findOrder(revolut, wanted);
    const owner = order ? accountOf(revolut, order) : input.account && account(revolut, input.account);
    if (!owner) throw new ControlError(400, "orderId", "an order or an account is required");
    if (!order && input.body === undefined) throw new ControlError(400, "body", "is required without an order");
    const webhook = owner.webhooks.find(({ url }) => url === input.url) ?? owner.webhooks[0];
    const url = input.url ?? webhook?.url ?? "";
    if (url === "" && input.deliver) throw new ControlError(400, "url", "is required: the account has no webhook");
    const now = revolut.clock.now();
    const turn = revolut.state.told++;
    const secrets = webhook ? validSecrets(webhook, now, turn) : [owner.webhookSecret];
    const has = (name: FaultName): boolean => input.faults.includes(name);
    let outgoing: Outgoing;
    if (input.body !== undefined || !order) {
      const text = typeof input.body === "string" ? input.body : JSON.stringify(input.body);
      outgoing = signedRequest({ url, text, secrets, now, ageSeconds: input.delaySeconds, has });
    } else {
      const event = input.event ?? order.events.at(-1)?.event ?? fittingEvent(order);
      const fields = { event, orderId: order.id, reference: order.reference };
      const ageSeconds = input.delaySeconds;
      outgoing = build(revolut, owner, { url, secrets, fields, style: turn, faults: input.faults, ageSeconds });
    }
    outgoing = { ...outgoing, headers: { ...outgoing.headers, ...input.headers } };
    if (!input.deliver) return c.json(asBytes(outgoing));
    const delivery = await post(revolut, outgoing, "manual", input.faults, owner.options.webhookTimeoutMs);
    return c.json({ ...asBytes(outgoing), delivery });
  });
}
