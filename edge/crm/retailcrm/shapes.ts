// What the CRM sends with its calls, as far as it is read (retailcrm.md 3). Unknown fields are left alone: the CRM grows.

import { z } from "@hono/zod-openapi";

const text = z.string().max(255);
const number = z.union([z.number(), z.string().max(40)]);
const paymentId = z.string().min(1).max(255);

export const Create = z.object({
  invoiceUuid: z.uuid(),
  shopId: text.min(1),
  invoiceType: z.literal("link"),
  amount: number,
  currency: z.string().regex(/^[A-Z]{3}$/),
  orderNumber: text.min(1),
  orderId: z.union([z.number(), z.string()]).optional(),
  siteUrl: z.string().max(2000).optional(),
  returnUrl: z.string().max(2000).nullish(),
  items: z
    .array(
      z.object({
        name: text.min(1),
        price: number.nullish(),
        quantity: number,
        measurementUnit: text.nullish(),
        vat: z.string().max(20).nullish(),
      }),
    )
    .nullish(),
  customer: z
    .object({
      email: text.nullish(),
      phone: text.nullish(),
      firstName: text.nullish(),
      lastName: text.nullish(),
      patronymic: text.nullish(),
      legalName: text.nullish(),
    })
    .nullish(),
});
export type Create = z.infer<typeof Create>;

export const Approve = z.object({ paymentId, amount: number.nullish() });
export const Cancel = z.object({ paymentId });
export const Refund = z.object({ paymentId, amount: number.nullish() });
export const Activity = z.object({ active: z.boolean(), freeze: z.boolean().optional() });
export const Register = z.object({
  token: z.string().max(200),
  systemUrl: z.string().max(500),
  apiKey: z.string().max(255),
});
