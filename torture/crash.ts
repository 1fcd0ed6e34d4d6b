// Payments run through the API and the simulator while the edge Worker and Postgres are killed with SIGKILL at random
// moments. When everything due was delivered, the house and the simulator must tell the same story, once.
import { type Rig, sha256, startRig } from "./rig.ts";
import { Checks, type Die, die, Final, pick, type Say, sideBySide, until } from "./support.ts";

export type CrashOptions = {
  seed: number;
  payments: number;
  kills: number /** Edge and Postgres by turns instead of by chance. */;
  inTurn?: boolean;
  say: Say;
};
export type CrashResult = { checks: Checks; told: Record<string, number> };

const AMOUNT = 24_990;
const LONGEST_MS = 15 * 60_000;

type Shop = { apiKey: string; merchantId: string; v1: string; v2: string };
type Protocol = "v1" | "v2";
type Started = { attempt_id: string; action: { kind: string; url: string; fields?: Record<string, string> } };
type Ipn = {
  action: string;
  id: string;
  crc: string;
  state: string;
  deliveries: { bodyBase64: string; verdict: string; answer: string; faults: string[] }[];
};
type SimulatedPayment = {
  id: string;
  protocol: Protocol;
  orderId: string;
  status: number;
  authorized: number;
  captured: number;
  credited: number;
  ipns: Ipn[];
};

/** What a payer and a merchant do to one invoice. */
const STORIES = [
  ...Array<"v2">(9).fill("v2"),
  ...Array<"v1">(7).fill("v1"),
  "decline_then_pay",
  "decline_then_pay",
  "decline",
  "3ds",
  "3ds",
  "abandon",
  "refund",
  "refund",
  "refund_part",
  "twice",
  "twice",
] as const;
type Plan = {
  index: number;
  story: (typeof STORIES)[number];
  protocol: Protocol;
  fault: string | null;
  refund: number;
};

const FAULTS = {
  v1: ["duplicate", "new_crc", "late", "out_of_order", "tampered_data", "wrong_key"],
  v2: ["duplicate", "lost", "late", "out_of_order", "wrong_key", "malformed_json", "tampered_body"],
} as const;

function planOf(roll: Die, index: number): Plan {
  const story = pick(roll, STORIES as unknown as [Plan["story"], ...Plan["story"][]]);
  const protocol: Protocol =
    story === "v1" ? "v1" : story === "v2" || story.startsWith("refund") ? "v2" : roll() < 0.5 ? "v1" : "v2";
  const faults: readonly [string, ...string[]] = FAULTS[protocol];
  let fault = roll() < 0.25 ? pick(roll, faults) : null;
  // Held until a next event that never comes is lost for good; in v1 nobody can be asked about it.
  if (fault === "out_of_order" && protocol === "v1" && story !== "decline_then_pay") fault = "late";
  return { index, story, protocol, fault, refund: 1 + Math.floor(roll() * 9000) };
}

class Answered extends Error {
  readonly status: number;
  readonly code: string;
  constructor(what: string, status: number, text: string) {
    super(`${what}: ${status} ${text.slice(0, 300)}`);
    this.status = status;
    this.code = /"code":"([a-z_]+)"/.exec(text)?.[1] ?? "";
  }
}

/** One call of the edge Worker, by the internet's door or the web Worker's. */
async function call<T>(url: string, method: string, options: { key?: string; once?: string; body?: unknown } = {}) {
  const answer = await fetch(url, {
    method,
    headers: {
      ...(options.key ? { authorization: `Bearer ${options.key}` } : {}),
      ...(options.once ? { "idempotency-key": options.once } : {}),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await answer.text();
  if (!answer.ok)
    throw new Answered(`${method} ${new URL(url).pathname.split("/").slice(0, 3).join("/")}`, answer.status, text);
  return JSON.parse(text) as T;
}

async function openShop(rig: Rig): Promise<Shop> {
  const planted = await rig.plant({ fiscalFromProforma: true, recordCollection: true });
  const connect = async (protocol: Protocol) => {
    const account = await rig.sandbox<Record<string, string>>("POST", "/control/netopia/points-of-sale", {
      keyBits: 1024,
      options: { ipnTimeoutMs: 5000, maxTries: 60, maxRetrySeconds: 600 },
    });
    const credentials =
      protocol === "v1"
        ? { protocol, signature: account.signature, certificate: account.certificate, privateKey: account.privateKey }
        : { protocol, signature: account.signature, apiKey: account.apiKey };
    const { id } = await call<{ id: string }>(`${rig.origins.edge}/v1/connections`, "POST", {
      key: planted.apiKey,
      body: { processor: "netopia", environment: "test", credentials },
    });
    return id;
  };
  const shop = { ...planted, v1: await connect("v1"), v2: await connect("v2") };
  await call(`${rig.origins.edge}/v1/webhook-endpoints`, "POST", {
    key: shop.apiKey,
    body: { url: `${rig.origins.sandbox}/partner/crash-0`, event_types: ["*"] },
  });
  // Others want to hear of some things only.
  for (const [index, event_types] of [["payment.captured"], ["invoice.paid", "refund.succeeded"]].entries()) {
    await call(`${rig.origins.edge}/v1/webhook-endpoints`, "POST", {
      key: shop.apiKey,
      body: { url: `${rig.origins.sandbox}/partner/crash-${index + 1}`, event_types },
    });
  }
  return shop;
}

/** A payment as a payer, a browser and a merchant live it: everybody tries again until there is an answer. */
class Driver {
  readonly told: Record<string, number> = {};
  readonly #rig: Rig;
  readonly #shop: Shop;

  constructor(rig: Rig, shop: Shop) {
    this.#rig = rig;
    this.#shop = shop;
  }

  /** Does something and adds up how long it took. */
  async timed<T>(what: string, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work();
    } finally {
      this.count(`ms ${what}`, Math.round(performance.now() - began));
    }
  }

  count(what: string, by = 1): void {
    this.told[what] = (this.told[what] ?? 0) + by;
  }

  async #invoice(index: number): Promise<string> {
    const { edge } = this.#rig.origins;
    const key = this.#shop.apiKey;
    let once = `torture-${index}-0`;
    let runs = 0;
    const made = await until(`invoice ${index}`, async () => {
      try {
        return await call<{ link: string }>(`${edge}/v1/invoices`, "POST", {
          key,
          once,
          body: {
            kind: "proforma",
            currency: "RON",
            payer_name: `Client ${index}`,
            payer_email: "client@demo.example",
            payer_phone: "0700 000 000",
            accepts_card: true,
            note: once,
            lines: [{ description: "Servicii", unit_price_minor: AMOUNT }],
          },
        });
      } catch (error) {
        if (error instanceof Answered && (error.code === "idempotency_running" || error.status === 500)) {
          // The house died between taking the key and keeping the answer. A partner asks whether it was made.
          runs += 1;
          if (error.status === 409 && runs < 12) throw error;
          const [row] = await this.#rig.query<{ token: string }>(
            "select link_token as token from invoices where merchant_id = $1 and note = $2 and kind = 'proforma'",
            [this.#shop.merchantId, once],
          );
          this.count(row ? "idempotency keys left behind, invoice made" : "idempotency keys left behind, nothing made");
          if (row) return { link: `/i/${row.token}` };
          once = `torture-${index}-${runs}`;
        }
        throw error;
      }
    });
    return made.link.split("/").at(-1) ?? "";
  }

  #start(token: string, protocol: Protocol): Promise<Started> {
    return this.timed("start", () => this.#startIt(token, protocol));
  }

  async #startIt(token: string, protocol: Protocol): Promise<Started> {
    const started = await until(`start ${protocol}`, async () => {
      try {
        return await call<Started>(`${this.#rig.origins.door}/payer/${token}/attempts`, "POST", {
          body: { connection_id: this.#shop[protocol], method: "card", locale: "ro", is_warned: true },
        });
      } catch (error) {
        // A twin in progress will end; any other refusal is an answer.
        const isRefusal = error instanceof Answered && error.status < 500 && error.code !== "payment_in_progress";
        throw isRefusal ? new Final(error.message, { cause: error }) : error;
      }
    });
    if (started.action.kind === "post_form") {
      // What the payer's browser does with the sealed form.
      const shown = await fetch(started.action.url, {
        method: "POST",
        body: new URLSearchParams(started.action.fields ?? {}),
        redirect: "manual",
      });
      await shown.arrayBuffer();
      if (shown.status >= 400) throw new Error(`the simulator refused a form: ${shown.status}`);
    }
    return started;
  }

  #act(orderId: string, body: Record<string, unknown>): Promise<{ result: string }> {
    return this.timed("act", () => this.#rig.sandbox("POST", `/control/netopia/payments/${orderId}/act`, body));
  }

  async run(plan: Plan): Promise<void> {
    const token = await this.timed("invoice", () => this.#invoice(plan.index));
    const { attempt_id: id } = await this.#start(token, plan.protocol);
    if (plan.fault) {
      const body = { fault: plan.fault, orderId: id, ...(plan.fault === "late" ? { delaySeconds: 120 } : {}) };
      await this.#rig.sandbox("POST", "/control/netopia/faults", body);
      this.count(`fault ${plan.fault}`);
    }
    switch (plan.story) {
      case "abandon":
        break;
      case "decline":
        await this.#act(id, { action: "decline", code: "20" });
        break;
      case "decline_then_pay":
        await this.#act(id, { action: "decline", code: "20" });
        await this.#act(id, { action: "pay" });
        break;
      case "3ds": {
        await this.#act(id, { action: "pay", card: "9900009184214768" });
        await this.#act(id, { action: "approve-3ds" });
        break;
      }
      case "twice": {
        const other = await this.#start(token, plan.protocol === "v1" ? "v2" : "v1");
        await Promise.all([id, other.attempt_id].map((its) => this.#act(its, { action: "pay" })));
        break;
      }
      default:
        await this.#act(id, { action: "pay" });
    }
    // The browser goes back, which makes the house look; it may find it dead.
    await call(`${this.#rig.origins.door}/payer/${token}/returned`, "POST", { body: { attempt_id: id } }).catch(
      () => {},
    );
    if (plan.story === "refund" || plan.story === "refund_part") await this.#refund(id, plan);
    this.count(`story ${plan.story}`);
  }

  async #refund(attemptId: string, plan: Plan): Promise<void> {
    const once = `refund-${plan.index}`;
    let running = 0;
    await until(
      `refund ${plan.index}`,
      async () => {
        try {
          await call(`${this.#rig.origins.edge}/v1/refunds`, "POST", {
            key: this.#shop.apiKey,
            once,
            body: { attempt_id: attemptId, ...(plan.story === "refund" ? {} : { amount_minor: plan.refund }) },
          });
        } catch (error) {
          // A key left behind: whether the refund was made is checked at the end, by the sums.
          if (error instanceof Answered && error.code === "idempotency_running" && ++running > 12) {
            this.count("idempotency keys left behind, refund");
            return;
          }
          if (error instanceof Answered && error.status === 500) {
            this.count("refund answered 500");
            return;
          }
          throw error;
        }
      },
      90_000,
    );
  }
}

export async function crash(options: CrashOptions): Promise<CrashResult> {
  const { seed, payments, say } = options;
  const roll = die(seed);
  const rig = await startRig({ fsync: true, limits: { PAYER_LIMIT: 1_000_000, IPN_LIMIT: 1_000_000 } });
  try {
    const shop = await openShop(rig);
    const driver = new Driver(rig, shop);
    const plans = Array.from({ length: payments }, (_, index) => planOf(roll, index));
    const began = Date.now();
    let isDone = false;
    let done = 0;
    let kills = 0;

    const driving = sideBySide(plans, 12, async (plan) => {
      if (Date.now() - began > LONGEST_MS) return;
      await driver.run(plan);
      done += 1;
      if (done % 200 === 0)
        say(`  ${done} payments driven, ${kills} kills, ${Math.round((Date.now() - began) / 1000)} s`);
    }).finally(() => {
      isDone = true;
    });
    // Kills are spread over the work, not over the time: each comes when so many payments were driven, give or take.
    const killing = (async () => {
      const killRoll = die(seed ^ 0x5eed);
      for (let turn = 0; turn < options.kills && !isDone; turn++) {
        const at = ((turn + killRoll()) / options.kills) * payments;
        while (done < at && !isDone) await new Promise((resolve) => setTimeout(resolve, 15));
        await new Promise((resolve) => setTimeout(resolve, killRoll() * 120));
        const what = options.inTurn ? (turn % 2) / 2 : killRoll();
        if (what < 0.45) await rig.killEdge();
        else if (what < 0.85) await until("killing Postgres", () => rig.killPostgres(), 30_000);
        else await Promise.all([rig.killEdge(), until("killing Postgres", () => rig.killPostgres(), 30_000)]);
        driver.count(what < 0.45 ? "killed edge" : what < 0.85 ? "killed postgres" : "killed both");
        kills += 1;
      }
    })();
    // Time goes on, faster than real, so that retries and looks come due in between.
    const ticking = (async () => {
      while (!isDone) {
        await new Promise((resolve) => setTimeout(resolve, 1500));
        await rig.sandbox("POST", "/clock", { advanceSeconds: 15 });
        await rig.runCron().catch(() => driver.count("cron found the house dead"));
      }
    })();
    await Promise.all([driving, killing, ticking]);
    say(`  driven in ${Math.round((Date.now() - began) / 1000)} s; ${kills} kills; now everything due is delivered`);
    await settleAll(rig);
    say(`  settled after ${Math.round((Date.now() - began) / 1000)} s`);
    const checks = await judge(rig, shop, driver);
    checks.that(
      `${payments} payments were driven`,
      done === payments,
      `only ${done} in ${LONGEST_MS / 60_000} minutes`,
    );
    driver.told.kills = kills;
    for (const [message, count] of rig.errors) driver.told[`logged: ${message}`] = count;
    return { checks, told: driver.told };
  } finally {
    await rig.stop();
  }
}

/** Moves the clock on until nobody has anything left to say or to do: minutes first, then hours, then two days. */
async function settleAll(rig: Rig): Promise<void> {
  const waiting = async () => {
    const [row] = await rig.query<{ due: number }>(
      `select (select count(*) from ipns where next_try_at is not null)
            + (select count(*) from outbox where next_attempt_at is not null)
            + (select count(*) from attempts where next_look_at is not null) as due`,
    );
    const { jobs } = await rig.sandbox<{ jobs: unknown[] }>("GET", "/control/schedule");
    return Number(row?.due) + jobs.length;
  };
  for (const [seconds, turns] of [
    [60, 4],
    [600, 8],
    [3600, 12],
    [6 * 3600, 14],
  ] as const) {
    for (let turn = 0; turn < turns; turn++) {
      await rig.sandbox("POST", "/clock", { advanceSeconds: seconds });
      await rig.sandbox("POST", "/control/run-due");
      await until("cron", () => rig.runCron(), 60_000);
      if ((await waiting()) === 0) return;
    }
  }
}

type AttemptRow = {
  id: string;
  state: string;
  captured: number;
  invoice_id: string;
  refunded: number;
  payments: number;
};

/** Holds what the house believes against what the simulator knows. */
async function judge(rig: Rig, shop: Shop, driver: Driver): Promise<Checks> {
  const checks = new Checks();
  const simulated = await rig.sandbox<SimulatedPayment[]>("GET", "/control/netopia/payments");
  const attempts = await rig.query<AttemptRow>(
    `select a.id, a.state, a.captured_minor::int as captured, a.invoice_id,
       (select coalesce(sum(r.amount_minor), 0)::int from refunds r where r.attempt_id = a.id and r.state = 'succeeded') as refunded,
       (select count(*)::int from payments p where p.attempt_id = a.id and p.amount_minor > 0) as payments
     from attempts a`,
  );
  const byId = new Map(attempts.map((row) => [row.id, row]));
  const known = new Map(simulated.map((payment) => [payment.orderId, payment]));
  driver.told.attempts = attempts.length;
  driver.told["payments captured at the simulator"] = simulated.filter((p) => p.captured > 0).length;
  driver.told["refunds at the simulator"] = simulated.filter((p) => p.credited > 0).length;
  driver.told["notification deliveries"] = simulated.flatMap((p) => p.ipns.flatMap((i) => i.deliveries)).length;

  checks.hold(
    "every payment reached the end that the simulator knows",
    simulated.flatMap((its) => {
      const ours = byId.get(its.orderId);
      if (!ours) return [`${its.orderId} is unknown here`];
      if (its.captured !== ours.captured)
        return [
          `${its.orderId}: captured ${its.captured} there, ${ours.captured} here (${ours.state}), ${its.protocol}, notifications ${its.ipns.map((i) => `${i.action} ${i.state}`).join(", ")}`,
        ];
      if (its.captured > 0 && ours.state !== "captured") return [`${its.orderId}: captured there, ${ours.state} here`];
      if (its.captured === 0 && !["declined", "expired", "voided"].includes(ours.state))
        return [`${its.orderId}: status ${its.status} there, ${ours.state} here`];
      return [];
    }),
  );
  checks.hold(
    "what never reached the simulator ended without money",
    attempts.flatMap((row) =>
      known.has(row.id) || (row.captured === 0 && ["declined", "expired"].includes(row.state))
        ? []
        : [`${row.id}: ${row.state}`],
    ),
  );
  checks.hold(
    "refunds agree with the simulator, none doubled",
    simulated.flatMap((its) =>
      its.credited === byId.get(its.orderId)?.refunded
        ? []
        : [`${its.orderId}: ${its.credited} there, ${byId.get(its.orderId)?.refunded} here`],
    ),
  );
  checks.hold(
    "one payment per captured attempt",
    attempts.flatMap((row) =>
      row.payments === (row.captured > 0 ? 1 : 0) ? [] : [`${row.id}: ${row.payments} payments`],
    ),
  );
  checks.hold(
    // A kill between the row and the call leaves one that nobody can be asked about: then a person knows of it.
    "no refund is left under way, but for those put before a person",
    await texts(
      rig,
      `select id || ': ' || state from refunds r where state not in ('succeeded', 'failed') and not (state = 'unresolved'
         and exists (select from attention_items a where a.kind = 'refund_pending_long' and a.detail ->> 'refundId' = r.id))`,
    ),
  );
  checks.hold(
    "sums add up per invoice: paid = payments = events, paid exactly when covered",
    await texts(
      rig,
      `with sums as (
         select i.id, i.paid_minor, i.amount_minor, i.state,
           (select coalesce(sum(p.amount_minor), 0) from payments p where p.invoice_id = i.id) as moved,
           (select coalesce(sum(p.amount_minor), 0) from payments p where p.invoice_id = i.id and p.is_kept) as kept,
           (select coalesce(sum((e.data ->> 'amountMinor')::bigint * case e.type when 'refund.succeeded' then -1 else 1 end), 0)
              from events e where e.invoice_id = i.id
              and e.type in ('payment.captured', 'payment.paid_twice', 'refund.succeeded')) as told
         from invoices i where i.kind = 'proforma')
       select id || ': paid ' || paid_minor || ', payments ' || moved || ', events ' || told || ', ' || state from sums
       where paid_minor <> moved or moved <> told or (state = 'paid') <> (kept >= amount_minor)`,
    ),
  );
  const [total] = await rig.query<{ moved: number }>(
    "select coalesce(sum(amount_minor), 0)::int as moved from payments",
  );
  const there = simulated.reduce((sum, its) => sum + its.captured - its.credited, 0);
  checks.that("sums add up over all", total?.moved === there, `${there} there, ${total?.moved} here`);
  checks.hold(
    "at most one kept capture per invoice",
    await texts(
      rig,
      `select invoice_id from payments where is_kept and amount_minor > 0 group by 1 having count(*) > 1`,
    ),
  );
  checks.hold(
    "numbers without doubles and gaps",
    await texts(
      rig,
      `select series_id || ': ' || count(*) || ' documents, ' || count(distinct number) || ' numbers, up to ' || max(number)
       from invoices where number is not null group by series_id
       having count(*) <> count(distinct number) or max(number) - min(number) + 1 <> count(*)`,
    ),
  );
  checks.hold(
    "one fiscal invoice for each proforma that was paid, none else",
    await texts(
      rig,
      `select i.id || ': ' || count(f.id) from invoices i left join invoices f on f.proforma_id = i.id where i.kind = 'proforma'
       group by i.id
       having count(f.id) <> (exists (select from payments p where p.invoice_id = i.id and p.is_kept and p.amount_minor > 0))::int`,
    ),
  );
  checks.hold(
    "one collection for each kept payment",
    await texts(
      rig,
      `select p.id || ': ' || count(c.id) from payments p left join collections c on c.payment_id = p.id
       where p.is_kept group by p.id having count(c.id) <> 1`,
    ),
  );
  await judgeInbox(rig, checks, simulated);
  await judgeOutside(rig, shop, checks, driver);
  return checks;
}

async function judgeInbox(rig: Rig, checks: Checks, simulated: SimulatedPayment[]): Promise<void> {
  const rows = await rig.query<{
    sha256: string;
    dedupe_key: string;
    verdict: string;
    state: string;
    reason: string | null;
    id: string;
  }>("select id, sha256, dedupe_key, verdict, state, reason from ipns");
  const stored = rows.filter((row) => row.verdict !== "rejected");
  const hashes = new Set(stored.map((row) => row.sha256));
  const crcs = new Set(stored.map((row) => row.dedupe_key.split(":").slice(0, 2).join(":")));
  const missing: string[] = [];
  for (const its of simulated) {
    for (const delivery of its.ipns.flatMap((ipn) => ipn.deliveries)) {
      if (delivery.verdict !== "accepted") continue;
      const crc = /<crc>([^<]+)<\/crc>/.exec(delivery.answer)?.[1];
      const isThere = crc
        ? crcs.has(`${its.orderId}:${crc}`)
        : hashes.has(sha256(Buffer.from(delivery.bodyBase64, "base64")));
      if (!isThere) missing.push(`${its.orderId} (${its.protocol})`);
    }
  }
  checks.hold("no notification that was answered positively is missing from the inbox", missing);
  checks.hold(
    "every stored notification was processed",
    stored.flatMap((row) => (row.state === "processed" ? [] : [`${row.id}: ${row.state} ${row.reason ?? ""}`])),
  );
  checks.hold(
    "every notification that the simulator sent was taken in the end",
    simulated.flatMap((its) =>
      its.ipns.flatMap((ipn) =>
        ["accepted", "lost", "held"].includes(ipn.state) ? [] : [`${its.orderId}: ${ipn.state}`],
      ),
    ),
  );
}

async function judgeOutside(rig: Rig, shop: Shop, checks: Checks, driver: Driver): Promise<void> {
  type Told = { headers: Record<string, string>; body: string };
  const endpoints = await rig.query<{ id: string; url: string; event_types: string[] }>(
    "select id, url, event_types from webhook_endpoints",
  );
  const events = await rig.query<{ id: string; type: string }>("select id, type from events where merchant_id = $1", [
    shop.merchantId,
  ]);
  const misnamed: string[] = [];
  const missing: string[] = [];
  let deliveries = 0;
  for (const endpoint of endpoints) {
    const told = await rig.sandbox<Told[]>("GET", `/control/partner/${endpoint.url.split("/").at(-1)}`);
    deliveries += told.length;
    const heard = new Set<string>();
    for (const { headers, body } of told) {
      const { data } = JSON.parse(body) as { data: { event_id: string } };
      if (headers["webhook-id"] !== data.event_id) misnamed.push(`${data.event_id} came as ${headers["webhook-id"]}`);
      heard.add(data.event_id);
    }
    const wanted = events.filter(
      ({ type }) => endpoint.event_types.includes("*") || endpoint.event_types.includes(type),
    );
    const since = new Set(wanted.map(({ id }) => id));
    for (const { id, type } of wanted) if (!heard.has(id)) missing.push(`${type} ${id} at ${endpoint.url.slice(-8)}`);
    for (const id of heard) if (!since.has(id)) misnamed.push(`${id} is no event of ours`);
  }
  driver.told["webhooks told"] = deliveries;
  driver.told.events = events.length;
  checks.hold("every webhook effect was delivered at least once", missing);
  checks.hold("no outside delivery came under two ids", misnamed);
  checks.hold(
    "each fact was told as one event",
    await texts(
      rig,
      `select type || ' ' || coalesce(data ->> 'paymentId', data ->> 'refundId', data ->> 'fiscalInvoiceId') from events
       where type in ('payment.captured', 'payment.paid_twice', 'refund.requested', 'refund.succeeded', 'invoice.fiscal_issued')
       group by 1, merchant_id, type having count(*) > 1`,
    ),
  );
  // Who follows by cursor gets everything once.
  const read: string[] = [];
  let cursor: string | null = null;
  for (;;) {
    const page: { data: { id: string }[]; next_cursor: string | null } = await until("events", () =>
      call(`${rig.origins.edge}/v1/events?limit=500${cursor ? `&cursor=${cursor}` : ""}`, "GET", { key: shop.apiKey }),
    );
    if (page.data.length === 0) break;
    read.push(...page.data.map(({ id }) => id));
    cursor = page.next_cursor;
  }
  checks.that(
    "the feed of events skips and doubles nothing",
    read.length === events.length && new Set(read).size === events.length,
    `${read.length} read (${new Set(read).size} different), ${events.length} there`,
  );
}

async function texts(rig: Rig, query: string): Promise<string[]> {
  return (await rig.query<Record<string, unknown>>(query)).map((row) => String(Object.values(row)[0]));
}
