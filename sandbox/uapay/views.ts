// What reads and callbacks say of invoices and payments: documented names only.
import { hasFailed, invoiceStatus, optionsOf } from "./payment.ts";
import type { Claims, Invoice, Payment } from "./state.ts";
import type { Uapay } from "./uapay.ts";

const iso = (epochMs: number | null): string | null => (epochMs === null ? null : new Date(epochMs).toISOString());

/** Where the payer's page lives. */
export const pageAddress = (uapay: Uapay, invoice: Invoice): string => `${uapay.origin}/uapay/pay/${invoice.id}`;

/** Address of a payment's receipt, a PDF. */
export const receiptAddress = (uapay: Uapay, payment: Payment): string =>
  `${uapay.origin}/uapay/receipts/${payment.paymentId}.pdf`;

const hasReceipt = (payment: Payment): boolean => payment.captured > 0;

function bankCode(uapay: Uapay, invoice: Invoice, payment: Payment): Claims {
  const field = optionsOf(uapay, invoice).bankCodeField;
  return field === "none" || payment.bankCode === null ? {} : { [field]: payment.bankCode };
}

/** A payment among the `payments` of an invoice. */
function paymentRow(uapay: Uapay, invoice: Invoice, payment: Payment): Claims {
  return {
    invoiceId: invoice.id,
    paymentId: payment.paymentId,
    number: payment.number,
    receiptId: payment.receiptId,
    amount: payment.amount,
    commission: 0,
    currency: 980,
    cardFromMasked: payment.cardFromMasked,
    cardToMasked: null,
    cardFromId: payment.cardFromId,
    cardToId: null,
    sendOperationId: null,
    status: payment.status,
    paymentStatus: payment.paymentStatus,
    ...bankCode(uapay, invoice, payment),
    createdAt: iso(payment.createdAt),
    updatedAt: iso(payment.updatedAt),
    paidAt: iso(payment.paidAt),
    reversedAt: iso(payment.reversedAt),
  };
}

/** An invoice as `invoices/show` tells it. */
export function invoiceView(uapay: Uapay, invoice: Invoice): Claims {
  const options = optionsOf(uapay, invoice);
  const payments = options.rejectedFirst
    ? [...invoice.payments.filter(hasFailed), ...invoice.payments.filter((payment) => !hasFailed(payment))]
    : invoice.payments;
  return {
    id: invoice.id,
    ...(options.showExternalId ? { externalId: invoice.externalId } : {}),
    invoiceNumber: invoice.number,
    clientId: invoice.clientId,
    systemType: invoice.systemType,
    amount: invoice.amount,
    reusability: invoice.reusability,
    description: invoice.description,
    invoiceStatus: invoiceStatus(uapay, invoice),
    redirectUrl: invoice.redirectUrl,
    callbackUrl: invoice.callbackUrl,
    createdAt: iso(invoice.createdAt),
    type: invoice.type,
    email: invoice.email,
    // An object here, though it came as text and goes out as text in callbacks.
    extraInfo: invoice.extraInfo === null ? null : JSON.parse(invoice.extraInfo),
    serviceData: invoice.services,
    payments: payments.map((payment) => paymentRow(uapay, invoice, payment)),
  };
}

/** A payment as `payments/show` tells it. */
export function paymentView(uapay: Uapay, invoice: Invoice, payment: Payment): Claims {
  return {
    invoiceId: invoice.id,
    paymentId: payment.paymentId,
    number: payment.number,
    receiptId: payment.receiptId,
    clientId: invoice.clientId,
    systemType: invoice.systemType,
    amount: payment.amount,
    commission: 0,
    email: invoice.email,
    status: payment.status,
    paymentStatus: payment.paymentStatus,
    ...bankCode(uapay, invoice, payment),
    cardFromId: payment.cardFromId,
    cardFromMasked: payment.cardFromMasked,
    cardToId: null,
    cardToMasked: null,
    chequeLink: hasReceipt(payment) ? receiptAddress(uapay, payment) : null,
    createdAt: iso(payment.createdAt),
    updatedAt: iso(payment.updatedAt),
    paidAt: iso(payment.paidAt),
    reversedAt: iso(payment.reversedAt),
  };
}

/** A payment as `payments/checkStatus` tells it: there the two status names are swapped. */
export function checkView(uapay: Uapay, invoice: Invoice, payment: Payment): Claims {
  const { confirmation } = payment;
  const url = pageAddress(uapay, invoice);
  return {
    id: payment.paymentId,
    pluginId: 7,
    amount: payment.amount,
    status: payment.paymentStatus,
    confirmation: confirmation && {
      type: confirmation.type,
      confirmationsLeft: confirmation.left,
      ...(confirmation.type === "3DS"
        ? { url, form: { PaReq: "eJxVUttu" }, redirect: { url, params: { id: payment.paymentId } } }
        : {}),
    },
    paymentStatus: payment.status,
  };
}

/** Claims of a callback, as things stand now. */
export function callbackClaims(uapay: Uapay, invoice: Invoice, payment: Payment): Claims {
  return {
    paymentId: payment.paymentId,
    invoiceId: invoice.id,
    externalId: invoice.externalId,
    paymentNumber: payment.number,
    cardFromMasked: payment.cardFromMasked,
    cardToMasked: null,
    amount: payment.amount,
    status: payment.status,
    paymentStatus: payment.paymentStatus,
    type: invoice.type,
    systemType: invoice.systemType,
    receiptPath: hasReceipt(payment) ? receiptAddress(uapay, payment) : null,
    extraInfo: invoice.extraInfo,
    createDate: iso(payment.createdAt),
    payDate: iso(payment.paidAt),
    iat: Math.floor(uapay.clock.now() / 1000),
  };
}
