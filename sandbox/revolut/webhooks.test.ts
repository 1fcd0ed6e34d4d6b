// Webhooks: registration, signatures, rotation, retries, and everything that can go wrong on the way.
import { describe, expect, it } from "vitest";
import type { FaultName } from "./faults.ts";
import { verdict as check, setUpClient } from "./test-client.ts";

const client = setUpClient();
const { act, advance, call, control, create, events, options, plant, press, verdict } = client;

const success = ["AUTHORISATION_STARTED", "AUTHORISED", "COMPLETED"];

describe("registration", () => {
  const hook = { url: "https://hooks.example.test/revolut", events: ["ORDER_COMPLETED"] };

  it("gives each webhook an id and a secret of its own", async () => {
    const made = await call("POST", "/api/webhooks", hook);
    expect(made.status).toBe(200);
    expect(made.json).toEqual({ id: expect.any(String), ...hook, signing_secret: expect.stringMatching(/^wsk_/) });
    const { id } = made.json;
    expect((await call("GET", `/api/webhooks/${id}`)).json).toEqual(made.json);
    const { webhooks } = (await call("GET", "/api/webhooks")).json as unknown as { webhooks: object[] };
    expect(webhooks).toHaveLength(2);
    expect(webhooks[1]).not.toHaveProperty("signing_secret");
    const changed = await call("PATCH", `/api/webhooks/${id}`, { events: ["ORDER_FAILED", "ORDER_CANCELLED"] });
    expect(changed.json).toMatchObject({ url: hook.url, events: ["ORDER_FAILED", "ORDER_CANCELLED"] });
    const gone = await call("DELETE", `/api/webhooks/${id}`);
    expect([gone.status, gone.text]).toEqual([204, ""]);
    expect((await call("GET", `/api/webhooks/${id}`)).status).toBe(404);
  });

  it.each<[string, object]>([
    ["this machine", { url: "http://localhost:8787/hook" }],
    ["an IP", { url: "https://10.0.0.1/hook" }],
    ["no events", { events: [] }],
    ["an unknown event", { events: ["REFUND_COMPLETED"] }],
    ["no url", { url: undefined }],
  ])("refuses %s", async (_name, changes) => {
    expect((await call("POST", "/api/webhooks", { ...hook, ...changes })).json.code).toBe("validation");
  });

  it("ends at ten", async () => {
    for (let i = 1; i < 10; i++) expect((await call("POST", "/api/webhooks", hook)).status).toBe(200);
    expect((await call("POST", "/api/webhooks", hook)).status).toBe(422);
  });

  it("tells each webhook what it asked for, signed with its own secret", async () => {
    await options({ localUrls: true });
    const second = await call("POST", "/api/webhooks", { url: `${client.hook}/2`, events: ["ORDER_COMPLETED"] });
    const { json } = await create();
    await act(json.id, { action: "pay" });
    expect(events()).toEqual([...success, "COMPLETED"]);
    expect(client.received.at(-1)?.path).toBe("/hook/2");
    expect(await verdict(-1, second.json.signing_secret)).toBe("verified");
    expect(await verdict(-1)).toBe("signature");
  });

  it("signs with both secrets during the grace of a rotation, and with the new one after it", async () => {
    await options({ localUrls: true });
    const made = (await call("POST", "/api/webhooks", { url: client.hook, events: ["ORDER_PAYMENT_DECLINED"] })).json;
    const rotated = await call("POST", `/api/webhooks/${made.id}/rotate-signing-secret`, {
      expiration_period: "PT1H",
    });
    const secrets = [made.signing_secret, rotated.json.signing_secret];
    expect(secrets[0]).not.toBe(secrets[1]);
    const { json } = await create();
    await control("PATCH", `/control/revolut/accounts/${client.account.publicKey}`, { webhookUrl: "" });
    for (let i = 0; i < 2; i++) await act(json.id, { action: "decline" });
    const headers = client.received.map((received) => String(received.headers["revolut-signature"]));
    for (const header of headers) expect(header).toMatch(/^v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
    for (const secret of secrets)
      expect([await verdict(0, secret), await verdict(1, secret)]).toEqual(["verified", "verified"]);
    await advance(3601);
    await act(json.id, { action: "decline" });
    expect([await verdict(2, secrets[0]), await verdict(2, secrets[1])]).toEqual(["signature", "verified"]);
    const long = await call("POST", `/api/webhooks/${made.id}/rotate-signing-secret`, { expiration_period: "P8D" });
    expect(long.status).toBe(400);
    const atOnce = (await call("POST", `/api/webhooks/${made.id}/rotate-signing-secret`)).json.signing_secret;
    await act(json.id, { action: "decline" });
    expect(client.received.at(-1)?.headers["revolut-signature"]).toHaveLength(67);
    expect(await verdict(-1, atOnce)).toBe("verified");
  });
});

describe("delivery", () => {
  it("tries four times, ten minutes apart, each freshly signed", async () => {
    client.reply(500);
    const { json } = await create();
    await act(json.id, { action: "decline" });
    for (const _ of [1, 2, 3, 4]) await advance(600);
    expect(client.received).toHaveLength(4);
    const stamps = new Set(client.received.map(({ headers }) => headers["revolut-request-timestamp"]));
    expect(stamps.size).toBe(4);
    expect(new Set(client.received.map(({ body }) => body.toString())).size).toBe(1);
    const [order] = await control<{ notifications: { state: string }[] }[]>("GET", "/control/revolut/orders");
    expect(order?.notifications).toMatchObject([{ state: "gave_up" }]);
  });

  it.each([200, 204, 302])("counts %i as delivered", async (status) => {
    client.reply(status);
    const { json } = await create();
    await act(json.id, { action: "decline" });
    await advance(3600);
    expect(client.received).toHaveLength(1);
  });

  it("writes bodies in varying ways, with all letters, also without a reference", async () => {
    const { json } = await create({ merchant_order_data: { reference: "factură-ț" } });
    for (let i = 0; i < 4; i++) await act(json.id, { action: "decline" });
    const bodies = client.received.map(({ body }) => body.toString());
    expect(new Set(bodies).size).toBe(4);
    for (const index of bodies.keys()) expect(await verdict(index)).toBe("verified");
    for (const body of bodies) {
      expect(JSON.parse(body)).toEqual({
        event: "ORDER_PAYMENT_DECLINED",
        order_id: json.id,
        merchant_order_ext_ref: "factură-ț",
      });
    }
    const bare = await create({ merchant_order_data: undefined });
    await act(bare.json.id, { action: "decline" });
    expect(Object.keys(JSON.parse(client.received.at(-1)?.body.toString() ?? "") as object).sort()).toEqual([
      "event",
      "order_id",
    ]);
  });

  it("may come only after the payer went back", async () => {
    await options({ firstWebhook: "after_return" });
    const { json } = await create();
    await press(json.checkout_url, { card: "4929420573595709" });
    expect(events()).toEqual(["AUTHORISATION_STARTED"]);
    await advance(3);
    expect(events()).toEqual(success);
  });

  it("is lost, late, doubled, turned round or replayed", async () => {
    const pay = async () => {
      client.received.length = 0;
      const { json } = await create();
      await act(json.id, { action: "pay" });
      return events();
    };
    await plant({ fault: "lost", event: "ORDER_COMPLETED" });
    expect(await pay()).toEqual(["AUTHORISATION_STARTED", "AUTHORISED"]);
    await plant({ fault: "late", event: "ORDER_AUTHORISED", delaySeconds: 60 });
    expect(await pay()).toEqual(["AUTHORISATION_STARTED", "COMPLETED"]);
    await advance(61);
    expect(events().at(-1)).toBe("AUTHORISED");
    await plant({ fault: "duplicate", event: "ORDER_COMPLETED" });
    expect(await pay()).toEqual([...success, "COMPLETED"]);
    expect(await verdict(-1)).toBe("verified");
    await plant({ fault: "out_of_order", event: "ORDER_AUTHORISED" });
    expect(await pay()).toEqual(["AUTHORISATION_STARTED", "COMPLETED", "AUTHORISED"]);
    await plant({ fault: "replay", event: "ORDER_COMPLETED" });
    expect(await pay()).toEqual(success);
    await advance(361);
    expect(events()).toEqual([...success, "COMPLETED"]);
    expect(await verdict(-1)).toBe("timestamp");
    expect(client.received.at(-1)?.body).toEqual(client.received.at(-2)?.body);
  });
});

describe("POST /control/revolut/ipn", () => {
  type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };
  const build = async (body: object) => {
    const built = await control<Built>("POST", "/control/revolut/ipn", { deliver: false, ...body });
    const headers = Object.fromEntries(
      Object.entries(built.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    return { ...built, body: Buffer.from(built.bodyBase64, "base64"), lower: headers };
  };

  it.each<[FaultName, string]>([
    ["tampered_body", "signature"],
    ["reserialised_body", "signature"],
    ["tampered_signature", "signature"],
    ["old_timestamp", "timestamp"],
    ["future_timestamp", "timestamp"],
    ["seconds_timestamp", "timestamp"],
    ["other_timestamp", "signature"],
    ["wrong_secret", "signature"],
    ["missing_header", "headers"],
    ["missing_timestamp", "headers"],
    ["empty_signature", "headers"],
    ["upper_case_hex", "signature"],
    ["no_version_label", "signature"],
    ["other_label", "signature"],
    ["malformed_json", "verified"],
    ["other_order", "verified"],
    ["unknown_event", "verified"],
    ["extra_fields", "verified"],
    ["escaped_unicode", "verified"],
    ["two_signatures", "verified"],
    ["spaced_signatures", "verified"],
    ["header_lower_case", "verified"],
    ["content_type_text", "verified"],
    ["content_type_none", "verified"],
  ])("builds one with %s", async (fault, expected) => {
    const { reference } = await create();
    const built = await build({ reference, event: "ORDER_COMPLETED", faults: [fault] });
    expect(built).toMatchObject({ method: "POST", url: client.hook });
    const received = { headers: built.lower, body: built.body };
    expect(check(received, client.account.webhookSecret, await client.now())).toBe(expected);
    expect(client.received).toHaveLength(0);
  });

  it("sends to any address, any event and any body", async () => {
    const { json } = await create();
    await control("POST", "/control/revolut/ipn", { orderId: json.id, event: "DISPUTE_WON", url: `${client.hook}/x` });
    expect(client.received.at(-1)?.path).toBe("/hook/x");
    expect(JSON.parse(client.received.at(-1)?.body.toString() ?? "")).toEqual({
      event: "DISPUTE_WON",
      dispute_id: json.id,
    });
    const raw = { account: client.account.secretKey, body: "not json at all" };
    await control("POST", "/control/revolut/ipn", raw);
    expect(client.received.at(-1)?.body.toString()).toBe("not json at all");
    expect(await verdict(-1)).toBe("verified");
  });
});

describe("accounts and screens", () => {
  it("are the same for the same key", async () => {
    const again = await control("POST", "/control/revolut/accounts", { secretKey: client.account.secretKey });
    expect(again).toEqual(client.account);
    const clash = control("POST", "/control/revolut/accounts", {
      publicKey: client.account.publicKey,
      secretKey: "sk_another",
    });
    await expect(clash).rejects.toThrow("409");
  });

  it("show orders, faults and accounts", async () => {
    const { json, reference } = await create();
    await act(json.id, { action: "decline" });
    await plant({ fault: "lost", next: "all" });
    const read = async (path: string) => (await fetch(`${client.origin}${path}`)).text();
    expect(await read("/")).toContain('href="/revolut"');
    expect(await read("/revolut")).toContain(reference);
    expect(await read(`/revolut/orders/${json.id}`)).toContain("ORDER_PAYMENT_DECLINED");
    const form = await fetch(`${client.origin}/control/revolut/orders/${json.id}/act`, {
      method: "POST",
      body: new URLSearchParams({ action: "pay" }),
      redirect: "manual",
    });
    expect([form.status, form.headers.get("location")]).toEqual([303, `/revolut/orders/${json.id}`]);
  });
});
