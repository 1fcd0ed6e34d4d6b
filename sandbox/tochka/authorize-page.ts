// The bank's form of consent: which companies, which permissions, Save or Refuse. Works without scripts.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { clientOf } from "./clients.ts";
import { authorise, closeConsent } from "./consents.ts";
import { takeFaults } from "./faults.ts";
import { makeSecret } from "./ids.ts";
import { type Permission, permissionTexts } from "./permissions.ts";
import type { Client, Company, Consent } from "./state.ts";
import type { Tochka } from "./tochka.ts";
import { codeSeconds, OAuthError, readScope } from "./tokens.ts";

const mark = "Sandbox bank. Nobody logs in and nothing here is real.";

function frame(body: Html, status = 200): Response {
  return htmlResponse(page({ title: "Точка: доступ", language: "ru", mark, narrow: true, body }), status);
}

const problemPage = (reason: string): Response =>
  frame(html`<h1>Не получилось</h1><div class="box"><p class="bad" role="alert">${reason}</p></div>`, 400);

type Asked = {
  client: Client;
  consent: Consent;
  redirectUri: string;
  state: string;
  scope: string;
  companies: Company[];
};

/** Reads what the application asks; text when the bank would show an error and lead nowhere. */
function readAsked(tochka: Tochka, from: URLSearchParams): Asked | string {
  const client = clientOf(tochka, from.get("client_id") ?? "");
  if (client?.kind !== "oauth") return "Приложение не найдено (client_id).";
  const redirectUri = from.get("redirect_uri") ?? "";
  if (redirectUri !== client.redirectUrl)
    return "Redirect URL не совпадает с указанным при регистрации (redirect_uri).";
  if (from.get("response_type") !== "code") return "response_type должен быть code.";
  const state = from.get("state") ?? "";
  if (state === "") return "Не передан state.";
  const { consents, companies, options } = tochka.state;
  const consent = consents.find(
    ({ consentId, clientId }) => consentId === from.get("consent_id") && clientId === client.clientId,
  );
  if (!consent) return "Разрешение не найдено (consent_id).";
  if (consent.status !== "AwaitingAuthorisation") return "Это разрешение уже подписано или отклонено.";
  let scope: string;
  try {
    scope = readScope(from.get("scope"));
  } catch (error) {
    if (error instanceof OAuthError) return `Неверный scope: ${error.message}.`;
    throw error;
  }
  if (options.strictScope && scope !== consent.scope)
    return "scope отличается от запрошенного при создании разрешения.";
  return {
    client,
    consent,
    redirectUri,
    state,
    scope,
    companies: companies.filter(({ user }) => user === client.user),
  };
}

function form(asked: Asked, problem?: string): Response {
  const { client, consent, redirectUri, state, scope, companies } = asked;
  const hidden = { client_id: client.clientId, consent_id: consent.consentId, redirect_uri: redirectUri, state, scope };
  const check = (name: string, value: string, label: string): Html =>
    html`<li><label style="display:flex;gap:.6rem;align-items:center;min-height:2.75rem"><input type="checkbox" name="${name}" value="${value}" style="flex:none;width:1.4rem;min-height:1.4rem;margin:0">${label}</label></li>`;
  return frame(
    html`<h1>Доступ для приложения «${client.name}»</h1>
${problem ? html`<p class="bad" role="alert">${problem}</p>` : null}
<form method="post" action="/tochka/connect/authorize">
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<input type="hidden" name="response_type" value="code">
<fieldset class="box"><legend>Компании</legend><ul class="plain">${companies.map((company) => check("company", company.customerCode, `${company.shortName} (${company.customerCode})`))}</ul></fieldset>
<fieldset class="box"><legend>Разрешения</legend><ul class="plain">${consent.asked.map((one) => check("permission", one, `${permissionTexts[one]} (${one})`))}</ul></fieldset>
<button class="main wide" name="decision" value="save">Сохранить</button>
<button class="wide" name="decision" value="refuse">Отказать</button></form>`,
    problem ? 422 : 200,
  );
}

function back(redirectUri: string, answer: Record<string, string>): Response {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return new Response(null, { status: 302, headers: { location: url.href, "cache-control": "no-store" } });
}

/** Handles GET and POST /connect/authorize. */
export async function authorizePage(tochka: Tochka, request: Request): Promise<Response> {
  const given =
    request.method === "POST" ? new URLSearchParams(await request.text()) : new URL(request.url).searchParams;
  const asked = readAsked(tochka, given);
  if (typeof asked === "string") return problemPage(asked);
  if (request.method !== "POST") return form(asked);
  const { client, consent, redirectUri, companies } = asked;
  const struck = takeFaults(tochka.state, { client: client.clientId, references: [consent.consentId] }, ["oauth"]).map(
    ({ fault }) => fault,
  );
  const state: Record<string, string> = struck.includes("oauth_no_state")
    ? {}
    : { state: struck.includes("oauth_wrong_state") ? makeSecret(tochka.state, "state") : asked.state };
  if (given.get("decision") === "refuse") {
    closeConsent(tochka, consent, "Rejected");
    return back(redirectUri, { error: "access_denied", error_description: "The user refused", ...state });
  }
  const ticked = new Set(given.getAll("company"));
  const chosen = companies.filter(({ customerCode }) => ticked.has(customerCode));
  const words = new Set(given.getAll("permission"));
  let permissions: Permission[] = consent.asked.filter((one) => words.has(one));
  if (chosen.length === 0) return form(asked, "Выберите хотя бы одну компанию.");
  if (permissions.length === 0) return form(asked, "Отметьте хотя бы одно разрешение.");
  if (struck.includes("oauth_partial")) permissions = permissions.slice(0, -1);
  authorise(tochka, consent, Object.fromEntries(chosen.map(({ customerCode }) => [customerCode, permissions])));
  const code = makeSecret(tochka.state, "code").slice(0, 40);
  tochka.state.codes.push({
    code,
    clientId: client.clientId,
    consentId: consent.consentId,
    redirectUri,
    scope: asked.scope,
    state: asked.state,
    expiresAt: tochka.clock.now() + codeSeconds * 1000,
    used: false,
  });
  tochka.changed();
  return back(redirectUri, { code, ...state });
}
