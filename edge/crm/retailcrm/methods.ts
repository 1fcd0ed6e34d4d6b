// What our key must be allowed in the CRM: the one list that the form shows, the check compares with and the guide names
// (retailcrm.md 1, "API key").

/** Methods as the CRM lists them; without one of these the module cannot work. */
export const REQUIRED_METHODS = [
  "/api/integration-modules/{code}",
  "/api/integration-modules/{code}/edit",
  "/api/payment/(updateInvoice|check)",
] as const;

/** Asked for nothing but to warn early: the account's default currency, language and time zone. */
export const USEFUL_METHODS = ["/api/settings"] as const;

/** Scopes of the one-click connection that stand for the same. */
export const SCOPES = ["integration_read", "integration_write", "payments_read", "payments_write"] as const;

/** `/api/v5/payment/(updateInvoice|check)` as `/api/payment/update-invoice` and `/api/payment/check`. */
function expand(pattern: string): string[] {
  const path = pattern.trim().replace(/^\/api\/v\d+\//, "/api/");
  const [, before = "", choice, after = ""] = /^([^(]*)\(([^)]*)\)(.*)$/.exec(path) ?? [];
  const paths = choice === undefined ? [path] : choice.split("|").map((word) => before + word + after);
  return paths.map((one) => one.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
}

/** The needed methods that a key lacks, named as the CRM names them. */
export function missingMethods(allowed: readonly string[], needed: readonly string[] = REQUIRED_METHODS): string[] {
  const known = new Set(allowed.flatMap(expand));
  return needed.filter((pattern) => !expand(pattern).every((path) => known.has(path)));
}
