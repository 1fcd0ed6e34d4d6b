// The envelope's parts against reference vectors and against Node's own readers.
import { constants, publicEncrypt, X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type EnvelopeFields, openEnvelope, seal, strictBase64 } from "./envelope.ts";
import { rc4 } from "./rc4.ts";
import { makeKeyWithCertificate } from "./x509.ts";

const small = await makeKeyWithCertificate(1024, "7QKD-1M2P-XX4T-90AB-LLW3");
const other = await makeKeyWithCertificate(2048, "other");
const order = Buffer.from("<order>Țurcanu</order>");

describe("rc4", () => {
  it.each([
    ["Key", "Plaintext", "bbf316e8d940af0ad3"],
    ["Wiki", "pedia", "1021bf0420"],
    ["Secret", "Attack at dawn", "45a01f645fc35b383552544b9bf5"],
  ])("gives the reference text for %s", (key, plain, expected) => {
    expect(rc4(Buffer.from(key), Buffer.from(plain)).toString("hex")).toBe(expected);
  });
});

describe("certificate", () => {
  it.each([
    [small, 1024, 128],
    [other, 2048, 256],
  ])("parses, verifies itself and holds the key (%#)", (pair, bits, bytes) => {
    const certificate = new X509Certificate(pair.certificate);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(bits);
    expect(certificate.ca).toBe(false);
    expect(Date.parse(certificate.validTo)).toBeGreaterThan(Date.now());
    expect(certificate.publicKey.export({ type: "spki", format: "pem" })).toBe(pair.publicKey);
    const probe = publicEncrypt({ key: certificate.publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from("x"));
    expect(probe.length).toBe(bytes);
  });

  it("is not verified by another key", () => {
    expect(new X509Certificate(small.certificate).verify(new X509Certificate(other.certificate).publicKey)).toBe(false);
  });
});

describe("envelope", () => {
  it.each(["rc4", "aes-256-cbc"] as const)("comes back from %s", (cipher) => {
    const sealed = seal({ recipient: small.certificate, cipher, plain: order });
    expect(sealed.env_key).toHaveLength(172);
    expect(openEnvelope(sealed, small.privateKey)).toEqual({ ok: true, text: order.toString(), cipher });
  });

  it("takes RC4 keys of 32 bytes and a missing cipher", () => {
    const { env_key, data } = seal({ recipient: small.certificate, cipher: "rc4", plain: order, rc4KeyBytes: 32 });
    expect(openEnvelope({ env_key, data }, small.privateKey)).toMatchObject({ ok: true, cipher: "rc4" });
  });

  type Change = (sealed: EnvelopeFields) => EnvelopeFields;
  const cases: [string, Change, RegExp][] = [
    ["an unknown cipher", (sealed) => ({ ...sealed, cipher: "des-ede3-cbc" }), /not known/],
    ["no iv", (sealed) => ({ ...sealed, iv: "" }), /iv/],
    ["a space in base64", (sealed) => ({ ...sealed, data: ` ${sealed.data?.slice(1)}` }), /data is not/],
    ["a corrupted key", (sealed) => ({ ...sealed, env_key: Buffer.alloc(128, 1).toString("base64") }), /open/],
    ["cut base64", (sealed) => ({ ...sealed, data: sealed.data?.slice(0, -2) ?? "" }), /data is not/],
  ];
  it.each(cases)("refuses %s", (_, change, reason) => {
    const changed = change(seal({ recipient: small.certificate, cipher: "aes-256-cbc", plain: order }));
    const opened = openEnvelope(changed, small.privateKey);
    expect(opened).toMatchObject({ ok: false, reason: expect.stringMatching(reason) });
  });

  it("does not open with another key", () => {
    const sealed = seal({ recipient: small.certificate, cipher: "rc4", plain: order });
    expect(openEnvelope(sealed, other.privateKey)).toMatchObject({ ok: false });
  });

  it("decodes only canonical base64", () => {
    expect(strictBase64("YQ==")?.toString()).toBe("a");
    for (const text of ["", "YQ", "YQ=", "YR==", "Y-==", "YQ==\n"]) expect(strictBase64(text)).toBeUndefined();
  });
});
