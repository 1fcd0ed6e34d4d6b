// What the merchant decides for the connection: who issues the receipt, and what stands in it (tochka-sbp.md 4, 6.2).

import { z } from "@hono/zod-openapi";
import type { Descriptor } from "../contract.ts";
import { choosableRates, RECEIPT_METHODS, RECEIPT_OBJECTS, TAX_SYSTEMS, VAT_RATES } from "./law.ts";

/** Codes as they are sent. Receipt fields are there exactly when the bank issues the receipt. */
export type TochkaOptions =
  | { fiscalisation: "register" }
  | {
      fiscalisation: "bank";
      taxSystem: string;
      vatRate: string;
      receiptMethod: string;
      receiptObject: string;
    };

/** Rates that have ended stay readable: what was saved must not make a connection unreadable, only be refused when used. */
const everyRate = VAT_RATES.map((rate) => rate.code);
const oneOf = (choices: readonly string[], code: string) =>
  z.string({ error: `${code}_missing` }).refine((value) => choices.includes(value), { error: `${code}_unknown` });

// No decision yet means that the bank issues none: a receipt nobody asked for could be the second one.
const withoutReceipt = z.object({ fiscalisation: z.literal("register").default("register") });
const withReceipt = z.object({
  fiscalisation: z.literal("bank"),
  taxSystem: oneOf(TAX_SYSTEMS, "tax_system"),
  vatRate: oneOf(everyRate, "vat_rate"),
  receiptMethod: oneOf(RECEIPT_METHODS, "receipt_method"),
  receiptObject: oneOf(RECEIPT_OBJECTS, "receipt_object"),
});

const byChoice = z
  .looseObject({ fiscalisation: z.enum(["bank", "register"], { error: "fiscalisation_unknown" }).default("register") })
  .transform((value, context): TochkaOptions => {
    const parsed = (value.fiscalisation === "bank" ? withReceipt : withoutReceipt).safeParse(value);
    if (parsed.success) return parsed.data;
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: "custom", path, message });
    return z.NEVER;
  });

const onlyWhen = { name: "fiscalisation", is: "bank" } as const;

/** The options of the descriptor; an issue's message is a stable code, on the path of its field. */
export const options: NonNullable<Descriptor<unknown>["options"]> = {
  schema: byChoice,
  fields: [
    { name: "fiscalisation", input: "choice", choices: ["bank", "register"], needsRegister: "bank" },
    { name: "taxSystem", input: "choice", choices: [...TAX_SYSTEMS], onlyWhen },
    { name: "vatRate", input: "choice", choices: choosableRates(), onlyWhen },
    { name: "receiptMethod", input: "choice", choices: [...RECEIPT_METHODS], onlyWhen },
    { name: "receiptObject", input: "choice", choices: [...RECEIPT_OBJECTS], onlyWhen },
  ],
};

/** The options of a call; null when they are not whole. */
export function readOptions(stored: Record<string, unknown>): TochkaOptions | null {
  const parsed = byChoice.safeParse(stored);
  return parsed.success ? parsed.data : null;
}
