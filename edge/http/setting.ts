// What every route of the API shares: types of its context, authentication by key or session, scopes, idempotency.

import { createRoute as describeRoute, OpenAPIHono, z } from "@hono/zod-openapi";
import { and, eq, isNull, lte, or, sql } from "drizzle-orm";
import type { Context as HonoContext, MiddlewareHandler } from "hono";
import { sqlState } from "../../db/client.ts";
import { apiKeys, idempotencyKeys, members } from "../../db/schema/index.ts";
import type { Context as House } from "../context.ts";
import type { Bindings } from "../env.ts";
import { ID_PREFIXES, type IdKind, sha256Hex } from "../ids.ts";
import { type Principal, ROLE_SCOPES, SCOPES, type Scope } from "../merchants/permissions.ts";
import { signedInUser } from "../merchants/sign-in.ts";
import { fieldFaults, Problem, ProblemSchema } from "./problem.ts";
import { type Reachable, reaches } from "./reach.ts";

export type AppEnv = {
  Bindings: Bindings;
  Variables: {
    house: House;
    principal: Principal;
    /** Came through the web Worker's own door. */
    isInside: boolean;
    /** What an Idempotency-Key stands for; absent without one. */
    reservation?: Reservation;
  };
};

/**
 * The ids of what a creating request makes are settled with its Idempotency-Key, before anything is made: whoever repeats
 * a request that died on the way finds the thing under its id, or makes it under that id once.
 */
export type Reservation = {
  idOf(kind: IdKind): string;
  /** A request before this one began and never answered: what it made may be there already. */
  isRepeat: boolean;
};

/** The id for the thing that a creating request makes. */
export function idFor(c: HonoContext<AppEnv>, kind: IdKind): string {
  return c.get("reservation")?.idOf(kind) ?? c.get("house").newId(kind);
}

/** Whether the thing may have been made by a request that died before it answered. */
export function isRepeat(c: HonoContext<AppEnv>): boolean {
  return c.get("reservation")?.isRepeat ?? false;
}

/** A router whose bad input becomes a problem that names the field. */
export function makeRouter() {
  return new OpenAPIHono<AppEnv>({
    defaultHook: (result) => {
      if (!result.success) throw new Problem("invalid_request", undefined, fieldFaults(result.error));
    },
  });
}

/** JSON of a schema as a documented answer. */
export function answer<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

const problem = (description: string) => ({
  description,
  content: { "application/problem+json": { schema: ProblemSchema } },
});

/** Problems that any secured route may answer. */
export const problems = {
  400: problem("A field cannot be used; `errors` names it."),
  401: problem("No key, or not a valid one."),
  403: problem("The key or role lacks the scope."),
  404: problem("Nothing here for you."),
  409: problem("Not in a state that allows this."),
};

/** JSON body of a request. */
export function takes<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/**
 * Lets only principals with the scope pass, and says so in the description of the API.
 * @param of what the `id` of the path is an id of: one that is not the principal's does not exist for it
 */
export function needs(scope: Scope, of?: Reachable) {
  const middleware: MiddlewareHandler<AppEnv> = async (c, next) => {
    const house = c.get("house");
    const principal = await authenticate(c.req.raw, house, c.get("isInside"));
    if (!principal) throw new Problem("unauthenticated", undefined, [], { "www-authenticate": "Bearer" });
    if (!principal.scopes.has(scope)) throw new Problem("forbidden", `This needs the scope ${scope}.`);
    c.set("principal", principal);
    refuseBadText({ ...c.req.query(), ...c.req.param() });
    if (of && !(await reaches(house, principal, of, c.req.param("id") ?? ""))) throw new Problem("not_found");
    await next();
  };
  return { security: [{ apiKey: [scope as string] }], middleware: [middleware] };
}

/** As `needs`, for a route that creates something: the same Idempotency-Key and body give the same answer. */
export function creates(scope: Scope, of?: Reachable) {
  const needed = needs(scope, of);
  return { security: needed.security, middleware: [...needed.middleware, oncePerKey] };
}

/** Describes a route; one that takes a body refuses, before its schema looks, what is no JSON that can be stored. */
export const createRoute: typeof describeRoute = (route) =>
  describeRoute(
    route.request?.body ? { ...route, middleware: [...[route.middleware ?? []].flat(), needsJson] } : route,
  );

const needsJson: MiddlewareHandler<AppEnv> = async (c, next) => {
  const type = c.req.header("content-type") ?? "";
  // Without this a body of another type would count as an empty one: a part would become the whole.
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(type)) throw new Problem("unsupported_media_type");
  let body: unknown;
  try {
    body = JSON.parse(await c.req.text());
  } catch {
    throw new Problem("invalid_request", "The body is not JSON.", [
      { field: "(body)", code: "not_json", message: "not_json" },
    ]);
  }
  refuseBadText(body);
  await next();
};

const DEEPEST = 12;

/** Refuses what no column can hold: NUL characters and halves of surrogate pairs; and what is nested beyond reason. */
function refuseBadText(value: unknown, path: string[] = []): void {
  const refuse = (code: string, field = path) => {
    throw new Problem("invalid_request", undefined, [{ field: field.join(".") || "(body)", code, message: code }]);
  };
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed())) refuse("bad_character");
  if (typeof value !== "object" || value === null) return;
  if (path.length >= DEEPEST) refuse("too_deep", path.slice(0, 1));
  for (const [key, inner] of Object.entries(value)) {
    if (key.includes("\0") || !key.isWellFormed()) refuse("bad_character");
    refuseBadText(inner, [...path, key]);
  }
}

const IdempotencyKey = z.string().min(8).max(128);

export const IdempotencyHeader = z.object({
  "idempotency-key": IdempotencyKey.optional().openapi({
    description: "Your promise that a repeat is the same request. Kept 48 hours.",
    example: "order-1042-try-1",
  }),
});

async function authenticate(request: Request, house: House, isInside: boolean): Promise<Principal | null> {
  const header = request.headers.get("authorization");
  if (header?.startsWith("Bearer ")) return byApiKey(house, header.slice(7).trim());
  // A browser's session counts only through the web Worker: the internet side of the edge takes keys alone.
  return isInside ? bySession(house, request.headers) : null;
}

async function byApiKey(house: House, key: string): Promise<Principal | null> {
  const [row] = await house.db
    .select()
    .from(apiKeys)
    .where(and(eq(apiKeys.hash, await sha256Hex(key)), isNull(apiKeys.revokedAt)));
  if (!row) return null;
  // To the minute only: a durable write for every request would cost more than most of them.
  if (!row.lastUsedAt || house.now.getTime() - row.lastUsedAt.getTime() > 60_000) {
    await house.db.update(apiKeys).set({ lastUsedAt: house.now }).where(eq(apiKeys.id, row.id));
  }
  const scopes = new Set(SCOPES.filter((scope) => row.scopes.includes(scope)));
  return {
    actor: `api_key:${row.id}`,
    merchantId: row.merchantId,
    pointOfSaleId: row.pointOfSaleId,
    scopes,
    role: null,
  };
}

async function bySession(house: House, headers: Headers): Promise<Principal | null> {
  const user = await signedInUser(house, headers);
  if (!user) return null;
  const wanted = headers.get("x-merchant");
  const rows = await house.db
    .select()
    .from(members)
    .where(
      and(eq(members.userId, user.id), isNull(members.archivedAt), wanted ? eq(members.merchantId, wanted) : sql`true`),
    )
    .orderBy(members.id)
    .limit(1);
  const member = rows[0];
  if (!member) return null;
  return {
    actor: `member:${member.id}`,
    merchantId: member.merchantId,
    pointOfSaleId: null,
    scopes: new Set(ROLE_SCOPES[member.role]),
    role: member.role,
  };
}

const KEEP_MS = 48 * 3600 * 1000;
/** Longer than any request lives: after it one without an answer has died, and a repeat may take its place. */
const LEASE_MS = 60_000;

const oncePerKey: MiddlewareHandler<AppEnv> = async (c, next) => {
  const key = c.req.header("idempotency-key");
  if (key === undefined) return next();
  const usable = IdempotencyKey.safeParse(key);
  if (!usable.success) {
    throw new Problem(
      "invalid_request",
      undefined,
      fieldFaults(usable.error).map((fault) => ({ ...fault, field: "Idempotency-Key" })),
    );
  }
  const { db, now, vault, newId } = c.get("house");
  const { merchantId, pointOfSaleId } = c.get("principal");
  const scope = pointOfSaleId ?? (await firstPointOfSale(c.get("house"), merchantId));
  const body = await c.req.text();
  // Whose reach it was asked with counts too: a key of a shop may not be answered with what a member was.
  const reach = pointOfSaleId ?? "merchant";
  const requestHash = await sha256Hex(`${reach} ${c.req.method} ${new URL(c.req.url).pathname}\n${body}`);
  let id = newId("idempotency");
  let repeats = false;
  const leasedUntil = new Date(now.getTime() + LEASE_MS);
  const mine = and(
    eq(idempotencyKeys.merchantId, merchantId),
    eq(idempotencyKeys.pointOfSaleId, scope),
    eq(idempotencyKeys.key, key),
  );
  try {
    await db.insert(idempotencyKeys).values({
      id,
      merchantId,
      pointOfSaleId: scope,
      key,
      requestHash,
      createdAt: now,
      leasedUntil,
      purgeAt: new Date(now.getTime() + KEEP_MS),
    });
  } catch (error) {
    if (sqlState(error) !== "23505") throw error;
    const rows = await db.select().from(idempotencyKeys).where(mine);
    const first = rows[0];
    if (!first || first.requestHash !== requestHash) throw new Problem("idempotency_conflict");
    if (!first.isDone || !first.answer || !first.dataKeyId || !first.status) {
      // One of those who come now takes the place of the one that died; the others wait for it.
      const taken = await db
        .update(idempotencyKeys)
        .set({ leasedUntil })
        .where(
          and(
            mine,
            eq(idempotencyKeys.isDone, false),
            or(isNull(idempotencyKeys.leasedUntil), lte(idempotencyKeys.leasedUntil, now)),
          ),
        )
        .returning({ id: idempotencyKeys.id });
      if (!taken[0]) throw new Problem("idempotency_running", undefined, [], { "retry-after": "1" });
      id = taken[0].id;
      repeats = true;
    } else {
      return replay(c.get("house"), merchantId, {
        id: first.id,
        status: first.status,
        sealed: { sealed: first.answer, dataKeyId: first.dataKeyId },
      });
    }
  }
  const suffix = id.slice(id.indexOf("_"));
  c.set("reservation", { idOf: (kind) => `${ID_PREFIXES[kind]}${suffix}`, isRepeat: repeats });
  const forget = () => db.delete(idempotencyKeys).where(mine);
  try {
    await next();
  } catch (error) {
    await forget();
    throw error;
  }
  // What broke on our side is no answer: nobody can say how far it came, so a repeat goes on with the same ids.
  if (c.res.status === 500) {
    await db.update(idempotencyKeys).set({ leasedUntil: now }).where(mine);
    return;
  }
  // A refusal is not kept: it created nothing, and the same request may succeed later.
  if (c.res.status >= 400) {
    await forget();
    return;
  }
  const saved = await c.res.clone().text();
  const sealed = await vault.seal(
    merchantId,
    JSON.stringify({ body: saved, type: c.res.headers.get("content-type") ?? "application/json" }),
    `idempotency_keys|${id}`,
  );
  await db
    .update(idempotencyKeys)
    .set({ status: c.res.status, answer: sealed.sealed, dataKeyId: sealed.dataKeyId, isDone: true })
    .where(mine);
};

/** The answer that the first request got. */
async function replay(
  { vault }: House,
  merchantId: string,
  first: { id: string; status: number; sealed: { sealed: string; dataKeyId: string } },
): Promise<Response> {
  const text = await vault.open(merchantId, first.sealed, `idempotency_keys|${first.id}`);
  const { body, type } = JSON.parse(text) as { body: string; type: string };
  return new Response(body, {
    status: first.status,
    headers: { "content-type": type, "idempotent-replay": "true" },
  });
}

async function firstPointOfSale(house: House, merchantId: string): Promise<string> {
  const row = await house.db.query.pointsOfSale.findFirst({
    columns: { id: true },
    where: (t, { eq: is }) => is(t.merchantId, merchantId),
    orderBy: (t, { asc }) => asc(t.id),
  });
  if (!row) throw new Problem("not_found");
  return row.id;
}

/** Cursor paging: newest first, below an id. */
export const Page = z.object({
  cursor: z.string().max(64).optional().openapi({ description: "`next_cursor` of the page before." }),
  limit: z.coerce.number().int().min(1).max(100).default(25),
});

/** A page of items with the cursor of the next one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() });
}

/** Cuts one row more than asked into a page. */
export function toPage<R extends { id: string }, T>(
  rows: R[],
  limit: number,
  show: (row: R) => T,
): { data: T[]; next_cursor: string | null } {
  const shown = rows.slice(0, limit);
  return { data: shown.map(show), next_cursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

export { z };
