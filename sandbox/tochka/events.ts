// The bank's events: their names, their claims, and the samples that are the documentation's own examples.
import { roubleText } from "./money.ts";
import type { Claims, Operation, Qr, SbpPayment } from "./state.ts";

export const eventNames = [
  "incomingPayment",
  "outgoingPayment",
  "incomingSbpPayment",
  "incomingSbpB2BPayment",
  "acquiringInternetPayment",
] as const;
export type EventName = (typeof eventNames)[number];

/** Claims of a paid or authorized link; which there are depends on the method. */
export function linkClaims(operation: Operation, sbp?: { payment: SbpPayment; qr: Qr }): Claims {
  const base = {
    customerCode: operation.customerCode,
    amount: roubleText(operation.amount),
    paymentType: operation.paymentType ?? "card",
    operationId: operation.operationId,
    purpose: operation.purpose,
    webhookType: "acquiringInternetPayment",
    merchantId: operation.merchantId,
    status: operation.status,
    paymentLinkId: operation.paymentLinkId,
  };
  if (operation.paymentType === "sbp") {
    return {
      ...base,
      transactionId: operation.transactionId ?? "",
      qrcId: sbp?.qr.qrcId ?? operation.qrcId ?? "",
      payerName: sbp?.payment.payerName ?? "",
    };
  }
  const card = operation.paymentType === "card" || operation.paymentType === "tinkoff";
  return card && operation.consumerId ? { ...base, consumerId: operation.consumerId } : base;
}

/** Claims of an SBP payment. */
export function sbpClaims(qr: Qr, payment: SbpPayment, brandName: string): Claims {
  return {
    operationId: payment.trxId,
    qrcId: qr.qrcId,
    amount: roubleText(payment.amount),
    payerMobileNumber: payment.payerPhone,
    payerName: payment.payerName,
    brandName,
    merchantId: qr.merchantId,
    purpose: qr.paymentPurpose,
    customerCode: qr.customerCode,
    refTransactionId: payment.refTransactionId,
    webhookType: "incomingSbpPayment",
  };
}

const side = (name: string, account: string): object => ({
  bankCode: "044525104",
  bankName: "ООО «Банк Точка»",
  bankCorrespondentAccount: "30101810745374525104",
  account,
  name,
  amount: "0.33",
  currency: "RUB",
  inn: "7707083893",
  kpp: "770701001",
});

const transfer = (webhookType: string): Record<string, unknown> => ({
  SidePayer: side("ООО Ромашка", "40702810101270000000"),
  SideRecipient: side("ООО Василёк", "40702810401270000001"),
  purpose: "Тестовое назначение платежа",
  documentNumber: "13",
  paymentId: "cbs-1000000",
  date: "2018-10-01",
  webhookType,
  customerCode: "300123123",
});

/** What is sent on registration and by test_send: always the same, whoever asks. */
export const samples: Record<EventName, Record<string, unknown>> = {
  incomingPayment: transfer("incomingPayment"),
  outgoingPayment: transfer("outgoingPayment"),
  incomingSbpPayment: {
    operationId: "A22001100263820100000533E625FCB3",
    qrcId: "AS10006DPRTEFPFS9HJ9SQSDSVRHJD3L",
    amount: "0.33",
    payerMobileNumber: "+79998887766",
    payerName: "Иван Иванович И",
    brandName: "Шаурма №1",
    merchantId: "MF0000000001",
    purpose: "Оплата по QR-коду",
    customerCode: "300123123",
    refTransactionId: "4CFB1D69E2A94D1CA8BB7D1C7C5C1234",
    webhookType: "incomingSbpPayment",
  },
  incomingSbpB2BPayment: {
    qrcId: "BD10006DPRTEFPFS9HJ9SQSDSVRHJD3L",
    amount: "0.33",
    purpose: "Оплата по QR-коду B2B",
    customerCode: "300123123",
    merchantId: "MF0000000001",
    webhookType: "incomingSbpB2BPayment",
  },
  acquiringInternetPayment: {
    customerCode: "300123123",
    amount: "0.33",
    paymentType: "card",
    operationId: "beeac8a4-6047-3f38-8922-a664e6b5c43b",
    purpose: "Оплата заказа №1",
    webhookType: "acquiringInternetPayment",
    merchantId: "200000000001234",
    status: "APPROVED",
    consumerId: "fedac807-078d-45ac-a43b-5c01c57edbf8",
    paymentLinkId: "12345-ab-cd",
  },
};
