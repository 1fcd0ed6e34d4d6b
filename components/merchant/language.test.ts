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
  ])("chosen %s, browser %s: %s", (chosen, header, language) => expect(languageOf(chosen, header)).toBe(language));
});
