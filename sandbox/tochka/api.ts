// Every call of the bank's API in one list.
import { acquiringRoutes } from "./acquiring.ts";
import { bankingRoutes } from "./banking.ts";
import type { Route } from "./call.ts";
import { connectOperations } from "./connect.ts";
import { sbpRoutes } from "./sbp.ts";
import { webhookRoutes } from "./webhooks.ts";

export const apiRoutes: readonly Route[] = [...bankingRoutes, ...acquiringRoutes, ...sbpRoutes, ...webhookRoutes];

/** Names of all operations, for faults that strike one only. */
export const apiOperations: readonly string[] = [
  ...new Set([...apiRoutes.map(({ operation }) => operation), ...connectOperations, "public_key"]),
];
