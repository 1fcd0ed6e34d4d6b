// Partners are told: signed by the standard, repeated until they answer, once per effect under one id, and everything
// can be read by cursor without being told at all.

import { and, eq } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { openDatabase } from "../../db/client.ts";
import { events } from "../../db/schema/index.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  invoice,
  json,
  runDue,
  sandbox,
  start,
} from "../testing/edge-under-test.ts";

type Told = { at: number; headers: Record<string, string>; body: string; answered: number };
type Endpoint = { id: string; secret: string; waiting: number; failing_since: string | null };

const origin = () => new URL(bindings.CLOCK_URL).origin;
let serial = 0;

async function listening(
  shop: Connected,
  event_types: string[] = ["*"],
): Promise<{ name: string; endpoint: Endpoint }> {
  const name = `inbox-${shop.merchantId}-${++serial}`;
  const endpoint = await json<Endpoint>("public", "POST", "/v1/webhook-endpoints", {
    key: shop.apiKey,
    body: { url: `${origin()}/partner/${name}`, event_types },
  });
  return { name, endpoint };
}
const toldTo = (name: string) => sandbox<Told[]>("GET", `/control/partner/${name}`);

async function pay(shop: Connected): Promise<string> {
  const owed = await invoice(shop);
  const { attempt_id } = await start(shop, owed);
  await deliverIpn(await buildIpn(attempt_id, { status: 3 }));
  return owed.id;
}

describe("deliveries", () => {
  test("are signed so that the standard's own library verifies them, one id per event", async () => {
    const shop = await connected("v2");
    const { name, endpoint } = await listening(shop);
    await pay(shop);
    await runDue();
    const told = await toldTo(name);
    const webhook = new Webhook(endpoint.secret);
    // The sandbox's clock may be days ahead; the library judges by the machine's.
    const types = told.map(({ headers, body }) => {
      expect(() =>
        webhook.verify(body, { ...headers, "webhook-timestamp": headers["webhook-timestamp"] ?? "" }),
      ).toSatisfy((f: () => unknown) => {
        try {
          f();
          return true;
        } catch (error) {
          return /timestamp/i.test(String(error));
        }
      });
      const [, signature = ""] = (headers["webhook-signature"] ?? "").split(",");
      const seconds = Number(headers["webhook-timestamp"]);
      expect(webhook.sign(headers["webhook-id"] ?? "", new Date(seconds * 1000), body)).toBe(`v1,${signature}`);
      return (JSON.parse(body) as { type: string }).type;
    });
    expect(types).toEqual(
      expect.arrayContaining([
        "invoice.created",
        "attempt.started",
        "attempt.captured",
        "payment.captured",
        "invoice.paid",
      ]),
    );
    expect(new Set(told.map((one) => one.headers["webhook-id"])).size).toBe(told.length);
  });

  test("only chosen events are told", async () => {
    const shop = await connected("v2");
    const { name } = await listening(shop, ["invoice.paid"]);
    await pay(shop);
    await runDue();
    expect((await toldTo(name)).map((one) => (JSON.parse(one.body) as { type: string }).type)).toEqual([
      "invoice.paid",
    ]);
  });

  test("what fails is repeated within ten seconds under the same id, is seen as failing, and recovers", async () => {
    const shop = await connected("v2");
    const { name, endpoint } = await listening(shop, ["invoice.paid"]);
    await sandbox("POST", `/control/partner/${name}`, { status: 500, next: 2 });
    await pay(shop);
    await runDue();
    const read = async () =>
      (await json<{ data: Endpoint[] }>("public", "GET", "/v1/webhook-endpoints", { key: shop.apiKey })).data[0];
    expect(await read()).toMatchObject({ waiting: 1, failing_since: expect.any(String) });
    await sandbox("POST", "/clock", { advanceSeconds: 11 });
    await runDue();
    await sandbox("POST", "/clock", { advanceSeconds: 30 });
    await runDue();
    const told = await toldTo(name);
    expect(told.map((one) => one.answered)).toEqual([500, 500, 200]);
    expect(new Set(told.map((one) => one.headers["webhook-id"])).size).toBe(1);
    expect(await read()).toMatchObject({ waiting: 0, failing_since: null, last_delivery_at: expect.any(String) });
    const log = await json<{ data: { id: string; status: number; event_type: string | null }[] }>(
      "public",
      "GET",
      `/v1/webhook-endpoints/${endpoint.id}/deliveries`,
      { key: shop.apiKey },
    );
    expect(log.data.map((one) => one.status)).toEqual([200, 500, 500]);
    expect(new Set(log.data.map((one) => one.event_type))).toEqual(new Set(["invoice.paid"]));
    await json("public", "POST", `/v1/webhook-deliveries/${log.data[0]?.id}/resend`, { key: shop.apiKey });
    await runDue();
    expect(await toldTo(name)).toHaveLength(4);
    const resent = await json<{ queued: number }>("public", "POST", `/v1/webhook-endpoints/${endpoint.id}/resend`, {
      key: shop.apiKey,
      body: { since: "2026-01-01T00:00:00Z" },
    });
    expect(resent.queued).toBe(1);
  });

  test("what is asked for again while it is on its way is told again, whatever the first telling ends in", async () => {
    const shop = await connected("v2");
    const { name, endpoint } = await listening(shop, ["invoice.paid"]);
    await sandbox("POST", `/control/partner/${name}`, { status: 500, next: 1, ms: 500 });
    await pay(shop);
    const first = runDue();
    while ((await toldTo(name)).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const since = { since: "2026-01-01T00:00:00Z" };
    const resend = `/v1/webhook-endpoints/${endpoint.id}/resend`;
    expect(await json("public", "POST", resend, { key: shop.apiKey, body: since })).toEqual({ queued: 1 });
    await first;
    await runDue();
    expect((await toldTo(name)).map((one) => one.answered)).toEqual([500, 200]);
  });

  test("a redirect is a failure and is not followed", async () => {
    const shop = await connected("v2");
    const { name } = await listening(shop, ["invoice.paid"]);
    await sandbox("POST", `/control/partner/${name}`, {
      status: 302,
      next: 1,
      location: `${origin()}/partner/${name}-elsewhere`,
    });
    await pay(shop);
    await runDue();
    expect(await toldTo(`${name}-elsewhere`)).toEqual([]);
    expect((await toldTo(name)).map((one) => one.answered)).toEqual([302]);
  });

  test("a rotated secret signs beside the old one for a day, then alone", async () => {
    const shop = await connected("v2");
    const { name, endpoint } = await listening(shop, ["invoice.paid"]);
    const rotated = await json<Endpoint>("public", "POST", `/v1/webhook-endpoints/${endpoint.id}/rotate`, {
      key: shop.apiKey,
    });
    await pay(shop);
    await runDue();
    await sandbox("POST", "/clock", { advanceSeconds: 25 * 3600 });
    await pay(shop);
    await runDue();
    const [during, after] = await toldTo(name);
    const signedBy = (told: Told | undefined, secret: string) => {
      const headers = told?.headers ?? {};
      const wanted = new Webhook(secret).sign(
        headers["webhook-id"] ?? "",
        new Date(Number(headers["webhook-timestamp"]) * 1000),
        told?.body ?? "",
      );
      return (headers["webhook-signature"] ?? "").split(" ").includes(wanted);
    };
    expect([signedBy(during, endpoint.secret), signedBy(during, rotated.secret)]).toEqual([true, true]);
    expect([signedBy(after, endpoint.secret), signedBy(after, rotated.secret)]).toEqual([false, true]);
  });

  test.each(["https://10.0.0.1/x", "https://[::1]/x", "http://partner.ro/x", "https://intranet/x"])(
    "refuses %s, naming the field",
    async (url) => {
      const shop = await connected("v2");
      const answer = await call("public", "POST", "/v1/webhook-endpoints", { key: shop.apiKey, body: { url } });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ errors: [{ field: "url" }] });
    },
  );
});

describe("the feed", () => {
  test("read in small pages while others write, it gives every event once and in order", async () => {
    const shop = await connected("v2");
    const seen: string[] = [];
    let cursor: string | null = null;
    const readOn = async () => {
      for (;;) {
        const page: { data: { id: string }[]; next_cursor: string | null } = await json(
          "public",
          "GET",
          `/v1/events?limit=7${cursor ? `&cursor=${cursor}` : ""}`,
          { key: shop.apiKey },
        );
        seen.push(...page.data.map((event) => event.id));
        cursor = page.next_cursor;
        if (page.data.length === 0) return;
      }
    };
    const writing = Promise.all(Array.from({ length: 12 }, () => pay(shop)));
    let isWriting = true;
    void writing.finally(() => {
      isWriting = false;
    });
    while (isWriting) await readOn();
    await writing;
    await readOn();
    const all = await openDatabase(bindings.DATABASE_URL, bindings.NEON_LOCAL)
      .select({ id: events.id })
      .from(events)
      .where(and(eq(events.merchantId, shop.merchantId)));
    expect(seen.length).toBe(new Set(seen).size);
    expect([...seen].sort()).toEqual(all.map((row) => row.id).sort());
  });
});
