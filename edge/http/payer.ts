// What the payer's page asks for and does. Reached only through the web Worker's own door; the link's token is the only right.

import { and, eq, isNull } from "drizzle-orm";
import { attempts } from "../../db/schema/index.ts";
import { LANGUAGES } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { mayBePaid } from "../crm/retailcrm/before-paying.ts";
import { log } from "../log.ts";
import { askForDate } from "../payments/ask-date.ts";
import { type LookCause, lookAtAttempt } from "../payments/look-at-attempt.ts";
import { startAttempt } from "../payments/start-attempt.ts";
import { refusalOf, type StartRefusal } from "../payments/start-steps.ts";
import { OPEN_ATTEMPT_STATES } from "../payments/states.ts";
import type { Attempt } from "../payments/story.ts";
import { keepForReturn, makeHandOver, noteOpened, noteOpenedByOwn, returnLink } from "./hand-overs.ts";
import { findByToken, offeredMethods, PayerView, versionByToken, view } from "./payer-view.ts";
import { Problem } from "./problem.ts";
import { RefundTicket, refundTicket } from "./refund-ticket.ts";
import { answer, createRoute, makeRouter, takes, z } from "./setting.ts";
import { Contact, PayerActionSchema } from "./shapes.ts";

const Token = z.object({ token: z.string().regex(/^[A-Za-z0-9_-]{16,40}$/) });
const StartBody = Contact.extend({
  connection_id: z.string().max(40),
  method: z.string().max(20),
  locale: z.enum(LANGUAGES),
  /** The payer knows of an open payment elsewhere and goes on. */
  is_warned: z.boolean().default(false),
});

function refused(why: StartRefusal): Problem {
  if (why !== "email_needed") return new Problem(why);
  return new Problem("invalid_request", undefined, [
    { field: "email", code: "needed_for_receipt", message: "needed_for_receipt" },
  ]);
}

/** Asks about an attempt. What keeps it from being asked about is for us to see, and hides nothing from the payer. */
function look(context: Context, { merchantId, id }: Attempt, cause?: LookCause): Promise<unknown> {
  return lookAtAttempt(context, merchantId, id, cause).catch((error) =>
    log("error", "look failed", { attemptId: id, error }),
  );
}

async function limit(context: Context, token: string): Promise<void> {
  const { success } = await context.env.PAYER_LIMIT.limit({ key: token });
  if (!success) throw new Problem("rate_limited", undefined, [], { "retry-after": "60" });
}

export const payerRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/payer/{token}",
      request: { params: Token },
      responses: { 200: answer(PayerView, "What the page shows.") },
    }),
    async (c) => {
      const house = c.get("house");
      const found = await findByToken(house, c.req.valid("param").token);
      const shown = await view(house, found);
      const last = found.story.attempts.at(-1);
      // A code is scanned elsewhere: nothing comes back here but the processor's word, so an open page asks for it.
      if (shown.state === "scan" && last) {
        c.executionCtx.waitUntil(look(house, last, "aside").then(() => house.wakeIfOrdered()));
      }
      return c.json(shown, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/payer/{token}/refunds/{refund}",
      request: { params: Token.extend({ refund: z.string().max(40) }) },
      responses: { 200: answer(RefundTicket, "How far a refund has come.") },
    }),
    async (c) => {
      const house = c.get("house");
      const { token, refund } = c.req.valid("param");
      return c.json(await refundTicket(house, await findByToken(house, token), refund), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/payer/{token}/returned",
      request: { params: Token, body: takes(z.object({ attempt_id: z.string().max(40) })) },
      responses: {
        200: answer(
          PayerView.extend({ return_link: z.string().optional() }),
          "What the page shows now that the browser is back; the link where it belongs, when that is another one.",
        ),
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { token } = c.req.valid("param");
      const found = await findByToken(house, token);
      const attempt = found.story.attempts.find((a) => a.id === c.req.valid("json").attempt_id);
      // Coming back proves nothing; it only makes us look. Once: a reload of the page does not call the processor again.
      if (attempt && !attempt.returnedAt && !found.handOver) {
        await limit(house, token);
        const elsewhere = await returnLink(house, found.story.invoice, attempt.id);
        if (elsewhere) return c.json({ ...(await view(house, found)), return_link: elsewhere }, 200);
      }
      if (attempt && !attempt.returnedAt && OPEN_ATTEMPT_STATES.includes(attempt.state)) {
        await house.db
          .update(attempts)
          .set({ returnedAt: house.now })
          .where(
            and(eq(attempts.merchantId, attempt.merchantId), eq(attempts.id, attempt.id), isNull(attempts.returnedAt)),
          );
        await look(house, attempt);
        return c.json(await view(house, await findByToken(house, token)), 200);
      }
      return c.json(await view(house, found), 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/payer/{token}/attempts",
      request: { params: Token, body: takes(StartBody) },
      responses: {
        200: answer(
          z.object({ attempt_id: z.string(), action: PayerActionSchema, resumed: z.boolean() }),
          "What to do next.",
        ),
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { token } = c.req.valid("param");
      await limit(house, token);
      const found = await findByToken(house, token);
      const { story, merchant, pointOfSale } = found;
      const body = c.req.valid("json");
      const chosen = (await offeredMethods(house, found)).find(
        ({ connection, method }) => connection.id === body.connection_id && method === body.method,
      );
      const refusal = chosen ? null : (refusalOf(story, house.now) ?? "method_not_offered");
      if (refusal || !chosen) throw refused(refusal ?? "method_not_offered");
      const { connection } = chosen;
      const { invoice } = story;
      if (connection.captureMode === "automatic" && !(await mayBePaid(house, invoice)))
        throw refused("invoice_cancelled");
      // Whom it was handed over to says who they are, or nobody does: the processor's page shows what we send.
      const known = found.handOver ? null : invoice;
      const email = body.email ?? known?.payerEmail;
      const phone = body.phone ?? known?.payerPhone;
      if (found.handOver) await keepForReturn(house, found.handOver);
      const started = await startAttempt(house, {
        merchantId: invoice.merchantId,
        invoiceId: invoice.id,
        connection,
        method: body.method,
        payer: {
          ...(known ? { name: known.payerName } : {}),
          ...(email ? { email } : {}),
          ...(phone ? { phone } : {}),
          ...(known?.payerAddress ? { address: known.payerAddress } : {}),
        },
        linkToken: token,
        locale: body.locale,
        startedBy: "payer",
        names: { shop: pointOfSale.name, merchant: merchant.name },
        isWarned: body.is_warned,
      });
      if (!started.ok) throw refused(started.error);
      const { action, attemptId, resumed } = started.value;
      if (found.handOver) await noteOpened(house, found.handOver, attemptId);
      else if (resumed) await noteOpenedByOwn(house, invoice.merchantId, attemptId);
      const shown = action.kind === "show_qr" ? { kind: action.kind, payload: action.payload } : action;
      return c.json({ attempt_id: attemptId, action: shown, resumed }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/payer/{token}/date-requests",
      request: { params: Token },
      responses: { 200: answer(PayerView, "What the page shows now that a new date was asked for.") },
    }),
    async (c) => {
      const house = c.get("house");
      const { token } = c.req.valid("param");
      await limit(house, token);
      await askForDate(house, (await findByToken(house, token)).story);
      return c.json(await view(house, await findByToken(house, token)), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/payer/{token}/version",
      request: { params: Token },
      responses: {
        200: answer(
          z.object({ version: z.number().int() }),
          "Grows with every change of the invoice and its money: what an open page asks for most of the time.",
        ),
      },
    }),
    async (c) => c.json({ version: await versionByToken(c.get("house"), c.req.valid("param").token) }, 200),
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/payer/{token}/hand-overs",
      request: { params: Token },
      responses: {
        200: answer(
          z.object({ view: PayerView, link: z.string(), expires_at: z.string() }),
          "A short-lived link to the same invoice, and what the page shows.",
        ),
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { token } = c.req.valid("param");
      await limit(house, token);
      const found = await findByToken(house, token);
      // Else it could be handed on for ever.
      if (found.handOver) throw new Problem("not_found");
      const handOver = await makeHandOver(house, found.story.invoice);
      return c.json(
        {
          view: await view(house, found),
          link: `${house.env.WEB_ORIGIN}/i/${handOver.token}`,
          expires_at: handOver.expiresAt.toISOString(),
        },
        200,
      );
    },
  );
