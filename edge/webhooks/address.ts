// Which addresses a partner may be told at: public https names only, so that the house cannot be made to call itself or
// what lies behind somebody's wall.

/** Why an address is refused, by code. */
export type AddressFault =
  | "not_a_url"
  | "not_https"
  | "has_credentials"
  | "address_literal"
  | "private_name"
  | "port_not_allowed";

const PRIVATE_SUFFIXES = [
  ".localhost",
  ".local",
  ".internal",
  ".intranet",
  ".lan",
  ".home",
  ".corp",
  ".home.arpa",
  ".test",
  ".invalid",
  ".example",
  ".onion",
];
const PORTS = new Set(["", "443", "8443"]);

/**
 * Checks an address. The platform hides what a name resolves to, so literals and private names are refused here, and
 * redirects are never followed (deliver.ts).
 * @param mayBeLocal development only: lets http://localhost through, where the sandbox's partner listens
 */
export function addressFault(address: string, mayBeLocal: boolean): AddressFault | null {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return "not_a_url";
  }
  const host = url.hostname.toLowerCase().replace(/\.$/, "");
  if (mayBeLocal && url.protocol === "http:" && host === "localhost") return null;
  if (url.protocol !== "https:") return "not_https";
  if (url.username || url.password) return "has_credentials";
  // The URL parser has brought 0x7f.1, 2130706433 and the like to dotted form already.
  if (host.startsWith("[") || /^[\d.]+$/.test(host)) return "address_literal";
  if (!host.includes(".") || PRIVATE_SUFFIXES.some((suffix) => host.endsWith(suffix))) return "private_name";
  if (!PORTS.has(url.port)) return "port_not_allowed";
  return null;
}
