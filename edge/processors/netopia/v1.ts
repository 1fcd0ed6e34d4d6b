// v1: the sealed order that the payer's browser posts (netopia.md A3–A5), and the check of pasted keys.

import { X509Certificate } from "node:crypto";
import { toDecimalText } from "../../money.ts";
import { fail, ok, type Result } from "../../result.ts";
import type { CallContext, CheckStep, CredentialCheck, Fault, StartAttempt, Started } from "../contract.ts";
import type { V1Credentials } from "./credentials.ts";
import { descriptor } from "./descriptor.ts";
import { seal } from "./envelope.ts";
import { toRomanianStamp } from "./romanian-time.ts";
import { faultOfStart, shortened, splitName } from "./start-limits.ts";
import { buildOrder, type OrderToBuild } from "./xml-order.ts";

type Context = CallContext<V1Credentials>;

/** Seals the order; nothing is sent from here, so the only faults are `rejected`, `unsupported` and `bad_credentials`. */
export function startV1(input: StartAttempt, context: Context): Result<Started, Fault> {
  const variant = descriptor.variants.v1;
  const page = context.hosts.v1;
  if (!variant || !page) return fail({ kind: "unsupported", detail: "host_missing: v1" });
  const fault = faultOfStart(input, variant);
  if (fault) return fail(fault);
  const order = buildOrder({
    id: input.attemptId,
    timestamp: toRomanianStamp(context.now),
    signature: context.credentials.signature,
    amount: toDecimalText(input.amount),
    currency: input.amount.currency,
    details: shortened(input.description, variant.limits.descriptionLength),
    billing: billingOf(input.payer),
    // A copy of the secret in the confirm address: sealed to NETOPIA, it proves that the sender opened our order (A6, 8).
    params: { n: input.secret },
    confirmUrl: input.notifyUrl,
    returnUrl: input.returnUrl,
  });
  try {
    const fields = seal(order, context.credentials.certificate);
    // The page's language is a path of its own, Romanian the bare address (A1).
    const url = input.locale.toLowerCase().startsWith("ro") ? page : `${page}/en`;
    return ok({ observations: [{ kind: "awaiting_payer" }], action: { kind: "post_form", url, fields } });
  } catch {
    return fail({ kind: "bad_credentials", detail: "certificate_unreadable" });
  }
}

/**
 * Everything that can be checked without a person, and the form that a person must see: whether the keys fit each other
 * is known only to NETOPIA (A2). Opening the page moves no money.
 */
export function checkV1(probe: StartAttempt, context: Context): Result<CredentialCheck, Fault> {
  const read = descriptor.credentials.safeParse(context.credentials);
  const failed = new Map(
    read.success ? [] : read.error.issues.map((issue) => [String(issue.path[0] ?? ""), issue.message]),
  );
  const step = (id: string, field: string): CheckStep => {
    const detail = failed.get(field);
    return detail === undefined ? { id, outcome: "passed" } : { id, outcome: "failed", detail };
  };
  const until = read.success && read.data.protocol === "v1" ? validUntil(read.data.certificate) : undefined;
  const local = [
    step("signature_format", "signature"),
    { ...step("certificate_readable", "certificate"), ...(until ? { validUntil: until } : {}) },
    step("private_key_readable", "privateKey"),
  ];
  if (!read.success) {
    return ok({
      steps: [...local, { id: "order_sealed", outcome: "skipped" }, { id: "page_seen", outcome: "skipped" }],
    });
  }
  const started = startV1(probe, context);
  if (!started.ok) {
    const { detail } = started.error;
    const steps: CheckStep[] = [
      { id: "order_sealed", outcome: "failed", detail },
      { id: "page_seen", outcome: "skipped" },
    ];
    return ok({ steps: [...local, ...steps] });
  }
  return ok({
    steps: [...local, { id: "order_sealed", outcome: "passed" }, { id: "page_seen", outcome: "needs_person" }],
    action: started.value.action,
  });
}

/** When their certificate ends. A bare reading: whether it is one is known by then. */
function validUntil(certificate: string): Date | undefined {
  try {
    const until = new Date(new X509Certificate(certificate).validTo);
    return Number.isNaN(until.getTime()) ? undefined : until;
  } catch {
    return undefined;
  }
}

/** With contact data the page skips its own step, so it is sent only when that step would have nothing to ask (A3). */
function billingOf(payer: StartAttempt["payer"]): OrderToBuild["billing"] {
  if (!payer.name || !payer.email) return undefined;
  const { first, last } = splitName(payer.name);
  const address = [payer.address, payer.city, payer.county, payer.postalCode, payer.countryCode];
  return {
    firstName: first,
    lastName: last,
    address: address.filter((part) => part).join(", "),
    email: payer.email,
    phone: payer.phone ?? "",
  };
}
