// What a person types to connect Revolut, checked and brought to one shape (revolut.md 2, 8.4).

import { z } from "@hono/zod-openapi";

export type RevolutCredentials = { secretKey: string; publicKey?: string; webhookSecrets: string[] };

const MOST_SECRETS = 20; // ten registrations, each with its old secret while it is replaced (8.1)

const secretKey = z.string({ error: "secret_key_missing" }).transform((pasted, context) => {
  const value = clean(pasted);
  if (value === "") return refuse(context, "secret_key_missing");
  if (value.startsWith("pk_")) return refuse(context, "secret_key_is_the_public_key");
  if (value.startsWith("wsk_")) return refuse(context, "secret_key_is_a_webhook_secret");
  return isKey(value, "sk_") ? value : refuse(context, "bad_secret_key_format");
});

const publicKey = z
  .string({ error: "bad_public_key_format" })
  .optional()
  .transform((pasted, context) => {
    const value = clean(pasted ?? "");
    if (value === "") return undefined;
    // Shown again on screens, so a secret must not get in here.
    if (/^w?sk_/.test(value)) return refuse(context, "public_key_is_a_secret");
    return isKey(value, "pk_") ? value : refuse(context, "bad_public_key_format");
  });

/** An array, or text with commas, blanks or new lines between: while secrets rotate there are several (8.4). */
const webhookSecrets = z
  .union([z.string(), z.array(z.string())], { error: "bad_webhook_secret_format" })
  .optional()
  .transform((pasted, context) => {
    const texts = typeof pasted === "string" ? [pasted] : (pasted ?? []);
    const values = texts.flatMap((text) => text.split(/[\s,;]+/).map(clean)).filter((value) => value !== "");
    const distinct = [...new Set(values)];
    if (distinct.some((value) => /^[sp]k_/.test(value))) return refuse(context, "webhook_secret_is_a_key");
    if (!distinct.every((value) => isKey(value, "wsk_"))) return refuse(context, "bad_webhook_secret_format");
    return distinct.length > MOST_SECRETS ? refuse(context, "too_many_webhook_secrets") : distinct;
  });

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const revolutCredentials: z.ZodType<RevolutCredentials> = z
  .object({ secretKey, publicKey, webhookSecrets })
  .transform((value) => ({
    secretKey: value.secretKey,
    ...(value.publicKey === undefined ? {} : { publicKey: value.publicKey }),
    webhookSecrets: value.webhookSecrets,
  }));

function clean(pasted: string): string {
  return pasted.replace(/[\s\u00a0\u200b\ufeff]/g, "");
}

/** The prefixes are documented, lengths are not: whatever can stand in a header is taken. */
function isKey(value: string, prefix: string): boolean {
  return value.startsWith(prefix) && /^[\x21-\x7e]{8,512}$/.test(value);
}

function refuse(context: z.RefinementCtx, code: string): never {
  context.addIssue({ code: "custom", message: code });
  return z.NEVER;
}
