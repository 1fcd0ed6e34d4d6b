// What the payer's screens are made from: the edge's view, what was typed, what went wrong.

import type { PayerViewShape } from "../../edge/http/payer-view.ts";
import type { StartRefusal } from "../../edge/payments/start-steps.ts";
import type { Merchant } from "./document.tsx";
import type { Language, Words } from "./words.ts";

export type PayerView = PayerViewShape;
export type PayerState = PayerView["state"];
export type Method = PayerView["methods"][number];
export type Note = PayerView["notes"][number];

/** Why a payment could not be opened, as the edge names it. */
export type StartProblem = StartRefusal | "other";

/** What a posted form brought back. */
export type Typed = { email: string; phone: string };
export type TypedField = keyof Typed;

export type Screen = {
  view: PayerView;
  words: Words;
  language: Language;
  path: string;
  /** The application inside which this browser is; see in-app-browsers.ts. */
  app?: string | undefined;
  typed?: Typed;
  faults?: TypedField[];
  problem?: StartProblem;
};

/** The merchant of a view, as the frame shows it. */
export function merchantOf({ merchant }: PayerView): Merchant {
  return {
    name: merchant.name,
    legalName: merchant.legal_name,
    taxId: merchant.tax_id,
    email: merchant.email,
    phone: merchant.phone,
  };
}

/** Changes whenever an open page has something new to show: the payment moved, or the merchant offers other ways to pay. */
export function keyOf({ version, state, methods }: Pick<PayerView, "state" | "version" | "methods">): string {
  return [version, state, ...methods.map((one) => `${one.connection_id.slice(-6)}${one.method}`)].join(".");
}

const PACE: Partial<Record<PayerState, "fast" | "slow">> = {
  checking: "fast",
  processing: "fast",
  in_review: "slow",
  held: "slow",
  released: "slow",
  payable: "slow",
  scan: "fast",
  declined: "slow",
  // The merchant may give a new date.
  expired: "slow",
};

/** How often an open page asks; undefined when nothing more can change by itself. */
export function paceOf({ state, attempt }: Pick<PayerView, "state" | "attempt">): "fast" | "slow" | undefined {
  // Somebody may be paying right now: in another window, on another device.
  if (attempt?.can_resume && PACE[state]) return "fast";
  return PACE[state];
}
