// Who may do what: scopes of API keys, and the scopes that each role of a member has.

import type { MemberRole } from "../../db/schema/merchants.ts";

export const SCOPES = [
  "invoices:read",
  "invoices:write",
  "payments:read",
  "payments:write",
  "refunds:write",
  "approvals:write",
  "connections:read",
  "connections:write",
  "ipns:read",
  "ipns:write",
  "settings:read",
  "settings:write",
  "keys:write",
  "audit:read",
  "webhooks:read",
  "webhooks:write",
] as const;
export type Scope = (typeof SCOPES)[number];

const READING: Scope[] = [
  "invoices:read",
  "payments:read",
  "connections:read",
  "ipns:read",
  "settings:read",
  "webhooks:read",
];

export const ROLE_SCOPES: Record<MemberRole, readonly Scope[]> = {
  owner: SCOPES,
  admin: SCOPES,
  operator: [...READING, "invoices:write", "payments:write", "refunds:write", "ipns:write"],
  accountant: [...READING, "payments:write", "audit:read"],
  viewer: READING,
};

/** Who is asking, for which merchant, with which rights. */
export type Principal = {
  /** As it stands in audit and events: `member:<id>` or `api_key:<id>`. */
  actor: string;
  merchantId: string;
  /** An API key belongs to one point of sale; a member sees all of the merchant's. */
  pointOfSaleId: string | null;
  scopes: ReadonlySet<Scope>;
  role: MemberRole | null;
};
