// `npm run bench:growth`: what people and partners look at, with ten thousand, a hundred thousand and a million attempts in
// the database. Measured through the edge Worker in workerd; rows are planted by SQL, four of five for one big merchant.
import { loadavg } from "node:os";
import pg from "pg";
import { type Planted, plantMerchant } from "../db/seed/stories.ts";
import { edgeVariables, startStack } from "../scripts/stack.ts";
import { bundleEdge, runWorker } from "./edge-runtime.ts";
import { quantile } from "./load.ts";
import { post } from "./post.ts";

const SIZES = (process.env.BENCH_SIZES ?? "10000,100000,1000000").split(",").map(Number);
const REQUESTS = 60;
const MERCHANTS = 5;

const PLANTS = [
  `insert into invoices (id, merchant_id, point_of_sale_id, kind, label, state, is_test, currency, amount_minor, paid_minor, accepts_card, payer_name, payer_email, locale, link_token, created_by, created_at, updated_at)
   select 'inv_' || t, m, p, 'proforma', 'PF-' || lpad(n::text, 8, '0'), case when n % 1000 = 7 then 'cancelled' when paid then 'paid' else 'open' end, true, 'RON', 24990, case when paid then 24990 else 0 end, true,
     (array['Ana','Ion','Maria','Vasile','Elena'])[1 + n % 5] || ' ' || (array['Popescu','Ionescu','Dumitru','Stan','Rusu','Moraru','Ceban'])[1 + n % 7] || case when n % 1000 = 1 then ' rar' || n || 'x' else '' end,
     'client' || n || '@example.com', 'ro', 't' || lpad(n::text, 21, '0'), 'bench', at, at from ROWS`,
  `insert into invoice_lines (id, merchant_id, invoice_id, position, description, quantity_milli, unit_price_minor, amount_minor)
   select 'lin_' || t, m, 'inv_' || t, 1, 'Servicii', 1000, 24990, 24990 from ROWS`,
  `insert into attempts (id, merchant_id, invoice_id, connection_id, processor, method, state, is_test, currency, amount_minor, captured_minor, capture_mode, processor_reference, secret_hash, started_by, created_at, updated_at, expires_at)
   select 'att_' || t, m, 'inv_' || t, c, 'netopia', 'card', case when paid then 'captured' else 'declined' end, true, 'RON', 24990, case when paid then 24990 else 0 end, 'automatic', n::text, 'x', 'payer', at, at, at + interval '1 hour' from ROWS`,
  `insert into tries (id, merchant_id, attempt_id, outcome, source, recorded_at)
   select 'try_' || t, m, 'att_' || t, case when paid then 'accepted' else 'declined' end, 'notification', at from ROWS`,
  `insert into payments (id, merchant_id, invoice_id, attempt_id, source, processor, method, currency, amount_minor, is_kept, is_test, occurred_at, recorded_at)
   select 'pay_' || t, m, 'inv_' || t, 'att_' || t, 'attempt', 'netopia', 'card', 'RON', 24990, true, true, at, at from ROWS where paid`,
  `insert into collections (id, merchant_id, payment_id, invoice_id, currency, amount_minor, is_test, booked_by, booked_at)
   select 'col_' || t, m, 'pay_' || t, 'inv_' || t, 'RON', 24990, true, 'system', at from ROWS where paid and n % 2 = 0`,
  `insert into refunds (id, merchant_id, invoice_id, attempt_id, state, is_test, currency, amount_minor, origin, requested_by, created_at, updated_at)
   select 'rfd_' || t, m, 'inv_' || t, 'att_' || t, 'succeeded', true, 'RON', 1000, 'requested', 'bench', at, at from ROWS where n % 100 = 11`,
  `insert into ipns (id, merchant_id, connection_id, processor, attempt_id, path, verdict, dedupe_key, state, reading, sealed, data_key_id, size_bytes, sha256, answer_status, answer_body, received_at, processed_at, purge_at)
   select 'ipn_' || t, m, c, 'netopia', 'att_' || t, '/ipn/x', 'verified', n::text, 'processed', '{"observations":[],"lookNow":false}', 'x', 'dek', 1200, repeat('0', 64), 200, '{}', at, at, at + interval '9 years' from ROWS`,
  `insert into events (id, merchant_id, type, invoice_id, attempt_id, actor, is_test, data, occurred_at, recorded_at)
   select 'evt_' || i || right(t, 25), m, case i when 1 then 'invoice.created' when 2 then 'payment.captured' else 'invoice.paid' end, 'inv_' || t, 'att_' || t, 'processor:netopia', true, '{"amountMinor":"24990","currency":"RON"}', at, at from ROWS, generate_series(1, 3) i where i = 1 or paid`,
];

const keyOf = ({ apiKey }: Planted) => ({ authorization: `Bearer ${apiKey}` });
const idOf = (prefix: string, n: number) => `${prefix}_${String(n).padStart(26, "0")}`;
const tokenOf = (n: number) => `t${String(n).padStart(21, "0")}`;

type Look = { name: string; url: string; headers: Record<string, string> };

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
  const shops: { planted: Planted; connectionId: string }[] = [];
  for (let n = 0; n < MERCHANTS; n++) {
    const planted = await plantMerchant({ databaseUrl, neonHost, keyEncryptionKeys: secrets.keyEncryptionKeys });
    const account = await post<{ signature: string; apiKey: string }>(
      `${origins.sandbox}/control/netopia/points-of-sale`,
      {},
    );
    const credentials = { protocol: "v2", signature: account.signature, apiKey: account.apiKey };
    const connection = await post<{ id: string }>(
      `${origins.edge}/v1/connections`,
      { processor: "netopia", environment: "test", credentials },
      planted.apiKey,
    );
    shops.push({ planted, connectionId: connection.id });
  }
  const variables = await edgeVariables({ databaseUrl, neonHost, origins, smtpUrl, secrets });
  delete variables.CLOCK_URL;
  const edge = await runWorker("plata-edge", bundleEdge().script, variables, true);
  const [big, small] = [shops[0]?.planted, shops[1]?.planted];
  if (!big || !small) throw new Error("no merchants");
  const session = await signIn(edge.doorPort, big);

  const times = new Map<string, Took[]>();
  let planted = 0;
  for (const size of SIZES) {
    const began = performance.now();
    await plant(shops, planted, size);
    planted = size;
    console.log(`${size} attempts planted in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const steady = { name: "steady", url: `http://127.0.0.1:${edge.port}/v1/me`, headers: keyOf(big) };
    const looks = await looksAt(edge, big, small, session, size);
    for (const look of looks) {
      const took = await measure(look, steady);
      times.set(look.name, [...(times.get(look.name) ?? []), took]);
    }
  }
  await edge.stop();

  console.log(`\n| median ms of ${REQUESTS} | ${SIZES.join(" | ")} |\n|---|${SIZES.map(() => "---|").join("")}`);
  for (const [name, row] of times) {
    console.log(`| ${name} | ${row.map(({ ms, steady }) => `${ms.toFixed(1)} (${steady.toFixed(1)})`).join(" | ")} |`);
  }
  console.log(
    "\nin brackets: `GET /v1/me`, asked turn by turn with it; ratios are of what is left when the machine is divided out",
  );
  console.log(`\nload of the machine ${loadavg()[0]?.toFixed(1)}\n`);
  const worth = (took: Took | undefined) => (took ? took.ms / took.steady : 0);
  for (const [name, row] of times) {
    console.log(`ratio growth-${name.replaceAll(/[^a-z]+/g, "-")} ${(worth(row.at(-1)) / worth(row[0])).toFixed(2)}`);
  }
}

/** The same places at every size: newest pages, a page in the middle, searches, one invoice's history, the payer's page. */
async function looksAt(
  edge: { port: number; doorPort: number },
  big: Planted,
  small: Planted,
  session: Record<string, string>,
  size: number,
): Promise<Look[]> {
  const api = `http://127.0.0.1:${edge.port}/v1`;
  const door = `http://127.0.0.1:${edge.doorPort}`;
  const withKey = keyOf(big);
  const middle = Math.floor(size / 20) * 10 + 1; // of the big merchant
  const rare = `?q=rar${size / 2 - ((size / 2) % 1000) + 1}x`;
  const look = (name: string, url: string, headers: Record<string, string> = withKey): Look => ({ name, url, headers });
  return [
    look("invoices by key", `${api}/invoices`),
    look("invoices by member", `${door}/v1/invoices`, session),
    look("invoices in the middle", `${api}/invoices?cursor=${idOf("inv", middle)}`),
    look("invoices of a rare state", `${api}/invoices?state=cancelled&is_test=true&limit=5`),
    look("invoices of a state that none is in", `${api}/invoices?state=authorized`),
    look("invoices of a kind that there is none of", `${api}/invoices?kind=fiscal`),
    look("invoices of a small merchant", `${api}/invoices`, keyOf(small)),
    look("search common", `${api}/invoices?q=Popescu`),
    look("search rare", `${api}/invoices${rare}`),
    look("search nothing found", `${api}/invoices?q=nobody%20at%20all`),
    look("payments by key", `${api}/payments`),
    look("payments by member", `${door}/v1/payments`, session),
    look("payments in the middle", `${api}/payments?cursor=${idOf("pay", middle)}`),
    look("payments of a small merchant", `${api}/payments`, keyOf(small)),
    look("refunds by key", `${api}/refunds`),
    look("attempts of an invoice", `${api}/invoices/${idOf("inv", middle)}/attempts`),
    look("timeline of an invoice", `${api}/invoices/${idOf("inv", middle)}/events`),
    look("events feed", `${api}/events?limit=25`),
    look("notifications", `${door}/v1/ipns`, session),
    look("notifications that were refused", `${door}/v1/ipns?verdict=rejected`, session),
    look("notifications that are parked", `${door}/v1/ipns?state=parked`, session),
    look("notifications of an attempt", `${door}/v1/ipns?attempt_id=${idOf("att", middle)}`, session),
    look("payer page", `${door}/payer/${tokenOf(middle)}`, {}),
  ];
}

type Took = { ms: number; steady: number };

/**
 * Medians of a look and, turn by turn with it, of a request whose work cannot grow: what else the machine does is in both.
 */
async function measure(look: Look, steady: Look): Promise<Took> {
  const took: [number[], number[]] = [[], []];
  for (let n = 0; n < REQUESTS + 10; n++) {
    for (const [which, { name, url, headers }] of [look, steady].entries()) {
      const at = performance.now();
      const answer = await fetch(url, { headers });
      const text = await answer.text();
      if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${text}`);
      if (n >= 10) took[which]?.push(performance.now() - at); // the first ones prepare statements
    }
  }
  const [ms = 0, steadyMs = 0] = took.map((times) =>
    quantile(
      times.sort((x, y) => x - y),
      0.5,
    ),
  );
  return { ms, steady: steadyMs };
}

/** A member's session, as the web Worker carries it. */
async function signIn(doorPort: number, { ownerEmail, ownerPassword, merchantId }: Planted) {
  const answer = await fetch(`http://127.0.0.1:${doorPort}/api/auth/sign-in/email`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: stack.origins.web },
    body: JSON.stringify({ email: ownerEmail, password: ownerPassword }),
  });
  if (!answer.ok) throw new Error(`sign-in: ${answer.status} ${await answer.text()}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((text) => text.split(";")[0])
    .join("; ");
  return { cookie, "x-merchant": merchantId };
}

/**
 * Invoices n in (from, to], each with a line, an attempt and its events; six of ten are paid, one in a thousand is
 * cancelled and one in a hundred given back. Merchants take turns, so that ids of all are mixed as in life.
 */
async function plant(shops: { planted: Planted; connectionId: string }[], from: number, to: number): Promise<void> {
  const client = await pool.connect();
  try {
    // Only here: a million rows of good references need no proof.
    await client.query("set session_replication_role = replica");
    await client.query("create temp table if not exists shop (k int primary key, m text, p text, c text)");
    await client.query("truncate shop");
    for (const [k, { planted, connectionId }] of shops.entries()) {
      await client.query("insert into shop values ($1, $2, $3, $4)", [
        k,
        planted.merchantId,
        planted.pointOfSaleId,
        connectionId,
      ]);
    }
    const step = 100_000;
    for (let low = from; low < to; low += step) {
      const rows = `(select n, lpad(n::text, 26, '0') as t, s.*, n % 10 < 6 as paid, timestamptz '2026-01-01' + n * interval '20 seconds' as at
        from generate_series(${low + 1}, ${Math.min(low + step, to)}) n join shop s on s.k = case when n % 10 < 8 and n % 20 <> 13 then 0 else 1 + n % 4 end) r`;
      for (const insert of PLANTS) await client.query(insert.replace("ROWS", rows));
    }
    await client.query("set session_replication_role = origin");
  } finally {
    client.release(true);
  }
  await pool.query("vacuum analyze");
  await pool.query("checkpoint"); // or the first looks would share the disk with it
}
