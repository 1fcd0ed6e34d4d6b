// /v1/invoices/{id}/receipts, /v1/invoices/{id}/deliver and /v1/receipts/{id}: fiscal receipts by a shop's own register.

import { and, asc, eq } from "drizzle-orm";
import { receipts } from "../../db/schema/index.ts";
import { RECEIPT_KINDS, RECEIPT_STATES, RECEIPT_TYPES } from "../fiscal/contract.ts";
import { deliverable, deliverInvoice, type ReceiptRefusal, retryReceipt } from "../fiscal/order-receipt.ts";
import { qrText } from "../fiscal/qr-text.ts";
import type { Receipt } from "../fiscal/receipt-step.ts";
import { readStory } from "../payments/story.ts";
import type { Result } from "../result.ts";
import { Problem } from "./problem.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { MoneySchema } from "./shapes.ts";
import { showMoney } from "./show.ts";

const Id = z.object({ id: z.string().max(40) });
const moment = z.iso.datetime();

export const ReceiptSchema = z
  .object({
    id: z.string(),
    invoice_id: z.string(),
    attempt_id: z.string(),
    kind: z.enum(RECEIPT_KINDS).openapi({
      description: "Money that came; what was paid ahead and is handed over; money that went back.",
    }),
    type: z.enum(RECEIPT_TYPES),
    state: z.enum(RECEIPT_STATES).openapi({ description: "It is a receipt only when it is `registered`." }),
    service: z.string().nullable(),
    amount: MoneySchema,
    email: z.string().nullable(),
    positions: z.array(
      z.object({
        name: z.string(),
        price_minor: z.number().int(),
        quantity: z.number(),
        total_minor: z.number().int(),
        vat: z.string(),
        method: z.string(),
        object: z.string(),
      }),
    ),
    external_id: z.string().openapi({ description: "Our number of it at the service." }),
    service_reference: z.string().nullable(),
    reason: z.string().nullable().openapi({ description: "Why it failed or is not known." }),
    reason_text: z.string().nullable().openapi({ description: "The service's own words." }),
    fiscal: z
      .object({
        document: z.string(),
        store: z.string(),
        sign: z.string(),
        at: z.string(),
        qr: z.string().openapi({ description: "What the tax service's QR code says." }),
      })
      .nullable(),
    url: z.string().nullable().openapi({ description: "The service's page of it, where it has one." }),
    created_at: moment,
    registered_at: moment.nullable(),
    next_look_at: moment
      .nullable()
      .openapi({ description: "When it is sent or asked about again; null: not by itself." }),
  })
  .openapi("Receipt");

export function showReceipt(row: Receipt): z.infer<typeof ReceiptSchema> {
  return {
    id: row.id,
    invoice_id: row.invoiceId,
    attempt_id: row.attemptId,
    kind: row.kind,
    type: row.type,
    state: row.state,
    service: row.service,
    amount: showMoney(row.amountMinor, row.currency),
    email: row.email,
    positions: row.positions.map((one) => ({
      name: one.name,
      price_minor: one.priceMinor,
      quantity: one.quantityMilli / 1000,
      total_minor: one.totalMinor,
      vat: one.vat,
      method: one.method,
      object: one.object,
    })),
    external_id: row.externalId,
    service_reference: row.serviceReference,
    reason: row.fault,
    reason_text: row.faultText,
    fiscal: row.fiscal && {
      document: row.fiscal.document,
      store: row.fiscal.store,
      sign: row.fiscal.sign,
      at: row.fiscal.at,
      qr: qrText(row.fiscal, Number(row.amountMinor), row.type),
    },
    url: row.url,
    created_at: row.createdAt.toISOString(),
    registered_at: row.registeredAt?.toISOString() ?? null,
    next_look_at: row.nextLookAt?.toISOString() ?? null,
  };
}

const InvoiceReceipts = z.object({
  data: z.array(ReceiptSchema),
  can_deliver: z.boolean().openapi({ description: "Something paid ahead waits to be handed over." }),
});

function orProblem<T>(result: Result<T, ReceiptRefusal>): T {
  if (result.ok) return result.value;
  throw new Problem(result.error);
}

export const receiptRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices/{id}/receipts",
      summary: "Fiscal receipts of an invoice, oldest first",
      description: "Those of the shop's own register; a processor's are made and mailed by it.",
      tags: ["Receipts"],
      ...needs("payments:read", "invoice"),
      request: { params: Id },
      responses: { 200: answer(InvoiceReceipts, "All of them."), ...problems },
    }),
    async (c) => {
      const [{ db }, { merchantId }, { id }] = [c.get("house"), c.get("principal"), c.req.valid("param")];
      const rows = await db
        .select()
        .from(receipts)
        .where(and(eq(receipts.merchantId, merchantId), eq(receipts.invoiceId, id)))
        .orderBy(asc(receipts.id));
      const story = rows.length > 0 ? await readStory(db, merchantId, id) : null;
      const canDeliver = story !== null && deliverable({ receipts: rows, story }).length > 0;
      return c.json({ data: rows.map(showReceipt), can_deliver: canDeliver }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/deliver",
      summary: "What was paid ahead is handed over: the second receipt, set off by the first",
      description: "Once; a repeat answers with the same receipts.",
      tags: ["Receipts"],
      ...needs("payments:write", "invoice"),
      request: { params: Id },
      responses: { 200: answer(z.object({ data: z.array(ReceiptSchema) }), "Ordered."), ...problems },
    }),
    async (c) => {
      const [house, { merchantId, actor }] = [c.get("house"), c.get("principal")];
      const made = await deliverInvoice(house, { merchantId, actor, invoiceId: c.req.valid("param").id });
      return c.json({ data: orProblem(made).map(showReceipt) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/receipts/{id}",
      summary: "Read a receipt",
      tags: ["Receipts"],
      ...needs("payments:read", "receipt"),
      request: { params: Id },
      responses: { 200: answer(ReceiptSchema, "The receipt."), ...problems },
    }),
    async (c) => c.json(showReceipt(await mine(c.get("house"), c.get("principal"), c.req.valid("param").id)), 200),
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/receipts/{id}/retry",
      summary: "Send a failed receipt again, made anew with what is chosen now",
      description:
        "One of which nobody knows whether the register has it (`unknown`) is sent again only with `is_checked`: after " +
        "somebody has looked in the service's cabinet and found none.",
      tags: ["Receipts"],
      ...needs("payments:write", "receipt"),
      request: {
        params: Id,
        body: takes(z.strictObject({ is_checked: z.boolean().default(false) }).openapi("ReceiptRetry")),
      },
      responses: { 200: answer(ReceiptSchema, "Ordered."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const receipt = await mine(house, principal, c.req.valid("param").id);
      const retried = await retryReceipt(house, {
        merchantId: principal.merchantId,
        actor: principal.actor,
        receipt,
        isChecked: c.req.valid("json").is_checked,
      });
      return c.json(showReceipt(orProblem(retried)), 200);
    },
  );

async function mine(
  { db }: { db: Parameters<typeof readStory>[0] },
  { merchantId }: { merchantId: string },
  id: string,
): Promise<Receipt> {
  const [row] = await db
    .select()
    .from(receipts)
    .where(and(eq(receipts.merchantId, merchantId), eq(receipts.id, id)));
  if (!row) throw new Problem("not_found");
  return row;
}
