// Which addresses a processor has in an environment, after replacements, and where a payer may be led to.

import type { Descriptor, Environment } from "./contract.ts";

/** From an origin or base of a descriptor to what stands in for it (a simulator, a fixed-IP proxy). */
export type HostOverrides = Record<string, string>;

export type ResolvedHosts = {
  /** Base address by the descriptor's host name, without a trailing slash. */
  hosts: Record<string, string>;
  /** What a caller for this environment may be allowed; see `makeCaller`. */
  allowedOrigins: string[];
  /** Whether a payer may be led to this address. */
  mayLeadTo(url: string): boolean;
};

type HostsOf = Pick<Descriptor<unknown>, "hosts" | "payerHosts">;

/**
 * Resolves a descriptor's hosts for one environment. Throws when an override would bring a live host into "test":
 * that is a configuration nobody may run with, not an outcome to handle.
 */
export function resolveHosts(
  descriptor: HostsOf,
  environment: Environment,
  overrides: HostOverrides = {},
): ResolvedHosts {
  const hosts: Record<string, string> = {};
  const replacedOrigins = new Set<string>();
  for (const [name, bases] of Object.entries(descriptor.hosts)) {
    const original = withoutSlash(bases[environment]);
    const replaced = replace(original, overrides);
    if (replaced !== original) replacedOrigins.add(new URL(replaced).origin);
    hosts[name] = replaced;
  }
  const forbidden = environment === "test" ? liveHostNames(descriptor) : new Set<string>();
  for (const base of Object.values(hosts)) {
    const { hostname } = new URL(base);
    if (forbidden.has(hostname)) throw new RangeError(`a live host in the test environment: ${hostname}`);
  }
  const patterns = descriptor.payerHosts[environment];
  return {
    hosts,
    allowedOrigins: [...new Set(Object.values(hosts))],
    mayLeadTo(address) {
      let url: URL;
      try {
        url = new URL(address);
      } catch {
        return false;
      }
      if (url.username || url.password || forbidden.has(url.hostname)) return false;
      if (replacedOrigins.has(url.origin)) return true;
      return url.protocol === "https:" && url.port === "" && patterns.some((pattern) => matches(url.hostname, pattern));
    },
  };
}

/** Host names that belong to live only: a processor may serve both environments from one host. */
function liveHostNames(descriptor: HostsOf): Set<string> {
  const names = (environment: Environment) =>
    Object.values(descriptor.hosts).map((bases) => new URL(bases[environment]).hostname);
  const live = new Set([
    ...names("live"),
    ...descriptor.payerHosts.live.filter((pattern) => !pattern.startsWith("*.")),
  ]);
  for (const name of names("test")) live.delete(name);
  for (const name of descriptor.payerHosts.test) live.delete(name);
  return live;
}

function replace(base: string, overrides: HostOverrides): string {
  let best: string | null = null;
  for (const key of Object.keys(overrides)) {
    const from = withoutSlash(key);
    const applies = base === from || base.startsWith(`${from}/`);
    if (applies && (best === null || from.length > withoutSlash(best).length)) best = key;
  }
  const target = best === null ? undefined : overrides[best];
  if (best === null || target === undefined) return base;
  return withoutSlash(target) + base.slice(withoutSlash(best).length);
}

function matches(hostname: string, pattern: string): boolean {
  if (pattern.startsWith("*.")) return hostname.endsWith(pattern.slice(1)) && hostname.length > pattern.length - 1;
  return hostname === pattern;
}

function withoutSlash(address: string): string {
  return address.replace(/\/+$/, "");
}
