// What a person types to connect a UAPAY shop, checked and brought to one shape (uapay.md 2).

import { z } from "@hono/zod-openapi";

export type UapayCredentials = { shopId: string; secretKey: string };

const shopId = z.string({ error: "shop_id_missing" }).transform((pasted, context) => {
  const value = trimmed(pasted);
  if (value === "") return refuse(context, "shop_id_missing");
  return /^\d{1,20}$/.test(value) ? value : refuse(context, "bad_shop_id_format");
});

/** The key is text, whatever it looks like: only white space around it is taken away, and nothing is decoded. */
const secretKey = z.string({ error: "secret_key_missing" }).transform((pasted, context) => {
  const value = trimmed(pasted);
  if (value === "") return refuse(context, "secret_key_missing");
  return /^[\x21-\x7e]{8,512}$/.test(value) ? value : refuse(context, "bad_shop_key_format");
});

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const uapayCredentials: z.ZodType<UapayCredentials> = z.object({ shopId, secretKey });

function trimmed(pasted: string): string {
  return pasted.replace(/^[\s\u00a0\u200b\ufeff]+|[\s\u00a0\u200b\ufeff]+$/g, "");
}

function refuse(context: z.RefinementCtx, code: string): never {
  context.addIssue({ code: "custom", message: code });
  return z.NEVER;
}
