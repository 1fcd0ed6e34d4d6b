// Which ways to pay a link offers, in which order, and which are held back and why. Pure.

import type { Connection } from "../merchants/connections.ts";
import { restsOn, variantOf } from "../processors/abilities.ts";

/** Why a method of a connection is not offered; told to the merchant, never to the payer. */
export const WITHHELD = [
  "not_verified", // never passed its check; test invoices may use it all the same
  "connection_failing",
  "consent_missing", // nobody has given access at the processor yet
  "consent_lapsed",
  "account_not_chosen",
  "account_without_method",
  "permission_missing",
  "currency",
  "only_another", // the point of sale takes one method alone
  "not_on_link", // the invoice names the methods of its link
] as const;
export type Withheld = (typeof WITHHELD)[number];

/** One method of one connection. */
export type MethodChoice<C extends Offering = Offering> = { connection: C; method: string; withheld: Withheld | null };

/** What is looked at of a connection. */
export type Offering = Pick<
  Connection,
  | "id"
  | "processor"
  | "variant"
  | "status"
  | "onlyMethod"
  | "authorizationState"
  | "permissions"
  | "accountId"
  | "accounts"
>;

export type OfferedFor = {
  /** Null when no invoice is asked about: any currency will do. */
  currency: string | null;
  isTest: boolean;
  /** Methods of the link in its order; null means all. */
  methods: string[] | null;
  /** The one connection of the link; absent or null means any. */
  onlyConnectionId?: string | null;
  /** The point of sale's order: "connection:method"; what is not named comes after. */
  order: string[];
};

/** How a method is named in the point of sale's order. */
export const orderKey = (connectionId: string, method: string) => `${connectionId}:${method}`;

/**
 * Every method of the connections, in the order to offer them: the link's own, else the point of sale's, else that of the
 * connections as given. Those with `withheld` are not offered.
 */
export function judgeMethods<C extends Offering>(connections: C[], wanted: OfferedFor): MethodChoice<C>[] {
  // A link that has a connection of its own is not narrowed by the point of sale's choice.
  const only = wanted.onlyConnectionId ? undefined : connections.find((connection) => connection.onlyMethod !== null);
  const choices = connections.flatMap((connection) =>
    (variantOf(connection.processor, connection.variant)?.methods ?? []).map(({ id }) => ({
      connection,
      method: id,
      withheld: withheldOf(connection, id, wanted, only),
    })),
  );
  const last = Number.MAX_SAFE_INTEGER;
  const placeIn = (list: string[] | null, name: string) => {
    const at = list?.indexOf(name) ?? -1;
    return at < 0 ? last : at;
  };
  return choices
    .map((choice, index) => ({ choice, index }))
    .sort(
      (a, b) =>
        placeIn(wanted.methods, a.choice.method) - placeIn(wanted.methods, b.choice.method) ||
        placeIn(wanted.order, orderKey(a.choice.connection.id, a.choice.method)) -
          placeIn(wanted.order, orderKey(b.choice.connection.id, b.choice.method)) ||
        a.index - b.index,
    )
    .map(({ choice }) => choice);
}

/** The methods that a payer may choose. */
export function offerMethods<C extends Offering>(connections: C[], wanted: OfferedFor): MethodChoice<C>[] {
  return judgeMethods(connections, wanted).filter((choice) => choice.withheld === null);
}

function withheldOf(
  connection: Offering,
  method: string,
  wanted: OfferedFor,
  only: Offering | undefined,
): Withheld | null {
  // First what the merchant decided: it holds also where the one method is in trouble.
  if (only && (only.id !== connection.id || only.onlyMethod !== method)) return "only_another";
  if (wanted.onlyConnectionId && wanted.onlyConnectionId !== connection.id) return "not_on_link";
  if (wanted.methods && !wanted.methods.includes(method)) return "not_on_link";
  const currencies = variantOf(connection.processor, connection.variant)?.currencies ?? [];
  if (wanted.currency !== null && !currencies.includes(wanted.currency)) return "currency";
  const { permissions, account: needsAccount } = restsOn(connection.processor, method);
  if (permissions) {
    if (connection.authorizationState === "lapsed") return "consent_lapsed";
    if (connection.authorizationState !== "granted") return "consent_missing";
    if (permissions.some((id) => connection.permissions?.missing.includes(id))) return "permission_missing";
  }
  if (needsAccount) {
    const account = connection.accounts?.accounts.find((one) => one.id === connection.accountId);
    if (!account) return "account_not_chosen";
    if (!account.methods.includes(method)) return "account_without_method";
  }
  if (connection.status === "failing") return "connection_failing";
  if (connection.status !== "verified" && !wanted.isTest) return "not_verified";
  return null;
}
