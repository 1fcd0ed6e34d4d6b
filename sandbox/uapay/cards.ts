// The sandbox's own test cards (the real table was not readable) and the bank's codes.

export type CardEnd = { end: "paid" } | { end: "confirm"; how: "3DS" | "LOOKUP" } | { end: "declined"; code: string };
export type TestCard = { pan: string; label: string } & CardEnd;

export const goodPan = "4111111111111111";

export const testCards: readonly TestCard[] = [
  { pan: goodPan, label: "Оплата проходить", end: "paid" },
  { pan: "5555555555554444", label: "3-D Secure", end: "confirm", how: "3DS" },
  { pan: "4012888888881881", label: "LOOKUP-код", end: "confirm", how: "LOOKUP" },
  { pan: "4000000000000002", label: "Відмова банку (05)", end: "declined", code: "05" },
  { pan: "4000000000009995", label: "Недостатньо коштів (51)", end: "declined", code: "51" },
  { pan: "4000000000000069", label: "Картку прострочено (54)", end: "declined", code: "54" },
];

/** Codes of the bank that the page offers; any two digits can be had by the control API. */
export const bankCodes = [
  "01",
  "02",
  "03",
  "04",
  "05",
  "06",
  "07",
  "08",
  "09",
  "10",
  "12",
  "13",
  "14",
  "15",
  "17",
  "18",
  "19",
  "20",
  "33",
  "34",
  "41",
  "43",
  "51",
  "54",
  "55",
  "57",
  "58",
  "59",
  "61",
  "62",
  "65",
  "68",
  "75",
  "82",
  "91",
  "96",
] as const;

/** First six and last four digits, joined as in the documentation's samples. */
export const maskedPan = (pan: string): string => `${pan.slice(0, 6)}${pan.slice(-4)}`;

/** What a card does: the table's word, "14" (no such card) for every other number. */
export const endOf = (pan: string): CardEnd =>
  testCards.find((card) => card.pan === pan) ?? { end: "declined", code: "14" };
