// Runs the sandbox as one process, set up by environment variables.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startSandbox } from "./server.ts";

export { startSandbox };

function portFrom(name: string): number {
  const text = process.env[name];
  if (text === undefined || !/^\d{1,5}$/.test(text)) {
    console.error(`sandbox: ${name} must be a port number`);
    process.exit(1);
  }
  return Number(text);
}

async function run(): Promise<void> {
  const sandbox = await startSandbox({
    port: portFrom("SANDBOX_PORT"),
    smtpPort: portFrom("SMTP_PORT"),
    ...(process.env.SANDBOX_DATA ? { dataDir: process.env.SANDBOX_DATA } : {}),
    ...(process.env.SANDBOX_TOCHKA_PORT ? { tochkaPort: portFrom("SANDBOX_TOCHKA_PORT") } : {}),
    ...(process.env.SANDBOX_TOCHKA_ROOT ? { tochkaRoot: process.env.SANDBOX_TOCHKA_ROOT } : {}),
    ...(process.env.SANDBOX_ORIGIN ? { origin: process.env.SANDBOX_ORIGIN } : {}),
  });
  console.log(`sandbox ready ${sandbox.origin}`);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void sandbox.stop().then(() => process.exit(0)));
  }
}

// Only when started itself: tests import startSandbox from here.
if (process.argv[1] && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(import.meta.url))) await run();
