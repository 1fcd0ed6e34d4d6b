// Held money at every processor, in real workerd on real Postgres against the simulators: taken once however often it is
// pressed, asked about when the answer is lost, refused with the processor's words, let go, ended by the merchant's policy.

import { and, eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { connections, events, merchants } from "../../db/schema/index.ts";
import { makeContext } from "../context.ts";
import { database, raisedFor } from "../testing/api-world.ts";
import {
  bindings,
  buildIpn,
  type Connected,
  call,
  connected,
  deliverIpn,
  type InvoiceShape,
  invoice,
  json,
  merchant,
  readInvoice,
  runDue,
  sandbox,
  start,
  tokenOf,
} from "../testing/edge-under-test.ts";
import { connectedTochka, decide, outlet, RECEIPTS } from "../testing/tochka-under-test.ts";
import { connectedUapay } from "../testing/uapay-under-test.ts";
import { beginCommand, COMMAND_ALIVE_MS } from "./hold-command-row.ts";
import { takeStep } from "./transition.ts";

type HeldAttempt = {
  id: string;
  state: string;
  captured: { minor: number };
  can_capture: boolean;
  can_capture_part: boolean;
  can_void: boolean;
  hold: { until: string; is_estimated: boolean } | null;
  command: { verb: string; state: string; by: string; text: string | null } | null;
  plan: { does: string; at: string } | null;
};
type Held = { owed: InvoiceShape; attemptId: string };

/** One processor as the tests need it. */
type Side = {
  currency: string;
  connect(): Promise<Connected & { cookie?: string }>;
  /** What the payer does there. */
  pay(attemptId: string, shop: Connected): Promise<unknown>;
  /** How often it was asked to take this attempt's money, or to let it go. */
  asked(attemptId: string, what: "capture" | "void"): Promise<number>;
  /** The next capture is done, and its answer never comes. */
  loseAnswer(attemptId: string, shop: Connected): Promise<unknown>;
  /** The next capture is refused and nothing moves. */
  refuse(attemptId: string, shop: Connected): Promise<unknown>;
  /** What its refusal says. */
  words: string;
  takesPart: boolean;
  letsGo: boolean;
  /** Whether it tells when the hold ends. */
  tellsEnd: boolean;
};

const reference = async (shop: Connected, attemptId: string) =>
  (
    await json<{ processor_reference: string }>("public", "GET", `/v1/attempts/${attemptId}`, { key: shop.apiKey })
  ).processor_reference
    .split("/")
    .at(-1) ?? "";

const shops = new Map<string, Connected & { cookie?: string; publicKey?: string; client?: { clientId: string } }>();
const shopOf = (name: string) => {
  const shop = shops.get(name);
  if (!shop) throw new Error(`no shop of ${name}`);
  return shop;
};

const SIDES: Record<string, Side> = {
  revolut: {
    currency: "RON",
    async connect() {
      const planted = await merchant({});
      const account = await sandbox<{ secretKey: string; publicKey: string }>("POST", "/control/revolut/accounts", {
        options: { localUrls: true },
      });
      const { id } = await json<{ id: string }>("public", "POST", "/v1/connections", {
        key: planted.apiKey,
        body: { processor: "revolut", environment: "test", credentials: { secretKey: account.secretKey } },
      });
      return { ...planted, connectionId: id, account: undefined as never, publicKey: account.publicKey };
    },
    pay: (attemptId) => sandbox("POST", `/control/revolut/orders/${attemptId}/act`, { action: "pay" }),
    async asked(attemptId, what) {
      const id = await reference(shopOf("revolut"), attemptId);
      const requests = await sandbox<{ path: string }[]>("GET", "/control/revolut/requests");
      return requests.filter(({ path }) => path.endsWith(`/orders/${id}/${what === "void" ? "cancel" : "capture"}`))
        .length;
    },
    loseAnswer: (id) =>
      sandbox("POST", "/control/revolut/faults", { fault: "timeout_after", reference: id, operation: "capture" }),
    refuse: (id) =>
      sandbox("POST", "/control/revolut/faults", { fault: "api_400_integer", reference: id, operation: "capture" }),
    words: "",
    takesPart: true,
    letsGo: true,
    tellsEnd: true,
  },
  tochka: {
    currency: "RUB",
    async connect() {
      const saved = await connectedTochka();
      await decide(saved, { account_id: outlet(saved.bank, "С кассой"), options: RECEIPTS });
      return { ...saved, account: undefined as never };
    },
    async pay(attemptId, shop) {
      const id = await reference(shop, attemptId);
      return sandbox("POST", `/control/tochka/operations/${id}/act`, { action: "pay", method: "card" });
    },
    async asked(attemptId, what) {
      const id = await reference(shopOf("tochka"), attemptId);
      const requests = await sandbox<{ path: string }[]>("GET", "/control/tochka/requests");
      return requests.filter(({ path }) => path.includes(`/payments/${id}/${what}`)).length;
    },
    loseAnswer: () =>
      sandbox("POST", "/control/tochka/faults", {
        fault: "answer_lost",
        client: shopOf("tochka").client?.clientId,
        operation: "capture",
      }),
    refuse: () =>
      sandbox("POST", "/control/tochka/faults", {
        fault: "api_400",
        client: shopOf("tochka").client?.clientId,
        operation: "capture",
      }),
    words: "",
    takesPart: false,
    letsGo: false,
    tellsEnd: false,
  },
  uapay: {
    currency: "UAH",
    connect: connectedUapay,
    pay: (id) => sandbox("POST", `/control/uapay/invoices/${id}/act`, { action: "pay" }),
    async asked(attemptId, what) {
      const { id } = await sandbox<{ id: string }>("GET", `/control/uapay/invoices/${attemptId}`);
      const requests = await sandbox<{ operation: string; body: string }[]>("GET", "/control/uapay/requests");
      const operation = what === "void" ? "cancel" : "complete";
      return requests.filter((one) => one.operation === operation && one.body.includes(id)).length;
    },
    loseAnswer: (id) =>
      sandbox("POST", "/control/uapay/faults", { fault: "answer_lost", reference: id, operation: "complete" }),
    refuse: (id) =>
      sandbox("POST", "/control/uapay/faults", { fault: "operation_refused", reference: id, operation: "complete" }),
    words: "Операцію відхилено банком",
    takesPart: true,
    letsGo: true,
    tellsEnd: false,
  },
};

const names = Object.keys(SIDES);
const side = (name: string): Side => SIDES[name] as Side;

beforeAll(async () => {
  for (const name of names) {
    const shop = await side(name).connect();
    shops.set(name, shop);
    await database().update(connections).set({ captureMode: "manual" }).where(eq(connections.id, shop.connectionId));
  }
}, 60_000);

beforeEach(async () => {
  for (const shop of shops.values())
    await database().update(merchants).set({ holdPolicy: "ask" }).where(eq(merchants.id, shop.merchantId));
});

afterAll(async () => {
  await sandbox("POST", "/clock", { reset: true });
});

const advance = (advanceSeconds: number) => sandbox("POST", "/clock", { advanceSeconds });
const look = (shop: Connected, id: string) => json("public", "POST", `/v1/attempts/${id}/look`, { key: shop.apiKey });
const attemptOf = (shop: Connected, id: string) =>
  json<HeldAttempt>("public", "GET", `/v1/attempts/${id}`, { key: shop.apiKey });
const press = (shop: Connected, id: string, verb: "capture" | "void", body: object = {}, key?: string) =>
  call("public", "POST", `/v1/attempts/${id}/${verb}`, {
    key: shop.apiKey,
    body,
    ...(key ? { headers: { "idempotency-key": key } } : {}),
  });
const eventsOf = async (shop: Connected, invoiceId: string) =>
  await database()
    .select({ type: events.type, actor: events.actor, data: events.data })
    .from(events)
    .where(and(eq(events.merchantId, shop.merchantId), eq(events.invoiceId, invoiceId)))
    .orderBy(events.position);
const payerState = async ({ owed }: Held) =>
  json<{ state: string; attempt: { hold: { until: string } | null } | null; truth: { kind: string }[] }>(
    "inside",
    "GET",
    `/payer/${tokenOf(owed)}`,
  );

/** An invoice whose payer has paid, and whose money is held. */
async function held(name: string): Promise<Held> {
  const shop = shopOf(name);
  const owed = await invoice(shop, { currency: side(name).currency });
  const { attempt_id } = await start(shop, owed, { locale: "en", email: "client@demo.example" });
  await side(name).pay(attempt_id, shop);
  await look(shop, attempt_id);
  expect((await readInvoice(shop, owed.id)).state).toBe("authorized");
  return { owed, attemptId: attempt_id };
}

describe.each(names)("%s", (name) => {
  test("[P17] what is paid is only held: nothing is taken, and the page says reserved and until when", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    expect(await side(name).asked(of.attemptId, "capture")).toBe(0);
    expect(await readInvoice(shop, of.owed.id)).toMatchObject({ state: "authorized", paid: { minor: 0 } });
    const seen = await attemptOf(shop, of.attemptId);
    expect(seen).toMatchObject({
      can_capture: true,
      can_capture_part: side(name).takesPart,
      can_void: side(name).letsGo,
      hold: { is_estimated: !side(name).tellsEnd },
    });
    const days = (Date.parse(seen.hold?.until ?? "") - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6);
    const page = await payerState(of);
    expect(page).toMatchObject({ state: "held", attempt: { hold: { until: seen.hold?.until } } });
  });

  test("pressed by five at once with keys of their own, it is taken by one call", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    const answers = await Promise.all(
      [1, 2, 3, 4, 5].map((press_) => press(shop, of.attemptId, "capture", {}, `press-${of.attemptId}-${press_}`)),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).toEqual([200, 409, 409, 409, 409]);
    expect(await side(name).asked(of.attemptId, "capture")).toBe(1);
    await runDue();
    expect(await readInvoice(shop, of.owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await attemptOf(shop, of.attemptId)).toMatchObject({
      can_capture: false,
      command: { verb: "capture", state: "done", by: expect.stringContaining("api_key:") },
    });
    const told = (await eventsOf(shop, of.owed.id)).map(({ type }) => type);
    expect(told.filter((type) => type === "attempt.capture_asked")).toHaveLength(1);
  });

  test("the answer to a capture is lost: nothing is asked twice, the processor is asked until it is known", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    await side(name).loseAnswer(of.attemptId, shop);
    const lost = await press(shop, of.attemptId, "capture");
    expect([lost.status, ((await lost.json()) as { code: string }).code]).toEqual([502, "hold_outcome_unknown"]);
    expect((await press(shop, of.attemptId, "capture")).status).toBe(409);
    // The schedule asks within seconds.
    await advance(10);
    await runDue();
    await advance(30);
    await runDue();
    expect(await readInvoice(shop, of.owed.id)).toMatchObject({ state: "paid", paid: { minor: 24_990 } });
    expect(await attemptOf(shop, of.attemptId)).toMatchObject({ state: "captured", command: { state: "done" } });
    expect(await side(name).asked(of.attemptId, "capture")).toBe(1);
  }, 60_000);

  test("a capture that died before its call is asked about, found not done, and works when it is pressed again", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    const context = await makeContext(bindings);
    const where = { merchantId: shop.merchantId, invoiceId: of.owed.id };
    await takeStep(context.db, context.stepBy("member:died"), where, (step) => {
      const [attempt] = step.story.attempts;
      if (attempt) beginCommand(step, attempt, { verb: "capture", amountMinor: 24_990n, key: `died-${attempt.id}` });
    });
    expect((await press(shop, of.attemptId, "capture")).status).toBe(409);
    expect(await side(name).asked(of.attemptId, "capture")).toBe(0);
    await advance(COMMAND_ALIVE_MS / 1000 + 5);
    await runDue();
    expect(await attemptOf(shop, of.attemptId)).toMatchObject({
      state: "authorized",
      can_capture: true,
      command: { state: "refused", code: "not_done" },
    });
    expect((await press(shop, of.attemptId, "capture")).status).toBe(200);
    expect(await side(name).asked(of.attemptId, "capture")).toBe(1);
    expect((await readInvoice(shop, of.owed.id)).state).toBe("paid");
  });

  test("a refused capture leaves the hold, keeps the processor's words, and the second try works", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    await side(name).refuse(of.attemptId, shop);
    const refused = await press(shop, of.attemptId, "capture");
    expect(refused.status).toBeGreaterThanOrEqual(400);
    const after = await attemptOf(shop, of.attemptId);
    expect(after).toMatchObject({ state: "authorized", can_capture: true, command: { state: "refused" } });
    expect(after.command?.text).toBeTruthy();
    expect(after.command?.text).toContain(side(name).words);
    expect((await readInvoice(shop, of.owed.id)).state).toBe("authorized");
    expect((await press(shop, of.attemptId, "capture")).status).toBe(200);
    expect((await readInvoice(shop, of.owed.id)).state).toBe("paid");
  });

  test("a part is taken where it is declared, and refused where it is not", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    const answer = await press(shop, of.attemptId, "capture", { amount_minor: 10_000 });
    if (side(name).takesPart) {
      expect(answer.status).toBe(200);
      expect((await readInvoice(shop, of.owed.id)).paid.minor).toBe(10_000);
    } else {
      expect(((await answer.json()) as { code: string }).code).toBe("partial_not_supported");
      expect(await side(name).asked(of.attemptId, "capture")).toBe(0);
    }
  });

  test("[P18] what the merchant lets go returns to the payer, whose page says released", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    const answer = await press(shop, of.attemptId, "void");
    if (!side(name).letsGo) {
      expect(((await answer.json()) as { code: string }).code).toBe("not_supported");
      // It runs out by itself; nobody tells, and asking finds it.
      await advance(8 * 86_400);
      await sandbox("POST", "/control/run-due");
      await look(shop, of.attemptId);
    } else {
      expect(answer.status).toBe(200);
      expect(await side(name).asked(of.attemptId, "void")).toBe(1);
    }
    expect((await attemptOf(shop, of.attemptId)).state).toBe("voided");
    expect(await readInvoice(shop, of.owed.id)).toMatchObject({ state: "open", paid: { minor: 0 } });
    const page = await payerState(of);
    expect(page.state).toBe("released");
    expect(page.truth.map(({ kind }) => kind)).toContain("released");
  });

  test("the merchant's policy is carried out by the clock before the hold ends, with its line on the timeline", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    await database().update(merchants).set({ holdPolicy: "capture" }).where(eq(merchants.id, shop.merchantId));
    const { hold } = await attemptOf(shop, of.attemptId);
    const left = Date.parse(hold?.until ?? "") - (await makeContext(bindings)).now.getTime();
    const before = side(name).tellsEnd ? 13 : 25;
    await advance(left / 1000 - before * 3600);
    await runDue();
    expect(await side(name).asked(of.attemptId, "capture")).toBe(0);
    expect(await raisedFor(shop, of.owed.id)).toEqual([expect.stringMatching(/^hold_ends_/)]);
    await advance(3600 + 60);
    await runDue();
    expect(await side(name).asked(of.attemptId, "capture")).toBe(1);
    expect(await readInvoice(shop, of.owed.id)).toMatchObject({ state: "paid" });
    const line = (await eventsOf(shop, of.owed.id)).find(({ type }) => type === "attempt.hold_policy");
    expect(line).toMatchObject({ actor: "system", data: { policy: "capture" } });
  });

  test("a policy of the connection counts before the merchant's; what cannot be carried out is put before a person", async () => {
    const shop = shopOf(name);
    const of = await held(name);
    await database().update(merchants).set({ holdPolicy: "capture" }).where(eq(merchants.id, shop.merchantId));
    await database().update(connections).set({ holdPolicy: "release" }).where(eq(connections.id, shop.connectionId));
    const { hold } = await attemptOf(shop, of.attemptId);
    const left = Date.parse(hold?.until ?? "") - (await makeContext(bindings)).now.getTime();
    await advance(left / 1000 - 11 * 3600);
    await runDue();
    await database().update(connections).set({ holdPolicy: null }).where(eq(connections.id, shop.connectionId));
    expect(await side(name).asked(of.attemptId, "capture")).toBe(0);
    if (side(name).letsGo) {
      expect((await attemptOf(shop, of.attemptId)).state).toBe("voided");
    } else {
      expect((await attemptOf(shop, of.attemptId)).state).toBe("authorized");
      expect(await raisedFor(shop, of.owed.id)).toContain("hold_policy_failed");
    }
  });
});

describe.each(["v1", "v2"] as const)("netopia %s", (protocol) => {
  test("[P17] a reservation is shown with its reckoned end; what the console does with it is followed", async () => {
    const shop = await connected(protocol, { posOptions: { preauth: true } });
    const hold = async () => {
      const owed = await invoice(shop);
      const { attempt_id, action } = await start(shop, owed);
      if (protocol === "v1")
        await fetch(action.url, { method: "POST", body: new URLSearchParams(action.fields ?? {}) });
      const told = protocol === "v1" ? { action: "paid" } : { status: 2 };
      await deliverIpn(await buildIpn(attempt_id, told));
      await runDue();
      expect((await readInvoice(shop, owed.id)).state).toBe("authorized");
      return { owed, attemptId: attempt_id };
    };
    const of = await hold();
    expect(await attemptOf(shop, of.attemptId)).toMatchObject({
      can_capture: false,
      can_void: false,
      hold: { is_estimated: true },
    });
    expect(await payerState(of)).toMatchObject({ state: "held", attempt: { hold: { is_estimated: true } } });
    const refused = await press(shop, of.attemptId, "capture");
    expect(((await refused.json()) as { code: string }).code).toBe("not_supported");
    await deliverIpn(await buildIpn(of.attemptId, protocol === "v1" ? { action: "confirmed" } : { status: 3 }));
    await runDue();
    expect((await readInvoice(shop, of.owed.id)).state).toBe("paid");
    const freed = await hold();
    await deliverIpn(await buildIpn(freed.attemptId, protocol === "v1" ? { action: "canceled" } : { status: 4 }));
    await runDue();
    expect((await payerState(freed)).state).toBe("released");
  });
});

test("[R14] with manual confirmation off the money is taken in one step, and there is nothing to press", async () => {
  for (const name of names) {
    const shop = shopOf(name);
    const mode = (captureMode: "manual" | "automatic") =>
      database().update(connections).set({ captureMode }).where(eq(connections.id, shop.connectionId));
    await mode("automatic");
    const owed = await invoice(shop, { currency: side(name).currency });
    const { attempt_id } = await start(shop, owed, { locale: "en", email: "client@demo.example" });
    await side(name).pay(attempt_id, shop);
    await look(shop, attempt_id);
    await mode("manual");
    expect(await readInvoice(shop, owed.id), name).toMatchObject({ state: "paid" });
    expect(await attemptOf(shop, attempt_id), name).toMatchObject({
      state: "captured",
      can_capture: false,
      can_void: false,
      command: null,
    });
    expect(await side(name).asked(attempt_id, "capture"), name).toBe(0);
  }
});
