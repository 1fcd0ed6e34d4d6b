// Every shape in which people paste keys, and the code of every mistake.

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { netopiaCredentials } from "./credentials.ts";
import { makeEcCertificate, makePair, makeV1World, SIGNATURE, v2Credentials } from "./testing.ts";

const { credentials: good } = makeV1World();
const strong = makePair(2048);
const weak = makePair(512);
const curve = makeEcCertificate();

const issuesOf = (form: unknown) =>
  (netopiaCredentials.safeParse(form).error?.issues ?? []).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
const body = (pem: string) => pem.replace(/-----.*-----/g, "").replace(/\s/g, "");
const key = createPrivateKey(good.privateKey);
const pkcs1 = key.export({ format: "pem", type: "pkcs1" }).toString();
const publicPem = createPublicKey(key).export({ format: "pem", type: "spki" }).toString();
const encrypted = (type: "pkcs8" | "pkcs1") =>
  strongKey.export({ format: "pem", type, cipher: "aes-256-cbc", passphrase: "x" }).toString();
const strongKey = createPrivateKey(strong.privateKey);

const shapes: [string, (pem: string) => string][] = [
  ["as it is", (pem) => pem],
  ["with CRLF", (pem) => pem.replaceAll("\n", "\r\n")],
  ["with CR alone", (pem) => pem.replaceAll("\n", "\r")],
  ["without line breaks", (pem) => pem.replaceAll("\n", "")],
  ["with spaces for line breaks", (pem) => pem.replaceAll("\n", " ")],
  ["indented", (pem) => pem.replace(/^/gm, "    ")],
  ["with literal \\n", (pem) => pem.replaceAll("\n", "\\n")],
  ["in quotes", (pem) => `"${pem.replaceAll("\n", "\\n")}"`],
  ["with a byte order mark", (pem) => `\ufeff${pem}`],
  ["with text around it", (pem) => `Bag Attributes\n  friendlyName: x\n${pem}\nthanks`],
  ["body alone", body],
  ["body alone, without padding", (pem) => body(pem).replace(/=+$/, "")],
  ["without its last line", (pem) => pem.replace(/-----END.*\n/, "")],
  ["with dashes of a word processor", (pem) => pem.replaceAll("-----", "\u2013\u2014-")],
];

describe("netopia credentials", () => {
  it.each(shapes)("reads keys pasted %s", (_, shape) => {
    const read = netopiaCredentials.parse({
      ...good,
      certificate: shape(good.certificate),
      privateKey: shape(good.privateKey),
    });
    expect(read).toEqual(good);
  });

  it("reads PKCS#1, whatever the line above it says, and 2048 bits", () => {
    expect(netopiaCredentials.parse({ ...good, privateKey: pkcs1 })).toEqual(good);
    expect(netopiaCredentials.parse({ ...good, privateKey: body(pkcs1) })).toEqual(good);
    const mislabelled = good.privateKey.replaceAll("PRIVATE KEY", "RSA PRIVATE KEY");
    expect(netopiaCredentials.parse({ ...good, privateKey: mislabelled })).toEqual(good);
    expect(issuesOf({ ...good, certificate: strong.certificate })).toEqual([]);
  });

  it("writes PEM in lines of 64 characters", () => {
    const { privateKey } = netopiaCredentials.parse({ ...good, privateKey: body(good.privateKey) }) as typeof good;
    expect(privateKey).toMatch(/^-----BEGIN PRIVATE KEY-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END PRIVATE KEY-----\n$/);
  });

  it("tidies a signature", () => {
    expect(netopiaCredentials.parse({ ...good, signature: ` ${SIGNATURE.toLowerCase()}\n` })).toEqual(good);
  });

  it.each([
    ["signature", "", "signature_missing"],
    ["signature", "7QKD-1M2P-XX4T-90AB", "bad_signature_format"],
    ["signature", `${SIGNATURE}-AAAA`, "bad_signature_format"],
    ["signature", 5, "signature_missing"],
    ["certificate", " ", "certificate_missing"],
    ["certificate", "hello", "not_a_certificate"],
    ["certificate", good.certificate.slice(0, 200), "not_a_certificate"],
    ["certificate", Buffer.alloc(90).toString("base64"), "not_a_certificate"],
    ["certificate", good.privateKey, "certificate_is_a_private_key"],
    ["certificate", pkcs1, "certificate_is_a_private_key"],
    ["certificate", publicPem, "certificate_is_a_public_key"],
    ["certificate", curve.certificate, "certificate_not_rsa"],
    ["certificate", weak.certificate, "key_too_short"],
    ["privateKey", undefined, "private_key_missing"],
    ["privateKey", "hello", "not_a_private_key"],
    ["privateKey", good.certificate, "private_key_is_a_certificate"],
    ["privateKey", publicPem, "private_key_is_a_public_key"],
    ["privateKey", curve.privateKey, "private_key_not_rsa"],
    ["privateKey", weak.privateKey, "key_too_short"],
    ["privateKey", encrypted("pkcs8"), "private_key_encrypted"],
    ["privateKey", body(encrypted("pkcs8")), "private_key_encrypted"],
    ["privateKey", encrypted("pkcs1"), "private_key_encrypted"],
  ])("names what is wrong with %s %#", (field, value, code) => {
    expect(issuesOf({ ...good, [field]: value })).toEqual([`${field}: ${code}`]);
  });

  it("names every bad field at once, keys in each other's place too", () => {
    expect(
      issuesOf({ protocol: "v1", signature: "x", certificate: good.privateKey, privateKey: good.certificate }),
    ).toEqual([
      "signature: bad_signature_format",
      "certificate: certificate_is_a_private_key",
      "privateKey: private_key_is_a_certificate",
    ]);
  });

  it("refuses a pair that matches, and never asks for one", () => {
    const own = { ...good, certificate: strong.certificate, privateKey: strong.privateKey };
    expect(issuesOf(own)).toEqual(["certificate: certificate_is_your_own"]);
    expect(issuesOf(good)).toEqual([]);
  });

  it.each([
    ["", "api_key_missing"],
    [undefined, "api_key_missing"],
    [SIGNATURE, "api_key_is_a_signature"],
    [SIGNATURE.toLowerCase(), "api_key_is_a_signature"],
    [good.certificate, "api_key_is_a_key_file"],
    ["Bearer abcdefghijklmnop", "bad_api_key_format"],
    ["abcdefgh\r\nX: y", "bad_api_key_format"],
    ["short", "bad_api_key_format"],
    ["cheia-ș-lungă-0123", "bad_api_key_format"],
  ])("names what is wrong with an API key %#", (apiKey, code) => {
    expect(issuesOf({ ...v2Credentials, apiKey })).toEqual([`apiKey: ${code}`]);
  });

  it("names an unknown protocol, and takes nothing for credentials that is none", () => {
    expect(issuesOf({ ...v2Credentials, protocol: "v3" })).toEqual(["protocol: protocol_unknown"]);
    for (const form of [null, undefined, "x", [], {}]) expect(issuesOf(form).length).toBeGreaterThan(0);
  });

  it("keeps no field that is not of its protocol", () => {
    const { privateKey: _, ...rest } = { ...good, ...v2Credentials };
    expect(netopiaCredentials.parse(rest)).toEqual(v2Credentials);
  });

  it("does not take an encryption key's neighbour for RSA", () => {
    const pss = generateKeyPairSync("rsa-pss", { modulusLength: 1024 }).privateKey.export({
      format: "pem",
      type: "pkcs8",
    });
    expect(issuesOf({ ...good, privateKey: pss.toString() })).toEqual(["privateKey: private_key_not_rsa"]);
  });
});
