// The payer's pages: every state in every language, the weight of a page, and a policy that matches its bytes.

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { PAYER_STATES } from "../../edge/http/payer-view.ts";
import { LATE_CAUSES } from "../../edge/payments/payment-notes.ts";
import { DECLINE_REASONS } from "../../edge/processors/contract.ts";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../../messages/languages.ts";
import { formatMoney } from "../format/money.ts";
import { contentSecurityPolicy, hashSource, pageHeaders } from "./headers.ts";
import { LIVE_SCRIPT } from "./live-script.ts";
import { elsewherePage, leadingPage, noticePage, offlinePage, paymentPage, sealedFormPage } from "./pages.tsx";
import { noteOf, openAttempt, viewIn } from "./testing.ts";
import type { PayerView } from "./view.ts";

const PATH = "/i/abcdefghijklmnopqrstuvwx";
const ro = { language: "ro", path: PATH } as const;
const weigh = (text: string) => gzipSync(text, { level: 6 }).length;
const inner = (html: string, tag: string) =>
  [...html.matchAll(new RegExp(`<${tag}>(.*?)</${tag}>`, "gs"))].map((m) => m[1] ?? "");

const en = { language: "en", path: PATH } as const;
const withNotes = (state: PayerView["state"], notes: PayerView["notes"], change: Partial<PayerView> = {}) =>
  viewIn(state, { notes, ...change });

function heaviest(): PayerView {
  const view = viewIn("declined", { is_test: true });
  view.methods = ["card", "sbp", "t_pay", "instalments"].map((method, n) => ({
    connection_id: `con_01KAF2M1Q7X${n}`,
    processor: "tochka",
    processor_name: `Procesator ${n}`,
    method,
    needs_email: true,
    is_troubled: method === "instalments",
  }));
  view.frame_origins = ["https://shop.demo.example", "https://cont.demo.example"];
  view.payer_note = "Prețurile abonamentelor\nPlată pe loc";
  view.merchant = { ...view.merchant, offer_url: "https://demo.example/oferta" };
  const [line] = view.invoice.lines;
  if (!line) throw new Error("the view has lines");
  view.invoice = {
    ...view.invoice,
    note: "Mențiuni despre această plată. ".repeat(10),
    lines: Array.from({ length: 12 }, (_, n) => ({
      ...line,
      description: `Serviciul numărul ${n}`,
      amount_minor: 1234 * n,
    })),
  };
  return view;
}

/** Said beside every decline: the sum is still the payer's. */
const NOTHING_TAKEN: Record<Language, string> = {
  ro: "Nu s-au luat bani de pe card.",
  en: "No money was taken from your card.",
  ru: "Деньги с карты не списаны.",
  uk: "Гроші з картки не списано.",
  it: "Dalla carta non è stato addebitato nulla.",
};

/** Words that would suspect the payer of something. */
const ACCUSING: Record<Language, RegExp> = {
  ro: /fraud|fur|risc/,
  en: /fraud|stolen|theft|risk/,
  ru: /мошен|краж|крад|подозр|риск/,
  uk: /шахра|краді|крад|підозр|ризик/,
  it: /frod|furt|rubat|sospett|rischi/,
};

const refund = { id: "rfd_01KAF2M1Q7X4Z9B8C7D6E5F4G3", is_done: false };
const NOTES: (Pick<Parameters<typeof noteOf>[1] & object, "cause" | "refund"> & {
  kind: Parameters<typeof noteOf>[0];
  state: PayerView["state"];
})[] = [
  ...LATE_CAUSES.map((cause) => ({ kind: "late" as const, state: "paid" as const, cause })),
  { kind: "late", state: "cancelled", cause: "cancelled" },
  { kind: "short", state: "payable" },
  { kind: "short", state: "expired" },
  { kind: "over", state: "paid" },
  { kind: "over", state: "paid", refund },
  { kind: "twice", state: "paid" },
  { kind: "twice", state: "paid", refund },
  { kind: "twice", state: "paid", refund: { ...refund, is_done: true } },
  { kind: "other_currency", state: "in_review" },
];

describe("every screen", () => {
  for (const language of LANGUAGES) {
    for (const state of PAYER_STATES) {
      it(`${state} in ${language}`, async () => {
        const html = await paymentPage(viewIn(state), { language, path: PATH });
        expect(html).toMatch(new RegExp(`^<!doctype html><html lang="${language}">`));
        expect(html.match(/<h1/g)).toHaveLength(1);
        expect(html).toContain('id="state"');
        expect(html).toContain("mailto:contact@demo.example");
        // A message that is missing would show its own name.
        expect(html).not.toMatch(/>[a-z_]+\.[a-zA-Z_.]+</);
        expect(html).not.toMatch(/undefined|\[object|NaN/);
        expect(html).not.toContain(' style="');
        expect(html).not.toMatch(/ on[a-z]+="/);
      });
    }
    for (const reason of DECLINE_REASONS) {
      it(`declined for ${reason} in ${language}, in safe words`, async () => {
        const html = await paymentPage(
          viewIn("declined", { attempt: { ...openAttempt, state: "declined", can_resume: false, reason } }),
          { language, path: PATH },
        );
        const main = html.slice(html.indexOf("<main"), html.indexOf("</main>"));
        if (reason.includes("_")) expect(main).not.toContain(reason);
        expect(main.toLowerCase()).not.toMatch(ACCUSING[language]);
        expect(main).toContain(NOTHING_TAKEN[language]);
      });
    }
    for (const { kind, state, ...change } of NOTES) {
      it(`${[kind, ...Object.values(change).map((one) => JSON.stringify(one))].join(" ")} in ${language}: what came, who knows of it, whom to ask`, async () => {
        const note = noteOf(kind, change);
        const html = await paymentPage(viewIn(state, { notes: [note] }), { language, path: PATH });
        const main = html.slice(html.indexOf("<main"), html.indexOf("</main>"));
        const card = main.slice(main.indexOf('id="state"'));
        expect(card).toContain(formatMoney(note.amount, language));
        if (!note.refund?.is_done) expect(card).toContain("Demo SRL");
        if (kind !== "short" && !note.refund?.is_done) expect(card).toContain("mailto:contact@demo.example");
        expect(main).not.toMatch(/>[a-z_]+\.[a-zA-Z_.]+</);
        expect(main).not.toMatch(/undefined|\[object|NaN|\{\w+\}/);
      });
    }
    it(`handing over in ${language}`, async () => {
      const handOver = { link: "https://pay.example/i/zyxwvutsrqponmlkjihgfe", expires_at: "2026-11-21T14:30:00.000Z" };
      for (const made of [undefined, handOver]) {
        const html = await elsewherePage(viewIn("payable"), { language, path: PATH }, made);
        expect(html.match(/<h1/g)).toHaveLength(1);
        expect(html).not.toMatch(/>[a-z_]+\.[a-zA-Z_.]+</);
        expect(html).not.toMatch(/undefined|\[object|NaN/);
        expect(html).not.toContain("Client demonstrativ");
      }
    });
    it(`without a line in ${language}`, async () => {
      for (const isKnown of [true, false]) {
        const html = await offlinePage(language, isKnown);
        expect(html.match(/<h1/g)).toHaveLength(1);
        expect(html).not.toMatch(/<(form|button|input)/);
        expect(html.includes("%amount%")).toBe(isKnown);
        const [script] = inner(html, "script");
        expect(contentSecurityPolicy({ kind: "offline" })).toContain(`script-src ${hashSource(script ?? "")};`);
      }
    });
    for (const notice of ["missing", "lapsed", "tooMany", "unreachable"] as const) {
      it(`${notice} in ${language}`, async () => {
        const html = await noticePage({ language, path: PATH }, notice);
        expect(html.match(/<h1/g)).toHaveLength(1);
        expect(html).not.toContain("<script");
      });
    }
  }

  it("leads to every other language in its own name, and says which one it speaks", async () => {
    for (const language of LANGUAGES) {
      const html = await paymentPage(viewIn("payable"), { language, path: PATH });
      const links = [
        ...html.matchAll(/<a [^>]*href="[^"]*\?lang=(\w+)" hrefLang="(\w+)" lang="(\w+)"([^>]*)>(.*?)<\/a>/gi),
      ];
      expect(links.map(([, lang]) => lang)).toEqual([...LANGUAGES]);
      for (const [, lang, hrefLang, ofText, rest, name] of links) {
        expect([hrefLang, ofText, name]).toEqual([lang, lang, LANGUAGE_NAMES[lang as Language]]);
        expect(rest?.includes("aria-current")).toBe(lang === language);
      }
    }
  });

  it("says of money what leads: a second payment before a surplus, neither once it is back or while something newer goes on", async () => {
    const [late, over, twice] = [noteOf("late", { cause: "expired" }), noteOf("over"), noteOf("twice")];
    const title = async (...[state, notes, change]: Parameters<typeof withNotes>) =>
      /id="state"[^>]*>([^<]*)</.exec(await paymentPage(withNotes(state, notes, change), en))?.[1];
    expect(await title("paid", [twice, over, late])).toBe("Paid, and a second payment came too");
    expect(await title("paid", [{ ...twice, refund: { ...refund, is_done: true } }, over])).toMatch(
      /^Paid, with .* too much$/,
    );
    expect(await title("paid", [{ ...twice, refund: { ...refund, is_done: true } }])).toBe("Payment successful");
    expect(await title("processing", [noteOf("short")])).toBe("Your payment is being processed");
    expect(await title("payable", [noteOf("short")], { attempt: openAttempt })).toBe("Continue the payment you began");
  });

  it("asks for a new date by one press, then says when it was asked", async () => {
    const html = await paymentPage(viewIn("expired"), en);
    expect(html).toContain(`<form action="${PATH}/date" method="post">`);
    const asked = await paymentPage(viewIn("expired", { date_asked_at: "2026-11-22T08:00:00.000Z" }), en);
    expect(asked).toContain("was asked for a new date on 22 Nov 2026, 10:00");
    expect(asked).not.toContain("<form");
  });

  it("offers the attempt that waits at its processor first", async () => {
    const html = await paymentPage(viewIn("payable", { attempt: openAttempt }), ro);
    expect(html).toContain("Continuați plata începută");
    expect(html).toContain('value="con_01KAF2M1Q7X4.card"');
  });

  it("shows a code that can be scanned, and on a phone opened, with the time it has left", async () => {
    const view = viewIn("scan");
    const html = await paymentPage(view, ro);
    expect(html).toContain(`href="${view.code?.payload.replaceAll("&", "&amp;")}"`);
    expect(html).toMatch(
      /<svg class="qr" role="img" aria-label="Codul QR al acestei plăți"[^>]*><path d="M0 0h7v1h-7z/,
    );
    expect(html).toContain('data-until="2026-11-21T15:15:00.000Z"');
    // The other ways stay folded away, and are chosen knowing that the code can still be paid.
    expect(html).toContain('name="warned" value="1"');
    expect(html).toContain('value="con_01KAF2M1Q7X4.card"');
    expect(html).not.toContain('value="con_01KAF2M1Q7X4.sbp"');
  });

  it("offers a new code when the time of the last one is over", async () => {
    const { methods } = viewIn("scan");
    const attempt = { ...openAttempt, method: "sbp", can_resume: false, is_lapsed_code: true };
    const html = await paymentPage(viewIn("payable", { methods, attempt }), ro);
    expect(html).toContain("Ia un cod nou");
    expect(html).toContain("nu este pierdută");
    expect(html).not.toContain('<svg class="qr"');
  });

  it("says when held money comes back by itself, told or reckoned, and nothing where nobody knows", async () => {
    const heldUntil = async (hold: typeof openAttempt.hold) =>
      paymentPage(viewIn("held", { attempt: { ...openAttempt, state: "authorized", hold } }), ro);
    const until = "2026-11-28T14:15:00.000Z";
    expect(await heldUntil({ until, is_estimated: false })).toMatch(/vă revine de la sine până la 28 [^<]*2026, 16:15/);
    expect(await heldUntil({ until, is_estimated: true })).toMatch(/vă revine de la sine în jur de 28 /);
    expect(await heldUntil(null)).not.toContain("vă revine de la sine");
  });

  it("asks for an address where a receipt must be sent, and says so", async () => {
    const card = viewIn("payable").methods[0];
    const view = viewIn("payable", { methods: card ? [{ ...card, needs_email: true }] : [] });
    const html = await paymentPage(view, ro, { typed: { email: "", phone: "" }, faults: ["email"] });
    expect(html).toContain("necesar pentru bon");
    expect(html).toContain("acolo se trimite bonul");
  });

  it("names each fault at the top and at its field, and keeps what was typed", async () => {
    const html = await paymentPage(viewIn("payable"), ro, {
      typed: { email: "client@", phone: "0722" },
      faults: ["email"],
    });
    expect(html).toContain('href="#email"');
    expect(html).toContain('aria-describedby="email-fault email-hint"');
    expect(html).toContain('value="client@"');
    expect(html).toContain('value="0722"');
    expect(html.toLowerCase()).toContain("autofocus");
  });

  it("by a hand-over shows nothing of the payer, says until when, and is not handed on", async () => {
    const { invoice } = viewIn("payable");
    const none = { payer_name: null, payer_email: null, payer_phone: null };
    const view = viewIn("payable", {
      hand_over: { expires_at: "2026-11-21T14:30:00.000Z" },
      invoice: { ...invoice, ...none },
    });
    const html = await paymentPage(view, ro);
    expect(html).toMatch(/deschide factura până la [^<]*16:30/);
    expect(html).not.toContain('/elsewhere"');
    expect(html).not.toContain("Client demonstrativ");
    expect(await paymentPage(viewIn("payable"), ro)).toContain(`action="${PATH}/elsewhere"`);
    expect(await paymentPage(viewIn("paid"), ro)).not.toContain('/elsewhere"');
  });

  it("writes what others typed as text", async () => {
    const view = viewIn("payable");
    view.invoice = { ...view.invoice, note: '</style><script>alert("1")</script>' };
    const html = await paymentPage(view, ro);
    expect(html).not.toContain("<script>alert");
  });
});

describe("the weight", () => {
  it("of any page stays under 10 kB, of its script under 2.5 kB", async () => {
    const notes = [noteOf("twice", { refund }), noteOf("over"), noteOf("late", { cause: "expired" })];
    const [paid, heavy] = [viewIn("paid", { notes }), heaviest()];
    const views = [...PAYER_STATES.map((state) => viewIn(state)), heavy, { ...heavy, notes: [noteOf("short")] }, paid];
    const brand = { color: "#ffe066", logo: { hash: createHash("sha256").digest("hex"), width: 300, height: 100 } };
    const pages = LANGUAGES.flatMap((language) =>
      views.map((view) => paymentPage(view, { language, path: PATH, app: "Instagram", brand })),
    );
    const largest = Math.max(...(await Promise.all(pages)).map(weigh));
    console.log(`largest page ${largest} bytes, script ${weigh(LIVE_SCRIPT)} bytes, compressed`);
    expect(largest).toBeLessThan(10_000);
    expect(weigh(LIVE_SCRIPT)).toBeLessThan(2_500);
  });

  // Of the links only the one that names a part of this very page asks for nothing.
  it("is all in one request", async () => {
    const html = await paymentPage(viewIn("payable"), ro);
    expect(html).not.toMatch(/<(script|img|iframe|link)[^>]+(src|href)="(?!data:|#say")/);
  });
});

describe("the policy", () => {
  const form = { url: "https://gateway.example/pay", fields: { data: "x" } };

  it("allows exactly the style and the script that are in the page", async () => {
    const policy = contentSecurityPolicy({ kind: "page" });
    const html = await paymentPage(viewIn("payable"), ro);
    const [style] = inner(html, "style");
    const [script] = inner(html, "script");
    expect(policy).toContain(`style-src ${hashSource(style ?? "")};`);
    expect(policy).toContain(`script-src ${hashSource(script ?? "")};`);
    expect(inner(html, "script")).toHaveLength(1);
  });

  it("lets exactly the named origins show a page in a frame, and nobody when none is named", async () => {
    const kinds = [
      { kind: "page" },
      { kind: "still" },
      { kind: "sealed_form", gateway: "https://gateway.example" },
    ] as const;
    for (const policy of kinds) {
      expect(contentSecurityPolicy(policy)).toMatch(/; frame-ancestors 'none'$/);
      const headers = pageHeaders(policy, "ro", ["https://shop.example", "http://localhost:3000"]);
      expect(headers["content-security-policy"]).toMatch(
        /; frame-ancestors https:\/\/shop\.example http:\/\/localhost:3000$/,
      );
      expect(Object.keys(headers)).not.toContain("x-frame-options");
    }
    const odd = ["*", "https://*.example", "https://a.example; script-src *", "'self'"];
    expect(contentSecurityPolicy({ kind: "page" }, odd)).toMatch(/; frame-ancestors 'none'$/);
  });

  it("leads a payment out of a frame: forms and links aim at the top, a code stays, nothing refreshes into a frame", async () => {
    const framed = { frame_origins: ["https://shop.example"] };
    expect(await paymentPage(viewIn("payable", framed), ro)).toMatch(/<form [^>]*target="_top"/);
    expect(await paymentPage(viewIn("payable"), ro)).not.toContain("_top");
    const view = viewIn("payable", { ...framed, methods: viewIn("scan").methods });
    const bySbp = /<button[^>]*\.sbp"[^>]*>/.exec(await paymentPage(view, ro))?.[0];
    expect(bySbp?.toLowerCase()).toContain('formtarget="_self"');
    const leading = await leadingPage(ro, "https://gateway.example/a", undefined, true);
    expect(leading).not.toContain("http-equiv");
    expect(leading).toMatch(/<a [^>]*href="https:\/\/gateway\.example\/a" target="_top"/);
  });

  it("of a sealed form allows its one line and its gateway", async () => {
    const policy = contentSecurityPolicy({ kind: "sealed_form", gateway: "https://gateway.example" });
    const html = await sealedFormPage(ro, form);
    expect(policy).toContain("form-action https://gateway.example;");
    expect(policy).toContain(`script-src ${hashSource(inner(html, "script")[0] ?? "")};`);
    expect(html).toContain('target="_top"');
  });

  it("has no opening for inline code, and no script where none is needed", async () => {
    for (const policy of [{ kind: "page" }, { kind: "still" }, { kind: "sealed_form", gateway: form.url }] as const) {
      const headers = pageHeaders(policy, "ro");
      expect(headers["content-security-policy"]).not.toMatch(/unsafe|\*|https?: /);
      expect(headers["content-security-policy"]).toMatch(/^default-src 'none'/);
      expect(headers["cache-control"]).toBe("no-store");
      expect(headers["referrer-policy"]).toBe("no-referrer");
    }
    expect(await leadingPage(ro, "https://gateway.example/a?b=1&c=2")).not.toContain("<script");
  });
});
