// The look of mails to the merchant's people: what it is about, facts, at most one button with its address in plain text.

import type { Language } from "../../messages/languages.ts";
import en from "../../messages/mail/en.json";
import it from "../../messages/mail/it.json";
import ro from "../../messages/mail/ro.json";
import ru from "../../messages/mail/ru.json";
import uk from "../../messages/mail/uk.json";

export const MESSAGES: Record<Language, typeof ro> = { ro, en, ru, uk, it };

export type Letter = {
  locale: Language;
  title: string;
  lead: string;
  /** Shown large, e.g. a sum. */
  figure?: string;
  facts: [name: string, value: string][];
  go?: { label: string; url: string; hint: string };
  why: string;
};

const toHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A letter as plain text and as HTML that stands without images, scripts or foreign fonts. */
export function writeLetter({ locale, title, lead, figure, facts, go, why }: Letter): { text: string; html: string } {
  const text = [
    lead,
    "",
    ...(figure ? [figure, ""] : []),
    ...facts.map(([name, value]) => `${name}: ${value}`),
    ...(facts.length > 0 ? [""] : []),
    ...(go ? [`${go.label}:`, go.url, ""] : []),
    why,
  ].join("\n");
  const rows = facts
    .map(([name, value]) => `<tr><td class="soft">${toHtml(name)}</td><td>${toHtml(value)}</td></tr>`)
    .join("");
  const html = `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${toHtml(title)}</title><style>
body{margin:0;background:#f3f6f4;color:#14211d;font:16px/1.5 system-ui,-apple-system,Segoe UI,sans-serif}
.card{max-width:480px;margin:24px auto;background:#fff;border-radius:16px;padding:28px 24px}
h1{font-size:20px;line-height:1.3;margin:0 0 8px}.sum{font-size:32px;font-weight:700;letter-spacing:-.02em;margin:4px 0 8px}.soft{color:#5a6b64;font-size:14px;margin:2px 0}
table{border-spacing:0;margin:12px 0}td{padding:3px 16px 3px 0;vertical-align:top;overflow-wrap:anywhere}
.go{display:block;background:#0b6b4f;color:#fff!important;text-decoration:none;text-align:center;padding:15px;border-radius:12px;font-weight:600;margin:22px 0 14px}
.url{word-break:break-all;font-size:13px}
@media (prefers-color-scheme:dark){body{background:#0f1412;color:#e7efeb}.card{background:#18201d}.soft{color:#9fb0a9}.go{background:#16956f}}
@media (max-width:520px){.card{margin:0;border-radius:0}}</style></head><body><div class="card">
<h1>${toHtml(title)}</h1><p>${toHtml(lead)}</p>${figure ? `<p class="sum">${toHtml(figure)}</p>` : ""}${rows ? `<table>${rows}</table>` : ""}
${go ? `<a class="go" href="${toHtml(go.url)}">${toHtml(go.label)}</a><p class="soft">${toHtml(go.hint)}</p><p class="url"><a href="${toHtml(go.url)}">${toHtml(go.url)}</a></p>` : ""}<p class="soft">${toHtml(why)}</p></div></body></html>`;
  return { text, html };
}
