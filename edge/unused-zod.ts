// Stands in the edge Worker's bundle for parts of the validator that nobody here calls (wrangler.toml): its messages in
// seventy languages, which no screen shows, its compiler, which needs a runtime that makes code from text, and its reader of
// JSON Schema. Whoever calls one of them learns it at once.

const unused = (): never => {
  throw new Error("left out of the bundle: see edge/unused-zod.ts");
};
export const fromJSONSchema = unused;
export const compile = unused;
export const withParser = unused;
export const INVALID: unique symbol = Symbol("unused");
export class ZodCompileAsyncError extends Error {}
export class ZodCompileUnsupportedError extends Error {}
