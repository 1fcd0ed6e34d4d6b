// A point of sale's accounts at processors, and how far their opening has come.

import { boolean, check, foreignKey, index, jsonb, pgTable, text, unique, uniqueIndex } from "drizzle-orm/pg-core";
import { id, merchantId, moment, oneOf } from "./columns.ts";
import { HOLD_POLICIES, pointsOfSale } from "./merchants.ts";

export const CONNECTION_STATUSES = ["unverified", "waiting_for_approval", "verified", "failing"] as const;
export type ConnectionStatus = (typeof CONNECTION_STATUSES)[number];

/** What the last check of a connection found, step by step. */
export type CheckReport = {
  at: string;
  steps: {
    id: string;
    outcome: "passed" | "failed" | "needs_person" | "skipped";
    detail?: string;
    /** When what was checked stops being valid, ISO. */
    validUntil?: string;
  }[];
};

export const AUTHORIZATION_STATES = ["not_needed", "wanted", "granted", "lapsed"] as const;

/** What the merchant has at the processor, as it was last read from there. */
export type AccountList = {
  at: string;
  accounts: {
    id: string;
    entity: { id: string; name: string };
    name: string;
    detail?: string;
    state: string;
    isUsable: boolean;
    methods: string[];
    hasRegister?: boolean;
    credentials: Record<string, string>;
  }[];
};

/** One thing that is wrong with a connection or soon will be: a code with its facts, and the one next step. */
export type Finding = {
  code: string;
  /** "stops": money cannot be taken (or not be told of) until it is mended; "warns": it will come, or costs something. */
  severity: "stops" | "warns";
  facts: Record<string, string>;
  next: { kind: "command" | "field" | "link"; to: string };
};
export type Diagnosis = { at: string; findings: Finding[] };

export const connections = pgTable(
  "connections",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    processor: text("processor").notNull(),
    variant: text("variant").notNull(),
    environment: text("environment", { enum: ["live", "test"] }).notNull(),
    name: text("name").notNull(),
    /** Credentials as JSON, sealed with the merchant's data key; bound to merchant and connection. */
    credentials: text("credentials").notNull(),
    dataKeyId: text("data_key_id").notNull(),
    /** What may be shown again: signature, protocol, fingerprints. */
    publicFields: jsonb("public_fields").$type<Record<string, string>>().notNull(),
    /** Their name for our account (a signature): the same one twice earns a warning. */
    accountReference: text("account_reference"),
    status: text("status", { enum: CONNECTION_STATUSES }).notNull(),
    /** The adapter's own options, as its descriptor parsed them. */
    options: jsonb("options").$type<Record<string, unknown>>().notNull().default({}),
    /** Whether captured at once, or held until a person confirms. */
    captureMode: text("capture_mode", { enum: ["automatic", "manual"] })
      .notNull()
      .default("automatic"),
    /** What happens with a hold that nobody decided on; null means as the merchant has it. */
    holdPolicy: text("hold_policy", { enum: HOLD_POLICIES }),
    /** When set, the whole point of sale offers this method of this connection and nothing else. */
    onlyMethod: text("only_method"),
    /** Template of the text for payer and receipt; null means the default. */
    detailsTemplate: text("details_template"),
    /** Information for the client, shown beside the amount; plain text, lines kept. */
    payerNote: text("payer_note"),
    /** Who is told of each incoming payment. */
    notifyEmail: text("notify_email"),
    /** Whether that person is told of test payments too. */
    notifyTest: boolean("notify_test").notNull().default(false),
    /** Access by consent: what a person has given, and until when it lasts without renewing. */
    authorizationState: text("authorization_state", { enum: AUTHORIZATION_STATES }).notNull().default("not_needed"),
    permissions: jsonb("permissions").$type<{ granted: string[]; missing: string[] }>(),
    accessExpiresAt: moment("access_expires_at"),
    renewableUntil: moment("renewable_until"),
    renewedAt: moment("renewed_at"),
    /** Who holds this renews the access; the pair of tokens that changes hands may not be used by two at once. */
    renewLeaseUntil: moment("renew_lease_until"),
    /** The account (outlet) it is bound to, and what there was to choose from. */
    accountId: text("account_id"),
    accounts: jsonb("accounts").$type<AccountList>(),
    lastCheck: jsonb("last_check").$type<CheckReport>(),
    /** What the doctor found last, and when it looks again by itself. */
    diagnosis: jsonb("diagnosis").$type<Diagnosis>(),
    nextExamAt: moment("next_exam_at"),
    verifiedAt: moment("verified_at"),
    lastNotificationAt: moment("last_notification_at"),
    createdAt: moment("created_at").notNull(),
    updatedAt: moment("updated_at").notNull(),
    archivedAt: moment("archived_at"),
  },
  (t) => [
    unique("connections_tenant").on(t.merchantId, t.id),
    index("connections_by_point_of_sale").on(t.merchantId, t.pointOfSaleId),
    index("connections_by_account").on(t.processor, t.accountReference),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
    check("connections_status", oneOf("status", CONNECTION_STATUSES)),
    check("connections_authorization_state", oneOf("authorization_state", AUTHORIZATION_STATES)),
    index("connections_to_renew").on(t.accessExpiresAt),
    index("connections_to_examine").on(t.nextExamAt),
  ],
);

/** A consent asked of a person at a processor: the link by mail, and the state that must come back with the code. */
export const authorizationRequests = pgTable(
  "authorization_requests",
  {
    id: id(),
    merchantId: merchantId(),
    connectionId: text("connection_id").notNull(),
    /** Who asked; the mail went to this person's sign-in address and to nobody else. */
    userId: text("user_id").notNull(),
    sentTo: text("sent_to").notNull(),
    /** SHA-256, hex, of the token in the mail's link, and of the state handed to the processor. */
    mailHash: text("mail_hash").notNull(),
    stateHash: text("state_hash"),
    createdAt: moment("created_at").notNull(),
    expiresAt: moment("expires_at").notNull(),
    openedAt: moment("opened_at"),
    usedAt: moment("used_at"),
  },
  (t) => [
    unique("authorization_requests_tenant").on(t.merchantId, t.id),
    uniqueIndex("authorization_requests_mail").on(t.mailHash),
    uniqueIndex("authorization_requests_state").on(t.stateHash),
    foreignKey({
      columns: [t.merchantId, t.connectionId],
      foreignColumns: [connections.merchantId, connections.id],
    }),
  ],
);

/** One step of opening an account at a processor, as a person marked it; waits have a start and a nudge. */
export const onboardingSteps = pgTable(
  "onboarding_steps",
  {
    id: id(),
    merchantId: merchantId(),
    pointOfSaleId: text("point_of_sale_id").notNull(),
    processor: text("processor").notNull(),
    step: text("step").notNull(),
    startedAt: moment("started_at"),
    doneAt: moment("done_at"),
    doneBy: text("done_by"),
  },
  (t) => [
    unique("onboarding_steps_tenant").on(t.merchantId, t.id),
    uniqueIndex("onboarding_steps_once").on(t.merchantId, t.pointOfSaleId, t.processor, t.step),
    foreignKey({
      columns: [t.merchantId, t.pointOfSaleId],
      foreignColumns: [pointsOfSale.merchantId, pointsOfSale.id],
    }),
  ],
);
