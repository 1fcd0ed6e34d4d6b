// Structured logs through one scrubber: ids, never bodies, never secrets, never a link's token.

const HIDDEN =
  /(secret|password|token|authorization|cookie|privatekey|private_key|certificate|apikey|api_key|credentials|env_key|sealed|body)/i;
const PATTERNS: [RegExp, string][] = [
  [/-----BEGIN[\s\S]*?-----END[^-]*-----/g, "[pem]"],
  [/\/i\/[A-Za-z0-9_-]{16,}/g, "/i/[token]"],
  [/\/oauth\/open\/[A-Za-z0-9_-]{16,}/g, "/oauth/open/[token]"],
  [/(\/ipn\/[^/\s]+\/[^/\s]+)\/[A-Za-z0-9_-]+/g, "$1/[secret]"],
  [/\/receipts\/(?!rct_)[A-Za-z0-9_-]{16,}/g, "/receipts/[secret]"],
  [/\b(sk|rk)_(live|test)_[A-Za-z0-9_-]+/g, "[api key]"],
  [/\b\d(?:[ -]?\d){12,18}\b/g, "[number]"],
  [/[A-Za-z0-9+/_-]{80,}={0,2}/g, "[long]"],
  [/[^\s"'<>@]+@[^\s"'<>@]+\.[^\s"'<>@]+/g, "[e-mail]"],
  [/\bpostgres(ql)?:\/\/\S+/g, "[database]"],
];

/** Text as it may stand in a log. */
export function scrubText(text: string): string {
  return PATTERNS.reduce((clean, [pattern, word]) => clean.replace(pattern, word), text);
}

function scrubValue(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return scrubText(value).slice(0, 500);
  if (value instanceof Error) {
    const { query, cause } = value as Error & { query?: unknown };
    if (typeof query === "string") {
      // A query builder's message ends with every value of the statement; the statement itself holds only places.
      const { code, constraint } = (cause ?? {}) as { code?: unknown; constraint?: unknown };
      return { name: "QueryFailed", code, constraint, query: query.replace(/\s+/g, " ").slice(0, 200) };
    }
    return {
      name: value.name,
      message: scrubText(value.message).slice(0, 300),
      at: scrubText(value.stack?.split("\n")[1]?.trim() ?? ""),
    };
  }
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return depth > 3 ? "[deep]" : value.slice(0, 20).map((item) => scrubValue(item, depth + 1));
  if (value && typeof value === "object") {
    if (depth > 3) return "[deep]";
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, HIDDEN.test(key) ? "[hidden]" : scrubValue(inner, depth + 1)]),
    );
  }
  return value;
}

/** One line of JSON. */
export function log(level: "info" | "warn" | "error", message: string, fields: Record<string, unknown> = {}): void {
  console[level](JSON.stringify({ level, message, ...(scrubValue(fields) as Record<string, unknown>) }));
}
