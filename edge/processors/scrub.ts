// Hides secrets and card numbers before anything reaches a log or a screen, in objects and in text.

/** Names of body fields and headers to hide, as a descriptor lists them; compared without regard to case. */
export type ScrubNames = { fields: string[]; headers: string[] };

const HIDDEN = "[hidden]";
const DEEPEST = 32;

/**
 * A copy of a value that may be shown. Named fields and headers lose their values at any depth, in objects and in text
 * (JSON, form, XML and header lines); everywhere a card number keeps its first six and last four digits, and PEM
 * blocks, tokens and long base64 become a note of what stood there. Bytes are shown as their length only.
 */
export function scrub(value: unknown, names: ScrubNames): unknown {
  const hide = new Set([...names.fields, ...names.headers].map((name) => name.toLowerCase()));
  const inText = textRules([...hide]);
  return walk(value, hide, inText, new Set(), 0);
}

/** The same for text, which stays text. */
export function scrubText(text: string, names: ScrubNames): string {
  return String(scrub(text, names));
}

type TextRule = (text: string) => string;

function walk(value: unknown, hide: Set<string>, inText: TextRule, above: Set<object>, depth: number): unknown {
  if (typeof value === "string") {
    const json = depth < DEEPEST ? parsedJson(value) : undefined;
    // JSON inside text is scrubbed by structure, so that a named object goes whole.
    return json === undefined ? inText(value) : JSON.stringify(walk(json, hide, inText, above, depth + 1));
  }
  if (typeof value === "number" || typeof value === "bigint") {
    const text = value.toString();
    const clean = hideCards(text);
    return clean === text ? value : clean;
  }
  if (typeof value !== "object" || value === null) return typeof value === "function" ? "[function]" : value;
  if (above.has(value)) return "[circular]";
  if (depth >= DEEPEST) return "[too deep]";
  if (value instanceof Date) return value;
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  const inside = new Set(above).add(value);
  const next = (inner: unknown) => walk(inner, hide, inText, inside, depth + 1);
  if (Array.isArray(value)) return value.map(next);
  if (value instanceof Set) return [...value].map(next);
  const entries: Iterable<[unknown, unknown]> =
    value instanceof Map || value instanceof Headers || value instanceof URLSearchParams
      ? value.entries()
      : value instanceof Error
        ? Object.entries({ name: value.name, message: value.message, cause: value.cause })
        : Object.entries(value);
  const copy: Record<string, unknown> = {};
  for (const [key, inner] of entries) {
    const name = String(key);
    const shown = hide.has(name.toLowerCase()) ? (inner === undefined || inner === null ? inner : HIDDEN) : next(inner);
    // defineProperty, not assignment: a field named __proto__ is data like any other.
    Object.defineProperty(copy, inText(name), { value: shown, enumerable: true, configurable: true, writable: true });
  }
  return copy;
}

function parsedJson(text: string): object | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function textRules(names: string[]): TextRule {
  const any = names
    .filter((name) => name !== "")
    .map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  const named: [RegExp, string][] = any
    ? [
        [
          new RegExp(`("(?:${any})"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"?|-?[\\d.eE+-]+|true|false)`, "gi"),
          `$1"${HIDDEN}"`,
        ],
        [new RegExp(`(<(${any})(?:\\s[^>]*)?>)[\\s\\S]*?(</\\2>|$)`, "gi"), `$1${HIDDEN}$3`],
        [new RegExp(`((?:^|[?&\\s;,])(?:${any})=)[^&\\s;,]+`, "gi"), `$1${HIDDEN}`],
        [new RegExp(`(^\\s*(?:${any})\\s*:\\s*)[^\\r\\n"{[]+`, "gim"), `$1${HIDDEN}`],
      ]
    : [];
  return (text) => {
    let clean = text;
    clean = clean.replace(
      /-----BEGIN ([A-Z0-9 ]{1,40})-----[\s\S]*?(?:-----END [A-Z0-9 ]{1,40}-----|$)/g,
      (_, label: string) => `[PEM ${label}]`,
    );
    for (const [pattern, replacement] of named) clean = clean.replace(pattern, replacement);
    clean = clean.replace(/\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)*/g, "[token]");
    clean = clean.replace(/[A-Za-z0-9+/_-]{60,}={0,2}/g, (run) =>
      looksRandom(run) ? `[base64, ${run.length} characters]` : run,
    );
    return hideCards(clean);
  };
}

/** Paths and sentences without spaces are long too; sealed bytes mix letters of both cases with digits. */
function looksRandom(run: string): boolean {
  return (
    /\d/.test(run) && /[A-Za-z]/.test(run) && (/^[0-9a-f]+$/i.test(run) || (/[a-z]/.test(run) && /[A-Z]/.test(run)))
  );
}

function hideCards(text: string): string {
  return text.replace(/(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g, (run) => {
    const digits = run.replace(/\D/g, "");
    return luhn(digits) ? `${digits.slice(0, 6)}******${digits.slice(-4)}` : run;
  });
}

function luhn(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const doubled = index % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
