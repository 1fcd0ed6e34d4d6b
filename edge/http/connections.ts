// /v1/processors and /v1/connections: which processors there are, connecting one, checking it, its guide's steps.

import { and, desc, eq, isNull, lt } from "drizzle-orm";
import { connections, onboardingSteps, pointsOfSale } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { orderRegistration } from "../crm/retailcrm/order-registration.ts";
import { audit } from "../merchants/audit.ts";
import { openRequest, redirectUriOf, requestConsent, whoConsents } from "../merchants/authorization.ts";
import { type Connection, findConnection, sealCredentials } from "../merchants/connections.ts";
import { publicFieldsOf, rewriteCredentials } from "../merchants/credentials.ts";
import { examine, orderExam, usedElsewhere } from "../merchants/doctor.ts";
import { ALL_STEPS, isOverdue, onboardingOf } from "../merchants/onboarding.ts";
import type { Principal } from "../merchants/permissions.ts";
import type { Processor } from "../processors/contract.ts";
import { processorOf, processors } from "../processors/registry.ts";
import { fieldFaults, Problem } from "./problem.ts";
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
import { ConnectionSchema, NewConnection, OnboardingStepSchema, PayerActionSchema, ProcessorSchema } from "./shapes.ts";
import { showConnection, showField } from "./show.ts";

const Id = z.object({ id: z.string().max(40) });

/** The principal's connection of an id, unless it was disconnected. */
export async function mine(context: Context, principal: Principal, id: string): Promise<Connection> {
  const row = await findConnection(context, principal.merchantId, id);
  if (!row || row.archivedAt) throw new Problem("not_found");
  return row;
}

/** A connection as the API shows it. */
export async function show(context: Context, row: Connection) {
  const [isUsedElsewhere, request] = await Promise.all([usedElsewhere(context, row), openRequest(context, row)]);
  return showConnection(context, row, { warnings: isUsedElsewhere ? ["account_used_elsewhere"] : [], request });
}

function parseCredentials(
  processor: Processor,
  typed: Record<string, unknown>,
): { credentials: unknown; publicFields: Record<string, string>; variant: string } {
  const parsed = processor.descriptor.credentials.safeParse(typed);
  if (!parsed.success) {
    throw new Problem(
      "invalid_request",
      undefined,
      fieldFaults(parsed.error).map((fault) => ({ ...fault, field: `credentials.${fault.field}` })),
    );
  }
  const credentials = parsed.data;
  const publicFields = publicFieldsOf(processor, credentials);
  return { credentials, publicFields, variant: processor.variantOf(credentials) };
}

async function pointOfSaleOf(context: Context, principal: Principal, wanted: string | undefined) {
  const id = principal.pointOfSaleId ?? wanted;
  if (!id)
    throw new Problem("invalid_request", undefined, [
      { field: "point_of_sale_id", code: "required", message: "required" },
    ]);
  if (principal.pointOfSaleId && wanted && wanted !== principal.pointOfSaleId) throw new Problem("not_found");
  const rows = await context.db
    .select()
    .from(pointsOfSale)
    .where(and(eq(pointsOfSale.merchantId, principal.merchantId), eq(pointsOfSale.id, id)));
  const row = rows[0];
  if (!row) throw new Problem("not_found");
  return row;
}

/** Credentials were saved by somebody: a consent is asked for where one is needed, and the doctor has a look. */
async function afterSaving(house: Context, principal: Principal, row: Connection): Promise<void> {
  if (row.authorizationState === "wanted") {
    const person = await whoConsents(house, principal);
    if (person) await requestConsent(house, row, person);
  }
  // A program that connects knows when to check; a person sees what is wrong without asking.
  if (!principal.actor.startsWith("member:")) return;
  await orderExam(house, row);
  await house.wake({ kind: "due" });
}

export const connectionRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/processors",
      summary: "Processors that can be connected, with the fields of their forms",
      tags: ["Connections"],
      ...needs("connections:read"),
      responses: { 200: answer(z.object({ data: z.array(ProcessorSchema) }), "All processors."), ...problems },
    }),
    (c) =>
      c.json(
        {
          data: Object.values(processors).map(({ descriptor, authorization, listAccounts, registerNotifications }) => ({
            id: descriptor.id,
            name: descriptor.name,
            country: descriptor.country,
            maturity: descriptor.maturity,
            links: {
              home: descriptor.links.home,
              admin: descriptor.links.admin,
              admin_test: descriptor.links.adminTest,
              eligibility: descriptor.links.eligibility ?? null,
              apply: descriptor.links.apply ?? null,
              open_account: descriptor.links.openAccount ?? null,
            },
            options: (descriptor.options?.fields ?? []).map((field) => ({
              name: field.name,
              input: field.input,
              choices: field.choices ?? [],
              only_when: field.onlyWhen ?? null,
              needs_register: field.needsRegister ?? null,
            })),
            consent: authorization
              ? {
                  redirect_url: redirectUriOf(c.get("house")),
                  permissions: authorization.permissions.map(({ id, methods }) => ({ id, methods })),
                }
              : null,
            has_many_shops: descriptor.hasManyShops ?? false,
            has_accounts: listAccounts !== undefined,
            registers_notifications: registerNotifications !== undefined,
            variants: Object.entries(descriptor.variants).map(([id, variant]) => ({
              id,
              name: variant.name,
              check: variant.check,
              methods: variant.methods.map((method) => method.id),
              currencies: variant.currencies,
              can_refund: variant.refund.byApi,
              can_hold: variant.capture.manual,
              details_limit: variant.limits.descriptionLength,
              fields: variant.credentialFields.map(showField),
            })),
          })),
        },
        200,
      ),
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/connections",
      summary: "List connections, newest first",
      tags: ["Connections"],
      ...needs("connections:read"),
      request: {
        query: Page.extend({
          processor: z.string().max(40).optional(),
          point_of_sale_id: z.string().max(40).optional(),
        }),
      },
      responses: { 200: answer(pageOf(ConnectionSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { cursor, limit, processor, point_of_sale_id } = c.req.valid("query");
      const rows = await house.db
        .select()
        .from(connections)
        .where(
          and(
            within(house, c.get("principal"), "connection"),
            isNull(connections.archivedAt),
            processor ? eq(connections.processor, processor) : undefined,
            point_of_sale_id ? eq(connections.pointOfSaleId, point_of_sale_id) : undefined,
            cursor ? lt(connections.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(connections.id))
        .limit(limit + 1);
      const page = toPage(rows, limit, (row) => row);
      return c.json({ ...page, data: await Promise.all(page.data.map((row) => show(house, row))) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections",
      summary: "Connect a processor",
      description: "Credentials are sealed at once and never sent back.",
      tags: ["Connections"],
      ...creates("connections:write"),
      request: { headers: IdempotencyHeader, body: takes(NewConnection) },
      responses: { 201: answer(ConnectionSchema, "Connected; not live until a check has passed."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const body = c.req.valid("json");
      const processor = processorOf(body.processor);
      if (!processor)
        throw new Problem("invalid_request", undefined, [
          { field: "processor", code: "unknown_processor", message: "unknown_processor" },
        ]);
      const pointOfSale = await pointOfSaleOf(house, principal, body.point_of_sale_id);
      if (pointOfSale.isTest && body.environment === "live") {
        throw new Problem("invalid_request", undefined, [
          { field: "environment", code: "point_of_sale_in_test_mode", message: "point_of_sale_in_test_mode" },
        ]);
      }
      const { credentials, publicFields, variant } = parseCredentials(processor, body.credentials);
      const id = idFor(c, "connection");
      const made = isRepeat(c) ? await findConnection(house, principal.merchantId, id) : null;
      if (made) {
        // It was saved; what follows may not have been done.
        if (!(await openRequest(house, made))) await afterSaving(house, principal, made);
        return c.json(await show(house, made), 201);
      }
      const sealed = await sealCredentials(house, principal.merchantId, id, credentials);
      const rows = await house.db
        .insert(connections)
        .values({
          id,
          merchantId: principal.merchantId,
          pointOfSaleId: pointOfSale.id,
          processor: body.processor,
          variant,
          environment: body.environment,
          name: body.name ?? processor.descriptor.name,
          credentials: sealed.sealed,
          dataKeyId: sealed.dataKeyId,
          publicFields,
          accountReference: publicFields.signature ?? publicFields.shopId ?? null,
          status: "unverified",
          authorizationState: processor.authorization ? "wanted" : "not_needed",
          createdAt: house.now,
          updatedAt: house.now,
        })
        .returning();
      await audit(house, principal, "connection.created", id, {
        after: {
          processor: body.processor,
          environment: body.environment,
          ...publicFields,
        },
      });
      const row = rows[0];
      if (!row) throw new Problem("internal");
      await afterSaving(house, principal, row);
      await orderRegistration(house, row);
      return c.json(await show(house, row), 201);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/connections/{id}",
      summary: "Read a connection",
      tags: ["Connections"],
      ...needs("connections:read", "connection"),
      request: { params: Id },
      responses: { 200: answer(ConnectionSchema, "The connection."), ...problems },
    }),
    async (c) =>
      c.json(await show(c.get("house"), await mine(c.get("house"), c.get("principal"), c.req.valid("param").id)), 200),
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/connections/{id}",
      summary: "Replace credentials or the name",
      description: "A secret that is left out stays as it was.",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: {
        params: Id,
        body: takes(
          z.strictObject({
            name: z.string().trim().min(1, "required").max(80).optional(),
            credentials: z.record(z.string(), z.string().max(20_000)).optional(),
          }),
        ),
      },
      responses: { 200: answer(ConnectionSchema, "Changed; to be checked again."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const connection = await mine(house, principal, c.req.valid("param").id);
      const body = c.req.valid("json");
      const named: Partial<Connection> = body.name ? { name: body.name } : {};
      const typed = Object.fromEntries(
        Object.entries(body.credentials ?? {}).filter(([, value]) => value.trim() !== ""),
      );
      const row = body.credentials
        ? await rewriteCredentials(house, connection, (open) => {
            const stored = open.credentials as Record<string, unknown>;
            const { credentials, publicFields, variant } = parseCredentials(open.processor, { ...stored, ...typed });
            const isOther = Object.keys(typed).some(
              (name) => (credentials as Record<string, unknown>)[name] !== stored[name],
            );
            const isAnew = isOther && open.processor.authorization !== undefined;
            return {
              credentials,
              patch: {
                ...named,
                variant,
                ...(open.processor.listAccounts
                  ? {}
                  : { accountReference: publicFields.signature ?? publicFields.shopId ?? null }),
                // Another application at the processor: whoever owns it has to consent to it.
                ...(isAnew ? { authorizationState: "wanted" as const, permissions: null, accessExpiresAt: null } : {}),
                status: "unverified",
                lastCheck: null,
                diagnosis: null,
              },
            };
          })
        : (
            await house.db
              .update(connections)
              .set({ ...named, updatedAt: house.now })
              .where(and(eq(connections.merchantId, principal.merchantId), eq(connections.id, connection.id)))
              .returning()
          )[0];
      await audit(house, principal, "connection.updated", connection.id, {
        before: connection.publicFields,
        after: {
          ...(row?.publicFields ?? connection.publicFields),
          fields: Object.keys(body.credentials ?? {}),
        },
      });
      if (!row) throw new Problem("not_found");
      if (body.credentials) await afterSaving(house, principal, row);
      if (body.name) await orderRegistration(house, row);
      return c.json(await show(house, row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/connections/{id}",
      summary: "Disconnect; history and late notifications stay",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id },
      responses: { 204: { description: "Disconnected." }, ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const connection = await mine(house, principal, c.req.valid("param").id);
      await house.db
        .update(connections)
        .set({ archivedAt: house.now, updatedAt: house.now })
        .where(and(eq(connections.merchantId, principal.merchantId), eq(connections.id, connection.id)));
      await audit(house, principal, "connection.archived", connection.id);
      await orderRegistration(house, connection);
      return c.body(null, 204);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections/{id}/check",
      summary: "Check a connection without moving money",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id },
      responses: {
        200: answer(
          z.object({
            connection: ConnectionSchema,
            action: PayerActionSchema.nullable().openapi({ description: "A page for a person to look at." }),
          }),
          "What was found.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const connection = await mine(house, principal, c.req.valid("param").id);
      const { connection: row, action } = await examine(house, connection, true);
      await audit(house, principal, "connection.checked", connection.id, {
        before: { status: connection.status },
        after: { status: row.status },
      });
      const shown = action?.kind === "show_qr" ? { kind: action.kind, payload: action.payload } : action;
      return c.json({ connection: await show(house, row), action: shown ?? null }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections/{id}/page-seen",
      summary: "A person has seen the processor's page with its form",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id, body: takes(z.strictObject({ seen: z.boolean() })) },
      responses: { 200: answer(ConnectionSchema, "Recorded."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const connection = await mine(house, principal, c.req.valid("param").id);
      const { seen } = c.req.valid("json");
      const last = connection.lastCheck;
      if (
        !last?.steps.some((step) => step.outcome === "needs_person") ||
        last.steps.some((step) => step.outcome === "failed")
      ) {
        throw new Problem("conflict", "Run the check first.");
      }
      const steps = last.steps.map((step) =>
        step.outcome === "needs_person"
          ? { id: step.id, outcome: seen ? ("passed" as const) : ("failed" as const) }
          : step,
      );
      const rows = await house.db
        .update(connections)
        .set({
          lastCheck: { at: house.now.toISOString(), steps },
          status: seen ? "verified" : "waiting_for_approval",
          verifiedAt: seen ? house.now : null,
          updatedAt: house.now,
        })
        .where(and(eq(connections.merchantId, principal.merchantId), eq(connections.id, connection.id)))
        .returning();
      await audit(house, principal, "connection.page_seen", connection.id, {
        before: { status: connection.status },
        after: { status: seen ? "verified" : "waiting_for_approval" },
      });
      const row = rows[0];
      if (!row) throw new Problem("not_found");
      return c.json(await show(house, row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/points-of-sale/{id}/onboarding/{processor}",
      summary: "How far the opening of an account has come",
      tags: ["Connections"],
      ...needs("connections:read", "point_of_sale"),
      request: { params: Id.extend({ processor: z.string().max(40) }) },
      responses: {
        200: answer(z.object({ data: z.array(OnboardingStepSchema) }), "Every step in order."),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { id, processor } = c.req.valid("param");
      if (!processorOf(processor)) throw new Problem("not_found");
      const pointOfSale = await pointOfSaleOf(house, c.get("principal"), id);
      const rows = await house.db
        .select()
        .from(onboardingSteps)
        .where(
          and(
            eq(onboardingSteps.merchantId, pointOfSale.merchantId),
            eq(onboardingSteps.pointOfSaleId, pointOfSale.id),
            eq(onboardingSteps.processor, processor),
          ),
        );
      return c.json(
        {
          data: onboardingOf(processor).steps.map((step) =>
            showStep(
              house,
              processor,
              step,
              rows.find((row) => row.step === step),
            ),
          ),
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "put",
      path: "/points-of-sale/{id}/onboarding/{processor}/{step}",
      summary: "Mark a step begun, done or not done",
      tags: ["Connections"],
      ...needs("connections:write", "point_of_sale"),
      request: {
        params: Id.extend({ processor: z.string().max(40), step: z.enum(ALL_STEPS) }),
        body: takes(z.strictObject({ state: z.enum(["open", "started", "done"]) })),
      },
      responses: { 200: answer(OnboardingStepSchema, "Marked."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const principal = c.get("principal");
      const { id, processor, step } = c.req.valid("param");
      const { state } = c.req.valid("json");
      if (!onboardingOf(processor).steps.includes(step)) throw new Problem("not_found");
      const pointOfSale = await pointOfSaleOf(house, principal, id);
      const startedAt = state === "open" ? null : house.now;
      const doneAt = state === "done" ? house.now : null;
      const rows = await house.db
        .insert(onboardingSteps)
        .values({
          id: house.newId("onboarding"),
          merchantId: principal.merchantId,
          pointOfSaleId: pointOfSale.id,
          processor,
          step,
          startedAt,
          doneAt,
          doneBy: doneAt ? principal.actor : null,
        })
        .onConflictDoUpdate({
          target: [
            onboardingSteps.merchantId,
            onboardingSteps.pointOfSaleId,
            onboardingSteps.processor,
            onboardingSteps.step,
          ],
          set: state === "done" ? { doneAt, doneBy: principal.actor } : { startedAt, doneAt: null, doneBy: null },
        })
        .returning();
      return c.json(showStep(house, processor, step, rows[0]), 200);
    },
  );

function showStep(
  context: Context,
  processor: string,
  step: string,
  row: typeof onboardingSteps.$inferSelect | undefined,
) {
  return {
    step,
    is_wait: onboardingOf(processor).waits.has(step),
    started_at: row?.startedAt?.toISOString() ?? null,
    done_at: row?.doneAt?.toISOString() ?? null,
    is_overdue: row !== undefined && isOverdue(processor, row, context.now),
  };
}
