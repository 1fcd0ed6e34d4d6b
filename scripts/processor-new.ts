// `npm run processor:new <name>`: the folder of a new processor, its types right and nothing in it written. Its contract
// test lists every case of the suite, and each fails until it is.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.ts";

/** What every adapter's README has, in this order; registry.test.ts counts them. */
const HEADINGS: [string, string][] = [
  ["Auth", "Which credentials, where they stand in a call, what a person mixes up."],
  ["Hosts", "Live and test, of the API and of the page. May a payer be led elsewhere?"],
  ["Limits", "Amounts and their form, currencies, lengths, how long a page and a hold live."],
  ["Flow", "What is called to open a payment, where the payer goes, how a lost answer is found again."],
  ["Notifications", "What is signed and how, what they say, what is answered, what is never told."],
  ["Codes", "Statuses and reasons, and which of ours they are."],
  ["Refunds, capture, void", "By which call, whole or in part, how their end is learnt."],
  ["Quirks", "What would surprise the next reader."],
  ["Trying it", "Test cards, accounts, amounts."],
  ["What is unsure", "What the documentation leaves open, and what was presumed."],
];

/** The suite's cases in its order, each as "what it is about: its title". */
export function suiteCases(): string[] {
  const suite = readFileSync(join(root, "edge/processors/contract-suite.ts"), "utf8");
  const found: string[] = [];
  let about = "";
  for (const line of suite.slice(suite.indexOf("export function describeContract")).split("\n")) {
    about = /\$\{cases\.variant\}: ([a-z ]+)`/.exec(line)?.[1] ?? about;
    const title = /^\s+(?:it|when\(.+?\))\(\s*["`](.+?)["`],/.exec(line)?.[1];
    // A title that depends on the protocol is shown as what it is about.
    if (title !== undefined) found.push(`${about}: ${title.replace(/\$\{.*\}/, "").trim()}`);
  }
  return found;
}

/** Every file of the folder with its text. */
export function filesOf(id: string): Record<string, string> {
  const name = id.charAt(0).toUpperCase() + id.slice(1);
  const type = `${name}Credentials`;
  return {
    "README.md": `# ${name}\n\nOne paragraph: which protocol, from which documentation, and how sure all of it is.\n${HEADINGS.map(
      ([heading, asks]) => `\n## ${heading}\n\n*${asks}*\n`,
    ).join("")}`,
    "credentials.ts": `// What a person types to connect ${name}, checked and brought to one shape.

import { z } from "@hono/zod-openapi";

export type ${type} = { secretKey: string };

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const ${id}Credentials: z.ZodType<${type}> = z.object({
  secretKey: z.string({ error: "secret_key_missing" }).trim().min(1, { error: "secret_key_missing" }),
});
`,
    "descriptor.ts": `// ${name} as data: hosts, limits and abilities. Everything here is a placeholder until it is read in the documentation.

import type { Descriptor, Variant } from "../contract.ts";
import { type ${type}, ${id}Credentials } from "./credentials.ts";

const main: Variant = {
  name: "main",
  credentialFields: [{ name: "secretKey", input: "password", secret: true, required: true }],
  methods: [{ id: "card", action: "go" }],
  currencies: ["EUR"],
  amountEncoding: "minor_integer",
  limits: { smallestMinor: 1n, largestMinor: 1n, attemptLifetimeSeconds: 3600, descriptionLength: 100 },
  capture: { automatic: true, manual: false, partial: false, byApi: false },
  void: { byApi: false },
  refund: { byApi: false, partial: false, several: false, asynchronous: false },
  dispute: "none",
  settlement: "none",
  notification: { authentication: "none", carriesAmount: false, mayRepeat: true },
  statusQuery: { available: true, shortestIntervalSeconds: 60 },
  idempotency: "none",
  check: "automatic",
};

export const descriptor: Descriptor<${type}> = {
  id: "${id}",
  name: "${name}",
  country: "XX",
  documentationRead: "",
  maturity: "sketch",
  links: { home: "", admin: "", adminTest: "" },
  hosts: {},
  payerHosts: { live: [], test: [] },
  credentials: ${id}Credentials,
  publicFields: [],
  variants: { main },
  scrub: { fields: ["secretKey"], headers: ["authorization"] },
};
`,
    "codes.ts": `// Every word ${name} uses for an outcome, in ours.

import type { DeclineReason, ObservationKind } from "../contract.ts";

/** States of a payment. */
export const STATES: Record<string, ObservationKind> = {};

/** Why a try was refused. */
export const DECLINES: Record<string, DeclineReason> = {};

/** Every word of the tables above with its meaning, for the test that none is left out. */
export function wireWords(): { word: string; kind: ObservationKind; declineReason?: DeclineReason }[] {
  return [
    ...Object.entries(STATES).map(([word, kind]) => ({
      word,
      kind,
      ...(kind === "declined" ? { declineReason: "declined" as const } : {}),
    })),
    ...Object.entries(DECLINES).map(([word, declineReason]) => ({ word, kind: "declined" as const, declineReason })),
  ];
}
`,
    "index.ts": `// ${name}: the adapter that the registry names.

import { fail } from "../../result.ts";
import type { Notification, Processor } from "../contract.ts";
import type { ${type} } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";

const notWritten = async () => fail({ kind: "unsupported", detail: "not_written" } as const);

/** Nothing is written yet: every call says so, and no notification is believed. */
export const ${id}: Processor<${type}> = {
  descriptor,
  variantOf: () => "main",
  startAttempt: notWritten,
  queryAttempt: notWritten,
  checkCredentials: notWritten,
  readNotification: async () => unbelieved(),
};

function unbelieved(): Notification {
  const reply = (status: number) => ({ status, headers: {}, body: "" });
  return {
    trust: "rejected",
    reason: "not_written",
    dedupeKey: "not_written",
    observations: [],
    lookNow: false,
    replies: { stored: reply(200), retry: reply(503), refused: reply(400) },
    advised: "retry",
  };
}
`,
    "testing.ts": `// The other side of ${name}'s wire for tests: truthful signing and answers, written apart from the adapter.

import type { ${type} } from "./credentials.ts";

export const credentials: ${type} = { secretKey: "fixture-secret-0123456789" };
`,
    "contract.test.ts": `// ${name} keeps the contract.

import { describe, it } from "vitest";

/**
 * Every case of the contract, and none of them written. When fixtures/ and testing.ts can play the other side, this list
 * goes, and one call takes its place: describeContract(${id}, cases), from ../contract-suite.ts. Those that are not about
 * this protocol go by themselves then.
 */
const CASES = ${JSON.stringify(suiteCases(), null, 2)};

describe("${id}", () => {
  it.each(CASES)("%s", (title) => {
    throw new Error(\`not written yet: \${title}\`);
  });
});
`,
    "fixtures/README.md": `# Fixtures

Answers and messages as JSON, \`status\` and \`body\`. The first field says where it comes from: \`recorded\` with date and
environment, or \`handMade\` after which page of which documentation.
`,
  };
}

/** Writes the folder. Throws when the name will not do or the folder is there. */
export function makeProcessor(id: string, into: string): string[] {
  if (!/^[a-z][a-z0-9]{2,19}$/.test(id)) throw new Error("a name is 3 to 20 lower-case letters and digits");
  const folder = join(into, id);
  if (existsSync(folder)) throw new Error(`${folder} is there already`);
  mkdirSync(join(folder, "fixtures"), { recursive: true });
  return Object.entries(filesOf(id)).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const [id = "", into = join(root, "edge/processors")] = process.argv.slice(2);
  try {
    for (const path of makeProcessor(id, into)) console.log(path);
    console.log(`
Next:
  1. a line for ${id} in edge/processors/registry.ts, and its folder beside it in edge/imports.test.ts
  2. hosts, limits and abilities in descriptor.ts, from the documentation
  3. fixtures and testing.ts, then one call of describeContract in contract.test.ts
  4. npm run processor:table -- --write`);
  } catch (error) {
    console.error(`usage: npm run processor:new <name>\n${error instanceof Error ? error.message : error}`);
    process.exit(1);
  }
}
