// /v1/webhook-endpoints, /v1/webhook-deliveries and /v1/events: being told, seeing that one was told, and reading
// everything in order without depending on being told.

import { and, asc, desc, eq, getTableColumns, gt, gte, isNull, lt, or, sql } from "drizzle-orm";
import { events, outbox, webhookDeliveries, webhookEndpoints } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { audit } from "../merchants/audit.ts";
import type { Principal } from "../merchants/permissions.ts";
import { addressFault } from "../webhooks/address.ts";
import { type Endpoint, openSecrets, sealSecrets } from "../webhooks/deliver.ts";
import { newWebhookSecret } from "../webhooks/signature.ts";
import { Problem } from "./problem.ts";
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
import { EventSchema, Instant } from "./shapes.ts";

const Id = z.object({ id: z.string().max(40) });
/** How long an old secret signs beside the new one. */
const OVERLAP_MS = 24 * 3600 * 1000;

export const EndpointSchema = z
  .object({
    id: z.string(),
    point_of_sale_id: z.string(),
    url: z.string(),
    event_types: z.array(z.string()),
    is_enabled: z.boolean(),
    failing_since: z
      .string()
      .nullable()
      .openapi({ description: "Since when every delivery failed; its queue is kept." }),
    waiting: z.number().int().openapi({ description: "Deliveries that are still to come." }),
    last_delivery_at: z.string().nullable().openapi({ description: "When it was last told, however it answered." }),
    created_at: z.string(),
  })
  .openapi("WebhookEndpoint");

export const DeliverySchema = z
  .object({
    id: z.string(),
    endpoint_id: z.string(),
    event_id: z.string(),
    event_type: z.string().nullable(),
    status: z.number().int().nullable(),
    answer: z.string(),
    milliseconds: z.number().int(),
    at: z.string(),
  })
  .openapi("WebhookDelivery");

const EventTypes = z
  .array(z.string().regex(/^(\*|[a-z_]+\.[a-z_]+)$/, "bad_event_type"))
  .min(1, "required")
  .max(50);

function checkAddress(context: Context, url: string): void {
  const fault = addressFault(url, context.env.ENVIRONMENT === "development");
  if (fault) throw new Problem("invalid_request", undefined, [{ field: "url", code: fault, message: fault }]);
}

async function mine(context: Context, principal: Principal, id: string): Promise<Endpoint> {
  const rows = await context.db
    .select()
    .from(webhookEndpoints)
    .where(
      and(
        eq(webhookEndpoints.merchantId, principal.merchantId),
        eq(webhookEndpoints.id, id),
        isNull(webhookEndpoints.archivedAt),
      ),
    );
  const row = rows[0];
  if (!row) throw new Problem("not_found");
  return row;
}

const ofEndpoint = (merchantId: string, endpointId: string) =>
  and(
    eq(outbox.merchantId, merchantId),
    eq(outbox.topic, "webhook"),
    sql`${outbox.payload} ->> 'endpointId' = ${endpointId}`,
  );

async function show(context: Context, row: Endpoint): Promise<z.infer<typeof EndpointSchema>> {
  const [waiting, told] = await context.db.batch([
    context.db
      .select({ id: outbox.id })
      .from(outbox)
      .where(and(ofEndpoint(row.merchantId, row.id), isNull(outbox.deliveredAt)))
      .limit(1000),
    context.db
      .select({ at: webhookDeliveries.at })
      .from(webhookDeliveries)
      .where(and(eq(webhookDeliveries.merchantId, row.merchantId), eq(webhookDeliveries.endpointId, row.id)))
      .orderBy(desc(webhookDeliveries.id))
      .limit(1),
  ]);
  return {
    id: row.id,
    point_of_sale_id: row.pointOfSaleId,
    url: row.url,
    event_types: row.eventTypes,
    is_enabled: row.isEnabled,
    failing_since: row.failingSince?.toISOString() ?? null,
    waiting: waiting.length,
    last_delivery_at: told[0]?.at.toISOString() ?? null,
    created_at: row.createdAt.toISOString(),
  };
}

const showDelivery = (row: typeof webhookDeliveries.$inferSelect & { eventType: string | null }) => ({
  id: row.id,
  endpoint_id: row.endpointId,
  event_id: row.eventId,
  event_type: row.eventType,
  status: row.status,
  answer: row.answer,
  milliseconds: row.milliseconds,
  at: row.at.toISOString(),
});

export const webhookRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/webhook-endpoints",
      summary: "Where you are told",
      tags: ["Webhooks"],
      ...needs("webhooks:read"),
      responses: { 200: answer(z.object({ data: z.array(EndpointSchema) }), "All endpoints."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const rows = await house.db
        .select()
        .from(webhookEndpoints)
        .where(and(within(house, c.get("principal"), "webhook_endpoint"), isNull(webhookEndpoints.archivedAt)))
        .orderBy(desc(webhookEndpoints.id))
        .limit(100);
      return c.json({ data: await Promise.all(rows.map((row) => show(house, row))) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/webhook-endpoints",
      summary: "Be told at an address",
      description:
        "Signed by the Standard Webhooks specification. At least once, with one `webhook-id` per event; repeated for 30 days, first within 10 seconds. Public https names only; redirects are failures.",
      tags: ["Webhooks"],
      ...creates("webhooks:write"),
      request: {
        headers: IdempotencyHeader,
        body: takes(
          z.strictObject({
            point_of_sale_id: z.string().max(40).optional(),
            url: z.string().max(500),
            event_types: EventTypes.default(["*"]),
          }),
        ),
      },
      responses: {
        201: answer(EndpointSchema.extend({ secret: z.string() }), "Made; the secret is shown this once."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const body = c.req.valid("json");
      checkAddress(house, body.url);
      const chosen = principal.pointOfSaleId ?? body.point_of_sale_id;
      const shop = await house.db.query.pointsOfSale.findFirst({
        columns: { id: true },
        where: (t, { and: both, eq: is }) => both(is(t.merchantId, principal.merchantId), is(t.id, chosen ?? "")),
      });
      if (
        !shop ||
        (principal.pointOfSaleId && body.point_of_sale_id && body.point_of_sale_id !== principal.pointOfSaleId)
      ) {
        throw new Problem("invalid_request", undefined, [
          { field: "point_of_sale_id", code: "unknown", message: "unknown" },
        ]);
      }
      const id = idFor(c, "webhookEndpoint");
      if (isRepeat(c)) {
        const [made] = await house.db
          .select()
          .from(webhookEndpoints)
          .where(and(eq(webhookEndpoints.merchantId, principal.merchantId), eq(webhookEndpoints.id, id)));
        const [newest] = made ? await openSecrets(house, made) : [];
        if (made && newest) return c.json({ ...(await show(house, made)), secret: newest.secret }, 201);
      }
      const secret = newWebhookSecret();
      const sealed = await sealSecrets(house, principal.merchantId, id, [{ secret, until: null }]);
      const rows = await house.db
        .insert(webhookEndpoints)
        .values({
          id,
          merchantId: principal.merchantId,
          pointOfSaleId: shop.id,
          url: body.url,
          eventTypes: body.event_types,
          secrets: sealed.sealed,
          dataKeyId: sealed.dataKeyId,
          createdAt: house.now,
        })
        .returning();
      await audit(house, principal, "webhook_endpoint.created", id, {
        after: { url: body.url, eventTypes: body.event_types },
      });
      const row = rows[0];
      if (!row) throw new Problem("internal");
      return c.json({ ...(await show(house, row)), secret }, 201);
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/webhook-endpoints/{id}",
      summary: "Change address or events, switch off or on",
      tags: ["Webhooks"],
      ...needs("webhooks:write", "webhook_endpoint"),
      request: {
        params: Id,
        body: takes(
          z.strictObject({ url: z.string().max(500), event_types: EventTypes, is_enabled: z.boolean() }).partial(),
        ),
      },
      responses: { 200: answer(EndpointSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const endpoint = await mine(house, principal, c.req.valid("param").id);
      const body = c.req.valid("json");
      if (body.url !== undefined) checkAddress(house, body.url);
      const rows = await house.db
        .update(webhookEndpoints)
        .set({
          url: body.url ?? endpoint.url,
          eventTypes: body.event_types ?? endpoint.eventTypes,
          isEnabled: body.is_enabled ?? endpoint.isEnabled,
        })
        .where(and(eq(webhookEndpoints.merchantId, principal.merchantId), eq(webhookEndpoints.id, endpoint.id)))
        .returning();
      await audit(house, principal, "webhook_endpoint.updated", endpoint.id, { after: body });
      return c.json(await show(house, rows[0] ?? endpoint), 200);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/webhook-endpoints/{id}",
      summary: "No longer be told there",
      tags: ["Webhooks"],
      ...needs("webhooks:write", "webhook_endpoint"),
      request: { params: Id },
      responses: { 204: { description: "Gone; its deliveries stay visible." }, ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const endpoint = await mine(house, principal, c.req.valid("param").id);
      await house.db
        .update(webhookEndpoints)
        .set({ archivedAt: house.now })
        .where(and(eq(webhookEndpoints.merchantId, principal.merchantId), eq(webhookEndpoints.id, endpoint.id)));
      await audit(house, principal, "webhook_endpoint.archived", endpoint.id);
      return c.body(null, 204);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/webhook-endpoints/{id}/rotate",
      summary: "Take a new secret; the old one signs beside it for 24 hours",
      tags: ["Webhooks"],
      ...needs("webhooks:write", "webhook_endpoint"),
      request: { params: Id },
      responses: {
        200: answer(EndpointSchema.extend({ secret: z.string() }), "The new secret, shown this once."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const endpoint = await mine(house, principal, c.req.valid("param").id);
      const until = new Date(house.now.getTime() + OVERLAP_MS).toISOString();
      const old = (await openSecrets(house, endpoint)).map((known) =>
        known.until === null ? { ...known, until } : known,
      );
      const secret = newWebhookSecret();
      const valid = old.filter((known) => known.until !== null && new Date(known.until) > house.now);
      const sealed = await sealSecrets(house, principal.merchantId, endpoint.id, [{ secret, until: null }, ...valid]);
      await house.db
        .update(webhookEndpoints)
        .set({ secrets: sealed.sealed, dataKeyId: sealed.dataKeyId })
        .where(and(eq(webhookEndpoints.merchantId, principal.merchantId), eq(webhookEndpoints.id, endpoint.id)));
      await audit(house, principal, "webhook_endpoint.rotated", endpoint.id);
      return c.json({ ...(await show(house, endpoint)), secret }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/webhook-endpoints/{id}/resend",
      summary: "Tell again everything since a moment",
      tags: ["Webhooks"],
      ...needs("webhooks:write", "webhook_endpoint"),
      request: { params: Id, body: takes(z.strictObject({ since: Instant })) },
      responses: { 202: answer(z.object({ queued: z.number().int() }), "Queued, under the same ids."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const endpoint = await mine(house, principal, c.req.valid("param").id);
      const queued = await house.db
        .update(outbox)
        .set({ nextAttemptAt: house.now, deliveredAt: null, failedAt: null, tries: 0 })
        .where(
          and(
            ofEndpoint(principal.merchantId, endpoint.id),
            gte(outbox.createdAt, new Date(c.req.valid("json").since)),
          ),
        )
        .returning({ id: outbox.id });
      await house.wake({ kind: "due" });
      return c.json({ queued: queued.length }, 202);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/webhook-endpoints/{id}/deliveries",
      summary: "What was told there, with the answers, newest first",
      tags: ["Webhooks"],
      ...needs("webhooks:read", "webhook_endpoint"),
      request: { params: Id, query: Page },
      responses: { 200: answer(pageOf(DeliverySchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const endpoint = await mine(house, principal, c.req.valid("param").id);
      const { cursor, limit } = c.req.valid("query");
      const rows = await house.db
        .select({ ...getTableColumns(webhookDeliveries), eventType: events.type })
        .from(webhookDeliveries)
        .leftJoin(
          events,
          and(eq(events.merchantId, webhookDeliveries.merchantId), eq(events.id, webhookDeliveries.eventId)),
        )
        .where(
          and(
            eq(webhookDeliveries.merchantId, principal.merchantId),
            eq(webhookDeliveries.endpointId, endpoint.id),
            cursor ? lt(webhookDeliveries.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(webhookDeliveries.id))
        .limit(limit + 1);
      return c.json(toPage(rows, limit, showDelivery), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/webhook-deliveries/{id}/resend",
      summary: "Tell one event again, under the same id",
      tags: ["Webhooks"],
      ...needs("webhooks:write", "webhook_delivery"),
      request: { params: Id },
      responses: { 202: answer(z.object({ queued: z.number().int() }), "Queued."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const rows = await house.db
        .select()
        .from(webhookDeliveries)
        .where(
          and(
            eq(webhookDeliveries.merchantId, principal.merchantId),
            eq(webhookDeliveries.id, c.req.valid("param").id),
          ),
        );
      const delivery = rows[0];
      if (!delivery) throw new Problem("not_found");
      await mine(house, principal, delivery.endpointId);
      await house.db
        .update(outbox)
        .set({ nextAttemptAt: house.now, deliveredAt: null, failedAt: null, tries: 0 })
        .where(and(eq(outbox.merchantId, principal.merchantId), eq(outbox.id, delivery.outboxId)));
      await house.wake({ kind: "due" });
      return c.json({ queued: 1 }, 202);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/events",
      summary: "Everything that happened, oldest first, by a cursor that never skips",
      description:
        "Keep the last `next_cursor` and come back with it. A page ends below the oldest running transaction, so that an event committed late is still found.",
      tags: ["Events"],
      ...needs("invoices:read"),
      request: {
        query: z.object({
          cursor: z
            .string()
            .regex(/^\d{1,18}\.\d{1,18}$/, "bad_cursor")
            .optional(),
          limit: z.coerce.number().int().min(1).max(500).default(100),
        }),
      },
      responses: {
        200: answer(z.object({ data: z.array(EventSchema), next_cursor: z.string().nullable() }), "A page."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { cursor, limit } = c.req.valid("query");
      const [transaction, position] = (cursor ?? "0.0").split(".");
      const rows = await house.db
        .select()
        .from(events)
        .where(
          and(
            within(house, c.get("principal"), "event"),
            or(
              sql`${events.transactionId} > ${transaction}::xid8`,
              and(sql`${events.transactionId} = ${transaction}::xid8`, gt(events.position, Number(position))),
            ),
            sql`${events.transactionId} < pg_snapshot_xmin(pg_current_snapshot())`,
          ),
        )
        .orderBy(asc(events.transactionId), asc(events.position))
        .limit(limit);
      const last = rows.at(-1);
      return c.json(
        {
          data: rows.map((row) => ({
            id: row.id,
            type: row.type,
            invoice_id: row.invoiceId,
            attempt_id: row.attemptId,
            actor: row.actor,
            data: row.data,
            occurred_at: row.occurredAt.toISOString(),
            recorded_at: row.recordedAt.toISOString(),
          })),
          next_cursor: last ? `${last.transactionId}.${last.position}` : (cursor ?? null),
        },
        200,
      );
    },
  );
