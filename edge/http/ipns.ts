// /v1/ipns: the inbox as staff see it, with raw content scrubbed and a replay; /v1/attention: what waits for a person.

import { and, asc, desc, eq, getTableColumns, isNull, lt } from "drizzle-orm";
import { attentionItems, ipns } from "../../db/schema/index.ts";
import { isWord } from "../../db/word.ts";
import { openRaw, replayIpn } from "../ipn/replay.ts";
import { audit } from "../merchants/audit.ts";
import { processorOf } from "../processors/registry.ts";
import { scrub } from "../processors/scrub.ts";
import { Problem } from "./problem.ts";
import { within } from "./reach.ts";
import { answer, createRoute, makeRouter, needs, Page, pageOf, problems, toPage, z } from "./setting.ts";
import { AttentionSchema, IpnSchema, IpnWithRaw } from "./shapes.ts";
import { showIpn } from "./show.ts";

/** A list shows what was read of each, not what came. */
const { sealed: _sealed, head: _head, ...LISTED } = getTableColumns(ipns);

const Id = z.object({ id: z.string().max(40) });

const showAttention = (row: typeof attentionItems.$inferSelect) => ({
  id: row.id,
  kind: row.kind,
  invoice_id: row.invoiceId,
  attempt_id: row.attemptId,
  ipn_id: row.ipnId,
  connection_id: row.connectionId,
  detail: row.detail,
  due_at: row.dueAt.toISOString(),
  created_at: row.createdAt.toISOString(),
  resolved_at: row.resolvedAt?.toISOString() ?? null,
});

export const ipnRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/ipns",
      summary: "Notifications that processors sent, newest first",
      tags: ["IPNs"],
      ...needs("ipns:read"),
      request: {
        query: Page.extend({
          connection_id: z.string().max(40).optional(),
          attempt_id: z.string().max(40).optional(),
          verdict: z.enum(["verified", "hint", "rejected"]).optional(),
          state: z.enum(["stored", "processed", "parked", "refused"]).optional(),
        }),
      },
      responses: { 200: answer(pageOf(IpnSchema), "A page."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const { cursor, limit, connection_id, attempt_id, verdict, state } = c.req.valid("query");
      const rows = await house.db
        .select(LISTED)
        .from(ipns)
        .where(
          and(
            within(house, c.get("principal"), "ipn"),
            connection_id ? eq(ipns.connectionId, connection_id) : undefined,
            attempt_id ? eq(ipns.attemptId, attempt_id) : undefined,
            verdict ? isWord(ipns.verdict, verdict) : undefined,
            state ? isWord(ipns.state, state) : undefined,
            cursor ? lt(ipns.id, cursor) : undefined,
          ),
        )
        .orderBy(desc(ipns.id))
        .limit(limit + 1);
      return c.json(toPage(rows, limit, showIpn), 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/ipns/{id}",
      summary: "One notification with its scrubbed content",
      tags: ["IPNs"],
      ...needs("ipns:read", "ipn"),
      request: { params: Id },
      responses: { 200: answer(IpnWithRaw, "The notification."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const rows = await house.db
        .select()
        .from(ipns)
        .where(and(eq(ipns.merchantId, c.get("principal").merchantId), eq(ipns.id, c.req.valid("param").id)));
      const row = rows[0];
      if (!row) throw new Problem("not_found");
      const raw = await openRaw(house, row);
      const rules = (row.processor ? processorOf(row.processor)?.descriptor.scrub : null) ?? {
        fields: [],
        headers: [],
      };
      return c.json(
        {
          ...showIpn(row),
          answer_body: row.answerBody,
          raw: raw
            ? {
                headers: scrub(Object.fromEntries(raw.headers), rules) as Record<string, string>,
                body: String(scrub(new TextDecoder().decode(raw.body), rules)),
              }
            : null,
        },
        200,
      );
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/ipns/{id}/replay",
      summary: "Verify and process a stored notification once more",
      tags: ["IPNs"],
      ...needs("ipns:write", "ipn"),
      request: { params: Id },
      responses: {
        200: answer(
          z.object({ outcome: z.enum(["processed", "parked", "nothing", "rejected"]), ipn: IpnSchema }),
          "What came of it.",
        ),
        ...problems,
      },
    }),
    async (c) => {
      const house = c.get("house");
      const { merchantId } = c.get("principal");
      const { id } = c.req.valid("param");
      const outcome = await replayIpn(house, merchantId, id);
      if (outcome === "not_found") throw new Problem("not_found");
      const [rows] = await house.db.batch([
        house.db
          .select()
          .from(ipns)
          .where(and(eq(ipns.merchantId, merchantId), eq(ipns.id, id))),
        audit(c.get("house"), c.get("principal"), "ipn.replayed", id, { after: { outcome } }),
      ]);
      const row = rows[0];
      if (!row) throw new Problem("not_found");
      return c.json({ outcome, ipn: showIpn(row) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "get",
      path: "/attention",
      summary: "What waits for a person, most urgent first",
      tags: ["Attention"],
      ...needs("payments:read"),
      responses: { 200: answer(z.object({ data: z.array(AttentionSchema) }), "Open items."), ...problems },
    }),
    async (c) => {
      const house = c.get("house");
      const rows = await house.db
        .select()
        .from(attentionItems)
        .where(and(within(house, c.get("principal"), "attention"), isNull(attentionItems.resolvedAt)))
        .orderBy(asc(attentionItems.dueAt))
        .limit(200);
      return c.json({ data: rows.map(showAttention) }, 200);
    },
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/attention/{id}/resolve",
      summary: "Mark as dealt with",
      tags: ["Attention"],
      ...needs("payments:write", "attention"),
      request: { params: Id },
      responses: { 200: answer(AttentionSchema, "Marked."), ...problems },
    }),
    async (c) => {
      const { db, now } = c.get("house");
      const { merchantId, actor } = c.get("principal");
      const rows = await db
        .update(attentionItems)
        .set({ resolvedAt: now, resolvedBy: actor })
        .where(and(eq(attentionItems.merchantId, merchantId), eq(attentionItems.id, c.req.valid("param").id)))
        .returning();
      const row = rows[0];
      if (!row) throw new Problem("not_found");
      return c.json(showAttention(row), 200);
    },
  );
