// Which language a payer page speaks.

import { describe, expect, it } from "vitest";
import { LANGUAGES, preferredOf } from "../../messages/languages.ts";
import { chooseLanguage, wordsOf } from "./words.ts";

describe("the language", () => {
  it("is the one in the address, else the browser's, else the invoice's", () => {
    expect(chooseLanguage("en", "ro", "ro")).toBe("en");
    expect(chooseLanguage("de", "ro-RO,ro;q=0.9", "en")).toBe("ro");
    expect(chooseLanguage(null, "de-DE,de;q=0.9", "en")).toBe("en");
    expect(chooseLanguage(null, null)).toBe("ro");
  });

  it.each([
    ["ro", ["o poziție", "2 poziții", "20 de poziții"]],
    ["en", ["1 item", "2 items", "20 items"]],
    ["ru", ["1 позиция", "2 позиции", "5 позиций", "11 позиций", "21 позиция", "1,5 позиции"]],
    ["uk", ["1 позиція", "2 позиції", "5 позицій", "11 позицій", "21 позиція", "1,5 позиції"]],
    ["it", ["1 voce", "2 voci", "20 voci"]],
  ] as const)("counts in %s as it is spoken", (language, said) => {
    for (const text of said) {
      const count = text.startsWith("o ") ? 1 : Number.parseFloat(text.replace(",", "."));
      expect(wordsOf(language)("sum.manyLines", { count })).toMatch(new RegExp(`: ${text}$`));
    }
  });

  it("is read by the browser's order of wishes", () => {
    const preferredLanguage = (header: string) => preferredOf(LANGUAGES, header);
    expect(preferredLanguage("de, en;q=0.5, ro;q=0.7")).toBe("ro");
    expect(preferredLanguage("en-US,en;q=0.9,ro;q=0.8")).toBe("en");
    expect(preferredLanguage("ro;q=0, *")).toBeUndefined();
    expect(preferredLanguage("uk-UA, ru;q=0.8, en;q=0.7")).toBe("uk");
    expect(preferredLanguage("be-BY, ru;q=0.8, en;q=0.7")).toBe("ru");
    expect(preferredLanguage("it-CH; q=0.9, de-CH")).toBe("it");
  });
});
