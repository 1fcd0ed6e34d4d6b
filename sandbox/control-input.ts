// Reads the input of control routes from JSON or from the panel's plain forms, and answers in kind.
import type { Context } from "hono";
import type { z } from "zod";
import { html, htmlResponse, page } from "./html.ts";

/** Input that is refused; names the field. */
export class ControlError extends Error {
  readonly status: 400 | 404 | 409;
  readonly field: string;
  readonly code: string;
  constructor(status: 400 | 404 | 409, field: string, message: string, code = "invalid") {
    super(message);
    this.status = status;
    this.field = field;
    this.code = code;
  }
}

const isForm = (c: Context): boolean =>
  (c.req.header("content-type") ?? "").startsWith("application/x-www-form-urlencoded");

/** Form fields as an object: empty ones are left out, `a.b` is nested, true and false are booleans. */
function formObject(text: string): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(text)) {
    if (value === "" || name === "back") continue;
    const read = value === "true" ? true : value === "false" ? false : value;
    const [outer, inner] = name.split(".", 2);
    if (outer && inner) {
      const nested = (object[outer] ?? {}) as Record<string, unknown>;
      object[outer] = { ...nested, [inner]: read };
    } else {
      object[name] = read;
    }
  }
  return object;
}

/** The checked input of a request. */
export async function readInput<T extends z.ZodType>(c: Context, schema: T): Promise<z.infer<T>> {
  const text = await c.req.text();
  let raw: unknown;
  if (isForm(c)) {
    raw = formObject(text);
  } else {
    try {
      raw = text.trim() === "" ? {} : JSON.parse(text);
    } catch {
      throw new ControlError(400, "body", "is not JSON");
    }
  }
  const read = schema.safeParse(raw);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  throw new ControlError(400, [...(issue?.path ?? []), ...(unknown ? [unknown] : [])].join("."), issue?.message ?? "");
}

/** JSON for programs; after a form, back to the panel. */
export function answer(c: Context, data: object, status: 200 | 201 = 200, back = "/netopia"): Response {
  return isForm(c) ? c.redirect(back, 303) : c.json(data, status);
}

/** A refusal, as JSON that names the field or as a page. */
export function refusal(c: Context, error: ControlError): Response {
  if (!isForm(c)) {
    return c.json({ error: { code: error.code, field: error.field, message: error.message } }, error.status);
  }
  const body = html`<h1>That did not work</h1><p class="box bad">${error.field}: ${error.message}</p><p><a href="/netopia">Back</a></p>`;
  return htmlResponse(page({ title: "That did not work", nav: true, body }), error.status);
}
