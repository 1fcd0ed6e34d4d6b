// Sign-in by better-auth: passwords, sessions, e-mail verification. The library owns its tables and cookies; the rest of
// the edge asks only who is signed in.

import { betterAuth } from "better-auth";
import { drizzleAdapter } from "better-auth/adapters/drizzle";
import * as schema from "../../db/schema/auth.ts";
import type { Context } from "../context.ts";

/** The library, built for one request around the request's own way to the database. */
export function makeAuth(context: Context) {
  const { env, db } = context;
  return betterAuth({
    baseURL: env.WEB_ORIGIN,
    basePath: "/api/auth",
    secret: env.AUTH_SECRET,
    trustedOrigins: [env.WEB_ORIGIN],
    database: drizzleAdapter(db, { provider: "pg", schema }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, autoSignIn: false },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: { enabled: false }, // the platform's limiter stands before it (http/sign-in.ts)
    telemetry: { enabled: false },
    advanced: { cookiePrefix: "plata", useSecureCookies: env.WEB_ORIGIN.startsWith("https:") },
    logger: { disabled: true },
  });
}

/** The person behind a request's session cookie, or null. */
export async function signedInUser(
  context: Context,
  headers: Headers,
): Promise<{ id: string; name: string; email: string } | null> {
  if (!headers.get("cookie")) return null;
  const found = await makeAuth(context).api.getSession({ headers });
  return found ? { id: found.user.id, name: found.user.name, email: found.user.email } : null;
}
