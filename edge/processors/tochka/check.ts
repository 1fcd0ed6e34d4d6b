// Checking a connection by reading: access, permissions, outlet, register, SBP, our notification address (tochka-sbp.md 4, 5, 8.1).

import { fail, ok, type Result } from "../../result.ts";
import type { CheckStep, CredentialCheck, Fault, StartAttempt } from "../contract.ts";
import { isUsable, readCompanies, readOutlets, readSbpOutlets } from "./accounts.ts";
import { readOptions } from "./options.ts";
import { readStanding } from "./webhook-address.ts";
import type { Context } from "./wire.ts";

/** Reads everything that a payment needs, and names what is missing. Nothing is changed and no payment made. */
export async function check(probe: StartAttempt, context: Context): Promise<Result<CredentialCheck, Fault>> {
  const { credentials } = context;
  if (credentials.accessToken === "") return ok(failedAt("credentials_accepted", "consent_missing"));
  const companies = await readCompanies(context);
  const outlets = await readOutlets(credentials.customerCode, context);
  const webhook = await readStanding(context);
  const sbp = credentials.sbpMerchantId === undefined ? null : await readSbpOutlets(credentials.customerCode, context);
  const reads = {
    ReadCustomerData: companies,
    ReadAcquiringData: outlets,
    ManageWebhookData: webhook,
    ReadSBPData: sbp,
  };
  const refused: string[] = [];
  let asked = 0;
  let why = "";
  for (const [permission, read] of Object.entries(reads)) {
    if (read === null) continue;
    asked += 1;
    if (read.ok) continue;
    // Nobody answered, or nobody can tell what: that says nothing of the credentials.
    if (read.error.kind !== "bad_credentials" && read.error.kind !== "rejected") return fail(read.error);
    if (read.error.kind === "bad_credentials") refused.push(permission);
    why = read.error.detail;
  }
  // Everything refused is the access itself; one thing refused is a tick that is missing there (9).
  if (refused.length === asked) return ok(failedAt("credentials_accepted", why));
  const steps: CheckStep[] = [
    { id: "processor_answered", outcome: "passed" },
    { id: "credentials_accepted", outcome: "passed" },
    passedOr("permissions_granted", refused.length === 0 ? null : refused.join(", ")),
  ];

  const outlet = outlets.ok ? outlets.value.find((one) => one.merchantId === credentials.merchantId) : undefined;
  if (credentials.merchantId === "") steps.push(passedOr("outlet_usable", "account_not_chosen"));
  else if (!outlets.ok) steps.push({ id: "outlet_usable", outcome: "skipped" });
  else if (!outlet) steps.push(passedOr("outlet_usable", "not_found"));
  else
    steps.push(
      passedOr("outlet_usable", isUsable(outlet) ? null : outlet.status === "REG" ? "inactive" : outlet.status),
    );

  const options = readOptions(context.options);
  if (!options) steps.push(passedOr("fiscalisation_possible", "options_incomplete"));
  else if (options.fiscalisation === "register" || !outlet)
    steps.push({ id: "fiscalisation_possible", outcome: "skipped" });
  // The bank issues receipts only through a register that is connected there (4).
  else steps.push(passedOr("fiscalisation_possible", outlet.cashbox === undefined ? "no_register_at_the_bank" : null));

  const sbpOutlet = sbp?.ok ? sbp.value.find((one) => one.merchantId === credentials.sbpMerchantId) : undefined;
  if (!sbp?.ok) steps.push({ id: "sbp_outlet_usable", outcome: "skipped" });
  else if (!sbpOutlet) steps.push(passedOr("sbp_outlet_usable", "not_found"));
  else steps.push(passedOr("sbp_outlet_usable", sbpOutlet.isUsable ? null : "suspended_or_without_dynamic_qr"));

  steps.push(
    webhook.ok
      ? addressStep(webhook.value?.address, probe.notifyUrl)
      : { id: "notification_address", outcome: "skipped" },
  );
  return ok({ steps });
}

/** Without an address of ours payments are found by asking alone: it works, later. Somebody else's is named. */
function addressStep(standing: string | undefined, notifyUrl: string): CheckStep {
  if (standing === undefined) return passedOr("notification_address", "none");
  const isOurs = notifyUrl === standing || notifyUrl.startsWith(`${standing}/`);
  return passedOr("notification_address", isOurs ? null : `other: ${standing}`);
}

function failedAt(id: string, detail: string): CredentialCheck {
  return {
    steps: [
      { id: "processor_answered", outcome: "passed" },
      { id, outcome: "failed", detail },
    ],
  };
}

/** A step that passed, or failed with a reason. */
function passedOr(id: string, detail: string | null): CheckStep {
  return detail === null ? { id, outcome: "passed" } : { id, outcome: "failed", detail };
}
