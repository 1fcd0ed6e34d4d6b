// A point of sale's connections to processors: stored sealed, opened only where a call or a notification needs them.

import { and, desc, eq, isNull } from "drizzle-orm";
import { connections } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { makeCaller } from "../processors/call.ts";
import type { CallContext, Processor } from "../processors/contract.ts";
import { resolveHosts } from "../processors/hosts.ts";
import { processorOf } from "../processors/registry.ts";

export type Connection = typeof connections.$inferSelect;

/** A connection with its processor and decrypted credentials, ready to be called. */
export type OpenConnection = {
  connection: Connection;
  processor: Processor;
  credentials: unknown;
  /** What the adapter is handed for one call. */
  callWith(idempotencyKey: string): CallContext<unknown>;
};

const boundTo = (connectionId: string) => `connections|${connectionId}|credentials`;

/** Finds a connection of a merchant; archived ones too, since late news of theirs still counts. */
export async function findConnection(context: Context, merchantId: string, id: string): Promise<Connection | null> {
  const rows = await context.db
    .select()
    .from(connections)
    .where(and(eq(connections.merchantId, merchantId), eq(connections.id, id)));
  return rows[0] ?? null;
}

/** Live connections of a point of sale, newest first. */
export async function listConnections(
  context: Context,
  merchantId: string,
  pointOfSaleId: string,
): Promise<Connection[]> {
  return context.db
    .select()
    .from(connections)
    .where(
      and(
        eq(connections.merchantId, merchantId),
        eq(connections.pointOfSaleId, pointOfSaleId),
        isNull(connections.archivedAt),
      ),
    )
    .orderBy(desc(connections.id));
}

/** Seals credentials for a connection's row. */
export async function sealCredentials(
  context: Context,
  merchantId: string,
  connectionId: string,
  credentials: unknown,
) {
  return context.vault.seal(merchantId, JSON.stringify(credentials), boundTo(connectionId));
}

/** Decrypts a connection's credentials and makes it callable. */
export async function openConnection(context: Context, connection: Connection): Promise<OpenConnection> {
  const processor = processorOf(connection.processor);
  if (!processor) throw new Error(`no adapter for ${connection.processor}`);
  const text = await context.vault.open(
    connection.merchantId,
    { sealed: connection.credentials, dataKeyId: connection.dataKeyId },
    boundTo(connection.id),
  );
  return callable(context, connection, processor, JSON.parse(text));
}

/** A connection with credentials at hand, stored or about to be. */
export function callable(
  context: Context,
  connection: Connection,
  processor: Processor,
  credentials: unknown,
): OpenConnection {
  const hosts = resolveHosts(processor.descriptor, connection.environment, context.env.PROCESSOR_HOSTS);
  return {
    connection,
    processor,
    credentials,
    callWith: (idempotencyKey) => ({
      credentials,
      options: connection.options,
      environment: connection.environment,
      now: context.now,
      call: makeCaller({ allowedOrigins: hosts.allowedOrigins, fetch: (url, init) => fetch(url, init) }),
      hosts: hosts.hosts,
      mayLeadTo: hosts.mayLeadTo,
      idempotencyKey,
    }),
  };
}

/** Keys that a processor signs with for all of its merchants, from the environment; empty means the adapter's own. */
export function platformKeysOf(context: Context, processor: string): string[] {
  return context.env.PLATFORM_KEYS?.[processor] ?? [];
}
