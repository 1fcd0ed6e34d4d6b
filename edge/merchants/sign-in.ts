// Sign-in by better-auth: passwords, sessions, e-mail verification. The library owns its tables and cookies; the rest of
// the edge asks only who is signed in.

import { drizzleAdapter } from "better-auth/adapters/drizzle";
import { betterAuth } from "better-auth/minimal";
import * as schema from "../../db/schema/auth.ts";
import type { Context } from "../context.ts";

/** The library, built for one request around the request's own way to the database. */
export function makeAuth(context: Context) {
  const { env, db } = context;
  const isSecure = env.WEB_ORIGIN.startsWith("https:");
  return betterAuth({
    baseURL: env.WEB_ORIGIN,
    basePath: "/api/auth",
    secret: env.AUTH_SECRET,
    trustedOrigins: [env.WEB_ORIGIN],
    database: drizzleAdapter(db, { provider: "pg", schema }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 12, autoSignIn: false },
    session: { expiresIn: 7 * 24 * 3600, updateAge: 24 * 3600 },
    rateLimit: { enabled: false }, // the platform's limiter stands before it (http/app.ts)
    telemetry: { enabled: false },
    advanced: {
      // A cookie named __Host- is taken by browsers only from this very host, over https, for the whole site. The
      // library's own switch would name it __Secure-, which a neighbouring subdomain could overwrite.
      cookiePrefix: isSecure ? "__Host-plata" : "plata",
      useSecureCookies: false,
      defaultCookieAttributes: { secure: isSecure, httpOnly: true, sameSite: "lax", path: "/" },
    },
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
