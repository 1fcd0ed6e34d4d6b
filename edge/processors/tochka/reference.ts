// Our form of their ids: it says which rail a payment went, so that every later call knows whom to ask (tochka-sbp.md 1).

/** `link`: an operation of a payment link. `qr`: a code of SBP. */
export type Reference = { rail: "link" | "qr"; id: string };

/** `link/<operationId>` or `qr/<qrcId>`. */
export function toReference({ rail, id }: Reference): string {
  return `${rail}/${id}`;
}

/** What stands in a reference of ours; null for any other text, and for an id that could not stand in an address. */
export function readReference(text: string | undefined): Reference | null {
  const [, rail, id] = /^(link|qr)\/([A-Za-z0-9-]{1,64})$/.exec(text ?? "") ?? [];
  return id === undefined ? null : { rail: rail === "qr" ? "qr" : "link", id };
}

/** Whether a text of theirs can be an id of ours to them: it stands in addresses. */
export function isTheirId(text: string | undefined): text is string {
  return text !== undefined && /^[A-Za-z0-9-]{1,64}$/.test(text);
}
