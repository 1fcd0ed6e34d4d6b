// What a merchant may name as an embedding page.

import { describe, expect, it } from "vitest";
import { readFrameOrigin } from "./frame-origins.ts";

describe("an origin", () => {
  it.each([
    ["https://shop.example", "https://shop.example"],
    ["https://Shop.Example/", "https://shop.example"],
    ["https://shop.example:8443", "https://shop.example:8443"],
    ["https://shop.example:443", "https://shop.example"],
    ["https://магазин.example", "https://xn--80aairftm.example"],
  ])("%s is kept as %s", (typed, kept) => {
    expect(readFrameOrigin(typed, false)).toEqual({ origin: kept });
  });

  it.each([
    ["shop.example", "origin_unreadable"],
    ["", "origin_unreadable"],
    ["data:text/html,x", "origin_unreadable"],
    ["https://*.shop.example", "origin_unreadable"],
    ["https://shop.example;script-src", "origin_unreadable"],
    ["https://a'b.example", "origin_unreadable"],
    ["https://[::1]", "origin_unreadable"],
    ["https://shop.example/account", "origin_with_path"],
    ["https://shop.example/?x=1", "origin_with_path"],
    ["https://shop.example/#x", "origin_with_path"],
    ["https://me@shop.example", "origin_with_path"],
    ["http://shop.example", "origin_not_https"],
    ["http://localhost:3000", "origin_not_https"],
    ["ws://shop.example", "origin_not_https"],
  ])("%s is refused: %s", (typed, fault) => {
    expect(readFrameOrigin(typed, false)).toEqual({ fault });
  });

  it("of one's own machine is taken by a test point of sale alone", () => {
    for (const origin of ["http://localhost", "http://localhost:3000", "http://shop.localhost:3000"]) {
      expect(readFrameOrigin(origin, true)).toEqual({ origin });
    }
    expect(readFrameOrigin("http://localhost.shop.example", true)).toEqual({ fault: "origin_not_https" });
    expect(readFrameOrigin("http://127.0.0.1:3000", true)).toEqual({ fault: "origin_not_https" });
  });
});
