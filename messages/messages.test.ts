// The message catalogues: all languages have the same keys and arguments, and the code uses every one of them.

import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createTranslator } from "use-intl/core";
import { describe, expect, it } from "vitest";
import { LANGUAGES, MERCHANT_LANGUAGES } from "./languages.ts";

const root = join(import.meta.dirname, "..");
/** Those in which the screens of a folder are spoken. */
const SPOKEN: Record<string, readonly string[]> = { merchant: MERCHANT_LANGUAGES };
type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, above = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") flat.set(above + key, value);
    else for (const [inner, text] of flatten(value, `${above}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

const read = (namespace: string, language: string): Map<string, string> =>
  flatten(JSON.parse(readFileSync(join(root, "messages", namespace, `${language}.json`), "utf8")) as Tree);

/** Names of the arguments a message is given, those inside its plural and select branches too. */
function argumentsOf(message: string): string[] {
  const names = new Set<string>();
  // Braces open by turns: an argument, inside it its branches, inside those arguments again.
  const collect = (text: string, isBranchList: boolean) => {
    let depth = 0;
    let start = 0;
    for (let at = 0; at < text.length; at += 1) {
      if (text[at] === "{" && depth++ === 0) start = at + 1;
      if (text[at] !== "}" || --depth > 0) continue;
      const inner = text.slice(start, at);
      if (isBranchList) collect(inner, false);
      else {
        const [name = "", ...rest] = inner.split(",");
        names.add(name.trim());
        collect(rest.join(","), true);
      }
    }
  };
  collect(message, false);
  return [...names].sort();
}

type Source = { literals: Set<string>; templates: RegExp[] };

/** Texts of a source file that may name a message: plain ones, and templates with anything but a dot in their gaps. */
function readSource(path: string): Source {
  const text = readFileSync(path, "utf8");
  const literals = new Set([...text.matchAll(/["'`]([\w.]+)["'`]/g)].map((match) => match[1] ?? ""));
  const templates = [...text.matchAll(/`([\w.]*\$\{[^`]*)`/g)]
    .map((match) => (match[1] ?? "").replace(/\$\{[^}]*\}/g, "\0"))
    .filter((template) => /^[\w.\0]+$/.test(template) && /\w/.test(template))
    .map((template) => new RegExp(`^${template.replaceAll(".", "\\.").replaceAll("\0", "[^.]+")}$`));
  return { literals, templates };
}

const sources = globSync(["app/**/*.{ts,tsx}", "components/**/*.{ts,tsx}", "edge/**/*.ts"], { cwd: root })
  .filter((path) => !/\.test\.tsx?$/.test(path))
  .map((path) => readSource(join(root, path)));

/** Whole, or as a namespace and the rest within one file. */
function isUsed(key: string): boolean {
  const names = ({ literals, templates }: Source, text: string) =>
    literals.has(text) || templates.some((template) => template.test(text));
  const parts = key.split(".");
  return sources.some(
    (source) =>
      names(source, key) ||
      parts.some(
        (_, at) => at > 0 && names(source, parts.slice(0, at).join(".")) && names(source, parts.slice(at).join(".")),
      ),
  );
}

const namespaces = readdirSync(join(root, "messages"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && readdirSync(join(root, "messages", entry.name)).length > 0)
  .map((entry) => entry.name);

describe.each(namespaces)("messages/%s", (namespace) => {
  const catalogues = (SPOKEN[namespace] ?? LANGUAGES).map((language) => ({
    language,
    messages: read(namespace, language),
  }));
  const keys = [...new Set(catalogues.flatMap(({ messages }) => [...messages.keys()]))].sort();

  it("has every key in every language", () => {
    const missing = catalogues.flatMap(({ language, messages }) =>
      keys.filter((key) => !messages.has(key)).map((key) => `${language}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  it("gives every message the same arguments in every language", () => {
    const different = keys.filter(
      (key) => new Set(catalogues.map(({ messages }) => argumentsOf(messages.get(key) ?? "").join())).size > 1,
    );
    expect(different).toEqual([]);
  });

  it("has only messages that can be read and say something", () => {
    const broken = catalogues.flatMap(({ language, messages }) =>
      [...messages].flatMap(([key, text]) => {
        let fault = text.trim() ? "" : "empty";
        const translate = createTranslator({
          locale: language,
          messages: { one: text },
          onError: (error) => {
            // Arguments are not given here.
            if (error.code === "INVALID_MESSAGE") fault = error.message;
          },
        });
        translate("one");
        return fault ? [`${language}: ${key}: ${fault}`] : [];
      }),
    );
    expect(broken).toEqual([]);
  });

  it("leaves no English sentence in another language", () => {
    const english = read(namespace, "en");
    const untranslated = catalogues.flatMap(({ language, messages }) =>
      language === "en"
        ? []
        : [...messages]
            // Names and words alike in many languages stand alone; two plain words in a row are a sentence.
            .filter(([key, text]) => text === english.get(key) && /[a-z]{2,} [a-z]{2,}/.test(text))
            .map(([key]) => `${language}: ${key}`),
    );
    expect(untranslated).toEqual([]);
  });

  it("has the plural forms of its language", () => {
    const short = catalogues.flatMap(({ language, messages }) => {
      const needed = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
      return [...messages].flatMap(([key, text]) =>
        /\{\w+, plural,/.test(text)
          ? needed.filter((form) => !text.includes(`${form} {`)).map((form) => `${language}: ${key}: ${form}`)
          : [],
      );
    });
    expect(short).toEqual([]);
  });

  it("has no message that the code does not use", () => {
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });
});
