// Whatever the edge can say by a code has words on the screens, in every language.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { GUIDE_CASES, GUIDES } from "../components/merchant/guides.ts";
import { WEBHOOK_EVENTS } from "../components/merchant/webhook-events.ts";
import { AUDIT_ACTIONS } from "../db/schema/audit-actions.ts";
import { CONNECTION_STATUSES } from "../db/schema/connections.ts";
import { IPN_STATES, IPN_VERDICTS } from "../db/schema/messages.ts";
import { ATTENTION_KINDS } from "../db/schema/payments.ts";
import { RECEIPT_KINDS, RECEIPT_STATES } from "../edge/fiscal/contract.ts";
import { PAYMENT_OBJECTS, PLAIN_VATS, TAX_SYSTEMS } from "../edge/fiscal/law.ts";
import { registers } from "../edge/fiscal/registry.ts";
import { PAYER_STATES } from "../edge/http/payer-view.ts";
import { MAIL_FAULTS } from "../edge/mail/refusal.ts";
import { ALL_STEPS } from "../edge/merchants/onboarding.ts";
import { SCOPES } from "../edge/merchants/permissions.ts";
import { OUTCOME_REASONS } from "../edge/payments/own-status.ts";
import {
  ATTEMPT_STATES,
  ATTEMPT_TABLE,
  DISPUTE_STATES,
  INVOICE_STATES,
  INVOICE_TABLE,
  OUTCOMES,
  REFUND_STATES,
} from "../edge/payments/states.ts";
import { TRUTH_KINDS } from "../edge/payments/truth-line.ts";
import { DECLINE_REASONS, OBSERVATION_KINDS } from "../edge/processors/contract.ts";
import { processors } from "../edge/processors/registry.ts";
import { LANGUAGES, MERCHANT_LANGUAGES } from "./languages.ts";

const root = join(import.meta.dirname, "..");
type Tree = { [key: string]: string | Tree };

/** Keys of a list that lead to no text, by language. */
function missing(namespace: string, keys: string[]): string[] {
  return (namespace === "merchant" ? MERCHANT_LANGUAGES : LANGUAGES).flatMap((language) => {
    const tree = JSON.parse(readFileSync(join(root, "messages", namespace, `${language}.json`), "utf8")) as Tree;
    const textOf = (key: string) =>
      key.split(".").reduce<string | Tree | undefined>((at, name) => (typeof at === "object" ? at[name] : at), tree);
    return keys.filter((key) => !textOf(key)).map((key) => `${language}: ${key}`);
  });
}

const sourceOf = (pattern: string) =>
  globSync(pattern, { cwd: root })
    .filter((path) => !path.endsWith(".test.ts"))
    .map((path) => readFileSync(join(root, path), "utf8"))
    .join("\n");

/** What the first group of an expression finds in a text, each once. */
const found = (text: string, expression: RegExp) => [
  ...new Set([...text.matchAll(expression)].map((match) => match[1] ?? "")),
];

const targets = (table: Record<string, Partial<Record<string, string>>>) =>
  Object.values(table).flatMap((row) => Object.values(row).filter((state) => state !== undefined));

/** States that a type's gap can hold: `attempt.${to}`. */
const FILLED: Record<string, readonly string[]> = {
  attempt: targets(ATTEMPT_TABLE),
  invoice: targets(INVOICE_TABLE),
  refund: REFUND_STATES,
  dispute: DISPUTE_STATES,
};

/** Types of all events that the edge writes, by the source text of the calls that write them. */
function eventTypes(): string[] {
  const calls = found(sourceOf("edge/{payments,fiscal}/*.ts"), /\.event\((?=([\s\S]{0,120}))/g).join("\n");
  const whole = found(calls, /"([a-z]+\.[a-z_]+)"/g);
  const prefixes = found(calls, /`([a-z]+)\.\$\{/g);
  expect(prefixes.filter((prefix) => !FILLED[prefix])).toEqual([]);
  return [
    ...new Set([...whole, ...prefixes.flatMap((prefix) => FILLED[prefix]?.map((state) => `${prefix}.${state}`) ?? [])]),
  ];
}

const credentialsSource = sourceOf("edge/processors/*/credentials.ts");
const credentialIssues = [
  ...found(credentialsSource, /refuse\(context, "(\w+)"\)/g),
  ...found(credentialsSource, /(?:error|message): "(\w+)"/g),
  ...found(credentialsSource, /\btyped\("(\w+)", "/g),
  ...found(credentialsSource, /\btyped\("\w+", "(\w+)"\)/g),
];
/** Fields and choices of every processor's connection form, and the words that its settings can be refused with. */
const descriptors = Object.values(processors).map(({ descriptor }) => descriptor);
const formFields = [
  ...new Set(descriptors.flatMap(({ variants }) => Object.values(variants).flatMap((one) => one.credentialFields))),
].map(({ name }) => name);
const optionFields = descriptors.flatMap(({ options }) => options?.fields ?? []);
const permissions = Object.values(processors).flatMap(({ authorization }) => authorization?.permissions ?? []);
const optionRefusals = found(sourceOf("edge/merchants/options.ts"), /refuse\([^,]+, "(\w+)"/g);
const findings = found(sourceOf("edge/merchants/diagnose.ts"), /\b(?:stops|warns)\("(\w+)"/g);
const offered = descriptors.flatMap(({ variants }) =>
  Object.values(variants).flatMap(({ methods }) => methods.map(({ id }) => id)),
);

const registerFields = Object.values(registers).flatMap(({ descriptor }) =>
  descriptor.credentialFields.map(({ name }) => name),
);
const registerSource = sourceOf("edge/fiscal/*/credentials.ts");
const registerIssues = [
  ...found(registerSource, /field\("(\w+)", "/g),
  ...found(registerSource, /field\("\w+", "(\w+)"/g),
  ...found(registerSource, /message: "(\w+)"/g),
  ...found(sourceOf("edge/http/registers.ts"), /fault\("\w+", "(\w+)"/g),
  ...found(sourceOf("edge/http/registers.ts"), /error: "(\w+)"/g),
];
const receiptFaults = [
  ...found(sourceOf("edge/fiscal/look-at-receipt.ts"), /failIt\(notes, receipt, "(\w+)"/g),
  ...found(sourceOf("edge/fiscal/look-at-receipt.ts"), /\bfault: "(\w+)"/g),
  ...found(sourceOf("edge/fiscal/order-receipt.ts"), /\? "(\w+)"\n/g),
  ...["overloaded", "unreachable", "unsupported_value", "invalid_data"],
];

/** Steps of a connection's check; those the source names must be among them. */
const CHECK_STEPS = [
  ...["signature_format", "certificate_readable", "private_key_readable", "order_sealed", "page_seen"],
  ...["credentials_accepted", "point_of_sale_accepted", "page_answered", "processor_answered"],
  "clock_accepted",
];
const checkSource =
  sourceOf("edge/processors/netopia/v[12].ts") +
  sourceOf("edge/processors/uapay/calls.ts") +
  sourceOf("edge/merchants/doctor.ts");
const stepsInSource = [
  ...found(checkSource, /id: "([a-z_]+)", outcome/g),
  ...found(checkSource, /\bstep\("([a-z_]+)", "/g),
];

/** Why a notification is not (wholly) believed or not applied. */
const IPN_REASONS = [
  ...["secret_mismatch", "wrong_point_of_sale", "amount_mismatch", "cannot_open", "cannot_read"],
  ...["token_missing", "token_malformed", "wrong_algorithm", "no_platform_key", "bad_signature", "wrong_issuer"],
  ...["wrong_audience", "body_mismatch", "malformed_body", "incomplete"],
  ...["not_a_notification", "too_large", "unreadable"],
  ...["unknown_address", "unknown_attempt", "amount_differs", "point_of_sale_differs", "reference_changed"],
  ...["hint_without_proof", "other_connection", "foreign_key_named"],
];
const ipnSource =
  sourceOf("edge/processors/netopia/*.ts") +
  sourceOf("edge/processors/tochka/token.ts") +
  sourceOf("edge/processors/uapay/{token,notification}.ts");
const reasonsInSource = [
  ...found(ipnSource, /rejected\(request, (?:\w+ \? )?"(\w+)"/g),
  ...found(ipnSource, /\bno\("(\w+)"\)/g),
  ...found(sourceOf("edge/processors/netopia/v1-notification.ts"), /\) return "([a-z]+_[a-z_]+)";/g),
  ...found(sourceOf("edge/ipn/process.ts"), /return "(\w+_(?:differs|changed))"/g),
  ...found(sourceOf("edge/ipn/process.ts"), /(?:park|finish)\(context, ipn, "(\w+)"/g),
];

const addressFaults = found(sourceOf("edge/webhooks/address.ts"), /return "(\w+)"/g);

const under = (path: string, names: readonly string[]) => names.map((name) => `${path}.${name}`);

describe("messages/merchant has words for", () => {
  it.each<[string, string[]]>([
    ["what waits for a person", under("attention.kinds", ATTENTION_KINDS)],
    ["what to do about it", under("attention.help", ATTENTION_KINDS)],
    ["rights of API keys", under("apiKeys.rights", SCOPES)],
    ["steps of opening an account", ALL_STEPS.flatMap((step) => under(`onboarding.${step}`, ["title", "text"]))],
    ["outcomes", ["outcomes", "proposed"].flatMap((of) => under(`statuses.${of}`, OUTCOMES))],
    ["refusals of mails", under("linkMails.faults", MAIL_FAULTS)],
    [
      "steps of guides",
      [
        ...Object.entries(GUIDES),
        ...Object.entries(GUIDE_CASES).map(([id, of]) => [id, Object.values(of).flat()] as const),
      ].flatMap(([id, steps]) => steps.flatMap((step) => under(`guides.${id}.${step}`, ["title", "text"]))),
    ],
    ["reasons of declines", under("reasons", [...DECLINE_REASONS, ...OUTCOME_REASONS])],
    ["what a processor can say", under("observations", OBSERVATION_KINDS)],
    [
      "what the audit trail notes",
      under(
        "audit.actions",
        AUDIT_ACTIONS.map((action) => action.replace(".", "_")),
      ),
    ],
    ["states of an attempt", under("states.attempt", ATTEMPT_STATES)],
    ["states of a refund", under("states.refund", REFUND_STATES)],
    ["states of an invoice", under("states.invoice", INVOICE_STATES)],
    ["states of a connection", under("states.connection", ["none", ...CONNECTION_STATUSES])],
    ["verdicts on a notification", under("states.verdict", IPN_VERDICTS)],
    ["states of a notification", under("states.inbox", IPN_STATES)],
    ["faults of keys", under("faults", credentialIssues)],
    ["fields of keys", under("keys.fields", formFields)],
    [
      "fields of settings",
      under(
        "connect.fields",
        optionFields.map(({ name }) => `${name}.label`),
      ),
    ],
    [
      "choices of settings",
      optionFields.flatMap(({ name, choices = [] }) => under(`connect.choices.${name}`, choices)),
    ],
    [
      "permissions",
      under(
        "connect.permissions",
        permissions.map(({ id }) => id),
      ),
    ],
    ["methods", under("methods", offered)],
    ["refusals of settings", under("faults", optionRefusals)],
    ["findings of the doctor", under("doctor.findings", findings)],
    ["processors", under("processors", Object.keys(processors))],
    ["what each is for", under("integrations.about", Object.keys(processors))],
    ["states of a receipt", ["states", "legends"].flatMap((of) => under(`${of}.receipt`, RECEIPT_STATES))],
    ["kinds of receipts", under("receipts.kinds", RECEIPT_KINDS)],
    ["why a receipt failed", under("receipts.reasons", receiptFaults)],
    [
      "choices of a receipt's signs",
      [
        ...under("connect.choices.vatRate", PLAIN_VATS),
        ...under("connect.choices.receiptObject", PAYMENT_OBJECTS),
        ...under("connect.choices.taxSystem", TAX_SYSTEMS),
      ],
    ],
    [
      "registers and their fields",
      [...under("registers", Object.keys(registers)), ...under("keys.fields", registerFields)],
    ],
    ["faults of registers", under("faults", registerIssues)],
    ["steps of a check", under("check.names", CHECK_STEPS)],
    [
      "what to do about a step that failed",
      under(
        "check.help",
        // The other three carry a fault of their field, which has words of its own.
        CHECK_STEPS.filter((step) => !/_(format|readable)$/.test(step)),
      ),
    ],
    ["reasons at notifications", under("ipnReasons", IPN_REASONS)],
    [
      "types of events",
      under(
        "events",
        eventTypes().map((type) => type.replace(".", "_")),
      ),
    ],
  ])("%s", (_, keys) => {
    expect(keys.length).toBeGreaterThan(1);
    expect(missing("merchant", keys)).toEqual([]);
  });
});

describe("messages/payer has words for", () => {
  it.each<[string, string[]]>([
    ["reasons of declines", under("declined.reasons", DECLINE_REASONS)],
    ["what the page says", PAYER_STATES.map((state) => `${state}.title`)],
    ["steps of the truth line", under("truth.steps", TRUTH_KINDS)],
  ])("%s", (_, keys) => {
    expect(missing("payer", keys)).toEqual([]);
  });
});

describe("the lists above", () => {
  it("hold everything that the source names", () => {
    expect(stepsInSource.filter((step) => !CHECK_STEPS.includes(step))).toEqual([]);
    expect(stepsInSource.length).toBeGreaterThan(CHECK_STEPS.length - 1);
    expect(reasonsInSource.filter((reason) => !IPN_REASONS.includes(reason))).toEqual([]);
    expect(reasonsInSource.length).toBeGreaterThan(15);
    expect(addressFaults.length).toBe(6);
    expect(credentialIssues.length).toBeGreaterThan(15);
    expect(eventTypes()).toEqual(
      expect.arrayContaining(["attempt.started", "payment.captured", "payment.paid_twice", "refund.requested"]),
    );
    expect(eventTypes()).toEqual(expect.arrayContaining(["collection.recorded", "invoice.reopened", "dispute.lost"]));
  });

  it("let a webhook be chosen for every type of event, and for no other", () => {
    expect(Object.values(WEBHOOK_EVENTS).flat().sort()).toEqual(eventTypes().sort());
  });
});
