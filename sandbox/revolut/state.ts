// What the Revolut simulator remembers: accounts with their webhooks, orders with attempts and notifications, faults.
import type { DeclineReason } from "./cards.ts";
import type { EventName } from "./events.ts";
import type { FaultName } from "./faults.ts";

export type Options = {
  /** Lets redirect and webhook addresses name this machine, which the real one refuses. */
  localUrls: boolean;
  /** When the success notifications go out, seen from the payer's browser. */
  firstWebhook: "before_return" | "after_return";
  /** How bodies are written; "varying" changes from one notification to the next. */
  bodyStyle: "varying" | "compact" | "spaced" | "reordered" | "pretty";
  /** Time from authorised to completed in automatic mode. */
  captureSeconds: number;
  /** Time until an accepted refund is completed. */
  refundSeconds: number;
  /** Time until a captured payment is settled. */
  settleSeconds: number;
  /** Time after which an unanswered 3-D Secure step counts as abandoned. */
  challengeSeconds: number;
  /** Life of a pending order that names none itself. */
  pendingSeconds: number;
  maxTries: number;
  retrySeconds: number;
  /** How long an answer to a notification is waited for, in real time. */
  webhookTimeoutMs: number;
};

export const defaultOptions: Options = {
  localUrls: false,
  firstWebhook: "before_return",
  bodyStyle: "varying",
  captureSeconds: 0,
  refundSeconds: 5,
  settleSeconds: 86_400,
  challengeSeconds: 900,
  pendingSeconds: 30 * 86_400,
  maxTries: 4,
  retrySeconds: 600,
  webhookTimeoutMs: 10_000,
};

export type Webhook = {
  id: string;
  url: string;
  events: EventName[];
  /** The one in force first; older ones stay until their end. */
  secrets: { secret: string; until: number | null }[];
  /** Registered through the control API, as by hand in the dashboard. */
  byHand: boolean;
};

export type Account = {
  secretKey: string;
  publicKey: string;
  name: string;
  /** False: every call is forbidden. */
  active: boolean;
  /** Secret of the webhook that is registered by hand. */
  webhookSecret: string;
  webhooks: Webhook[];
  customers: { id: string; [field: string]: string }[];
  idempotency: Record<string, { body: string; orderId: string; declined: boolean }>;
  options: Options;
  createdAt: number;
};

export type PaymentState =
  | "pending"
  | "authentication_challenge"
  | "authentication_verified"
  | "authorisation_started"
  | "authorised"
  | "captured"
  | "completed"
  | "refund_validated"
  | "declined"
  | "soft_declined"
  | "failed"
  | "cancelled";

export type BadEnd = "declined" | "failed" | "soft_declined";
/** How an attempt ends when nothing stands between. */
export type Outcome =
  | { result: "paid" }
  | { result: "stuck" }
  | { result: BadEnd; reason: DeclineReason | null; message?: string };

export type Attempt = {
  id: string;
  token: string;
  state: PaymentState;
  createdAt: string;
  updatedAt: string;
  amount: number;
  authorised: number | null;
  settled: number | null;
  reason: string | null;
  bankMessage: string | null;
  method: "card" | "revolut_pay_account";
  pan: string;
  cardholder: string;
  expiry: string;
  threeDs: "verified" | "failed" | "challenge" | null;
  /** What follows when the 3-D Secure step is passed. */
  outcome: Outcome;
  captureDeadline: string | null;
  arn: string | null;
};

export type OrderState = "pending" | "processing" | "authorised" | "completed" | "cancelled" | "failed";

/** One sending of a notification and what came back. */
export type Delivery = {
  at: number;
  why: "first" | "retry" | "duplicate" | "reordered" | "replay" | "manual";
  url: string;
  headers: Record<string, string>;
  bodyBase64: string;
  faults: string[];
  status: number | null;
  answer: string;
  verdict: "accepted" | "retry";
  reason: string;
  milliseconds: number;
};

export type Notification = {
  id: string;
  at: number;
  event: EventName;
  webhookId: string;
  /** Picks the way in which the body is written. */
  style: number;
  state: "waiting" | "held" | "retrying" | "accepted" | "stopped" | "gave_up" | "lost";
  duplicates: number;
  replayAfterSeconds: number | null;
  holdUntil: "return" | "next_event" | null;
  holdSeconds: number;
  automaticTries: number;
  deliveries: Delivery[];
};

export type Order = {
  id: string;
  /** Public; also the address of the payer's page. */
  token: string;
  /** The account's public key. */
  account: string;
  type: "payment" | "refund";
  state: OrderState;
  createdAt: string;
  updatedAt: string;
  amount: number;
  currency: string;
  captureMode: "automatic" | "manual";
  authorisationType: "final" | "pre_authorisation";
  enforceChallenge: "automatic" | "forced";
  /** Every other field as it was sent and checked; echoed. */
  fields: Record<string, unknown>;
  reference: string | null;
  redirectUrl: string | null;
  relatedOrderId: string | null;
  /** Minor units. */
  authorised: number;
  captured: number;
  refunded: number;
  increments: { amount: number; reference: string | null; at: string }[];
  /** Epoch milliseconds of the two deadlines. */
  expiresAt: number | null;
  authorisedAt: number | null;
  lapsesAt: number | null;
  returnedAt: number | null;
  payments: Attempt[];
  events: { at: number; event: EventName }[];
  notifications: Notification[];
  /** What was received. */
  sent: string;
};

export type Fault = {
  id: string;
  fault: FaultName;
  account?: string | undefined;
  orderId?: string | undefined;
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
  version: string | null;
  verdict: "accepted" | "refused";
  reason: string;
  status: number;
  requestId: string;
  /** The account's public key. */
  account: string | null;
  orderId: string | null;
  idempotencyKey: string | null;
  body: string;
};

export type RevolutState = {
  accounts: Account[];
  orders: Order[];
  faults: Fault[];
  /** Counts notifications, so that their ways of writing take turns. */
  told: number;
};

/** A notification ready to be posted. */
export type Outgoing = { url: string; headers: Record<string, string>; body: Buffer };

/** The state before anything happened. */
export function emptyState(): RevolutState {
  return { accounts: [], orders: [], faults: [], told: 0 };
}
