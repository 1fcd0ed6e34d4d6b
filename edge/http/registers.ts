// /v1/registers and /v1/points-of-sale/{id}/register: the online cash register that makes a shop's fiscal receipts.

import { and, eq, isNull } from "drizzle-orm";
import { pointsOfSale, registers } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { Register } from "../fiscal/contract.ts";
import {
  CHOOSABLE_METHODS,
  choosableVats,
  isInForce,
  PAYMENT_OBJECTS,
  PLAIN_VATS,
  type PlainVat,
  TAX_SYSTEMS,
} from "../fiscal/law.ts";
import {
  type OpenRegister,
  openRegister,
  type RegisterRow,
  registerOfShop,
  sealRegister,
  shownOf,
} from "../fiscal/open-register.ts";
import { registerOf, registers as services } from "../fiscal/registry.ts";
import { audit } from "../merchants/audit.ts";
import { listConnections } from "../merchants/connections.ts";
import { RECEIPT_CURRENCY } from "../payments/start-steps.ts";
import { makesReceipts } from "../processors/abilities.ts";
import { fieldFaults, Problem } from "./problem.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { CredentialFieldSchema } from "./shapes.ts";
import { showField } from "./show.ts";

const Id = z.object({ id: z.string().max(40) });
const moment = z.iso.datetime();

export const ServiceSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    links: z.object({ home: z.string(), admin: z.string() }),
    currency: z.string().openapi({ description: "Money in another currency has no receipt." }),
    fields: z.array(CredentialFieldSchema),
    tax_systems: z.array(z.enum(TAX_SYSTEMS)),
    sends_tax_system: z.boolean().openapi({ description: "False: what is set in the service's own cabinet counts." }),
    vat_rates: z.array(z.string()),
    receipt_methods: z.array(z.enum(CHOOSABLE_METHODS)),
    receipt_objects: z.array(z.enum(PAYMENT_OBJECTS)),
  })
  .openapi("RegisterService");

export const RegisterSchema = z
  .object({
    id: z.string(),
    service: z.string(),
    public_fields: z.record(z.string(), z.string()),
    tax_system: z.enum(TAX_SYSTEMS),
    vat_rate: z.string(),
    receipt_method: z.enum(CHOOSABLE_METHODS),
    receipt_object: z.enum(PAYMENT_OBJECTS),
    last_check: z
      .object({
        at: moment,
        outcome: z.enum(["works", "register_off", "refused", "no_answer"]),
        text: z.string().nullable(),
      })
      .nullable(),
    created_at: moment,
  })
  .openapi("Register");

const NullableRegister = z.object({
  register: RegisterSchema.nullable(),
  receipts_by: z
    .object({ connection_id: z.string(), name: z.string() })
    .nullable()
    .openapi({ description: "A connection whose processor makes the receipts: then no register can be chosen." }),
});

export const RegisterBody = z
  .strictObject({
    service: z.string().max(40),
    credentials: z
      .record(z.string().max(60), z.string().max(20_000))
      .default({})
      .openapi({ description: "A secret that is left out stays as it was, as long as the account is the same." }),
    tax_system: z.enum(TAX_SYSTEMS, { error: "tax_system_unknown" }),
    vat_rate: z.enum(PLAIN_VATS as [PlainVat, ...PlainVat[]], { error: "vat_rate_unknown" }).openapi({
      description: "The plain rate; a prepayment is sent with the calculated one.",
    }),
    receipt_method: z.enum(CHOOSABLE_METHODS, { error: "receipt_method_unknown" }),
    receipt_object: z.enum(PAYMENT_OBJECTS, { error: "receipt_object_unknown" }),
  })
  .openapi("RegisterInput");

const fault = (field: string, code: string, message = code) =>
  new Problem("invalid_request", undefined, [{ field, code, message }]);

/** The connection of a shop whose processor makes the receipts; null when none does. */
async function bankReceiptsOf(house: Context, merchantId: string, pointOfSaleId: string) {
  const rows = await listConnections(house, merchantId, pointOfSaleId);
  return rows.find((row) => makesReceipts(row.processor, row.options)) ?? null;
}

function show(row: RegisterRow): z.infer<typeof RegisterSchema> {
  return {
    id: row.id,
    service: row.service,
    public_fields: row.publicFields,
    tax_system: row.taxSystem,
    vat_rate: row.vatRate,
    receipt_method: row.receiptMethod,
    receipt_object: row.receiptObject,
    last_check: row.lastCheck
      ? { at: row.lastCheck.at, outcome: row.lastCheck.outcome, text: row.lastCheck.text ?? null }
      : null,
    created_at: row.createdAt.toISOString(),
  };
}

/** Asks the service whether the credentials are right and the registers on, and keeps what it said. */
async function examine(house: Context, open: OpenRegister): Promise<RegisterRow> {
  const checked = await open.adapter.check(open.by);
  const at = house.now.toISOString();
  const isNoAnswer = !checked.ok && ["unreachable", "outcome_unknown", "rate_limited"].includes(checked.error.kind);
  const lastCheck = checked.ok
    ? { at, outcome: checked.value }
    : { at, outcome: isNoAnswer ? ("no_answer" as const) : ("refused" as const), text: checked.error.detail };
  const { merchantId, id } = open.row;
  const [row] = await house.db
    .update(registers)
    .set({ lastCheck })
    .where(and(eq(registers.merchantId, merchantId), eq(registers.id, id)))
    .returning();
  return row ?? open.row;
}

/** The typed credentials with stored secrets in the places that were left empty. */
async function credentialsOf(
  house: Context,
  adapter: Register,
  typed: Record<string, string>,
  before: RegisterRow | null,
): Promise<unknown> {
  const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value.trim() !== ""));
  const stored = before?.service === adapter.descriptor.id ? (await openRegister(house, before)).credentials : null;
  const isSame = Object.entries(given).every(
    ([name, value]) => !adapter.descriptor.publicFields.includes(name) || before?.publicFields[name] === value.trim(),
  );
  const whole = isSame && stored ? { ...(stored as object), ...given } : given;
  const parsed = adapter.descriptor.credentials.safeParse(whole);
  if (parsed.success) return parsed.data;
  throw new Problem(
    "invalid_request",
    undefined,
    fieldFaults(parsed.error).map((one) => ({ ...one, field: `credentials.${one.field}` })),
  );
}

const audited = (row: RegisterRow) => ({
  service: row.service,
  ...row.publicFields,
  taxSystem: row.taxSystem,
  vatRate: row.vatRate,
  receiptMethod: row.receiptMethod,
  receiptObject: row.receiptObject,
});

export const registerRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/registers",
      summary: "Online cash registers that can be chosen, with the fields of their forms",
      tags: ["Receipts"],
      ...needs("connections:read"),
      responses: { 200: answer(z.object({ data: z.array(ServiceSchema) }), "All of them."), ...problems },
    }),
    (c) => {
      const { now } = c.get("house");
      const vats = choosableVats(now);
      const data = Object.values(services).map(({ descriptor: one }) => ({
        id: one.id,
        name: one.name,
        links: one.links,
        currency: RECEIPT_CURRENCY,
        fields: one.credentialFields.map(showField),
        tax_systems: [...one.taxSystems],
        sends_tax_system: one.sendsTaxSystem,
        vat_rates: vats.filter((code) => one.vats.includes(code)),
        receipt_methods: CHOOSABLE_METHODS.filter((code) => one.methods.includes(code)),
        receipt_objects: PAYMENT_OBJECTS.filter((code) => one.objects.includes(code)),
      }));
      return c.json({ data }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/points-of-sale/{id}/register",
      summary: "Who makes a shop's fiscal receipts",
      tags: ["Receipts"],
      ...needs("connections:read", "point_of_sale"),
      request: { params: Id },
      responses: { 200: answer(NullableRegister, "The register, if one is chosen."), ...problems },
    }),
    async (c) => {
      const [house, { merchantId }, { id }] = [c.get("house"), c.get("principal"), c.req.valid("param")];
      const [row, bank] = await Promise.all([
        registerOfShop(house, merchantId, id),
        bankReceiptsOf(house, merchantId, id),
      ]);
      return c.json(
        { register: row && show(row), receipts_by: bank && { connection_id: bank.id, name: bank.name } },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "put",
      path: "/points-of-sale/{id}/register",
      summary: "Choose the online cash register that makes a shop's receipts",
      description:
        "For payments in roubles that are begun from now on. Refused while the processor of a connection makes the " +
        "receipts: one payment has one receipt. The service is asked at once whether the credentials are right.",
      tags: ["Receipts"],
      ...needs("connections:write", "point_of_sale"),
      request: { params: Id, body: takes(RegisterBody) },
      responses: { 200: answer(RegisterSchema, "Chosen."), ...problems },
    }),
    async (c) => {
      const [house, principal, { id: pointOfSaleId }] = [c.get("house"), c.get("principal"), c.req.valid("param")];
      const { merchantId } = principal;
      const body = c.req.valid("json");
      const adapter = registerOf(body.service);
      if (!adapter) throw fault("service", "unknown_service");
      const { descriptor } = adapter;
      const bank = await bankReceiptsOf(house, merchantId, pointOfSaleId);
      if (bank) {
        throw fault("service", "bank_makes_receipts", `Choose No for fiscalisation at ${bank.name} first.`);
      }
      if (!descriptor.taxSystems.includes(body.tax_system)) throw fault("tax_system", "not_at_service");
      if (!descriptor.vats.includes(body.vat_rate)) throw fault("vat_rate", "not_at_service");
      if (!isInForce(body.vat_rate, house.now)) throw fault("vat_rate", "vat_rate_not_in_force");
      if (!descriptor.methods.includes(body.receipt_method)) throw fault("receipt_method", "not_at_service");
      if (!descriptor.objects.includes(body.receipt_object)) throw fault("receipt_object", "not_at_service");
      const before = await registerOfShop(house, merchantId, pointOfSaleId);
      const credentials = await credentialsOf(house, adapter, body.credentials, before);
      const publicFields = shownOf(adapter, credentials);
      // Another account is another row: what the old one has taken is still asked of the old one.
      const isSameAccount =
        before?.service === body.service && JSON.stringify(before.publicFields) === JSON.stringify(publicFields);
      const id = isSameAccount ? before.id : house.newId("register");
      const sealed = await sealRegister(house, merchantId, id, credentials);
      const values = {
        service: body.service,
        credentials: sealed.sealed,
        dataKeyId: sealed.dataKeyId,
        publicFields,
        taxSystem: body.tax_system,
        vatRate: body.vat_rate,
        receiptMethod: body.receipt_method,
        receiptObject: body.receipt_object,
        lastCheck: null,
        updatedAt: house.now,
      };
      const { db, now } = house;
      const live = and(
        eq(registers.merchantId, merchantId),
        eq(registers.pointOfSaleId, pointOfSaleId),
        isNull(registers.archivedAt),
      );
      const written = isSameAccount
        ? db
            .update(registers)
            .set(values)
            .where(and(live, eq(registers.id, id)))
            .returning()
        : db
            .insert(registers)
            .values({ id, merchantId, pointOfSaleId, createdAt: now, ...values })
            .returning();
      const [, rows] = await db.batch([
        db
          .update(registers)
          .set({ archivedAt: isSameAccount ? null : now, updatedAt: now })
          .where(live),
        written,
        db
          .update(pointsOfSale)
          .set({ registerId: id })
          .where(and(eq(pointsOfSale.merchantId, merchantId), eq(pointsOfSale.id, pointOfSaleId))),
        audit(house, principal, "point_of_sale.register_chosen", pointOfSaleId, {
          before: before && audited(before),
          after: { ...publicFields, ...body, credentials: undefined },
        }),
      ]);
      const row = rows[0];
      if (!row) throw new Problem("conflict");
      return c.json(show(await examine(house, await openRegister(house, row))), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/points-of-sale/{id}/register/check",
      summary: "Ask the service whether the credentials are right and the registers on",
      tags: ["Receipts"],
      ...needs("connections:write", "point_of_sale"),
      request: { params: Id },
      responses: { 200: answer(RegisterSchema, "What it said."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const row = await registerOfShop(house, c.get("principal").merchantId, c.req.valid("param").id);
      if (!row) throw new Problem("not_found");
      return c.json(show(await examine(house, await openRegister(house, row))), 200);
    },
  )
  .openapi(
    createRoute({
      method: "delete",
      path: "/points-of-sale/{id}/register",
      summary: "Make no more receipts by the register",
      description: "Payments begun before keep theirs: they fail visibly and are sent once a register is chosen again.",
      tags: ["Receipts"],
      ...needs("connections:write", "point_of_sale"),
      request: { params: Id },
      responses: { 200: answer(NullableRegister, "None is chosen."), ...problems },
    }),
    async (c) => {
      const [house, principal, { id }] = [c.get("house"), c.get("principal"), c.req.valid("param")];
      const { db, now } = house;
      const before = await registerOfShop(house, principal.merchantId, id);
      await db.batch([
        db
          .update(registers)
          .set({ archivedAt: now, updatedAt: now })
          .where(
            and(
              eq(registers.merchantId, principal.merchantId),
              eq(registers.pointOfSaleId, id),
              isNull(registers.archivedAt),
            ),
          ),
        db
          .update(pointsOfSale)
          .set({ registerId: null })
          .where(and(eq(pointsOfSale.merchantId, principal.merchantId), eq(pointsOfSale.id, id))),
        audit(house, principal, "point_of_sale.register_removed", id, { before: before && audited(before) }),
      ]);
      const bank = await bankReceiptsOf(house, principal.merchantId, id);
      return c.json({ register: null, receipts_by: bank && { connection_id: bank.id, name: bank.name } }, 200);
    },
  );
