// The audit trail: who changed what, from what to what, never a secret.

import type { AuditAction } from "../../db/schema/audit-actions.ts";
import { auditEntries } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { Principal } from "./permissions.ts";

/** The statement that notes a change by a principal; run it alone or in the change's own batch. */
export function audit(
  context: Context,
  principal: Principal,
  action: AuditAction,
  subject: string,
  change: { before?: unknown; after?: unknown } = {},
) {
  return context.db.insert(auditEntries).values({
    id: context.newId("audit"),
    merchantId: principal.merchantId,
    actor: principal.actor,
    action,
    subject,
    before: change.before ?? null,
    after: change.after ?? null,
    requestId: context.requestId,
    at: context.now,
  });
}
