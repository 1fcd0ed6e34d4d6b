// Consent at a processor from the saved form to an access that keeps itself alive, against the simulator's bank.

import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { authorizationRequests, connections } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { findConnection } from "../merchants/connections.ts";
import { renewAccess, renewDueAccess } from "../merchants/renew-access.ts";
import { database, signIn } from "../testing/api-world.ts";
import { bindings, call, json, merchant, runDue, sandbox } from "../testing/edge-under-test.ts";
import {
  answerBank,
  as,
  comeBack,
  companiesOf,
  connectedTochka,
  consent,
  follow,
  mailsTo,
  newestLink,
  redirectUrl,
  type Saved,
  savedTochka,
} from "../testing/tochka-under-test.ts";

type Shown = {
  status: string;
  public_fields: Record<string, string>;
  consent: { state: string; sent_to: string | null; missing: string[]; access_until: string | null } | null;
  diagnosis: { findings: { code: string; facts: Record<string, string>; next: { kind: string; to: string } }[] } | null;
};

const read = (saved: Saved) =>
  json<Shown>("public", "GET", `/v1/connections/${saved.connectionId}`, { key: saved.apiKey });
const row = async (saved: Saved) => {
  const [found] = await database().select().from(connections).where(eq(connections.id, saved.connectionId));
  if (!found) throw new Error("no connection");
  return found;
};
const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });
const linkState = async (token: string) =>
  (await json<{ state: string }>("inside", "GET", `/consent/links/${token}`)).state;

test("[C23] [N03] the mail goes to the sign-in address of who saved; its link is unguessable, serves once and expires", async () => {
  const saved = await savedTochka();
  const token = await newestLink(saved.ownerEmail);
  const [mail, ...more] = await mailsTo(saved.ownerEmail);
  expect(more).toEqual([]);
  expect(mail?.to).toEqual([saved.ownerEmail]);
  expect(mail?.text).toContain(`${bindings.WEB_ORIGIN}/oauth/open/${token}`);
  expect(mail?.html).toContain(`${bindings.WEB_ORIGIN}/oauth/open/${token}`);
  expect(token.length).toBeGreaterThanOrEqual(40);
  // It is kept as a hash alone.
  const requests = await database()
    .select()
    .from(authorizationRequests)
    .where(eq(authorizationRequests.connectionId, saved.connectionId));
  expect(JSON.stringify(requests)).not.toContain(token);

  const form = await follow(token);
  expect(form.searchParams.get("redirect_uri")).toBe(redirectUrl());
  expect(form.searchParams.get("state")?.length).toBeGreaterThanOrEqual(40);
  // Opened again it leads on with another state; only the newest one is good.
  const again = await follow(token);
  expect(again.searchParams.get("state")).not.toBe(form.searchParams.get("state"));
  const old = await answerBank(form, "save", { companies: companiesOf(saved.bank) });
  expect((await comeBack(old, saved.cookie)).outcome).toBe("unknown_state");
  const back = await answerBank(again, "save", { companies: companiesOf(saved.bank) });
  expect(await comeBack(back, saved.cookie)).toMatchObject({ outcome: "granted", is_signed_in: true });
  expect(await linkState(token)).toBe("used");
  expect((await call("inside", "POST", `/consent/links/${token}/follow`)).status).toBe(409);
  // The same return once more finds nothing.
  expect((await comeBack(back, saved.cookie)).outcome).toBe("unknown_state");
  expect(await linkState("A".repeat(44))).toBe("unknown");
});

test("a wrong state, somebody else's session, a refusal and a bad code give no access", async () => {
  const saved = await savedTochka();
  const token = await newestLink(saved.ownerEmail);
  const form = await follow(token);
  const back = await answerBank(form, "save", { companies: companiesOf(saved.bank) });
  const wrong = new URL(back);
  wrong.searchParams.set("state", "A".repeat(44));
  expect((await comeBack(wrong, saved.cookie)).outcome).toBe("unknown_state");
  const stranger = await merchant();
  const cookie = await signIn(stranger, "192.0.2.251");
  expect(await comeBack(back, cookie)).toEqual({
    outcome: "other_merchant",
    connection_id: null,
    processor: null,
    is_signed_in: true,
  });
  expect((await read(saved)).consent?.state).toBe("wanted");
  const bad = new URL(back);
  bad.searchParams.set("code", "not-a-code");
  expect((await comeBack(bad)).outcome).toBe("failed");

  const other = await savedTochka();
  const refused = await answerBank(await follow(await newestLink(other.ownerEmail)), "refuse", { companies: [] });
  expect(refused.searchParams.get("error")).toBe("access_denied");
  expect((await comeBack(refused, other.cookie)).outcome).toBe("refused");
  expect((await read(other)).consent?.state).toBe("wanted");
  // Without a session the state alone is the right.
  const third = await savedTochka();
  const alone = await answerBank(await follow(await newestLink(third.ownerEmail)), "save", {
    companies: companiesOf(third.bank),
  });
  expect(await comeBack(alone)).toMatchObject({ outcome: "granted", is_signed_in: false });
});

test("the link can be sent again, but not at once; the address is shown masked", async () => {
  const saved = await savedTochka();
  const shown = await read(saved);
  expect(shown.consent?.sent_to).toMatch(/^.•+.@demo\.example$/);
  expect(shown.consent?.sent_to).not.toBe(saved.ownerEmail);
  const again = () =>
    call("inside", "POST", `/v1/connections/${saved.connectionId}/consent`, { headers: as(saved.cookie) });
  const early = await again();
  expect(early.status).toBe(429);
  expect(Number(early.headers.get("retry-after"))).toBeGreaterThan(0);
  // On its way and written down: what is still being delivered after a minute is delivered again.
  await newestLink(saved.ownerEmail);
  await runDue();
  await advance(61);
  expect((await again()).status).toBe(202);
  const arrived = async () => {
    await runDue();
    return (await mailsTo(saved.ownerEmail)).length;
  };
  await expect.poll(arrived, { timeout: 20_000 }).toBe(2);
  const mails = await mailsTo(saved.ownerEmail);
  // Both links are open until one of them has served.
  const tokens = mails.map(({ text }) => /\/oauth\/open\/([\w-]+)/.exec(text)?.[1] ?? "");
  expect(await Promise.all(tokens.map(linkState))).toEqual(["open", "open"]);
  await comeBack(
    await answerBank(await follow(tokens[0] ?? ""), "save", { companies: companiesOf(saved.bank) }),
    saved.cookie,
  );
  expect(await Promise.all(tokens.map(linkState))).toEqual(["used", "used"]);
});

test("[C24] a permission that was not ticked is named, and the connection does not go live", async () => {
  const saved = await savedTochka();
  expect((await consent(saved, ["MakeAcquiringOperation"])).outcome).toBe("incomplete");
  expect((await read(saved)).consent).toMatchObject({ state: "granted", missing: ["MakeAcquiringOperation"] });
  const { connection } = await json<{ connection: Shown }>(
    "public",
    "POST",
    `/v1/connections/${saved.connectionId}/check`,
    { key: saved.apiKey },
  );
  expect(connection.status).toBe("unverified");
  expect(connection.diagnosis?.findings).toContainEqual(
    expect.objectContaining({ code: "permission_missing", facts: { permissions: "MakeAcquiringOperation" } }),
  );
});

test("[C20] the secret is stored sealed, never shown, and replaced without typing the id again", async () => {
  const saved = await connectedTochka();
  const before = await row(saved);
  expect(JSON.stringify(before)).not.toContain(saved.client.clientSecret);
  const text = await (
    await call("public", "GET", `/v1/connections/${saved.connectionId}`, { key: saved.apiKey })
  ).text();
  expect(text).not.toContain(saved.client.clientSecret);
  expect(JSON.parse(text)).toMatchObject({ public_fields: { clientId: saved.client.clientId } });
  await json("inside", "PATCH", `/v1/connections/${saved.connectionId}`, {
    headers: as(saved.cookie),
    body: { credentials: { clientSecret: "another-secret-of-the-application" } },
  });
  const after = await read(saved);
  expect(after.public_fields.clientId).toBe(saved.client.clientId);
  // Another secret is another application, as far as anybody can tell: somebody has to consent to it.
  expect(after.consent?.state).toBe("wanted");
  // What was stored already, sent again, changes nothing.
  const same = await connectedTochka();
  await json("inside", "PATCH", `/v1/connections/${same.connectionId}`, {
    headers: as(same.cookie),
    body: { credentials: { clientId: same.client.clientId, clientSecret: same.client.clientSecret } },
  });
  expect((await read(same)).consent?.state).toBe("granted");
});

test("the access is renewed ten minutes before its end, and by one alone when many want to", async () => {
  const saved = await connectedTochka();
  const before = await row(saved);
  const soon = await makeContext(bindings);
  expect(before.accessExpiresAt?.getTime()).toBeGreaterThan(soon.now.getTime() + 23 * 3600_000);
  try {
    await advance(23 * 3600 + 55 * 60);
    const contexts = await Promise.all(Array.from({ length: 5 }, () => makeContext(bindings)));
    const rows = await Promise.all(contexts.map((context) => renewAccess(context, before)));
    expect(new Set(rows.map((one) => one.credentials)).size).toBe(1);
    const after = await row(saved);
    expect(after.credentials).not.toBe(before.credentials);
    expect(after).toMatchObject({ authorizationState: "granted", renewLeaseUntil: null });
    // The pair that came is the living one: it can be renewed again, by the clock.
    await advance(23 * 3600 + 55 * 60);
    expect(await renewDueAccess(await makeContext(bindings))).toBeGreaterThan(0);
    const third = await row(saved);
    expect(third.authorizationState).toBe("granted");
    expect(third.credentials).not.toBe(after.credentials);
    const check = await json<{ connection: Shown }>("public", "POST", `/v1/connections/${saved.connectionId}/check`, {
      key: saved.apiKey,
    });
    expect(check.connection.status).toBe("verified");
  } finally {
    await sandbox("POST", "/clock", { reset: true });
  }
});

test("[C31] an access that has run out is renewed before the next call; a refusal raises an alert, a mail and 'lapsed'", async () => {
  const saved = await connectedTochka();
  const before = await row(saved);
  try {
    await advance(25 * 3600);
    const refreshed = await call("public", "POST", `/v1/connections/${saved.connectionId}/accounts/refresh`, {
      key: saved.apiKey,
    });
    expect(refreshed.status).toBe(200);
    expect((await row(saved)).credentials).not.toBe(before.credentials);

    await sandbox("POST", `/control/tochka/clients/${saved.client.clientId}/expire-tokens`, { refresh: true });
    await advance(24 * 3600);
    const context = await makeContext(bindings);
    await renewDueAccess(context);
    const lapsed = await row(saved);
    expect(lapsed.authorizationState).toBe("lapsed");
    const { data } = await json<{ data: { kind: string; connection_id: string | null }[] }>(
      "public",
      "GET",
      "/v1/attention",
      { key: saved.apiKey },
    );
    expect(data.filter(({ kind }) => kind === "access_lapsed")).toHaveLength(1);
    const told = async () => {
      await runDue();
      const link = `/integrations/tochka?connection=${saved.connectionId}`;
      return (await mailsTo(saved.ownerEmail)).filter(({ text }) => text.includes(link)).length;
    };
    await expect.poll(told, { timeout: 20_000 }).toBe(1);
    expect(await told()).toBe(1);
    // It is not asked again and again.
    const found = await findConnection(context, saved.merchantId, saved.connectionId);
    expect(found && (await renewAccess(context, found)).authorizationState).toBe("lapsed");

    // A person consents again: everything is as before, and the alert is over.
    await json("inside", "POST", `/v1/connections/${saved.connectionId}/consent`, { headers: as(saved.cookie) });
    expect((await consent(saved)).outcome).toBe("granted");
    expect((await row(saved)).accountId).toBe(before.accountId);
    const open = await json<{ data: { kind: string }[] }>("public", "GET", "/v1/attention", { key: saved.apiKey });
    expect(open.data.filter(({ kind }) => kind === "access_lapsed")).toEqual([]);
  } finally {
    await sandbox("POST", "/clock", { reset: true });
  }
});

test("a renewal that nobody answers is tried again and keeps the access", async () => {
  const saved = await connectedTochka();
  await sandbox("POST", "/control/tochka/faults", {
    fault: "api_503",
    client: saved.client.clientId,
    operation: "token",
    next: 1,
  });
  const context = await makeContext(bindings);
  const after = await renewAccess(context, await row(saved));
  expect(after).toMatchObject({ authorizationState: "granted", renewLeaseUntil: null });
  expect((await renewAccess(context, after)).credentials).not.toBe(after.credentials);
});

// Last of all: a delivery that began while the clock stood ahead goes on with that time for a moment.
test("a link works for a day", async () => {
  const late = await savedTochka();
  const token = await newestLink(late.ownerEmail);
  try {
    await advance(24 * 3600 + 1);
    expect(await linkState(token)).toBe("expired");
  } finally {
    await advance(-(24 * 3600 + 1));
  }
  expect(await linkState(token)).toBe("open");
});
