// `npm run processor:table`: prints the README's table of processors from their descriptors; `--write` puts it there.
// A test holds the README true.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { processors } from "../edge/processors/registry.ts";
import { root } from "./paths.ts";

const BEGIN = "<!-- processors -->";
const END = "<!-- /processors -->";
const yes = (value: boolean) => (value ? "yes" : "–");

/** The table as Markdown: one row per protocol of a processor. */
export function processorTable(): string {
  const rows = Object.values(processors).flatMap(({ descriptor }) =>
    Object.entries(descriptor.variants).map(([id, variant]) => [
      `[${descriptor.name}](edge/processors/${descriptor.id}/README.md)${Object.keys(descriptor.variants).length > 1 ? ` ${id}` : ""}`,
      descriptor.country,
      variant.methods.map((method) => method.id).join(", "),
      variant.currencies.join(", "),
      yes(variant.capture.manual),
      variant.refund.byApi ? (variant.refund.partial ? "full, partial" : "full") : "in their console, followed",
      variant.notification.authentication.replace("_", " "),
      yes(variant.statusQuery.available),
      descriptor.maturity,
    ]),
  );
  const head = [
    "processor",
    "country",
    "methods",
    "currencies",
    "holds",
    "refund",
    "notification trusted by",
    "status query",
    "tried on",
  ];
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** The README with its table replaced. */
export function withTable(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN} … ${END}`);
  return `${readme.slice(0, begin + BEGIN.length)}\n${processorTable()}\n${readme.slice(end)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const path = join(root, "README.md");
  if (process.argv.includes("--write")) writeFileSync(path, withTable(readFileSync(path, "utf8")));
  else console.log(processorTable());
}
