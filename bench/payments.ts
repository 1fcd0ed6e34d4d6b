// `npm run bench:payments`: links paid through the simulator (NETOPIA v2) from the payer's page to their final state, and
// how soon after the notification was answered the payer's page says that it is paid.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import pg from "pg";
import { plantMerchant } from "../db/seed/stories.ts";
import { freePorts } from "../scripts/paths.ts";
import { edgeVariables, startStack } from "../scripts/stack.ts";
import { type Cpu, cpuEach, readCpu } from "./cpu.ts";
import { bundleEdge, runWorker } from "./edge-runtime.ts";
import { quantile } from "./load.ts";
import { post } from "./post.ts";

const LEVELS = [1, 4, 16];
const COUNT: Record<number, number> = { 1: 40, 4: 120, 16: 240 };
const WARM = 40;

type PayerView = { state: string; methods: { connection_id: string; method: string }[] };
type Started = { attempt_id: string; action: { kind: string; url?: string } };

/** By attempt: when the answer to its notification of a payment was out. */
const answered = new Map<string, number>();

const stack = await startStack({ web: "none", fsync: true });
const pool = new pg.Pool({ connectionString: stack.databaseUrl, max: 4 });
pool.on("error", () => {});
try {
  await bench();
} finally {
  await pool.end();
  await stack.stop();
}

async function bench(): Promise<void> {
  const { databaseUrl, neonHost, secrets, origins, smtpUrl } = stack;
  const planted = await plantMerchant({ databaseUrl, neonHost, keyEncryptionKeys: secrets.keyEncryptionKeys });
  const account = await post<{ signature: string; apiKey: string }>(
    `${origins.sandbox}/control/netopia/points-of-sale`,
    {},
  );
  const credentials = { protocol: "v2", signature: account.signature, apiKey: account.apiKey };
  await post(
    `${origins.edge}/v1/connections`,
    { processor: "netopia", environment: "test", credentials },
    planted.apiKey,
  );

  const ports = await freePorts(2);
  const gate = await openGate(ports[0] ?? 0);
  const variables = await edgeVariables({
    databaseUrl,
    neonHost,
    origins: { ...origins, edge: `http://localhost:${gate.port}` },
    smtpUrl,
    secrets,
  });
  delete variables.CLOCK_URL;
  const edge = await runWorker("plata-edge", bundleEdge().script, variables, true, ports);
  const door = `http://127.0.0.1:${edge.doorPort}`;

  await payAll(door, await plantLinks(planted.merchantId, planted.pointOfSaleId, WARM, "warm"), 8);
  await pool.query("vacuum analyze");
  const rows: string[] = [];
  const perSecond = new Map<number, number>();
  let latest: number[] = [];
  for (const level of LEVELS) {
    const count = COUNT[level] ?? 40;
    const tokens = await plantLinks(planted.merchantId, planted.pointOfSaleId, count, `n${level}`);
    const before = readCpu();
    const began = performance.now();
    const { whole, seen } = await payAll(door, tokens, level);
    const rate = count / ((performance.now() - began) / 1000);
    const cpu: Cpu = cpuEach(before, readCpu(), count);
    perSecond.set(level, rate);
    latest = seen;
    const ms = (times: number[], q: number) => quantile(times, q).toFixed(0);
    rows.push(
      `| ${level} | ${rate.toFixed(1)} | ${ms(whole, 0.5)} | ${ms(whole, 0.99)} | ${ms(seen, 0.5)} | ${ms(seen, 0.99)} | ${cpu.workerd.toFixed(1)}, ${cpu.postgres.toFixed(1)} |`,
    );
  }
  gate.close();
  await edge.stop();

  console.log(
    "\n| payers at once | paid per second | page to paid, ms p50 | p99 | page says paid after the answer, ms p50 | p99 | CPU ms each: workerd, PostgreSQL |\n|---|---|---|---|---|---|---|",
  );
  for (const row of rows) console.log(row);
  console.log(`\nload of the machine ${loadavg()[0]?.toFixed(1)}\n`);
  console.log(`ratio payments-16-vs-1 ${((perSecond.get(16) ?? 0) / (perSecond.get(1) ?? 1)).toFixed(2)}`);
  console.log(`ratio payments-seen-p99-vs-p50 ${(quantile(latest, 0.99) / quantile(latest, 0.5)).toFixed(2)}`);
}

/** Open invoices, written directly: how they came is not measured here. Returns their links' tokens. */
async function plantLinks(merchantId: string, pointOfSaleId: string, count: number, mark: string): Promise<string[]> {
  const tag = mark.padEnd(4, "0");
  const { rows } = await pool.query<{ token: string }>(
    `insert into invoices (id, merchant_id, point_of_sale_id, kind, label, state, is_test, currency, amount_minor, accepts_card, payer_name, payer_email, payer_phone, locale, link_token, created_by, created_at, updated_at)
     select 'inv_${tag}' || lpad(n::text, 22, '0'), $1, $2, 'proforma', 'B-${tag}' || n, 'open', true, 'RON', 24990, true, 'Client demonstrativ', 'client@demo.example', '+40700000000', 'ro', '${tag}' || lpad(n::text, 18, '0'), 'bench', now(), now() from generate_series(1, $3::int) n returning link_token as token`,
    [merchantId, pointOfSaleId, count],
  );
  return rows.map((row) => row.token);
}

/** Sorted milliseconds: `whole` from opening the page to "paid", `seen` from the notification's answer to "paid". */
async function payAll(door: string, tokens: string[], payers: number): Promise<{ whole: number[]; seen: number[] }> {
  const whole: number[] = [];
  const seen: number[] = [];
  const waiting = [...tokens];
  const payer = async () => {
    for (let token = waiting.pop(); token; token = waiting.pop()) {
      const began = performance.now();
      const attemptId = await pay(door, token);
      const paidAt = await untilPaid(door, token, attemptId);
      whole.push(paidAt - began);
      // Seen before the answer was out counts as at once.
      seen.push(Math.max(0, paidAt - (answered.get(attemptId) ?? paidAt)));
    }
  };
  await Promise.all(Array.from({ length: payers }, payer));
  const sorted = (times: number[]) => times.sort((a, b) => a - b);
  return { whole: sorted(whole), seen: sorted(seen) };
}

/** Opens the page, chooses the first way to pay and pays with the simulator's first card. */
async function pay(door: string, token: string): Promise<string> {
  const page = await view(door, token);
  const [chosen] = page.methods;
  if (!chosen) throw new Error(`nothing to pay with: ${JSON.stringify(page)}`);
  const { attempt_id, action } = await post<Started>(`${door}/payer/${token}/attempts`, {
    connection_id: chosen.connection_id,
    method: chosen.method,
    locale: "ro",
  });
  if (!action.url) throw new Error(`no page to go to: ${JSON.stringify(action)}`);
  await (await fetch(action.url)).arrayBuffer();
  await post(`${stack.origins.sandbox}/control/netopia/payments/${attempt_id}/act`, { action: "pay" });
  return attempt_id;
}

/** Asks the payer's view again and again, as an open page does but without its pauses; when it said "paid". */
async function untilPaid(door: string, token: string, attemptId: string): Promise<number> {
  for (let i = 0; i < 5000; i++) {
    const { state } = await view(door, token);
    if (state === "paid") return performance.now();
    // Until the notification is answered asking would only take the processor from those who work.
    await new Promise((resolve) => setTimeout(resolve, answered.has(attemptId) ? 0 : 10));
  }
  throw new Error(`${attemptId} is not paid`);
}

async function view(door: string, token: string): Promise<PayerView> {
  const answer = await fetch(`${door}/payer/${token}`);
  if (!answer.ok) throw new Error(`/payer: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as PayerView;
}

/** Where the simulator sends its notifications: passes them to the edge Worker and notes when each answer was out. */
async function openGate(edgePort: number): Promise<{ port: number; close(): void }> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const { host: _host, connection: _connection, ...headers } = incoming.headers as Record<string, string>;
    try {
      const answer = await fetch(`http://127.0.0.1:${edgePort}${incoming.url}`, { method: "POST", headers, body });
      const text = await answer.text();
      const { order } = JSON.parse(body.toString()) as { order?: { orderID?: string } };
      if (order?.orderID) answered.set(order.orderID, performance.now());
      outgoing.writeHead(answer.status, { "content-type": "application/json" }).end(text);
    } catch (error) {
      outgoing.writeHead(502).end(String(error));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
