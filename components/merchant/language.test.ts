// Which language a reader gets, and where sign-in may lead.
import { describe, expect, it } from "vitest";
import { safePath } from "../../app/sign-in/safe-path.ts";
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

describe("the way back from sign-in", () => {
  it.each(["/payments", "/invoices?q=a%20b&card=inv_1", "/integrations/netopia/account"])("keeps %s", (path) =>
    expect(safePath(path)).toBe(path),
  );
  it.each([
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "/a\nb",
    "/sign-in?next=/x",
    "",
    undefined,
    "/",
  ])("refuses %j", (path) => expect(safePath(path)).toBe("/invoices"));
});
