// Signing in and what a session may do: by the web Worker's own door only, as far as the member's role goes.

import { and, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { members, user } from "../../db/schema/index.ts";
import type { MemberRole } from "../../db/schema/merchants.ts";
import { type Planted, plantMember } from "../../db/seed/stories.ts";
import { makeContext } from "../context.ts";
import { newId } from "../ids.ts";
import { ROLE_SCOPES } from "../merchants/permissions.ts";
import { makeAuth } from "../merchants/sign-in.ts";
import { bodyFor, database, nameOf, operations, pathIn, signIn, type World, world } from "../testing/api-world.ts";
import { bindings, call, json, merchant } from "../testing/edge-under-test.ts";

let mine: World;
beforeAll(async () => {
  mine = await world();
});

let senders = 0;
/** An address of its own, so that no test uses up another's tries. */
const sender = () => `198.51.100.${++senders}`;

const attempt = (email: string, password: string, from = sender(), headers: Record<string, string> = {}) =>
  call("inside", "POST", "/api/auth/sign-in/email", {
    body: { email, password },
    headers: { origin: bindings.WEB_ORIGIN, "cf-connecting-ip": from, ...headers },
  });

const inside = (method: string, path: string, cookie: string, options: Parameters<typeof call>[3] = {}) =>
  call("inside", method, path, { ...options, headers: { cookie, ...options.headers } });

test("the right password makes a session in a cookie that scripts cannot read", async () => {
  const answer = await attempt(mine.ownerEmail, mine.ownerPassword);
  expect(answer.status).toBe(200);
  const cookies = answer.headers.getSetCookie();
  expect(cookies.length).toBeGreaterThan(0);
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^plata\.[a-z_]+=/);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\//i);
    expect(cookie).not.toMatch(/; Domain=/i);
  }
  expect(await answer.text()).not.toContain(mine.ownerPassword);
});

test("over https the cookie is __Host- and Secure, and only that name is a session", async () => {
  const https = { ...bindings, WEB_ORIGIN: "https://pay.plata.dev" };
  const auth = makeAuth(await makeContext(https));
  const answer = await auth.handler(
    new Request("https://pay.plata.dev/api/auth/sign-in/email", {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://pay.plata.dev" },
      body: JSON.stringify({ email: mine.ownerEmail, password: mine.ownerPassword }),
    }),
  );
  expect(answer.status).toBe(200);
  const cookies = answer.headers.getSetCookie();
  for (const cookie of cookies) {
    expect(cookie).toMatch(/^__Host-plata\.[a-z_]+=/);
    expect(cookie).toMatch(/; Secure/i);
    expect(cookie).toMatch(/; HttpOnly/i);
    expect(cookie).toMatch(/; SameSite=Lax/i);
    expect(cookie).toMatch(/; Path=\/(;|$)/i);
    expect(cookie).not.toMatch(/; Domain=/i);
  }
  const sent = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
  expect(await auth.api.getSession({ headers: new Headers({ cookie: sent }) })).not.toBeNull();
  expect(await auth.api.getSession({ headers: new Headers({ cookie: sent.replaceAll("__Host-", "") }) })).toBeNull();
});

test("a wrong password and an unknown address are answered alike", async () => {
  const wrong = await attempt(mine.ownerEmail, "not-the-password-at-all");
  const unknown = await attempt("nobody-at-all@demo.example", "not-the-password-at-all");
  expect([wrong.status, await wrong.text()]).toEqual([unknown.status, await unknown.text()]);
  expect(wrong.status).toBe(401);
  expect([...wrong.headers.getSetCookie(), ...unknown.headers.getSetCookie()]).toEqual([]);
  const names = (answer: Response) => [...answer.headers.keys()].filter((name) => name !== "x-request-id").sort();
  expect(names(wrong)).toEqual(names(unknown));
});

test("nobody signs up by themselves", async () => {
  const email = `${newId("member", new Date()).toLowerCase()}@demo.example`;
  const answer = await call("inside", "POST", "/api/auth/sign-up/email", {
    body: { email, password: "a-long-enough-password", name: "x" },
    headers: { origin: bindings.WEB_ORIGIN },
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(await database().$count(user, eq(user.email, email))).toBe(0);
});

test("another site cannot sign anybody in or out", async () => {
  const cookie = await signIn(mine, sender());
  const elsewhere = await attempt(mine.ownerEmail, mine.ownerPassword, sender(), {
    origin: "https://evil.example",
    cookie,
  });
  expect(elsewhere.status).toBe(403);
  const out = await inside("POST", "/api/auth/sign-out", cookie, { headers: { origin: "https://evil.example" } });
  expect(out.status).toBe(403);
  expect((await inside("GET", "/v1/me", cookie)).status).toBe(200);
});

test("a session counts at the inside door alone, until it is signed out", async () => {
  const cookie = await signIn(mine, sender());
  const me = await inside("GET", "/v1/me", cookie);
  expect(await me.json()).toMatchObject({
    actor: expect.stringMatching(/^member:mem_/),
    role: "owner",
    merchant: { id: mine.merchantId },
  });
  expect((await call("public", "GET", "/v1/me", { headers: { cookie } })).status).toBe(401);
  expect(
    (
      await call("public", "POST", "/api/auth/sign-in/email", {
        body: { email: mine.ownerEmail, password: mine.ownerPassword },
      })
    ).status,
  ).toBe(404);
  expect(
    (
      await inside(
        "GET",
        "/v1/me",
        cookie.replace(/=(.)/, (_, first: string) => `=${first === "a" ? "b" : "a"}`),
      )
    ).status,
  ).toBe(401);
  const out = await inside("POST", "/api/auth/sign-out", cookie, { headers: { origin: bindings.WEB_ORIGIN } });
  expect(out.status).toBe(200);
  expect((await inside("GET", "/v1/me", cookie)).status).toBe(401);
});

describe.each(Object.keys(ROLE_SCOPES) as MemberRole[])("a member who is %s", (role) => {
  test("may do what the role says, and nothing else", async () => {
    const who = {
      ownerEmail: `${role}-${mine.merchantId.toLowerCase()}@demo.example`,
      ownerPassword: "a-long-enough-password",
    };
    await plantMember(database(), {
      merchantId: mine.merchantId,
      email: who.ownerEmail,
      password: who.ownerPassword,
      role,
      now: new Date(),
    });
    const cookie = await signIn(who, sender());
    const me = (await (await inside("GET", "/v1/me", cookie)).json()) as { role: string; scopes: string[] };
    expect(me.role).toBe(role);
    expect(me.scopes.sort()).toEqual([...ROLE_SCOPES[role]].sort());
    for (const operation of operations) {
      const may = (ROLE_SCOPES[role] as readonly string[]).includes(operation.scope);
      // What may be done is asked about a row that is not there: it is the right that is looked at, not the work.
      const ids = may ? nobodys : mine.ids;
      if (may && !operation.path.includes("{id}")) continue;
      const answer = await inside(operation.method, pathIn(operation, ids), cookie, { body: bodyFor(operation, ids) });
      expect(answer.status, `${role} ${nameOf(operation)}`).toBe(may ? 404 : 403);
    }
    if (role === "viewer") expect(me.scopes.filter((scope) => scope.endsWith(":write"))).toEqual([]);
  });
});

const nobodys = new Proxy({} as World["ids"], { get: () => newId("invoice", new Date()) });

test("one who is a member of two merchants picks by header, and never a third", async () => {
  const [second, foreign]: Planted[] = await Promise.all([merchant({ name: "Second SRL" }), merchant()]);
  if (!second || !foreign) throw new Error("no merchants");
  const db = database();
  const [person] = await db.select().from(user).where(eq(user.email, mine.ownerEmail));
  if (!person) throw new Error("no owner");
  const memberId = newId("member", new Date());
  await db
    .insert(members)
    .values({ id: memberId, merchantId: second.merchantId, userId: person.id, role: "viewer", createdAt: new Date() });
  const cookie = await signIn(mine, sender());
  const me = async (wanted?: string) =>
    inside("GET", "/v1/me", cookie, { headers: wanted === undefined ? {} : { "x-merchant": wanted } });
  expect(await (await me(second.merchantId)).json()).toMatchObject({
    merchant: { id: second.merchantId },
    role: "viewer",
  });
  expect(await (await me(mine.merchantId)).json()).toMatchObject({ merchant: { id: mine.merchantId }, role: "owner" });
  expect((await me()).status).toBe(200);
  for (const wanted of [foreign.merchantId, "mer_nobody", "' or 1=1 --"])
    expect((await me(wanted)).status, wanted).toBe(401);
  const write = await inside("POST", `/v1/invoices/${mine.ids.invoice}/cancel`, cookie, {
    headers: { "x-merchant": second.merchantId },
  });
  expect(write.status).toBe(403);
  const read = await inside("GET", `/v1/invoices/${mine.ids.invoice}`, cookie, {
    headers: { "x-merchant": second.merchantId },
  });
  expect(read.status).toBe(404);
  await db
    .update(members)
    .set({ archivedAt: new Date() })
    .where(and(eq(members.merchantId, second.merchantId), eq(members.id, memberId)));
  expect((await me(second.merchantId)).status).toBe(401);
});

test("too many tries from one address are told to wait, and others are not", async () => {
  const from = sender();
  const statuses: number[] = [];
  let last = new Response();
  for (let i = 0; i < 50 && last.status !== 429; i++) {
    last = await attempt(mine.ownerEmail, `wrong-password-number-${i}`, from);
    statuses.push(last.status);
  }
  // Twenty a minute; twice as many when the minute ends in between.
  const tried = statuses.filter((status) => status === 401).length;
  expect(tried).toBeGreaterThanOrEqual(20);
  expect(tried).toBeLessThanOrEqual(40);
  expect(last.status).toBe(429);
  expect(last.headers.get("retry-after")).toBe("60");
  expect(last.headers.get("content-type")).toBe("application/problem+json");
  expect(await last.json()).toMatchObject({ code: "rate_limited" });
  expect((await attempt(mine.ownerEmail, mine.ownerPassword, from)).status).toBe(429);
  expect((await attempt(mine.ownerEmail, mine.ownerPassword)).status).toBe(200);
});

test("a body that is too large or no JSON is refused before anybody looks", async () => {
  const huge = await call("inside", "POST", "/api/auth/sign-in/email", {
    raw: JSON.stringify({ email: "a@demo.example", password: "x".repeat(70_000) }),
    headers: { "content-type": "application/json", origin: bindings.WEB_ORIGIN, "cf-connecting-ip": sender() },
  });
  expect(huge.status).toBe(413);
  for (const raw of [
    "{",
    "[]",
    "null",
    '{"email":{"$gt":""},"password":{"$gt":""}}',
    '{"email":"a\\u0000@demo.example","password":"x"}',
  ]) {
    const answer = await call("inside", "POST", "/api/auth/sign-in/email", {
      raw,
      headers: { "content-type": "application/json", origin: bindings.WEB_ORIGIN, "cf-connecting-ip": sender() },
    });
    expect(answer.status, raw).toBeGreaterThanOrEqual(400);
    expect(answer.status, raw).toBeLessThan(500);
  }
});

test("an API key is as good at the inside door, and a session does not lend it rights", async () => {
  const cookie = await signIn(mine, sender());
  const made = await json<{ key: string }>("public", "POST", "/v1/api-keys", {
    key: mine.apiKey,
    body: { name: "narrow", scopes: ["invoices:read"] },
  });
  expect((await inside("GET", "/v1/invoices", cookie, { key: made.key })).status).toBe(200);
  expect((await inside("GET", "/v1/payments", cookie, { key: made.key })).status).toBe(403);
  expect((await inside("GET", "/v1/payments", cookie, { key: "sk_test_wrong" })).status).toBe(401);
});
