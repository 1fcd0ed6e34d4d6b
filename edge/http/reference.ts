// The API reference as one readable page: made from the OpenAPI description, no script, nothing from elsewhere.

import { html, raw } from "hono/html";

type Schema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
};
type Media = { content?: Record<string, { schema?: Schema }>; description?: string };
type Operation = {
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: Schema }[];
  requestBody?: Media;
  responses?: Record<string, Media>;
};
type Document = {
  info: { title: string; version: string; description?: string };
  servers?: { url: string }[];
  paths?: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
};

const nameOf = (ref: string) => ref.split("/").at(-1) ?? ref;

function typeOf(schema: Schema | undefined): string {
  if (!schema) return "";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const parts = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (parts) return parts.map(typeOf).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items)}[]`;
  return Array.isArray(schema.type) ? schema.type.join(" | ") : (schema.type ?? "object");
}

/** Text of a description; what stands between backticks is code. */
function textOf(description: string | undefined) {
  const parts = (description ?? "").split("`");
  return parts.map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : part));
}

function fields(schema: Schema | undefined) {
  const properties = Object.entries(schema?.properties ?? {});
  if (properties.length === 0) return raw("");
  return html`<table>
    <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
    <tbody>
      ${properties.map(
        ([name, inner]) => html`<tr>
          <td><code>${name}</code>${schema?.required?.includes(name) ? html` <b>required</b>` : ""}</td>
          <td>${typeOf(inner)}</td>
          <td>${textOf(inner.description)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
}

const bodyOf = (media: Media | undefined) => media?.content?.["application/json"]?.schema;
const anchor = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-");

/** Renders the reference of an OpenAPI document. */
export function referencePage(described: unknown) {
  const document = described as Document;
  const groups = new Map<string, { method: string; path: string; operation: Operation }[]>();
  for (const [path, methods] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? "Other";
      groups.set(tag, [...(groups.get(tag) ?? []), { method: method.toUpperCase(), path, operation }]);
    }
  }
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${document.info.title} reference</title>
    <style>
      :root { color-scheme: light dark; --ink: light-dark(#14211d, #e7efeb); --soft: light-dark(#5a6b64, #9fb0a9); --line: light-dark(#dbe4df, #2b3833); --leaf: light-dark(#0b6b4f, #6fd3ae); --wash: light-dark(#f5f8f6, #161d1a); }
      body { font: 16px/1.6 system-ui, sans-serif; color: var(--ink); background: light-dark(#fff, #0f1412); margin: 0 auto; max-width: 60rem; padding: 2rem 1.25rem 6rem; }
      h1 { font-size: 2rem; letter-spacing: -.02em; } h2 { margin-top: 3rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem; }
      h3 { margin: 2.2rem 0 .3rem; font-size: 1.05rem; } code, pre { font: .875em ui-monospace, monospace; }
      pre { background: var(--wash); padding: 1rem; border-radius: .6rem; overflow: auto; }
      .verb { display: inline-block; min-width: 3.6rem; color: var(--leaf); font-weight: 700; }
      .note { color: var(--soft); margin: .2rem 0 .6rem; } a { color: var(--leaf); }
      table { border-collapse: collapse; width: 100%; font-size: .9rem; margin: .6rem 0; display: block; overflow-x: auto; } th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
      td b { font-size: .72rem; color: var(--soft); font-weight: 600; } nav ul { columns: 2 16rem; padding-left: 1.1rem; }
    </style>
  </head>
  <body>
    <h1>${document.info.title}</h1>
    <p class="note">Version ${document.info.version} · <a href="/v1/openapi.json">OpenAPI 3.1</a></p>
    <p>${textOf(document.info.description)}</p>
    <h2 id="quick-start">Quick start</h2>
    <pre><code>curl ${document.servers?.[0]?.url ?? ""}/v1/invoices \\
  -H "Authorization: Bearer $PLATA_KEY" \\
  -H "Content-Type: application/json" -H "Idempotency-Key: order-1042" \\
  -d '{"kind":"proforma","currency":"RON","payer_name":"Client","accepts_card":true,
       "lines":[{"description":"Service","unit_price_minor":24990}]}'</code></pre>
    <p>The answer's <code>link</code> is what the payer opens.</p>
    <nav aria-label="Operations">
      <ul>${[...groups.keys()].map((tag) => html`<li><a href="#${anchor(tag)}">${tag}</a></li>`)}<li><a href="#shapes">Shapes</a></li></ul>
    </nav>
    ${[...groups.entries()].map(
      ([tag, operations]) => html`<section>
        <h2 id="${anchor(tag)}">${tag}</h2>
        ${operations.map(
          ({ method, path, operation }) => html`<article>
            <h3 id="${anchor(`${method}-${path}`)}"><span class="verb">${method}</span> <code>${path}</code></h3>
            <p class="note">${operation.summary ?? ""}${operation.security?.[0]?.apiKey ? html` · scope <code>${operation.security[0].apiKey.join(", ")}</code>` : ""}</p>
            ${operation.description ? html`<p>${textOf(operation.description)}</p>` : ""}
            ${
              operation.parameters?.length
                ? html`<table><thead><tr><th scope="col">Parameter</th><th scope="col">In</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead><tbody>
                  ${operation.parameters.map((p) => html`<tr><td><code>${p.name}</code></td><td>${p.in}</td><td>${typeOf(p.schema)}</td><td>${textOf(p.description ?? p.schema?.description)}</td></tr>`)}
                </tbody></table>`
                : ""
            }
            ${bodyOf(operation.requestBody) ? html`<p class="note">Body: ${typeOf(bodyOf(operation.requestBody))}</p>${fields(bodyOf(operation.requestBody))}` : ""}
            <p class="note">Answers: ${Object.entries(operation.responses ?? {}).map(([status, media]) => html`<code>${status}</code> ${typeOf(bodyOf(media))} `)}</p>
          </article>`,
        )}
      </section>`,
    )}
    <h2 id="shapes">Shapes</h2>
    ${Object.entries(document.components?.schemas ?? {}).map(([name, schema]) => html`<h3 id="${anchor(name)}">${name}</h3>${fields(schema)}`)}
  </body>
</html>`;
}
