// Leads a member to the processor's page in a tab of its own, to see that it loads: a sealed form posts itself on.
import { createHash } from "node:crypto";
import { memberEdge } from "../../../../edge.ts";
import { asText, barePage, leadOn } from "../../../../lead-on.ts";
import { speak } from "../../../speak.ts";

export const dynamic = "force-dynamic";

const SUBMIT = "document.forms[0].submit()";

export async function POST(request: Request): Promise<Response> {
  // A form of another site must not make a member's browser start anything.
  if (request.headers.get("sec-fetch-site") === "cross-site") return new Response(null, { status: 403 });
  const { say, locale } = await speak();
  const id = (await request.formData()).get("connection");
  const answer = await memberEdge(request.headers).v1.connections[":id"].check.$post({
    param: { id: typeof id === "string" ? id : "" },
  });
  const action = answer.ok ? (await answer.json()).action : null;
  const title = say("check.openPage");
  if (action?.kind === "go") return leadOn(action.url, { locale, text: say("check.leading"), go: title });
  if (action?.kind !== "post_form") {
    const body = `<p>${asText(say("check.noPage"))}</p>`;
    return barePage({ locale, title, body, policy: "form-action 'none'", status: 409 });
  }
  const fields = Object.entries(action.fields)
    .map(([name, value]) => `<input type="hidden" name="${asText(name)}" value="${asText(value)}">`)
    .join("");
  const hash = createHash("sha256").update(SUBMIT).digest("base64");
  return barePage({
    locale,
    title,
    body:
      `<form method="post" action="${asText(action.url)}">${fields}<p>${asText(say("check.leading"))}</p>` +
      `<button>${asText(title)}</button></form><script>${SUBMIT}</script>`,
    policy: `form-action ${new URL(action.url).origin}; script-src 'sha256-${hash}'`,
    status: 200,
  });
}
