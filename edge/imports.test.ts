// Who may import whom, as one table, held against every import line; and who may write the rows that say where money is.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const FOLDERS = [
  "app",
  "bench",
  "components",
  "db",
  "e2e",
  "edge",
  "messages",
  "relay",
  "sandbox",
  "scripts",
  "torture",
  "web",
];

/**
 * Rooms, and beside each what its files may import: other rooms, and packages after the bar. A room begins where its path
 * does; the longest path rules. `types of X` lets only `import type` through.
 */
const MAY_IMPORT: Record<string, { rooms: string[]; packages: string[] | "any" }> = {
  app: { rooms: ["components", "messages", "types of edge"], packages: "any" },
  // The Worker around what Next makes.
  web: { rooms: [], packages: [".open-next/worker.js"] },
  // What a text will look like is shown by the very code that will make it.
  components: { rooms: ["messages", "types of edge", "edge/payments/details-text.ts"], packages: "any" },
  // Knows no payment word.
  "components/ui": { rooms: [], packages: ["react", "next", "qrcode"] },
  "components/format": { rooms: [], packages: ["react"] },

  "edge/worker.ts": {
    rooms: [
      "edge/context.ts",
      "edge/env.ts",
      "edge/http",
      "edge/ipn",
      "edge/log.ts",
      "edge/merchants",
      "edge/outbox",
      "edge/payments",
      "edge/reconciliation",
    ],
    packages: ["cloudflare:workers"],
  },
  "edge/context.ts": {
    rooms: [
      "db",
      "edge/clock.ts",
      "edge/env.ts",
      "edge/ids.ts",
      "edge/merchants",
      "edge/payments",
      "edge/processors/abilities.ts",
    ],
    packages: ["drizzle-orm"],
  },
  "edge/env.ts": { rooms: [], packages: ["@hono/zod-openapi", "@cloudflare/workers-types"] },
  "edge/clock.ts": { rooms: [], packages: [] },
  "edge/ids.ts": { rooms: [], packages: ["node:buffer", "node:crypto"] },
  "edge/log.ts": { rooms: [], packages: [] },
  "edge/money.ts": { rooms: [], packages: [] },
  "edge/support.ts": { rooms: ["types of edge/env.ts"], packages: [] },
  "edge/result.ts": { rooms: [], packages: [] },
  "edge/http": {
    rooms: ["db", "edge", "messages/languages.ts", "types of edge/processors/contract.ts"],
    packages: ["@hono/zod-openapi", "drizzle-orm", "hono", "libphonenumber-js"],
  },
  "edge/ipn": {
    rooms: ["db", "edge/base", "edge/merchants", "edge/payments", "types of edge/processors/contract.ts"],
    packages: ["drizzle-orm"],
  },
  "edge/outbox": {
    rooms: [
      "db",
      "edge/base",
      "edge/crm",
      "edge/fiscal",
      "edge/ipn",
      "edge/mail",
      "edge/merchants",
      "edge/payments",
      "edge/webhooks",
    ],
    packages: ["drizzle-orm"],
  },
  "edge/mail": {
    rooms: ["db", "edge/base", "edge/merchants", "edge/payments", "messages", "types of edge/outbox/deliver.ts"],
    packages: ["drizzle-orm", "use-intl", "worker-mailer"],
  },
  "edge/webhooks": { rooms: ["db", "edge/base", "types of edge/outbox/deliver.ts"], packages: ["drizzle-orm"] },
  // A CRM whose orders are paid by our links: called by its door in edge/http, told by the outbox.
  "edge/crm": {
    rooms: [
      "db",
      "edge/base",
      "edge/merchants",
      "edge/payments",
      "edge/processors/abilities.ts",
      "types of edge/processors/contract.ts",
      "edge/webhooks/address.ts",
      "messages",
    ],
    packages: ["@hono/zod-openapi", "drizzle-orm", "node:buffer", "node:crypto"],
  },
  "edge/reconciliation": { rooms: ["db", "edge/base", "edge/payments"], packages: ["drizzle-orm"] },
  // The heart: it calls processors through their contract, and knows no HTTP, mail or queue.
  "edge/payments": {
    rooms: [
      "db",
      "edge/base",
      "edge/merchants/connections.ts",
      "edge/processors/contract.ts",
      "edge/processors/abilities.ts",
    ],
    packages: ["drizzle-orm"],
  },
  // Pure: deciding code is handed time, ids and abilities, and opens nothing.
  "edge/payments/states.ts": { rooms: ["types of edge/processors/contract.ts"], packages: [] },
  "edge/payments/amounts.ts": {
    rooms: ["types of edge/money.ts", "edge/payments/states.ts", "types of edge/payments"],
    packages: [],
  },
  "edge/payments/details-text.ts": { rooms: [], packages: [] },
  "edge/payments/observe.ts": { rooms: ["edge/payments", "types of edge/processors/contract.ts"], packages: [] },
  "edge/payments/step.ts": {
    rooms: ["types of db", "types of edge/ids.ts", "types of edge/payments", "types of edge/processors/contract.ts"],
    packages: [],
  },
  "edge/merchants": {
    rooms: ["db", "edge/base", "edge/payments/details-text.ts", "edge/processors"],
    packages: ["better-auth", "drizzle-orm"],
  },
  "edge/merchants/vault.ts": { rooms: ["db", "edge/ids.ts"], packages: ["drizzle-orm"] },
  // Receipts by a register of the merchant's own: ordered by the outbox, moved beside the invoice's story.
  "edge/fiscal": {
    rooms: [
      "db",
      "edge/base",
      "edge/payments",
      "edge/processors/call.ts",
      "edge/processors/hosts.ts",
      "edge/processors/relay.ts",
    ],
    packages: ["drizzle-orm"],
  },
  "edge/fiscal/contract.ts": {
    rooms: ["types of edge/fiscal/law.ts", "types of edge/processors/contract.ts", "types of edge/result.ts"],
    packages: ["@hono/zod-openapi"],
  },
  "edge/fiscal/law.ts": { rooms: [], packages: [] },
  "edge/fiscal/positions.ts": { rooms: ["types of edge/fiscal/contract.ts", "edge/fiscal/law.ts"], packages: [] },
  "edge/fiscal/receipt-lines.ts": {
    rooms: [
      "edge/fiscal/positions.ts",
      "edge/payments/describe-payment.ts",
      "types of edge/fiscal",
      "types of edge/payments",
    ],
    packages: [],
  },
  // A register's adapter is as pure as a processor's.
  "edge/fiscal/*": {
    rooms: [
      "edge/fiscal/contract.ts",
      "edge/fiscal/law.ts",
      "edge/processors/read-json.ts",
      "edge/result.ts",
      "types of edge/processors/contract.ts",
    ],
    packages: ["@hono/zod-openapi", "node:buffer", "node:crypto"],
  },
  "edge/fiscal/registry.ts": {
    rooms: ["edge/fiscal/contract.ts", "edge/fiscal/komtet", "edge/fiscal/orangedata", "edge/fiscal/paykeeper"],
    packages: [],
  },
  "edge/processors/contract.ts": {
    rooms: ["types of edge/money.ts", "types of edge/result.ts"],
    packages: ["@hono/zod-openapi"],
  },
  "edge/processors/registry.ts": {
    rooms: [
      "edge/processors/contract.ts",
      "edge/processors/netopia",
      "edge/processors/revolut",
      "edge/processors/tochka",
      "edge/processors/uapay",
    ],
    packages: [],
  },
  "edge/processors/abilities.ts": {
    rooms: ["edge/processors/contract.ts", "edge/processors/registry.ts", "types of edge/payments/step.ts"],
    packages: [],
  },
  "edge/processors/call.ts": { rooms: ["edge/result.ts", "types of edge/processors/contract.ts"], packages: [] },
  "edge/processors/hosts.ts": { rooms: ["types of edge/processors/contract.ts"], packages: [] },
  "edge/processors/scrub.ts": { rooms: [], packages: [] },
  "edge/processors/read-json.ts": { rooms: ["types of edge/processors/contract.ts"], packages: [] },
  "edge/processors/relay.ts": {
    rooms: ["edge/processors/call.ts", "types of edge/processors/contract.ts", "types of edge/processors/hosts.ts"],
    packages: ["node:buffer", "node:crypto"],
  },
  // An adapter is pure: the contract, money, result, its own folder, and what its cryptography and format need.
  "edge/processors/*": {
    rooms: ["edge/processors/contract.ts", "edge/processors/read-json.ts", "edge/money.ts", "edge/result.ts"],
    packages: ["@hono/zod-openapi", "fast-xml-parser", "node:buffer", "node:crypto", "libphonenumber-js"],
  },

  db: { rooms: ["edge/ids.ts"], packages: ["drizzle-orm", "drizzle-kit"] },
  "db/schema": {
    rooms: ["edge/fiscal/contract.ts", "edge/fiscal/law.ts", "edge/payments/states.ts", "edge/processors/contract.ts"],
    packages: ["drizzle-orm"],
  },
  // Plants what registration will make one day, through the same doors.
  "db/seed": { rooms: ["db", "edge/ids.ts", "edge/merchants"], packages: ["better-auth", "drizzle-orm"] },
  sandbox: { rooms: [], packages: "any" },
  // A program of its own, on another machine: Node and nothing else.
  relay: { rooms: [], packages: ["node:crypto", "node:fs", "node:http", "node:https", "node:path", "node:tls"] },
  messages: { rooms: [], packages: [] },
  scripts: { rooms: ["db", "sandbox", "edge/processors/registry.ts"], packages: "any" },
  e2e: { rooms: ["db/seed", "messages", "scripts"], packages: "any" },
  "e2e/screens": {
    rooms: ["components/payer", "e2e/support", "edge/http/payer-view.ts", "messages", "scripts/paths.ts"],
    packages: "any",
  },
  bench: { rooms: ["db", "e2e/support/browser.ts", "edge", "scripts"], packages: "any" },
  torture: { rooms: ["db", "edge", "sandbox", "scripts"], packages: "any" },
};

/** Groups of rooms. */
const GROUPS: Record<string, string[]> = {
  "edge/base": [
    "edge/clock.ts",
    "edge/context.ts",
    "edge/env.ts",
    "edge/ids.ts",
    "edge/log.ts",
    "edge/money.ts",
    "edge/result.ts",
  ],
};

/** Never, not even from a test. */
const NEVER: { from: RegExp; to: RegExp; because: string }[] = [
  { from: /^(?!app\/)/, to: /^app\//, because: "nobody imports app" },
  { from: /^sandbox\//, to: /^(edge|db|app|components)\//, because: "both sides of the wire could be wrong together" },
  { from: /^edge\//, to: /^sandbox\//, because: "both sides of the wire could be wrong together" },
  {
    from: /^edge\//,
    to: /^(next|react|react-dom|use-intl)$/,
    because: "IPNs must be taken even when the web is broken",
  },
  {
    from: /^edge\/(?!processors\/)/,
    to: /^edge\/processors\/[a-z0-9-]+\/(?!testing)/,
    because: "only the registry names adapters",
  },
  {
    from: /^edge\/(?!fiscal\/)/,
    to: /^edge\/fiscal\/[a-z0-9-]+\/(?!testing)/,
    because: "only the registry names adapters",
  },
  {
    from: /^(app|components)\//,
    to: /^(pg|ws|@neondatabase\/serverless|drizzle-orm|better-auth)$/,
    because: "screens have no key and no database",
  },
];

type Import = { from: string; to: string; isType: boolean };

function filesUnder(folder: string): string[] {
  try {
    return readdirSync(join(ROOT, folder), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.(ts|tsx|mts|mjs)$/.test(entry.name) && !entry.name.endsWith(".d.ts"))
      .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length + 1))
      .filter((path) => !path.includes("node_modules") && !/\/\.[a-z]/.test(path));
  } catch {
    return []; // a room that is not built yet
  }
}

const PATTERN =
  /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?["']([^"']+)["']|\b(?:import|require)\(\s*["']([^"']+)["']\s*\)/gm;

/** Every import of a file: a path from the root, or the name of a package. */
function importsOf(from: string, text: string): Import[] {
  return [...text.matchAll(PATTERN)].map(([, isType, line, call]) => {
    const name = line ?? call ?? "";
    const to = name.startsWith(".")
      ? normalize(join(dirname(from), name))
      : name.startsWith("@/")
        ? name.slice(2)
        : (/^(@[^/]+\/[^/]+|[^/]+)/.exec(name)?.[1] ?? name);
    return { from, to, isType: isType !== undefined };
  });
}

const isTest = (path: string) =>
  /\.(test|spec)\.tsx?$/.test(path) ||
  /^edge\/(testing\/|processors\/(contract-suite|[a-z0-9-]+\/(testing|mutations)))/.test(path);

/** The room of a path: the longest name that it begins with. */
function roomOf(path: string): string | undefined {
  const [, room] = /^edge\/(processors|fiscal)\/[a-z0-9-]+\//.exec(path) ?? [];
  const adapter = room && `edge/${room}/*`;
  return (
    adapter ??
    Object.keys(MAY_IMPORT)
      .filter((room) => path === room || path.startsWith(`${room}/`))
      .sort((a, b) => b.length - a.length)[0]
  );
}

const lies = (path: string, inside: string) => path === inside || path.startsWith(`${inside}/`);

/** Why an import is not allowed, or null. */
function fault({ from, to, isType }: Import): string | null {
  for (const { from: a, to: b, because } of NEVER) {
    // use-intl's core is no React; the mails speak through it.
    if (a.test(from) && b.test(to) && !(to === "use-intl" && lies(from, "edge/mail"))) return because;
  }
  if (isTest(from)) return null;
  const room = roomOf(from);
  if (!room) return "no room of the table";
  const { rooms, packages } = MAY_IMPORT[room] ?? { rooms: [], packages: [] };
  const isPackage = !FOLDERS.some((folder) => lies(to, folder));
  if (isPackage) return packages === "any" || packages.includes(to) ? null : `${room} may not use this package`;
  const own = room.endsWith("/*") ? from.split("/").slice(0, 3).join("/") : room;
  if (lies(to, own) || (room.endsWith(".ts") && to === room)) return null;
  const allowed = rooms.some((name) => {
    const [, onlyTypes] = /^types of (.+)$/.exec(name) ?? [];
    const target = onlyTypes ?? name;
    return (!onlyTypes || isType) && (GROUPS[target] ?? [target]).some((one) => lies(to, one));
  });
  return allowed ? null : `${room} may not import it`;
}

const files = FOLDERS.flatMap(filesUnder);
const textOf = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
const imports = files.flatMap((path) => importsOf(path, textOf.get(path) ?? ""));

test("every import goes the way the table says", () => {
  expect(files.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(300);
  expect(
    imports.flatMap((one) => {
      const why = fault(one);
      return why ? [`${one.from} → ${one.to}: ${why}`] : [];
    }),
  ).toEqual([]);
});

test("the table sees what is wrong", () => {
  const wrong: [string, string][] = [
    ["edge/payments/observe.ts", 'import { log } from "../log.ts";'],
    ["edge/payments/start-attempt.ts", 'import { netopia } from "../processors/netopia/index.ts";'],
    ["edge/http/payer.ts", 'import {\n  netopia,\n} from "../processors/netopia/index.ts";'],
    ["edge/processors/netopia/v1.ts", 'import { openDatabase } from "../../../db/client.ts";'],
    ["edge/processors/netopia/v1.ts", 'import { x } from "../revolut/index.ts";'],
    ["edge/ipn/receive.ts", 'import type { Metadata } from "next";'],
    ["edge/ipn/receive.test.ts", 'import { seal } from "../../sandbox/netopia/envelope.ts";'],
    ["sandbox/server.ts", 'import { newId } from "../edge/ids.ts";'],
    ["db/schema/invoices.ts", 'import { newId } from "../../edge/ids.ts";'],
    ["components/payer/page.tsx", 'const x = await import("../../app/edge.ts");'],
    ["app/page.tsx", 'import { v1 } from "../edge/http/app.ts";'],
    ["app/page.tsx", 'import { neon } from "@neondatabase/serverless";'],
    ["edge/new-room/file.ts", 'import "../log.ts";'],
  ];
  for (const [from, line] of wrong) {
    const [read] = importsOf(from, line);
    expect(read && fault(read), `${from}: ${line}`).toEqual(expect.any(String));
  }
});

const MONEY_ROWS = [
  "invoices",
  "invoiceLines",
  "attempts",
  "payments",
  "refunds",
  "observations",
  "tries",
  "collections",
  "disputes",
  "events",
];
const IN_SQL = [
  "invoices",
  "invoice_lines",
  "attempts",
  "payments",
  "refunds",
  "observations",
  "tries",
  "collections",
  "disputes",
  "events",
];

/** Statements that write a row of an invoice's story: by the query builder, in SQL, or by the function that takes a step. */
function writesOf(text: string): string[] {
  const table = `(?:${MONEY_ROWS.join("|")})`;
  const built = text.matchAll(new RegExp(`\\.(?:insert|update|delete)\\(\\s*(?:schema\\.)?${table}\\s*\\)`, "g"));
  const name = `(?:\\$\\{(?:schema\\.)?${table}\\}|"?(?:${IN_SQL.join("|")})"?)`;
  const written = text.matchAll(
    new RegExp(`\\b(?:insert\\s+into|update|delete\\s+from)\\s+${name}\\s+(?:set|as|where|values|\\()`, "gi"),
  );
  const stepped = text.matchAll(/\bplata_(?:take_steps|patch_\w+|issue_number)\s*\(/gi);
  return [...built, ...written, ...stepped].map(([statement]) => statement.replace(/\s+/g, ""));
}

/** Files beside transition.ts that write such a row: how often, what they may set, and why that is no step of the story. */
const EXCEPTIONS: Record<string, { writes: number; sets: string[]; because: string }> = {
  "edge/http/payer.ts": {
    writes: 1,
    sets: ["returnedAt"],
    because: "that a browser came back proves nothing and moves nothing",
  },
  "edge/outbox/deliver-due.ts": {
    writes: 1,
    sets: ["payerAction", "dataKeyId"],
    because: "retention: a form that nobody can use any more is forgotten",
  },
  "edge/outbox/put-off.ts": {
    writes: 4,
    sets: ["looks", "nextLookAt", "looks", "nextLookAt", "holdAlarmAt", "holdPolicyAt"],
    because: "it is the step that failed; when it is tried again says nothing of the money",
  },
};

test("only transition.ts writes the rows of an invoice's story", () => {
  const writers = [...textOf]
    .filter(([path]) => !isTest(path) && /^(edge|db|scripts|app|components)\//.test(path))
    .map(([path, text]) => [path, writesOf(text)] as const);
  expect(writers.find(([path]) => path === "edge/payments/transition.ts")?.[1]).toEqual(["plata_take_steps("]);
  for (const [path, writes] of writers) {
    if (path === "edge/payments/transition.ts") continue;
    expect([path, writes.length], writes.join(" ")).toEqual([path, EXCEPTIONS[path]?.writes ?? 0]);
  }
  for (const [path, { sets }] of Object.entries(EXCEPTIONS)) {
    const found = (textOf.get(path) ?? "").matchAll(/\.update\((?:attempts|refunds)\)\s*\.set\(\{([^}]*)\}\)/g);
    expect(
      [...found].flatMap(([, values = ""]) => [...values.matchAll(/(\w+):/g)].map(([, name]) => name)),
      path,
    ).toEqual(sets);
  }
});

test("it sees a write however it is spelt", () => {
  for (const text of [
    "db.update(invoices)",
    "db.insert(\n  attempts\n)",
    "db.delete(schema.payments)",
    ["sql`update $", "{invoices} set state = 'paid'`"].join(""),
    "sql`insert into refunds (id) values (1)`",
    "sql`UPDATE attempts SET state = 'captured'`",
    'sql`delete from "events" where true`',
    "sql`select plata_take_steps('{}')`",
  ]) {
    expect(writesOf(text), text).toHaveLength(1);
  }
  expect(writesOf("db.update(connections); hash.update(bytes); sql`select 1 from invoices`")).toEqual([]);
});
