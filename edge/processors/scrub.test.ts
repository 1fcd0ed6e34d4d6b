// What may be shown: named fields gone, cards masked, keys and tokens noted.

import { Buffer } from "node:buffer";
import { describe, expect, it } from "vitest";
import { scrub, scrubText } from "./scrub.ts";

const names = { fields: ["apiKey", "billing", "env_key"], headers: ["authorization"] };

describe("scrub", () => {
  it("hides named fields and headers at any depth and in any case", () => {
    const value = {
      a: [{ APIKEY: "s1", keep: 1 }],
      billing: { email: "s2" },
      headers: new Headers({ Authorization: "s3" }),
    };
    const shown = JSON.stringify(scrub(value, names));
    expect(shown).not.toMatch(/s1|s2|s3/);
    expect(shown).toContain('"keep":1');
  });

  it.each([
    '{"apiKey":"s-e-c","x":1}',
    'cut {"apiKey": "s-e-c',
    '{"billing":{"email":"s-e-c"},"x":1}',
    "a=1&env_key=s-e-c&x=1",
    "env_key=s-e-c",
    "<o><env_key a='1'>s-e-c</env_key></o>",
    "Authorization: s-e-c\nX: 1",
  ])("hides named parts in text: %s", (text) => {
    expect(scrubText(text, names)).not.toContain("s-e-c");
  });

  it("keeps six and four digits of a card number, in text, numbers and keys", () => {
    for (const card of ["9900004810225098", "4111 1111 1111 1111", "4111-1111-1111-1111", "378282246310005"]) {
      const digits = card.replace(/\D/g, "");
      const shown = scrubText(`card ${card}.`, names);
      expect(shown).toBe(`card ${digits.slice(0, 6)}******${digits.slice(-4)}.`);
    }
    expect(scrub(4111111111111111, names)).toBe("411111******1111");
    expect(scrub({ "4111111111111111": 1 }, names)).toEqual({ "411111******1111": 1 });
  });

  it("leaves numbers that are no cards", () => {
    for (const text of ["1284771", "4111111111111112", "20261121141712", "2026-11-21T12:15:00Z", "1".repeat(25)]) {
      expect(scrubText(text, names)).toBe(text);
    }
  });

  it("notes key files, tokens and long base64 instead of showing them", () => {
    const body = Buffer.alloc(300, "aZ09+").toString("base64");
    expect(scrubText(`x -----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY----- y`, names)).toBe(
      "x [PEM PRIVATE KEY] y",
    );
    expect(scrubText(`-----BEGIN PRIVATE KEY-----\n${body.slice(0, 40)}`, names)).not.toContain(body.slice(0, 20));
    expect(scrubText(`t eyJhbGciOiJSUzUxMiJ9.${body}.${body}`, names)).toBe("t [token]");
    expect(scrubText(body, names)).toBe(`[base64, ${body.length} characters]`);
    const path = "https://pay.example.test/a/quite/long/path/without/any/digits/in/it/at/all/and/more";
    expect(scrubText(path, names)).toBe(path);
  });

  it("ends on circles, depth, bytes, errors and strange values", () => {
    const circle: Record<string, unknown> = { big: 5n, none: null, when: new Date(0), call: () => 1 };
    circle.self = circle;
    circle.bytes = new Uint8Array(3);
    circle.error = new Error("apiKey=s-e-c");
    const shown = scrub(circle, names) as Record<string, unknown>;
    expect(shown.self).toBe("[circular]");
    expect(shown.bytes).toBe("[3 bytes]");
    expect(JSON.stringify(shown.error)).not.toContain("s-e-c");
    let deep: unknown = "apiKey=s-e-c";
    for (let level = 0; level < 100; level += 1) deep = { deep };
    expect(JSON.stringify(scrub(deep, names))).not.toContain("s-e-c");
  });

  it("does not change what it is given", () => {
    const value = { apiKey: "s", list: [1] };
    scrub(value, names);
    expect(value).toEqual({ apiKey: "s", list: [1] });
  });
});
