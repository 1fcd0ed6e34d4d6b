// What the Komtet.Kassa simulator remembers, and the ways in which it can misbehave.
import { emptyFiscalStore, type FiscalStore, type Printed } from "../fiscal/fiscal-store.ts";

/** Each strikes once, at the next call or task of the shop. */
export const faultCatalogue = {
  cut: "The connection is cut and nothing was done.",
  error_500: "500, and nothing was done.",
  busy: "429 with Retry-After, and nothing was done.",
  html: "502 with an HTML page, and nothing was done.",
  lost_answer: "The task is taken; then the connection is cut.",
  error_after: "The task is taken; the answer is 500.",
  other_answer: "The task is taken; the answer is about another one.",
  not_json: "The task is taken; the answer is no JSON.",
  refused: "422 with a VLD code.",
  printing_fails: "The task is taken and ends in an error.",
  never: "The task is taken and never ends.",
} as const;
export type FaultName = keyof typeof faultCatalogue;
export const faultNames = Object.keys(faultCatalogue) as [FaultName, ...FaultName[]];

export type Shop = {
  shopId: string;
  secret: string;
  queueId: string;
  active: boolean;
  /** From taken to registered. */
  delaySeconds: number;
  /** The friendly behaviour: the same external_id answers with the first task. Nobody promises it. */
  dedupes: boolean;
  /** Whether it tells by itself. */
  callbacks: boolean;
  faults: FaultName[];
};

export type Task = {
  id: number;
  shopId: string;
  externalId: string;
  state: "new" | "done" | "error";
  error: string | null;
  check: Record<string, unknown>;
  kopecks: number;
  type: number;
  printed: Printed | null;
  callbackUrl: string | null;
  createdAt: number;
  /** Null for one that never ends. */
  dueAt: number | null;
  ends: "done" | "error";
  told: { at: number; status: number | null }[];
};

export type KomtetState = { shops: Shop[]; tasks: Task[]; store: FiscalStore; count: number };

export const emptyState = (): KomtetState => ({ shops: [], tasks: [], store: emptyFiscalStore(), count: 0 });
