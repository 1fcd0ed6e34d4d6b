// Makes the Verification-token of protocol v2, right or wrong as asked.
import { createHash, createHmac, createSign } from "node:crypto";
import type { FaultName } from "./faults.ts";

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Turns the lowest bit of the middle byte. */
export function flipBit(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** An RS512 token whose `sub` is the standard base64 of the SHA-512 of the exact body bytes. */
export function verificationToken(input: {
  body: Buffer;
  signature: string;
  privateKey: string;
  publicKey: string;
  now: number;
  has: (fault: FaultName) => boolean;
}): string {
  const { has } = input;
  const hash = createHash("sha512")
    .update(has("token_of_other_body") ? Buffer.from('{"another":"body"}') : input.body)
    .digest();
  const sub = has("hex_sub")
    ? hash.toString("hex")
    : has("base64url_sub")
      ? hash.toString("base64url")
      : hash.toString("base64");
  const audience = has("other_audience") ? "ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ" : input.signature;
  const seconds = Math.floor(input.now / 1000);
  const alg = has("alg_none") ? "none" : has("alg_hs512") ? "HS512" : has("alg_rs256") ? "RS256" : "RS512";
  const head = part({ typ: "JWT", alg });
  const claims = part({
    iss: has("other_issuer") ? "Another Payments" : "NETOPIA Payments",
    aud: has("audience_string") ? audience : [audience],
    sub,
    iat: has("iat_milliseconds") ? input.now : seconds,
  });
  const signed = `${head}.${claims}`;
  if (has("two_parts")) return signed;
  if (alg === "none") return `${signed}.`;
  const mac =
    alg === "HS512"
      ? createHmac("sha512", input.publicKey).update(signed).digest()
      : createSign(alg === "RS256" ? "sha256" : "sha512")
          .update(signed)
          .sign(input.privateKey);
  return `${signed}.${(has("tampered_signature") ? flipBit(mac) : mac).toString("base64url")}`;
}
