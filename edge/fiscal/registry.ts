// The list of online cash registers: the only file that names their adapters. Adding one is a folder and a line here.

import type { Register } from "./contract.ts";
import { komtet } from "./komtet/index.ts";
import { paykeeper } from "./paykeeper/index.ts";

/** Every adapter by its id. */
export const registers: Record<string, Register> = {
  komtet: komtet as Register,
  paykeeper: paykeeper as Register,
};

/** The adapter of an id that came from outside or from the database; null when there is none. */
export function registerOf(id: string): Register | null {
  return Object.hasOwn(registers, id) ? (registers[id] ?? null) : null;
}
