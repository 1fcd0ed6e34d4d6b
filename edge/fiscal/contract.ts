// What an online cash register's adapter is: a descriptor (data) and functions that translate one receipt into the service's
// message and its answers back. It opens no database, reads no environment, keeps no state, repeats nothing.

import type { z } from "@hono/zod-openapi";
import type { CredentialField, Fault, HttpCaller, NotificationRequest } from "../processors/contract.ts";
import type { Result } from "../result.ts";
import type { PaymentMethod, PaymentObject, TaxSystem, Vat } from "./law.ts";

export type { Fault } from "../processors/contract.ts";

export const RECEIPT_TYPES = ["income", "income_return"] as const;
export type ReceiptType = (typeof RECEIPT_TYPES)[number];

/** What a receipt is about: money that came, what was paid ahead and is now handed over, money that went back. */
export const RECEIPT_KINDS = ["sale", "delivery", "return"] as const;
export type ReceiptKind = (typeof RECEIPT_KINDS)[number];

/** `sending`: a call is on its way, or was cut off. `unknown`: nobody can say whether the register has it. */
export const RECEIPT_STATES = ["draft", "sending", "queued", "registered", "failed", "unknown"] as const;
export type ReceiptState = (typeof RECEIPT_STATES)[number];

/** How it was settled: money that came without cash, or an earlier payment that is set off. */
export const PAID_BY = ["cashless", "prepayment"] as const;
export type PaidBy = (typeof PAID_BY)[number];

/** One line, exactly as it is sent: price times quantity is the total, to the kopeck. */
export type Position = {
  name: string;
  priceMinor: number;
  quantityMilli: number;
  totalMinor: number;
  vat: Vat;
  method: PaymentMethod;
  object: PaymentObject;
  /** The line of a sale that is handed over or given back: "<receipt>:<index>". */
  of?: string;
};

export type Draft = {
  /** Our number of it, the same for every repeat. */
  externalId: string;
  type: ReceiptType;
  taxSystem: TaxSystem;
  email: string;
  paidBy: PaidBy;
  totalMinor: number;
  positions: Position[];
  /** The shop's site: the place of settlement. */
  site: string;
  /** Where the service may tell of the end; ours, and unguessable. */
  callbackUrl: string;
};

/** What makes a receipt one: the numbers by which the tax service knows it. */
export type Fiscal = {
  /** Number of the document (ФД), of the fiscal store (ФН) and the fiscal sign (ФП); texts, with their leading zeros. */
  document: string;
  store: string;
  sign: string;
  /** The register's own time without a zone, yyyyMMddTHHmm with seconds or without. */
  at: string;
};

/** What the service said of a receipt. */
export type Outcome =
  | { kind: "queued"; reference?: string }
  | { kind: "registered"; reference?: string; fiscal: Fiscal; url?: string }
  | { kind: "failed"; text?: string; reference?: string };

/** What an adapter is handed for one call. */
export type RegisterCall<C> = { credentials: C; base: string; now: Date; call: HttpCaller };

/** What a service told by itself. A hint's only effect is that it is asked. */
export type Callback = {
  trust: "verified" | "hint" | "rejected";
  reason?: string;
  externalId?: string;
  outcome?: Outcome;
};

export type RegisterDescriptor<C> = {
  id: string;
  name: string;
  links: { home: string; admin: string };
  documentationRead: string;
  maturity: "checked" | "sketch";
  /** Base addresses; null when each merchant has a server of their own, named by `baseOf`. */
  host: { live: string; test: string } | null;
  credentials: z.ZodType<C>;
  credentialFields: CredentialField[];
  /** Names of credentials that may be shown again. */
  publicFields: string[];
  /** Names in bodies that are never logged. */
  scrub: string[];
  taxSystems: readonly TaxSystem[];
  /** Whether the tax system is sent at all, or set in the service's own cabinet. */
  sendsTaxSystem: boolean;
  vats: readonly Vat[];
  methods: readonly PaymentMethod[];
  objects: readonly PaymentObject[];
  /** After this long without an end a person is told. */
  patienceSeconds: number;
};

export type Register<C = unknown> = {
  descriptor: RegisterDescriptor<C>;
  /** The merchant's own server, where each has one. */
  baseOf?(credentials: C): string;
  /** The exact text that will be sent, or why there can be none: a stable code. */
  compose(draft: Draft, credentials: C): Result<string, string>;
  send(body: string, externalId: string, by: RegisterCall<C>): Promise<Result<Outcome, Fault>>;
  /** Asks by the number that the service gave it: neither promises to find one by ours, or to make one of two calls. */
  query(of: { externalId: string; reference: string }, by: RegisterCall<C>): Promise<Result<Outcome, Fault>>;
  /** Reads what the service posted to the address in the draft; never throws. */
  readCallback?(request: NotificationRequest, credentials: C): Callback;
  /** Whether the credentials are right and the register is on. */
  check(by: RegisterCall<C>): Promise<Result<"works" | "register_off", Fault>>;
};
