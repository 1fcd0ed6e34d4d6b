// What the UAPAY simulator remembers: shops, sessions, invoices with their payments, callbacks, faults.
import type { FaultName } from "./faults.ts";

export type Options = {
  /** HTTP status of refusals, which the documentation leaves open. */
  errorStatus: 200 | 400;
  /** Code of a refusal because of the token, which the documentation leaves open. */
  signatureErrorCode: string;
  /** Where a refusal names the session: in the code, the fields or only the message. */
  sessionErrorIn: "code" | "fields" | "message";
  /** Refuses a clear copy that differs from the token; otherwise the token counts. */
  strictCopy: boolean;
  /** False: answers carry their fields in clear and no token. */
  signedAnswers: boolean;
  sessionSeconds: number;
  /** Time after which a hold is given back. */
  holdSeconds: number;
  /** Time from PAYED to FINISHED. */
  settleSeconds: number;
  /** Time after which an unanswered 3-D Secure or LOOKUP step is refused. */
  confirmationSeconds: number;
  /** Lets the payer try again under a one-time invoice after a failure. */
  retrySameInvoice: boolean;
  /** Puts failed payments first among `payments[]`. */
  rejectedFirst: boolean;
  /** What a partly refunded payment is called. */
  partialRefundStatus: "FINISHED" | "REVERSED";
  /** What a wholly refunded payment is called. */
  refundStatus: "REVERSED" | "RETURNED";
  /** Field of a payment that carries the bank's code. */
  bankCodeField: "responseCode" | "bankResponseCode" | "errorCode" | "code" | "none";
  /** Shows `externalId` on reads, which the documentation's list of fields does not have. */
  showExternalId: boolean;
  /** Tells OPEN, PENDING, PAYED and NEEDS_CONFIRMATION too. */
  tellSteps: boolean;
  /** When the callback of the payer's own payment goes out, seen from the browser. */
  firstCallback: "before_return" | "after_return";
  /** Zone in which `payExpiresAt` is read. */
  timeZone: "Europe/Kyiv" | "UTC";
  /** How long an answer to a callback is waited for, in real time. */
  callbackTimeoutMs: number;
};

export const defaultOptions: Options = {
  errorStatus: 400,
  signatureErrorCode: "TOKEN_ERROR",
  sessionErrorIn: "code",
  strictCopy: true,
  signedAnswers: true,
  sessionSeconds: 86_400,
  holdSeconds: 7 * 86_400,
  settleSeconds: 0,
  confirmationSeconds: 900,
  retrySameInvoice: false,
  rejectedFirst: false,
  partialRefundStatus: "FINISHED",
  refundStatus: "REVERSED",
  bankCodeField: "responseCode",
  showExternalId: false,
  tellSteps: false,
  firstCallback: "before_return",
  timeZone: "Europe/Kyiv",
  callbackTimeoutMs: 10_000,
};

export type Shop = {
  /** Decimal text. */
  clientId: string;
  /** Used as raw text, though it looks like base64. */
  secret: string;
  name: string;
  active: boolean;
  /** True: callbacks go to allowed addresses only. */
  live: boolean;
  /** Beginnings of addresses that UAPAY's manager has let through. */
  allowedUrls: string[];
  options: Options;
  createdAt: number;
};

export type Session = { id: string; clientId: string; createdAt: number; ended: boolean };

export type Confirmation = {
  type: "LOOKUP" | "3DS";
  left: number;
  /** What the bank sent to the payer. */
  code: string;
  /** Epoch milliseconds. */
  until: number;
};

/** A capture, void or refund that was accepted and comes into force later. */
export type Delayed = { kind: "complete" | "cancel" | "reverse"; amount: number; at: number };

export type Payment = {
  paymentId: string;
  number: number;
  receiptId: string;
  /** Kopecks: what was asked, after a capture what was captured. */
  amount: number;
  held: number;
  captured: number;
  refunded: number;
  /** The invoice's word, and the processing's. */
  status: string;
  paymentStatus: string;
  cardFromMasked: string;
  cardFromId: string;
  bankCode: string | null;
  confirmation: Confirmation | null;
  releasesAt: number | null;
  settlesAt: number | null;
  delayed: Delayed[];
  createdAt: number;
  updatedAt: number;
  paidAt: number | null;
  reversedAt: number | null;
};

export type Service = Record<string, string | number>;

export type Invoice = {
  id: string;
  number: number;
  clientId: string;
  externalId: string;
  systemType: string;
  type: "PAY" | "HOLD" | "SUBSCRIBE";
  /** Kopecks; null lets the payer type the sum. */
  amount: number | null;
  description: string;
  reusability: boolean;
  redirectUrl: string | null;
  callbackUrl: string | null;
  email: string | null;
  /** JSON text as it was sent. */
  extraInfo: string | null;
  services: Service[];
  expiresAt: number | null;
  /** Any word, put here by a button. */
  forcedStatus: string | null;
  createdAt: number;
  returnedAt: number | null;
  payments: Payment[];
  /** Claims that were received. */
  sent: string;
};

/** One sending of a callback and what came back. */
export type Delivery = {
  at: number;
  why: "first" | "retry" | "duplicate" | "reordered" | "replay" | "manual";
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

export type Claims = Record<string, unknown>;

export type Notification = {
  id: string;
  at: number;
  clientId: string;
  invoiceId: string;
  externalId: string;
  url: string;
  /** As things stood when it happened. */
  claims: Claims;
  state: "waiting" | "held" | "retrying" | "accepted" | "gave_up" | "lost" | "not_listed";
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
  clientId?: string | undefined;
  /** An externalId, invoice id or payment id. */
  reference?: string | undefined;
  operation?: string | undefined;
  /** The `paymentStatus` that a callback tells. */
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
  clientId: string | null;
  verdict: "accepted" | "refused";
  reason: string;
  /** 0: no answer went out. */
  status: number;
  iat: number | string | null;
  /** The very same token came before. */
  repeated: boolean;
  claims: unknown;
  body: string;
};

export type UapayState = {
  shops: Shop[];
  sessions: Session[];
  invoices: Invoice[];
  notifications: Notification[];
  faults: Fault[];
  /** Source of invoice, payment and receipt numbers. */
  count: number;
  /** Counts what was signed, so that ways of writing take turns. */
  signed: number;
};

/** The state before anything happened. */
export const emptyState = (): UapayState => ({
  shops: [],
  sessions: [],
  invoices: [],
  notifications: [],
  faults: [],
  count: 0,
  signed: 0,
});
