// /v1/refunds/{id}/…: what a person decides about a refund before it reaches the processor; and refunds entered by hand.

import { and, eq } from "drizzle-orm";
import { refunds } from "../../db/schema/index.ts";
import { audit } from "../merchants/audit.ts";
import type { Principal } from "../merchants/permissions.ts";
import {
  approveRefund,
  giveUpRefund,
  recordManualRefund,
  refuseRefund,
  retryRefund,
} from "../payments/refund-decisions.ts";
import type { RefundDecisionRefusal } from "../payments/refund-steps.ts";
import type { Refund } from "../payments/story.ts";
import type { Result } from "../result.ts";
import { invoiceOfAttempt, showRefundOf } from "./payments.ts";
import { Problem } from "./problem.ts";
import { reaches } from "./reach.ts";
import {
  answer,
  createRoute,
  creates,
  IdempotencyHeader,
  idFor,
  makeRouter,
  needs,
  problems,
  takes,
  z,
} from "./setting.ts";
import { Instant, RefundSchema } from "./shapes.ts";

const Id = z.object({ id: z.string().max(40) });
const note = z.string().trim().min(1, "required").max(200);

function orProblem(result: Result<Refund, RefundDecisionRefusal>): Refund {
  if (result.ok) return result.value;
  throw new Problem(result.error);
}

/** A second person is a person: a key has no eyes. */
function mustBeMember({ role }: Principal): void {
  if (role === null) throw new Problem("forbidden", "Only a member may decide on a refund.");
}

export const refundDecisionRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/refunds/{id}",
      summary: "Read a refund",
      tags: ["Refunds"],
      ...needs("payments:read", "refund"),
      request: { params: Id },
      responses: { 200: answer(RefundSchema, "The refund."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const [row] = await house.db
        .select()
        .from(refunds)
        .where(and(eq(refunds.merchantId, c.get("principal").merchantId), eq(refunds.id, c.req.valid("param").id)));
      if (!row) throw new Problem("not_found");
      return c.json(await showRefundOf(house, row), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds/{id}/approve",
      summary: "Allow a refund as the second person; it is then sent",
      description: "By a member other than the one who asked.",
      tags: ["Refunds"],
      ...needs("approvals:write", "refund"),
      request: { params: Id },
      responses: { 200: answer(RefundSchema, "Allowed."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      mustBeMember(principal);
      const { merchantId, actor } = principal;
      const result = await approveRefund(house, { merchantId, actor, refundId: c.req.valid("param").id });
      return c.json(await showRefundOf(house, orProblem(result)), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds/{id}/refuse",
      summary: "Refuse a refund as the second person, with a reason",
      tags: ["Refunds"],
      ...needs("approvals:write", "refund"),
      request: { params: Id, body: takes(z.strictObject({ note })) },
      responses: { 200: answer(RefundSchema, "Refused."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      mustBeMember(principal);
      const { merchantId, actor } = principal;
      const input = { merchantId, actor, refundId: c.req.valid("param").id, note: c.req.valid("json").note };
      return c.json(await showRefundOf(house, orProblem(await refuseRefund(house, input))), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds/{id}/give-up",
      summary: "Give up a refund that has not reached the processor",
      tags: ["Refunds"],
      ...needs("refunds:write", "refund"),
      request: { params: Id, body: takes(z.strictObject({ note: note.nullish() })) },
      responses: { 200: answer(RefundSchema, "Given up."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const input = { merchantId, actor, refundId: c.req.valid("param").id, note: c.req.valid("json").note ?? null };
      return c.json(await showRefundOf(house, orProblem(await giveUpRefund(house, input))), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds/{id}/retry",
      summary: "Try at once to send a refund that has not reached the processor",
      tags: ["Refunds"],
      ...needs("refunds:write", "refund"),
      request: { params: Id },
      responses: { 200: answer(RefundSchema, "It is tried now."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const refund = orProblem(await retryRefund(house, { merchantId, actor, refundId: c.req.valid("param").id }));
      await audit(house, c.get("principal"), "refund.retried", refund.id);
      return c.json(await showRefundOf(house, refund), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/refunds/manual",
      summary: "Enter money that was given back outside",
      description:
        "Booked at once and marked `manual`. The same sum told by the processor later is taken for this one.",
      tags: ["Refunds"],
      ...creates("refunds:write"),
      request: {
        headers: IdempotencyHeader,
        body: takes(
          z.strictObject({
            attempt_id: z.string().max(40),
            amount_minor: z.number().int().positive(),
            reason: z.string().trim().max(200).nullish(),
            reference: z.string().trim().max(80).nullish(),
            occurred_at: Instant.optional(),
          }),
        ),
      },
      responses: { 201: answer(RefundSchema, "Booked."), ...problems },
    }),
    async (c) => {
      const [house, principal] = [c.get("house"), c.get("principal")];
      const { merchantId, actor } = principal;
      const body = c.req.valid("json");
      if (!(await reaches(house, principal, "attempt", body.attempt_id))) throw new Problem("not_found");
      const result = await recordManualRefund(house, {
        merchantId,
        invoiceId: await invoiceOfAttempt(house, merchantId, body.attempt_id),
        attemptId: body.attempt_id,
        amountMinor: BigInt(body.amount_minor),
        reason: body.reason || null,
        reference: body.reference || null,
        occurredAt: body.occurred_at ? new Date(body.occurred_at) : house.now,
        actor,
        id: idFor(c, "refund"),
      });
      if (!result.ok) throw new Problem(result.error);
      return c.json(await showRefundOf(house, result.value), 201);
    },
  );
