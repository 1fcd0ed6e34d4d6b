// What is wrong with a connection, from what is known of it: each finding is a code with its facts and one next step.
// Pure; doctor.ts gathers the facts, the screens have the words.

import type { Finding } from "../../db/schema/connections.ts";
import type { Authorization, CheckStep, Descriptor, Fault } from "../processors/contract.ts";
import { chosenAccount, isAccountGone } from "./accounts.ts";
import type { Connection } from "./credentials.ts";
import { isAsked } from "./options.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Clocks that differ by more than this spoil signatures and lifetimes. */
const LARGEST_SKEW_SECONDS = 120;
/** A certificate or key is told of this long before its end; an access that can no longer be renewed, this long. */
const SOON_MS = 30 * DAY;
const RENEWABLE_SOON_MS = 3 * DAY;

export type Facts = {
  connection: Connection;
  descriptor: Pick<Descriptor<unknown>, "options" | "links">;
  authorization: Authorization<unknown> | undefined;
  hasAccounts: boolean;
  canRegister: boolean;
  /** What checking the credentials came to; absent where no access was there to check with. */
  check?: { steps: CheckStep[] } | { fault: Fault };
  /** Their clock minus ours, by the `Date` of an answer. */
  skewSeconds: number | null;
  /** Where the processor sends notifications, where it tells; and where it should. */
  registered: string[] | null;
  expectedAddress: string;
  isUsedElsewhere: boolean;
  /** Since when notifications are silent, by the silence detector. */
  silentSince: string | null;
  /** Notifications of the last day that were not believed, since the last believed one. */
  rejected: { count: number; reason: string } | null;
  /** Invoices to be paid whose payer left no e-mail, where each payment needs one for its receipt. */
  openWithoutEmail: number;
  now: Date;
};

/** Every finding, what stops payments first. An answer that depends on an earlier fault is not judged. */
export function diagnose(facts: Facts): Finding[] {
  const all = [...ofAccess(facts), ...ofCheck(facts), ...ofAccount(facts), ...ofNotifications(facts)];
  // Two ways may lead to the same finding; the first tells it.
  const findings = all.filter((one, at) => all.findIndex((other) => other.code === one.code) === at);
  const { connection, skewSeconds } = facts;
  if (skewSeconds !== null && Math.abs(skewSeconds) > LARGEST_SKEW_SECONDS) {
    findings.push(warns("clock_differs", { seconds: String(Math.round(skewSeconds)) }, command("check")));
  }
  if (facts.isUsedElsewhere) {
    findings.push(
      warns("account_used_elsewhere", { account: connection.accountReference ?? "" }, field("credentials")),
    );
  }
  if (facts.openWithoutEmail > 0) {
    findings.push(warns("receipt_without_email", { count: String(facts.openWithoutEmail) }, field("options")));
  }
  return findings.sort((a, b) => Number(a.severity === "warns") - Number(b.severity === "warns"));
}

type Next = Finding["next"];
const command = (to: "check" | "consent" | "register" | "register_replace" | "refresh_accounts"): Next => ({
  kind: "command",
  to,
});
const field = (to: string): Next => ({ kind: "field", to });
const link = (to: string): Next => ({ kind: "link", to });
const stops = (code: string, facts: Record<string, string>, next: Next): Finding => ({
  code,
  severity: "stops",
  facts,
  next,
});
const warns = (code: string, facts: Record<string, string>, next: Next): Finding => ({
  code,
  severity: "warns",
  facts,
  next,
});

function adminOf({ connection, descriptor }: Facts): string {
  return connection.environment === "live" ? descriptor.links.admin : descriptor.links.adminTest;
}

/** Consent and what it gave. */
function ofAccess(facts: Facts): Finding[] {
  const { connection, now } = facts;
  switch (connection.authorizationState) {
    case "wanted":
      return [stops("consent_missing", {}, command("consent"))];
    case "lapsed":
      return [stops("access_lapsed", {}, command("consent"))];
    case "not_needed":
      return [];
    case "granted": {
      const found: Finding[] = [];
      const missing = connection.permissions?.missing ?? [];
      if (missing.length > 0) {
        found.push(stops("permission_missing", { permissions: missing.join(", ") }, command("consent")));
      }
      const until = connection.renewableUntil;
      if (until && until.getTime() - now.getTime() < RENEWABLE_SOON_MS) {
        found.push(warns("access_ends", { until: until.toISOString() }, command("consent")));
      }
      return found;
    }
  }
}

/** What the processor says to the credentials. */
function ofCheck(facts: Facts): Finding[] {
  const { check, now } = facts;
  if (!check) return [];
  if ("fault" in check) {
    const { fault } = check;
    if (fault.kind === "bad_credentials") return [stops("credentials_refused", {}, field("credentials"))];
    return [warns("processor_silent", { detail: `${fault.kind}: ${fault.detail}` }, command("check"))];
  }
  return check.steps.flatMap((step): Finding[] => {
    if (step.outcome === "failed") return ofFailedStep(step, facts);
    const until = step.validUntil;
    if (!until || until.getTime() - now.getTime() > SOON_MS) return [];
    const told = { step: step.id, until: until.toISOString() };
    return until <= now
      ? [stops("key_expired", told, field("credentials"))]
      : [warns("key_expires", told, field("credentials"))];
  });
}

/** Steps that adapters share have a finding of their own; any other speaks of the credentials. */
function ofFailedStep({ id, detail = "" }: CheckStep, facts: Facts): Finding[] {
  const { connection } = facts;
  switch (id) {
    case "processor_answered":
      return [warns("processor_silent", { detail }, command("check"))];
    case "credentials_accepted":
      return [stops("credentials_refused", {}, field("credentials"))];
    case "point_of_sale_accepted":
      return [stops("not_approved", { account: connection.accountReference ?? "" }, link(adminOf(facts)))];
    case "permissions_granted":
      return [stops("permission_missing", { permissions: detail }, command("consent"))];
    // Account, register and address are judged below, from what was read of them.
    case "outlet_usable":
    case "notification_address":
      return [];
    case "fiscalisation_possible":
      return detail === "options_incomplete" ? [stops("options_incomplete", {}, field("options"))] : [];
    case "sbp_outlet_usable":
      return [warns("method_outlet_unusable", { method: "sbp", detail }, link(adminOf(facts)))];
    default:
      return [stops("check_failed", { step: id, detail }, field("credentials"))];
  }
}

/** The outlet that is chosen, and whether what was decided fits it. */
function ofAccount(facts: Facts): Finding[] {
  const { connection, descriptor } = facts;
  if (!facts.hasAccounts || connection.authorizationState !== "granted") return [];
  if (connection.accounts === null) return [stops("accounts_unread", {}, command("refresh_accounts"))];
  if (connection.accountId === null) return [stops("account_missing", {}, field("account_id"))];
  const account = chosenAccount(connection);
  if (isAccountGone(connection) || !account) return [stops("account_gone", {}, field("account_id"))];
  const named = { account: account.name, entity: account.entity.name };
  const found: Finding[] = [];
  if (!account.isUsable) {
    const where = descriptor.links.apply ?? descriptor.links.eligibility ?? adminOf(facts);
    found.push(stops("account_not_usable", { ...named, state: account.state }, link(where)));
  }
  for (const option of descriptor.options?.fields ?? []) {
    const isChosen =
      option.needsRegister !== undefined &&
      isAsked(option, connection.options) &&
      connection.options[option.name] === option.needsRegister;
    if (isChosen && account.hasRegister === false) {
      found.push(stops("register_missing", named, field(`options.${option.name}`)));
    }
  }
  if (connection.onlyMethod && !account.methods.includes(connection.onlyMethod)) {
    found.push(stops("method_not_at_account", { ...named, method: connection.onlyMethod }, field("only_method")));
  }
  return found;
}

/** Whether news of payments reaches us. Without it payments are still found by asking, only later. */
function ofNotifications(facts: Facts): Finding[] {
  const { connection, expectedAddress, registered, canRegister } = facts;
  const repair = canRegister ? command("register") : field("address");
  const found: Finding[] = [];
  const isLocal = !expectedAddress.startsWith("https://");
  if (isLocal && connection.environment === "live") {
    found.push(warns("address_not_public", { address: expectedAddress }, field("address")));
  }
  const standing = registered ?? standingOf(facts.check);
  if (standing && !standing.includes(expectedAddress)) {
    const [other] = standing;
    found.push(
      other === undefined
        ? warns("notifications_not_registered", {}, repair)
        : warns("notifications_elsewhere", { address: other }, canRegister ? command("register_replace") : repair),
    );
  }
  if (facts.rejected) {
    const { count, reason } = facts.rejected;
    found.push(warns("notifications_rejected", { count: String(count), reason }, repair));
  } else if (facts.silentSince) {
    found.push(warns("notifications_silent", { since: facts.silentSince }, repair));
  }
  return found;
}

/** Addresses as an adapter's own check tells them: none, or somebody else's. */
function standingOf(check: Facts["check"]): string[] | null {
  const step = check && "steps" in check ? check.steps.find(({ id }) => id === "notification_address") : undefined;
  if (step?.outcome !== "failed") return null;
  const other = /^other: (.+)$/.exec(step.detail ?? "")?.[1];
  return other ? [other] : [];
}
