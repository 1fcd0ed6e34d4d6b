// The bank's cabinet: registration of an application. The secret is shown once.
import { type Html, html, htmlResponse, page } from "../html.ts";
import { addClient, redirectUrlProblem } from "./clients.ts";
import type { Tochka } from "./tochka.ts";

const mark = "Sandbox bank. Nobody logs in and nothing here is real.";

/** Where applications are registered. */
export const cabinetPath = "/tochka/bank/services/m/integration/new";

function frame(body: Html, status = 200): Response {
  return htmlResponse(page({ title: "Точка: новое приложение", language: "ru", mark, narrow: true, body }), status);
}

const tick = "flex:none;width:1.4rem;min-height:1.4rem;margin:0";
const tickLine = "display:flex;gap:.6rem;align-items:center;min-height:2.75rem";

function form(tochka: Tochka, given: URLSearchParams, problem?: { field: string; text: string }): Response {
  const user = given.get("user") ?? tochka.state.companies[0]?.user ?? "";
  const companies = tochka.state.companies.filter((company) => company.user === user);
  const bad = (field: string) => (problem?.field === field ? "true" : "false");
  const chosen = given.get("company");
  return frame(
    html`<h1>Новое приложение OAuth 2.0</h1>
${problem ? html`<p class="bad" role="alert">${problem.text}</p>` : null}
<form class="box" method="post" action="${cabinetPath}"><input type="hidden" name="user" value="${user}">
<label>Название приложения<input name="name" maxlength="60" value="${given.get("name") ?? ""}" aria-invalid="${bad("name")}"></label>
<label>Redirect URL<input name="redirectUrl" inputmode="url" value="${given.get("redirectUrl") ?? ""}" aria-invalid="${bad("redirectUrl")}"></label>
<label>Компания<select name="company" aria-invalid="${bad("company")}">${companies
      .filter(({ customerType }) => customerType === "Business")
      .map(
        ({ customerCode, shortName }) =>
          html`<option value="${customerCode}"${customerCode === chosen ? html` selected` : null}>${shortName}</option>`,
      )}</select></label>
<label style="${tickLine}"><input style="${tick}" type="checkbox" name="offer" value="yes" aria-invalid="${bad("offer")}">Согласен с офертой на использование открытого API</label>
<label style="${tickLine}"><input style="${tick}" type="checkbox" name="local" value="yes"${given.get("local") === "yes" ? html` checked` : null}>Local addresses may be used (only here)</label>
<button class="main wide">Зарегистрировать</button></form>`,
    problem ? 422 : 200,
  );
}

function register(tochka: Tochka, given: URLSearchParams): Response {
  const text = (name: string): string => (given.get(name) ?? "").trim();
  const refuse = (field: string, why: string): Response => form(tochka, given, { field, text: why });
  const company = tochka.state.companies.find(
    ({ customerCode, customerType }) => customerCode === text("company") && customerType === "Business",
  );
  if (text("name") === "" || text("name").length > 60)
    return refuse("name", "Укажите название приложения, до 60 знаков.");
  const localUrls = text("local") === "yes";
  const problem = redirectUrlProblem(text("redirectUrl"), localUrls);
  if (problem) return refuse("redirectUrl", problem);
  if (!company) return refuse("company", "Выберите компанию.");
  if (text("offer") !== "yes") return refuse("offer", "Нужно согласиться с офертой на использование открытого API.");
  const client = addClient(tochka, {
    user: company.user,
    name: text("name"),
    redirectUrl: text("redirectUrl"),
    customerCode: company.customerCode,
    localUrls,
  });
  return frame(
    html`<h1>Приложение зарегистрировано</h1><div class="box"><p>${client.name}, ${company.shortName}</p>
<dl><dt>Client ID</dt><dd><code id="client-id">${client.clientId}</code></dd>
<dt>Client secret</dt><dd><code id="client-secret">${client.clientSecret}</code></dd>
<dt>Redirect URL</dt><dd>${client.redirectUrl}</dd></dl>
<p class="bad">Сохраните Client secret: он показан только один раз.</p></div>`,
  );
}

/** Handles the registration form. */
export async function cabinetPage(tochka: Tochka, request: Request): Promise<Response> {
  if (request.method === "POST") return register(tochka, new URLSearchParams(await request.text()));
  return form(tochka, new URL(request.url).searchParams);
}
