// Internet acquiring: links with and without a receipt, reading, capture, refund, registry.
import { z } from "zod";
import { type Call, type Done, type Handler, type Route, retailerFor } from "./call.ts";
import { companyOf, usable } from "./companies.ts";
import { moscowDate, moscowTime, utcTime } from "./ids.ts";
import { roubles } from "./money.ts";
import { capture, createOperation, pageAddress, pay, refund } from "./operation.ts";
import { linkInput, linkWithReceiptInput, read, roubleAmount } from "./payment-input.ts";
import { ApiError, failedBehind, forbidden, invalid } from "./reply.ts";
import type { Operation, Receipt, Retailer } from "./state.ts";

const present = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null));

/** The company a query names, which the token must open. */
function companyAsked(call: Call): string {
  const customerCode = call.query.get("customerCode");
  if (!customerCode) throw invalid("customerCode", "field required");
  call.mustSee(customerCode);
  return customerCode;
}

const shownRetailer = (retailer: Retailer, quoted: boolean): object =>
  present({
    status: retailer.status,
    isActive: quoted ? String(retailer.isActive) : retailer.isActive,
    mcc: retailer.mcc,
    rate: retailer.rate,
    name: retailer.name,
    url: retailer.url,
    merchantId: retailer.merchantId,
    terminalId: retailer.terminalId,
    paymentModes: retailer.paymentModes,
    cashbox: retailer.cashbox,
  });

const retailers: Handler = (call) => {
  const customerCode = companyAsked(call);
  const own = call.tochka.state.retailers.filter((retailer) => retailer.customerCode === customerCode);
  return { data: { Retailer: own.map((retailer) => shownRetailer(retailer, call.has("quoted_active"))) } };
};

const itemOut = (item: Record<string, unknown>): object => ({ ...item, amount: roubles(Number(item.amount)) });

function receiptOut(receipt: Receipt | null): object {
  if (!receipt) return {};
  const { Client, Items, taxSystemCode, Supplier } = receipt;
  return present({ Client, Items: Items.map(itemOut), taxSystemCode, Supplier });
}

async function create(call: Call, withReceipt: boolean): Promise<Done> {
  const { tochka, client, data } = call;
  if (typeof data === "object" && data !== null && "Operation" in data) {
    throw invalid("Data.customerCode", "field required");
  }
  const input = withReceipt ? read(linkWithReceiptInput, data) : read(linkInput, data);
  call.mustSee(input.customerCode);
  if (companyOf(tochka.state, input.customerCode)?.customerType !== "Business") throw forbidden();
  const retailer = retailerFor(call, input.customerCode, input.merchantId);
  if (!usable(retailer)) throw invalid("Data.merchantId", "retailer is not registered or not active");
  const refused = input.paymentMode.find((mode) => !retailer.paymentModes.includes(mode));
  if (refused !== undefined) throw invalid("Data.paymentMode", `${refused} is not enabled for the retailer`);
  let receipt: Receipt | null = null;
  if ("Items" in input) {
    const { Client, Items, taxSystemCode, Supplier } = input as z.infer<typeof linkWithReceiptInput>;
    if (retailer.cashbox === null) throw invalid("Data.merchantId", "fiscalization is not enabled for the retailer");
    const sum = Items.reduce((total, { amount, quantity }) => total + Math.round(amount * quantity), 0);
    if (tochka.state.options.itemsMustAddUp && sum !== input.amount) {
      throw invalid("Data.amount", "differs from the sum of Items");
    }
    receipt = { Client, Items, taxSystemCode: taxSystemCode ?? null, Supplier: Supplier ?? null };
  }
  const { paymentLinkId = null } = input;
  const double = tochka.state.operations.some(
    (other) => other.customerCode === input.customerCode && other.paymentLinkId === paymentLinkId,
  );
  if (paymentLinkId !== null && double) throw failedBehind(`paymentLinkId ${paymentLinkId} already exists`);
  const operation = createOperation(tochka, client.clientId, {
    customerCode: input.customerCode,
    merchantId: retailer.merchantId ?? "",
    amount: input.amount,
    purpose: input.purpose,
    paymentMode: [...new Set(input.paymentMode)],
    ttl: input.ttl,
    paymentLinkId,
    redirectUrl: input.redirectUrl ?? null,
    failRedirectUrl: input.failRedirectUrl ?? null,
    preAuthorization: input.preAuthorization,
    saveCard: input.saveCard ?? null,
    consumerId: input.consumerId ?? null,
    receipt,
    sent: call.text,
  });
  if (call.has("paid_before_answer")) await pay(tochka, operation, operation.paymentMode[0] ?? "card", "control");
  const link = call.has("foreign_link")
    ? `https://merch.securepaytb.ru.example.test/order/?uuid=${operation.uuid}`
    : pageAddress(tochka, operation);
  return {
    data: present({
      ...(receipt
        ? {
            customerCode: operation.customerCode,
            redirectUrl: operation.redirectUrl,
            failRedirectUrl: operation.failRedirectUrl,
            ...receiptOut(receipt),
          }
        : {}),
      operationId: operation.operationId,
      paymentLink: call.has("no_link") ? undefined : link,
      amount: roubles(operation.amount),
      purpose: operation.purpose,
      paymentMode: operation.paymentMode,
      status: "CREATED",
      paymentLinkId: operation.paymentLinkId,
      ttl: operation.ttl,
      merchantId: operation.merchantId,
      consumerId: operation.consumerId,
      preAuthorization: operation.preAuthorization,
    }),
  };
}

/** An operation as the API shows it. */
function shownOperation(call: Call, operation: Operation): Record<string, unknown> {
  const shown = present({
    customerCode: operation.customerCode,
    createdAt: moscowTime(operation.createdAt),
    amount: roubles(operation.amount),
    status: operation.status,
    operationId: operation.operationId,
    paymentLink: pageAddress(call.tochka, operation),
    Order: operation.orders.map(({ orderId, type, amount, at }) => ({
      orderId,
      type,
      amount: roubles(amount),
      time: utcTime(at),
    })),
    paymentType: operation.status === "CREATED" ? null : operation.paymentType,
    paymentMode: operation.paymentMode,
    paymentId: operation.paymentId,
    transactionId: operation.transactionId,
    purpose: operation.purpose,
    merchantId: operation.merchantId,
    consumerId: operation.consumerId,
    redirectUrl: operation.redirectUrl,
    failRedirectUrl: operation.failRedirectUrl,
    preAuthorization: operation.preAuthorization,
    paidAt: operation.paidAt === null ? null : moscowTime(operation.paidAt),
    paymentLinkId: operation.paymentLinkId,
    ...receiptOut(operation.receipt),
  });
  if (call.has("unknown_status_read")) shown.status = "REINCARNATED";
  if (call.has("unknown_type_read")) shown.paymentType = "digitalRuble";
  if (call.has("other_amount_read")) shown.amount = roubles(operation.amount - 1);
  return shown;
}

/** The operation of the path; one of another company does not exist for this token. */
function ownOperation(call: Call): Operation {
  const found = call.tochka.state.operations.find(({ operationId }) => operationId === call.path[0]);
  if (!found) throw failedBehind("Operation not found");
  call.mustSee(found.customerCode);
  return found;
}

const readOne: Handler = (call) => {
  const shown = shownOperation(call, ownOperation(call));
  if (call.has("other_operation_read")) shown.operationId = crypto.randomUUID();
  return { data: { Operation: call.has("flat_operation") ? shown : [shown] } };
};

const date = z.iso.date();
const listStatuses = [
  "CREATED",
  "APPROVED",
  "ON-REFUND",
  "REFUNDED",
  "EXPIRED",
  "REFUNDED_PARTIALLY",
  "AUTHORIZED",
  "WAIT_FULL_PAYMENT",
];

/** A query's number from 1 up. */
export function positive(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  if (!/^[1-9]\d{0,5}$/.test(text)) throw invalid(name, "must be a number from 1 up");
  return Number(text);
}

/** A query's day. */
export function day(query: URLSearchParams, name: string): string | null {
  const text = query.get(name);
  if (text !== null && !date.safeParse(text).success) throw invalid(name, "must be a date like 2026-01-31");
  return text;
}

const list: Handler = (call) => {
  const customerCode = companyAsked(call);
  const { query } = call;
  const [from, to, status] = [day(query, "fromDate"), day(query, "toDate"), query.get("status")];
  if (status !== null && !listStatuses.includes(status)) throw invalid("status", "is not a known status");
  const [pageNumber, perPage] = [positive(query, "page", 1), positive(query, "perPage", 1000)];
  const rows = call.tochka.state.operations
    .filter((operation) => {
      const made = moscowDate(operation.createdAt);
      if (operation.customerCode !== customerCode || (status !== null && operation.status !== status)) return false;
      return (from === null || made >= from) && (to === null || made <= to);
    })
    .reverse();
  const part = rows.slice((pageNumber - 1) * perPage, pageNumber * perPage);
  return {
    data: { Operation: part.map((operation) => shownOperation(call, operation)) },
    totalPages: Math.max(1, Math.ceil(rows.length / perPage)),
  };
};

const captureCall: Handler = async (call) => {
  await capture(call.tochka, ownOperation(call), "background");
  return { data: { result: true } };
};

const refundInput = z.object({ amount: roubleAmount });

const refundCall: Handler = (call) => {
  const operation = ownOperation(call);
  const { amount } = read(refundInput, call.data);
  const made = refund(call.tochka, operation, amount);
  return {
    data: {
      isRefund: made !== null,
      operationId: operation.operationId,
      amount: roubles(amount),
      date: moscowDate(call.tochka.clock.now()),
      orderId: made?.orderId ?? "",
    },
  };
};

const registry: Handler = (call) => {
  const customerCode = companyAsked(call);
  const { query, tochka } = call;
  const merchantId = query.get("merchantId");
  if (!merchantId) throw invalid("merchantId", "field required");
  const on = day(query, "date");
  if (on === null) throw invalid("date", "field required");
  const retailer = retailerFor(call, customerCode, merchantId);
  const listed = ["APPROVED", "REFUNDED", "REFUNDED_PARTIALLY", "WAIT_FULL_PAYMENT"];
  const today = moscowDate(tochka.clock.now());
  const rows = tochka.state.operations.filter(
    (operation) =>
      operation.customerCode === customerCode &&
      operation.merchantId === merchantId &&
      listed.includes(operation.status) &&
      moscowDate(operation.paidAt ?? operation.createdAt) === on &&
      (query.get("paymentId") === null || operation.paymentId === query.get("paymentId")) &&
      // A card's payments are processed over night.
      !(operation.paymentType === "card" && on === today),
  );
  const byType = Map.groupBy(rows, ({ paymentType }) => paymentType ?? "card");
  return {
    data: {
      Registry: [...byType].map(([paymentType, payments]) => ({
        paymentType,
        totalAmount: roubles(payments.reduce((sum, { amount }) => sum + amount, 0)),
        payments: payments.map((operation, i) => {
          const commission = Math.round((operation.amount * retailer.rate) / 100);
          return {
            purpose: operation.purpose,
            amount: roubles(operation.amount),
            operationId: operation.operationId,
            paymentLink: pageAddress(tochka, operation),
            status: operation.status,
            time: moscowTime(operation.paidAt ?? operation.createdAt),
            number: String(i + 1),
            commission: roubles(commission),
            enrollmentAmount: roubles(operation.amount - commission),
          };
        }),
      })),
    },
  };
};

const subscriptions: Handler = () => {
  throw new ApiError(501, [{ errorCode: "Not Implemented", message: "Subscriptions are not simulated" }]);
};

const make = "MakeAcquiringOperation";
const see = "ReadAcquiringData";
const one = "([0-9A-Za-z-]+)";
const at = (tail: string): RegExp => new RegExp(`^/acquiring/v1\\.0/${tail}$`);

export const acquiringRoutes: Route[] = [
  { method: "GET", path: at("retailers"), operation: "retailers", permission: see, handler: retailers },
  {
    method: "POST",
    path: at("payments"),
    operation: "create",
    permission: make,
    handler: (call) => create(call, false),
  },
  {
    method: "POST",
    path: at("payments_with_receipt"),
    operation: "create_with_receipt",
    permission: make,
    handler: (call) => create(call, true),
  },
  { method: "GET", path: at("payments"), operation: "list", permission: see, handler: list },
  { method: "GET", path: at(`payments/${one}`), operation: "read", permission: see, handler: readOne },
  { method: "POST", path: at(`payments/${one}/capture`), operation: "capture", permission: make, handler: captureCall },
  { method: "POST", path: at(`payments/${one}/refund`), operation: "refund", permission: make, handler: refundCall },
  { method: "GET", path: at("registry"), operation: "registry", permission: see, handler: registry },
  { method: "POST", path: at("subscriptions.*"), operation: "subscriptions", permission: make, handler: subscriptions },
];
