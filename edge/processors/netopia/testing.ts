// The other side of NETOPIA's wire for tests: truthful sealing, signing and answers, written apart from the adapter.

import { Buffer } from "node:buffer";
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
} from "node:crypto";
import type { NotificationRequest } from "../contract.ts";
import type { V1Credentials, V2Credentials } from "./credentials.ts";
import { rc4 } from "./rc4.ts";

export const SIGNATURE = "7QKD-1M2P-XX4T-90AB-LLW3";
export const OTHER_SIGNATURE = "AAAA-BBBB-CCCC-DDDD-EEEE";
export const SECRET = "fixture-secret-0123456789abcdef";
export const NOTIFY_URL = `https://pay.example.test/ipn/netopia/${SECRET}`;

export type Pair = { certificate: string; privateKey: string; publicKey: string; jwk: string };

/** An RSA pair with a self-signed certificate, as a console hands them out (A2). */
export function makePair(bits = 1024): Pair {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: bits });
  const spki = publicKey.export({ format: "der", type: "spki" });
  const pem = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  return {
    privateKey: pem,
    publicKey: publicKey.export({ format: "pem", type: "spki" }).toString(),
    jwk: JSON.stringify(publicKey.export({ format: "jwk" })),
    certificate: selfSigned(spki, (bytes) => sign("RSA-SHA256", bytes, privateKey), SHA256_WITH_RSA),
  };
}

/** A certificate of an elliptic-curve key: NETOPIA has none, people paste anything. */
export function makeEcCertificate(): { certificate: string; privateKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const spki = publicKey.export({ format: "der", type: "spki" });
  return {
    certificate: selfSigned(spki, (bytes) => sign("sha256", bytes, privateKey), ECDSA_WITH_SHA256),
    privateKey: privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
  };
}

/** Two unrelated pairs: the gateway's, and the merchant's (A2: they never match). */
export function makeV1World(bits = 1024): { gateway: Pair; merchant: Pair; credentials: V1Credentials } {
  const gateway = makePair(bits);
  const merchant = makePair(bits);
  const { certificate } = gateway;
  return {
    gateway,
    merchant,
    credentials: { protocol: "v1", signature: SIGNATURE, certificate, privateKey: merchant.privateKey },
  };
}

export const v2Credentials: V2Credentials = {
  protocol: "v2",
  signature: SIGNATURE,
  apiKey: "test-api-key-0123456789abcdefghijklmnop",
};

export type IpnParts = {
  id?: string;
  signature?: string;
  currency?: string;
  amount?: string;
  secret?: string | null;
  action?: string;
  code?: string | null;
  text?: string;
  crc?: string;
  timestamp?: string;
  original?: string;
  processed?: string;
  pan?: string;
  purchase?: string;
};

/** An opened IPN as the gateway writes it (A6); `null` leaves a part out. */
export function ipnXml(parts: IpnParts = {}): string {
  const amount = parts.amount ?? "249.90";
  const secret = parts.secret === undefined ? SECRET : parts.secret;
  const params =
    secret === null ? "" : `<params><param><name>n</name><value><![CDATA[${secret}]]></value></param></params>`;
  const code = parts.code === undefined ? "0" : parts.code;
  const error = code === null ? "" : `<error code="${code}"><![CDATA[${parts.text ?? "Tranzactia aprobata"}]]></error>`;
  return [
    '<?xml version="1.0" encoding="utf-8"?>\n',
    `<order type="card" id="${parts.id ?? "INV77-2"}" timestamp="20261121141500">`,
    `<signature>${parts.signature ?? SIGNATURE}</signature>`,
    `<invoice currency="${parts.currency ?? "RON"}" amount="${amount}"><details><![CDATA[Factura+77]]></details></invoice>`,
    `<ipn_cipher>aes-256-cbc</ipn_cipher>${params}`,
    `<mobilpay timestamp="${parts.timestamp ?? "20261121141712"}" crc="${parts.crc ?? "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}">`,
    `<action>${parts.action ?? "confirmed"}</action>`,
    '<customer type="person"><first_name><![CDATA[Client]]></first_name><last_name><![CDATA[Test]]></last_name></customer>',
    `<purchase>${parts.purchase ?? "918273"}</purchase>`,
    `<original_amount>${parts.original ?? amount}</original_amount>`,
    `<processed_amount>${parts.processed ?? parts.original ?? amount}</processed_amount>`,
    `<pan_masked>${parts.pan ?? "9****5098"}</pan_masked>${error}`,
    "</mobilpay></order>\n",
  ].join("");
}

/** Seals text for a merchant as the gateway does; the same material gives the same `data` (A4). */
export function sealFields(
  xml: string | Uint8Array,
  publicKey: string,
  how: { cipher?: "aes-256-cbc" | "rc4"; key?: Uint8Array; iv?: Uint8Array } = {},
): Record<string, string> {
  const isRc4 = how.cipher === "rc4";
  const key = Buffer.from(how.key ?? randomBytes(isRc4 ? 16 : 32));
  const iv = Buffer.from(how.iv ?? randomBytes(16));
  const plain = Buffer.from(xml as string);
  const envKey = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, key).toString("base64");
  if (isRc4) return { env_key: envKey, data: Buffer.from(rc4(key, plain)).toString("base64"), cipher: "rc4" };
  const cipher = createCipheriv("aes-256-cbc", key, iv);
  const data = Buffer.concat([cipher.update(plain), cipher.final()]).toString("base64");
  return { env_key: envKey, data, cipher: "aes-256-cbc", iv: iv.toString("base64") };
}

/** Opens what the merchant sealed, with the gateway's private key: plain PKCS#1 and OpenSSL's own unpadding. */
export function openOrder(fields: Record<string, string>, privateKey: string): string {
  const block = privateDecrypt(
    { key: createPrivateKey(privateKey), padding: constants.RSA_NO_PADDING },
    Buffer.from(fields.env_key ?? "", "base64"),
  );
  if (block[0] !== 0 || block[1] !== 2) throw new Error("not PKCS#1 v1.5");
  const key = block.subarray(block.indexOf(0, 2) + 1);
  const decipher = createDecipheriv("aes-256-cbc", key, Buffer.from(fields.iv ?? "", "base64"));
  return Buffer.concat([decipher.update(Buffer.from(fields.data ?? "", "base64")), decipher.final()]).toString("utf8");
}

export function formRequest(fields: Record<string, string>, url = NOTIFY_URL): NotificationRequest {
  const body = new TextEncoder().encode(new URLSearchParams(fields).toString());
  return { method: "POST", url, headers: new Headers({ "content-type": "application/x-www-form-urlencoded" }), body };
}

/** A sealed IPN for a merchant. */
export function v1Request(
  parts: IpnParts,
  merchant: Pair,
  how: Parameters<typeof sealFields>[2] = {},
): NotificationRequest {
  return formRequest(sealFields(ipnXml(parts), merchant.publicKey, how));
}

export type TokenParts = {
  alg?: string;
  digest?: string;
  iss?: string;
  aud?: unknown;
  sub?: string;
  head?: object;
  claims?: object;
};

/** The Verification-token over a body, as the platform signs it (B6). */
export function tokenFor(body: Uint8Array, privateKey: string, parts: TokenParts = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const sub = parts.sub ?? createHash("sha512").update(body).digest("base64");
  const head = part({ typ: "JWT", alg: parts.alg ?? "RS512", ...parts.head });
  const claims = part({
    iss: parts.iss ?? "NETOPIA Payments",
    aud: parts.aud ?? [SIGNATURE],
    sub,
    iat: 1_795_000_000,
    ...parts.claims,
  });
  const message = Buffer.from(`${head}.${claims}`);
  return `${head}.${claims}.${sign(parts.digest ?? "RSA-SHA512", message, privateKey).toString("base64url")}`;
}

/** A signed v2 notification of a body, given as an object or as exact text. */
export function v2Request(body: object | string, privateKey: string, parts: TokenParts = {}): NotificationRequest {
  const bytes = new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const headers = new Headers({ "verification-token": tokenFor(bytes, privateKey, parts) });
  return { method: "POST", url: NOTIFY_URL, headers, body: bytes };
}

const SHA256_WITH_RSA = "300d06092a864886f70d01010b0500";
const ECDSA_WITH_SHA256 = "300a06082a8648ce3d040302";

/** The smallest X.509 certificate: version 1, one name, valid for decades. */
function selfSigned(spki: Uint8Array, signer: (bytes: Uint8Array) => Uint8Array, algorithmHex: string): string {
  const algorithm = Buffer.from(algorithmHex, "hex");
  const commonName = sequence(Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from("Test")));
  const name = sequence(der(0x31, commonName));
  const validity = sequence(der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z")));
  const serial = Buffer.from("020101", "hex");
  const body = sequence(serial, algorithm, name, validity, name, Buffer.from(spki));
  const whole = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signer(body)])));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function sequence(...parts: Uint8Array[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function der(tag: number, content: Uint8Array): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
