// Protocol v2 at the processor: start, status, credit, capture and void over JSON, as strict as documented.
import { z } from "zod";
import { messageFor } from "./cards.ts";
import { takeFaults } from "./faults.ts";
import { pageAddress } from "./hosted-page.ts";
import { approvalData, instrumentOf } from "./ipn-v2.ts";
import { currencies, minorFromNumber } from "./money.ts";
import type { Netopia } from "./notify.ts";
import { addressFault } from "./order.ts";
import { ActError, capture, createPayment, credit, paidStatuses, voidPayment } from "./payment.ts";
import type { Fault, Payment, PointOfSale } from "./state.ts";

const text = z.string();
const filled = z.string().refine((value) => value.trim() !== "", "must not be empty");
const address = z.string().superRefine((value, context) => {
  const fault = addressFault(value, "any");
  if (fault) context.addIssue({ code: "custom", message: fault });
});

const person = z.object({
  email: filled,
  phone: text,
  firstName: filled,
  lastName: filled,
  city: filled,
  country: z.number().int().min(1).max(999),
  countryName: text,
  state: text,
  postalCode: text,
  details: text,
});

const startBody = z.object({
  config: z.object({
    notifyUrl: address,
    redirectUrl: address,
    cancelUrl: z.union([address, z.literal("")]).optional(),
    language: z.enum(["ro", "en", "bg", "es", "hu", "it", "nl", "de", "fr"]),
    emailTemplate: text.optional(),
    emailSubject: text.optional(),
  }),
  payment: z
    .object({
      options: z.object({ installments: z.number().int(), bonus: z.number().int().optional() }).optional(),
      instrument: z.looseObject({ type: z.literal("card") }).nullish(),
      data: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  order: z.object({
    ntpID: z.string().nullish(),
    posSignature: text,
    dateTime: z.iso.datetime({ offset: true }),
    description: filled,
    orderID: filled,
    amount: z.number().min(0).max(100_000),
    currency: z.enum(currencies),
    billing: person,
    shipping: person.optional(),
    products: z
      .array(z.object({ name: text, code: text, category: text, price: z.number(), vat: z.number() }))
      .optional(),
    installments: z.object({ selected: z.number().int(), available: z.array(z.number().int()) }).optional(),
    data: z.record(z.string(), z.string()).nullish(),
  }),
});

const operationBody = z.object({ ntpID: filled, amount: z.number().positive().optional() });
const statusBody = z.object({ posID: filled, ntpID: z.string().nullish(), orderID: z.string().nullish() });

/** Codes of fields whose error has a code of its own. */
const codeOfField: Record<string, string> = { "order.amount": "32", "order.currency": "33", amount: "32" };

type Reply = { status: number; body: object };

const failed = (status: number, code: string, message: string): Reply => ({
  status,
  body: { customerAction: null, error: { code, message }, payment: null },
});

function fieldError(error: z.ZodError): Reply {
  const issue = error.issues[0];
  const field = issue?.path.join(".") ?? "";
  return failed(400, codeOfField[field] ?? "99", `${field}: ${issue?.message ?? "invalid"}`);
}

const neverHappened = "0001-01-01T00:00:00";

function paymentBody(payment: Payment, speak: "asked" | "settled"): object {
  const last = payment.ipns.at(-1);
  return {
    ntpID: payment.id,
    status: payment.status,
    amount: (speak === "asked" ? payment.amount : payment.settledAmount) / 100,
    currency: speak === "asked" ? payment.currency : payment.settledCurrency,
    operationDate: last ? new Date(last.at).toISOString() : neverHappened,
  };
}

function start(netopia: Netopia, pos: PointOfSale, raw: string, parsed: unknown, faults: Fault[]): Reply {
  const read = startBody.safeParse(parsed);
  if (!read.success) return fieldError(read.error);
  const { config, order, payment: asked } = read.data;
  const amount = minorFromNumber(order.amount);
  if (amount === undefined) return failed(400, "32", "order.amount: more than two decimals");
  const instrument = asked?.instrument;
  if (instrument && Object.keys(instrument).some((key) => key !== "type" && instrument[key])) {
    return failed(400, "99", "payment.instrument: own card forms are not switched on for this account");
  }
  const existing = netopia.state.payments.find(
    (payment) => payment.protocol === "v2" && payment.signature === pos.signature && payment.orderId === order.orderID,
  );
  if (existing) {
    if (paidStatuses.includes(existing.status)) {
      return {
        status: 200,
        body: {
          customerAction: null,
          error: { code: "56", message: messageFor("56", "english") },
          payment: paymentBody(existing, "asked"),
        },
      };
    }
    if (existing.amount !== amount || existing.currency !== order.currency) {
      return failed(200, "99", "Order with another amount exists");
    }
    return failed(400, "99", "Order already processed");
  }
  const payment = createPayment(netopia, pos, {
    protocol: "v2",
    orderId: order.orderID,
    amount,
    currency: order.currency,
    description: order.description,
    language: config.language,
    payer: {
      first_name: order.billing.firstName,
      last_name: order.billing.lastName,
      email: order.billing.email,
      mobile_phone: order.billing.phone,
      address: `${order.billing.details}, ${order.billing.city}`,
    },
    confirmUrl: config.notifyUrl,
    returnUrl: config.redirectUrl,
    cancelUrl: config.cancelUrl || null,
    sent: raw,
    ipnCipher: null,
    data: order.data ?? null,
  });
  const has = (name: string): boolean => faults.some(({ fault }) => fault === name);
  const paymentURL = has("api_foreign_payment_url")
    ? `https://pay.elsewhere.example/ui/card?p=${payment.pageKey}`
    : pageAddress(netopia, payment);
  return {
    status: 200,
    body: {
      customerAction: null,
      error: { code: "101", message: "Redirect user to payment page" },
      payment: { ...paymentBody(payment, "asked"), ...(has("api_no_payment_url") ? {} : { paymentURL }) },
    },
  };
}

/** What the transaction's `error` says: it describes the payment, not the call. */
function transactionError(payment: Payment): { code: string; message: string } {
  if (payment.lastCode) return { code: payment.lastCode, message: payment.lastMessage };
  return payment.status === 15
    ? { code: "100", message: "3-D Secure needed" }
    : { code: "101", message: "Redirect user to payment page" };
}

function status(netopia: Netopia, pos: PointOfSale, parsed: unknown): Reply {
  const read = statusBody.safeParse(parsed);
  if (!read.success) return fieldError(read.error);
  const { ntpID, orderID } = read.data;
  const payment = netopia.state.payments.find(
    (candidate) =>
      candidate.protocol === "v2" &&
      candidate.signature === pos.signature &&
      (ntpID ? candidate.id === ntpID && (!orderID || candidate.orderId === orderID) : candidate.orderId === orderID),
  );
  if (!payment) return failed(200, "404", "Order not found");
  const approved = payment.lastCode === "00";
  return {
    status: 200,
    body: {
      bnpl: null,
      config: { notifyUrl: payment.confirmUrl, redirectUrl: payment.returnUrl, language: payment.language },
      customerAction: null,
      error: transactionError(payment),
      merchant: { posSignature: pos.signature, name: pos.name },
      order: {
        orderID: payment.orderId,
        posSignature: payment.signature,
        ntpID: payment.id,
        amount: payment.amount / 100,
        currency: payment.currency,
        description: payment.description,
        data: payment.data,
      },
      payment: {
        ...paymentBody(payment, "settled"),
        ...(approved ? { rrn: approvalData(payment).RRN } : {}),
        instrument: instrumentOf(payment.panMasked),
        options: { installments: 0, bonus: 0 },
        allowedMethods: ["card"],
      },
    },
  };
}

type Operation = "credit" | "capture" | "void";

async function operate(netopia: Netopia, pos: PointOfSale, operation: Operation, parsed: unknown): Promise<Reply> {
  const read = operationBody.safeParse(parsed);
  if (!read.success) return fieldError(read.error);
  const payment = netopia.state.payments.find(
    (candidate) =>
      candidate.protocol === "v2" && candidate.signature === pos.signature && candidate.id === read.data.ntpID,
  );
  if (!payment) return failed(200, "404", "Order not found");
  // The cap is in the currency of the start, even when notifications speak RON.
  const amount = read.data.amount === undefined ? undefined : minorFromNumber(read.data.amount);
  if (read.data.amount !== undefined && amount === undefined) {
    return failed(400, "32", "amount: more than two decimals");
  }
  if (operation === "credit" && amount === undefined) return failed(400, "32", "amount: is required");
  try {
    if (operation === "credit") await credit(netopia, payment, amount, "background");
    else if (operation === "capture") await capture(netopia, payment, amount, "background");
    else await voidPayment(netopia, payment, "background");
  } catch (error) {
    if (!(error instanceof ActError)) throw error;
    return {
      status: 200,
      body: {
        customerAction: null,
        error: { code: "99", message: error.message },
        payment: paymentBody(payment, "asked"),
      },
    };
  }
  return {
    status: 200,
    body: {
      customerAction: null,
      error: { code: "00", message: messageFor("0", "english") },
      payment: paymentBody(payment, "asked"),
    },
  };
}

const operations: Record<string, "start" | "status" | Operation> = {
  "/payment/card/start": "start",
  "/operation/status": "status",
  "/operation/credit": "credit",
  "/operation/capture": "capture",
  "/operation/void": "void",
};

/** The paths of the API below its base. */
export const apiPaths = Object.keys(operations);

const json = (reply: Reply): Response => Response.json(reply.body, { status: reply.status });
const never = (): Promise<Response> => new Promise<Response>(() => undefined);

function textAt(value: unknown, ...path: string[]): string | undefined {
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
  return typeof found === "string" ? found : undefined;
}

/** Answers one API call; `path` is below the base. */
export async function receiveCall(netopia: Netopia, request: Request, path: string): Promise<Response> {
  const operation = operations[path] ?? "status";
  const raw = await request.text();
  let parsed: unknown;
  try {
    parsed = JSON.parse(raw);
  } catch {
    parsed = undefined;
  }
  const ntpID = textAt(parsed, "ntpID");
  const byId = netopia.state.payments.find((payment) => payment.id === ntpID);
  const signature = textAt(parsed, "order", "posSignature") ?? textAt(parsed, "posID") ?? byId?.signature ?? null;
  const orderId = textAt(parsed, "order", "orderID") ?? textAt(parsed, "orderID") ?? byId?.orderId ?? null;
  const log = (verdict: "accepted" | "refused", reason: string, status: number): void => {
    netopia.requests.push({
      at: netopia.clock.now(),
      protocol: "v2",
      path,
      verdict,
      reason,
      status,
      signature,
      orderId,
      body: raw,
    });
  };
  const faults = takeFaults(
    netopia.state,
    { signature: signature ?? "", orderId: orderId ?? "", operation, protocol: "v2" },
    ["api"],
  );
  const has = (name: string): Fault | undefined => faults.find(({ fault }) => fault === name);

  const slow = has("slow");
  if (slow) await new Promise((resolve) => setTimeout(resolve, slow.ms ?? 3000).unref());
  if (has("api_hang")) {
    log("refused", "fault: never answered", 0);
    return never();
  }
  if (has("api_403_html")) {
    log("refused", "fault: 403 HTML page", 403);
    return new Response("<html><head><title>403 Forbidden</title></head><body><h1>403 Forbidden</h1></body></html>", {
      status: 403,
      headers: { "content-type": "text/html" },
    });
  }
  if (has("api_500")) {
    log("refused", "fault: 500", 500);
    return new Response("Internal Server Error", { status: 500, headers: { "content-type": "text/plain" } });
  }
  if (has("api_non_json")) {
    log("refused", "fault: no JSON", 200);
    return new Response("OK", { headers: { "content-type": "application/json" } });
  }

  const reply = await decide();
  const { error } = reply.body as { error?: { code: string; message: string } };
  const fine = reply.status === 200 && (operation === "status" || ["00", "101"].includes(error?.code ?? ""));
  log(fine ? "accepted" : "refused", fine ? "" : `${error?.code ?? ""} ${error?.message ?? ""}`.trim(), reply.status);
  return has("timeout_after") ? never() : json(reply);

  async function decide(): Promise<Reply> {
    // The raw key, without a scheme word: "Bearer …" is simply a wrong key.
    const key = request.headers.get("authorization") ?? "";
    const holders = netopia.state.pointsOfSale.filter((pos) => pos.apiKey === key);
    if (holders.length === 0) return { status: 401, body: { code: "401", message: "Unauthorized" } };
    if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
      return failed(400, "99", "Content-Type: application/json is required");
    }
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
      return failed(400, "99", "the body is not a JSON object");
    }
    const pos = signature === null ? holders[0] : holders.find((holder) => holder.signature === signature);
    if (!pos) return failed(400, "99", "The point of sale does not belong to this key");
    if (!pos.approved) return failed(400, "99", "The point of sale is not approved");
    if (operation === "start") return start(netopia, pos, raw, parsed, faults);
    if (operation === "status") return status(netopia, pos, parsed);
    return operate(netopia, pos, operation, parsed);
  }
}
