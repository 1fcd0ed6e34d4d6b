// `npm run check`: types, lint and the plain tests, for the time between two keystrokes.
import { lint, summarize, types, vitest } from "./checks.ts";
import { stopAll, stopOnSignals } from "./processes.ts";

stopOnSignals(stopAll);
const parts = await Promise.all([types(), lint(), vitest("unit")]);
process.exit(summarize(parts) ? 0 : 1);
