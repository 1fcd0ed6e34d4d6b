// Accounts with their keys and webhooks, as a merchant finds them in the dashboard.
import { randomBytes } from "node:crypto";
import { ControlError } from "../control-input.ts";
import { type EventName, eventNames } from "./events.ts";
import type { Revolut } from "./notify.ts";
import { type Account, defaultOptions, type Options, type Webhook } from "./state.ts";

const secretOf = (kind: "sk" | "pk" | "wsk"): string => `${kind}_${randomBytes(24).toString("base64url")}`;

/** The account of a secret or public key. */
export function findAccount(revolut: Revolut, key: string): Account | undefined {
  return revolut.state.accounts.find(({ secretKey, publicKey }) => secretKey === key || publicKey === key);
}

/** Makes an account, or answers the one that has a key already; what else is given is set either way. */
export function createAccount(
  revolut: Revolut,
  input: {
    secretKey?: string;
    publicKey?: string;
    webhookSecret?: string;
    name?: string;
    active?: boolean;
    webhookUrl?: string;
    events?: EventName[];
    options?: Partial<Options>;
  },
): Account {
  const known = [input.secretKey, input.publicKey].map((key) => key && findAccount(revolut, key)).find(Boolean);
  for (const name of ["secretKey", "publicKey"] as const) {
    if (known && input[name] !== undefined && known[name] !== input[name]) {
      throw new ControlError(409, name, "the other key belongs to another account", "key_taken");
    }
  }
  const account: Account = known || {
    secretKey: input.secretKey ?? secretOf("sk"),
    publicKey: input.publicKey ?? secretOf("pk"),
    name: input.name ?? "Sandbox merchant",
    active: true,
    webhookSecret: input.webhookSecret ?? secretOf("wsk"),
    webhooks: [],
    customers: [],
    idempotency: {},
    options: { ...defaultOptions },
    createdAt: revolut.clock.now(),
  };
  if (!known) revolut.state.accounts.push(account);
  if (input.name !== undefined) account.name = input.name;
  if (input.active !== undefined) account.active = input.active;
  Object.assign(account.options, input.options);
  if (input.webhookUrl !== undefined) setWebhookByHand(account, input.webhookUrl, input.events);
  revolut.changed();
  return account;
}

/** The webhook that a person would register in the dashboard; an empty address removes it. */
function setWebhookByHand(account: Account, url: string, events: EventName[] | undefined): void {
  const existing = account.webhooks.find(({ byHand }) => byHand);
  if (url === "") {
    account.webhooks = account.webhooks.filter(({ byHand }) => !byHand);
  } else if (existing) {
    existing.url = url;
    if (events) existing.events = events;
  } else {
    account.webhooks.push({
      id: crypto.randomUUID(),
      url,
      events: events ?? [...eventNames],
      secrets: [{ secret: account.webhookSecret, until: null }],
      byHand: true,
    });
  }
}

/** Registers a webhook with a secret of its own. */
export function addWebhook(account: Account, url: string, events: EventName[]): Webhook {
  const webhook: Webhook = {
    id: crypto.randomUUID(),
    url,
    events,
    secrets: [{ secret: secretOf("wsk"), until: null }],
    byHand: false,
  };
  account.webhooks.push(webhook);
  return webhook;
}

/** A new secret; the old one dies at once or after the grace. */
export function rotateSecret(account: Account, webhook: Webhook, now: number, graceSeconds: number): void {
  const fresh = { secret: secretOf("wsk"), until: null };
  const until = now + graceSeconds * 1000;
  const older = webhook.secrets
    .map((entry) => ({ ...entry, until: Math.min(entry.until ?? until, until) }))
    .filter((entry) => entry.until > now);
  webhook.secrets = [fresh, ...older];
  if (webhook.byHand) account.webhookSecret = fresh.secret;
}

/** The secret that signs from now on. */
export const currentSecret = (webhook: Webhook): string => webhook.secrets[0]?.secret ?? "";

/** An account as the control API shows it. */
export function shownAccount(account: Account) {
  const { secretKey, publicKey, webhookSecret, name, active, webhooks, customers, options } = account;
  return { secretKey, publicKey, webhookSecret, name, active, webhooks, customers: customers.length, options };
}
