// All tables, for the query builder and the migration generator.

export * from "./auth.ts";
export * from "./connections.ts";
export * from "./crm.ts";
export * from "./hand-overs.ts";
export * from "./help.ts";
export * from "./invoices.ts";
export * from "./merchants.ts";
export * from "./messages.ts";
export * from "./own-statuses.ts";
export * from "./payments.ts";
export * from "./receipts.ts";
export * from "./troubles.ts";
export * from "./webhooks.ts";
