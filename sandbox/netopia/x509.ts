// A minimal self-signed X.509 certificate: Node can read certificates but not write them.
import { createSign, generateKeyPair, type KeyObject, randomBytes } from "node:crypto";
import { promisify } from "node:util";

export function tlv(tag: number, ...contents: Uint8Array[]): Buffer {
  const body = Buffer.concat(contents);
  if (body.length < 128) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const length = Buffer.from(body.length.toString(16).padStart(body.length > 255 ? 4 : 2, "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

export const sequence = (...contents: Uint8Array[]): Buffer => tlv(0x30, ...contents);
export const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, "hex"));
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text, "utf8"));

/** UTCTime up to 2049, as X.509 demands, GeneralizedTime after. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]|\.\d+/g, "");
  return date.getUTCFullYear() < 2050
    ? tlv(0x17, Buffer.from(digits.slice(2), "ascii"))
    : tlv(0x18, Buffer.from(digits, "ascii"));
}

const sha256WithRsa = sequence(oid("2a864886f70d01010b"), tlv(0x05));

export function name(parts: { organization: string; commonName: string }): Buffer {
  const attribute = (type: string, value: string): Buffer => tlv(0x31, sequence(oid(type), utf8(value)));
  return sequence(attribute("55040a", parts.organization), attribute("550403", parts.commonName));
}

/** The PEM text of DER bytes. */
export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** Builds and signs a version 3 certificate (sha256WithRSAEncryption) for a key pair; answers PEM. */
export function selfSignedCertificate(input: {
  publicKey: KeyObject;
  privateKey: KeyObject;
  organization: string;
  commonName: string;
  notBefore: Date;
  notAfter: Date;
}): string {
  // A serial number is a positive integer: the top bit is kept clear and the first byte non-zero.
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const subject = name(input);
  const basicConstraints = sequence(oid("551d13"), tlv(0x01, Buffer.from([0xff])), tlv(0x04, sequence()));
  const toBeSigned = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, serial),
    sha256WithRsa,
    subject,
    sequence(time(input.notBefore), time(input.notAfter)),
    subject,
    input.publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(basicConstraints)),
  );
  const signature = createSign("sha256").update(toBeSigned).sign(input.privateKey);
  return pem("CERTIFICATE", sequence(toBeSigned, sha256WithRsa, tlv(0x03, Buffer.from([0]), signature)));
}

export type KeyWithCertificate = { privateKey: string; publicKey: string; certificate: string };

const makeKeyPair = promisify(generateKeyPair);

/** A fresh RSA pair as PEM (PKCS#8, SPKI) with a certificate of ten years. */
export async function makeKeyWithCertificate(bits: number, commonName: string): Promise<KeyWithCertificate> {
  const { publicKey, privateKey } = await makeKeyPair("rsa", { modulusLength: bits });
  const now = Date.now();
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: publicKey.export({ type: "spki", format: "pem" }).toString(),
    certificate: selfSignedCertificate({
      publicKey,
      privateKey,
      organization: "Sandbox of NETOPIA Payments",
      commonName,
      notBefore: new Date(now - 86_400_000),
      notAfter: new Date(now + 3650 * 86_400_000),
    }),
  };
}
