// What a person types to connect a PayKeeper cabinet: its own server, and a user of it (fiscal.md 8.1).

import { z } from "@hono/zod-openapi";

export type PaykeeperCredentials = { server: string; login: string; password: string };

const trimmed = (text: string) => text.replace(/^[\s\u00a0\u200b\ufeff]+|[\s\u00a0\u200b\ufeff]+$/g, "");

/** An address of the internet: https, a name with a domain, nothing of a private network, and no path. */
const server = z.string({ error: "server_missing" }).transform((pasted, context) => {
  const typed = trimmed(pasted).replace(/\/+$/, "");
  const code = typed === "" ? "server_missing" : isPublic(typed) ? null : "bad_server_format";
  if (code === null) return typed.startsWith("https://") ? typed.toLowerCase() : `https://${typed.toLowerCase()}`;
  context.addIssue({ code: "custom", message: code });
  return z.NEVER;
});

function isPublic(typed: string): boolean {
  const name = typed.replace(/^https:\/\//i, "");
  return /^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/i.test(name) && !/\.(local|internal|lan|home)$/i.test(name);
}

const text = (missing: string, pattern: RegExp, bad: string) =>
  z
    .string({ error: missing })
    .transform(trimmed)
    .superRefine((value, context) => {
      if (value === "") context.addIssue({ code: "custom", message: missing });
      else if (!pattern.test(value)) context.addIssue({ code: "custom", message: bad });
    });

/** Validates and normalises; the message of every issue is a stable code, on the path of its field. */
export const paykeeperCredentials: z.ZodType<PaykeeperCredentials> = z.object({
  server,
  // A colon would end the name in the header that both travel in.
  login: text("login_missing", /^[\x21-\x39\x3b-\x7e]{1,64}$/, "bad_login_format"),
  password: text("password_missing", /^[\x20-\x7e]{1,256}$/, "bad_password_format"),
});
