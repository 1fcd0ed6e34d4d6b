// The OAuth server: tokens by three grants, introspection, and what a token opens.
import { inForce } from "./consents.ts";
import { makeSecret } from "./ids.ts";
import { signToken, spacedJson } from "./jws.ts";
import { type Permission, scopes } from "./permissions.ts";
import type { Client, Token } from "./state.ts";
import type { Tochka } from "./tochka.ts";

const day = 86_400_000;
export const accessSeconds = 86_400;
export const refreshSeconds = 30 * 86_400;
export const codeSeconds = 300;

/** A refusal of the OAuth server. */
export class OAuthError extends Error {
  readonly status: 400 | 401;
  readonly error: string;
  constructor(status: 400 | 401, error: string, description: string) {
    super(description);
    this.status = status;
    this.error = error;
  }
}

/** The words of a scope in one order, or a refusal. */
export function readScope(text: string | null): string {
  const words = (text ?? "").split(" ").filter((word) => word !== "");
  if (words.length === 0) throw new OAuthError(400, "invalid_scope", "scope is required");
  const unknown = words.find((word) => !scopes.some((known) => known === word));
  if (unknown !== undefined) throw new OAuthError(400, "invalid_scope", `unknown scope ${unknown}`);
  return [...new Set(words)].sort().join(" ");
}

function newAccess(tochka: Tochka, client: Client, kind: "app" | "user", scope: string, consentId: string | null) {
  const token: Token = {
    token: makeSecret(tochka.state, "access"),
    kind,
    clientId: client.clientId,
    scope,
    consentId,
    granted: {},
    expiresAt: tochka.clock.now() + day,
    deleted: false,
  };
  tochka.state.tokens.push(token);
  tochka.changed();
  return token.token;
}

function newRefresh(tochka: Tochka, client: Client, scope: string, consentId: string): string {
  const token = makeSecret(tochka.state, "refresh");
  const expiresAt = tochka.clock.now() + refreshSeconds * 1000;
  tochka.state.refreshTokens.push({ token, clientId: client.clientId, consentId, scope, expiresAt, used: false });
  return token;
}

function clientFor(tochka: Tochka, form: URLSearchParams): Client {
  const client = tochka.state.clients.find(
    ({ kind, clientId, clientSecret }) =>
      kind === "oauth" && clientId === form.get("client_id") && clientSecret === form.get("client_secret"),
  );
  if (!client) throw new OAuthError(401, "invalid_client", "client_id or client_secret is wrong");
  return client;
}

const badGrant = (why: string): OAuthError => new OAuthError(400, "invalid_grant", why);

/** Answers POST /connect/token. */
export function grantToken(tochka: Tochka, form: URLSearchParams): { client: Client; body: object } {
  const { state, clock } = tochka;
  const client = clientFor(tochka, form);
  const grant = form.get("grant_type");
  const common = { token_type: "bearer", expires_in: accessSeconds };
  if (grant === "client_credentials") {
    const scope = readScope(form.get("scope"));
    return { client, body: { ...common, access_token: newAccess(tochka, client, "app", scope, null) } };
  }
  if (grant === "authorization_code") {
    const code = state.codes.find(
      (candidate) => candidate.code === form.get("code") && candidate.clientId === client.clientId,
    );
    if (!code || code.used) throw badGrant("code is unknown or was used");
    if (code.expiresAt <= clock.now()) throw badGrant("code has expired");
    if (code.redirectUri !== form.get("redirect_uri")) throw badGrant("redirect_uri differs");
    const scope = readScope(form.get("scope"));
    if (state.options.strictScope && scope !== code.scope) {
      throw new OAuthError(400, "invalid_scope", "scope differs from the authorization's");
    }
    code.used = true;
    return {
      client,
      body: {
        ...common,
        access_token: newAccess(tochka, client, "user", scope, code.consentId),
        refresh_token: newRefresh(tochka, client, scope, code.consentId),
        state: code.state,
        user_id: client.user,
      },
    };
  }
  if (grant === "refresh_token") {
    const old = state.refreshTokens.find(
      (candidate) => candidate.token === form.get("refresh_token") && candidate.clientId === client.clientId,
    );
    if (!old || old.used) throw badGrant("refresh_token is unknown or was used");
    if (old.expiresAt <= clock.now()) throw badGrant("refresh_token has expired");
    const consent = state.consents.find(({ consentId }) => consentId === old.consentId);
    if (!consent || !inForce(tochka, consent)) throw badGrant("the consent is no longer in force");
    old.used = true;
    return {
      client,
      body: {
        ...common,
        access_token: newAccess(tochka, client, "user", old.scope, old.consentId),
        refresh_token: newRefresh(tochka, client, old.scope, old.consentId),
        state: null,
        user_id: client.user,
      },
    };
  }
  throw new OAuthError(400, "unsupported_grant_type", "grant_type is not supported");
}

/** Answers POST /connect/introspect: the JWT itself, which is sent as a JSON string. */
export async function introspect(tochka: Tochka, form: URLSearchParams): Promise<string> {
  const token = tochka.state.tokens.find((candidate) => candidate.token === form.get("access_token"));
  const now = tochka.clock.now();
  if (!token || token.deleted || (token.expiresAt !== null && token.expiresAt <= now)) {
    throw new OAuthError(401, "invalid_token", "access_token is unknown or has expired");
  }
  const consent = tochka.state.consents.find(({ consentId }) => consentId === token.consentId);
  const sub = Object.keys(consent?.granted ?? token.granted)[0] ?? "";
  const claims = { iss: "enter.tochka.com", sub, aud: token.clientId, exp: Math.floor((token.expiresAt ?? 0) / 1000) };
  return signToken(await tochka.key(), spacedJson(claims));
}

/** What a token opens now, by company; empty when its consent is not in force. */
export function grantedBy(tochka: Tochka, token: Token): Record<string, readonly Permission[]> {
  if (token.kind === "jwt") return token.granted;
  const consent = tochka.state.consents.find(({ consentId }) => consentId === token.consentId);
  return consent && inForce(tochka, consent) ? consent.granted : {};
}

/** Everything a client has access to now by any of its tokens, by company: for webhooks. */
export function companiesOf(tochka: Tochka, client: Client): Set<string> {
  const { tokens, consents } = tochka.state;
  const own = consents.filter((consent) => consent.clientId === client.clientId && inForce(tochka, consent));
  const keys = tokens.filter((token) => token.kind === "jwt" && !token.deleted && token.clientId === client.clientId);
  return new Set([...own, ...keys].flatMap(({ granted }) => Object.keys(granted)));
}
