// What the Tochka simulator remembers: companies with their shops, applications, consents, tokens, operations, QR codes.
import type { EventName } from "./events.ts";
import type { FaultName } from "./faults.ts";
import type { Permission } from "./permissions.ts";

/** Switches for what the documentation leaves open and for what tests must steer. */
export type Options = {
  /** Success webhooks against the payer's way back; `by_clock` waits `webhookDelaySeconds` whatever the browser does. */
  firstWebhook: "before_return" | "after_return" | "by_clock";
  webhookDelaySeconds: number;
  maxTries: number;
  retrySeconds: number;
  /** How long an answer to a webhook is waited for, in real time. */
  webhookTimeoutMs: number;
  /** Answer to an access token past its end: 403 by the guide, 401 seen in places. */
  expiredTokenStatus: 401 | 403;
  /** Scope words must be the same list in all steps. */
  strictScope: boolean;
  /** Items must add up to the amount. */
  itemsMustAddUp: boolean;
  /** Whose token the management of webhooks takes. */
  webhookToken: "either" | "user" | "app";
  linkUuid: "operation" | "other";
  /** Whether REFUNDED_PARTIALLY may be refunded again. */
  secondRefund: "refused" | "allowed";
  /** Time in ON-REFUND. */
  refundSeconds: number;
  holdSeconds: number;
  formSeconds: number;
  /** Time from Received to InProgress and from there to the end. */
  sbpStepSeconds: number;
  sbpRefundSeconds: number;
  /** An SBP payment of a link also raises incomingSbpPayment. */
  sbpEventForLinks: boolean;
};

export const defaultOptions: Options = {
  firstWebhook: "before_return",
  webhookDelaySeconds: 5,
  // The first sending and 30 repetitions.
  maxTries: 31,
  retrySeconds: 10,
  webhookTimeoutMs: 10_000,
  expiredTokenStatus: 403,
  strictScope: true,
  itemsMustAddUp: true,
  webhookToken: "either",
  linkUuid: "operation",
  secondRefund: "refused",
  refundSeconds: 5,
  holdSeconds: 7 * 86_400,
  formSeconds: 3600,
  sbpStepSeconds: 2,
  sbpRefundSeconds: 5,
  sbpEventForLinks: false,
};

export const retailerStatuses = [
  "NEW",
  "ADDRESS_DADATA",
  "OPEN_ACCOUNT",
  "TWPG_SENDED",
  "RETAILER_CREATED",
  "TERMINAL_CREATED",
  "FILE_SENT",
  "REG",
  "CLOSE",
] as const;
export const methods = ["sbp", "card", "tinkoff", "dolyame"] as const;
export type Method = (typeof methods)[number];

/** A shop of internet acquiring. `key` is ours: young shops have no merchantId. */
export type Retailer = {
  key: string;
  customerCode: string;
  status: (typeof retailerStatuses)[number];
  isActive: boolean;
  mcc: string;
  rate: number;
  name: string;
  url: string;
  merchantId: string | null;
  terminalId: string | null;
  paymentModes: Method[];
  cashbox: string | null;
};

/** A shop of SBP. */
export type Tsp = {
  merchantId: string;
  legalId: string;
  customerCode: string;
  status: "Active" | "Suspended";
  brandName: string;
  mcc: string;
  capabilities: string;
  contactPhoneNumber: string;
  address: string;
  city: string;
  countrySubDivisionCode: string;
  zipCode: string;
  createdAt: number;
};

export type Account = { accountId: string; status: "Active" | "Suspended"; createdAt: number };

export type Company = {
  customerCode: string;
  /** The internet bank's user who sees it. */
  user: string;
  customerType: "Business" | "Personal";
  fullName: string;
  shortName: string;
  taxCode: string;
  kpp: string | null;
  customerOgrn: string;
  /** Null: not registered in SBP. */
  legalId: string | null;
  sbpStatus: "Active" | "Suspended";
  accounts: Account[];
  createdAt: number;
};

export type Webhook = { url: string; events: EventName[] };

/** An OAuth application, or a JWT key: both have a client id. */
export type Client = {
  clientId: string;
  clientSecret: string;
  kind: "oauth" | "jwt";
  user: string;
  name: string;
  redirectUrl: string;
  /** The company that registered it. */
  customerCode: string;
  /** Lets redirect and webhook addresses name this machine, which the real one refuses. */
  localUrls: boolean;
  webhook: Webhook | null;
  createdAt: number;
};

export type Consent = {
  consentId: string;
  clientId: string;
  status: "AwaitingAuthorisation" | "Authorised" | "Rejected" | "Revoked";
  asked: Permission[];
  scope: string;
  createdAt: number;
  updatedAt: number;
  expiresAt: number | null;
  /** What was ticked, by company. */
  granted: Record<string, Permission[]>;
  /** One per company that was ticked. */
  children: { consentId: string; customerCode: string }[];
};

export type Code = {
  code: string;
  clientId: string;
  consentId: string;
  redirectUri: string;
  scope: string;
  state: string;
  expiresAt: number;
  used: boolean;
};

export type Token = {
  token: string;
  kind: "app" | "user" | "jwt";
  clientId: string;
  scope: string;
  consentId: string | null;
  /** JWT keys carry their permissions themselves. */
  granted: Record<string, Permission[]>;
  expiresAt: number | null;
  deleted: boolean;
};

export type RefreshToken = {
  token: string;
  clientId: string;
  consentId: string;
  scope: string;
  expiresAt: number;
  used: boolean;
};

export type OperationStatus =
  | "CREATED"
  | "APPROVED"
  | "AUTHORIZED"
  | "ON-REFUND"
  | "REFUNDED"
  | "REFUNDED_PARTIALLY"
  | "EXPIRED"
  | "WAIT_FULL_PAYMENT";

export type OrderRow = { orderId: string; type: "approval" | "authorized" | "refund"; amount: number; at: number };

export type Receipt = {
  Client: { email: string; name?: string | undefined; phone?: string | undefined };
  Items: Record<string, unknown>[];
  taxSystemCode: string | null;
  Supplier: unknown;
};

export type Refund = {
  orderId: string;
  amount: number;
  at: number;
  /** Null: never ends. */
  dueAt: number | null;
  ends: "done" | "failed";
  state: "running" | "done" | "failed";
};

/** A payment link. Amounts are kopecks. */
export type Operation = {
  operationId: string;
  uuid: string;
  clientId: string;
  customerCode: string;
  merchantId: string;
  amount: number;
  purpose: string;
  paymentMode: Method[];
  status: OperationStatus;
  createdAt: number;
  expiresAt: number;
  ttl: number;
  paymentLinkId: string;
  redirectUrl: string | null;
  failRedirectUrl: string | null;
  preAuthorization: boolean;
  saveCard: boolean | null;
  consumerId: string | null;
  receipt: Receipt | null;
  paymentType: Method | null;
  paymentId: string | null;
  transactionId: string | null;
  authorizedAt: number | null;
  paidAt: number | null;
  returnedAt: number | null;
  orders: OrderRow[];
  refunds: Refund[];
  tries: { at: number; method: Method; result: "paid" | "authorized" | "declined" | "waiting"; reason: string }[];
  /** The SBP code of the link, made when the payer picks SBP. */
  qrcId: string | null;
  /** What was received. */
  sent: string;
};

export type SbpStatus = "Received" | "InProgress" | "Accepted" | "Rejected";

export type SbpPayment = {
  trxId: string;
  refTransactionId: string;
  amount: number;
  status: SbpStatus;
  /** Where the walk leads. */
  ends: "Accepted" | "Rejected";
  bank: string;
  payerName: string;
  payerPhone: string;
  at: number;
  endedAt: number | null;
  /** Time does not move it on; a button does. */
  stuck: boolean;
  message: string;
};

export type Qr = {
  qrcId: string;
  clientId: string;
  customerCode: string;
  merchantId: string;
  legalId: string;
  accountId: string;
  qrcType: "01" | "02";
  amount: number | null;
  paymentPurpose: string;
  ttl: number | null;
  createdAt: number;
  expiresAt: number | null;
  redirectUrl: string | null;
  sourceName: string | null;
  payload: string;
  status: "Active" | "Suspended";
  /** The link it was made for. */
  operationId: string | null;
  payments: SbpPayment[];
  returnedAt: number | null;
  sent: string;
};

export type SbpRefund = {
  requestId: string;
  clientId: string;
  qrcId: string;
  trxId: string;
  amount: number;
  at: number;
  dueAt: number | null;
  ends: "Accepted" | "Rejected";
  status: "Initiated" | "WaitingForAccept" | "Accepted" | "Rejected";
};

/** One sending of a webhook and what came back. */
export type Delivery = {
  at: number;
  why: "first" | "retry" | "duplicate" | "reordered" | "replay" | "sample" | "manual";
  url: string;
  headers: Record<string, string>;
  body: string;
  faults: string[];
  status: number | null;
  answer: string;
  verdict: "accepted" | "retry";
  reason: string;
  milliseconds: number;
};

export type Claims = Record<string, string>;

export type Notification = {
  id: string;
  at: number;
  clientId: string;
  customerCode: string;
  event: EventName;
  /** Operation or QR id. */
  subject: string;
  reference: string;
  claims: Claims;
  state: "waiting" | "held" | "retrying" | "accepted" | "stopped" | "gave_up" | "lost";
  duplicates: number;
  atOnce: number;
  replayAfterSeconds: number | null;
  holdUntil: "return" | "next_event" | null;
  holdSeconds: number;
  automaticTries: number;
  deliveries: Delivery[];
};

export type Fault = {
  id: string;
  fault: FaultName;
  client?: string | undefined;
  customerCode?: string | undefined;
  reference?: string | undefined;
  operation?: string | undefined;
  event?: string | undefined;
  /** How many times it still strikes; null is until it is deleted. */
  left: number | null;
  delaySeconds?: number | undefined;
  ms?: number | undefined;
  times?: number | undefined;
};

export type RequestRecord = {
  at: number;
  method: string;
  path: string;
  operation: string | null;
  verdict: "accepted" | "refused";
  reason: string;
  status: number;
  client: string | null;
  customerCodeHeader: string | null;
  tls: boolean;
  body: string;
};

export type SigningKey = { privateKey: string; publicJwk: { kty: "RSA"; e: string; n: string } };

export type TochkaState = {
  /** From it and the counter every id is made. */
  seed: string;
  count: number;
  options: Options;
  key: SigningKey | null;
  companies: Company[];
  retailers: Retailer[];
  tsps: Tsp[];
  clients: Client[];
  consents: Consent[];
  codes: Code[];
  tokens: Token[];
  refreshTokens: RefreshToken[];
  operations: Operation[];
  qrs: Qr[];
  sbpRefunds: SbpRefund[];
  notifications: Notification[];
  faults: Fault[];
};

/** The state before anything happened. */
export function emptyState(): TochkaState {
  return {
    seed: "",
    count: 0,
    options: { ...defaultOptions },
    key: null,
    companies: [],
    retailers: [],
    tsps: [],
    clients: [],
    consents: [],
    codes: [],
    tokens: [],
    refreshTokens: [],
    operations: [],
    qrs: [],
    sbpRefunds: [],
    notifications: [],
    faults: [],
  };
}
