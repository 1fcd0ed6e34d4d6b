// /v1/audit: who changed what, from what to what. Entries hold no secret; what looks like one is hidden all the same.

import { and, desc, eq, lt } from "drizzle-orm";
import { auditEntries } from "../../db/schema/index.ts";
import { peopleOf } from "../merchants/people.ts";
import { scrub } from "../processors/scrub.ts";
import { within } from "./reach.ts";
import { answer, createRoute, makeRouter, needs, Page, pageOf, problems, toPage, z } from "./setting.ts";

/** Names that no entry should hold a value of. */
const NEVER = {
  fields: [
    ...["credentials", "secret", "secrets", "secretKey", "clientSecret", "webhookSecrets", "apiKey", "privateKey"],
    ...["certificate", "password", "token", "accessToken", "refreshToken", "key", "hash"],
  ],
  headers: ["authorization", "cookie"],
};

export const AuditEntrySchema = z
  .object({
    id: z.string(),
    at: z.iso.datetime(),
    actor: z.string().openapi({ description: "`member:<id>`, `api_key:<id>`, `payer`, `processor:<id>` or `system`." }),
    actor_name: z.string().nullable().openapi({ description: "Name of the member or of the key." }),
    action: z.string().openapi({ example: "invoice.updated" }),
    subject: z.string().openapi({ description: "Id of what was changed." }),
    before: z.unknown(),
    after: z.unknown(),
    request_id: z.string().nullable(),
  })
  .openapi("AuditEntry");

export const auditRoutes = makeRouter().openapi(
  createRoute({
    method: "get",
    path: "/audit",
    summary: "Who changed what, newest first",
    tags: ["Audit"],
    ...needs("audit:read"),
    request: {
      query: Page.extend({
        subject: z.string().max(64).optional().openapi({ description: "Id of an invoice, connection, key …" }),
      }),
    },
    responses: { 200: answer(pageOf(AuditEntrySchema), "A page."), ...problems },
  }),
  async (c) => {
    const house = c.get("house");
    const { cursor, limit, subject } = c.req.valid("query");
    const rows = await house.db
      .select()
      .from(auditEntries)
      .where(
        and(
          within(house, c.get("principal"), "audit"),
          subject ? eq(auditEntries.subject, subject) : undefined,
          cursor ? lt(auditEntries.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(auditEntries.id))
      .limit(limit + 1);
    const people = await peopleOf(
      house,
      c.get("principal").merchantId,
      rows.map((row) => row.actor),
    );
    return c.json(
      toPage(rows, limit, (row) => ({
        id: row.id,
        at: row.at.toISOString(),
        actor: row.actor,
        actor_name: people.get(row.actor)?.name ?? null,
        action: row.action,
        subject: row.subject,
        before: scrub(row.before ?? null, NEVER),
        after: scrub(row.after ?? null, NEVER),
        request_id: row.requestId,
      })),
      200,
    );
  },
);
