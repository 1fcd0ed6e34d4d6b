// The pauses between deliveries.

import { expect, test } from "vitest";
import { backoffSeconds } from "./backoff.ts";

test("the first repeat comes within ten seconds, whatever the jitter", () => {
  for (const chance of [0, 0.5, 1]) expect(backoffSeconds(1, () => chance)).toBeLessThanOrEqual(10);
});

test("pauses double up to six hours and end after thirty days", () => {
  let total = 0;
  let tries = 1;
  for (; ; tries++) {
    const pause = backoffSeconds(tries, () => 0.5);
    if (pause === null) break;
    expect(pause).toBeLessThanOrEqual(6 * 3600);
    total += pause;
  }
  expect(total / 86_400).toBeGreaterThan(29.5);
  expect(total / 86_400).toBeLessThan(31);
  expect(tries).toBeGreaterThan(100);
});
