// The text that payer and fiscal receipt show for what is paid, made from the merchant's template with tags. Pure.

/** Tags that a template may hold, each as `{tag}`. */
export const DETAIL_TAGS = [
  "payer",
  "service",
  "beneficiary",
  "invoice",
  "amount",
  "date",
  "shop",
  "merchant",
] as const;
export type DetailTag = (typeof DETAIL_TAGS)[number];

/** What each tag stands for now; what is missing or blank drops out. */
export type DetailValues = Partial<Record<DetailTag, string | null>>;

/** What an empty template means: who pays, what for, and for whom. */
export const DEFAULT_DETAILS = "{payer} {service} {beneficiary}";

const TAG = /\{\s*([\p{L}\p{N}_-]+)\s*\}/gu;
const isTag = (name: string): name is DetailTag => (DETAIL_TAGS as readonly string[]).includes(name);

/** Tags of a template that nobody knows, as they are written, each once. */
export function unknownTags(template: string): string[] {
  const names = [...template.matchAll(TAG)].map(([, name = ""]) => name);
  return [...new Set(names.filter((name) => !isTag(name)))];
}

/**
 * The text for one payment: tags filled, what a missing part leaves behind (blanks, lone punctuation, empty brackets)
 * gone, at most `limit` characters, cut between words. An empty template, or one of which nothing remains, is the default.
 * A value is never read for tags again.
 * @param limit characters (code points), e.g. what the fiscal register prints; at least 1
 */
export function renderDetails(template: string | null, values: DetailValues, limit: number): string {
  const own = template?.trim() ? fill(template, values) : "";
  return cut(own || fill(DEFAULT_DETAILS, values), limit);
}

// Stands where a part is missing until the signs around it are put right; no text of people holds it.
const GAP = "\ufffc";
const SIGNS = "\\-,;:·/|–—";

function fill(template: string, values: DetailValues): string {
  const filled = template
    .replaceAll(GAP, "")
    .replace(TAG, (_, name: string) => {
      const value = isTag(name) ? values[name] : null;
      return value?.replaceAll(GAP, "").trim() || GAP;
    })
    .replace(/\s+/gu, " ");
  return (
    filled
      // Brackets and quotes around nothing go with it.
      .replace(new RegExp(`\\(\\s*${GAP}\\s*\\)|\\[\\s*${GAP}\\s*\\]|"\\s*${GAP}\\s*"|«\\s*${GAP}\\s*»`, "g"), GAP)
      // A sign that tied the missing part to its neighbour has nothing to tie.
      .replace(new RegExp(`(\\s*[${SIGNS}]+)?\\s*${GAP}(\\s*${GAP})*`, "g"), GAP)
      .replace(new RegExp(`^${GAP}\\s*[${SIGNS}.]*\\s*`), "")
      .replaceAll(GAP, " ")
      .replace(/\s+/gu, " ")
      .replace(/\s+([,;:.!?)\]»])/gu, "$1")
      .trim()
  );
}

function cut(text: string, limit: number): string {
  const signs = [...text];
  if (signs.length <= limit) return text;
  const head = signs.slice(0, limit);
  // The next sign may be the border itself; else back to the last one, unless one word fills it all.
  const border = signs[limit] === " " ? limit : head.lastIndexOf(" ");
  return (border > 0 ? head.slice(0, border) : head).join("").replace(new RegExp(`[\\s${SIGNS}(\\[«]+$`), "");
}
