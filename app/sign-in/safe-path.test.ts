// Where sign-in may lead: to our own screens, never elsewhere.
import { describe, expect, it } from "vitest";
import { safePath } from "./safe-path.ts";

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
