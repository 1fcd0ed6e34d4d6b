// The envelope in both directions, against code that is not the adapter's.

import { Buffer } from "node:buffer";
import { constants, publicEncrypt } from "node:crypto";
import { describe, expect, it } from "vitest";
import { open, seal } from "./envelope.ts";
import { rc4 } from "./rc4.ts";
import { ipnXml, makePair, openOrder, sealFields } from "./testing.ts";

const pairs = { 1024: makePair(1024), 2048: makePair(2048) } as const;
const { certificate, privateKey, publicKey } = pairs[1024];
const xml = ipnXml({ text: "Tranzacție aprobată €😀" });
const fieldsOf = (fields: Record<string, string>) => fields as { env_key: string; data: string };

describe("envelope", () => {
  it.each([1024, 2048] as const)("seals for a %i-bit certificate so that its owner can open", (bits) => {
    const fields = seal(xml, pairs[bits].certificate);
    expect(fields.cipher).toBe("aes-256-cbc");
    expect(Buffer.from(fields.env_key, "base64")).toHaveLength(bits / 8);
    expect(Buffer.from(fields.iv, "base64")).toHaveLength(16);
    expect(openOrder(fields, pairs[bits].privateKey)).toBe(xml);
  });

  it("seals no two alike", () => {
    expect(seal(xml, certificate).data).not.toBe(seal(xml, certificate).data);
  });

  it.each([
    ["aes-256-cbc", 32],
    ["rc4", 5],
    ["rc4", 16],
    ["rc4", 32],
  ] as const)("opens %s with a key of %i bytes", (cipher, length) => {
    for (const pair of Object.values(pairs)) {
      const fields = sealFields(xml, pair.publicKey, { cipher, key: new Uint8Array(length).fill(0xa5) });
      expect(open(fieldsOf(fields), pair.privateKey)).toBe(xml);
    }
  });

  it("takes a missing or empty cipher for RC4, in any case of letters, and spaces for plus signs", () => {
    const { cipher: _, ...old } = sealFields(xml, publicKey, { cipher: "rc4" });
    expect(open(fieldsOf(old), privateKey)).toBe(xml);
    expect(open({ ...fieldsOf(old), cipher: "" }, privateKey)).toBe(xml);
    const fields = sealFields(xml, publicKey);
    const spaced = Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, value.replaceAll("+", " ")]),
    );
    expect(open({ ...fieldsOf(spaced), cipher: "AES-256-CBC" }, privateKey)).toBe(xml);
  });

  it("answers every failure with the same null", () => {
    const fields = fieldsOf(sealFields(xml, publicKey));
    const changed = (name: string, change: (bytes: Buffer) => Buffer) => ({
      ...fields,
      [name]: change(Buffer.from(Object.entries(fields).find(([one]) => one === name)?.[1] ?? "", "base64")).toString(
        "base64",
      ),
    });
    const bad = [
      { ...fields, env_key: "" },
      { ...fields, env_key: "x" },
      { ...fields, env_key: fields.env_key.slice(4) },
      { ...fields, env_key: `${fields.env_key}\n` },
      changed("env_key", (bytes) => bytes.fill(0)),
      changed("env_key", (bytes) => bytes.fill(0xff)),
      changed("env_key", (bytes) => Buffer.from(bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte)))),
      changed("env_key", (bytes) => bytes.subarray(1)),
      { ...fields, data: "" },
      changed("data", (bytes) => bytes.subarray(0, -1)),
      changed("data", (bytes) => bytes.subarray(0, -16)),
      { ...fields, iv: "" },
      { ...fields, iv: undefined },
      changed("iv", (bytes) => bytes.subarray(1)),
      { ...fields, cipher: "des" },
      { ...fields, cipher: "rc4" },
      fieldsOf(sealFields(xml, pairs[2048].publicKey)),
      fieldsOf(sealFields(xml, publicKey, { cipher: "rc4", key: new Uint8Array(4).fill(1) })),
      fieldsOf(sealFields(xml, publicKey, { cipher: "rc4", key: new Uint8Array(33).fill(1) })),
      fieldsOf(sealFields(Buffer.from([0xff, 0xfe, 0xc3, 0x28]), publicKey)),
      fieldsOf(sealFields("\u0000", publicKey)),
    ];
    for (const [at, one] of bad.entries()) expect(open(one, privateKey), `case ${at}`).toBeNull();
    expect(open(fields, "no key")).toBeNull();
  });

  it("does not take a key behind fewer than eight padding bytes", () => {
    const key = new Uint8Array(32).fill(7);
    const fields = fieldsOf(sealFields(xml, publicKey, { key }));
    const sealedBehind = (padding: number[]) => {
      const rest = 128 - padding.length - 1 - key.length;
      const block = Buffer.concat([Buffer.from(padding), Buffer.alloc(rest, 1), Buffer.from([0]), key]);
      const raw = { key: publicKey, padding: constants.RSA_NO_PADDING };
      return { ...fields, env_key: publicEncrypt(raw, block).toString("base64") };
    };
    expect(open(sealedBehind([0, 2]), privateKey)).toBe(xml);
    expect(open(sealedBehind([0, 1]), privateKey)).toBeNull();
    expect(open(sealedBehind([1, 2]), privateKey)).toBeNull();
    const short = Buffer.concat([Buffer.from([0, 2]), Buffer.alloc(7, 1), Buffer.from([0])]);
    const block = Buffer.concat([short, Buffer.alloc(128 - short.length, 7)]);
    const longKey = publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block).toString("base64");
    expect(open({ ...fields, env_key: longKey }, privateKey)).toBeNull();
  });

  it("does not take a key that lost its leading zero", () => {
    let fields = fieldsOf(sealFields(xml, publicKey));
    while (Buffer.from(fields.env_key, "base64")[0] !== 0) fields = fieldsOf(sealFields(xml, publicKey));
    expect(open(fields, privateKey)).toBe(xml);
    const shorter = Buffer.from(fields.env_key, "base64").subarray(1).toString("base64");
    expect(open({ ...fields, env_key: shorter }, privateKey)).toBeNull();
  });

  it("streams RC4 as its known vectors say", () => {
    const hex = (key: string, plain: string) => Buffer.from(rc4(Buffer.from(key), Buffer.from(plain))).toString("hex");
    expect(hex("Key", "Plaintext")).toBe("bbf316e8d940af0ad3");
    expect(hex("Wiki", "pedia")).toBe("1021bf0420");
    expect(hex("Secret", "Attack at dawn")).toBe("45a01f645fc35b383552544b9bf5");
  });
});
