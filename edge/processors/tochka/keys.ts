// The bank's public key for webhooks: pinned, because who cannot reach the bank cannot fetch it either (tochka-sbp.md 2.1, 8.3).

import { createPublicKey, type KeyObject } from "node:crypto";

/** As the bank publishes it, bare. All samples of its guide check against it; the guide's Java sample shows another, stale one. */
export const TOCHKA_PLATFORM_KEY = JSON.stringify({
  kty: "RSA",
  e: "AQAB",
  n: "rwm77av7GIttq-JF1itEgLCGEZW_zz16RlUQVYlLbJtyRSu61fCec_rroP6PxjXU2uLzUOaGaLgAPeUZAJrGuVp9nryKgbZceHckdHDYgJd9TsdJ1MYUsXaOb9joN9vmsCscBx1lwSlFQyNQsHUsrjuDk-opf6RCuazRQ9gkoDCX70HV8WBMFoVm-YWQKJHZEaIQxg_DU4gMFyKRkDGKsYKA0POL-UgWA1qkg6nHY5BOMKaqxbc5ky87muWB5nNk4mfmsckyFv9j1gBiXLKekA_y4UwG2o1pbOLpJS3bP_c95rm4M9ZBmGXqfOQhbjz8z-s9C11i-jmOQ2ByohS-ST3E5sqBzIsxxrxyQDTw--bZNhzpbciyYW4GfkkqyeYoOPd_84jPTBDKQXssvj8ZOj2XboS77tvEO1n1WlwUzh8HPCJod5_fEgSXuozpJtOggXBv0C2ps7yXlDZf-7Jar0UYc_NJEHJF-xShlqd6Q3sVL02PhSCM-ibn9DN9BKmD",
});

/** Keys to accept, several while one is replaced; those that cannot be read are left out. None given means the pinned one. */
export function trustedKeys(texts: string[]): KeyObject[] {
  const given = texts.filter((text) => text.trim() !== "");
  return (given.length === 0 ? [TOCHKA_PLATFORM_KEY] : given).flatMap((text) => {
    try {
      const key = text.trim().startsWith("{")
        ? createPublicKey({ key: JSON.parse(text), format: "jwk" })
        : createPublicKey(text);
      return key.asymmetricKeyType === "rsa" ? [key] : [];
    } catch {
      return [];
    }
  });
}
