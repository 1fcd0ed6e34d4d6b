// What deciding code may know of a processor, read from its descriptor.

import type { Abilities } from "../payments/step.ts";
import type { Variant } from "./contract.ts";
import { processorOf } from "./registry.ts";

/** A processor's variant, or undefined when there is none of that name. */
export function variantOf(processor: string, variant: string): Variant | undefined {
  return processorOf(processor)?.descriptor.variants[variant];
}

/** Abilities of a variant; an unknown one can do nothing. */
export function abilitiesOf(processor: string, variant: string): Abilities {
  const found = variantOf(processor, variant);
  return {
    canQuery: found?.statusQuery.available ?? false,
    shortestLookSeconds: found?.statusQuery.shortestIntervalSeconds ?? 3600,
    canRefund: found?.refund.byApi ?? false,
  };
}
