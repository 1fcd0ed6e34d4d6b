// Escaping HTML templates and the one page frame that all sandbox screens share.

/** Markup that is already safe to send. */
export class Html {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Piece = string | number | Html | Piece[] | false | null | undefined;

function render(piece: Piece): string {
  if (piece === false || piece === null || piece === undefined) return "";
  if (piece instanceof Html) return piece.text;
  if (Array.isArray(piece)) return piece.map(render).join("");
  return String(piece)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}

/** Builds markup; everything that is not `Html` is escaped. */
export function html(strings: TemplateStringsArray, ...pieces: Piece[]): Html {
  return new Html(strings.reduce((text, part, i) => text + render(pieces[i - 1]) + part));
}

const style = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--text:#1b1f24;--dim:#5b6470;--line:#d9dee5;--accent:#1f5fbf;--on:#fff;--warn:#fff4d6;--warn-text:#5c4300;--bad:#b3261e;--good:#1a7f4b}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--card:#1c2127;--text:#e8ebef;--dim:#9aa5b1;--line:#343c46;--accent:#7fb0ff;--on:#10151c;--warn:#3a2f10;--warn-text:#ffe19a;--bad:#ff8a80;--good:#6fd6a0}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:64rem;margin:0 auto;padding:1rem}
main.narrow{max-width:28rem}
.mark{background:var(--warn);color:var(--warn-text);padding:.5rem 1rem;text-align:center;font-weight:600}
nav{display:flex;flex-wrap:wrap;gap:1rem;padding:.75rem 1rem;border-bottom:1px solid var(--line)}
h1{font-size:1.4rem;margin:.5rem 0 1rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .25rem}
a{color:var(--accent)}
.box{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:0 0 1rem;overflow-wrap:anywhere}
.box>:first-child,.box>form:first-child label{margin-top:0}.box>:last-child{margin-bottom:0}
.row{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}
.row>label{flex:1 1 8rem}.row.tight>label{flex:1 1 4rem}.row>label.broad{flex:3 1 16rem}
label{display:block;font-size:.9rem;color:var(--dim);margin:.5rem 0 0}
input,select{display:block;width:100%;font:inherit;color:var(--text);background:var(--bg);border:1px solid var(--line);border-radius:.4rem;padding:.5rem;min-height:2.75rem}
button,.button{display:inline-block;font:inherit;min-height:2.75rem;padding:.5rem .9rem;border:1px solid var(--line);border-radius:.4rem;background:var(--card);color:var(--text);cursor:pointer;text-decoration:none;text-align:center}
button.main,.button.main{background:var(--accent);border-color:var(--accent);color:var(--on);font-weight:600}
.wide{width:100%;margin-top:.75rem}
.choices{display:grid;gap:.4rem}.choices button{text-align:left;display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem .75rem}
form.inline{display:inline-block;margin:.15rem .15rem .15rem 0}
.dim{color:var(--dim);font-size:.9rem}.bad{color:var(--bad)}.good{color:var(--good)}
.sum{font-size:1.6rem;font-weight:700;margin:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .75rem;margin:.5rem 0}dt{color:var(--dim)}dd{margin:0;overflow-wrap:anywhere}
ul.plain{list-style:none;padding:0;margin:0}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85rem;margin:.5rem 0}
summary{cursor:pointer;padding:.4rem 0}
iframe{width:100%;min-height:28rem;border:1px solid var(--line);border-radius:.4rem;background:#fff}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
`;

/** A whole page; `head` takes extra head markup such as a refresh. */
export function page(input: {
  title: string;
  body: Html;
  language?: string;
  mark?: string;
  nav?: boolean;
  narrow?: boolean;
  head?: Html;
}): string {
  const nav = html`<nav aria-label="Sandbox"><a href="/">Sandbox</a><a href="/netopia">NETOPIA</a><a href="/revolut">Revolut</a><a href="/tochka">Tochka</a><a href="/uapay">UAPAY</a><a href="/komtet">Комтет</a><a href="/paykeeper-panel">PayKeeper</a><a href="/retailcrm">RetailCRM</a><a href="/mailbox">Mailbox</a></nav>`;
  const mark = html`<div class="mark">${input.mark}</div>`;
  return html`<!doctype html>
<html lang="${input.language ?? "en"}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><link rel="icon" href="data:,"><title>${input.title}</title>${input.head}<style>${new Html(style)}</style></head>
<body>${input.mark ? mark : null}${input.nav ? nav : null}<main class="${input.narrow ? "narrow" : ""}">${input.body}</main></body></html>`
    .text;
}

/** An HTML answer that loads nothing from anywhere. No form-action: browsers would apply it to the way back too. */
export function htmlResponse(text: string, status = 200): Response {
  return new Response(text, {
    status,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
      "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'",
    },
  });
}
