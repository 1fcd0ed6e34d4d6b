// /v1/payments, /v1/attempts, /v1/refunds: money that moved, visits to processors, money given back.

import { and, asc, desc, eq, lt, sql } from "drizzle-orm";
import { attempts, collections, connections, invoices, merchants, payments, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { captureAuthorization, voidAuthorization } from "../payments/hold-commands.ts";
import { holdOf } from "../payments/hold-deadline.ts";
import { policyOf } from "../payments/hold-policy.ts";
import type { HoldRefusal } from "../payments/hold-steps.ts";
import { recordCollection } from "../payments/invoice-commands.ts";
import { type Look, lookAtAttempt } from "../payments/look-at-attempt.ts";
import { lookAtOpenRefunds } from "../payments/look-at-refund.ts";
import { refundPayment } from "../payments/refund-payment.ts";
import { type Refund, readStory } from "../payments/story.ts";
import { variantOf } from "../processors/abilities.ts";
import type { Result } from "../result.ts";
import { Problem } from "./problem.ts";
import { reaches, within } from "./reach.ts";
import {
  answer,
  createRoute,
  creates,
  IdempotencyHeader,
  idFor,
  isRepeat,
  makeRouter,
  needs,
  Page,
  pageOf,
  problems,
  takes,
  toPage,
  z,
} from "./setting.ts";
import { AttemptSchema, HeldSchema, PaymentSchema, RefundSchema } from "./shapes.ts";
import {
  heldAt,
  holdAbilities,
  showAttempt,
  showCommand,
  showHold,
  showMoney,
  showPayment,
  showPlan,
  showRefund,
} from "./show.ts";

const Id = z.object({ id: z.string().max(40) });

export async function invoiceOfAttempt(context: Context, merchantId: string, attemptId: string): Promise<string> {
  const rows = await context.db
    .select({ invoiceId: attempts.invoiceId })
    .from(attempts)
    .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, attemptId)));
  const row = rows[0];
  if (!row) throw new Problem("not_found");
  return row.invoiceId;
}

async function showAttemptOf(context: Context, merchantId: string, invoiceId: string, attemptId: string) {
  const story = await readStory(context.db, merchantId, invoiceId);
  const attempt = story?.attempts.find((a) => a.id === attemptId);
  if (!story || !attempt) throw new Problem("not_found");
  return showAttempt(story, attempt);
}

/** A refund with the address of its ticket, which its invoice's link leads to. */
export async function showRefundOf(house: Context, refund: Refund) {
  const [invoice] = await house.db
    .select({ linkToken: invoices.linkToken })
    .from(invoices)
    .where(and(eq(invoices.merchantId, refund.merchantId), eq(invoices.id, refund.invoiceId)));
  if (!invoice) throw new Problem("not_found");
  return showRefund(house, invoice, refund);
}

function orProblem<T>(result: Result<T, HoldRefusal>): T {
  if (result.ok) return result.value;
  if (typeof result.error === "string") throw new Problem(result.error);
  const { fault } = result.error;
  const isTheirs = fault.kind === "rejected" || fault.kind === "bad_credentials";
  throw new Problem(isTheirs ? "processor_refused" : "processor_unreachable", fault.detail);
}

export const paymentRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/payments",
      summary: "Money that moved, newest first",
      tags: ["Payments"],
      ...needs("payments:read"),
      request: {
        query: Page.extend({
          is_test: z.enum(["true", "false"]).optional(),
          invoice_id: z.string().max(40).optional(),
        }),
      },
      responses: { 200: answer(pageOf(PaymentSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { db } = house;
      const { cursor, limit, is_test, invoice_id } = c.req.valid("query");
      const rows = await db
        .select({ payment: payments, label: invoices.label, payerName: invoices.payerName, collection: collections })
        .from(payments)
        .leftJoin(invoices, and(eq(invoices.merchantId, payments.merchantId), eq(invoices.id, payments.invoiceId)))
        .leftJoin(
          collections,
          and(eq(collections.merchantId, payments.merchantId), eq(collections.paymentId, payments.id)),
        )
        .where(
          and(
            within(house, c.get("principal"), "payment"),
            invoice_id ? eq(payments.invoiceId, invoice_id) : undefined,
            is_test ? eq(payments.isTest, is_test === "true") : undefined,
            cursor ? lt(payments.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(payments.id))
        .limit(limit + 1);
      const flat = rows.map((row) => ({ id: row.payment.id, ...row }));
      return c.json(
        toPage(flat, limit, (row) =>
          showPayment(row.payment, { label: row.label, payerName: row.payerName }, row.collection),
        ),
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/payments/{id}/collection",
      summary: "Book a payment as a collection by hand",
      tags: ["Payments"],
      ...needs("payments:write", "payment"),
      request: { params: Id },
      responses: { 200: answer(z.object({ payment_id: z.string() }), "Booked."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      const rows = await house.db
        .select({ invoiceId: payments.invoiceId })
        .from(payments)
        .where(and(eq(payments.merchantId, merchantId), eq(payments.id, id)));
      const invoiceId = rows[0]?.invoiceId;
      if (!invoiceId) throw new Problem("not_found");
      const result = await recordCollection(house, merchantId, invoiceId, id, actor);
      if (!result.ok) throw new Problem("not_found");
      return c.json({ payment_id: id }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/attempts/{id}",
      summary: "Read an attempt",
      tags: ["Attempts"],
      ...needs("invoices:read", "attempt"),
      request: { params: Id },
      responses: { 200: answer(AttemptSchema, "The attempt."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      return c.json(await showAttemptOf(house, merchantId, await invoiceOfAttempt(house, merchantId, id), id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/attempts/{id}/look",
      summary: "Ask the processor now, about the attempt and its refunds without an end",
      tags: ["Attempts"],
      ...needs("invoices:write", "attempt"),
      request: { params: Id },
      responses: {
        200: answer(
          z.object({ outcome: z.enum(["answered", "cannot_ask", "fault"]), attempt: AttemptSchema }),
          "What it said.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      const invoiceId = await invoiceOfAttempt(house, merchantId, id);
      // Refunds first: their own answer names them, that about the attempt may only give a sum.
      const looks: Look[] = [
        ...(await lookAtOpenRefunds(house, merchantId, id)),
        await lookAtAttempt(house, merchantId, id),
      ];
      const outcomes = looks.map((look) => look.kind);
      const outcome: Look["kind"] = outcomes.includes("fault")
        ? "fault"
        : outcomes.includes("answered")
          ? "answered"
          : "cannot_ask";
      return c.json({ outcome, attempt: await showAttemptOf(house, merchantId, invoiceId, id) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/attempts/{id}/capture",
      summary: "Take held money, all or a part",
      tags: ["Attempts"],
      ...creates("refunds:write", "attempt"),
      request: {
        params: Id,
        headers: IdempotencyHeader,
        body: takes(z.strictObject({ amount_minor: z.number().int().positive().optional() })),
      },
      responses: { 200: answer(AttemptSchema, "Taken."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      const { amount_minor } = c.req.valid("json");
      const invoiceId = await invoiceOfAttempt(house, merchantId, id);
      const input = { merchantId, invoiceId, attemptId: id, actor, key: idFor(c, "request") };
      if (isRepeat(c)) {
        const present = await showAttemptOf(house, merchantId, invoiceId, id);
        if (present.state === "captured") return c.json(present, 200);
      }
      orProblem(
        await captureAuthorization(
          house,
          amount_minor === undefined ? input : { ...input, amountMinor: BigInt(amount_minor) },
        ),
      );
      return c.json(await showAttemptOf(house, merchantId, invoiceId, id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/attempts/{id}/void",
      summary: "Let a hold go",
      tags: ["Attempts"],
      ...creates("refunds:write", "attempt"),
      request: { params: Id, headers: IdempotencyHeader },
      responses: { 200: answer(AttemptSchema, "Let go."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      const invoiceId = await invoiceOfAttempt(house, merchantId, id);
      if (isRepeat(c)) {
        const present = await showAttemptOf(house, merchantId, invoiceId, id);
        if (present.state === "voided") return c.json(present, 200);
      }
      const input = { merchantId, invoiceId, attemptId: id, actor, key: idFor(c, "request") };
      orProblem(await voidAuthorization(house, input));
      return c.json(await showAttemptOf(house, merchantId, invoiceId, id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds",
      summary: "Give captured money back",
      tags: ["Refunds"],
      ...creates("refunds:write"),
      request: {
        headers: IdempotencyHeader,
        body: takes(
          z.strictObject({
            attempt_id: z.string().max(40),
            amount_minor: z
              .number()
              .int()
              .positive()
              .optional()
              .openapi({ description: "Left out: all that is left." }),
            reason: z.string().trim().max(200).nullish(),
          }),
        ),
      },
      description: "Above the merchant's sum it waits for a second person first: state `awaiting_approval`.",
      responses: {
        201: answer(RefundSchema, "Requested; it is sent at once unless it waits for approval."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const body = c.req.valid("json");
      if (!(await reaches(house, c.get("principal"), "attempt", body.attempt_id))) throw new Problem("not_found");
      const result = await refundPayment(house, {
        merchantId,
        invoiceId: await invoiceOfAttempt(house, merchantId, body.attempt_id),
        attemptId: body.attempt_id,
        ...(body.amount_minor === undefined ? {} : { amountMinor: BigInt(body.amount_minor) }),
        reason: body.reason ?? null,
        actor,
        id: idFor(c, "refund"),
      });
      if (!result.ok) throw new Problem(result.error);
      return c.json(await showRefundOf(house, result.value), 201);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/holds",
      summary: "Held money, the hold that ends first on top",
      tags: ["Attempts"],
      ...needs("payments:read"),
      responses: {
        200: answer(z.object({ data: z.array(HeldSchema), now: z.iso.datetime() }), "At most 100."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const rows = await house.db
        .select({
          attempt: attempts,
          label: invoices.label,
          payerName: invoices.payerName,
          variant: connections.variant,
          ofConnection: connections.holdPolicy,
          ofMerchant: merchants.holdPolicy,
        })
        .from(attempts)
        .innerJoin(invoices, and(eq(invoices.merchantId, attempts.merchantId), eq(invoices.id, attempts.invoiceId)))
        .innerJoin(
          connections,
          and(eq(connections.merchantId, attempts.merchantId), eq(connections.id, attempts.connectionId)),
        )
        .innerJoin(merchants, eq(merchants.id, attempts.merchantId))
        .where(and(within(house, c.get("principal"), "attempt"), sql`${attempts.state} = 'authorized'`))
        .orderBy(sql`${attempts.holdUntil} asc nulls last`, asc(attempts.id))
        .limit(100);
      return c.json(
        {
          data: rows.map(({ attempt, label, payerName, variant, ...policies }) => ({
            attempt_id: attempt.id,
            connection_id: attempt.connectionId,
            invoice_id: attempt.invoiceId,
            invoice_label: label,
            payer_name: payerName,
            processor: attempt.processor,
            amount: showMoney(attempt.authorizedMinor, attempt.currency),
            held_at: heldAt(attempt).toISOString(),
            hold: showHold(holdOf(attempt)),
            plan: showPlan(attempt, policyOf(policies)),
            command: showCommand(attempt),
            ...holdAbilities(attempt, variantOf(attempt.processor, variant)),
            is_test: attempt.isTest,
          })),
          now: house.now.toISOString(),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/holds/stamp",
      summary: "A text that changes whenever held money does",
      description: "For screens that are open: ask for it again and again, read the list when it has changed.",
      tags: ["Attempts"],
      ...needs("payments:read"),
      responses: { 200: answer(z.object({ stamp: z.string() }), "The text."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const [row] = await house.db
        .select({ stamp: sql<string>`count(*) || '.' || coalesce(extract(epoch from max(${attempts.updatedAt})), 0)` })
        .from(attempts)
        .where(and(within(house, c.get("principal"), "attempt"), sql`${attempts.state} = 'authorized'`));
      return c.json({ stamp: row?.stamp ?? "" }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/refunds",
      summary: "Refunds, newest first",
      tags: ["Refunds"],
      ...needs("payments:read"),
      request: { query: Page },
      responses: { 200: answer(pageOf(RefundSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { cursor, limit } = c.req.valid("query");
      const rows = await house.db
        .select({ refund: refunds, linkToken: invoices.linkToken })
        .from(refunds)
        .innerJoin(invoices, and(eq(invoices.merchantId, refunds.merchantId), eq(invoices.id, refunds.invoiceId)))
        .where(and(within(house, c.get("principal"), "refund"), cursor ? lt(refunds.id, cursor) : undefined))
        .orderBy(desc(refunds.id))
        .limit(limit + 1);
      const flat = rows.map((row) => ({ id: row.refund.id, ...row }));
      return c.json(
        toPage(flat, limit, ({ refund, linkToken }) => showRefund(house, { linkToken }, refund)),
        200,
      );
    },
  );
