// The list of help pages that a browser has seen: order, repeats, length, and what cannot be read.

import { expect, test } from "vitest";
import { noteSeen, othersThan, readSeen } from "./help-seen.ts";

test("the page seen last comes first, once", () => {
  const seen = ["a", "b", "a", "c"].reduce<string[]>((list, page) => noteSeen(list, page), []);
  expect(seen).toEqual(["c", "a", "b"]);
});

test("without the present page, at most five are shown", () => {
  const seen = ["a", "b", "c", "d", "e", "f", "g"].reduce<string[]>((list, page) => noteSeen(list, page), []);
  expect(othersThan(seen, "g")).toEqual(["f", "e", "d", "c", "b"]);
  expect(othersThan(seen, "new")).toEqual(["g", "f", "e", "d", "c"]);
  expect(othersThan(["a"], "a")).toEqual([]);
});

test("what cannot be read, or is no page of ours, counts as nothing", () => {
  for (const kept of [null, "", "{", "7", '"netopia"', '["elsewhere", 1, null, "toString"]']) {
    expect(readSeen(kept)).toEqual([]);
  }
  expect(readSeen('["netopia","elsewhere","netopia-account","netopia"]')).toEqual(["netopia", "netopia-account"]);
});
