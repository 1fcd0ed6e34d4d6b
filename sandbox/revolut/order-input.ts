// What callers may send: field rules of orders, captures, refunds and webhooks. Unknown fields are dropped silently.
import { z } from "zod";
import { eventNames } from "./events.ts";
import { addressProblem, durationSeconds, isCurrency } from "./values.ts";

const text = (longest: number) => z.string().min(1).max(longest);
const minor = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const duration = (least: number, most: number) =>
  z.string().refine((value) => {
    const seconds = durationSeconds(value);
    return seconds !== undefined && seconds >= least && seconds <= most;
  }, "is not an allowed ISO 8601 duration");
const days = 86_400;

const currency = z.string().refine(isCurrency, "is not a currency");
const uuidLike = z.guid();
const email = z.email();
const phone = z.string().regex(/^\+[1-9]\d{4,14}$/, "is not an E.164 number");

/** Addresses cannot be checked without the account: its options say whether this machine may be named. */
export const address = (localToo: boolean) =>
  z.string().superRefine((value, context) => {
    const problem = addressProblem(value, localToo);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });

const reduction = z.array(z.object({ name: text(100), amount: minor })).max(50);
const lineItem = z.object({
  name: text(250),
  type: z.enum(["physical", "service"]),
  quantity: z.object({ value: z.number().positive(), unit: z.string().max(100).optional() }),
  unit_price_amount: minor,
  total_amount: z.number().int(),
  external_id: z.string().max(250).optional(),
  discounts: reduction.optional(),
  taxes: reduction.optional(),
  image_urls: z.array(z.string().max(2000)).max(50).optional(),
  description: z.string().max(1024).optional(),
  url: z.string().max(2000).optional(),
});
const lineItems = z.array(lineItem).max(250);

const shipping = z.object({
  address: z.object({
    street_line_1: text(100),
    street_line_2: z.string().max(100).optional(),
    region: z.string().max(100).optional(),
    city: text(100),
    country_code: z.string().regex(/^[A-Z]{2}$/, "is not a country code"),
    postcode: text(100),
  }),
  contact: z
    .object({ name: z.string().max(250).optional(), email: email.optional(), phone: phone.optional() })
    .refine((contact) => contact.email !== undefined || contact.phone !== undefined, "needs an email or a phone")
    .optional(),
  shipments: z.array(z.record(z.string(), z.unknown())).max(50).optional(),
});

const metadata = z
  .record(z.string().regex(/^[A-Za-z][A-Za-z0-9_]{0,39}$/, "is not a key"), z.string().max(500))
  .refine((pairs) => Object.keys(pairs).length <= 50, "has more than 50 pairs");

const merchantOrderData = z.object({
  reference: z.string().max(250).optional(),
  url: z.string().max(2000).optional(),
});

const fields = (localToo: boolean) => ({
  amount: minor,
  currency,
  settlement_currency: currency.optional(),
  description: z.string().max(1024).optional(),
  customer: z
    .object({
      id: uuidLike.optional(),
      email: email.optional(),
      phone: phone.optional(),
      full_name: z.string().max(250).optional(),
      date_of_birth: z.iso.date().optional(),
    })
    .optional(),
  capture_mode: z.enum(["automatic", "manual"]).default("automatic"),
  authorisation_type: z.enum(["final", "pre_authorisation"]).default("final"),
  cancel_authorised_after: duration(1, 30 * days).optional(),
  enforce_challenge: z.enum(["automatic", "forced"]).default("automatic"),
  line_items: lineItems.optional(),
  shipping: shipping.optional(),
  metadata: metadata.optional(),
  merchant_order_data: merchantOrderData.optional(),
  redirect_url: address(localToo).optional(),
  statement_descriptor_suffix: z
    .string()
    .min(1)
    .max(19)
    .regex(/^[^*\\\r\n]+$/, "has a character that is not allowed")
    .optional(),
  location_id: uuidLike.optional(),
  industry_data: z.unknown().optional(),
});

/** The body of a new order. */
export const createInput = (localToo: boolean) =>
  z.object({ ...fields(localToo), expire_pending_after: duration(60, 720 * 3600).optional() });

/** The body of an update: anything but the life of a pending order. */
export const updateInput = (localToo: boolean) => {
  const all = fields(localToo);
  return z
    .object({
      ...all,
      capture_mode: z.enum(["automatic", "manual"]),
      authorisation_type: z.enum(["final", "pre_authorisation"]),
      enforce_challenge: z.enum(["automatic", "forced"]),
    })
    .partial();
};

/** Rules over several fields; the first broken one. */
export function orderProblem(order: {
  amount: number;
  capture_mode: string;
  authorisation_type: string;
  cancel_authorised_after?: unknown;
  line_items?: unknown;
}): string | undefined {
  if (order.authorisation_type === "pre_authorisation" && order.capture_mode !== "manual") {
    return "authorisation_type pre_authorisation needs capture_mode manual";
  }
  const longest = (order.authorisation_type === "final" ? 7 : 30) * days;
  const after = order.cancel_authorised_after;
  if (typeof after === "string" && (durationSeconds(after) ?? 0) > longest) {
    return "cancel_authorised_after is too long for the authorisation_type";
  }
  const items = lineItems.safeParse(order.line_items);
  if (items.success && items.data.length > 0) {
    const sum = items.data.reduce((total, item) => total + item.total_amount, 0);
    if (sum !== order.amount) return "The sum of line_items.total_amount must equal amount";
  }
  return undefined;
}

export const captureInput = z.object({ amount: minor.optional(), line_items: lineItems.optional() });
export const incrementInput = z.object({ amount: minor, reference: z.string().max(255).optional() });
export const refundInput = z.object({
  amount: minor,
  currency,
  description: z.string().max(1024).optional(),
  merchant_order_data: merchantOrderData.optional(),
  metadata: metadata.optional(),
});

const events = z.array(z.enum(eventNames)).min(1);
export const webhookInput = (localToo: boolean) => z.object({ url: address(localToo), events });
export const webhookChange = (localToo: boolean) => z.object({ url: address(localToo), events }).partial();
export const rotateInput = z.object({ expiration_period: duration(0, 7 * days).optional() });
