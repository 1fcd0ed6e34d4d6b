// Votes on help articles, reached through the web Worker's door only: no account is needed to say whether a text helped.

import { eq } from "drizzle-orm";
import { helpVotes } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { answer, createRoute, makeRouter, takes, z } from "./setting.ts";

const Article = z.object({ article: z.enum(["netopia"]) });
const Visitor = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);
const Counter = z.object({
  helpful: z.number().int(),
  total: z.number().int(),
  /** What this visitor said, if anything. */
  mine: z.boolean().nullable(),
});

async function count(context: Context, article: string, visitor: string | undefined): Promise<z.infer<typeof Counter>> {
  const rows = await context.db.select().from(helpVotes).where(eq(helpVotes.article, article));
  return {
    helpful: rows.filter((row) => row.isHelpful).length,
    total: rows.length,
    mine: rows.find((row) => row.visitor === visitor)?.isHelpful ?? null,
  };
}

export const helpRoutes = makeRouter()
  .openapi(
    createRoute({
      method: "get",
      path: "/help/{article}/votes",
      request: { params: Article, query: z.object({ visitor: Visitor.optional() }) },
      responses: { 200: answer(Counter, "How many found it helpful.") },
    }),
    async (c) => c.json(await count(c.get("house"), c.req.valid("param").article, c.req.valid("query").visitor), 200),
  )
  .openapi(
    createRoute({
      method: "post",
      path: "/help/{article}/votes",
      request: { params: Article, body: takes(z.strictObject({ visitor: Visitor, helpful: z.boolean() })) },
      responses: { 200: answer(Counter, "Counted once; a second vote replaces the first.") },
    }),
    async (c) => {
      const house = c.get("house");
      const { article } = c.req.valid("param");
      const { visitor, helpful } = c.req.valid("json");
      await house.db
        .insert(helpVotes)
        .values({ id: house.newId("helpVote"), article, visitor, isHelpful: helpful, votedAt: house.now })
        .onConflictDoUpdate({
          target: [helpVotes.article, helpVotes.visitor],
          set: { isHelpful: helpful, votedAt: house.now },
        });
      return c.json(await count(house, article, visitor), 200);
    },
  );
