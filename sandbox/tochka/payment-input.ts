// What a call that makes a link may say, and how far.
import { z } from "zod";
import { kopecks } from "./money.ts";
import { invalid } from "./reply.ts";
import { methods } from "./state.ts";

/** Roubles above nothing, as kopecks. */
export const roubleAmount = z.union([z.number(), z.string()]).transform((given, context) => {
  const read = kopecks(given);
  if (read !== undefined && read > 0) return read;
  context.addIssue({ code: "custom", message: "must be roubles above 0 with at most two decimals" });
  return z.NEVER;
});

const address = z
  .url({ protocol: /^https?$/ })
  .min(1)
  .max(2083);

const supplier = z.object({
  phone: z.string().regex(/^\+?\d{11,15}$/),
  name: z.string().min(1),
  taxCode: z.string().regex(/^\d{10,12}$/),
});

const vatTypes = ["none", "vat0", "vat5", "vat7", "vat10", "vat22", "vat105", "vat107", "vat110", "vat122"] as const;
const measures = "г. кг. т. см. дм. м. см2. дм2. м2. мл. л. м3 кВт.ч. Гкал. дн. ч. мин. сек. Кб. Мб. Гб. Тб. шт.".split(
  " ",
);

const item = z.object({
  name: z.string().min(1).max(256),
  amount: roubleAmount,
  quantity: z.number().positive(),
  vatType: z.enum(vatTypes).optional(),
  paymentMethod: z.enum(["full_payment", "full_prepayment"]).optional(),
  paymentObject: z.enum(["goods", "service", "work"]).optional(),
  measure: z.enum(measures as [string, ...string[]]).default("шт."),
  Supplier: supplier.optional(),
});

export const linkInput = z.object({
  customerCode: z.string().length(9),
  amount: roubleAmount,
  purpose: z.string().min(1).max(140),
  paymentMode: z.array(z.enum(methods)).min(1),
  redirectUrl: address.optional(),
  failRedirectUrl: address.optional(),
  merchantId: z.string().length(15).optional(),
  preAuthorization: z.boolean().default(false),
  ttl: z.number().int().min(1).max(44_640).default(10_080),
  paymentLinkId: z.string().min(1).max(45).optional(),
  saveCard: z.boolean().optional(),
  consumerId: z.string().min(1).optional(),
});

export const linkWithReceiptInput = linkInput.extend({
  taxSystemCode: z.enum(["osn", "usn_income", "usn_income_outcome", "esn", "patent"]).optional(),
  Client: z.object({ email: z.email(), name: z.string().optional(), phone: z.string().optional() }),
  Items: z.array(item).min(1),
  Supplier: supplier.optional(),
});

/** Reads Data by a schema; the refusal names the first wrong field. Unknown fields are ignored. */
export function read<T extends z.ZodType>(schema: T, data: unknown): z.infer<T> {
  if (typeof data !== "object" || data === null) throw invalid("Data", "field required");
  const done = schema.safeParse(data);
  if (done.success) return done.data;
  const issue = done.error.issues[0];
  const field = ["Data", ...(issue?.path ?? [])].join(".");
  const absent = issue?.code === "invalid_type" && /received undefined/.test(issue.message);
  throw invalid(field, absent ? "field required" : (issue?.message ?? "is wrong"));
}
