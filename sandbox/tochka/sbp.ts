// SBP direct: what is registered, codes, the state of their payments, refunds.
import { z } from "zod";
import { day, positive } from "./acquiring.ts";
import type { Call, Handler, Route } from "./call.ts";
import { bankCode, companyOf } from "./companies.ts";
import { takeFaults } from "./faults.ts";
import { makeUuid, moscowDate, moscowTime } from "./ids.ts";
import { kopecks } from "./money.ts";
import { notAllowed } from "./operation.ts";
import { read } from "./payment-input.ts";
import { createQr } from "./qr.ts";
import { qrImage } from "./qr-image.ts";
import { forbidden, invalid, missing } from "./reply.ts";
import type { Company, Qr, SbpPayment, SbpRefund, Tsp } from "./state.ts";

const shownTsp = (tsp: Tsp): object => ({
  merchantId: tsp.merchantId,
  legalId: tsp.legalId,
  status: tsp.status,
  brandName: tsp.brandName,
  mcc: tsp.mcc,
  capabilities: tsp.capabilities,
  contactPhoneNumber: tsp.contactPhoneNumber,
  address: tsp.address,
  city: tsp.city,
  countryCode: "RU",
  countrySubDivisionCode: tsp.countrySubDivisionCode,
  zipCode: tsp.zipCode,
  createdAt: moscowTime(tsp.createdAt),
  additionalContacts: [],
});

const shownAccounts = (company: Company): object[] =>
  company.accounts.map(({ accountId, status, createdAt }) => ({
    accountId,
    status,
    createdAt: moscowTime(createdAt),
    legalId: company.legalId,
  }));

const tspsOf = ({ tochka }: Call, legalId: string): object[] =>
  tochka.state.tsps.filter((tsp) => tsp.legalId === legalId).map((tsp) => shownTsp(tsp));

const customerInfo: Handler = (call) => {
  const [customerCode = "", code = ""] = call.path;
  if (!/^\d{9}$/.test(code)) throw invalid("bankCode", "must have 9 digits");
  call.mustSee(customerCode);
  const company = companyOf(call.tochka.state, customerCode);
  if (!company?.legalId || code !== bankCode) throw missing("SBP customer");
  return {
    data: {
      status: company.sbpStatus,
      createdAt: moscowTime(company.createdAt),
      legalId: company.legalId,
      customerCode,
      inn: company.taxCode,
      ...(company.kpp === null ? {} : { kpp: company.kpp }),
      name: company.shortName,
      ogrn: company.customerOgrn,
      entityType: company.kpp === null ? "IP" : "LLC",
      bankCode,
      address: "ул. Лесная, д. 1",
      city: "Москва",
      countryCode: "RU",
      countrySubDivisionCode: "45",
      zipCode: "101000",
      MerchantList: tspsOf(call, company.legalId),
      AccountList: shownAccounts(company),
    },
  };
};

/** The company of a legal id, which the token must open. */
function companyOfLegal(call: Call, legalId: string): Company {
  const company = call.tochka.state.companies.find((candidate) => candidate.legalId === legalId);
  if (!company) throw forbidden();
  call.mustSee(company.customerCode);
  return company;
}

function ownTsp(call: Call, merchantId: string): Tsp {
  const tsp = call.tochka.state.tsps.find((candidate) => candidate.merchantId === merchantId);
  // The documented answer to a shop that is not there.
  if (!tsp) throw forbidden();
  call.mustSee(tsp.customerCode);
  return tsp;
}

const statusInput = z.object({ status: z.enum(["Active", "Suspended"]) });

const setTspStatus: Handler = (call) => {
  const tsp = ownTsp(call, call.path[0] ?? "");
  tsp.status = read(statusInput, call.data).status;
  call.tochka.changed();
  return { data: shownTsp(tsp) };
};

const legalEntity: Handler = (call) => {
  const company = companyOfLegal(call, call.path[0] ?? "");
  return { data: { legalId: company.legalId, status: company.sbpStatus, customerCode: company.customerCode } };
};

const setLegalStatus: Handler = (call) => {
  const company = companyOfLegal(call, call.path[0] ?? "");
  company.sbpStatus = read(statusInput, call.data).status;
  call.tochka.changed();
  return { data: { legalId: company.legalId, status: company.sbpStatus } };
};

const side = z.number().int().min(200).max(2000);
const image = z.object({
  width: side,
  height: side,
  mediaType: z.enum(["image/png", "image/svg+xml"]).default("image/png"),
});
const codeInput = (local: boolean) =>
  z.object({
    qrcType: z.enum(["01", "02"]),
    paymentPurpose: z.string().max(140),
    amount: z.number().int().min(1).max(999_999_999_999).optional(),
    currency: z.literal("RUB").default("RUB"),
    ttl: z.number().int().min(1).max(129_600).optional(),
    sourceName: z.string().optional(),
    redirectUrl: z
      .url({ protocol: local ? /^https?$/ : /^https$/ })
      .max(2083)
      .optional(),
    imageParams: image.optional(),
  });

const registerQr: Handler = (call) => {
  const { tochka, client, text } = call;
  const [merchantId = "", accountId = ""] = call.path;
  if (merchantId.length > 12) throw invalid("merchantId", "has more than 12 characters");
  if (accountId.length > 40 || !/^\d{20}\/\d{9}$/.test(accountId)) throw invalid("accountId", "must be account/BIC");
  const input = read(codeInput(client.localUrls), call.data);
  const dynamic = input.qrcType === "02";
  if (dynamic && input.amount === undefined) throw invalid("Data.amount", "field required for a dynamic code");
  if (!dynamic && input.ttl !== undefined) throw invalid("Data.ttl", "only for a dynamic code");
  const tsp = ownTsp(call, merchantId);
  const company = companyOf(tochka.state, tsp.customerCode);
  const account = company?.accounts.find((candidate) => candidate.accountId === accountId);
  if (!company || !account) throw forbidden();
  if (tsp.status !== "Active" || company.sbpStatus !== "Active") throw invalid("merchantId", "is suspended");
  if (account.status !== "Active") throw invalid("accountId", "is suspended");
  // Three bits: the last is static, the middle dynamic.
  if (tsp.capabilities[dynamic ? 1 : 2] !== "1") throw invalid("Data.qrcType", "is not among the shop's capabilities");
  const qr = createQr(tochka, {
    clientId: client.clientId,
    customerCode: tsp.customerCode,
    merchantId,
    legalId: tsp.legalId,
    accountId,
    qrcType: input.qrcType,
    amount: input.amount ?? null,
    paymentPurpose: input.paymentPurpose,
    ttl: dynamic ? (input.ttl ?? 4320) : null,
    redirectUrl: input.redirectUrl ?? null,
    sourceName: input.sourceName ?? null,
    operationId: null,
    sent: text,
  });
  const { imageParams } = input;
  const payload = call.has("foreign_payload") ? `https://qr.nspk.ru.example.test/${qr.qrcId}` : qr.payload;
  return {
    data: {
      qrcId: qr.qrcId,
      payload,
      ...(imageParams && !call.has("no_qr_image") ? { image: qrImage(qr.qrcId, imageParams) } : {}),
    },
  };
};

function ownQr(call: Call, qrcId: string): Qr {
  const qr = call.tochka.state.qrs.find((candidate) => candidate.qrcId === qrcId);
  if (!qr) throw forbidden();
  call.mustSee(qr.customerCode);
  return qr;
}

const shownQr = (qr: Qr): object => ({
  status: qr.status,
  payload: qr.payload,
  accountId: qr.accountId,
  createdAt: moscowTime(qr.createdAt),
  merchantId: qr.merchantId,
  legalId: qr.legalId,
  qrcId: qr.qrcId,
  ...(qr.amount === null ? {} : { amount: qr.amount }),
  ...(qr.ttl === null ? {} : { ttl: String(qr.ttl) }),
  paymentPurpose: qr.paymentPurpose,
  image: qrImage(qr.qrcId, { width: 300, height: 300, mediaType: "image/png" }),
  commissionPercent: 0.4,
  currency: "RUB",
  qrcType: qr.qrcType,
  templateVersion: "01",
  sourceName: qr.sourceName ?? "",
});

const readQr: Handler = (call) => ({ data: shownQr(ownQr(call, call.path[0] ?? "")) });

const listQrs: Handler = (call) => {
  const { legalId } = companyOfLegal(call, call.path[0] ?? "");
  return {
    data: { qrCodeList: call.tochka.state.qrs.filter((qr) => qr.legalId === legalId).map((qr) => shownQr(qr)) },
  };
};

const dayMs = 86_400_000;

/** One row of payment-status. Past the code's life, or a day after its payment, the bank knows nothing of it. */
function statusRow(call: Call, qrcId: string): object {
  const qr = call.tochka.state.qrs.find((candidate) => candidate.qrcId === qrcId && candidate.qrcType === "02");
  const unknown = { qrcId, code: "RQ05014", message: "QR-код не найден" };
  if (!qr || !call.companies.includes(qr.customerCode)) return unknown;
  const last = qr.payments.at(-1);
  const now = call.tochka.clock.now();
  if (last && last.endedAt !== null && last.status === "Accepted" && last.endedAt + dayMs <= now) return unknown;
  if ((!last || last.status === "Rejected") && (qr.expiresAt ?? now) + dayMs <= now) return unknown;
  const status = call.has("unknown_status_qr") ? "Reincarnated" : (last?.status ?? "NotStarted");
  const message = last?.message || "Запрос обработан успешно";
  return { qrcId, code: "RQ00000", status, message, ...(last ? { trxId: last.trxId } : {}) };
}

const paymentStatus: Handler = (call) => {
  const ids = (call.path[0] ?? "").split(",").filter((id) => id !== "");
  if (ids.length === 0) throw invalid("qrcIds", "field required");
  const rows = ids.map((qrcId) => statusRow(call, qrcId));
  const strange = {
    qrcId: "AD0000000000000000000000NOBODYS1",
    code: "RQ00000",
    status: "Accepted",
    message: "",
    trxId: "A0",
  };
  return { data: { paymentList: call.has("shuffled_rows") ? [strange, ...rows.reverse()] : rows } };
};

const listedStatus = (payment: SbpPayment): string => (payment.status === "Received" ? "Initiated" : payment.status);

const payments: Handler = (call) => {
  const { query, tochka } = call;
  const customerCode = query.get("customerCode");
  if (!customerCode) throw invalid("customerCode", "field required");
  call.mustSee(customerCode);
  const yesterday = moscowDate(tochka.clock.now() - dayMs);
  const [from, to] = [day(query, "fromDate") ?? yesterday, day(query, "toDate")];
  const [pageNumber, perPage] = [positive(query, "page", 1), positive(query, "perPage", 1000)];
  const qrcId = query.get("qrcId");
  const rows = tochka.state.qrs
    .filter((qr) => qr.customerCode === customerCode && (qrcId === null || qr.qrcId === qrcId))
    .flatMap((qr) => qr.payments.map((payment) => ({ qr, payment, made: moscowDate(payment.at) })))
    .filter(({ made }) => made >= from && (to === null || made <= to))
    .map(({ qr, payment }) => ({
      qrcId: qr.qrcId,
      status: listedStatus(payment),
      message: payment.message,
      refTransactionId: payment.refTransactionId,
    }));
  return {
    data: { Payments: rows.slice((pageNumber - 1) * perPage, pageNumber * perPage) },
    totalPages: Math.max(1, Math.ceil(rows.length / perPage)),
  };
};

const refundInput = z.object({
  bankCode: z.string().regex(/^\d{9}$/),
  accountCode: z.string().regex(/^\d{20}$/),
  amount: z.string(),
  qrcId: z.string().min(1),
  refTransactionId: z.string().optional(),
  trxId: z.string().optional(),
  currency: z.literal("RUB").default("RUB"),
  purpose: z.string().max(140).optional(),
});

const refund: Handler = (call) => {
  const { tochka, client } = call;
  const input = read(refundInput, call.data);
  const amount = kopecks(input.amount);
  if (amount === undefined || amount === 0) throw invalid("Data.amount", "must be text of roubles above 0");
  if (input.refTransactionId === undefined && input.trxId === undefined) {
    throw invalid("Data.refTransactionId", "field required: refTransactionId or trxId");
  }
  const qr = ownQr(call, input.qrcId);
  if (qr.qrcType === "01") throw notAllowed("payments of static codes are refunded in the cabinet");
  const account = qr.accountId === "" ? `${input.accountCode}/${input.bankCode}` : qr.accountId;
  if (account !== `${input.accountCode}/${input.bankCode}`) throw forbidden();
  const payment = qr.payments.find(
    ({ trxId, refTransactionId }) =>
      (input.trxId === undefined || trxId === input.trxId) &&
      (input.refTransactionId === undefined || refTransactionId === input.refTransactionId),
  );
  if (payment?.status !== "Accepted") throw notAllowed("no accepted payment with this id");
  const before = tochka.state.sbpRefunds.filter(
    ({ trxId, status }) => trxId === payment.trxId && status !== "Rejected",
  );
  const given = before.reduce((sum, one) => sum + one.amount, 0);
  if (given + amount > payment.amount) throw invalid("Data.amount", "exceeds the amount of the payment");
  const struck = takeFaults(
    tochka.state,
    {
      client: client.clientId,
      customerCode: qr.customerCode,
      references: [qr.qrcId, payment.trxId],
      operation: "sbp_refund",
    },
    ["refund"],
  ).map(({ fault }) => fault);
  const now = tochka.clock.now();
  const made: SbpRefund = {
    requestId: makeUuid(tochka.state, "request"),
    clientId: client.clientId,
    qrcId: qr.qrcId,
    trxId: payment.trxId,
    amount,
    at: now,
    dueAt: struck.includes("refund_stuck") ? null : now + tochka.state.options.sbpRefundSeconds * 1000,
    ends: struck.includes("refund_fails") || struck.includes("refund_refused") ? "Rejected" : "Accepted",
    status: "Initiated",
  };
  tochka.state.sbpRefunds.push(made);
  tochka.changed();
  return { data: { requestId: made.requestId, status: made.status } };
};

const refundTexts: Record<SbpRefund["status"], string> = {
  Initiated: "Запрос создан",
  WaitingForAccept: "Ожидает подтверждения СБП",
  Accepted: "Возврат выполнен",
  Rejected: "Возврат отклонён",
};

const refundStatus: Handler = (call) => {
  const found = call.tochka.state.sbpRefunds.find(({ requestId }) => requestId === call.path[0]);
  if (!found) throw missing("Refund");
  ownQr(call, found.qrcId);
  return { data: { status: found.status, statusDescription: refundTexts[found.status] } };
};

const see = "ReadSBPData";
const edit = "EditSBPData";
const at = (tail: string): RegExp => new RegExp(`^/sbp/v1\\.0/${tail}$`);
const part = "([^/]+)";

export const sbpRoutes: Route[] = [
  {
    method: "GET",
    path: at(`customer/${part}/${part}`),
    operation: "sbp_customer",
    permission: see,
    handler: customerInfo,
  },
  {
    method: "GET",
    path: at(`merchant/legal-entity/${part}`),
    operation: "tsp_list",
    permission: see,
    handler: (call) => ({
      data: { MerchantList: tspsOf(call, companyOfLegal(call, call.path[0] ?? "").legalId ?? "") },
    }),
  },
  {
    method: "GET",
    path: at(`merchant/${part}`),
    operation: "tsp_read",
    permission: see,
    handler: (call) => ({ data: shownTsp(ownTsp(call, call.path[0] ?? "")) }),
  },
  { method: "PUT", path: at(`merchant/${part}`), operation: "tsp_status", permission: edit, handler: setTspStatus },
  {
    method: "GET",
    path: at(`account/${part}`),
    operation: "sbp_accounts",
    permission: see,
    handler: (call) => ({ data: { AccountList: shownAccounts(companyOfLegal(call, call.path[0] ?? "")) } }),
  },
  { method: "GET", path: at(`legal-entity/${part}`), operation: "legal_read", permission: see, handler: legalEntity },
  {
    method: "POST",
    path: at(`legal-entity/${part}`),
    operation: "legal_status",
    permission: edit,
    handler: setLegalStatus,
  },
  {
    method: "POST",
    // The slash of an account id comes raw or escaped.
    path: at(`qr-code/merchant/${part}/([^/]+(?:/\\d+)?)`),
    operation: "qr_register",
    permission: edit,
    handler: registerQr,
  },
  { method: "GET", path: at(`qr-code/legal-entity/${part}`), operation: "qr_list", permission: see, handler: listQrs },
  { method: "GET", path: at(`qr-code/${part}`), operation: "qr_read", permission: see, handler: readQr },
  {
    method: "GET",
    path: at(`qr-codes/${part}/payment-status`),
    operation: "qr_status",
    permission: see,
    handler: paymentStatus,
  },
  { method: "GET", path: at("get-sbp-payments"), operation: "sbp_payments", permission: see, handler: payments },
  { method: "POST", path: at("refund"), operation: "sbp_refund", permission: edit, handler: refund },
  { method: "GET", path: at(`refund/${part}`), operation: "sbp_refund_status", permission: see, handler: refundStatus },
];
