// What the NETOPIA simulator remembers: points of sale, payments with their tries and notifications, faults, requests.
import type { FaultName } from "./faults.ts";
import type { KeyWithCertificate } from "./x509.ts";

export type Options = {
  /** A payment only reserves the money (v1 `paid`, v2 status 2) until it is captured. */
  preauth: boolean;
  /** A payment first goes to antifraud review (v1 `…_pending`, v2 status 13). */
  review: boolean;
  /** The account is not cleared for foreign currency: notifications and status speak RON. */
  convertToRon: boolean;
  /** When the first notification goes out, seen from the payer's browser. */
  firstIpn: "before_return" | "after_return";
  /** v1: a decline sends the browser back instead of offering another try. */
  declineReturns: boolean;
  /** v2: with a cancelUrl set, every payer is sent there, as one integrator saw. */
  everyoneToCancelUrl: boolean;
  /** v2: after 3 was acknowledged, send a second notification with status 5. */
  ipnOnConfirmed: boolean;
  /** v1: `processed_amount` of a credit is the running total instead of the single refund. */
  creditRunningTotal: boolean;
  /** v1: a resend carries a new crc. */
  newCrcOnResend: boolean;
  /** Card tokens are switched on for the account. */
  tokens: boolean;
  /** How often a notification is tried in all, and how the waiting grows between the tries. */
  maxTries: number;
  retrySeconds: number;
  retryFactor: number;
  maxRetrySeconds: number;
  /** How long an answer is waited for, in real time. */
  ipnTimeoutMs: number;
};

export const defaultOptions: Options = {
  preauth: false,
  review: false,
  convertToRon: false,
  firstIpn: "before_return",
  declineReturns: false,
  everyoneToCancelUrl: false,
  ipnOnConfirmed: false,
  creditRunningTotal: false,
  newCrcOnResend: false,
  tokens: false,
  maxTries: 20,
  retrySeconds: 60,
  retryFactor: 2,
  maxRetrySeconds: 21_600,
  ipnTimeoutMs: 10_000,
};

export type PointOfSale = {
  signature: string;
  name: string;
  approved: boolean;
  keyBits: 1024 | 2048;
  apiKey: string;
  /** The gateway's pair: the merchant gets its certificate, orders are sealed with it. */
  gateway: KeyWithCertificate;
  /** The merchant's pair: the merchant gets its private key, notifications are sealed with its certificate. */
  merchant: KeyWithCertificate;
  options: Options;
  createdAt: number;
};

export type Verdict = "accepted" | "retry" | "stop";

/** One sending of a notification and what came back. */
export type Delivery = {
  at: number;
  why: "first" | "retry" | "duplicate" | "new_crc" | "reordered" | "manual";
  url: string;
  headers: Record<string, string>;
  bodyBase64: string;
  faults: string[];
  status: number | null;
  contentType: string | null;
  answer: string;
  verdict: Verdict;
  reason: string;
  milliseconds: number;
};

/** One event that the merchant is to be told. */
export type Ipn = {
  id: string;
  at: number;
  crc: string;
  /** v1 action; v2 tells `status`. */
  action: string;
  status: number;
  code: string;
  message: string;
  /** Minor units in the settlement currency (RON when converted). */
  processed: number;
  panMasked: string | null;
  state: "waiting" | "held" | "retrying" | "accepted" | "stopped" | "gave_up" | "lost";
  /** Extra sendings still to be made at the first delivery. */
  duplicates: number;
  newCrcCopies: number;
  holdUntil: "return" | "next_event" | null;
  holdSeconds: number;
  automaticTries: number;
  deliveries: Delivery[];
};

export type Try = { at: number; panMasked: string; code: string; message: string; result: string };

export type Payment = {
  /** `purchase` in v1, `ntpID` in v2: digits, unique on the platform. */
  id: string;
  protocol: "v1" | "v2";
  signature: string;
  orderId: string;
  /** The opaque value in the address of the payer's page. */
  pageKey: string;
  createdAt: number;
  /** Minor units, as asked. */
  amount: number;
  currency: string;
  /** What notifications speak: the same, or RON. */
  settledAmount: number;
  settledCurrency: string;
  description: string;
  language: string;
  payer: Record<string, string>;
  confirmUrl: string;
  returnUrl: string;
  cancelUrl: string | null;
  /** What we received: the decrypted order XML, or the JSON body. */
  sent: string;
  ipnCipher: "rc4" | "aes-256-cbc" | null;
  /** Own keys of a v2 order, echoed. */
  data: Record<string, string> | null;
  /** The status numbers of v2 serve v1 as well: they are a superset of its states. */
  status: number;
  lastCode: string;
  lastMessage: string;
  panMasked: string | null;
  /** Minor units in the asked currency. */
  authorized: number;
  captured: number;
  credited: number;
  /** A card that waits for its 3-D Secure answer. */
  challenge: { pan: string } | null;
  returnedAt: number | null;
  tries: Try[];
  ipns: Ipn[];
};

export type Fault = {
  id: string;
  fault: FaultName;
  signature?: string | undefined;
  orderId?: string | undefined;
  operation?: string | undefined;
  /** How many times it still strikes; null is until it is deleted. */
  left: number | null;
  delaySeconds?: number | undefined;
  ms?: number | undefined;
  times?: number | undefined;
  value?: string | undefined;
};

export type RequestRecord = {
  at: number;
  protocol: "v1" | "v2";
  path: string;
  verdict: "accepted" | "refused";
  reason: string;
  status: number;
  signature: string | null;
  orderId: string | null;
  /** Bodies of v2 as text, orders of v1 decrypted when that was possible. */
  body: string;
};

export type NetopiaState = {
  lastId: number;
  pointsOfSale: PointOfSale[];
  payments: Payment[];
  faults: Fault[];
  platformKey: KeyWithCertificate | null;
  /** A pair that belongs to nobody, for messages by a stranger. */
  strangerKey: KeyWithCertificate | null;
};

/** A pair as the message builders need it. */
export type KeyLike = KeyWithCertificate;

/** A notification ready to be posted. */
export type Outgoing = { url: string; headers: Record<string, string>; body: Buffer };

/** The state before anything happened. */
export function emptyState(): NetopiaState {
  return { lastId: 0, pointsOfSale: [], payments: [], faults: [], platformKey: null, strangerKey: null };
}
