// Applications as merchants register them in the bank's cabinet, and JWT keys with their client ids.
import { makeSecret, makeUuid } from "./ids.ts";
import { signToken, spacedJson } from "./jws.ts";
import type { Permission } from "./permissions.ts";
import type { Client, Token } from "./state.ts";
import type { Tochka } from "./tochka.ts";

/** Why a Redirect URL is refused; undefined when it is fine. */
export function redirectUrlProblem(text: string, localUrls: boolean): string | undefined {
  if (!URL.canParse(text)) return "Укажите адрес целиком, например https://example.ru/callback";
  const url = new URL(text);
  if (text.length > 2083 || url.hash !== "") return "Адрес слишком длинный или содержит #";
  if (localUrls && /^https?:$/.test(url.protocol)) return undefined;
  if (url.protocol !== "https:") return "Redirect URL должен начинаться с https://";
  return url.hostname === "localhost" ? "Redirect URL не может вести на localhost" : undefined;
}

/** Registers an application. */
export function addClient(
  tochka: Tochka,
  input: { user: string; name: string; redirectUrl: string; customerCode: string; localUrls: boolean },
): Client {
  const { state } = tochka;
  const client: Client = {
    clientId: makeUuid(state, "client").replaceAll("-", ""),
    clientSecret: makeSecret(state, "secret").slice(0, 43),
    kind: "oauth",
    webhook: null,
    createdAt: tochka.clock.now(),
    ...input,
  };
  state.clients.push(client);
  tochka.changed();
  return client;
}

/** Generates a JWT key with permissions per company; `replaces` is re-issued: its client id dies, webhook and all. */
export async function addJwtKey(
  tochka: Tochka,
  input: {
    user: string;
    name: string;
    customerCode: string;
    granted: Record<string, Permission[]>;
    lifetimeSeconds: number | null;
    localUrls: boolean;
    replaces?: string | undefined;
  },
): Promise<{ client: Client; jwt: string }> {
  const { state } = tochka;
  if (input.replaces !== undefined) deleteClient(tochka, input.replaces);
  const { user, name, customerCode, localUrls } = input;
  const client = addClient(tochka, { user, name, customerCode, localUrls, redirectUrl: "" });
  client.kind = "jwt";
  const key = await tochka.key();
  const jwt = signToken(key, spacedJson({ iss: client.clientId, sub: customerCode, jti: makeUuid(state, "jwt") }));
  const token: Token = {
    token: jwt,
    kind: "jwt",
    clientId: client.clientId,
    scope: "",
    consentId: null,
    granted: input.granted,
    expiresAt: input.lifetimeSeconds === null ? null : tochka.clock.now() + input.lifetimeSeconds * 1000,
    deleted: false,
  };
  state.tokens.push(token);
  tochka.changed();
  return { client, jwt };
}

/** Deletes an application or key with everything that hangs on it. */
export function deleteClient(tochka: Tochka, clientId: string): void {
  const { state } = tochka;
  state.clients = state.clients.filter((client) => client.clientId !== clientId);
  for (const token of state.tokens) if (token.clientId === clientId) token.deleted = true;
  state.refreshTokens = state.refreshTokens.filter((token) => token.clientId !== clientId);
  tochka.changed();
}

/** Client of an id. */
export const clientOf = (tochka: Tochka, clientId: string): Client | undefined =>
  tochka.state.clients.find((client) => client.clientId === clientId);
