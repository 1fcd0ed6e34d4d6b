// Notifications that nobody honest sends: broken, too large, foreign, forged, repeated, for nobody. They change nothing,
// are kept with their verdict, are answered as the protocol wants, and never block the genuine one.

import { and, desc, eq } from "drizzle-orm";
import { beforeAll, describe, expect, test } from "vitest";
import { attentionItems, ipns } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { newId, sha256Hex } from "../ids.ts";
import { deliverDue } from "../outbox/deliver-due.ts";
import { anotherShop, database } from "../testing/api-world.ts";
import {
  type Account,
  type BuiltIpn,
  bindings,
  buildIpn,
  type Connected,
  call,
  connect,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  readAttempts,
  readInvoice,
  type StartedShape,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";
import { processIpn } from "./process.ts";

type Scene = { shop: Connected; owed: InvoiceShape; started: StartedShape; genuine: BuiltIpn };
const PROTOCOLS = ["v1", "v2"] as const;
type Protocol = (typeof PROTOCOLS)[number];

/** An order that waits to be paid, and the processor's notification that it was. */
async function scene(protocol: Protocol, shop?: Connected, isPaid = true): Promise<Scene> {
  const at = shop ?? (await connected(protocol));
  const owed = await invoice(at);
  const started = await start(at, owed);
  if (protocol === "v1") {
    await fetch(started.action.url, {
      method: "POST",
      body: new URLSearchParams(started.action.fields ?? {}),
      redirect: "manual",
    });
  } else if (isPaid) {
    await sandbox("POST", `/control/netopia/payments/${started.attempt_id}/act`, { action: "status", status: 3 });
  }
  return { shop: at, owed, started, genuine: await paidIpn(protocol, started) };
}

const paidIpn = (protocol: Protocol, started: StartedShape, more: Record<string, unknown> = {}) =>
  buildIpn(started.attempt_id, { ...(protocol === "v1" ? { action: "confirmed" } : { status: 3 }), ...more });

/** Everything of an invoice's story that a payer or the merchant could see. */
async function storyOf({ shop, owed }: Scene) {
  const get = <T>(path: string) => json<T>("public", "GET", path, { key: shop.apiKey });
  return {
    invoice: await readInvoice(shop, owed.id),
    attempts: (await readAttempts(shop, owed.id)).map(({ id, state, captured, tries, processor_reference }) => ({
      id,
      state,
      captured,
      tries,
      processor_reference,
    })),
    events: await get(`/v1/invoices/${owed.id}/events`),
    payments: await get(`/v1/payments?invoice_id=${owed.id}`),
    refunds: await get("/v1/refunds"),
  };
}

/** The newest notification that the inbox keeps of a connection. */
async function newestIpn(connectionId: string) {
  const rows = await database()
    .select()
    .from(ipns)
    .where(eq(ipns.connectionId, connectionId))
    .orderBy(desc(ipns.id))
    .limit(1);
  return rows[0];
}

const ipnsOf = (connectionId: string) => database().select().from(ipns).where(eq(ipns.connectionId, connectionId));

/** What the processor takes from an answer: stored, again later, or stop. */
async function meaningOf(protocol: Protocol, answer: Response): Promise<"stored" | "retry" | "stop" | string> {
  expect(answer.status).toBeLessThan(500);
  const text = await answer.text();
  if (answer.status !== 200) return `http ${answer.status}`;
  if (protocol === "v1") {
    expect(answer.headers.get("content-type")).toContain("xml");
    const type =
      /^<\?xml version="1\.0" encoding="utf-8"\?><crc(?: error_type="([12])" error_code="\d+")?>[^<]+<\/crc>$/.exec(
        text,
      );
    expect(type, text).not.toBeNull();
    return type?.[1] === "1" ? "retry" : type?.[1] === "2" ? "stop" : "stored";
  }
  const body = JSON.parse(text) as { errorType: number; errorCode: number };
  expect(body.errorType === 0, text).toBe(body.errorCode === 0);
  return (["stored", "retry", "stop"] as const)[body.errorType] ?? text;
}

const bytes = (text: string) => new TextEncoder().encode(text);
const pathOf = (ipn: BuiltIpn) => new URL(ipn.url).pathname;

describe.each(PROTOCOLS)("%s", (protocol) => {
  let at: Scene;
  beforeAll(async () => {
    at = await scene(protocol);
  });

  const form = { "content-type": "application/x-www-form-urlencoded" };
  test.each([
    ["an empty POST", "POST", {}, "", "stop"],
    ["a GET", "GET", {}, null, "stop"],
    ["a HEAD", "HEAD", {}, null, null],
    ["a PUT of something", "PUT", form, "env_key=a&data=b", "stop"],
    ["a form of something else", "POST", form, "hello=world", "stop"],
    ["text", "POST", { "content-type": "text/plain" }, "hello", "stop"],
    ["half a JSON", "POST", { "content-type": "application/json" }, '{"order":', "stop"],
    ["bytes", "POST", { "content-type": "application/octet-stream" }, "\u0000\u0001\ud800", "stop"],
  ] as const)("%s is no notification", async (_what, method, headers, body, wanted) => {
    const before = await storyOf(at);
    const known = (await ipnsOf(at.shop.connectionId)).length;
    const answer = await call("public", method, pathOf(at.genuine), {
      headers,
      ...(body === null ? {} : { raw: bytes(body) }),
    });
    if (wanted) expect(await meaningOf(protocol, answer)).toBe(wanted);
    expect(answer.status).toBeLessThan(500);
    expect(await storyOf(at)).toEqual(before);
    expect((await ipnsOf(at.shop.connectionId)).length).toBe(known + 1);
    expect(await newestIpn(at.shop.connectionId)).toMatchObject({
      verdict: "rejected",
      state: "refused",
      reason: "not_a_notification",
      nextTryAt: null,
    });
  });

  const faults =
    protocol === "v1"
      ? [
          "tampered_data",
          "tampered_iv",
          "tampered_env_key",
          "truncated_base64",
          "cipher_unknown",
          "iv_missing",
          "not_xml",
          "doctype",
          "wrong_key",
        ]
      : [
          "tampered_body",
          "reserialised_body",
          "tampered_signature",
          "token_of_other_body",
          "other_issuer",
          "other_audience",
          "alg_none",
          "alg_hs512",
          "alg_rs256",
          "missing_header",
          "two_parts",
          "malformed_json",
          "wrong_key",
        ];
  test.each(faults)("%s: kept as rejected, told to come again, nothing changed", async (fault) => {
    const before = await storyOf(at);
    const broken = await paidIpn(protocol, at.started, { faults: [fault] });
    expect(await meaningOf(protocol, await deliverIpn(broken))).toBe("retry");
    expect(await storyOf(at)).toEqual(before);
    expect(await newestIpn(at.shop.connectionId)).toMatchObject({
      verdict: "rejected",
      state: "refused",
      reason: expect.stringMatching(/^[a-z0-9_]+$/),
      sealed: expect.stringMatching(/^v1\./),
    });
  });

  test("more than 64 kB is kept as size, hash and first kilobyte, and not read", async () => {
    const before = await storyOf(at);
    const body = new Uint8Array(64 * 1024 + 1).fill(65);
    const answer = await call("public", "POST", pathOf(at.genuine), { raw: body, headers: form });
    // "Later", or "stop" where even its form is not that of a notification; never "stored", never a 5xx.
    expect(["retry", "stop"]).toContain(await meaningOf(protocol, answer));
    expect(await newestIpn(at.shop.connectionId)).toMatchObject({
      verdict: "rejected",
      reason: "too_large",
      sealed: null,
      head: btoa("A".repeat(1024)),
      answerStatus: 200,
    });
    expect(await storyOf(at)).toEqual(before);
  });

  test("the genuine one is taken after all that, once, however often it comes", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => deliverIpn(at.genuine)));
    for (const answer of answers) expect(await meaningOf(protocol, answer)).toBe("stored");
    const paid = await storyOf(at);
    expect(paid.invoice).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await meaningOf(protocol, await deliverIpn(at.genuine))).toBe("stored");
    expect(await storyOf(at)).toEqual(paid);
    expect((await ipnsOf(at.shop.connectionId)).filter(({ verdict }) => verdict !== "rejected")).toHaveLength(1);
    expect((paid.payments as { data: unknown[] }).data).toHaveLength(1);
  });

  test("a forged copy with the same key, stored first, does not block the genuine one", async () => {
    const mine = await scene(protocol, at.shop);
    if (protocol === "v1") {
      // Sealing needs only a public key: the same content at an address with another secret, and with none.
      const guessed = `${pathOf(mine.genuine).split("/").slice(0, -1).join("/")}/${"A".repeat(43)}`;
      for (const path of [guessed, `/ipn/${at.shop.connectionId}`]) {
        expect(await meaningOf(protocol, await deliverIpn(mine.genuine, { url: `http://edge${path}` }))).toBe("stored");
        expect(await newestIpn(at.shop.connectionId)).toMatchObject({
          verdict: "hint",
          state: "processed",
          reason: expect.any(String),
        });
      }
    } else {
      expect(
        await meaningOf(
          protocol,
          await deliverIpn(mine.genuine, { headers: { "verification-token": "eyJhbGciOiJub25lIn0.e30." } }),
        ),
      ).toBe("retry");
    }
    expect(await readInvoice(at.shop, mine.owed.id)).toMatchObject({ state: "open", paid: { minor: 0 } });
    expect(await meaningOf(protocol, await deliverIpn(mine.genuine))).toBe("stored");
    expect(await readInvoice(at.shop, mine.owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
  });

  test("another merchant's notification, and another point of sale's, are not ours", async () => {
    const mine = await scene(protocol, at.shop);
    const theirs = await scene(protocol);
    const second = await anotherShop(at.shop);
    const beside: Connected = { ...at.shop, ...second, ...(await connect({ ...at.shop, ...second }, protocol)) };
    const hers = await scene(protocol, beside);
    const before = [await storyOf(mine), await storyOf(theirs), await storyOf(hers)];
    const addressOf = (to: Scene) => `http://edge${pathOf(to.genuine)}`;
    for (const foreign of [theirs, hers]) {
      expect(await meaningOf(protocol, await deliverIpn(foreign.genuine, { url: addressOf(mine) }))).toBe("retry");
      expect(await newestIpn(at.shop.connectionId)).toMatchObject({
        verdict: "rejected",
        merchantId: at.shop.merchantId,
      });
      expect(await meaningOf(protocol, await deliverIpn(mine.genuine, { url: addressOf(foreign) }))).toBe("retry");
    }
    expect([await storyOf(mine), await storyOf(theirs), await storyOf(hers)]).toEqual(before);
    for (const one of [mine, theirs, hers]) {
      await deliverIpn(one.genuine);
      expect(await readInvoice(one.shop, one.owed.id)).toMatchObject({ state: "paid" });
    }
  });

  // In v2 the currency of the order cannot be told from outside; a foreign currency of the money is the core's to judge.
  const misfits = ["unknown_order", "other_amount", ...(protocol === "v1" ? ["other_currency"] : [])];
  test.each(misfits)("%s: parked for a person, tried again on the schedule, nothing changed", async (fault) => {
    const mine = await scene(protocol, at.shop, false);
    const before = await storyOf(mine);
    expect(
      await meaningOf(protocol, await deliverIpn(await paidIpn(protocol, mine.started, { faults: [fault] }))),
    ).toBe("stored");
    const first = await newestIpn(at.shop.connectionId);
    if (!first?.nextTryAt) throw new Error("not parked");
    expect(first).toMatchObject({
      state: "parked",
      tries: 1,
      reason: fault === "unknown_order" ? "unknown_attempt" : "amount_differs",
    });
    expect(first.nextTryAt.getTime() - first.receivedAt.getTime()).toBeLessThan(61_000);
    const context = await makeContext(bindings);
    if (fault === "unknown_order") {
      await deliverDue({ ...context, now: new Date(first.nextTryAt.getTime() - 1) });
      expect(await newestIpn(at.shop.connectionId)).toMatchObject({ tries: 1 });
    }
    const pauses: number[] = [];
    let now = first.nextTryAt;
    for (let next: Date | null = now; next; ) {
      now = next;
      expect(await processIpn({ ...context, now }, first.id)).toBe("parked");
      const again: typeof first | undefined = (await ipnsOf(at.shop.connectionId)).find(({ id }) => id === first.id);
      next = again?.nextTryAt ?? null;
      if (next) pauses.push(Math.round((next.getTime() - now.getTime()) / 60_000));
    }
    expect(pauses).toEqual([5, 15, 60, 240, 720]);
    const items = await database()
      .select()
      .from(attentionItems)
      .where(and(eq(attentionItems.merchantId, at.shop.merchantId), eq(attentionItems.ipnId, first.id)));
    expect(items).toMatchObject([{ kind: "notification_parked", resolvedAt: null, detail: { reason: first.reason } }]);
    expect(await storyOf(mine)).toEqual(before);
  });
});

test("for nobody: any address, kept as size, hash and first kilobyte", async () => {
  const stranger = newId("connection", new Date());
  for (const path of [
    `/ipn/${stranger}`,
    `/ipn/${stranger}/att_1/secret`,
    "/ipn/%00",
    "/ipn/con_%ED%A0%80",
    `/ipn/${"x".repeat(4000)}`,
    "/ipn/'--",
  ]) {
    for (const size of [0, 10, 70_000]) {
      const body = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
      const sent = size > 65_536 ? new Uint8Array([...body, ...new Uint8Array(size - 65_536)]) : body;
      const answer = await call("public", "POST", path, { raw: sent });
      expect(answer.status, path).toBe(404);
      const kept = sent.subarray(0, 65_536);
      const rows = await database()
        .select()
        .from(ipns)
        .where(eq(ipns.sha256, await sha256Hex(kept)))
        .orderBy(desc(ipns.id))
        .limit(1);
      expect(rows).toMatchObject([
        {
          merchantId: null,
          connectionId: null,
          verdict: "rejected",
          reason: "unknown_address",
          state: "refused",
          sealed: null,
          sizeBytes: kept.length,
          head: btoa(String.fromCharCode(...kept.subarray(0, 1024))),
        },
      ]);
      expect(rows[0]?.path).not.toContain("secret");
    }
  }
});

test("a signed message with characters that no column holds is stored all the same", async () => {
  const mine = await scene("v2");
  const body = JSON.parse(atob(mine.genuine.bodyBase64)) as { payment: Record<string, unknown> };
  const odd = await sandbox<BuiltIpn>("POST", "/control/netopia/ipn", {
    protocol: "v2",
    signature: mine.shop.account.signature,
    body: JSON.stringify({ ...body, payment: { ...body.payment, message: "a\u0000b\ud800c", code: "\u0000" } }),
    url: mine.genuine.url,
    deliver: false,
  });
  expect(await meaningOf("v2", await deliverIpn(odd))).toBe("stored");
  expect(await newestIpn(mine.shop.connectionId)).toMatchObject({ verdict: "verified", state: "processed" });
  await deliverIpn(mine.genuine);
  expect(await readInvoice(mine.shop, mine.owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
});

describe("replay after a repaired key", () => {
  const otherAccount = () => sandbox<Account>("POST", "/control/netopia/points-of-sale", { keyBits: 1024 });
  const repair = (shop: Connected, credentials: Record<string, string>) =>
    json("public", "PATCH", `/v1/connections/${shop.connectionId}`, { key: shop.apiKey, body: { credentials } });
  const replay = (shop: Connected, id: string) =>
    json<{ outcome: string; ipn: { verdict: string; reason: string | null } }>(
      "public",
      "POST",
      `/v1/ipns/${id}/replay`,
      { key: shop.apiKey },
    );

  test("v1: a wrong private key, repaired: the kept notification pays the invoice, once", async () => {
    const mine = await scene("v1");
    await repair(mine.shop, { privateKey: (await otherAccount()).privateKey });
    expect(await meaningOf("v1", await deliverIpn(mine.genuine))).toBe("retry");
    const kept = await newestIpn(mine.shop.connectionId);
    expect(kept).toMatchObject({ verdict: "rejected", reason: "cannot_open" });
    expect(await replay(mine.shop, kept?.id ?? "")).toMatchObject({ outcome: "rejected" });
    expect(await readInvoice(mine.shop, mine.owed.id)).toMatchObject({ state: "open" });

    await repair(mine.shop, { privateKey: mine.shop.account.privateKey });
    expect(await replay(mine.shop, kept?.id ?? "")).toMatchObject({
      outcome: "processed",
      ipn: { verdict: "hint", reason: null },
    });
    const paid = await storyOf(mine);
    expect(paid.invoice).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    // Doing it again, and their own repeat, change nothing.
    await replay(mine.shop, kept?.id ?? "");
    expect(await meaningOf("v1", await deliverIpn(mine.genuine))).toBe("stored");
    expect(await storyOf(mine)).toEqual(paid);
    expect(await ipnsOf(mine.shop.connectionId)).toHaveLength(1);
  });

  test("v1: what came to an address with a wrong secret, or none, is not believed by a replay either", async () => {
    const mine = await scene("v1");
    const start = pathOf(mine.genuine).split("/").slice(0, -1).join("/");
    await repair(mine.shop, { privateKey: (await otherAccount()).privateKey });
    for (const path of [`${start}/${"B".repeat(43)}`, `/ipn/${mine.shop.connectionId}`]) {
      expect(await meaningOf("v1", await deliverIpn(mine.genuine, { url: `http://edge${path}` }))).toBe("retry");
    }
    await repair(mine.shop, { privateKey: mine.shop.account.privateKey });
    for (const { id } of await ipnsOf(mine.shop.connectionId)) {
      expect(await replay(mine.shop, id)).toMatchObject({
        outcome: "processed",
        ipn: { verdict: "hint", reason: "secret_mismatch" },
      });
    }
    expect(await readInvoice(mine.shop, mine.owed.id)).toMatchObject({ state: "open", paid: { minor: 0 } });
    await deliverIpn(mine.genuine);
    expect(await readInvoice(mine.shop, mine.owed.id)).toMatchObject({ state: "paid" });
  });

  test("v2: a wrong signature of the point of sale, repaired", async () => {
    const mine = await scene("v2");
    await repair(mine.shop, { signature: (await otherAccount()).signature });
    expect(await meaningOf("v2", await deliverIpn(mine.genuine))).toBe("retry");
    const kept = await newestIpn(mine.shop.connectionId);
    await repair(mine.shop, { signature: mine.shop.account.signature });
    expect(await replay(mine.shop, kept?.id ?? "")).toMatchObject({
      outcome: "processed",
      ipn: { verdict: "verified", reason: null },
    });
    expect(await readInvoice(mine.shop, mine.owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
  });

  test("a rejected one whose genuine copy came meanwhile has no second effect", async () => {
    const mine = await scene("v1");
    await repair(mine.shop, { privateKey: (await otherAccount()).privateKey });
    await deliverIpn(mine.genuine);
    const kept = await newestIpn(mine.shop.connectionId);
    await repair(mine.shop, { privateKey: mine.shop.account.privateKey });
    await deliverIpn(mine.genuine);
    const paid = await storyOf(mine);
    expect(await replay(mine.shop, kept?.id ?? "")).toMatchObject({ outcome: "nothing" });
    expect(await storyOf(mine)).toEqual(paid);
  });
});
