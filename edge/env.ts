// Bindings and secrets, parsed once per request; a missing one stops the Worker with its name rather than turning a
// check off.

import type { Queue, RateLimit } from "@cloudflare/workers-types";
import { z } from "@hono/zod-openapi";

/** A message that wakes the outbox; the rows say what is due. */
export type Wake = { kind: "due" };

export type Bindings = {
  OUTBOX: Queue<Wake>;
  PAYER_LIMIT: RateLimit;
  IPN_LIMIT: RateLimit;
  SIGN_IN_LIMIT: RateLimit;
  CRM_LIMIT: RateLimit;
} & Record<string, unknown>;

const jsonOf = <T extends z.ZodType>(inner: T) =>
  z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: "custom", message: "is not JSON" });
        return z.NEVER;
      }
    })
    .pipe(inner);

const origin = z.url().transform((url) => url.replace(/\/+$/, ""));

const schema = z.object({
  ENVIRONMENT: z.enum(["production", "development"]),
  DATABASE_URL: z.string().min(1),
  NEON_LOCAL: z.string().optional(),
  /** "name:base64,…" of 32-byte keys; the first wraps new data keys, the others still open old ones. */
  KEY_ENCRYPTION_KEYS: z.string().regex(/^[a-z0-9-]+:[A-Za-z0-9+/]{43}=(,[a-z0-9-]+:[A-Za-z0-9+/]{43}=)*$/),
  AUTH_SECRET: z.string().min(32),
  WEB_ORIGIN: origin,
  EDGE_ORIGIN: origin,
  SMTP_URL: z.url(),
  MAIL_FROM: z.string().min(3),
  /** Where merchants write to; left out: the sender of our mails. */
  SUPPORT_EMAIL: z.email().optional(),
  /** Their name at Telegram, with or without the @, and a number to call; each optional. */
  SUPPORT_TELEGRAM: z
    .string()
    .regex(/^@?[A-Za-z][A-Za-z0-9_]{3,31}$/)
    .transform((name) => name.replace(/^@/, ""))
    .optional(),
  SUPPORT_PHONE: z
    .string()
    .regex(/^\+[\d ()-]{7,24}$/)
    .optional(),
  CLOCK_URL: z.url().optional(),
  PROCESSOR_HOSTS: jsonOf(z.record(z.string(), z.string())).optional(),
  /** The way to hosts under a root that no ordinary trust store has (relay/README.md); both or none. */
  RELAY_URL: origin.optional(),
  RELAY_KEY: z.string().min(32).optional(),
  /** What RetailCRM's marketplace signs one-click connections with; left out: keys are typed. */
  RETAILCRM_SECRET: z.string().min(16).optional(),
  PLATFORM_KEYS: jsonOf(z.record(z.string(), z.array(z.string()))).optional(),
});

export type Env = z.infer<typeof schema> &
  Pick<Bindings, "OUTBOX" | "PAYER_LIMIT" | "IPN_LIMIT" | "SIGN_IN_LIMIT" | "CRM_LIMIT">;

// The platform hands the same bindings to every request of an isolate: what was parsed once stays parsed.
const parsedBefore = new WeakMap<Bindings, Env>();

/** Parses the bindings, or throws an error that names the first bad one and never prints its value. */
export function parseEnv(bindings: Bindings): Env {
  const known = parsedBefore.get(bindings);
  if (known) return known;
  const env = parseAnew(bindings);
  parsedBefore.set(bindings, env);
  return env;
}

function parseAnew(bindings: Bindings): Env {
  const parsed = schema.safeParse(bindings);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new Error(`environment: ${issue?.path.join(".") ?? "?"} ${issue?.message ?? "is wrong"}`);
  }
  const env = parsed.data;
  if (env.ENVIRONMENT === "production" && (env.CLOCK_URL || env.PROCESSOR_HOSTS || env.NEON_LOCAL)) {
    throw new Error("environment: CLOCK_URL, PROCESSOR_HOSTS and NEON_LOCAL are for development only");
  }
  if ((env.RELAY_URL === undefined) !== (env.RELAY_KEY === undefined)) {
    throw new Error("environment: RELAY_URL and RELAY_KEY are set both or none");
  }
  if (env.ENVIRONMENT === "production" && env.RELAY_URL && !env.RELAY_URL.startsWith("https://")) {
    throw new Error("environment: RELAY_URL is not https");
  }
  const { OUTBOX, PAYER_LIMIT, IPN_LIMIT, SIGN_IN_LIMIT, CRM_LIMIT } = bindings;
  return { ...env, OUTBOX, PAYER_LIMIT, IPN_LIMIT, SIGN_IN_LIMIT, CRM_LIMIT };
}
