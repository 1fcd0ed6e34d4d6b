// /v1/invoices: make, read, change, list, issue, cancel, convert, send, and what happened to them.

import { and, desc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import {
  attempts,
  collections,
  invoiceLines,
  invoiceSearchText,
  invoices,
  outbox,
  ownStatuses,
  payments,
} from "../../db/schema/index.ts";
import { isWord } from "../../db/word.ts";
import type { Context } from "../context.ts";
import { peopleOf } from "../merchants/people.ts";
import { dueMinor } from "../payments/amounts.ts";
import { dateGiven } from "../payments/ask-date.ts";
import { holdPoliciesOf } from "../payments/hold-policy.ts";
import {
  cancelInvoice,
  convertProforma,
  createInvoice,
  editInvoice,
  issueInvoice,
  recordManualPayment,
  sendLink,
} from "../payments/invoice-commands.ts";
import type { InvoiceEdit, InvoiceRefusal } from "../payments/invoice-steps.ts";
import { INVOICE_STATES } from "../payments/states.ts";
import { type Invoice, readStory } from "../payments/story.ts";
import { NoSuchInvoice } from "../payments/transition.ts";
import type { Result } from "../result.ts";
import { toEmail } from "./contact.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import { within } from "./reach.ts";
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
import {
  AttemptSchema,
  Instant,
  InvoicePatch,
  InvoiceSchema,
  InvoiceWithLines,
  MoneySchema,
  NewInvoice,
  PersonSchema,
  RefundSchema,
  TimelineStepSchema,
} from "./shapes.ts";
import { type InvoiceExtras, showAttempt, showInvoice, showLine, showRefund, showTimelineStep } from "./show.ts";
import { readTimeline } from "./timeline.ts";

const Id = z.object({ id: z.string().max(40).openapi({ example: "inv_01KAF2M1Q7X4…" }) });

const REFUSALS: Record<InvoiceRefusal, ProblemCode> = {
  not_found: "not_found",
  no_series: "no_series",
  invoice_final: "invoice_final",
  invoice_has_money: "invoice_has_money",
  invoice_cancelled: "invoice_cancelled",
  invoice_not_open: "invoice_not_open",
  invoice_paid: "invoice_paid",
  conflict: "conflict",
};

/** Null for what is not there; any other fault is thrown on. */
function unlessMissing(error: unknown): null {
  if (error instanceof Problem && error.code === "not_found") return null;
  throw error;
}

async function orProblem<T>(work: Promise<Result<T, InvoiceRefusal>>): Promise<T> {
  try {
    const result = await work;
    if (result.ok) return result.value;
    throw new Problem(REFUSALS[result.error]);
  } catch (error) {
    throw error instanceof NoSuchInvoice ? new Problem("not_found") : error;
  }
}

/** What a list or a page shows beside the invoice's own row, for many invoices in one round trip. */
async function extrasOf(context: Context, merchantId: string, ids: string[]): Promise<Map<string, InvoiceExtras>> {
  const found = new Map<string, InvoiceExtras>();
  if (ids.length === 0) return found;
  const { db } = context;
  const [kept, fiscal, direct, through, counted, statuses, held] = await db.batch([
    db
      .select({ id: payments.invoiceId, sum: sql<string>`sum(${payments.amountMinor})` })
      .from(payments)
      .where(and(eq(payments.merchantId, merchantId), inArray(payments.invoiceId, ids), eq(payments.isKept, true)))
      .groupBy(payments.invoiceId),
    db
      .select({ id: invoices.id, label: invoices.label, proformaId: invoices.proformaId })
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), inArray(invoices.proformaId, ids))),
    // Two statements: no index serves an "or" over two tables, and all of the merchant's would be read.
    db
      .select({ id: collections.invoiceId })
      .from(collections)
      .where(and(eq(collections.merchantId, merchantId), inArray(collections.invoiceId, ids))),
    db
      .select({ id: payments.invoiceId })
      .from(payments)
      .innerJoin(
        collections,
        and(eq(collections.merchantId, payments.merchantId), eq(collections.paymentId, payments.id)),
      )
      .where(and(eq(payments.merchantId, merchantId), inArray(payments.invoiceId, ids))),
    db.execute<{ invoice_id: string; n: string }>(
      sql`select invoice_id, count(*) as n from attempts where merchant_id = ${merchantId} and invoice_id in ${ids} group by invoice_id`,
    ),
    db
      .select({ invoiceId: invoices.id, id: ownStatuses.id, name: ownStatuses.name, tone: ownStatuses.tone })
      .from(invoices)
      .innerJoin(
        ownStatuses,
        and(eq(ownStatuses.merchantId, invoices.merchantId), eq(ownStatuses.id, invoices.ownStatusId)),
      )
      .where(and(eq(invoices.merchantId, merchantId), inArray(invoices.id, ids))),
    db
      .select()
      .from(attempts)
      .where(
        and(
          eq(attempts.merchantId, merchantId),
          inArray(attempts.invoiceId, ids),
          sql`${attempts.state} = 'authorized'`,
        ),
      )
      .orderBy(sql`${attempts.holdUntil} asc nulls last`),
  ]);
  const statusOf = (invoiceId: string) => {
    const its = statuses.find((row) => row.invoiceId === invoiceId);
    return its ? { id: its.id, name: its.name, tone: its.tone } : null;
  };
  const booked = new Set([...direct, ...through].map((row) => row.id));
  for (const id of ids) {
    const its = fiscal.find((row) => row.proformaId === id);
    found.set(id, {
      keptMinor: BigInt(kept.find((row) => row.id === id)?.sum ?? 0),
      fiscalInvoice: its ? { id: its.id, label: its.label } : null,
      isCollected: booked.has(id),
      attempts: Number(counted.rows.find((row) => row.invoice_id === id)?.n ?? 0),
      ownStatus: statusOf(id),
      held: held.find((row) => row.invoiceId === id) ?? null,
    });
  }
  return found;
}

const NOTHING: InvoiceExtras = {
  keptMinor: 0n,
  fiscalInvoice: null,
  isCollected: false,
  attempts: 0,
  ownStatus: null,
  held: null,
};

async function showWhole(context: Context, merchantId: string, id: string) {
  const { db } = context;
  const [rows, lines] = await db.batch([
    db
      .select()
      .from(invoices)
      .where(and(eq(invoices.merchantId, merchantId), eq(invoices.id, id))),
    db
      .select()
      .from(invoiceLines)
      .where(and(eq(invoiceLines.merchantId, merchantId), eq(invoiceLines.invoiceId, id)))
      .orderBy(invoiceLines.position),
  ]);
  const invoice = rows[0];
  if (!invoice) throw new Problem("not_found");
  const extras = (await extrasOf(context, merchantId, [id])).get(id) ?? NOTHING;
  return { ...showInvoice(context, invoice, extras), lines: lines.map(showLine) };
}

function toEdit(body: z.infer<typeof InvoicePatch>): InvoiceEdit {
  const edit: InvoiceEdit = {
    payerName: body.payer_name,
    payerEmail: body.payer_email,
    payerPhone: body.payer_phone,
    payerAddress: body.payer_address,
    payerTaxId: body.payer_tax_id,
    beneficiaryName: body.beneficiary_name,
    methods: body.methods,
    currency: body.currency,
    acceptsCard: body.accepts_card,
    dueOn: body.due_on,
    expiresAt: body.expires_at === undefined ? undefined : body.expires_at === null ? null : new Date(body.expires_at),
    locale: body.locale,
    note: body.note,
    lines: body.lines?.map(toLine),
  } as InvoiceEdit;
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as InvoiceEdit;
}

const toLine = (line: z.infer<typeof NewInvoice>["lines"][number]) => ({
  description: line.description,
  quantity: line.quantity,
  unit: line.unit ?? null,
  unitPriceMinor: line.unit_price_minor,
  vatPercent: line.vat_percent,
});

export const invoiceRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices",
      summary: "Create an invoice",
      tags: ["Invoices"],
      ...creates("invoices:write"),
      request: { headers: IdempotencyHeader, body: takes(NewInvoice) },
      responses: { 201: answer(InvoiceWithLines, "Made."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor, pointOfSaleId } = c.get("principal");
      const body = c.req.valid("json");
      const chosen = pointOfSaleId ?? body.point_of_sale_id;
      if (!chosen)
        throw new Problem("invalid_request", undefined, [
          { field: "point_of_sale_id", code: "required", message: "required" },
        ]);
      if (pointOfSaleId && body.point_of_sale_id && body.point_of_sale_id !== pointOfSaleId)
        throw new Problem("not_found");
      const id = idFor(c, "invoice");
      if (isRepeat(c)) {
        const made = await showWhole(house, merchantId, id).catch(unlessMissing);
        if (made) return c.json(made, 201);
      }
      await orProblem(
        createInvoice(
          house,
          merchantId,
          actor,
          {
            kind: body.kind,
            pointOfSaleId: chosen,
            currency: body.currency,
            lines: body.lines.map(toLine),
            payerName: body.payer_name,
            payerEmail: body.payer_email ?? null,
            payerPhone: body.payer_phone ?? null,
            payerAddress: body.payer_address ?? null,
            payerTaxId: body.payer_tax_id ?? null,
            beneficiaryName: body.beneficiary_name ?? null,
            methods: body.methods ?? null,
            acceptsCard: body.accepts_card,
            dueOn: body.due_on ?? null,
            expiresAt: body.expires_at ? new Date(body.expires_at) : null,
            locale: body.locale,
            note: body.note ?? null,
            isDraft: body.is_draft,
            isTest: body.is_test,
          },
          id,
        ),
      );
      return c.json(await showWhole(house, merchantId, id), 201);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices",
      summary: "List invoices, newest first",
      tags: ["Invoices"],
      ...needs("invoices:read"),
      request: {
        query: Page.extend({
          state: z.enum(INVOICE_STATES).optional(),
          kind: z.enum(["proforma", "fiscal"]).optional(),
          own_status: z.string().max(40).optional().openapi({ description: "Id of one of /v1/own-statuses." }),
          q: z
            .string()
            .trim()
            .max(80)
            .optional()
            .openapi({ description: "Part of the payer's name, e-mail or the number." }),
          is_test: z.enum(["true", "false"]).optional(),
        }),
      },
      responses: { 200: answer(pageOf(InvoiceSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId } = c.get("principal");
      const { cursor, limit, state, kind, own_status, q, is_test } = c.req.valid("query");
      const like = q ? `%${q.replace(/[\\%_]/g, (sign) => `\\${sign}`)}%` : null;
      const where: (SQL | undefined)[] = [
        within(house, c.get("principal"), "invoice"),
        cursor ? lt(invoices.id, cursor) : undefined,
        state ? eq(invoices.state, state) : undefined,
        kind ? isWord(invoices.kind, kind) : undefined,
        own_status ? eq(invoices.ownStatusId, own_status) : undefined,
        is_test ? eq(invoices.isTest, is_test === "true") : undefined,
        like ? sql`${invoiceSearchText} ilike ${like}` : undefined,
      ];
      const rows = await house.db
        .select()
        .from(invoices)
        .where(and(...where))
        .orderBy(desc(invoices.id))
        .limit(limit + 1);
      const extras = await extrasOf(
        house,
        merchantId,
        rows.map((row) => row.id),
      );
      return c.json(
        toPage(rows, limit, (row: Invoice) => showInvoice(house, row, extras.get(row.id) ?? NOTHING)),
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices/{id}",
      summary: "Read an invoice",
      tags: ["Invoices"],
      ...needs("invoices:read", "invoice"),
      request: { params: Id },
      responses: { 200: answer(InvoiceWithLines, "The invoice."), ...problems },
    }),
    async (c) => c.json(await showWhole(c.get("house"), c.get("principal").merchantId, c.req.valid("param").id), 200),
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/invoices/{id}",
      summary: "Change an invoice",
      description:
        "Drafts and proformas freely while no money moved; of an issued fiscal invoice only contact, card switch, validity and language.",
      tags: ["Invoices"],
      ...needs("invoices:write", "invoice"),
      request: { params: Id, body: takes(InvoicePatch) },
      responses: { 200: answer(InvoiceWithLines, "Changed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      await orProblem(editInvoice(house, merchantId, id, actor, toEdit(c.req.valid("json"))));
      if (c.req.valid("json").expires_at !== undefined) await dateGiven(house, merchantId, id, actor);
      return c.json(await showWhole(house, merchantId, id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/issue",
      summary: "Issue a draft",
      tags: ["Invoices"],
      ...needs("invoices:write", "invoice"),
      request: { params: Id },
      responses: { 200: answer(InvoiceWithLines, "Issued."), ...problems },
    }),
    async (c) => {
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      await orProblem(issueInvoice(c.get("house"), merchantId, id, actor));
      return c.json(await showWhole(c.get("house"), merchantId, id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/cancel",
      summary: "Cancel an invoice without money",
      tags: ["Invoices"],
      ...needs("invoices:write", "invoice"),
      request: { params: Id },
      responses: { 200: answer(InvoiceWithLines, "Cancelled."), ...problems },
    }),
    async (c) => {
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      await orProblem(cancelInvoice(c.get("house"), merchantId, id, actor));
      return c.json(await showWhole(c.get("house"), merchantId, id), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/fiscal",
      summary: "Make the fiscal invoice of a proforma by hand",
      description: "Doing it again gives the same fiscal invoice.",
      tags: ["Invoices"],
      ...needs("invoices:write", "invoice"),
      request: { params: Id },
      responses: { 201: answer(InvoiceWithLines, "The fiscal invoice."), ...problems },
    }),
    async (c) => {
      const { merchantId, actor } = c.get("principal");
      const fiscalId = await orProblem(convertProforma(c.get("house"), merchantId, c.req.valid("param").id, actor));
      return c.json(await showWhole(c.get("house"), merchantId, fiscalId), 201);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/payments",
      summary: "Book money that came by another way",
      tags: ["Invoices"],
      ...creates("payments:write", "invoice"),
      request: {
        params: Id,
        headers: IdempotencyHeader,
        body: takes(
          z.strictObject({
            amount_minor: z.number().int().positive(),
            method: z.enum(["cash", "transfer", "card", "other"]),
            reference: z.string().trim().max(80).nullish(),
            occurred_at: Instant.optional(),
          }),
        ),
      },
      responses: { 201: answer(InvoiceWithLines, "Booked."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      const body = c.req.valid("json");
      await orProblem(
        recordManualPayment(house, merchantId, id, actor, {
          id: idFor(c, "payment"),
          amountMinor: BigInt(body.amount_minor),
          method: body.method,
          reference: body.reference ?? null,
          occurredAt: body.occurred_at ? new Date(body.occurred_at) : house.now,
        }),
      );
      return c.json(await showWhole(house, merchantId, id), 201);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/invoices/{id}/send",
      summary: "Send the link by e-mail",
      tags: ["Invoices"],
      ...creates("invoices:write", "invoice"),
      request: {
        params: Id,
        headers: IdempotencyHeader,
        body: takes(z.strictObject({ email: z.string().trim().max(254).optional() })),
      },
      responses: { 202: answer(z.object({ outbox_id: z.string(), email: z.string() }), "On its way."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const { id } = c.req.valid("param");
      const outboxId = idFor(c, "outbox");
      if (isRepeat(c)) {
        const [ordered] = await house.db
          .select({ payload: outbox.payload })
          .from(outbox)
          .where(and(eq(outbox.merchantId, merchantId), eq(outbox.id, outboxId)));
        if (ordered) return c.json({ outbox_id: outboxId, email: String(ordered.payload.email) }, 202);
      }
      const invoice = await showWhole(house, merchantId, id);
      if (invoice.state === "cancelled") throw new Problem("invoice_cancelled");
      if (invoice.state === "paid") throw new Problem("invoice_paid");
      if (!invoice.link) throw new Problem(invoice.state === "draft" ? "invoice_not_open" : "card_not_accepted");
      const email = toEmail(c.req.valid("json").email ?? invoice.payer_email ?? "");
      if (!email)
        throw new Problem("invalid_request", undefined, [{ field: "email", code: "bad_email", message: "bad_email" }]);
      await sendLink(house, merchantId, id, actor, { outboxId, email });
      await house.wake({ kind: "due" });
      return c.json({ outbox_id: outboxId, email }, 202);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices/{id}/stamp",
      summary: "A number that grows with every change of an invoice and its money",
      description: "For screens that are open: ask for it again and again, read the rest when it has grown.",
      tags: ["Invoices"],
      ...needs("invoices:read", "invoice"),
      request: { params: Id },
      responses: { 200: answer(z.object({ stamp: z.string() }), "The number, as text."), ...problems },
    }),
    async (c) => {
      const [row] = await c
        .get("house")
        .db.select({ version: invoices.version })
        .from(invoices)
        .where(and(eq(invoices.merchantId, c.get("principal").merchantId), eq(invoices.id, c.req.valid("param").id)));
      if (!row) throw new Problem("not_found");
      return c.json({ stamp: String(row.version) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices/{id}/attempts",
      summary: "Every attempt to pay an invoice, newest first",
      tags: ["Attempts"],
      ...needs("invoices:read", "invoice"),
      request: { params: Id },
      responses: {
        200: answer(
          z.object({
            data: z.array(AttemptSchema),
            refunds: z.array(RefundSchema),
            people: z.array(PersonSchema),
            due: MoneySchema,
            now: z.iso.datetime().openapi({ description: "The moment of this answer, by the product's clock." }),
          }),
          "The attempts.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, role } = c.get("principal");
      const story = await readStory(house.db, merchantId, c.req.valid("param").id);
      if (!story) throw new Problem("not_found");
      // Names of people are for people: a partner's key reads none.
      const actors = role ? story.refunds.flatMap(({ requestedBy, decidedBy }) => [requestedBy, decidedBy ?? ""]) : [];
      const people = actors.length > 0 ? [...(await peopleOf(house, merchantId, actors)).values()] : [];
      const isHeld = story.attempts.some((attempt) => attempt.state === "authorized");
      const policies = isHeld ? await holdPoliciesOf(house, story.invoice.merchantId) : null;
      return c.json(
        {
          data: story.attempts
            .map((attempt) => showAttempt(story, attempt, policies?.(attempt.connectionId) ?? null))
            .reverse(),
          refunds: story.refunds.map((refund) => showRefund(house, story.invoice, refund)).reverse(),
          people: people.map(({ actor, name, madeBy }) => ({ actor, name, made_by: madeBy })),
          due: { minor: Number(dueMinor(story)), currency: story.invoice.currency },
          now: house.now.toISOString(),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/invoices/{id}/events",
      summary: "Everything that happened to an invoice, oldest first",
      description:
        "Each event with what the processor said that caused it (scrubbed) and with who was told of it and how they answered.",
      tags: ["Invoices"],
      ...needs("invoices:read", "invoice"),
      request: { params: Id },
      responses: { 200: answer(z.object({ data: z.array(TimelineStepSchema) }), "The timeline."), ...problems },
    }),
    async (c) => {
      const { merchantId } = c.get("principal");
      const steps = await readTimeline(c.get("house"), merchantId, c.req.valid("param").id);
      if (!steps) throw new Problem("not_found");
      return c.json({ data: steps.map(showTimelineStep) }, 200);
    },
  );
