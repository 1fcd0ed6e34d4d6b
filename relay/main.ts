// Runs the relay as one process, set up by environment variables; see README.md.
import { readHosts } from "./hosts.ts";
import { makeRelay } from "./server.ts";

function needed(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") {
    console.error(`relay: ${name} is not set`);
    process.exit(1);
  }
  return value;
}

if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === "0") {
  console.error("relay: certificates must be verified; NODE_TLS_REJECT_UNAUTHORIZED may not be 0");
  process.exit(1);
}
const server = makeRelay({
  key: needed("RELAY_KEY"),
  hosts: readHosts(needed("RELAY_HOSTS")),
  log: (line) => console.log(line),
});
const port = Number(process.env.RELAY_PORT ?? "8443");
server.listen(port, process.env.RELAY_BIND ?? "0.0.0.0", () => console.log(`relay ready on ${port}`));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
}
