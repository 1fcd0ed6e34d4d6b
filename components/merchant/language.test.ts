// Which language a reader gets.
import { describe, expect, it } from "vitest";
import { languageOf } from "./language.ts";

describe("the language", () => {
  it.each([
    [undefined, "en-GB,en;q=0.9,ro;q=0.8", "en"],
    [undefined, "de;q=0.9,ro;q=0.5,en;q=0.4", "ro"],
    [undefined, "de-DE", "ro"],
    [undefined, null, "ro"],
    ["en", "ro-RO", "en"],
    ["fr", "en", "en"],
    ["ru", "ro", "ru"],
    [undefined, "uk-UA,uk;q=0.9,ru;q=0.8,en;q=0.7", "ru"],
    [undefined, "it-IT,it;q=0.9", "ro"],
  ])("chosen %s, browser %s: %s", (chosen, header, language) => expect(languageOf(chosen, header)).toBe(language));
});
