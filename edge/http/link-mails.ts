// /v1/invoices/{id}/link-mails: to which addresses an invoice's link can be sent with one press, and what became of the
// mails that were ordered.

import { and, desc, eq, inArray, isNotNull, ne, type SQL, sql } from "drizzle-orm";
import { events, invoices, outbox } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { faultIn, MAIL_FAULTS } from "../mail/refusal.ts";
import type { Principal } from "../merchants/permissions.ts";
import { Problem } from "./problem.ts";
import { within } from "./reach.ts";
import { answer, createRoute, makeRouter, needs, problems, z } from "./setting.ts";

const moment = z.iso.datetime();
/** Where an address is known from; in this order they are offered. */
export const ADDRESS_SOURCES = ["invoice", "sent_before", "earlier_invoice"] as const;
type Source = (typeof ADDRESS_SOURCES)[number];

export const LinkMailsSchema = z
  .object({
    addresses: z.array(z.object({ email: z.string(), known_from: z.array(z.enum(ADDRESS_SOURCES)) })).openapi({
      description: "Each once, whatever its case: of the invoice, of the payer's earlier ones, sent to before.",
    }),
    data: z
      .array(
        z.object({
          id: z.string(),
          email: z.string(),
          state: z.enum(["waiting", "delivered", "failed"]),
          fault: z
            .enum(MAIL_FAULTS)
            .nullable()
            .openapi({ description: "Why the mail server did not take it; one that waits is tried again." }),
          ordered_at: moment,
        }),
      )
      .openapi({ description: "Mails of this invoice, newest first." }),
  })
  .openapi("LinkMails");

const MOST = 20;

/** Invoices of the same payer: the same tax id, phone or e-mail, newest first. Each by an index of its own. */
async function ofSamePayer(context: Context, principal: Principal, of: typeof invoices.$inferSelect) {
  const { db } = context;
  const same = (condition: SQL) =>
    db
      .select({ id: invoices.id, email: invoices.payerEmail })
      .from(invoices)
      .where(and(within(context, principal, "invoice"), ne(invoices.id, of.id), condition))
      .orderBy(desc(invoices.id))
      .limit(MOST);
  const asked = [
    ...(of.payerTaxId ? [same(eq(invoices.payerTaxId, of.payerTaxId))] : []),
    ...(of.payerPhone ? [same(eq(invoices.payerPhone, of.payerPhone))] : []),
    ...(of.payerEmail ? [same(sql`lower(${invoices.payerEmail}) = ${of.payerEmail.toLowerCase()}`)] : []),
  ];
  const found = (await Promise.all(asked)).flat().sort((a, b) => b.id.localeCompare(a.id));
  return found.filter((one, at) => found.findIndex((other) => other.id === one.id) === at);
}

async function mailsOf({ db }: Context, merchantId: string, invoiceIds: string[]) {
  return db
    .select({ invoiceId: events.invoiceId, order: outbox })
    .from(events)
    .innerJoin(
      outbox,
      and(
        eq(outbox.merchantId, events.merchantId),
        eq(outbox.topic, "invoice_link_mail"),
        eq(outbox.effectKey, sql`${events.data} ->> 'outboxId'`),
      ),
    )
    .where(
      and(
        eq(events.merchantId, merchantId),
        inArray(events.invoiceId, invoiceIds),
        eq(events.type, "invoice.link_sent"),
        isNotNull(events.invoiceId),
      ),
    )
    .orderBy(desc(outbox.id))
    .limit(100);
}

const emailIn = (order: typeof outbox.$inferSelect) => String(order.payload.email ?? "");

/** Each address once, as it was written first; what differs by case alone is the same. */
function merge(found: [email: string | null, source: Source][]): z.infer<typeof LinkMailsSchema>["addresses"] {
  const known = new Map<string, { email: string; known_from: Source[] }>();
  for (const [email, source] of found) {
    if (!email) continue;
    const same = known.get(email.toLowerCase());
    if (!same) known.set(email.toLowerCase(), { email, known_from: [source] });
    else if (!same.known_from.includes(source)) same.known_from.push(source);
  }
  return [...known.values()];
}

export const linkMailRoutes = makeRouter().openapi(
  createRoute({
    method: "get",
    path: "/invoices/{id}/link-mails",
    summary: "Addresses to send the link to, and the mails that were ordered",
    tags: ["Invoices"],
    ...needs("invoices:read", "invoice"),
    request: { params: z.object({ id: z.string().max(40) }) },
    responses: { 200: answer(LinkMailsSchema, "Both."), ...problems },
  }),
  async (c) => {
    const [house, principal] = [c.get("house"), c.get("principal")];
    const { id } = c.req.valid("param");
    const [invoice] = await house.db
      .select()
      .from(invoices)
      .where(and(eq(invoices.merchantId, principal.merchantId), eq(invoices.id, id)));
    if (!invoice) throw new Problem("not_found");
    const earlier = await ofSamePayer(house, principal, invoice);
    const mails = await mailsOf(house, principal.merchantId, [id, ...earlier.map((one) => one.id)]);
    const own = mails.filter((mail) => mail.invoiceId === id);
    return c.json(
      {
        addresses: merge([
          [invoice.payerEmail, "invoice"],
          ...mails.map(({ order }): [string, Source] => [emailIn(order), "sent_before"]),
          ...earlier.map((one): [string | null, Source] => [one.email, "earlier_invoice"]),
        ]).slice(0, MOST),
        data: own.map(({ order }) => ({
          id: order.id,
          email: emailIn(order),
          state: order.deliveredAt
            ? ("delivered" as const)
            : order.failedAt
              ? ("failed" as const)
              : ("waiting" as const),
          fault: order.deliveredAt ? null : faultIn(order.lastAnswer),
          ordered_at: order.createdAt.toISOString(),
        })),
      },
      200,
    );
  },
);
