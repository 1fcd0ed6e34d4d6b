// A connection's credentials: sealed in its row, opened where a call or a notification needs them.

import { and, eq, isNull, lte, or } from "drizzle-orm";
import { connections } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { makeCaller } from "../processors/call.ts";
import type { CallContext, Environment, Processor } from "../processors/contract.ts";
import { type HostOverrides, type ResolvedHosts, resolveHosts } from "../processors/hosts.ts";
import { processorOf } from "../processors/registry.ts";
import { fetchFor, relayOf } from "../processors/relay.ts";

/** How often a change that came second is tried again. */
const TURNS = 60;

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

/** Seals credentials for a connection's row. */
export async function sealCredentials(
  context: Context,
  merchantId: string,
  connectionId: string,
  credentials: unknown,
) {
  return context.vault.seal(merchantId, JSON.stringify(credentials), boundTo(connectionId));
}

/** Decrypts a connection's credentials as they are stored, without renewing an access that has run out. */
export async function openStored(context: Context, connection: Connection): Promise<OpenConnection> {
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
  const hosts = hostsOf(processor, connection.environment, context.env.PROCESSOR_HOSTS);
  const send = fetchFor(processor.descriptor, hosts, relayOf(context.env), (url, init) => fetch(url, init));
  return {
    connection,
    processor,
    credentials,
    callWith: (idempotencyKey) => ({
      credentials,
      options: connection.options,
      environment: connection.environment,
      now: context.now,
      call: makeCaller({ allowedOrigins: hosts.allowedOrigins, fetch: send }),
      hosts: hosts.hosts,
      mayLeadTo: hosts.mayLeadTo,
      idempotencyKey,
    }),
  };
}

/** Resolved once: descriptors are constants and the environment is parsed once per isolate. */
const resolved = new WeakMap<
  Processor,
  { overrides: HostOverrides | undefined; hosts: Map<Environment, ResolvedHosts> }
>();

function hostsOf(processor: Processor, environment: Environment, overrides: HostOverrides | undefined): ResolvedHosts {
  let known = resolved.get(processor);
  if (!known || known.overrides !== overrides) {
    known = { overrides, hosts: new Map() };
    resolved.set(processor, known);
  }
  const hosts = known.hosts.get(environment) ?? resolveHosts(processor.descriptor, environment, overrides);
  known.hosts.set(environment, hosts);
  return hosts;
}

/** What of credentials may be shown again, by the descriptor. */
export function publicFieldsOf(processor: Processor, credentials: unknown): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const name of processor.descriptor.publicFields) {
    const value = (credentials as Record<string, unknown>)[name];
    if (typeof value === "string") shown[name] = value;
  }
  return shown;
}

/** What a change makes of stored credentials, and of the row beside them. */
export type Rewritten = { credentials: unknown; patch?: Partial<Connection> };

/**
 * Changes stored credentials. Tokens among them may be renewed at the same moment, so a change waits for a renewal and
 * replaces only what it has read; the loser reads again.
 * @param change gets what is stored now; may be called several times
 * @returns the row afterwards, null when the connection is gone
 */
export async function rewriteCredentials(
  context: Context,
  connection: Connection,
  change: (open: OpenConnection) => Rewritten | Promise<Rewritten>,
): Promise<Connection | null> {
  const { db, now } = context;
  const own = and(eq(connections.merchantId, connection.merchantId), eq(connections.id, connection.id));
  for (let turn = 0; turn < TURNS; turn++) {
    const [row] = turn === 0 ? [connection] : await db.select().from(connections).where(own);
    if (!row) return null;
    const open = await openStored(context, row);
    const { credentials, patch } = await change(open);
    const sealed = await sealCredentials(context, row.merchantId, row.id, credentials);
    const [written] = await db
      .update(connections)
      .set({
        ...patch,
        credentials: sealed.sealed,
        dataKeyId: sealed.dataKeyId,
        publicFields: publicFieldsOf(open.processor, credentials),
        updatedAt: now,
      })
      .where(
        and(
          own,
          eq(connections.credentials, row.credentials),
          or(isNull(connections.renewLeaseUntil), lte(connections.renewLeaseUntil, now)),
        ),
      )
      .returning();
    if (written) return written;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error("the credentials are being changed by somebody else");
}
