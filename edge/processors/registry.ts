// The list of processors: the only file that names adapters. Adding one is a folder and a line here.

import type { Processor } from "./contract.ts";
import { netopia } from "./netopia/index.ts";
import { revolut } from "./revolut/index.ts";
import { tochka } from "./tochka/index.ts";
import { uapay } from "./uapay/index.ts";

/** Every adapter with its own type of credentials. */
export const typedProcessors = { netopia, revolut, tochka, uapay } as const;

export type ProcessorId = keyof typeof typedProcessors;

/** Every adapter by its id, for code that treats all of them alike. */
export const processors: Record<string, Processor> = typedProcessors;

/** The adapter of an id that came from outside or from the database; null when there is none. */
export function processorOf(id: string): Processor | null {
  return Object.hasOwn(processors, id) ? (processors[id] ?? null) : null;
}
