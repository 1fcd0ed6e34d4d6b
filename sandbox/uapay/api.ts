// What each method of the API does.
import { type FaultName, takeFaults } from "./faults.ts";
import { readInvoice, readSum } from "./invoice-input.ts";
import { checkMove, move, moveLater, payWith } from "./payment.ts";
import { badFormat, notAllowed, notFound } from "./refusal.ts";
import { openSession } from "./shops.ts";
import type { Claims, Delayed, Invoice, Payment, Shop } from "./state.ts";
import type { Uapay } from "./uapay.ts";
import { checkView, invoiceView, pageAddress, paymentView } from "./views.ts";

export type Call = {
  uapay: Uapay;
  shop: Shop;
  params: Record<string, unknown>;
  data: Record<string, unknown>;
  hasData: boolean;
  /** What was claimed, for the log. */
  sent: string;
  has(name: FaultName): boolean;
};

type Method = { operation: string; handler: (call: Call) => Claims | Promise<Claims> };

function required(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined || value === "") throw badFormat({ params: { [name]: "REQUIRED" } });
  if (typeof value !== "string") throw badFormat({ params: { [name]: "INVALID" } });
  return value;
}

/** The shop's own invoice; a stranger's is not found. */
function ownInvoice(call: Call, id: string): Invoice {
  const { clientId } = call.shop;
  const found = call.uapay.state.invoices.find((invoice) => invoice.id === id && invoice.clientId === clientId);
  if (!found) throw notFound("Invoice");
  return found;
}

function ownPayment(call: Call, withInvoice: boolean): { invoice: Invoice; payment: Payment } {
  const paymentId = required(call, "paymentId");
  const { clientId } = call.shop;
  const invoice = withInvoice
    ? ownInvoice(call, required(call, "invoiceId"))
    : call.uapay.state.invoices.find(
        (one) => one.clientId === clientId && one.payments.some((payment) => payment.paymentId === paymentId),
      );
  const payment = invoice?.payments.find((one) => one.paymentId === paymentId);
  if (!invoice || !payment) throw notFound("Payment");
  return { invoice, payment };
}

async function create(call: Call): Promise<Claims> {
  const { uapay, shop } = call;
  if (!call.hasData) throw badFormat({ data: { externalId: "REQUIRED" } });
  const invoice = readInvoice(uapay, shop, call.params, call.data, call.sent);
  uapay.state.invoices.push(invoice);
  uapay.changed();
  if (call.has("paid_before_answer")) await payWith(uapay, invoice, {}, "control");
  const page = pageAddress(uapay, invoice);
  const paymentPageUrl = call.has("foreign_page")
    ? `https://pay-uapay.example.com/${invoice.id}`
    : call.has("script_page")
      ? "javascript:alert(1)"
      : page;
  return {
    id: call.has("answer_other") ? crypto.randomUUID() : invoice.id,
    ...(call.has("no_page") ? {} : { paymentPageUrl }),
    paymentPageUrlQR: `${page}/qr`,
  };
}

function list(call: Call): Claims {
  const { ids, externalIds } = call.params;
  const name = ids === undefined ? "externalIds" : "ids";
  const wanted = ids ?? externalIds;
  if (wanted === undefined) throw badFormat({ params: { ids: "REQUIRED" } });
  const good = Array.isArray(wanted) && wanted.length > 0 && wanted.length <= 100;
  if (!good || !wanted.every((one) => typeof one === "string") || (ids !== undefined && externalIds !== undefined)) {
    throw badFormat({ params: { [name]: "INVALID" } });
  }
  const found = call.uapay.state.invoices.filter(
    (invoice) =>
      invoice.clientId === call.shop.clientId && wanted.includes(ids === undefined ? invoice.externalId : invoice.id),
  );
  return { invoices: found.map((invoice) => invoiceView(call.uapay, invoice)) };
}

/** complete reads its sum from params, reverse from data: one in the other place is not seen, so all of it moves. */
const moves =
  (kind: Delayed["kind"], sumIn: "params" | "data" | null) =>
  async (call: Call): Promise<Claims> => {
    const { uapay } = call;
    const { invoice, payment } = ownPayment(call, true);
    const given = sumIn === null ? undefined : call[sumIn].amount;
    if (sumIn !== null && given !== undefined && !readSum(given)) {
      throw badFormat({ [sumIn]: { amount: "INVALID" } });
    }
    const amount = checkMove(payment, kind, typeof given === "number" ? given : null);
    const struck = takeFaults(
      uapay.state,
      {
        clientId: call.shop.clientId,
        references: [invoice.id, invoice.externalId, payment.paymentId],
        operation: kind,
      },
      ["money"],
    );
    const fault = (name: FaultName) => struck.find((one) => one.fault === name);
    if (fault("operation_refused")) throw notAllowed("Операцію відхилено банком");
    const delayed = fault("operation_delayed");
    if (delayed) {
      moveLater(uapay, payment, { kind, amount, at: uapay.clock.now() + (delayed.delaySeconds ?? 60) * 1000 });
    } else if (!fault("operation_idle")) {
      await move(uapay, invoice, payment, kind, amount, "background");
    }
    return { paymentId: payment.paymentId };
  };

/** Every method by its path under /api/. */
export const methods: { readonly [path: string]: Method | undefined } = {
  "sessions/create": { operation: "session", handler: (call) => ({ id: openSession(call.uapay, call.shop).id }) },
  "invoicer/invoices/create": { operation: "create", handler: create },
  "invoicer/invoices/show": {
    operation: "show",
    handler: (call) => invoiceView(call.uapay, ownInvoice(call, required(call, "id"))),
  },
  "invoicer/invoices/show/list": { operation: "list", handler: list },
  "invoicer/payments/show": {
    operation: "payment",
    handler: (call) => {
      const { invoice, payment } = ownPayment(call, false);
      return paymentView(call.uapay, invoice, payment);
    },
  },
  "invoicer/payments/checkStatus": {
    operation: "check",
    handler: (call) => {
      const { invoice, payment } = ownPayment(call, true);
      return checkView(call.uapay, invoice, payment);
    },
  },
  "invoicer/payments/complete": { operation: "complete", handler: moves("complete", "params") },
  "invoicer/payments/cancel": { operation: "cancel", handler: moves("cancel", null) },
  "invoicer/payments/reverse": { operation: "reverse", handler: moves("reverse", "data") },
};

/** Names that faults may wait for. */
export const operations = Object.values(methods).flatMap((method) => (method ? [method.operation] : [])) as [
  string,
  ...string[],
];
