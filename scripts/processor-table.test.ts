// The README's table of processors says what the descriptors say.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "./paths.ts";
import { processorTable, withTable } from "./processor-table.ts";

test("the README's table is the one printed from the descriptors", () => {
  const readme = readFileSync(join(root, "README.md"), "utf8");
  expect(readme).toBe(withTable(readme));
});

test("every protocol of every processor has a row", () => {
  expect(processorTable().split("\n").length).toBeGreaterThanOrEqual(4);
});
