// /v1/merchant/money-rules: what happens with held money that nobody decides on, and above which sum a refund needs a
// second person.

import { eq } from "drizzle-orm";
import { HOLD_POLICIES, merchants } from "../../db/schema/index.ts";
import { audit } from "../merchants/audit.ts";
import { Problem } from "./problem.ts";
import { answer, createRoute, makeRouter, needs, problems, takes, z } from "./setting.ts";
import { Currency } from "./shapes.ts";

const MOST_CURRENCIES = 20;
const Sum = z.strictObject({ currency: Currency, over_minor: z.number().int().min(0).max(99_999_999_999) });

export const MoneyRulesSchema = z
  .object({
    hold_policy: z.enum(HOLD_POLICIES).openapi({
      description: "Carried out by the clock shortly before a hold ends; a connection may have its own.",
    }),
    refund_approval: z.array(Sum).openapi({
      description: "By currency: what a payment gives back above this sum waits for a second person.",
    }),
  })
  .openapi("MoneyRules");

const Patch = z
  .strictObject({
    hold_policy: z.enum(HOLD_POLICIES),
    refund_approval: z
      .array(Sum)
      .max(MOST_CURRENCIES)
      .refine((sums) => new Set(sums.map((one) => one.currency)).size === sums.length, "currency_twice"),
  })
  .partial()
  .openapi("MoneyRulesPatch");

type Row = typeof merchants.$inferSelect;

const show = (row: Row): z.infer<typeof MoneyRulesSchema> => ({
  hold_policy: row.holdPolicy,
  refund_approval: Object.entries(row.refundApproval)
    .map(([currency, over_minor]) => ({ currency, over_minor }))
    .sort((a, b) => a.currency.localeCompare(b.currency)),
});

export const moneyRuleRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/merchant/money-rules",
      summary: "Rules for held money and refunds",
      tags: ["Settings"],
      ...needs("settings:read"),
      responses: { 200: answer(MoneyRulesSchema, "As they stand."), ...problems },
    }),
    async (c) => {
      const [row] = await c
        .get("house")
        .db.select()
        .from(merchants)
        .where(eq(merchants.id, c.get("principal").merchantId));
      if (!row) throw new Problem("not_found");
      return c.json(show(row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "patch",
      path: "/merchant/money-rules",
      summary: "Change the rules for held money and refunds",
      tags: ["Settings"],
      ...needs("settings:write"),
      request: { body: takes(Patch) },
      responses: { 200: answer(MoneyRulesSchema, "Changed."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      // They are the company's, and a key could lift the very rule that holds it back.
      if (principal.role === null) throw new Problem("forbidden", "Only a member may change the rules for money.");
      const body = c.req.valid("json");
      const mine = eq(merchants.id, principal.merchantId);
      const [before] = await house.db.select().from(merchants).where(mine);
      if (!before) throw new Problem("not_found");
      const patch: Partial<Row> = {
        ...(body.hold_policy === undefined ? {} : { holdPolicy: body.hold_policy }),
        ...(body.refund_approval === undefined
          ? {}
          : { refundApproval: Object.fromEntries(body.refund_approval.map((one) => [one.currency, one.over_minor])) }),
      };
      if (Object.keys(patch).length === 0) return c.json(show(before), 200);
      const [changed] = await house.db.batch([
        house.db.update(merchants).set(patch).where(mine).returning(),
        audit(house, principal, "merchant.money_rules_updated", principal.merchantId, {
          before: { holdPolicy: before.holdPolicy, refundApproval: before.refundApproval },
          after: patch,
        }),
      ]);
      const row = changed[0];
      if (!row) throw new Problem("not_found");
      return c.json(show(row), 200);
    },
  );
