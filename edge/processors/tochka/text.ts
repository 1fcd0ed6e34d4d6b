// Texts that a payer or a register reads, brought to the bank's limits (tochka-sbp.md 4, 6.1, 15).

const LONGEST_PURPOSE = 140;
/** 256 at the bank, 128 at its register partners. */
const LONGEST_ITEM = 128;

/** What a payment is for, 1 to 140 characters. */
export function purposeOf(description: string): string {
  return oneLine(description, LONGEST_PURPOSE) || "Оплата";
}

/** What a line of a receipt is called, 1 to 128 characters, with an ending that is never cut off. */
export function itemName(name: string, ending = ""): string {
  return (oneLine(name, LONGEST_ITEM - ending.length) || "Оплата") + ending;
}

/** One line without control characters and halves of characters; long dashes become hyphens, which they take. */
export function oneLine(text: string, length: number): string {
  const line = text
    .toWellFormed()
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/[\p{Cc}\uFFFD\s]+/gu, " ")
    .trim();
  const characters = [...line];
  return characters.length <= length
    ? line
    : `${characters
        .slice(0, length - 1)
        .join("")
        .trimEnd()}…`;
}
