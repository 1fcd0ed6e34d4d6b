// Starts the whole stack for the end-to-end tests: fresh data, free ports, the built Workers. Stops it afterwards.
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ensureBuild } from "../../scripts/build.ts";
import { root } from "../../scripts/paths.ts";
import { startStack } from "../../scripts/stack.ts";
import { browserName, findBrowser } from "./browser.ts";
import { handleName, type StackHandle } from "./stack.ts";

export default async function globalSetup(): Promise<() => Promise<void>> {
  const logs = join(root, "test-results/stack.log");
  mkdirSync(join(root, "test-results"), { recursive: true });
  writeFileSync(logs, "");
  await ensureBuild((line) => console.log(line));
  // Before the stack, as unpacking a browser changes the environment for a moment.
  const browser = await findBrowser();
  const stack = await startStack({
    fsync: false,
    log: (source, line) => appendFileSync(logs, `${source.padEnd(8)}${line}\n`),
  });
  void stack.broken.then((reason) => console.error(reason));
  const handle: StackHandle = {
    ...stack.origins,
    databaseUrl: stack.databaseUrl,
    neonHost: stack.neonHost,
    keyEncryptionKeys: stack.secrets.keyEncryptionKeys,
  };
  process.env[handleName] = JSON.stringify(handle);
  process.env[browserName] = JSON.stringify(browser);
  return () => stack.stop();
}
