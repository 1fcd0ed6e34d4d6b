// A small page that leads on to an address outside: a redirect would not do, as browsers hold `form-action 'self'` of the page
// that was posted from against it too.

/** Text as it may stand in HTML. */
export const asText = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** A page of one's own without Next, under a policy that allows nothing but what is named. */
export function barePage(input: {
  locale: string;
  title: string;
  body: string;
  head?: string;
  policy: string;
  status: number;
}): Response {
  const { locale, title, body, head = "", policy, status } = input;
  const html = `<!doctype html><html lang="${asText(locale)}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">${head}<title>${asText(title)}</title><body>${body}</body></html>`;
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

/** Leads on by itself, and by its link. */
export function leadOn(url: string, words: { locale: string; text: string; go: string }): Response {
  const address = asText(new URL(url).href);
  return barePage({
    locale: words.locale,
    title: words.go,
    head: `<meta http-equiv="refresh" content="0; url=${address}">`,
    body: `<p>${asText(words.text)}</p><p><a href="${address}" rel="noreferrer">${asText(words.go)}</a></p>`,
    policy: "form-action 'none'",
    status: 200,
  });
}
