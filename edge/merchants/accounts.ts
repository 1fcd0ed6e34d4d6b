// What a merchant has at a processor (outlets of legal entities), and which of it a connection is bound to.

import { and, eq } from "drizzle-orm";
import type { AccountList } from "../../db/schema/connections.ts";
import { connections } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import type { Fault } from "../processors/contract.ts";
import { fail, ok, type Result } from "../result.ts";
import { openConnection } from "./connections.ts";
import type { Connection } from "./credentials.ts";

export type StoredAccount = AccountList["accounts"][number];

/** The account that is chosen, as it was last read; undefined when none is, or it is gone. */
export function chosenAccount(connection: Connection): StoredAccount | undefined {
  return connection.accounts?.accounts.find((account) => account.id === connection.accountId);
}

/** Whether the chosen account is no longer among those that the processor lists. */
export function isAccountGone(connection: Connection): boolean {
  return connection.accountId !== null && connection.accounts !== null && !chosenAccount(connection);
}

/** Reads the accounts from the processor and keeps the choice as it is; what is gone is flagged, never replaced. */
export async function refreshAccounts(context: Context, connection: Connection): Promise<Result<Connection, Fault>> {
  const open = await openConnection(context, connection);
  if (!open.processor.listAccounts) return ok(open.connection);
  const listed = await open.processor.listAccounts(open.callWith(context.newId("request")));
  if (!listed.ok) return listed;
  const rows = await context.db
    .update(connections)
    .set({ accounts: { at: context.now.toISOString(), accounts: listed.value }, updatedAt: context.now })
    .where(and(eq(connections.merchantId, connection.merchantId), eq(connections.id, connection.id)))
    .returning();
  return rows[0] ? ok(rows[0]) : fail({ kind: "rejected", detail: "connection_gone" });
}
