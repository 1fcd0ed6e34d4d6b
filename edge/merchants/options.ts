// What a merchant decides for a connection beside its credentials, checked against the descriptor, the chosen account and
// the permissions that were given. Pure: each refusal names its field.

import type { HoldPolicy } from "../../db/schema/merchants.ts";
import { unknownTags } from "../payments/details-text.ts";
import type { Authorization, Descriptor, OptionField, Variant } from "../processors/contract.ts";
import { chosenAccount, type StoredAccount } from "./accounts.ts";
import type { Connection } from "./credentials.ts";

/** What may be sent; absent means unchanged. */
export type OptionsInput = {
  options?: Record<string, string | boolean>;
  account_id?: string;
  capture_mode?: "automatic" | "manual";
  hold_policy?: HoldPolicy | null;
  only_method?: string | null;
  details_template?: string | null;
  payer_note?: string | null;
  notify_email?: string | null;
  notify_test?: boolean;
};

export type OptionFault = { field: string; code: string; message: string };

export type Known = {
  connection: Connection;
  descriptor: Pick<Descriptor<unknown>, "options">;
  variant: Variant;
  authorization: Authorization<unknown> | undefined;
  /** Whether accounts are chosen from at this processor. */
  hasAccounts: boolean;
  /** Extras of the merchant's plan. */
  extras: Record<string, { until: string | null }>;
  now: Date;
};

/** Extras of the plan: without `only_method` one method alone cannot be chosen. */
export const EXTRAS = ["only_method"] as const;
export const ONLY_METHOD_EXTRA = "only_method" satisfies (typeof EXTRAS)[number];

/** How long each extra can be tried, once, before somebody agrees on it with us. */
export const TRIAL_DAYS = 30;

/** Fields that can be decided before a person has consented; the rest needs what the processor tells afterwards. */
const BEFORE_CONSENT = new Set(["details_template", "payer_note", "notify_email", "notify_test"]);

/** Whether an extra of the plan can be used now. */
export function hasExtra(extras: Known["extras"], name: string, now: Date): boolean {
  const extra = extras[name];
  return extra !== undefined && (extra.until === null || new Date(extra.until) > now);
}

/** Whether a field is asked for, by what the others say. */
export function isAsked(field: OptionField, values: Record<string, unknown>): boolean {
  return !field.onlyWhen || values[field.onlyWhen.name] === field.onlyWhen.is;
}

/** Permissions without which a method cannot work, of those that were asked for and not given. */
export function missingFor(known: Pick<Known, "authorization" | "connection">, method: string): string[] {
  const missing = known.connection.permissions?.missing ?? [];
  return (known.authorization?.permissions ?? [])
    .filter((permission) => permission.methods.includes(method) && missing.includes(permission.id))
    .map((permission) => permission.id);
}

/** Checks what was sent against everything that is known. The patch is whole only where there are no faults. */
export function checkOptions(
  input: OptionsInput,
  known: Known,
): { faults: OptionFault[]; patch: Partial<Connection>; account: StoredAccount | undefined } {
  const { connection, variant } = known;
  const faults: OptionFault[] = [];
  const refuse = (field: string, code: string, message = code) => faults.push({ field, code, message });
  const patch: Partial<Connection> = {};
  const sent = new Set(Object.keys(input).filter((name) => input[name as keyof OptionsInput] !== undefined));
  const isConfirmed = connection.authorizationState !== "wanted";
  for (const name of sent) if (!isConfirmed && !BEFORE_CONSENT.has(name)) refuse(name, "confirm_first");
  if (faults.length > 0) return { faults, patch, account: undefined };

  let account = chosenAccount(connection);
  if (known.hasAccounts && isConfirmed) {
    const wanted = input.account_id ?? connection.accountId;
    account = connection.accounts?.accounts.find((one) => one.id === wanted);
    if (!wanted) refuse("account_id", "required");
    else if (!account) refuse("account_id", connection.accountId === wanted ? "account_gone" : "invalid_value");
  }
  if (input.options !== undefined && known.descriptor.options) {
    const { options, found } = checkFields(input.options, known.descriptor.options, account);
    faults.push(...found);
    patch.options = options;
  }
  if (input.capture_mode !== undefined) {
    if (!variant.capture[input.capture_mode]) refuse("capture_mode", "mode_not_supported");
    patch.captureMode = input.capture_mode;
  }
  if (input.hold_policy !== undefined) {
    const canDo = { ask: true, capture: variant.capture.byApi, release: variant.void.byApi };
    if (input.hold_policy !== null && !canDo[input.hold_policy]) refuse("hold_policy", "mode_not_supported");
    patch.holdPolicy = input.hold_policy;
  }
  if (input.only_method !== undefined) {
    patch.onlyMethod = input.only_method;
    if (input.only_method !== null) checkOnlyMethod(input.only_method, account);
  }
  if (input.details_template !== undefined) {
    const template = input.details_template?.trim() || null;
    const unknown = template ? unknownTags(template) : [];
    if (unknown.length > 0) refuse("details_template", "unknown_tag", unknown.map((tag) => `{${tag}}`).join(" "));
    patch.detailsTemplate = template;
  }
  if (input.payer_note !== undefined) patch.payerNote = plainText(input.payer_note);
  if (input.notify_email !== undefined) patch.notifyEmail = input.notify_email;
  if (input.notify_test !== undefined) patch.notifyTest = input.notify_test;
  return { faults, patch, account };

  function checkOnlyMethod(method: string, of: StoredAccount | undefined) {
    const missing = missingFor(known, method);
    if (!variant.methods.some(({ id }) => id === method)) refuse("only_method", "invalid_value");
    else if (!hasExtra(known.extras, ONLY_METHOD_EXTRA, known.now)) refuse("only_method", "extra_locked");
    else if (missing.length > 0) refuse("only_method", "permission_missing", missing.join(", "));
    else if (of && !of.methods.includes(method)) refuse("only_method", "method_not_at_account");
  }
}

/** The descriptor's own fields: asked for or not, one of the choices, whole by the schema, possible at the account. */
function checkFields(
  sent: Record<string, string | boolean>,
  { schema, fields }: NonNullable<Descriptor<unknown>["options"]>,
  account: StoredAccount | undefined,
): { options: Record<string, unknown>; found: OptionFault[] } {
  const found: OptionFault[] = [];
  const refuse = (name: string, code: string) => found.push({ field: `options.${name}`, code, message: code });
  const asked = fields.filter((field) => isAsked(field, sent));
  for (const name of Object.keys(sent)) if (!fields.some((field) => field.name === name)) refuse(name, "unknown");
  for (const field of asked) {
    const value = sent[field.name];
    if (field.input === "switch") {
      if (value !== undefined && typeof value !== "boolean") refuse(field.name, "invalid_value");
    } else if (value === undefined || value === "") refuse(field.name, "required");
    else if (field.input === "choice" && !field.choices?.includes(String(value))) refuse(field.name, "invalid_value");
    // Receipts by the processor need a register there; two ways at once would make two receipts of one payment.
    if (field.needsRegister !== undefined && value === field.needsRegister && account?.hasRegister === false) {
      refuse(field.name, "register_missing");
    }
  }
  if (found.length > 0) return { options: {}, found };
  const values = Object.fromEntries(asked.map((field) => [field.name, sent[field.name]]));
  const parsed = schema.safeParse(values);
  if (parsed.success) return { options: parsed.data, found };
  for (const { path, message } of parsed.error.issues) refuse(path.join("."), message);
  return { options: {}, found };
}

/** Lines of plain text: no characters that only machines use, no blanks at the ends; null when nothing is left. */
function plainText(text: string | null): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is taken out
  const clean = (text ?? "").replace(/\r\n?/g, "\n").replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g, " ");
  return clean.trim() || null;
}
