// `npm run bench:page`: the payer's page under a phone's throttle, beside a static page of 5 kB and beside itself with the
// framework's scripts left in; then Lighthouse's opinion of it. Four methods on offer, everything from the database.
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { type Browser, chromium } from "playwright";
import { plantMerchant } from "../db/seed/stories.ts";
import { connectTochka } from "../db/seed/tochka.ts";
import { browserArguments, findBrowser } from "../e2e/support/browser.ts";
import { ensureBuild } from "../scripts/build.ts";
import { root } from "../scripts/paths.ts";
import { type Stack, startStack } from "../scripts/stack.ts";
import { quantile } from "./load.ts";
import { post } from "./post.ts";

const RUNS = Number(process.env.BENCH_RUNS ?? 9);
/** Lighthouse's mobile throttle, applied by the browser: round trip, bytes per second both ways, processor. */
const THROTTLE = { latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const SLOWER = 4;

type Visit = { first: number; largest: number; shift: number; bytes: number; requests: number };
type Pages = { ours: string; still: string; framework: string };

await ensureBuild(console.log);
const { path: executablePath, env } = await findBrowser();
const stack = await startStack({ fsync: true });
try {
  await bench();
} finally {
  await stack.stop();
}

async function bench(): Promise<void> {
  const token = await plantInvoice(stack);
  const front = await startFront(stack, token);
  const browser = await chromium.launch({
    executablePath,
    args: browserArguments,
    env: { ...(process.env as Record<string, string>), ...env },
  });
  try {
    const visits: Record<keyof Pages, Visit[]> = { ours: [], still: [], framework: [] };
    const names = Object.keys(visits) as (keyof Pages)[];
    for (const name of names) await visit(browser, front.pages[name]); // warm: module loading is not the page's
    // Turn by turn, so that what else the machine does falls on all alike.
    for (let run = 0; run < RUNS; run++) {
      for (const name of names) visits[name].push(await visit(browser, front.pages[name]));
    }
    report(visits);
  } finally {
    await browser.close();
  }
  await askLighthouse(front.pages.ours);
  front.close();
}

function report(visits: Record<keyof Pages, Visit[]>): void {
  const labels: Record<keyof Pages, string> = {
    ours: "payer's page, four methods",
    still: "static page of 5 kB",
    framework: "the same page with the framework's scripts",
  };
  const middle = (name: keyof Pages, what: keyof Visit) =>
    quantile(
      visits[name].map((one) => one[what]).sort((a, b) => a - b),
      0.5,
    );
  console.log(
    `\n| medians of ${RUNS} visits | first paint ms | largest paint ms | layout shift | kB on the wire | requests |\n|---|---|---|---|---|---|`,
  );
  for (const name of ["still", "ours", "framework"] as const) {
    console.log(
      `| ${labels[name]} | ${middle(name, "first").toFixed(0)} | ${middle(name, "largest").toFixed(0)} | ${middle(name, "shift").toFixed(3)} | ${(middle(name, "bytes") / 1000).toFixed(1)} | ${middle(name, "requests")} |`,
    );
  }
  console.log(`\nload of the machine ${loadavg()[0]?.toFixed(1)}\n`);
  const ratio = (what: "first" | "largest", beside: keyof Pages) =>
    (middle("ours", what) / middle(beside, what)).toFixed(3);
  console.log(`ratio page-first-paint-vs-static ${ratio("first", "still")}`);
  console.log(`ratio page-largest-paint-vs-static ${ratio("largest", "still")}`);
  console.log(`ratio page-largest-paint-vs-framework ${ratio("largest", "framework")}`);
}

/** One visit of a browser that has nothing cached. */
async function visit(browser: Browser, url: string): Promise<Visit> {
  const context = await browser.newContext({
    viewport: { width: 412, height: 823 },
    deviceScaleFactor: 1.75,
    isMobile: true,
    hasTouch: true,
  });
  const page = await context.newPage();
  const protocol = await context.newCDPSession(page);
  let bytes = 0;
  let requests = 0;
  await protocol.send("Network.enable");
  protocol.on("Network.loadingFinished", (event) => {
    bytes += event.encodedDataLength;
    requests += 1;
  });
  await protocol.send("Network.emulateNetworkConditions", { offline: false, ...THROTTLE });
  await protocol.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const answer = await page.goto(url, { waitUntil: "load" });
  if (!answer?.ok()) throw new Error(`${url}: ${answer?.status()}`);
  const painted = await page.evaluate(
    () =>
      new Promise<{ first: number; largest: number; shift: number }>((resolve) => {
        const seen = { first: 0, largest: 0, shift: 0 };
        const watch = (type: string, take: (entry: PerformanceEntry & { value?: number }) => void) =>
          new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
        watch("paint", (entry) => {
          if (entry.name === "first-contentful-paint") seen.first = entry.startTime;
        });
        watch("largest-contentful-paint", (entry) => {
          seen.largest = entry.startTime;
        });
        watch("layout-shift", (entry) => {
          seen.shift += entry.value ?? 0;
        });
        setTimeout(() => resolve(seen), 1500);
      }),
  );
  await context.close();
  return { ...painted, bytes, requests };
}

/** An open invoice of a merchant whose outlet takes four methods; the token of its link. */
async function plantInvoice({ databaseUrl, neonHost, secrets, origins }: Stack): Promise<string> {
  const planted = await plantMerchant({ databaseUrl, neonHost, keyEncryptionKeys: secrets.keyEncryptionKeys });
  await connectTochka(origins, planted, "bench-page", "С кассой");
  const invoice = await post<{ link: string }>(
    `${origins.edge}/v1/invoices`,
    {
      kind: "proforma",
      currency: "RUB",
      payer_name: "Client",
      locale: "en",
      accepts_card: true,
      lines: [{ description: "Course", unit_price_minor: 24990, vat_percent: 0 }],
    },
    planted.apiKey,
  );
  return new URL(invoice.link).pathname.split("/").at(-1) ?? "";
}

/**
 * A server in front of the web Worker that compresses, as the platform does in production, and serves what it is compared
 * with in the same way.
 */
async function startFront({ origins }: Stack, token: string): Promise<{ pages: Pages; close(): void }> {
  const address = `${origins.web}/i/${token}`;
  const page = await (await fetch(address)).text();
  const ways = page.match(/name="way"/g)?.length;
  if (ways !== 4) throw new Error(`the page offers ${ways} methods instead of four`);
  const signIn = await (await fetch(`${origins.web}/sign-in`)).text();
  const scripts = signIn.match(/<script[^>]*>.*?<\/script>/gs)?.join("") ?? "";
  if (!scripts.includes("/_next/")) throw new Error("the framework's scripts were not found");
  const still = staticPage(5000);
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const send = (status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}) => {
      const packed = gzipSync(body, { level: 6 });
      response.writeHead(status, {
        ...headers,
        "content-type": type,
        "content-encoding": "gzip",
        "content-length": packed.length,
      });
      response.end(packed);
    };
    if (path === "/static") return send(200, "text/html; charset=utf-8", still);
    const withScripts = path === "/framework";
    const asked = withScripts ? `/i/${token}` : path;
    const answer = await fetch(origins.web + asked, { headers: { "user-agent": request.headers["user-agent"] ?? "" } });
    const body = Buffer.from(await answer.arrayBuffer());
    const type = answer.headers.get("content-type") ?? "text/plain";
    const policy = answer.headers.get("content-security-policy");
    if (withScripts) return send(answer.status, type, body.toString().replace("</body>", `${scripts}</body>`));
    send(answer.status, type, body, policy ? { "content-security-policy": policy, "cache-control": "no-store" } : {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    pages: { ours: `${base}/i/${token}`, still: `${base}/static`, framework: `${base}/framework` },
    close: () => server.close(),
  };
}

/** A page that compresses to about as many bytes as told: text, and a style that paints it. */
function staticPage(size: number): string {
  let text = "";
  const page = () =>
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Static</title><style>body{font:1rem/1.5 system-ui;max-width:31rem;margin:1rem auto;padding:0 1rem}</style><h1>A static page</h1>${text}</html>`;
  for (let n = 1; gzipSync(page()).length < size; n++) {
    // Words that do not repeat, or the packer would make nothing of them.
    const words = Array.from({ length: 12 }, (_, i) => ((n * 12 + i) * 2654435761).toString(36).slice(-7)).join(" ");
    text += `<p>${words}</p>`;
  }
  return page();
}

/** The scores of Lighthouse, from its package, which is installed beside this file when it is needed. */
async function askLighthouse(url: string): Promise<void> {
  // Never in this thread: the pages are served from it.
  const run = promisify(execFile);
  const folder = join(root, "bench/lighthouse");
  await run("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder });
  const { stdout } = await run(
    process.execPath,
    [join(folder, "node_modules/lighthouse/cli/index.js"), url].concat(
      ["--output=json", "--quiet", "--no-enable-error-reporting"],
      [`--chrome-flags=${["--headless=new", ...browserArguments].join(" ")}`],
      ["--only-categories=performance,accessibility,best-practices"],
    ),
    { env: { ...process.env, ...env, CHROME_PATH: executablePath }, maxBuffer: 1 << 28 },
  );
  const { categories, audits, lighthouseVersion } = JSON.parse(stdout) as {
    lighthouseVersion: string;
    categories: Record<string, { title: string; score: number; auditRefs: { id: string; weight: number }[] }>;
    audits: Record<string, { score: number | null; title: string }>;
  };
  console.log(`\n| Lighthouse ${lighthouseVersion}, mobile | score | what costs |\n|---|---|---|`);
  for (const { title, score, auditRefs } of Object.values(categories)) {
    const costs = auditRefs
      .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1)
      .map(({ id }) => audits[id]?.title);
    console.log(`| ${title} | ${Math.round(score * 100)} | ${costs.join("; ")} |`);
  }
  console.log("");
  for (const [id, { score }] of Object.entries(categories))
    console.log(`ratio page-lighthouse-${id} ${score.toFixed(2)}`);
}
