// Leads a member to the processor's page in a tab of its own, to see that it loads: a sealed form posts itself on.
import { createHash } from "node:crypto";
import { memberEdge } from "../../../../edge.ts";
import { speak } from "../../../speak.ts";

export const dynamic = "force-dynamic";

const SUBMIT = "document.forms[0].submit()";

const asText = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

export async function POST(request: Request): Promise<Response> {
  // A form of another site must not make a member's browser start anything.
  if (request.headers.get("sec-fetch-site") === "cross-site") return new Response(null, { status: 403 });
  const { say, locale } = await speak();
  const id = (await request.formData()).get("connection");
  const answer = await memberEdge(request.headers).v1.connections[":id"].check.$post({
    param: { id: typeof id === "string" ? id : "" },
  });
  const action = answer.ok ? (await answer.json()).action : null;
  if (action?.kind === "go") return new Response(null, { status: 303, headers: { location: action.url } });
  if (action?.kind !== "post_form") {
    return page(`<p>${asText(say("check.noPage"))}</p>`, "form-action 'none'", 409);
  }
  const fields = Object.entries(action.fields)
    .map(([name, value]) => `<input type="hidden" name="${asText(name)}" value="${asText(value)}">`)
    .join("");
  const hash = createHash("sha256").update(SUBMIT).digest("base64");
  return page(
    `<form method="post" action="${asText(action.url)}">${fields}<p>${asText(say("check.leading"))}</p>` +
      `<button>${asText(say("check.openPage"))}</button></form><script>${SUBMIT}</script>`,
    `form-action ${new URL(action.url).origin}; script-src 'sha256-${hash}'`,
    200,
  );

  function page(body: string, policy: string, status: number): Response {
    const html = `<!doctype html><html lang="${locale}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${asText(say("check.openPage"))}</title><body>${body}</body></html>`;
    return new Response(html, {
      status,
      headers: {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "content-security-policy": `default-src 'none'; frame-ancestors 'none'; base-uri 'none'; ${policy}`,
      },
    });
  }
}
