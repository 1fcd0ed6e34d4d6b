// Where the relay may call, and whom it trusts there: read once, from one file.
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { rootCertificates } from "node:tls";

/** One entry of the file, by host name with its port unless that is 443. */
type Entry = {
  /** Beginnings of paths that may be called. */
  paths: string[];
  /** PEM file of one more root, trusted for this host alone; beside the file of hosts unless absolute. */
  ca?: string;
  /** SHA-256 of that root, as colon-separated hex: another file in its place stops the relay. */
  fingerprint256?: string;
};

export type Host = { paths: string[]; ca: string[] };
export type Hosts = ReadonlyMap<string, Host>;

/** Reads the file of hosts, or throws an error that names what is wrong with it. */
export function readHosts(path: string): Hosts {
  const entries = JSON.parse(readFileSync(path, "utf8")) as Record<string, Entry>;
  const hosts = new Map<string, Host>();
  for (const [name, entry] of Object.entries(entries)) {
    if (!/^[a-z0-9.-]+(:\d{1,5})?$/.test(name)) throw new Error(`${path}: ${name} is no host name`);
    if (!Array.isArray(entry.paths) || entry.paths.length === 0) throw new Error(`${path}: ${name} has no paths`);
    if (!entry.paths.every((one) => one.startsWith("/"))) throw new Error(`${path}: a path of ${name} lacks its slash`);
    const extra = entry.ca === undefined ? [] : [rootAt(resolve(dirname(path), entry.ca), entry.fingerprint256)];
    // Beside the roots that everybody trusts: the host may go back to one of those.
    hosts.set(name, { paths: entry.paths, ca: [...rootCertificates, ...extra] });
  }
  return hosts;
}

/** Why an address may not be called, or the host it lies on. */
export function hostOf(hosts: Hosts, url: URL): Host | "host_not_allowed" | "path_not_allowed" {
  const host = url.protocol === "https:" && !url.username && !url.password ? hosts.get(url.host) : undefined;
  if (!host) return "host_not_allowed";
  // An encoded slash or dot pair might be another path to them than to us.
  const isPlain = !/%2e|%5c|\\/i.test(url.pathname);
  return isPlain && host.paths.some((path) => url.pathname.startsWith(path)) ? host : "path_not_allowed";
}

function rootAt(path: string, fingerprint: string | undefined): string {
  const pem = readFileSync(path, "utf8");
  const certificate = new X509Certificate(pem);
  if (!certificate.ca) throw new Error(`${path} is no authority's certificate`);
  if (fingerprint !== undefined && certificate.fingerprint256 !== fingerprint.toUpperCase()) {
    throw new Error(`${path} is another certificate: ${certificate.fingerprint256}`);
  }
  return pem;
}
