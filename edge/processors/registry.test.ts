// Every adapter in the registry is whole: papers, fixtures, hosts, words of the wire, and functions as declared.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Descriptor } from "./contract.ts";
import { DECLINE_REASONS, OBSERVATION_KINDS } from "./contract.ts";
import { processorOf, processors, typedProcessors } from "./registry.ts";
import { wireWords } from "./tochka/codes.ts";

const here = fileURLToPath(new URL(".", import.meta.url).href);
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

type WireWord = { word: string; kind: string; declineReason?: string };

/** Names of an adapter's files with their text. */
function filesOf(id: string): Map<string, string> {
  const entries = readdirSync(`${here}${id}`, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = entries.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(`${here}${id}`, path), readFileSync(path, "utf8")]));
}

/** What an adapter lacks to be whole, in words. */
function lacksOf(
  files: Map<string, string>,
  descriptor: Pick<Descriptor<unknown>, "hosts" | "payerHosts" | "scrub" | "relayedHosts" | "options">,
  words: WireWord[],
): string[] {
  const lacks: string[] = [];
  const needs = (isThere: boolean, what: string) => void (isThere || lacks.push(what));
  for (const name of ["README.md", "contract.test.ts", "testing.ts", "codes.ts"]) needs(files.has(name), name);
  const headings = files.get("README.md")?.match(/^## .+$/gm) ?? [];
  needs(headings.length === 10, "a README of ten short headings");
  const fixtures = [...files].filter(([name]) => /^fixtures.[^/\\]+\.json$/.test(name));
  needs(fixtures.length > 0, "fixtures");
  for (const [name, text] of fixtures) {
    needs(["handMade", "recorded"].includes(Object.keys(JSON.parse(text))[0] ?? ""), `where ${name} comes from`);
  }
  const bases = Object.values(descriptor.hosts).flatMap(Object.values);
  needs(bases.length > 0, "hosts");
  for (const base of bases)
    needs(/^https:\/\/[^/]+.*[^/]$/.test(base), `a secure address without a last slash: ${base}`);
  needs(descriptor.payerHosts.live.length * descriptor.payerHosts.test.length > 0, "payer hosts");
  needs(descriptor.scrub.fields.length > 0, "fields to scrub");
  needs(descriptor.scrub.headers.length > 0, "headers to scrub");
  for (const name of descriptor.relayedHosts ?? []) needs(name in descriptor.hosts, `the relayed host ${name}`);
  for (const { name, onlyWhen } of descriptor.options?.fields ?? []) {
    const other = onlyWhen && descriptor.options?.fields.find((field) => field.name === onlyWhen.name);
    needs(!onlyWhen || other !== undefined, `the option that ${name} depends on`);
  }
  needs(words.length > 5, "words of the wire");
  for (const { word, kind, declineReason } of words) {
    needs((OBSERVATION_KINDS as readonly string[]).includes(kind), `a meaning of ${word}`);
    const isReason = (DECLINE_REASONS as readonly (string | undefined)[]).includes(declineReason);
    needs(kind !== "declined" || isReason, `a reason of ${word}`);
  }
  // A word that the adapter's own README lists as a status has a meaning in its tables.
  for (const status of statusesListed(files.get("README.md") ?? "")) {
    needs(
      words.some(({ word }) => word.split(" ").includes(status)),
      `a meaning of ${status}, which its README lists`,
    );
  }
  return lacks;
}

/** Words in capitals, in code marks, under "Codes" of a README: statuses, as their documentation spells them. */
function statusesListed(readme: string): string[] {
  const codes = /^## Codes$([\s\S]*?)(?=^## |$(?![\s\S]))/m.exec(readme)?.[1] ?? "";
  return [...codes.matchAll(/`([A-Z][A-Z_-]{3,})`/g)].map(([, word = ""]) => word);
}

describe("an adapter that is not whole is named for what it lacks", () => {
  const { descriptor } = typedProcessors.tochka;
  const words = wireWords();
  const without = (name: RegExp) => new Map([...filesOf("tochka")].filter(([path]) => !name.test(path)));

  it.each<[string, string[]]>([
    ["README.md", lacksOf(without(/^README/), descriptor, words)],
    [
      "a README of ten short headings",
      lacksOf(new Map([...filesOf("tochka"), ["README.md", "## Auth"]]), descriptor, words),
    ],
    ["contract.test.ts", lacksOf(without(/^contract/), descriptor, words)],
    ["fixtures", lacksOf(without(/^fixtures/), descriptor, words)],
    [
      "where fixtures/x.json comes from",
      lacksOf(new Map([...filesOf("tochka"), ["fixtures/x.json", "{}"]]), descriptor, words),
    ],
    ["hosts", lacksOf(filesOf("tochka"), { ...descriptor, hosts: {} }, words)],
    ["payer hosts", lacksOf(filesOf("tochka"), { ...descriptor, payerHosts: { live: [], test: [] } }, words)],
    ["fields to scrub", lacksOf(filesOf("tochka"), { ...descriptor, scrub: { fields: [], headers: ["x"] } }, words)],
    ["headers to scrub", lacksOf(filesOf("tochka"), { ...descriptor, scrub: { fields: ["x"], headers: [] } }, words)],
    ["the relayed host moon", lacksOf(filesOf("tochka"), { ...descriptor, relayedHosts: ["moon"] }, words)],
    ["a meaning of link NEW", lacksOf(filesOf("tochka"), descriptor, [...words, { word: "link NEW", kind: "paid" }])],
    [
      "a reason of reason X",
      lacksOf(filesOf("tochka"), descriptor, [...words, { word: "reason X", kind: "declined" }]),
    ],
    [
      "a meaning of WAIT_FULL_PAYMENT, which its README lists",
      lacksOf(
        filesOf("tochka"),
        descriptor,
        words.filter(({ word }) => word !== "link WAIT_FULL_PAYMENT"),
      ),
    ],
  ])("%s", (what, lacks) => {
    expect(lacks).toContain(what);
  });
});

it("names every folder once, and a folder for every name", () => {
  expect(Object.keys(processors).sort()).toEqual(folders.sort());
});

it("finds nothing for a name that is none", () => {
  for (const id of ["", "nobody", "toString", "__proto__", "constructor"]) expect(processorOf(id)).toBeNull();
  expect(processorOf("netopia")).toBe(processors.netopia);
});

describe.each(Object.entries(processors))("%s", (id, processor) => {
  const { descriptor } = processor;
  const variants = Object.entries(descriptor.variants);

  it("is named as its folder and exports one value of that name", async () => {
    expect(descriptor.id).toBe(id);
    expect(Object.keys(await import(`./${id}/index.ts`))).toEqual([id]);
  });

  it("lacks nothing", async () => {
    const { wireWords } = (await import(`./${id}/codes.ts`)) as { wireWords: () => WireWord[] };
    expect(lacksOf(filesOf(id), descriptor, wireWords())).toEqual([]);
  });

  it("has the functions that its variants declare, and no other", () => {
    const declared = (test: (variant: (typeof variants)[number][1]) => boolean) =>
      variants.some(([, one]) => test(one));
    expect(processor.captureAuthorization !== undefined).toBe(declared((one) => one.capture.byApi));
    expect(processor.voidAuthorization !== undefined).toBe(declared((one) => one.void.byApi));
    expect(processor.refundCapture !== undefined).toBe(declared((one) => one.refund.byApi));
    expect(processor.queryRefund !== undefined).toBe(declared((one) => one.refund.byApi && one.refund.asynchronous));
    expect(processor.queryAttempt !== undefined).toBe(declared((one) => one.statusQuery.available));
    expect(processor.listSettlements !== undefined).toBe(declared((one) => one.settlement === "report"));
  });

  it.each(variants)("describes its variant %s without contradiction", (name, variant) => {
    expect(variant.name).toBe(name);
    expect(variant.methods.length * variant.currencies.length * variant.credentialFields.length).toBeGreaterThan(0);
    expect(variant.limits.smallestMinor <= variant.limits.largestMinor).toBe(true);
    for (const field of variant.credentialFields) {
      expect(field.secret && descriptor.publicFields.includes(field.name), field.name).toBe(false);
      if (field.input.startsWith("pem_")) expect(field.accept?.length, field.name).toBeGreaterThan(0);
    }
  });
});
