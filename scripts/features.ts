// `npm run features`: which rows of docs/features.md have a passing test. Tests name rows in their titles: [P05].
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root, stateDir } from "./paths.ts";

const resultsPath = join(stateDir, "test-results.json");
if (!existsSync(resultsPath)) {
  console.error("No results yet: run `npm test` first.");
  process.exit(1);
}
const results = JSON.parse(readFileSync(resultsPath, "utf8")) as Record<string, string>;

const byFeature = new Map<string, { passed: number; failed: number; skipped: number }>();
for (const [title, status] of Object.entries(results)) {
  for (const [, list = ""] of title.matchAll(/\[([A-Z]{1,3}\d{1,3}[a-z]?(?:[ ,]+[A-Z]{1,3}\d{1,3}[a-z]?)*)\]/g)) {
    for (const id of list.split(/[ ,]+/)) {
      const counts = byFeature.get(id) ?? { passed: 0, failed: 0, skipped: 0 };
      if (status === "passed" || status === "failed" || status === "skipped") counts[status] += 1;
      byFeature.set(id, counts);
    }
  }
}
const covered = (id: string): boolean => {
  const counts = byFeature.get(id);
  return counts !== undefined && counts.passed > 0 && counts.failed === 0;
};

const listPath = join(root, "docs/features.md");
if (!existsSync(listPath)) {
  console.log("There is no docs/features.md. Rows seen in test titles:");
  for (const id of [...byFeature.keys()].sort()) console.log(`  ${covered(id) ? "yes" : "no "} ${id}`);
} else {
  const rows: { id: string; title: string }[] = [];
  for (const line of readFileSync(listPath, "utf8").split("\n")) {
    const [, id, title] =
      /^\s*(?:\||[-*])\s*[[`*]*([A-Z]{1,3}\d{1,3}[a-z]?)[\]`*]*\s*(?:\||[:.–-])?\s*(.*?)\s*\|?\s*$/.exec(line) ?? [];
    if (id) rows.push({ id, title: title ?? "" });
  }
  for (const row of rows) console.log(`${covered(row.id) ? "yes" : "no "} ${row.id} ${row.title}`);
  const unknown = [...byFeature.keys()].filter((id) => !rows.some((row) => row.id === id));
  if (unknown.length > 0) console.log(`\nIn test titles but not in the list: ${unknown.sort().join(", ")}`);
  console.log(`\n${rows.filter((row) => covered(row.id)).length} of ${rows.length} rows have a passing test.`);
}
