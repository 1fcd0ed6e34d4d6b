// Every adapter in the registry is whole: papers, fixtures, hosts, words of the wire, and functions as declared.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { DECLINE_REASONS, OBSERVATION_KINDS } from "./contract.ts";
import { processorOf, processors } from "./registry.ts";

const here = fileURLToPath(new URL(".", import.meta.url).href);
const folders = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

type WireWord = { word: string; kind: string; declineReason?: string };

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

  it("has a README of ten short headings, a contract test, test support and fixtures", () => {
    for (const file of ["README.md", "contract.test.ts", "testing.ts", "codes.ts"]) {
      expect(existsSync(`${here}${id}/${file}`), file).toBe(true);
    }
    expect(readFileSync(`${here}${id}/README.md`, "utf8").match(/^## /gm)).toHaveLength(10);
    const fixtures = readdirSync(`${here}${id}/fixtures`).filter((name) => name.endsWith(".json"));
    expect(fixtures.length).toBeGreaterThan(0);
    for (const name of fixtures) {
      const first = Object.keys(JSON.parse(readFileSync(`${here}${id}/fixtures/${name}`, "utf8")))[0];
      expect(["handMade", "recorded"], name).toContain(first);
    }
  });

  it("has hosts for both environments, payer hosts and a scrub list", () => {
    expect(Object.keys(descriptor.hosts).length).toBeGreaterThan(0);
    for (const base of Object.values(descriptor.hosts).flatMap(Object.values))
      expect(base).toMatch(/^https:\/\/[^/]+.*[^/]$/);
    expect(descriptor.payerHosts.live.length * descriptor.payerHosts.test.length).toBeGreaterThan(0);
    expect(descriptor.scrub.fields.length).toBeGreaterThan(0);
    expect(descriptor.scrub.headers.length).toBeGreaterThan(0);
  });

  it("translates every word of its wire", async () => {
    const { wireWords }: { wireWords: () => WireWord[] } = await import(`./${id}/codes.ts`);
    const words = wireWords();
    expect(words.length).toBeGreaterThan(5);
    for (const { word, kind, declineReason } of words) {
      expect(OBSERVATION_KINDS, word).toContain(kind);
      if (kind === "declined") expect(DECLINE_REASONS, word).toContain(declineReason);
    }
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
