// Compact tokens as the bank signs them, and every way to forge one.
import { constants, createHmac, createPrivateKey, createPublicKey, createSign, generateKeyPair } from "node:crypto";
import { promisify } from "node:util";
import type { FaultName } from "./faults.ts";
import type { SigningKey } from "./state.ts";

const makePair = promisify(generateKeyPair);

/** A fresh key of the size the bank has. */
export async function makeSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await makePair("rsa", { modulusLength: 3072 });
  const { e, n } = publicKey.export({ format: "jwk" }) as { e: string; n: string };
  return {
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicJwk: { kty: "RSA", e, n },
  };
}

/** JSON with blanks after : and , and every other letter than ASCII escaped, as the bank's library writes it. */
export function spacedJson(value: unknown): string {
  const write = (one: unknown): string => {
    if (Array.isArray(one)) return `[${one.map(write).join(", ")}]`;
    if (typeof one === "object" && one !== null) {
      const pairs = Object.entries(one).map(([name, inner]) => `${JSON.stringify(name)}: ${write(inner)}`);
      return `{${pairs.join(", ")}}`;
    }
    return JSON.stringify(one);
  };
  return write(value).replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const part = (text: string): string => Buffer.from(text, "utf8").toString("base64url");

function signRsa(privateKey: string, input: string, hash: "sha256" | "sha512" = "sha256", pss = false): string {
  const padding = pss ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  const key = { key: createPrivateKey(privateKey), padding, ...(pss ? { saltLength: 32 } : {}) };
  return createSign(hash).update(input).sign(key, "base64url");
}

/** A token with the bank's exact header. */
export function signToken(key: SigningKey, payload: string): string {
  const input = `${part('{"typ":"JWT","alg":"RS256"}')}.${part(payload)}`;
  return `${input}.${signRsa(key.privateKey, input)}`;
}

let strangers: Promise<SigningKey> | undefined;

/** The body of a webhook: a good token, or a forged one where a fault says so. */
export async function webhookBody(
  key: SigningKey,
  payload: string,
  has: (name: FaultName) => boolean,
): Promise<string> {
  if (has("bare_json")) return payload;
  const custom = (header: object, sign: (input: string) => string): string => {
    const input = `${part(JSON.stringify(header))}.${part(payload)}`;
    return `${input}.${sign(input)}`;
  };
  const stranger = async (): Promise<SigningKey> => {
    strangers ??= makeSigningKey();
    return strangers;
  };
  const plain = { typ: "JWT", alg: "RS256" };
  const right = (input: string): string => signRsa(key.privateKey, input);
  if (has("wrong_key")) return signToken(await stranger(), payload);
  if (has("alg_none")) return custom({ typ: "JWT", alg: "none" }, () => "");
  if (has("alg_hs256")) {
    const pem = createPublicKey({ key: key.publicJwk, format: "jwk" }).export({ type: "spki", format: "pem" });
    return custom({ typ: "JWT", alg: "HS256" }, (input) => createHmac("sha256", pem).update(input).digest("base64url"));
  }
  if (has("alg_ps256")) return custom({ ...plain, alg: "PS256" }, (i) => signRsa(key.privateKey, i, "sha256", true));
  if (has("alg_rs512")) return custom({ ...plain, alg: "RS512" }, (i) => signRsa(key.privateKey, i, "sha512"));
  if (has("jwk_header") || has("jku_header")) {
    const { privateKey, publicJwk } = await stranger();
    const where = has("jwk_header") ? { jwk: publicJwk } : { jku: "https://keys.example.test/jwks.json" };
    return custom({ ...plain, ...where }, (input) => signRsa(privateKey, input));
  }
  if (has("crit_header")) return custom({ ...plain, crit: ["exp"], exp: 1 }, right);
  const token = signToken(key, payload);
  const [head = "", body = "", signature = ""] = token.split(".");
  if (has("tampered_payload")) {
    const changed = payload.replace(/("amount": ")(\d)/, (_, before: string, digit: string) => {
      return `${before}${digit === "9" ? "8" : "9"}`;
    });
    return `${head}.${part(changed === payload ? `${payload} ` : changed)}.${signature}`;
  }
  if (has("tampered_signature")) {
    const first = signature.startsWith("A") ? "B" : "A";
    return `${head}.${body}.${first}${signature.slice(1)}`;
  }
  if (has("two_parts")) return `${head}.${body}`;
  if (has("empty_body")) return "";
  if (has("trailing_newline")) return `${token}\n`;
  return token;
}
