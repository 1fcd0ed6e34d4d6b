// The text for payer and receipt: tags, missing parts, limits.

import { describe, expect, it } from "vitest";
import { DETAIL_TAGS, renderDetails, unknownTags } from "./details-text.ts";

const all = {
  payer: "Ion Popescu",
  service: "pentru cursul de chitară",
  beneficiary: "Ana Popescu",
  invoice: "PF-000012",
  amount: "249,90 RON",
  date: "21.11.2026",
  shop: "Școala Demo",
  merchant: "Demo SRL",
};

describe("details", () => {
  it("[M09] are payer, service and beneficiary when left empty; a missing part leaves no double blank", () => {
    for (const empty of [null, "", "  \n "]) {
      expect(renderDetails(empty, all, 128)).toBe("Ion Popescu pentru cursul de chitară Ana Popescu");
    }
    const without = (name: keyof typeof all) => renderDetails(null, { ...all, [name]: " " }, 128);
    expect(without("payer")).toBe("pentru cursul de chitară Ana Popescu");
    expect(without("service")).toBe("Ion Popescu Ana Popescu");
    expect(without("beneficiary")).toBe("Ion Popescu pentru cursul de chitară");
    expect(renderDetails(null, { service: "Lecții" }, 128)).toBe("Lecții");
    expect(renderDetails(null, {}, 128)).toBe("");
  });

  it("fill every tag, and take a value as it is", () => {
    for (const tag of DETAIL_TAGS) expect(renderDetails(`x {${tag}} y`, all, 200)).toBe(`x ${all[tag]} y`);
    expect(renderDetails("{ payer }", { payer: "{invoice} $& $1" }, 128)).toBe("{invoice} $& $1");
  });

  it.each([
    ["{payer}, {service}", "pentru cursul de chitară"],
    ["{service}, {payer}", "pentru cursul de chitară"],
    ["{service} - {payer} - {invoice}", "pentru cursul de chitară - PF-000012"],
    ["{service} ({payer})", "pentru cursul de chitară"],
    ["{service} «{payer}», {invoice}", "pentru cursul de chitară, PF-000012"],
    ["Factura {invoice}: {payer}.", "Factura PF-000012."],
    ["{payer} {payer} Factura {invoice}", "Factura PF-000012"],
  ])("leave nothing lone where a part is missing: %s", (template, expected) => {
    expect(renderDetails(template, { ...all, payer: null }, 128)).toBe(expected);
  });

  it("are the default where nothing of the template remains", () => {
    expect(renderDetails("({payer})", { service: "Lecții" }, 128)).toBe("Lecții");
  });

  it("name unknown tags, each once, and cut on a word border at the limit", () => {
    expect(unknownTags("{payer} {плательщик} {nume} {nume} { invoice }")).toEqual(["плательщик", "nume"]);
    expect(unknownTags("{} { } {a b} plain")).toEqual([]);
    const text = renderDetails("{service} — {payer}", all, 200);
    expect(text).toBe("pentru cursul de chitară — Ion Popescu");
    for (let limit = 1; limit <= text.length; limit++) {
      const cut = renderDetails("{service} — {payer}", all, limit);
      expect([...cut].length).toBeLessThanOrEqual(limit);
      expect(cut).not.toMatch(/[\s—]$/);
      // What is left is whole words of the whole text.
      if (limit >= 6) expect(`${text} `.startsWith(`${cut} `)).toBe(true);
    }
    expect(renderDetails("{payer}", { payer: "ș".repeat(300) }, 128)).toBe("ș".repeat(128));
    expect(renderDetails("{payer}", { payer: "😀".repeat(9) }, 4)).toBe("😀".repeat(4));
  });

  it("has no line of its own", () => {
    expect(renderDetails("a\n\n{payer}\t b", all, 99)).toBe("a Ion Popescu b");
  });
});
