// Refusals: never signed, with a code that is partly documented.
import type { Options } from "./state.ts";

export type Fields = { params?: Record<string, string>; data?: Record<string, string>; [field: string]: unknown };

/** A refusal of the API. */
export class Refusal extends Error {
  readonly code: string;
  readonly fields: Fields | undefined;
  constructor(code: string, message: string, fields?: Fields) {
    super(message);
    this.code = code;
    this.fields = fields;
  }
}

/** FORMAT_ERROR that names fields. */
export const badFormat = (fields: Fields): Refusal => new Refusal("FORMAT_ERROR", "Request format is wrong", fields);

/** What the state of a payment does not allow. */
export const notAllowed = (why: string): Refusal => new Refusal("NOT_ALLOWED", why);

/** Something that is not there, or is a stranger's. */
export const notFound = (what: string): Refusal => new Refusal("NOT_FOUND", `${what} is not found`);

/** An unknown or ended session, in the words that the shop's options choose. */
export function noSession(options: Options): Refusal {
  const where = options.sessionErrorIn;
  if (where === "code") return new Refusal("SESSION_NOT_FOUND", "Not found");
  if (where === "fields") return badFormat({ params: { sessionId: "NOT_FOUND" } });
  return new Refusal("NOT_ALLOWED", "Session is not found or has expired");
}

/** Body of a refusal. */
export const refusalBody = (error: Refusal): object => ({
  status: 0,
  error: { code: error.code, message: error.message, ...(error.fields ? { fields: error.fields } : {}) },
});
