// Checks the envelope of a request and writes the envelope of an answer.
import { isDeepStrictEqual } from "node:util";
import { escapeSlashes } from "./callback.ts";
import type { FaultName } from "./faults.ts";
import { badFormat, noSession, notAllowed, Refusal } from "./refusal.ts";
import { findShop, isOpen } from "./shops.ts";
import { defaultOptions, type Session, type Shop } from "./state.ts";
import { isSignedBy, makeToken, readToken, unsigned, withClaims } from "./token.ts";
import type { Uapay } from "./uapay.ts";

type Json = Record<string, unknown>;
type Has = (name: FaultName) => boolean;

const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Seconds by which a request's clock may differ, both ways. */
const clockSeconds = 20;

const wholeSeconds = (value: unknown): number | undefined => {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
};

/** The body as an object, before anything is believed. */
export function readBody(text: string): Json {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badFormat({ body: "INVALID" });
  }
  if (!isObject(body)) throw badFormat({ body: "INVALID" });
  return body;
}

/** What a body's token claims, whoever signed it; empty when it cannot be read. */
export function claimsOf(body: Json): Json {
  if (typeof body.token !== "string") return {};
  const read = readToken(body.token);
  return read.problem === null ? read.claims : {};
}

/** The shop that a message is about, by what it says itself: only the signature shows that it may. */
export function whoAsks(uapay: Uapay, operation: string | null, claims: Json): { shop?: Shop; session?: Session } {
  const params = isObject(claims.params) ? claims.params : {};
  if (operation === "session") {
    const shop = typeof params.clientId === "string" ? findShop(uapay, params.clientId) : undefined;
    return shop ? { shop } : {};
  }
  const session = uapay.state.sessions.find(({ id }) => id === params.sessionId);
  const shop = session && findShop(uapay, session.clientId);
  return session && shop ? { shop, session } : {};
}

/** A checked request: the token's own params and data. */
export function openEnvelope(
  uapay: Uapay,
  operation: string,
  body: Json,
): { shop: Shop; params: Json; data: Json; hasData: boolean } {
  if (body.token === undefined) throw badFormat({ token: "REQUIRED" });
  if (typeof body.token !== "string") throw badFormat({ token: "INVALID" });
  const read = readToken(body.token);
  const claims = read.problem === null ? read.claims : {};
  const { shop, session } = whoAsks(uapay, operation, claims);
  const options = shop?.options ?? defaultOptions;
  const badToken = (why: string): Refusal => new Refusal(options.signatureErrorCode, `Token ${why}`);
  if (read.problem !== null) throw badToken(read.problem);
  const params = isObject(claims.params) ? claims.params : undefined;
  if (!params) throw badFormat({ params: { [operation === "session" ? "clientId" : "sessionId"]: "REQUIRED" } });
  if (operation === "session") {
    if (params.clientId === undefined || params.clientId === "") throw badFormat({ params: { clientId: "REQUIRED" } });
    if (typeof params.clientId !== "string") throw badFormat({ params: { clientId: "INVALID" } });
    if (!shop) throw new Refusal("NOT_FOUND", "Client is not found", { params: { clientId: "NOT_FOUND" } });
  } else {
    if (params.sessionId === undefined || params.sessionId === "") {
      throw badFormat({ params: { sessionId: "REQUIRED" } });
    }
    if (!shop || !session) throw noSession(options);
  }
  if (!isSignedBy(read, shop.secret)) throw badToken("signature is wrong");
  const iat = wholeSeconds(claims.iat);
  if (claims.iat === undefined) throw badFormat({ iat: "REQUIRED" });
  if (iat === undefined) throw badFormat({ iat: "INVALID" });
  if (Math.abs(Math.floor(uapay.clock.now() / 1000) - iat) > clockSeconds) {
    throw new Refusal("TIMELIMIT_ERROR", "Request time limit exceeded");
  }
  if (options.strictCopy) {
    for (const name of ["params", "data", "iat"] as const) {
      // The short body has no data and iat in clear.
      if (body[name] !== undefined && !isDeepStrictEqual(body[name], claims[name])) {
        throw badToken(`differs from ${name} in clear`);
      }
    }
  }
  if (!shop.active) throw notAllowed("shop is not active");
  if (session && !isOpen(uapay, session, shop)) throw noSession(options);
  if (claims.data !== undefined && !isObject(claims.data)) throw badFormat({ data: { data: "INVALID" } });
  const data = isObject(claims.data) ? claims.data : {};
  return { shop, params, data, hasData: claims.data !== undefined };
}

const strangersKey = "YW5vdGhlciBzdHJhbmdlcidzIGtleSwgbm90IG91cnM=";

/** The answer to a call that was done. */
export function closeEnvelope(uapay: Uapay, shop: Shop, fields: Json, has: Has): string {
  const turn = uapay.state.signed++;
  const now = Math.floor(uapay.clock.now() / 1000);
  // A number is the exception: the real one writes it as text.
  const iat = has("iat_missing") ? {} : { iat: has("iat_number") ? now : String(now) };
  const claims = has("answer_no_fields") ? iat : { ...fields, ...iat };
  const said = (value: unknown): string => {
    const text = JSON.stringify(value);
    return turn % 2 === 1 ? escapeSlashes(text) : text;
  };
  const status = has("status_text") ? "1" : has("answer_status_0") ? 0 : 1;
  if (!shop.options.signedAnswers || has("answer_tokenless")) return said({ status, data: fields });
  const text = said(claims);
  const good = makeToken(text, has("answer_wrong_key") ? strangersKey : shop.secret);
  const token = has("answer_alg_none")
    ? unsigned(text, "none")
    : has("answer_hs512")
      ? makeToken(text, shop.secret, "HS512")
      : has("answer_tampered")
        ? withClaims(good, said({ ...claims, forged: true }))
        : good;
  return said({ status, data: { token } });
}
