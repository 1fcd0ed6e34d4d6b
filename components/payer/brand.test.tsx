// The merchant's own colour and logo on the payer's pages: readable whatever the colour.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RefundTicketShape } from "../../edge/http/refund-ticket.ts";
import { contrast, mix } from "../ui/contrast.ts";
import { accentsOf, brandStyle, logoPlace, type Scheme, SHAPE_CONTRAST, SURFACES, TEXT_CONTRAST } from "./brand.ts";
import { contentSecurityPolicy, hashSource, pageHeaders } from "./headers.ts";
import { elsewherePage, leadingPage, noticePage, paymentPage, sealedFormPage } from "./pages.tsx";
import { refundPage } from "./refund-ticket.tsx";
import { STYLE } from "./style.ts";
import { viewIn } from "./testing.ts";

const PATH = "/i/abcdefghijklmnopqrstuvwx";
const HASH = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";
const brand = { color: "#ffe066", logo: { hash: HASH, width: 300, height: 100 } };
const place = { language: "en", path: PATH, brand } as const;
const schemes: Scheme[] = ["light", "dark"];
const stylesOf = (html: string) => [...html.matchAll(/<style>(.*?)<\/style>/gs)].map((found) => found[1] ?? "");

describe("contrast", () => {
  it("is what WCAG says it is", () => {
    expect(contrast("#000000", "#ffffff")).toBeCloseTo(21, 5);
    expect(contrast("#777777", "#ffffff")).toBeCloseTo(4.48, 2);
    expect(contrast("#ffffff", "#ff0000")).toBeCloseTo(4.0, 2);
    expect(contrast("#123456", "#123456")).toBe(1);
    expect(mix("#000000", "#ffffff", 0.5)).toBe("#808080");
  });
});

describe("the accents", () => {
  const color = fc.integer({ min: 0, max: 0xffffff }).map((number) => `#${number.toString(16).padStart(6, "0")}`);

  it("whatever the colour, hold their contrasts against all that they stand on, light and dark", () => {
    fc.assert(
      fc.property(color, fc.constantFrom(...schemes), (any, scheme) => {
        const { fill, ink, press, text } = accentsOf(any, scheme);
        const surfaces = [SURFACES[scheme].card, ...SURFACES[scheme].page];
        expect(contrast(fill, ink)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        expect(contrast(press, ink)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        expect(contrast(text, SURFACES[scheme].chosen)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        for (const surface of surfaces) {
          expect(contrast(fill, surface)).toBeGreaterThanOrEqual(SHAPE_CONTRAST);
          expect(contrast(press, surface)).toBeGreaterThanOrEqual(SHAPE_CONTRAST);
          expect(contrast(text, surface)).toBeGreaterThanOrEqual(TEXT_CONTRAST);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("a colour that can be read is left as it is, and no colour is moved further than it must be", () => {
    expect(accentsOf("#0b6b4f", "light").fill).toBe("#0b6b4f");
    expect(accentsOf("#ffe066", "dark").fill).toBe("#ffe066");
    fc.assert(
      fc.property(color, fc.constantFrom(...schemes), (any, scheme) => {
        const { fill } = accentsOf(any, scheme);
        const surfaces = [SURFACES[scheme].card, ...SURFACES[scheme].page];
        const least = (one: string) => Math.min(...surfaces.map((surface) => contrast(one, surface)));
        if (least(any) >= SHAPE_CONTRAST) expect(fill).toBe(any);
        else expect(least(fill)).toBeLessThan(SHAPE_CONTRAST + 0.6);
      }),
    );
  });

  it("stand on the very surfaces of the style", () => {
    const [light = "", dark = ""] = STYLE.split("@media(prefers-color-scheme:dark)");
    const long = (short: string) => (short.length === 4 ? `#${[...short.slice(1)].map((c) => c + c).join("")}` : short);
    const of = (rules: string) =>
      ["card", "wash", "wash2", "okwash"].map((name) =>
        long(new RegExp(`--${name}:(#[0-9a-f]+)`).exec(rules)?.[1] ?? ""),
      );
    for (const [scheme, rules] of [
      ["light", light],
      ["dark", dark],
    ] as const) {
      const { card, page, chosen } = SURFACES[scheme];
      expect(new Set(of(rules))).toEqual(new Set([card, ...page, chosen]));
    }
  });

  it("are written for nothing but a colour", () => {
    for (const odd of [null, undefined, "", "red", "#FFF", "#12345", "#123456}body{display:none", "</style>"]) {
      expect(brandStyle(odd)).toBeUndefined();
    }
    expect(brandStyle("#0b1f5c")).toMatch(
      /^:root\{--accent:#0b1f5c;.*\}@media\(prefers-color-scheme:dark\)\{:root\{[^}]*\}\}$/,
    );
  });
});

describe("the pages", () => {
  const onward = { view: viewIn("payable", { brand }), processor: "NETOPIA Payments" };
  const ticket: RefundTicketShape = {
    state: "under_way",
    version: 1,
    amount: { minor: 100, currency: "RON" },
    stages: [{ stage: "asked", is_done: true, at: null }],
    expected: null,
    reference: { kind: "ours", value: "rfd_01KAF2M1Q7X4Z9B8C7D6E5F4G3" },
    instrument: null,
    processor_name: "NETOPIA Payments",
    is_outside: false,
    is_test: false,
    invoice: { kind: "proforma", label: "PF-0012", locale: "en" },
    brand,
    merchant: viewIn("payable").merchant,
  };
  const pages = () =>
    Promise.all([
      paymentPage(onward.view, place),
      elsewherePage(onward.view, place),
      refundPage(ticket, place, PATH),
      leadingPage(place, "https://gateway.example/a", onward),
      sealedFormPage(place, { url: "https://gateway.example/pay", fields: { data: "x" } }, onward),
    ]);

  it("of a merchant carry its colour, allowed by its own hash alone, and its logo in a place of its own", async () => {
    for (const html of await pages()) {
      const [ours, own, ...more] = stylesOf(html);
      expect([ours, own, more]).toEqual([STYLE, brandStyle(brand.color), []]);
      const headers = pageHeaders({ kind: "page" }, "en", [], brandStyle(brand.color));
      const policy = headers["content-security-policy"] ?? "";
      expect(policy).toContain(`style-src ${hashSource(STYLE)} ${hashSource(own ?? "")};`);
      expect(policy).toContain("img-src 'self' data:;");
      expect(policy).not.toMatch(/unsafe/);
      const pictures = html.match(/<img[^>]*>/g);
      expect(pictures).toEqual([expect.stringContaining(`src="/i/logo/${HASH}" alt="" width="96" height="40"`)]);
      expect(html).not.toContain('class="mark"');
      // Nothing else is asked for, and the style is whole before the picture.
      expect(html).not.toMatch(/<(script|iframe|link)[^>]+(src|href)="(?!data:|#say")/);
    }
    expect(stylesOf(await noticePage(place, "tooMany"))).toHaveLength(2);
  });

  it("of a merchant without either are as they were", async () => {
    const html = await paymentPage(viewIn("payable"), {
      language: "en",
      path: PATH,
      brand: { color: null, logo: null },
    });
    expect(html).toBe(await paymentPage(viewIn("payable"), { language: "en", path: PATH }));
    expect(stylesOf(html)).toEqual([STYLE]);
    expect(html).toContain('class="mark"');
    expect(html).not.toContain("<img");
    expect(contentSecurityPolicy({ kind: "page" }, [])).toContain(`style-src ${hashSource(STYLE)};`);
  });

  it("keep a place for a logo of any shape", () => {
    expect(logoPlace({ width: 500, height: 500 })).toEqual({ width: 40, height: 40 });
    expect(logoPlace({ width: 10, height: 1000 })).toEqual({ width: 40, height: 40 });
    expect(logoPlace({ width: 200, height: 100 })).toEqual({ width: 72, height: 40 });
    expect(logoPlace({ width: 1024, height: 8 })).toEqual({ width: 96, height: 40 });
  });
});
