// Which language a payer page speaks.

import { describe, expect, it } from "vitest";
import { LANGUAGES, preferredOf } from "../../messages/languages.ts";
import { chooseLanguage } from "./words.ts";

describe("the language", () => {
  it("is the one in the address, else the browser's, else the invoice's", () => {
    expect(chooseLanguage("en", "ro", "ro")).toBe("en");
    expect(chooseLanguage("de", "ro-RO,ro;q=0.9", "en")).toBe("ro");
    expect(chooseLanguage(null, "de-DE,de;q=0.9", "en")).toBe("en");
    expect(chooseLanguage(null, null)).toBe("ro");
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
