// The test cards, and what each reason code means in the words of either protocol.

export type TestCard = { pan: string; label: string; code: string; secure3d?: boolean };

/** The published sandbox cards; security code 111, any future date. */
export const testCards: readonly TestCard[] = [
  { pan: "9900004810225098", label: "Approved", code: "0" },
  { pan: "9900009184214768", label: "Approved after 3-D Secure", code: "0", secure3d: true },
  { pan: "9900541631437790", label: "Card expired", code: "19" },
  { pan: "9900518572831942", label: "Insufficient funds", code: "20" },
  { pan: "9900827979991500", label: "Wrong security code", code: "21" },
  { pan: "9900005786662552", label: "Refused by antifraud", code: "36" },
  { pan: "9900576270414197", label: "Not permitted to cardholder", code: "34" },
  { pan: "9900334791085173", label: "High risk card", code: "16" },
  { pan: "9900130597497640", label: "Issuer cannot be reached", code: "22" },
];

type Reason = { romanian: string; english: string };

/** Texts by code. 35 is a single space in v1: that is what real notifications carried. */
const reasons: Record<string, Reason> = {
  "0": { romanian: "Tranzactia aprobata", english: "Approved" },
  "16": { romanian: "Cardul prezinta un risc (de exemplu card furat)", english: "Card has a risk (i.e. stolen card)" },
  "17": { romanian: "Numar de card gresit", english: "Invalid card number" },
  "18": { romanian: "Card inchis", english: "Closed card" },
  "19": { romanian: "Card expirat", english: "Expired card" },
  "20": { romanian: "Fonduri insuficiente", english: "Insufficient funds" },
  "21": { romanian: "Cod CVV2 gresit", english: "Invalid CVV" },
  "22": { romanian: "Banca emitenta nu este disponibila", english: "Issuer unavailable" },
  "26": { romanian: "Limita depasita", english: "Limit exceeded" },
  "32": { romanian: "Suma gresita", english: "Invalid amount" },
  "33": { romanian: "Moneda gresita", english: "Invalid currency" },
  "34": { romanian: "Tranzactie nepermisa detinatorului cardului", english: "Transaction not permitted to cardholder" },
  "35": { romanian: " ", english: "Transaction declined" },
  "36": {
    romanian: "Tranzactie respinsa de filtrele antifrauda",
    english: "Transaction rejected by antifraud filters",
  },
  "37": { romanian: "Tranzactie respinsa (incalcarea legii)", english: "Transaction declined (breaking the law)" },
  "38": { romanian: "Este necesara autentificarea 3-D", english: "3-D authentication required" },
  "39": { romanian: "Autentificarea 3-D a esuat", english: "3DS authentication failed" },
  "48": { romanian: "Cerere invalida", english: "Invalid request" },
  "54": { romanian: "Suma creditata depaseste suma autorizata", english: "Invalid Credit amount" },
  "55": { romanian: "Suma depaseste preautorizarea", english: "Invalid Capture amount" },
  "56": { romanian: "Cerere duplicat, comanda deja finalizata", english: "Order closed" },
  "99": { romanian: "Eroare generica", english: "Generic error" },
};

/** The text that goes with a code; unknown codes have the generic one. */
export function messageFor(code: string, language: keyof Reason): string {
  return (reasons[code] ?? reasons["99"] ?? { romanian: "", english: "" })[language];
}

/** First digit and last four, as real notifications show it (the documentation promises first six). */
export function maskPan(pan: string): string {
  return `${pan.slice(0, 1)}****${pan.slice(-4)}`;
}

/** The check digit rule of card numbers. */
export function passesLuhn(pan: string): boolean {
  const sum = [...pan].reverse().reduce((total, digit, i) => {
    const value = Number(digit) * (i % 2 === 1 ? 2 : 1);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}
