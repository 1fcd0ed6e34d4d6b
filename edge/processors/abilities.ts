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
    canQueryRefund: found?.refund.asynchronous ?? false,
    canCapture: found?.capture.byApi ?? false,
    canCapturePart: found?.capture.partial ?? false,
    canVoid: found?.void.byApi ?? false,
    findsRefunds: found?.refund.foundByQuery ?? false,
    ...(found?.capture.holdSeconds === undefined ? {} : { holdSeconds: found.capture.holdSeconds }),
  };
}

/** What a method of a processor rests on besides a connection: permissions by name, and a chosen account. */
export function restsOn(processor: string, method: string): { permissions: string[] | null; account: boolean } {
  const found = processorOf(processor);
  const asked = found?.authorization?.permissions.filter((one) => one.methods.includes(method));
  return { permissions: asked?.map((one) => one.id) ?? null, account: found?.listAccounts !== undefined };
}

/** Whether the processor itself sends the payer a fiscal receipt, by what the merchant decided for the connection. */
export function makesReceipts(processor: string, options: Record<string, unknown>): boolean {
  const fields = processorOf(processor)?.descriptor.options?.fields ?? [];
  return fields.some((field) => field.needsRegister !== undefined && options[field.name] === field.needsRegister);
}
