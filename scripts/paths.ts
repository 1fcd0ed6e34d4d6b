// Where things stand in the checkout, and free ports.
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** Everything we keep between runs and nobody commits. */
export const stateDir = join(root, ".plata");
export const bin = (name: string): string => join(root, "node_modules/.bin", name);

/** True when the port can be bound on the address that local servers use. */
export function isFree(port: number): Promise<boolean> {
  // Both families: a server that listens on "localhost" may hold only one of them.
  const tries = ["127.0.0.1", "::1"].map(
    (host) =>
      new Promise<boolean>((resolve) => {
        const probe = createServer();
        probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "EADDRINUSE"));
        probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
      }),
  );
  return Promise.all(tries).then((answers) => answers.every(Boolean));
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
          const server = createServer();
          server.once("error", reject);
          server.listen(0, "127.0.0.1", () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => {
    const address = server.address();
    if (!address || typeof address === "string") throw new Error("no port was given");
    return address.port;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port");
  return port;
}

/** The wanted port, or the next free one above it. */
export async function portFrom(wanted: number, taken: ReadonlySet<number> = new Set()): Promise<number> {
  for (let port = wanted; port < wanted + 200; port += 1) {
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  return freePort();
}
