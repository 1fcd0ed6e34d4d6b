// Callbacks: claims, signature, repeats, and everything that can go wrong on the way.
import { describe, expect, it } from "vitest";
import { type FaultName, faultCatalogue, faultNames } from "./faults.ts";
import { setUpClient, verify, verifyCallback } from "./test-client.ts";

const client = setUpClient();
const { act, advance, control, create, options, plant, press, runDue, shown, told } = client;

const paid = async (changes: Record<string, unknown> = {}) => {
  const made = await create(changes);
  await act(made.id, { action: "pay" });
  return made;
};
const notes = async (id: string) => (await shown(id)).notifications;
const claims = (index: number) => verifyCallback(client.received.at(index)?.body ?? "", client.shop.secret);

describe("a callback", () => {
  it("is JSON with a token by the shop's key, extraInfo as text, sums in kopecks", async () => {
    const { id, externalId } = await paid({ extraInfo: '{"a":"b/c"}' });
    expect(client.received).toHaveLength(1);
    const { headers, body } = client.received[0] ?? { headers: {}, body: "" };
    expect(headers["content-type"]).toBe("application/json");
    expect(Object.keys(JSON.parse(body.toString()))).toEqual(["token"]);
    const paymentId = (await shown(id)).payments[0]?.paymentId;
    expect(claims(0)).toEqual({
      paymentId,
      invoiceId: id,
      externalId,
      paymentNumber: expect.any(Number),
      cardFromMasked: "4111111111",
      cardToMasked: null,
      amount: 1999,
      status: "FINISHED",
      paymentStatus: "FINISHED",
      type: "PAY",
      systemType: "ECOM",
      receiptPath: `${client.origin}/uapay/receipts/${paymentId}.pdf`,
      extraInfo: '{"a":"b/c"}',
      createDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      payDate: expect.stringMatching(/Z$/),
      iat: expect.any(Number),
    });
  });

  it("is not sent without an address", async () => {
    const { id } = await paid({ callbackUrl: undefined });
    expect(await notes(id)).toEqual([]);
    expect(client.received).toEqual([]);
  });

  it("is sent to allowed addresses only by a live shop, silently", async () => {
    const shop = `/control/uapay/shops/${client.shop.clientId}`;
    await control("PATCH", shop, { live: true, allowedUrls: ["https://elsewhere.example.test/"] });
    const { id } = await paid();
    expect(await notes(id)).toMatchObject([{ state: "not_listed", deliveries: [] }]);
    await control("PATCH", shop, { allowedUrls: [client.hook] });
    const other = await paid();
    expect(await notes(other.id)).toMatchObject([{ state: "accepted" }]);
    expect(told()).toEqual(["FINISHED"]);
  });

  it("tells failures and holds, and steps where the shop does", async () => {
    const declined = await create();
    await act(declined.id, { action: "decline" });
    const left = await create();
    await act(left.id, { action: "abandon" });
    await paid({ type: "HOLD" });
    const silent = await create();
    await act(silent.id, { action: "challenge" });
    expect(told()).toEqual(["REJECTED", "CANCELED", "HOLDED"]);
    await options({ tellSteps: true });
    const stepped = await create();
    await act(stepped.id, { action: "challenge" });
    await act(stepped.id, { action: "approve" });
    expect(told().slice(3)).toEqual(["NEEDS_CONFIRMATION", "FINISHED"]);
  });
});

describe("repeats", () => {
  it("come after 5 s, 5 min, 1 h, 2 h and 24 h, then never again; what they tell stays", async () => {
    client.reply(500);
    const { id } = await paid();
    for (const [i, gap] of [5, 300, 3600, 7200, 86_400].entries()) {
      await advance(gap - 3);
      expect(client.received).toHaveLength(i + 1);
      await advance(3.5);
      expect(client.received).toHaveLength(i + 2);
    }
    expect(await notes(id)).toMatchObject([{ state: "gave_up" }]);
    await advance(30 * 86_400);
    expect(client.received).toHaveLength(6);
    expect(claims(5)).toEqual(claims(0));
    expect((await notes(id))[0]?.deliveries.map(({ why }) => why)).toEqual(["first", ...Array(5).fill("retry")]);
  });

  it.each([201, 204, 302, 400, 401])("come after an answer of %i too", async (status) => {
    client.reply(status);
    const { id } = await paid();
    expect(await notes(id)).toMatchObject([{ state: "retrying" }]);
    client.reply(200);
    await advance(6);
    expect(await notes(id)).toMatchObject([{ state: "accepted" }]);
    await advance(100_000);
    expect(client.received).toHaveLength(2);
  });

  it("come when nobody is there", async () => {
    const { id } = await paid({ callbackUrl: "http://127.0.0.1:1/" });
    expect(await notes(id)).toMatchObject([{ state: "retrying", deliveries: [{ status: null, verdict: "retry" }] }]);
  });
});

describe("timing", () => {
  it("lost: never", async () => {
    await plant({ fault: "lost" });
    const { id } = await paid();
    await advance(100_000);
    expect(await notes(id)).toMatchObject([{ state: "lost" }]);
    expect(client.received).toEqual([]);
  });

  it("late: by the clock, and still true of its own time", async () => {
    await plant({ fault: "late", delaySeconds: 1000 });
    const { id } = await paid();
    await act(id, { action: "reverse" });
    expect(told()).toEqual(["REVERSED"]);
    await advance(1001);
    expect(told()).toEqual(["REVERSED", "FINISHED"]);
  });

  it("duplicate and at_once: more than one", async () => {
    await plant({ fault: "duplicate", times: 2 });
    await paid();
    expect(client.received).toHaveLength(3);
    await plant({ fault: "at_once", times: 4 });
    await paid();
    expect(client.received).toHaveLength(7);
    const bodies = client.received.slice(3).map(({ body }) => body.toString());
    expect(new Set(bodies).size).toBe(1);
  });

  it("out_of_order: after the next", async () => {
    await plant({ fault: "out_of_order", event: "HOLDED" });
    const { id } = await paid({ type: "HOLD" });
    await client.move("complete", id);
    await runDue();
    expect(told()).toEqual(["FINISHED", "HOLDED"]);
  });

  it("replay: the same bytes later", async () => {
    await plant({ fault: "replay", delaySeconds: 50 });
    await paid();
    await advance(51);
    expect(client.received).toHaveLength(2);
    expect(client.received[1]?.body).toEqual(client.received[0]?.body);
  });

  it("before and after the payer's return", async () => {
    const card = { card: "4111111111111111" };
    await options({ firstCallback: "after_return" });
    const { page } = await create();
    await press(page, card);
    await advance(60);
    expect(client.received).toEqual([]);
    await fetch(`${page}/return`, { redirect: "manual" });
    await advance(3);
    expect(told()).toEqual(["FINISHED"]);
    await plant({ fault: "before_browser" });
    await press((await create()).page, card);
    expect(client.received).toHaveLength(2);
    await options({ firstCallback: "before_return" });
    await plant({ fault: "after_browser", delaySeconds: 10 });
    const last = await create();
    await act(last.id, { action: "pay" });
    expect(client.received).toHaveLength(2);
    await act(last.id, { action: "return" });
    await advance(11);
    expect(client.received).toHaveLength(3);
  });
});

/** What a careful reader finds in a callback with a fault; an object is what its claims say. */
const found: { [name in FaultName]?: string | object } = {
  other_amount: { amount: 1998 },
  other_invoice: { amount: 1999 },
  other_external_id: { externalId: "externalId-of-nobody" },
  other_payment: { amount: 1999 },
  always_finished: { status: "FINISHED", paymentStatus: "FINISHED" },
  unknown_status: { status: "REINCARNATED", paymentStatus: "REJECTED" },
  unknown_payment_status: { status: "CANCELED", paymentStatus: "TELEPORTED" },
  no_external_id: { amount: 1999 },
  legacy_names: { amount: 1999, orderId: expect.any(String), createDate: expect.stringMatching(/^\d{13}$/) },
  extra_claims: { loyalty: { points: 3 } },
  no_iat: { amount: 1999 },
  old_iat: { iat: expect.any(Number) },
  escaped_slashes: { amount: 1999 },
  escaped_unicode: { amount: 1999 },
  not_json: "claims",
  tampered_payload: "signature",
  reserialised_payload: "signature",
  tampered_signature: "signature",
  wrong_key: "signature",
  other_shop_key: "signature",
  decoded_key: "signature",
  alg_none: "parts",
  alg_none_case: "parts",
  alg_hs384: "alg",
  alg_hs512: "alg",
  alg_lower_case: "alg",
  alg_rs256: "alg",
  alg_lie: "alg",
  two_parts: "parts",
  four_parts: "parts",
  no_typ: { amount: 1999 },
  no_token: "no token",
  token_number: "no token",
  bare_claims: "no token",
  bare_token: "body",
  broken_json: "body",
  empty_body: "body",
  extra_fields: { paymentStatus: "REJECTED" },
  content_type_text: { amount: 1999 },
  content_type_none: { amount: 1999 },
};

describe("content and token", () => {
  const forged = faultNames.filter((name) => ["content", "token"].includes(faultCatalogue[name].group));

  it("are each tried here", () => {
    expect(Object.keys(found).sort()).toEqual([...forged].sort());
  });

  it.each(forged)("%s strikes one sending, and the next is right", async (fault) => {
    client.reply(503);
    await plant({ fault });
    const { id, externalId } = await create({ extraInfo: '{"who":"Ґудзь/1"}' });
    await act(id, { action: "decline" });
    client.reply(200);
    await advance(6);
    expect(claims(1)).toMatchObject({ invoiceId: id, externalId, amount: 1999, paymentStatus: "REJECTED" });
    const wanted = found[fault];
    if (typeof wanted === "string") expect(claims(0)).toBe(wanted);
    else expect(claims(0)).toMatchObject(wanted ?? {});
    expect(client.received[0]?.body.equals(client.received[1]?.body ?? Buffer.alloc(0))).toBe(
      fault === "content_type_text" || fault === "content_type_none",
    );
    expect((await notes(id))[0]?.deliveries.map(({ faults }) => faults)).toEqual([[fault], []]);
  });

  it("look as they should where the claims alone do not show it", async () => {
    const raw = async (fault: FaultName) => {
      await plant({ fault });
      client.received.length = 0;
      const { id } = await paid({ extraInfo: '{"who":"Ґудзь/1"}' });
      const headers: Record<string, unknown> = client.received[0]?.headers ?? {};
      const body = client.received[0]?.body ?? "";
      const text = body.toString();
      const token = text.startsWith("{") ? (JSON.parse(text) as { token?: string }).token : undefined;
      const [head = "", inside = ""] = String(token)
        .split(".")
        .map((part) => Buffer.from(part, "base64url").toString());
      return { id, headers, text, head, inside };
    };
    expect((await raw("content_type_text")).headers["content-type"]).toBe("text/plain");
    expect((await raw("content_type_none")).headers["content-type"]).toBeUndefined();
    expect((await raw("escaped_slashes")).inside).toContain("http:\\/\\/");
    expect((await raw("escaped_unicode")).inside).toContain("\\u0490");
    expect((await raw("no_typ")).head).toBe('{"alg":"HS256"}');
    expect((await raw("alg_none_case")).head).toContain("nOnE");
    expect((await raw("no_iat")).inside).not.toContain('"iat"');
    expect((await raw("no_external_id")).inside).not.toContain("externalId");
    expect(JSON.parse((await raw("extra_fields")).text)).toMatchObject({ paymentStatus: "FINISHED", amount: 1 });
    const legacy = await raw("legacy_names");
    expect(JSON.parse(legacy.inside)).toMatchObject({ orderId: legacy.id, receiptPath: expect.stringMatching(/^\//) });
    const stranger = await raw("other_invoice");
    expect(stranger.inside).not.toContain(stranger.id);
    const old = JSON.parse((await raw("old_iat")).inside) as { iat: number };
    expect(Date.now() / 1000 - old.iat).toBeGreaterThan(99_000);
  });

  it("other_shop_key is the key of a shop that there is", async () => {
    const mine = client.shop;
    const other = await control<{ secret: string }>("POST", "/control/uapay/shops", {});
    await plant({ fault: "other_shop_key" });
    await paid();
    const { token } = JSON.parse(String(client.received[0]?.body)) as { token: string };
    const shops = await control<{ secret: string }[]>("GET", "/control/uapay/shops");
    const keys = shops.map(({ secret }) => secret).filter((secret) => typeof verify(token, secret) === "object");
    expect(keys).toHaveLength(1);
    expect(keys).not.toContain(mine.secret);
    expect(other.secret).not.toBe(mine.secret);
  });
});

describe("faults by reference, shop, event and number", () => {
  it("strike nobody else", async () => {
    await plant({ fault: "lost", reference: "inv-lost" });
    await plant({ fault: "lost", clientId: "no such shop" });
    await plant({ fault: "lost", event: "REVERSED" });
    await paid();
    expect(client.received).toHaveLength(1);
    await paid({ externalId: "inv-lost" });
    expect(client.received).toHaveLength(1);
    const { planted } = await control<{ planted: unknown[] }>("GET", "/control/uapay/faults");
    expect(planted).toHaveLength(2);
  });

  it("strike as often as they were told to", async () => {
    const { id } = await plant({ fault: "lost", next: "all" });
    for (let i = 0; i < 3; i++) await paid();
    expect(client.received).toEqual([]);
    expect(await control("DELETE", `/control/uapay/faults?id=${id}`)).toEqual({ deleted: 1 });
    await paid();
    expect(client.received).toHaveLength(1);
  });
});

describe("callbacks to order", () => {
  it("say anything, signed, and change nothing", async () => {
    const { id } = await create();
    await act(id, { action: "pend" });
    const sent = await control<{ delivery: { status: number } }>("POST", "/control/uapay/ipn", {
      invoice: id,
      claims: { status: "FINISHED", paymentStatus: "FINISHED", amount: 1 },
    });
    expect(sent.delivery.status).toBe(200);
    expect(claims(0)).toMatchObject({ invoiceId: id, paymentStatus: "FINISHED", amount: 1 });
    expect(await client.words(id)).toEqual(["NEW/PENDING"]);
  });

  it("can be built without sending, of any text, with faults and headers", async () => {
    const { clientId, secret } = client.shop;
    const url = "https://hooks.example.test/u";
    const built = await control<{ bodyBase64: string; headers: object; delivery?: object }>(
      "POST",
      "/control/uapay/ipn",
      {
        clientId,
        text: '{"paymentStatus":"HOLDED"}',
        url,
        headers: { "X-Test": "1" },
        deliver: false,
      },
    );
    expect(built).toMatchObject({ url, method: "POST", headers: { "X-Test": "1" } });
    expect(built.delivery).toBeUndefined();
    const body = Buffer.from(built.bodyBase64, "base64");
    expect(verifyCallback(body, secret)).toEqual({ paymentStatus: "HOLDED" });
    const bad = await control<{ bodyBase64: string }>("POST", "/control/uapay/ipn", {
      clientId,
      claims: { a: 1 },
      url,
      faults: ["wrong_key"],
      deliver: false,
    });
    expect(verifyCallback(Buffer.from(bad.bodyBase64, "base64"), secret)).toBe("signature");
    await expect(control("POST", "/control/uapay/ipn", { clientId })).rejects.toThrow("url");
    await expect(control("POST", "/control/uapay/ipn", {})).rejects.toThrow("invoice");
  });
});
