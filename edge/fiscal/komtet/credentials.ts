// What a person types to connect a shop of Komtet.Kassa (fiscal.md 5.1).

import { z } from "@hono/zod-openapi";

export type KomtetCredentials = { shopId: string; secretKey: string; queueId: string };

const field = (missing: string, bad: string, pattern: RegExp) =>
  z
    .string({ error: missing })
    .transform((text) => text.replace(/^[\s\u00a0\u200b\ufeff]+|[\s\u00a0\u200b\ufeff]+$/g, ""))
    .superRefine((text, context) => {
      if (text === "") context.addIssue({ code: "custom", message: missing });
      else if (!pattern.test(text)) context.addIssue({ code: "custom", message: bad });
    });

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const komtetCredentials: z.ZodType<KomtetCredentials> = z.object({
  shopId: field("shop_id_missing", "bad_shop_id_format", /^[\w-]{1,64}$/),
  secretKey: field("secret_key_missing", "bad_shop_key_format", /^[\x21-\x7e]{8,256}$/),
  queueId: field("queue_id_missing", "bad_queue_id_format", /^\d{1,12}$/),
});
