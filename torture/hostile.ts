// Mutated notifications of both NETOPIA protocols against the edge Worker's own port: none breaks it, none makes it
// grow, none is believed. What the untouched original would have done is the most that any of them may do.
import { Buffer } from "node:buffer";
import { Agent, request as send } from "node:http";
import fc from "fast-check";
import { mutated } from "../edge/processors/netopia/mutations.ts";
import { type Rig, residentBytes, startRig } from "./rig.ts";
import { Checks, type Die, die, type Say, sideBySide } from "./support.ts";

export type HostileOptions = { seed: number; messages: number; say: Say };
export type HostileResult = { checks: Checks; told: Record<string, number> };

type Protocol = "v1" | "v2";
type Built = { url: string; method: string; headers: Record<string, string>; bodyBase64: string };
type Message = { method: string; path: string; headers: Record<string, string>; body: Uint8Array };
type Answer = { status: number; text: string };
/** A genuine notification whose copies are damaged, and the invoice that it would pay. */
type Target = {
  name: string;
  protocol: Protocol;
  cipher?: "rc4";
  invoiceId: string;
  attemptId: string;
  genuine: Message;
  /** Where the sums and the outcome stand in the sealed text, when its cipher leaves bytes in their places. */
  aims?: [number, number];
};

const WIDTH = 16;
const LONGEST_MS = 15 * 60_000;
/** Copies of a message are made so many at a time: a generator is set up anew for each batch. */
const BATCH = 500;

async function json<T>(url: string, method: string, key: string | null, body?: unknown): Promise<T> {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${text}`);
  return JSON.parse(text) as T;
}

type Shop = { apiKey: string; connections: Record<Protocol, string> };

async function openShop(rig: Rig): Promise<Shop> {
  const { apiKey } = await rig.plant({ fiscalFromProforma: true, recordCollection: true });
  const connect = async (protocol: Protocol) => {
    const account = await rig.sandbox<Record<string, string>>("POST", "/control/netopia/points-of-sale", {
      keyBits: 2048,
    });
    const credentials =
      protocol === "v1"
        ? { protocol, signature: account.signature, certificate: account.certificate, privateKey: account.privateKey }
        : { protocol, signature: account.signature, apiKey: account.apiKey };
    const body = { processor: "netopia", environment: "test", credentials };
    return (await json<{ id: string }>(`${rig.origins.edge}/v1/connections`, "POST", apiKey, body)).id;
  };
  return { apiKey, connections: { v1: await connect("v1"), v2: await connect("v2") } };
}

/** An order that waits to be paid, and the processor's word that it was, which nobody hands over whole. */
async function target(rig: Rig, shop: Shop, name: string, protocol: Protocol): Promise<Target> {
  const invoice = await json<{ id: string; link: string }>(`${rig.origins.edge}/v1/invoices`, "POST", shop.apiKey, {
    kind: "proforma",
    currency: "RON",
    payer_name: "Client",
    payer_email: "client@demo.example",
    payer_phone: "0700 000 000",
    accepts_card: true,
    lines: [{ description: "Servicii", unit_price_minor: 24_990 }],
  });
  const started = await json<{ attempt_id: string; action: { url: string; fields?: Record<string, string> } }>(
    `${rig.origins.door}/payer/${invoice.link.split("/").at(-1)}/attempts`,
    "POST",
    null,
    { connection_id: shop.connections[protocol], method: "card", locale: "ro" },
  );
  if (protocol === "v1") {
    const shown = await fetch(started.action.url, { method: "POST", body: new URLSearchParams(started.action.fields) });
    await shown.arrayBuffer();
  }
  const built = await rig.sandbox<Built>("POST", "/control/netopia/ipn", {
    orderId: started.attempt_id,
    deliver: false,
    ...(protocol === "v1" ? { action: "confirmed" } : { status: 3 }),
  });
  return {
    name,
    protocol,
    invoiceId: invoice.id,
    attemptId: started.attempt_id,
    genuine: {
      method: built.method,
      path: new URL(built.url).pathname,
      headers: Object.fromEntries(Object.entries(built.headers).map(([key, value]) => [key.toLowerCase(), value])),
      body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")),
    },
  };
}

/** The same notification sealed with RC4, which has no check at all. */
async function targetInRc4(rig: Rig, shop: Shop): Promise<Target> {
  const its = await target(rig, shop, "v1 in RC4", "v1");
  const [payment] = await rig.sandbox<{ sent: string; signature: string; id: string }[]>(
    "GET",
    `/control/netopia/payments?orderId=${its.attemptId}`,
  );
  if (!payment) throw new Error("no payment");
  const xml = payment.sent.replace(
    "</order>",
    `<mobilpay timestamp="20261121141712" crc="0f1e2d3c4b5a69788796a5b4c3d2e1f0"><action>confirmed</action><purchase>${payment.id}</purchase><original_amount>249.90</original_amount><processed_amount>249.90</processed_amount><pan_masked>9****5098</pan_masked><error code="0"><![CDATA[Tranzactia aprobata]]></error></mobilpay></order>`,
  );
  const built = await rig.sandbox<Built>("POST", "/control/netopia/ipn", {
    protocol: "v1",
    signature: payment.signature,
    xml,
    cipher: "rc4",
    url: `http://localhost${its.genuine.path}`,
    deliver: false,
  });
  const text = Buffer.from(xml);
  return {
    ...its,
    cipher: "rc4",
    aims: [text.indexOf("<action>"), text.indexOf("<pan_masked>")],
    genuine: { ...its.genuine, body: new Uint8Array(Buffer.from(built.bodyBase64, "base64")) },
  };
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const COMPRESSED = ["gzip", "br", "deflate", "identity", "zstd, gzip", "x"];
const TYPES = [
  "text/plain",
  "application/json; charset=utf-16le",
  "application/x-www-form-urlencoded; charset=windows-1252",
  "multipart/form-data; boundary=x",
  "",
  "application/xml",
];

/** What the adapter's own fuzz does not do: headers of the transport, sizes, other addresses. */
function worse(roll: Die, message: Message, other: Message): Message {
  const headers = { ...message.headers };
  let { body, path, method } = message;
  const kind = roll();
  if (kind < 0.08) headers["content-type"] = TYPES[Math.floor(roll() * TYPES.length)] ?? "";
  else if (kind < 0.12) headers["content-encoding"] = COMPRESSED[Math.floor(roll() * COMPRESSED.length)] ?? "";
  else if (kind < 0.15) headers[`x-${Math.floor(roll() * 1e6)}`] = "a".repeat(Math.floor(roll() * 6000));
  else if (kind < 0.17) body = new Uint8Array(Math.floor(roll() * 90_000)).fill(Math.floor(roll() * 256));
  else if (kind < 0.19) body = new Uint8Array(Buffer.concat([body, Buffer.alloc(Math.floor(roll() * 40_000), "&a=b")]));
  else if (kind < 0.22) body = new Uint8Array(Buffer.concat([body, body]));
  else if (kind < 0.24) body = other.body;
  else if (kind < 0.26) headers["verification-token"] = other.headers["verification-token"] ?? "x";
  else if (kind < 0.29) {
    const at = Math.floor(roll() * path.length);
    const odd = ["A", "/", "%00", "%2F", "..", "?x=1", "%ff", "é", "//"][Math.floor(roll() * 9)] ?? "";
    path = encodeURI(path.slice(0, at) + odd + path.slice(at + 1)).replaceAll("%25", "%");
  } else if (kind < 0.31) path = path.split("/").slice(0, 3).join("/");
  else if (kind < 0.33) method = ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"][Math.floor(roll() * 5)] ?? "PUT";
  return { method, path, headers, body };
}

/** Header values as HTTP lets them through; what cannot be sent at all attacks nobody. */
const sendable = (value: string) => value.replace(/[^\t\x20-\x7e]/g, "~").trim();

function damagedCopies(its: Target, other: Target, count: number, seed: number): Message[] {
  const { genuine } = its;
  const base = {
    method: genuine.method,
    url: `http://edge${genuine.path}`,
    headers: new Headers(genuine.headers),
    body: genuine.body,
  };
  const roll = die(seed);
  return fc.sample(mutated(base), { numRuns: count, seed }).map((copy) => {
    // The generator prefers ends and small numbers; a third is damaged evenly, one to three bits anywhere.
    if (roll() < 1 / 3) return { ...genuine, body: flipped(roll, its, genuine.body) };
    const method = copy.method.toUpperCase();
    const message: Message = {
      method: METHODS.has(method) ? method : "POST",
      // An address that the damage made up leads nowhere: the connection's own is what is attacked.
      path: copy.url.startsWith("http://edge/") ? new URL(copy.url).pathname : genuine.path,
      headers: Object.fromEntries([...copy.headers].map(([name, value]) => [name, sendable(value)])),
      body: copy.body,
    };
    return worse(roll, message, other.genuine);
  });
}

function flipped(roll: Die, { protocol, aims }: Target, body: Uint8Array): Uint8Array {
  const form = protocol === "v1" && roll() < 0.8 ? new URLSearchParams(Buffer.from(body).toString("latin1")) : null;
  const field = ["data", "data", "data", "iv", "env_key"][Math.floor(roll() * 5)] ?? "data";
  // In v1 under the base64, so that the change reaches the cipher.
  const bytes = form?.get(field) ? Buffer.from(form.get(field) ?? "", "base64") : Buffer.from(body);
  for (let bits = 1 + Math.floor(roll() * 3); bits > 0; bits--) {
    const isAimed = aims !== undefined && field === "data" && form?.get(field) && roll() < 0.5;
    const [from, to] = isAimed ? aims : [0, bytes.length];
    const at = from + Math.floor(roll() * (to - from));
    bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(roll() * (isAimed ? 4 : 8)));
  }
  if (!form?.get(field)) return new Uint8Array(bytes);
  form.set(field, bytes.toString("base64"));
  return new Uint8Array(Buffer.from(form.toString()));
}

function isUntouched(message: Message, genuine: Message): boolean {
  return (
    // The address is not signed: the same message at the connection's plain address is still the processor's own.
    message.method === genuine.method &&
    Buffer.compare(message.body, genuine.body) === 0 &&
    (message.headers["verification-token"] ?? "") === (genuine.headers["verification-token"] ?? "")
  );
}

function deliver(agent: Agent, origin: URL, message: Message): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const hasBody = message.method !== "GET" && message.method !== "HEAD";
    const outgoing = send(
      {
        agent,
        host: "127.0.0.1",
        port: origin.port,
        method: message.method,
        path: message.path,
        headers: { ...message.headers, host: origin.host, "content-length": hasBody ? message.body.length : 0 },
        timeout: 30_000,
      },
      (incoming) => {
        const parts: Buffer[] = [];
        incoming.on("data", (part: Buffer) => parts.push(part));
        incoming.on("end", () =>
          resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(parts).toString("latin1") }),
        );
        incoming.on("error", reject);
      },
    );
    outgoing.on("timeout", () => outgoing.destroy(new Error("no answer within 30 s")));
    outgoing.on("error", reject);
    outgoing.end(hasBody ? message.body : undefined);
  });
}

/** What an answer means to the processor. */
function meaning({ status, text }: Answer): string {
  if (status === 429) return "limited";
  if (status !== 200) return `http ${status}`;
  if (/<crc error_type="1"|"errorType":1/.test(text)) return "again later";
  if (/<crc error_type="2"|"errorType":2/.test(text)) return "stop";
  return /<crc>|"errorType":0/.test(text) ? "stored" : "something else";
}

/** Everything of an invoice's story that matters. */
async function storyOf(rig: Rig, invoiceId: string): Promise<unknown> {
  const [row] = await rig.query<{ story: unknown }>(
    `select json_build_object('invoice', json_build_object('state', i.state, 'paid', i.paid_minor),
       'attempts', (select json_agg(json_build_array(a.state, a.captured_minor, a.authorized_minor) order by a.id) from attempts a where a.invoice_id = i.id),
       'payments', (select json_agg(json_build_array(p.amount_minor, p.is_kept) order by p.amount_minor) from payments p where p.invoice_id = i.id),
       'refunds', (select count(*) from refunds r where r.invoice_id = i.id),
       'fiscal', (select count(*) from invoices f where f.proforma_id = i.id)) as story
     from invoices i where i.id = $1`,
    [invoiceId],
  );
  return row?.story;
}

export async function hostile(options: HostileOptions): Promise<HostileResult> {
  const { seed, say } = options;
  const checks = new Checks();
  const told: Record<string, number> = {};
  const count = (what: string) => {
    told[what] = (told[what] ?? 0) + 1;
  };
  // The limit on forgeries is lifted, so that every one is really read and kept.
  const rig = await startRig({
    fsync: false,
    realTime: true,
    limits: { IPN_LIMIT: 100_000_000, PAYER_LIMIT: 100_000_000 },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: WIDTH });
  try {
    const shop = await openShop(rig);
    const origin = new URL(rig.origins.bare);
    const targets = [
      await target(rig, shop, "v2", "v2"),
      await target(rig, shop, "v1 in AES", "v1"),
      await targetInRc4(rig, shop),
    ];
    const stories = async () => {
      const all: unknown[] = [];
      for (const its of targets) all.push(await storyOf(rig, its.invoiceId));
      return all;
    };
    const before = await stories();
    const pid = rig.workerdPid();
    const memory: { at: number; bytes: number }[] = [];
    const faults: string[] = [];
    const believed: string[] = [];
    let sent = 0;
    const began = Date.now();
    const sampling = setInterval(() => {
      const bytes = residentBytes(pid);
      if (bytes !== null) memory.push({ at: sent, bytes });
    }, 250);
    try {
      const rounds = Math.ceil(options.messages / BATCH);
      for (let round = 0; round < rounds && Date.now() - began < LONGEST_MS; round++) {
        // Four of ten each go to v2 and to v1 in AES, two to RC4.
        const its = targets[[0, 1, 0, 1, 2][round % 5] ?? 0];
        const other = targets[round % 5 === 0 ? 1 : 0];
        if (!its || !other) throw new Error("no target");
        const copies = damagedCopies(its, other, BATCH, seed + round);
        await sideBySide(copies, WIDTH, async (message) => {
          const answer = await deliver(agent, origin, message).catch((error: unknown) => ({
            status: 599,
            text: String(error),
          }));
          sent += 1;
          const means = meaning(answer);
          count(`${its.name}: ${means}`);
          if (answer.status >= 500) faults.push(`${answer.status} ${answer.text.slice(0, 120)} (batch ${round})`);
          if (its.protocol === "v2" && means === "stored" && !isUntouched(message, its.genuine)) {
            believed.push(`batch ${round}: ${message.method} ${message.path.slice(0, 40)}`);
          }
        });
        if ((round + 1) % 20 === 0) {
          say(
            `  ${sent} sent, ${Math.round(sent / ((Date.now() - began) / 1000))} a second, workerd ${Math.round((memory.at(-1)?.bytes ?? 0) / 2 ** 20)} MB`,
          );
        }
      }
    } finally {
      clearInterval(sampling);
    }
    say(`  ${sent} sent in ${Math.round((Date.now() - began) / 1000)} s`);
    await rig.runCron();
    const after = await stories();

    checks.hold("no answer was a 5xx, none was missing", faults);
    checks.that(
      `${options.messages} messages were sent`,
      sent >= options.messages,
      `only ${sent} in ${LONGEST_MS / 60_000} minutes`,
    );
    checks.that("workerd never ended", pid !== 0 && rig.workerdPid() === pid, "it is another process now");
    judgeMemory(checks, memory, sent, told);
    checks.hold("v2: every changed one was refused", believed);
    const verified = await rig.query<{ id: string }>(
      "select id from ipns where verdict = 'verified' and connection_id = $1",
      [shop.connections.v2],
    );
    const untouched = told["v2: stored"] ?? 0;
    checks.that(
      "v2: the inbox holds nothing as verified but an untouched copy",
      verified.length <= (untouched > 0 ? 1 : 0),
      `${verified.length} rows`,
    );

    // What the untouched originals do, seen at twins that got nothing else, is the most that damage may do.
    const twins = [
      await target(rig, shop, "v2", "v2"),
      await target(rig, shop, "v1 in AES", "v1"),
      await targetInRc4(rig, shop),
    ];
    for (const its of [...twins, ...targets]) await deliver(agent, origin, its.genuine);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await rig.runCron();
    for (const [index, its] of targets.entries()) {
      const may = JSON.stringify(await storyOf(rig, twins[index]?.invoiceId ?? ""));
      const [was, is] = [before[index], after[index]].map((story) => JSON.stringify(story));
      const end = JSON.stringify(await storyOf(rig, its.invoiceId));
      checks.that(`${its.name}: the twin's original pays it`, may.includes('"paid"'), may);
      checks.that(
        `${its.name}: no effect beyond that of the untouched original`,
        is === was || is === may,
        `${is} is neither ${was} nor ${may}`,
      );
      checks.that(`${its.name}: the genuine one still has its effect`, end === may, `${end} is not ${may}`);
      told[`${its.name}: a damaged copy had the original's effect`] = is === was ? 0 : 1;
    }
    for (const row of await rig.query<{ verdict: string; reason: string | null; count: number }>(
      "select verdict, coalesce(reason, '') as reason, count(*)::int as count from ipns group by 1, 2",
    )) {
      told[`inbox ${row.verdict} ${row.reason}`.trim()] = row.count;
    }
    for (const [message, times] of rig.errors) told[`logged: ${message}`] = times;
    return { checks, told };
  } finally {
    agent.destroy();
    await rig.stop();
  }
}

/** So many messages warm the runtime up: its heap grows to its working size, as in every garbage-collected program. */
const WARM = 20_000;

/** Flat: the median of the last third is at most a quarter above that of the first, both counted after the warming up. */
function judgeMemory(
  checks: Checks,
  samples: { at: number; bytes: number }[],
  sent: number,
  told: Record<string, number>,
): void {
  if (sent < 2 * WARM) return; // too short to tell
  const middle = (from: number, to: number) => {
    const list = samples
      .filter(({ at }) => at >= WARM + (sent - WARM) * from && at <= WARM + (sent - WARM) * to)
      .map(({ bytes }) => bytes)
      .sort((a, b) => a - b);
    return (list[Math.floor(list.length / 2)] ?? 0) / 2 ** 20;
  };
  if (samples.length === 0) return; // not on this system
  const first = middle(0, 1 / 3);
  const last = middle(2 / 3, 1);
  told["workerd MB, first third"] = Math.round(first);
  told["workerd MB, last third"] = Math.round(last);
  told["workerd MB, highest"] = Math.round(Math.max(...samples.map(({ bytes }) => bytes)) / 2 ** 20);
  checks.that(
    "memory of workerd is flat",
    last <= first * 1.25,
    `${Math.round(first)} MB, then ${Math.round(last)} MB`,
  );
}
