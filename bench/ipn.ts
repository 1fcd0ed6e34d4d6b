// `npm run bench:ipn`: signed notifications (NETOPIA v2, RS512) into the edge Worker, durable and fully processed, beside
// the same rows written by one statement from plain Node with a pool, and from the edge runtime without any check.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import pg from "pg";
import { plantMerchant } from "../db/seed/stories.ts";
import { edgeVariables, startStack } from "../scripts/stack.ts";
import { type Cpu, cpuEach, readCpu } from "./cpu.ts";
import { bundleEdge, runWorker } from "./edge-runtime.ts";
import { fire, type Result, type Shot } from "./load.ts";
import { post } from "./post.ts";

const LEVELS = [1, 8, 32, 64];
const COUNT: Record<number, number> = { 1: 200, 8: 800, 32: 1200, 64: 1200 };
const WARM = 400;
const AMOUNT = 24_990;

/** Everything that one processed notification writes, as one statement; $1 names the attempt and makes all ids unique. */
const SAME_ROWS = `
with a as (select * from attempts where id = $1::text),
i as (insert into ipns (id, merchant_id, connection_id, processor, attempt_id, path, verdict, dedupe_key, state, reading, sealed, data_key_id, size_bytes, sha256, answer_status, answer_body, received_at, processed_at, purge_at)
  select 'ipn_' || a.id, merchant_id, connection_id, 'netopia', a.id, '/ipn/x', 'verified', $1, 'processed', '{"observations":[]}', repeat('x', 3000), 'dek', 1200, repeat('0', 64), 200, '{"errorCode":0}', now(), now(), now() + interval '90 days' from a returning 1),
o as (insert into observations (id, merchant_id, attempt_id, digest, source, kind, money_minor, money_currency, changed_state, recorded_at)
  select 'obs_' || a.id, merchant_id, a.id, $1, 'notification', 'captured', amount_minor, currency, true, now() from a returning 1),
t as (insert into tries (id, merchant_id, attempt_id, outcome, source, recorded_at) select 'try_' || a.id, merchant_id, a.id, 'accepted', 'notification', now() from a returning 1),
u as (update attempts set state = 'captured', captured_minor = amount_minor, processor_reference = $1, next_look_at = null, updated_at = now() where id = $1 returning 1),
v as (update invoices set state = 'paid', paid_minor = amount_minor, paid_at = now(), version = version + 1 where id = (select invoice_id from a) returning 1),
p as (insert into payments (id, merchant_id, invoice_id, attempt_id, source, processor, method, currency, amount_minor, is_kept, is_test, occurred_at, recorded_at)
  select 'pay_' || a.id, merchant_id, invoice_id, a.id, 'attempt', 'netopia', 'card', currency, amount_minor, true, true, now(), now() from a returning 1),
e as (insert into events (id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at)
  select 'evt_' || n || a.id, merchant_id, 'x', invoice_id, a.id, 'processor:netopia', true, '{"amountMinor":"24990","currency":"RON"}', now(), now() from a, generate_series(1, 4) n returning 1)
insert into audit_entries (id, merchant_id, actor, action, subject, after, at)
select 'aud_' || a.id, merchant_id, 'processor:netopia', 'payment.confirmed', 'pay_' || a.id, '{"settings":{}}', now() from a`;

const BARE_WORKER = `export default { async fetch(request, env) {
  const id = new URL(request.url).pathname.slice(1);
  await request.arrayBuffer();
  const answer = await fetch("http://" + env.NEON_LOCAL + "/sql", { method: "POST", headers: { "content-type": "application/json", "neon-connection-string": env.DATABASE_URL, "neon-raw-text-output": "true", "neon-array-mode": "true" }, body: JSON.stringify({ query: env.SQL, params: [id] }) });
  await answer.arrayBuffer();
  return new Response(null, { status: answer.ok ? 200 : 500 });
} }`;

const stack = await startStack({ web: "none", fsync: true });
const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 16 });
pool.on("error", () => {});
try {
  await bench();
} finally {
  await pool.end();
  await stack.stop();
}

async function bench(): Promise<void> {
  const { databaseUrl, neonHost, secrets, origins } = stack;
  const planted = await plantMerchant({ databaseUrl, neonHost, keyEncryptionKeys: secrets.keyEncryptionKeys });
  const account = await post<{ signature: string; apiKey: string }>(
    `${origins.sandbox}/control/netopia/points-of-sale`,
    {},
  );
  const connection = await post<{ id: string }>(
    `${origins.edge}/v1/connections`,
    {
      processor: "netopia",
      environment: "test",
      credentials: { protocol: "v2", signature: account.signature, apiKey: account.apiKey },
    },
    planted.apiKey,
  );

  const { script, gzipKib } = bundleEdge();
  const variables = await edgeVariables({ databaseUrl, neonHost, origins, smtpUrl: stack.smtpUrl, secrets });
  delete variables.CLOCK_URL; // the machine's own time, as in production
  const edge = await runWorker("plata-edge", script, variables, true);
  const bare = await runWorker(
    "bare",
    BARE_WORKER,
    { NEON_LOCAL: neonHost, DATABASE_URL: databaseUrl, SQL: SAME_ROWS },
    false,
  );
  const node = createServer((incoming, outgoing) => {
    incoming.resume();
    incoming.on("end", () => {
      pool.query({ name: "same-rows", text: SAME_ROWS, values: [(incoming.url ?? "").slice(1)] }).then(
        () => outgoing.end(),
        () => outgoing.writeHead(500).end(),
      );
    });
  });
  await new Promise<void>((resolve) => node.listen(0, "127.0.0.1", resolve));

  const plainShots = async (count: number, mark: string, like: Buffer): Promise<Shot[]> =>
    (await plantAttempts(planted.merchantId, planted.pointOfSaleId, connection.id, count, mark)).map((id) => ({
      path: `/${id}`,
      headers: { "content-type": "application/json" },
      body: like,
    }));
  const signedShots = async (count: number, mark: string) => {
    const ids = await plantAttempts(planted.merchantId, planted.pointOfSaleId, connection.id, count, mark);
    return { ids, shots: await sign(ids, account.signature, connection.id) };
  };
  const others = [
    ["bare edge, one statement", bare.port],
    ["plain Node, one statement", (node.address() as AddressInfo).port],
  ] as const;

  // Warm: every database connection has made its plans, and the tables are no longer believed to be empty.
  const warm = await signedShots(WARM, "w0");
  await fire(edge.port, warm.shots, 40);
  await untilCaptured(warm.ids, performance.now());
  for (const [name, port] of others) {
    await fire(port, await plainShots(WARM, `${name[0]}w`, warm.shots[0]?.body ?? Buffer.alloc(1200)), 40);
  }
  await pool.query("vacuum analyze");
  const again = await signedShots(WARM, "w1");
  await fire(edge.port, again.shots, 40);
  await untilCaptured(again.ids, performance.now());

  const rows: [string, number, Result, number, Cpu][] = [];
  for (const connections of LEVELS) {
    const count = COUNT[connections] ?? 500;
    const { ids, shots } = await signedShots(count, `e${connections}`);
    const body = shots[0]?.body ?? Buffer.alloc(1200);
    const before = readCpu();
    const began = performance.now();
    const ours = await fire(edge.port, shots, connections);
    const processed = await untilCaptured(ids, began);
    rows.push(["edge, durable and processed", connections, ours, processed, cpuEach(before, readCpu(), count)]);
    for (const [name, port] of others) {
      const plain = await plainShots(count, `${name[0]}${connections}`, body);
      const before = readCpu();
      const result = await fire(port, plain, connections);
      rows.push([name, connections, result, result.perSecond, cpuEach(before, readCpu(), count)]);
    }
  }
  node.close();
  await Promise.all([edge.stop(), bare.stop()]);

  console.log(
    "\n| path | connections | answered/s | processed/s | p50 ms | p99 ms | CPU ms each: workerd, PostgreSQL, load and endpoint | answers |\n|---|---|---|---|---|---|---|---|",
  );
  for (const [name, connections, r, processed, cpu] of rows) {
    console.log(
      `| ${name} | ${connections} | ${r.perSecond.toFixed(0)} | ${processed.toFixed(0)} | ${r.p50.toFixed(1)} | ${r.p99.toFixed(1)} | ${cpu.workerd.toFixed(2)}, ${cpu.postgres.toFixed(2)}, ${cpu.bench.toFixed(2)} | ${JSON.stringify(r.statuses)} |`,
    );
  }
  console.log(
    `\nedge bundle: ${gzipKib.toFixed(0)} KiB gzip, sign-in included; load of the machine ${loadavg()[0]?.toFixed(1)}\n`,
  );
  const at = (name: string) => rows.find((row) => row[0].startsWith(name) && row[1] === 32);
  const ours = at("edge");
  console.log(`ratio ipn-vs-node ${((ours?.[3] ?? 0) / (at("plain")?.[3] ?? 1)).toFixed(3)}`);
  console.log(`ratio ipn-vs-bare-edge ${((ours?.[3] ?? 0) / (at("bare")?.[3] ?? 1)).toFixed(3)}`);
  console.log(`ratio ipn-p99-vs-p50 ${((ours?.[2].p99 ?? 0) / (ours?.[2].p50 ?? 1)).toFixed(2)}`);
}

/** Open invoices with an attempt that waits for its payer, written directly: how they came is not measured here. */
async function plantAttempts(
  merchantId: string,
  pointOfSaleId: string,
  connectionId: string,
  count: number,
  mark: string,
): Promise<string[]> {
  const tag = mark.replace(/[^a-z0-9]/gi, "").padEnd(4, "0");
  await pool.query(
    `insert into invoices (id, merchant_id, point_of_sale_id, kind, state, is_test, currency, amount_minor, accepts_card, payer_name, locale, link_token, created_by, created_at, updated_at)
     select 'inv_${tag}' || lpad(n::text, 22, '0'), $1, $2, 'proforma', 'open', true, 'RON', ${AMOUNT}, true, 'Client', 'ro', '${tag}' || lpad(n::text, 18, '0'), 'bench', now(), now() from generate_series(1, $3::int) n`,
    [merchantId, pointOfSaleId, count],
  );
  const { rows } = await pool.query<{ id: string }>(
    `insert into attempts (id, merchant_id, invoice_id, connection_id, processor, method, state, is_test, currency, amount_minor, capture_mode, secret_hash, started_by, created_at, updated_at, expires_at)
     select 'att_${tag}' || lpad(n::text, 22, '0'), $1, 'inv_${tag}' || lpad(n::text, 22, '0'), $2, 'netopia', 'card', 'awaiting_payer', true, 'RON', ${AMOUNT}, 'automatic', 'x', 'payer', now(), now(), now() + interval '1 hour' from generate_series(1, $3::int) n returning id`,
    [merchantId, connectionId, count],
  );
  return rows.map((row) => row.id);
}

async function sign(ids: string[], signature: string, connectionId: string): Promise<Shot[]> {
  const waiting = [...ids];
  const shots: Shot[] = [];
  const lane = async () => {
    for (let id = waiting.pop(); id; id = waiting.pop()) {
      const built = await post<{ headers: Record<string, string>; bodyBase64: string }>(
        `${stack.origins.sandbox}/control/netopia/ipn`,
        {
          protocol: "v2",
          signature,
          url: `${stack.origins.edge}/ipn/${connectionId}`,
          deliver: false,
          body: {
            payment: {
              ntpID: `9${id.slice(-12)}`,
              status: 3,
              amount: AMOUNT / 100,
              currency: "RON",
              code: "00",
              message: "Approved",
              data: { RRN: "000000000000", AuthCode: "000000" },
            },
            order: { orderID: id, posSignature: signature, amount: AMOUNT / 100, currency: "RON" },
          },
        },
      );
      shots.push({
        path: `/ipn/${connectionId}`,
        headers: built.headers,
        body: Buffer.from(built.bodyBase64, "base64"),
      });
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  return shots;
}

/** Waits until all are captured; how many that was per second since `began`. */
async function untilCaptured(ids: string[], began: number): Promise<number> {
  for (let i = 0; i < 3000; i++) {
    const { rows } = await pool.query<{ n: string }>(
      "select count(*) as n from attempts where id = any($1) and state = 'captured'",
      [ids],
    );
    if (Number(rows[0]?.n) === ids.length) return ids.length / ((performance.now() - began) / 1000);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const { rows } = await pool.query("select verdict, state, reason, count(*) from ipns group by 1, 2, 3");
  throw new Error(`not all notifications were processed: ${JSON.stringify(rows)}`);
}
