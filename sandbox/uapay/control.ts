// The control API of the UAPAY simulator: shops, invoices, faults, and callbacks to order.
import type { Hono } from "hono";
import { z } from "zod";
import { answer, ControlError, readInput } from "../control-input.ts";
import { operations } from "./api.ts";
import { bankCodes, goodPan, testCards } from "./cards.ts";
import { faultCatalogue, faultNames } from "./faults.ts";
import { kopecks } from "./money.ts";
import { browserReturned, build, gaps, post } from "./notify.ts";
import {
  abandon,
  approve,
  catchUp,
  challenge,
  checkMove,
  forceWords,
  hasFailed,
  invoiceStatus,
  isOpenPayment,
  move,
  openPayment,
  payWith,
  pend,
  reject,
  release,
} from "./payment.ts";
import { Refusal } from "./refusal.ts";
import { findShop, setShop } from "./shops.ts";
import type { Invoice, Options, Payment, Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";
import { callbackClaims, pageAddress } from "./views.ts";

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
    errorStatus: whole.pipe(z.union([z.literal(200), z.literal(400)])),
    signatureErrorCode: z.string().min(1),
    sessionErrorIn: z.enum(["code", "fields", "message"]),
    strictCopy: z.boolean(),
    signedAnswers: z.boolean(),
    sessionSeconds: seconds,
    holdSeconds: seconds,
    settleSeconds: seconds,
    confirmationSeconds: seconds,
    retrySameInvoice: z.boolean(),
    rejectedFirst: z.boolean(),
    partialRefundStatus: z.enum(["FINISHED", "REVERSED"]),
    refundStatus: z.enum(["REVERSED", "RETURNED"]),
    bankCodeField: z.enum(["responseCode", "bankResponseCode", "errorCode", "code", "none"]),
    showExternalId: z.boolean(),
    tellSteps: z.boolean(),
    firstCallback: z.enum(["before_return", "after_return"]),
    timeZone: z.enum(["Europe/Kyiv", "UTC"]),
    callbackTimeoutMs: whole.pipe(z.number().min(1)),
  })
  .partial();

const addresses = z.union([
  z.array(z.url({ protocol: /^https?$/ })),
  // The panel's form: addresses divided by blanks.
  z.string().transform((text) => text.split(/\s+/).filter((one) => one !== "")),
]);
const changes = {
  secret: z.string().min(1).optional(),
  name: z.string().min(1).optional(),
  active: z.boolean().optional(),
  live: z.boolean().optional(),
  allowedUrls: addresses.optional(),
  options: options.optional(),
};
const shopInput = z.strictObject({
  clientId: z
    .string()
    .regex(/^\d{1,12}$/, "must be decimal text")
    .optional(),
  ...changes,
});

const faultInput = z.strictObject({
  fault: z.enum(faultNames),
  clientId: z.string().optional(),
  reference: z.string().optional(),
  operation: z.enum(operations).optional(),
  event: z.string().optional(),
  next: z.union([z.literal("all"), whole.pipe(z.number().min(1))]).optional(),
  delaySeconds: seconds.optional(),
  ms: whole.pipe(z.number().min(0)).optional(),
  times: whole.pipe(z.number().min(1).max(50)).optional(),
});

const actInput = z.strictObject({
  action: z.enum([
    "pay",
    "decline",
    "challenge",
    "approve",
    "refuse",
    "abandon",
    "pend",
    "complete",
    "cancel",
    "reverse",
    "release",
    "expire",
    "status",
    "return",
  ]),
  paymentId: z.string().optional(),
  card: z.string().optional(),
  how: z.enum(["3DS", "LOOKUP"]).optional(),
  code: z.string().optional(),
  amount: z.union([z.string(), z.number()]).optional(),
  status: z.string().optional(),
  paymentStatus: z.string().optional(),
  invoiceStatus: z.string().optional(),
});

const ipnInput = z.strictObject({
  invoice: z.string().optional(),
  paymentId: z.string().optional(),
  clientId: z.string().optional(),
  /** Laid over the claims of the payment. */
  claims: z.record(z.string(), z.unknown()).default({}),
  /** Any text, signed as it is. */
  text: z.string().optional(),
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

/** The invoice of an id, a payment's id or an externalId; the newest when several have it. */
export function findInvoice(uapay: Uapay, wanted: string): Invoice {
  const { invoices } = uapay.state;
  const found =
    invoices.find(({ id, payments }) => id === wanted || payments.some(({ paymentId }) => paymentId === wanted)) ??
    invoices.findLast(({ externalId }) => externalId === wanted);
  if (!found) throw new ControlError(404, "invoice", `no invoice ${wanted}`, "not_found");
  return found;
}

function shopOf(uapay: Uapay, clientId: string): Shop {
  const found = findShop(uapay, clientId);
  if (!found) throw new ControlError(404, "clientId", `no shop ${clientId}`, "not_found");
  return found;
}

/** An invoice as the control API shows it. */
const shown = (uapay: Uapay, invoice: Invoice): object => ({
  ...invoice,
  invoiceStatus: invoiceStatus(uapay, invoice),
  pageUrl: pageAddress(uapay, invoice),
  notifications: uapay.state.notifications.filter(({ invoiceId }) => invoiceId === invoice.id),
});

/** The payment that is meant: the named one, else the newest that has not failed, else the newest. */
function meant(invoice: Invoice, paymentId: string | undefined): Payment {
  const found = paymentId
    ? invoice.payments.find((payment) => payment.paymentId === paymentId)
    : (invoice.payments.findLast((payment) => !hasFailed(payment)) ?? invoice.payments.at(-1));
  if (!found) throw new ControlError(409, "paymentId", "there is no such payment", "not_allowed");
  return found;
}

async function act(uapay: Uapay, invoice: Invoice, input: z.infer<typeof actInput>): Promise<void> {
  const from = "control";
  const amount = input.amount === undefined ? null : (kopecks(input.amount) ?? undefined);
  if (amount === undefined) throw new ControlError(400, "amount", "is not an amount in hryvnias");
  const open = invoice.payments.findLast(isOpenPayment);
  /** The payment under way, or a new one. */
  const visit = (): Payment => open ?? openPayment(uapay, invoice, input.card ?? goodPan, amount);
  switch (input.action) {
    case "pay":
      if (open) return approve(uapay, invoice, open, from);
      await payWith(uapay, invoice, { pan: input.card, amount }, from);
      return;
    case "decline":
      return reject(uapay, invoice, visit(), input.code === "none" ? null : (input.code ?? "05"), from);
    case "challenge":
      return challenge(uapay, invoice, visit(), input.how ?? "3DS", from);
    case "approve":
      return approve(uapay, invoice, meant(invoice, input.paymentId), from);
    case "refuse":
      return reject(uapay, invoice, meant(invoice, input.paymentId), null, from);
    case "abandon":
      return abandon(uapay, invoice, visit(), from);
    case "pend":
      return pend(uapay, invoice, visit(), from);
    case "complete":
    case "cancel":
    case "reverse": {
      const payment = meant(invoice, input.paymentId);
      const sum = checkMove(payment, input.action, amount);
      return move(uapay, invoice, payment, input.action, sum, from);
    }
    case "release":
      return release(uapay, invoice, meant(invoice, input.paymentId), from);
    case "expire":
      invoice.expiresAt = uapay.clock.now();
      return uapay.changed();
    case "status": {
      if (input.invoiceStatus !== undefined) invoice.forcedStatus = input.invoiceStatus;
      if (input.status !== undefined || input.paymentStatus !== undefined) {
        const payment = input.paymentId || invoice.payments.length > 0 ? meant(invoice, input.paymentId) : visit();
        await forceWords(uapay, invoice, payment, input, from);
      }
      return uapay.changed();
    }
    case "return":
      return browserReturned(uapay, invoice);
  }
}

/** Registers everything under /control/uapay. */
export function uapayControl(app: Hono, uapay: Uapay): void {
  const { state } = uapay;
  const change = (input: z.infer<typeof shopInput>): Shop => {
    const { options: wanted, ...fields } = input;
    return setShop(uapay, {
      ...given(fields),
      ...(wanted ? { options: given(wanted) as Partial<Options> } : {}),
    });
  };
  app.post("/control/uapay/shops", async (c) => answer(c, change(await readInput(c, shopInput)), 201, "/uapay"));
  app.get("/control/uapay/shops", (c) => c.json(state.shops));
  app.get("/control/uapay/shops/:clientId", (c) => c.json(shopOf(uapay, c.req.param("clientId"))));
  for (const method of ["PATCH", "POST"] as const) {
    // POST is for plain forms, which cannot send PATCH.
    app.on(method, "/control/uapay/shops/:clientId", async (c) => {
      const { clientId } = shopOf(uapay, c.req.param("clientId"));
      const input = await readInput(c, z.strictObject(changes));
      return answer(c, change({ clientId, ...input }), 200, "/uapay");
    });
  }
  app.post("/control/uapay/sessions/end", async (c) => {
    const { clientId } = await readInput(c, z.strictObject({ clientId: z.string().optional() }));
    const open = state.sessions.filter((one) => !one.ended && (clientId === undefined || one.clientId === clientId));
    for (const session of open) session.ended = true;
    uapay.changed();
    return answer(c, { ended: open.length }, 200, "/uapay");
  });

  app.get("/control/uapay/cards", (c) => c.json({ cards: testCards, bankCodes, callbackGaps: gaps }));
  app.get("/control/uapay/requests", (c) => c.json(uapay.requests));

  app.get("/control/uapay/invoices", async (c) => {
    await catchUp(uapay);
    const { externalId, clientId } = c.req.query();
    const found = state.invoices.filter(
      (invoice) => (!externalId || invoice.externalId === externalId) && (!clientId || invoice.clientId === clientId),
    );
    return c.json(found.map((invoice) => shown(uapay, invoice)));
  });
  app.delete("/control/uapay/invoices", (c) => {
    const deleted = state.invoices.length;
    state.invoices = [];
    state.notifications = [];
    state.sessions = [];
    uapay.requests.length = 0;
    uapay.changed();
    return c.json({ deleted });
  });
  app.get("/control/uapay/invoices/:id", async (c) => {
    await catchUp(uapay);
    return c.json(shown(uapay, findInvoice(uapay, c.req.param("id"))));
  });
  app.post("/control/uapay/invoices/:id/act", async (c) => {
    await catchUp(uapay);
    const invoice = findInvoice(uapay, c.req.param("id"));
    const input = await readInput(c, actInput);
    try {
      await act(uapay, invoice, input);
    } catch (error) {
      if (error instanceof Refusal) throw new ControlError(409, "action", error.message, error.code.toLowerCase());
      throw error;
    }
    const result = (input.paymentId ? meant(invoice, input.paymentId) : invoice.payments.at(-1))?.paymentStatus ?? null;
    return answer(c, { result, invoice: shown(uapay, invoice) }, 200, `/uapay/invoices/${invoice.id}`);
  });

  app.get("/control/uapay/faults", (c) =>
    c.json({
      catalogue: faultNames.map((name) => ({ fault: name, ...faultCatalogue[name] })),
      planted: state.faults,
    }),
  );
  app.post("/control/uapay/faults", async (c) => {
    const { next, ...input } = await readInput(c, faultInput);
    const fault = { id: crypto.randomUUID(), ...input, left: next === "all" ? null : (next ?? 1) };
    state.faults.push(fault);
    uapay.changed();
    return answer(c, fault, 201, "/uapay");
  });
  const clearFaults = (id: string | undefined): number => {
    const before = state.faults.length;
    state.faults = id ? state.faults.filter((fault) => fault.id !== id) : [];
    uapay.changed();
    return before - state.faults.length;
  };
  app.delete("/control/uapay/faults", (c) => c.json({ deleted: clearFaults(c.req.query("id")) }));
  app.post("/control/uapay/faults/clear", async (c) => {
    const { id } = await readInput(c, z.strictObject({ id: z.string().optional() }));
    return answer(c, { deleted: clearFaults(id) }, 200, "/uapay");
  });

  app.post("/control/uapay/ipn", async (c) => {
    const input = await readInput(c, ipnInput);
    const invoice = input.invoice === undefined ? undefined : findInvoice(uapay, input.invoice);
    const clientId = input.clientId ?? invoice?.clientId;
    if (clientId === undefined) throw new ControlError(400, "invoice", "an invoice or a shop is required");
    const shop = shopOf(uapay, clientId);
    const url = input.url ?? invoice?.callbackUrl ?? "";
    if (url === "" && input.deliver) throw new ControlError(400, "url", "is required: there is no callbackUrl");
    const own = invoice ? callbackClaims(uapay, invoice, meant(invoice, input.paymentId)) : {};
    const said = input.text ?? { ...own, ...input.claims };
    const built = build(uapay, shop, said, input.faults, input.delaySeconds);
    const headers = { ...built.headers, ...input.headers };
    const made = { url, method: "POST", headers, bodyBase64: Buffer.from(built.body).toString("base64") };
    if (!input.deliver) return c.json(made);
    const delivery = await post(uapay, {
      url,
      body: built.body,
      headers,
      why: "manual",
      faults: input.faults,
      timeoutMs: shop.options.callbackTimeoutMs,
    });
    return c.json({ ...made, delivery });
  });
}
