// What a processor adapter is: a descriptor (data) and functions that translate. It opens no database, reads no
// environment, keeps no state and no clock, retries nothing. Everything else (screens, contract suite, the connection
// form, the README's table) is made from the descriptor.

import type { z } from "@hono/zod-openapi";
import type { Money } from "../money.ts";
import type { Result } from "../result.ts";

/** What a processor can say about an attempt. An adapter reports these; it never sets a state of ours. */
export const OBSERVATION_KINDS = [
  "awaiting_payer",
  "processing",
  "in_review",
  "authorized",
  "captured",
  "voided",
  "declined",
  "expired",
  "refund_accepted",
  "refund_succeeded",
  "refund_failed",
  "dispute_opened",
  "dispute_won",
  "dispute_lost",
  "not_understood",
] as const;
export type ObservationKind = (typeof OBSERVATION_KINDS)[number];

/** Why money did not move, in the one vocabulary of the product. `declined` means that no reason was told. */
export const DECLINE_REASONS = [
  "insufficient_funds",
  "card_expired",
  "invalid_card",
  "invalid_cvv",
  "card_blocked",
  "do_not_honor",
  "issuer_unavailable",
  "authentication_failed",
  "fraud_suspected",
  "limit_exceeded",
  "not_permitted",
  "currency_unsupported",
  "duplicate",
  "payer_cancelled",
  "merchant_cancelled",
  "timed_out",
  "processor_error",
  "declined",
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

/** Numbers by which a payer's bank finds a refund: the acquirer's, the retrieval's. */
export const BANK_REFERENCE_KINDS = ["arn", "rrn"] as const;
export type BankReferenceKind = (typeof BANK_REFERENCE_KINDS)[number];

/** One thing a processor said. Whether it changes anything is decided by the core's state tables. */
export type Observation = {
  kind: ObservationKind;
  /** The sum it speaks of, when the processor stated it in the attempt's currency. */
  money?: Money;
  declineReason?: DeclineReason;
  processorCode?: string;
  processorText?: string;
  /** The processor's own id of this operation (a refund, a capture), when it has one. */
  reference?: string;
  /** A number of a refund that the payer's bank can look for, when they tell one. */
  bankReference?: { kind: BankReferenceKind; value: string };
  /** When it happened by the processor's clock. */
  occurredAt?: Date;
  method?: string;
  /** When a hold ends by itself, if they tell. */
  holdUntil?: Date;
  /** Masked instrument, e.g. "9****5098"; never a whole card number. */
  instrument?: string;
};

/** How far a notification may be believed. A hint's only effect is a status query, unless its proof is right. */
export type Trust = "verified" | "hint" | "rejected";

/** An exact HTTP answer for the processor. */
export type Reply = { status: number; headers: Record<string, string>; body: string };

/** The raw notification as it came in: bytes are never re-serialised before they are verified. */
export type NotificationRequest = { method: string; url: string; headers: Headers; body: Uint8Array };

export type NotificationContext<C> = {
  credentials: C;
  environment: Environment;
  now: Date;
  /** PEM or JWK text of keys that a processor uses for all of its merchants; several while they rotate. */
  platformKeys: string[];
};

export type Notification = {
  trust: Trust;
  /** Why it was rejected or is only a hint: a stable snake_case word, for staff. */
  reason?: string;
  /** The same for every copy of one message, different for different messages. */
  dedupeKey: string;
  /** Our attempt id as they echo it; their own id. */
  reference?: { attempt?: string; processor?: string };
  /** A secret of ours that came back (last segment of the notification address); the core compares its hash. */
  proof?: string;
  /** What the message says it is about; the core compares with what was asked. */
  claims?: { pointOfSale?: string; asked?: Money; settled?: Money };
  observations: Observation[];
  /** The message only says "go and read". */
  lookNow: boolean;
  /** The exact bytes the processor wants to hear; the core picks one. */
  replies: { stored: Reply; retry: Reply; refused: Reply };
  /**
   * Which of them the message deserves when nothing on our side speaks against it: "retry" for what could not be read
   * or verified (our key may be the fault), "refused" only for what is no notification at all. Absent means "stored".
   */
  advised?: "stored" | "retry" | "refused";
};

export type Environment = "live" | "test";

/** What the payer has to do next. */
export type PayerAction =
  | { kind: "go"; url: string }
  | { kind: "post_form"; url: string; fields: Record<string, string> }
  | { kind: "show_qr"; payload: string; expiresAt?: Date }
  | { kind: "wait_for_terminal" };

/** Why a call gave no observation, and by that what to do. A decline is an observation, not a fault. */
export type Fault =
  | { kind: "unreachable"; detail: string } /* nothing happened there; safe to try again */
  | { kind: "outcome_unknown"; detail: string } /* it may have happened: ask again, never assume */
  | { kind: "rejected"; detail: string; processorCode?: string } /* they refused our request: our mistake or a rule */
  | { kind: "bad_credentials"; detail: string; processorCode?: string }
  | { kind: "rate_limited"; detail: string; until?: Date }
  | { kind: "malformed"; detail: string } /* an answer that cannot be read */
  | { kind: "unsupported"; detail: string };

export type HttpRequest = {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  url: string;
  headers?: Record<string, string>;
  body?: string;
  /** A failed "read" is unreachable; a failed "write" has an unknown outcome. */
  effect: "read" | "write";
};
export type HttpAnswer = { status: number; headers: Headers; body: Uint8Array };

/** HTTP with a time limit, a size limit, no redirects, and only to the descriptor's hosts. */
export type HttpCaller = (request: HttpRequest) => Promise<Result<HttpAnswer, Fault>>;

export type CallContext<C> = {
  credentials: C;
  /** What the merchant decided for this connection, as the descriptor's `options` parsed it; empty without any. */
  options: Record<string, unknown>;
  environment: Environment;
  now: Date;
  call: HttpCaller;
  /** Address by host name of the descriptor for this environment, without a trailing slash. */
  hosts: Record<string, string>;
  /** Whether a payer may be led to this address: https on one of the descriptor's payer hosts. */
  mayLeadTo(url: string): boolean;
  /** Our promise that a repeat is the same request. */
  idempotencyKey: string;
};

/** One line of a fiscal receipt: `total` is what is paid for the line, `unit` times `quantity` may differ by rounding. */
export type ReceiptLine = { name: string; quantity: string /* decimal, "1.5" */; unit: Money; total: Money };

export type StartAttempt = {
  /** Our attempt id: unique for ever, URL-safe, at most 64 characters; goes out as the order's id. */
  attemptId: string;
  method: string;
  amount: Money;
  capture: "automatic" | "manual";
  /** What is paid for, for people; the adapter shortens it to the processor's limit. */
  description: string;
  /** What a fiscal receipt lists; the totals add up to `amount` exactly. Only adapters that issue receipts read it. */
  lines?: ReceiptLine[];
  /** Language of the payer's page there, ISO 639-1. */
  locale: string;
  payer: {
    name?: string;
    email?: string;
    phone?: string;
    address?: string;
    city?: string;
    county?: string;
    postalCode?: string;
    countryCode?: string;
  };
  /** Where the browser comes back to. Proves nothing. */
  returnUrl: string;
  /** Where notifications go to; its last path segment is `secret`. */
  notifyUrl: string;
  /** Unguessable per attempt. */
  secret: string;
};

export type Started = {
  /** Their id of the payment, when the answer gives one. */
  processorReference?: string;
  observations: Observation[];
  action: PayerAction;
  /** When their page stops working, if they tell. */
  expiresAt?: Date;
};

/** What the core knows of an attempt when it asks about it or acts on it. */
export type AttemptReference = { attemptId: string; processorReference?: string; amount: Money };

export type Refund = { attempt: AttemptReference; amount: Money; reason?: string };

/** A refund that is asked about, with their number of it when we heard one. */
export type RefundQuestion = Refund & {
  reference?: string;
  /** Their numbers of the attempt's other refunds: none of those is the one that is asked about. */
  otherReferences?: string[];
};

/** One step of checking a connection; what cannot be run without a person says so. */
export type CheckStep = {
  /** Stable snake_case name; its words are in the translations. */
  id: string;
  outcome: "passed" | "failed" | "needs_person" | "skipped";
  detail?: string;
  /** When what was checked (a certificate, a key) stops being valid, if it says so. */
  validUntil?: Date;
};
export type CredentialCheck = {
  steps: CheckStep[];
  /** A page that a person must see to finish the check (form post), when there is one. */
  action?: PayerAction;
};

/** Money that moved and reached the merchant's account, as their register lists it. */
export type SettlementLine = {
  reference: string;
  attemptReference?: string;
  amount: Money;
  fee?: Money;
  settledAt: Date;
};

/** One field of the connection form. */
export type CredentialField = {
  name: string;
  input: "text" | "password" | "pem_private_key" | "pem_certificate" | "list";
  secret: boolean;
  required: boolean;
  /** File name endings to accept for upload. */
  accept?: string[];
  /** Shown inside the empty field. */
  example?: string;
};

/** One thing that a merchant decides for a connection and that is no secret; a field of its form. */
export type OptionField = {
  name: string;
  input: "choice" | "switch" | "text";
  /** Codes to choose from, in the order to show; the words for them are in the translations. */
  choices?: string[];
  /** The field is asked for only when another option has this value. */
  onlyWhen?: { name: string; is: string | boolean };
  /** With this value the processor makes fiscal receipts: the chosen account must have a register there. */
  needsRegister?: string | boolean;
};

/** What a merchant has at the processor and binds a connection to, e.g. one outlet of one legal entity. */
export type Account = {
  /** Stable; kept when it is chosen, and what `claims.pointOfSale` of a notification about it says. */
  id: string;
  entity: { id: string; name: string };
  name: string;
  /** A word that tells outlets of the same name apart: an address, a terminal. */
  detail?: string;
  /** The processor's own word for its state, and whether payments can be taken through it. */
  state: string;
  isUsable: boolean;
  /** Methods it takes, by the ids of the variant's methods. */
  methods: string[];
  /** Whether a fiscal register stands behind it; absent where the processor knows no registers. */
  hasRegister?: boolean;
  /** The fields of the credentials that choosing it sets. */
  credentials: Record<string, string>;
};

/** What a person's consent at the processor gave us. */
export type Authorized<C> = {
  /** The whole credentials, the new tokens in them. */
  credentials: C;
  /** When the access ends unless it is renewed, and when renewing itself stops working. */
  expiresAt: Date;
  renewableUntil: Date;
  /** Permissions by the processor's own names. */
  granted: string[];
  missing: string[];
};

/** Access by consent (OAuth 2.0): a person is led to the processor and comes back with a code. */
export type Authorization<C> = {
  /** Every permission that is asked for, by the processor's name, and the methods that cannot work without it. */
  permissions: { id: string; methods: string[] }[];
  /** Prepares a consent and says where to lead the person. `state` is ours, unguessable, single use. */
  begin(
    input: { state: string; redirectUri: string },
    context: CallContext<C>,
  ): Promise<Result<{ url: string }, Fault>>;
  /** Turns the code that came back into access. */
  finish(input: { code: string; redirectUri: string }, context: CallContext<C>): Promise<Result<Authorized<C>, Fault>>;
  /** Renews the access; the old tokens may be dead afterwards, so the answer must be kept before anything else. */
  renew(context: CallContext<C>): Promise<Result<Authorized<C>, Fault>>;
};

/** What registering our notification address came to. */
export type Registered<C> = {
  outcome: "registered" | "already_registered" | "other_address_kept";
  /** The address that stands there now. */
  address: string;
  /** Changed credentials (a signing secret that only this answer tells), to be kept at once. */
  credentials?: C;
};

/** What one protocol of a processor can do. A processor with one protocol has one variant. */
export type Variant = {
  name: string;
  credentialFields: CredentialField[];
  methods: { id: string; action: PayerAction["kind"] }[];
  /** ISO 4217 codes; the first is the usual one. */
  currencies: string[];
  amountEncoding: "minor_integer" | "decimal_text" | "decimal_number";
  limits: {
    /** Minor units of a two-digit currency, inclusive. */
    smallestMinor: bigint;
    largestMinor: bigint;
    /** How long their page can be used; ours when they tell none. */
    attemptLifetimeSeconds: number;
    descriptionLength: number;
  };
  capture: { automatic: boolean; manual: boolean; partial: boolean; byApi: boolean; holdSeconds?: number };
  void: { byApi: boolean };
  refund: {
    byApi: boolean;
    partial: boolean;
    several: boolean;
    asynchronous: boolean;
    /** Nobody tells of refunds made at the processor, but `queryAttempt` lists them: what was captured is asked about. */
    foundByQuery?: boolean;
    /** Days until the payer has the money, by method, as their documentation tells: usually [from, to]. */
    arrivalDays?: Record<string, readonly [number, number]>;
  };
  dispute: "notification" | "none";
  settlement: "report" | "none";
  notification: {
    authentication: "signature" | "token" | "path_secret" | "none";
    carriesAmount: boolean;
    mayRepeat: boolean;
  };
  statusQuery: { available: boolean; shortestIntervalSeconds: number };
  idempotency: "header" | "field" | "our_reference" | "none";
  /** Whether checkCredentials can finish without a person. */
  check: "automatic" | "person";
};

export type Descriptor<C> = {
  /** Same as the folder's name. */
  id: string;
  name: string;
  /** ISO 3166-1 alpha-2. */
  country: string;
  /** Month in which the documentation was read, YYYY-MM. */
  documentationRead: string;
  maturity: "sketch" | "sandbox" | "live";
  links: {
    home: string;
    admin: string;
    adminTest: string;
    eligibility?: string;
    /** Where a person asks for what an account lacks before it can take money. */
    apply?: string;
    /** Where a person without an account opens one. */
    openAccount?: string;
  };
  /** Every host called or posted to, by name and environment, without a trailing slash. */
  hosts: Record<string, { live: string; test: string }>;
  /** Where a payer may be led to: host names, "*." allowed in front. */
  payerHosts: { live: string[]; test: string[] };
  /** Validates and normalises what a person typed; issues name the field by path. */
  credentials: z.ZodType<C>;
  /** What may be shown again of stored credentials: names of credential fields that are no secrets. */
  publicFields: string[];
  /** One account has any number of shops, each connected by itself; a person tells them apart by a name. */
  hasManyShops?: boolean;
  variants: Record<string, Variant>;
  /** What the merchant decides for a connection beside its credentials. */
  options?: { schema: z.ZodType<Record<string, unknown>>; fields: OptionField[] };
  /** Names of `hosts` that only our relay can reach, because their certificate's root is not in public trust. */
  relayedHosts?: string[];
  /** Names of body fields and headers (lower case) that never reach a log or a screen. */
  scrub: { fields: string[]; headers: string[] };
};

export type Processor<C = unknown> = {
  descriptor: Descriptor<C>;
  /** Which of the descriptor's variants these credentials speak. */
  variantOf(credentials: C): string;
  /** Opens a payment at the processor. Called once per attempt; repeated never (a repeat gets a new attempt). */
  startAttempt(input: StartAttempt, context: CallContext<C>): Promise<Result<Started, Fault>>;
  /** Asks what became of an attempt. Absent only when no variant has a status query. */
  queryAttempt?(attempt: AttemptReference, context: CallContext<C>): Promise<Result<Observation[], Fault>>;
  /** Verifies and reads a notification. Never throws: what cannot be read is rejected, with why. */
  readNotification(request: NotificationRequest, context: NotificationContext<C>): Promise<Notification>;
  captureAuthorization?(
    input: { attempt: AttemptReference; amount: Money },
    context: CallContext<C>,
  ): Promise<Result<Observation[], Fault>>;
  voidAuthorization?(attempt: AttemptReference, context: CallContext<C>): Promise<Result<Observation[], Fault>>;
  refundCapture?(refund: Refund, context: CallContext<C>): Promise<Result<Observation[], Fault>>;
  /** Asks what became of a refund. `context.idempotencyKey` is the one that it was sent with. */
  queryRefund?(refund: RefundQuestion, context: CallContext<C>): Promise<Result<Observation[], Fault>>;
  listSettlements?(window: { from: Date; to: Date }, context: CallContext<C>): Promise<Result<SettlementLine[], Fault>>;
  /** Access by a person's consent; the connection is of use only after it. */
  authorization?: Authorization<C>;
  /** What can be chosen from after the access is given, usable or not. */
  listAccounts?(context: CallContext<C>): Promise<Result<Account[], Fault>>;
  /** Tells the processor our notification address; an address that is not ours is replaced only when asked to. */
  registerNotifications?(
    input: { address: string; replace: boolean },
    context: CallContext<C>,
  ): Promise<Result<Registered<C>, Fault>>;
  /** Addresses that the processor sends notifications to now; reads and changes nothing. */
  readRegistered?(context: CallContext<C>): Promise<Result<string[], Fault>>;
  /** Checks credentials without moving money; `probe` is what a throw-away attempt would be started with. */
  checkCredentials(probe: StartAttempt, context: CallContext<C>): Promise<Result<CredentialCheck, Fault>>;
};
