// /v1/connections/{id}/…: what is decided for a connection beside its credentials, the accounts to choose from, consent,
// and telling the processor our notification address.

import { eq } from "drizzle-orm";
import { HOLD_POLICIES, merchants } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { registerOfShop } from "../fiscal/open-register.ts";
import { registerOf } from "../fiscal/registry.ts";
import { chosenAccount, isAccountGone, refreshAccounts, type StoredAccount } from "../merchants/accounts.ts";
import { audit } from "../merchants/audit.ts";
import { maskEmail, openRequest, RESEND_MS, requestConsent, whoConsents } from "../merchants/authorization.ts";
import { type Connection, openConnection } from "../merchants/connections.ts";
import { rewriteCredentials } from "../merchants/credentials.ts";
import { examine, notifyAddressOf } from "../merchants/doctor.ts";
import { checkOptions, hasExtra, type Known, missingFor, ONLY_METHOD_EXTRA, TRIAL_DAYS } from "../merchants/options.ts";
import type { Principal } from "../merchants/permissions.ts";
import { DETAIL_TAGS } from "../payments/details-text.ts";
import { makesReceipts, variantOf } from "../processors/abilities.ts";
import type { Fault } from "../processors/contract.ts";
import { processorOf } from "../processors/registry.ts";
import { mine, show } from "./connections.ts";
import { toEmail } from "./contact.ts";
import { Problem } from "./problem.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { ConnectionSchema } from "./shapes.ts";

const Id = z.object({ id: z.string().max(40) });
const moment = z.iso.datetime();

export const AccountSchema = z
  .object({
    id: z.string(),
    entity: z.object({ id: z.string(), name: z.string() }),
    name: z.string(),
    detail: z.string().nullable(),
    state: z.string().openapi({ description: "The processor's own word." }),
    is_usable: z.boolean(),
    methods: z.array(z.string()),
    has_register: z.boolean().nullable(),
  })
  .openapi("ConnectionAccount");

export const AccountsSchema = z.object({
  read_at: moment.nullable().openapi({ description: "When they were last read from the processor." }),
  account_id: z.string().nullable(),
  is_gone: z.boolean().openapi({ description: "The chosen one is no longer among them." }),
  data: z.array(AccountSchema),
});

const notifyEmail = z
  .string()
  .trim()
  .max(254)
  .nullable()
  .transform((text, context) => {
    if (!text) return null;
    const clean = toEmail(text);
    if (!clean) context.addIssue({ code: "custom", message: "bad_email" });
    return clean;
  })
  .openapi({ type: ["string", "null"], format: "email" });

const Patch = z
  .strictObject({
    options: z.record(z.string().max(60), z.union([z.string().max(500), z.boolean()])).openapi({
      description: "All of the processor's own options; see /v1/processors.",
    }),
    account_id: z.string().max(120),
    capture_mode: z.enum(["automatic", "manual"]),
    hold_policy: z
      .enum(HOLD_POLICIES)
      .nullable()
      .openapi({ description: "For held money that nobody decided on; null: as the merchant has it." }),
    only_method: z.string().max(40).nullable().openapi({ description: "Offer this method and nothing else." }),
    details_template: z
      .string()
      .max(500)
      .nullable()
      .openapi({ description: `Tags: ${DETAIL_TAGS.join(", ")}.` }),
    payer_note: z.string().max(1000).nullable(),
    notify_email: notifyEmail,
    notify_test: z.boolean(),
  })
  .partial()
  .openapi("ConnectionOptionsPatch");

export const OptionsSchema = z
  .object({
    options: z.record(z.string(), z.unknown()),
    account_id: z.string().nullable(),
    capture_mode: z.enum(["automatic", "manual"]),
    hold_policy: z.enum(HOLD_POLICIES).nullable(),
    hold_policies: z.array(z.enum(HOLD_POLICIES)).openapi({ description: "Those that this processor can carry out." }),
    only_method: z.string().nullable(),
    details_template: z.string().nullable(),
    payer_note: z.string().nullable(),
    notify_email: z.string().nullable(),
    notify_test: z.boolean(),
    methods: z
      .array(z.object({ id: z.string(), missing_permissions: z.array(z.string()), is_at_account: z.boolean() }))
      .openapi({ description: "What the processor knows, and what stands in the way of each." }),
    only_method_extra: z
      .object({
        is_unlocked: z.boolean(),
        until: moment.nullable(),
        trial_days: z.number().int().nullable(),
      })
      .openapi({
        description:
          "One method alone is an extra of the plan; a trial ends (or ended) at `until`. `trial_days`: of the trial that can still be begun.",
      }),
    detail_tags: z.array(z.string()),
  })
  .openapi("ConnectionOptions");

async function extrasOf(house: Context, principal: Principal) {
  const rows = await house.db
    .select({ extras: merchants.extras })
    .from(merchants)
    .where(eq(merchants.id, principal.merchantId));
  return rows[0]?.extras ?? {};
}

async function known(house: Context, principal: Principal, connection: Connection): Promise<Known> {
  const processor = processorOf(connection.processor);
  const variant = variantOf(connection.processor, connection.variant);
  if (!processor || !variant) throw new Problem("not_found");
  return {
    connection,
    descriptor: processor.descriptor,
    variant,
    authorization: processor.authorization,
    hasAccounts: processor.listAccounts !== undefined,
    extras: await extrasOf(house, principal),
    now: house.now,
  };
}

/** The field that says that the processor makes the receipts. */
function registerFieldOf({ options }: Known["descriptor"], values: Record<string, unknown>): string {
  const field = options?.fields.find(
    ({ name, needsRegister }) => needsRegister !== undefined && values[name] === needsRegister,
  );
  return field?.name ?? "fiscalisation";
}

function showOptions(facts: Known): z.infer<typeof OptionsSchema> {
  const { connection, variant, extras, now } = facts;
  const account = chosenAccount(connection);
  return {
    options: connection.options,
    account_id: connection.accountId,
    capture_mode: connection.captureMode,
    hold_policy: connection.holdPolicy,
    hold_policies: HOLD_POLICIES.filter(
      (one) => one === "ask" || (one === "capture" ? variant.capture.byApi : variant.void.byApi),
    ),
    only_method: connection.onlyMethod,
    details_template: connection.detailsTemplate,
    payer_note: connection.payerNote,
    notify_email: connection.notifyEmail,
    notify_test: connection.notifyTest,
    methods: variant.methods.map(({ id }) => ({
      id,
      missing_permissions: missingFor(facts, id),
      is_at_account: account?.methods.includes(id) ?? true,
    })),
    only_method_extra: {
      is_unlocked: hasExtra(extras, ONLY_METHOD_EXTRA, now),
      until: extras[ONLY_METHOD_EXTRA]?.until ?? null,
      trial_days: extras[ONLY_METHOD_EXTRA] ? null : TRIAL_DAYS,
    },
    detail_tags: [...DETAIL_TAGS],
  };
}

function showAccount(account: StoredAccount): z.infer<typeof AccountSchema> {
  return {
    id: account.id,
    entity: account.entity,
    name: account.name,
    detail: account.detail ?? null,
    state: account.state,
    is_usable: account.isUsable,
    methods: account.methods,
    has_register: account.hasRegister ?? null,
  };
}

function showAccounts(connection: Connection): z.infer<typeof AccountsSchema> {
  return {
    read_at: connection.accounts?.at ?? null,
    account_id: connection.accountId,
    is_gone: isAccountGone(connection),
    data: (connection.accounts?.accounts ?? []).map(showAccount),
  };
}

/** What an audit entry tells of a connection's options; none of it is a secret. */
const audited = (row: Connection) => ({
  options: row.options,
  accountId: row.accountId,
  captureMode: row.captureMode,
  holdPolicy: row.holdPolicy,
  onlyMethod: row.onlyMethod,
  detailsTemplate: row.detailsTemplate,
  payerNote: row.payerNote,
  notifyEmail: row.notifyEmail,
  notifyTest: row.notifyTest,
});

function refused(fault: Fault): Problem {
  const isRefusal = fault.kind === "rejected" || fault.kind === "bad_credentials" || fault.kind === "unsupported";
  return new Problem(isRefusal ? "processor_refused" : "processor_unreachable");
}

export const connectionOptionRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/connections/{id}/options",
      summary: "What is decided for a connection, and what can be",
      tags: ["Connections"],
      ...needs("connections:read", "connection"),
      request: { params: Id },
      responses: { 200: answer(OptionsSchema, "All of it."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const connection = await mine(house, principal, c.req.valid("param").id);
      return c.json(showOptions(await known(house, principal, connection)), 200);
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/connections/{id}/options",
      summary: "Decide options, account, capture, methods and texts of a connection",
      description: "What is left out stays as it is. Before a needed consent only texts and addresses can be decided.",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id, body: takes(Patch) },
      responses: { 200: answer(OptionsSchema, "Decided."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const before = await mine(house, principal, c.req.valid("param").id);
      const facts = await known(house, principal, before);
      const { faults, patch, account } = checkOptions(c.req.valid("json"), facts);
      if (patch.options && makesReceipts(before.processor, patch.options)) {
        // Both at once would make two receipts of one payment, and the tax would be owed twice.
        const register = await registerOfShop(house, principal.merchantId, before.pointOfSaleId);
        const chosen = registerFieldOf(facts.descriptor, patch.options);
        if (register) {
          const name = registerOf(register.service)?.descriptor.name ?? register.service;
          faults.push({
            field: `options.${chosen}`,
            code: "register_chosen",
            message: `Receipts are made by ${name}; remove it from the point of sale first, or choose No here.`,
          });
        }
      }
      if (faults.length > 0) throw new Problem("invalid_request", undefined, faults);
      const isOther = account !== undefined && account.id !== before.accountId;
      const row = await rewriteCredentials(house, before, (open) => ({
        credentials: isOther
          ? { ...(open.credentials as Record<string, unknown>), ...account.credentials }
          : open.credentials,
        patch: { ...patch, ...(isOther ? { accountId: account.id, accountReference: account.id } : {}) },
      }));
      if (!row) throw new Problem("not_found");
      await audit(house, principal, "connection.options_updated", row.id, {
        before: audited(before),
        after: audited(row),
      });
      if (row.onlyMethod !== before.onlyMethod) {
        await audit(house, principal, "connection.only_method_changed", row.id, {
          before: { onlyMethod: before.onlyMethod },
          after: { onlyMethod: row.onlyMethod },
        });
      }
      const examined = await examine(house, row, false);
      return c.json(showOptions({ ...facts, connection: examined.connection }), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/connections/{id}/accounts",
      summary: "Accounts (outlets of legal entities) to choose from, as they were last read",
      tags: ["Connections"],
      ...needs("connections:read", "connection"),
      request: { params: Id },
      responses: { 200: answer(AccountsSchema, "All of them."), ...problems },
    }),
    async (c) => {
      const connection = await mine(c.get("house"), c.get("principal"), c.req.valid("param").id);
      return c.json(showAccounts(connection), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections/{id}/accounts/refresh",
      summary: "Read the accounts from the processor again; the choice is kept",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id },
      responses: { 200: answer(AccountsSchema, "As they are now."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const connection = await mine(house, principal, c.req.valid("param").id);
      if (!processorOf(connection.processor)?.listAccounts) throw new Problem("conflict", "There are none to read.");
      if (connection.authorizationState === "wanted") throw new Problem("conflict", "The consent is still missing.");
      const refreshed = await refreshAccounts(house, connection);
      if (!refreshed.ok) throw refused(refreshed.error);
      return c.json(showAccounts(refreshed.value), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections/{id}/consent",
      summary: "Send the link for a person's consent (again)",
      description:
        "It goes to the sign-in address of the member who asks; for an API key, to the merchant's first owner.",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id },
      responses: {
        202: answer(z.object({ sent_to: z.string(), link_until: moment }), "Ordered; the address is masked."),
        ...problems,
      },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const connection = await mine(house, principal, c.req.valid("param").id);
      if (!processorOf(connection.processor)?.authorization) throw new Problem("conflict", "No consent is needed.");
      const person = await whoConsents(house, principal);
      if (!person) throw new Problem("conflict", "There is no person to ask.");
      const last = await openRequest(house, connection);
      const wait = last ? last.createdAt.getTime() + RESEND_MS - house.now.getTime() : 0;
      if (wait > 0 && last?.sentTo === person.email) {
        throw new Problem("rate_limited", undefined, [], { "retry-after": String(Math.ceil(wait / 1000)) });
      }
      const request = await requestConsent(house, connection, person);
      await audit(house, principal, "connection.consent_requested", connection.id);
      return c.json({ sent_to: maskEmail(request.sentTo), link_until: request.expiresAt.toISOString() }, 202);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/connections/{id}/notifications",
      summary: "Tell the processor where to send notifications",
      description: "An address that is not ours is replaced only when `replace` is true.",
      tags: ["Connections"],
      ...needs("connections:write", "connection"),
      request: { params: Id, body: takes(z.strictObject({ replace: z.boolean().default(false) })) },
      responses: {
        200: answer(
          z.object({
            outcome: z.enum(["registered", "already_registered", "other_address_kept"]),
            address: z.string().openapi({ description: "What stands there now." }),
            connection: ConnectionSchema,
          }),
          "Told.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const connection = await mine(house, principal, c.req.valid("param").id);
      const open = await openConnection(house, connection);
      const register = open.processor.registerNotifications;
      if (!register) throw new Problem("not_supported");
      const registered = await register(
        { address: notifyAddressOf(house, connection), replace: c.req.valid("json").replace },
        open.callWith(house.newId("request")),
      );
      if (!registered.ok) throw refused(registered.error);
      const { outcome, address, credentials } = registered.value;
      // A signing secret is told once: it is kept before anything else.
      const row = credentials
        ? await rewriteCredentials(house, open.connection, (stored) => ({
            credentials: { ...(stored.credentials as object), ...(credentials as object) },
          }))
        : open.connection;
      await audit(house, principal, "connection.notifications_registered", connection.id, {
        after: { outcome, address },
      });
      const examined = await examine(house, row ?? open.connection, false);
      return c.json({ outcome, address, connection: await show(house, examined.connection) }, 200);
    },
  );
