// The connection doctor: asks the processor everything that can be asked without moving money, looks at what happened
// here, and keeps what it found with the connection. Runs on save, on demand and every night.

import { and, desc, eq, gt, isNull, lte, ne } from "drizzle-orm";
import type { Finding } from "../../db/schema/connections.ts";
import { attentionItems, connections, invoices, ipns, outbox } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { newToken } from "../ids.ts";
import { makesReceipts, variantOf } from "../processors/abilities.ts";
import type {
  CallContext,
  CheckStep,
  CredentialCheck,
  Fault,
  PayerAction,
  StartAttempt,
} from "../processors/contract.ts";
import type { Result } from "../result.ts";
import { refreshAccounts } from "./accounts.ts";
import { type Connection, openConnection } from "./connections.ts";
import { diagnose, type Facts } from "./diagnose.ts";

const HOUR = 3600_000;
const DAY = 24 * HOUR;
/** The night by which everything is looked at again, and over how long the connections are spread in it (UTC). */
const NIGHT_HOUR = 0;
const SPREAD_MS = 3 * HOUR;
const LARGEST_BATCH = 100;

export type Examined = { connection: Connection; action: PayerAction | undefined };

/** Where the processor is to send notifications. */
export function notifyAddressOf(context: Context, connection: Pick<Connection, "id">): string {
  return `${context.env.EDGE_ORIGIN}/ipn/${connection.id}`;
}

/**
 * Examines a connection and records what was found.
 * @param isAsked by a person, whose check may bring the connection to life; the doctor by itself only takes a verified
 *   one out of service and puts it back
 */
export async function examine(context: Context, connection: Connection, isAsked: boolean): Promise<Examined> {
  const seen = await look(context, connection);
  const findings = diagnose(seen.facts);
  const row = seen.facts.connection;
  const steps = seen.facts.check && "steps" in seen.facts.check ? seen.facts.check.steps : [];
  const status = statusAfter(row, findings, steps, isAsked);
  const at = context.now.toISOString();
  const [rows] = await context.db.batch([
    context.db
      .update(connections)
      .set({
        diagnosis: { at, findings },
        // A step that waits for a person keeps that person's answer until somebody checks again.
        ...(isAsked || !steps.some((step) => step.outcome === "needs_person")
          ? { lastCheck: { at, steps: seen.steps.map(shownStep) } }
          : {}),
        // Only what this examination changes: another one may have ended while this one was asking.
        ...(status === row.status ? {} : { status }),
        ...(status === "verified" && row.status !== "verified" ? { verifiedAt: context.now } : {}),
        nextExamAt: nextNight(row.id, context.now),
        updatedAt: context.now,
      })
      .where(own(row))
      .returning(),
    ...troubleItems(context, row, findings, isAsked),
  ]);
  return { connection: rows[0] ?? row, action: seen.action };
}

const own = (row: Connection) => and(eq(connections.merchantId, row.merchantId), eq(connections.id, row.id));

const shownStep = ({ validUntil, ...step }: CheckStep) => ({
  ...step,
  ...(validUntil ? { validUntil: validUntil.toISOString() } : {}),
});

function statusAfter(row: Connection, findings: Finding[], steps: CheckStep[], isAsked: boolean): Connection["status"] {
  const blocking = findings.filter((finding) => finding.severity === "stops");
  const wasInService = row.status === "verified" || row.status === "failing";
  // Nobody heard an answer: what was so before is not disproved, and nothing is proved.
  const isSilent = findings.some((finding) => finding.code === "processor_silent");
  if (blocking.length > 0) {
    if (wasInService) return "failing";
    const waits = blocking.every(({ code }) => code === "not_approved" || code === "account_not_usable");
    return waits ? "waiting_for_approval" : "unverified";
  }
  if (isSilent) return row.status === "verified" && isAsked ? "failing" : row.status;
  if (steps.some((step) => step.outcome === "needs_person"))
    return row.status === "verified" ? "verified" : "unverified";
  if (!isAsked && !wasInService) return row.status;
  return "verified";
}

/** One open item for a person while a connection in service has a fault that stops it; closed when it has none. */
function troubleItems(context: Context, row: Connection, findings: Finding[], isAsked: boolean) {
  const { db, now, newId } = context;
  const worst = findings.find((finding) => finding.severity === "stops");
  const open = and(
    eq(attentionItems.merchantId, row.merchantId),
    eq(attentionItems.connectionId, row.id),
    eq(attentionItems.kind, "connection_trouble"),
    isNull(attentionItems.resolvedAt),
  );
  const close = db.update(attentionItems).set({ resolvedAt: now, resolvedBy: "system" }).where(open);
  // Who asked sees the answer; an ended access has an item of its own.
  if (!worst || isAsked || worst.code === "access_lapsed" || row.status === "unverified") return [close];
  return [
    close,
    db.insert(attentionItems).values({
      id: newId("attention"),
      merchantId: row.merchantId,
      kind: "connection_trouble",
      connectionId: row.id,
      detail: { connection: row.name, finding: worst.code },
      dueAt: new Date(now.getTime() + DAY),
      createdAt: now,
    }),
  ];
}

type Look = { facts: Facts; steps: CheckStep[]; action: PayerAction | undefined };

async function look(context: Context, before: Connection): Promise<Look> {
  const hasAccess = before.authorizationState === "not_needed" || before.authorizationState === "granted";
  let connection = before;
  let skewSeconds: number | null = null;
  let check: Result<CredentialCheck, Fault> | undefined;
  let registered: string[] | null = null;
  const open = await openConnection(context, before);
  connection = open.connection;
  const { processor } = open;
  if (hasAccess && connection.authorizationState !== "lapsed") {
    const callContext = withDates(open.callWith(context.newId("attempt")), (date) => {
      skewSeconds ??= (date.getTime() - context.now.getTime()) / 1000;
    });
    check = await processor.checkCredentials(probeOf(context, connection), callContext);
    const told = check.ok ? await processor.readRegistered?.(callContext) : undefined;
    registered = told?.ok ? told.value : null;
    if (processor.listAccounts) {
      const refreshed = await refreshAccounts(context, connection);
      if (refreshed.ok) connection = refreshed.value;
    }
  }
  const [isUsedElsewhere, silentSince, rejected, openWithoutEmail] = await Promise.all([
    usedElsewhere(context, connection),
    silence(context, connection),
    rejections(context, connection),
    withoutEmail(context, connection),
  ]);
  return {
    facts: {
      connection,
      descriptor: processor.descriptor,
      authorization: processor.authorization,
      hasAccounts: processor.listAccounts !== undefined,
      canRegister: processor.registerNotifications !== undefined,
      ...(check ? { check: check.ok ? { steps: check.value.steps } : { fault: check.error } } : {}),
      skewSeconds,
      registered,
      expectedAddress: notifyAddressOf(context, connection),
      isUsedElsewhere,
      silentSince,
      rejected,
      openWithoutEmail,
      now: context.now,
    },
    steps: !check
      ? []
      : check.ok
        ? check.value.steps
        : [{ id: "processor_answered", outcome: "failed", detail: `${check.error.kind}: ${check.error.detail}` }],
    action: check?.ok ? check.value.action : undefined,
  };
}

/** Lets the doctor see the clock of whoever answers. */
function withDates(of: CallContext<unknown>, onDate: (date: Date) => void): CallContext<unknown> {
  return {
    ...of,
    call: async (request) => {
      const answer = await of.call(request);
      const date = answer.ok ? new Date(answer.value.headers.get("date") ?? "") : null;
      if (date && !Number.isNaN(date.getTime())) onDate(date);
      return answer;
    },
  };
}

/** What a throw-away attempt would be started with: nothing is paid, nothing is stored. */
function probeOf(context: Context, connection: Connection): StartAttempt {
  const attemptId = context.newId("attempt");
  const secret = newToken();
  const variant = variantOf(connection.processor, connection.variant);
  return {
    attemptId,
    method: variant?.methods[0]?.id ?? "card",
    amount: { minor: 100n, currency: variant?.currencies[0] ?? "RON" },
    capture: "automatic",
    description: "Plata check",
    locale: "ro",
    payer: { name: "Plata", email: "check@plata.dev", phone: "+40700000000" },
    returnUrl: `${context.env.WEB_ORIGIN}/checked`,
    notifyUrl: `${notifyAddressOf(context, connection)}/${attemptId}/${secret}`,
    secret,
  };
}

/** Whether another point of sale uses the same account: each application needs one of its own at the processor. */
export async function usedElsewhere(context: Context, row: Connection): Promise<boolean> {
  if (!row.accountReference) return false;
  const same = await context.db
    .select({ id: connections.id })
    .from(connections)
    .where(
      and(
        eq(connections.processor, row.processor),
        eq(connections.accountReference, row.accountReference),
        ne(connections.id, row.id),
        ne(connections.pointOfSaleId, row.pointOfSaleId),
        isNull(connections.archivedAt),
      ),
    )
    .limit(1);
  return same.length > 0;
}

async function silence(context: Context, row: Connection): Promise<string | null> {
  const rows = await context.db
    .select({ detail: attentionItems.detail })
    .from(attentionItems)
    .where(
      and(
        eq(attentionItems.merchantId, row.merchantId),
        eq(attentionItems.connectionId, row.id),
        eq(attentionItems.kind, "notifications_silent"),
        isNull(attentionItems.resolvedAt),
      ),
    )
    .limit(1);
  const since = rows[0]?.detail.since;
  return typeof since === "string" ? since : null;
}

/** Open invoices that can be paid here and name no e-mail, where receipts are sent to one; the payer is asked for it then. */
async function withoutEmail(context: Context, row: Connection): Promise<number> {
  if (!makesReceipts(row.processor, row.options)) return 0;
  return context.db.$count(
    invoices,
    and(
      eq(invoices.merchantId, row.merchantId),
      eq(invoices.pointOfSaleId, row.pointOfSaleId),
      eq(invoices.state, "open"),
      eq(invoices.acceptsCard, true),
      isNull(invoices.payerEmail),
    ),
  );
}

/** Notifications of the last day that were not believed, newer than the last believed one: a wrong secret, most often. */
async function rejections(context: Context, row: Connection): Promise<Facts["rejected"]> {
  const rows = await context.db
    .select({ verdict: ipns.verdict, reason: ipns.reason })
    .from(ipns)
    .where(
      and(
        eq(ipns.merchantId, row.merchantId),
        eq(ipns.connectionId, row.id),
        gt(ipns.receivedAt, new Date(context.now.getTime() - DAY)),
      ),
    )
    .orderBy(desc(ipns.id))
    .limit(20);
  const believed = rows.findIndex((ipn) => ipn.verdict !== "rejected");
  const bad = believed < 0 ? rows : rows.slice(0, believed);
  // One may be anybody's forgery.
  return bad.length >= 2 ? { count: bad.length, reason: bad[0]?.reason ?? "rejected" } : null;
}

/** The moment of the next night at which a connection has its turn; always the same minute of the night. */
function nextNight(id: string, now: Date): Date {
  const spread = [...id].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % SPREAD_MS, 7);
  const tonight = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), NIGHT_HOUR) + spread;
  return new Date(tonight > now.getTime() ? tonight : tonight + DAY);
}

/** The statement that orders an examination in the background. */
export function orderExam(context: Context, connection: Pick<Connection, "id" | "merchantId">) {
  const id = context.newId("outbox");
  return context.db.insert(outbox).values({
    id,
    merchantId: connection.merchantId,
    topic: "examine_connection",
    effectKey: id,
    payload: { connectionId: connection.id },
    nextAttemptAt: context.now,
    createdAt: context.now,
  });
}

/** Orders the examinations of this night; says how many. Called by cron, delivered by the outbox. */
export async function orderNightlyExams(context: Context): Promise<number> {
  const { db, now } = context;
  const due = await db
    .select({ id: connections.id, merchantId: connections.merchantId })
    .from(connections)
    .where(and(lte(connections.nextExamAt, now), isNull(connections.archivedAt)))
    .orderBy(connections.nextExamAt)
    .limit(LARGEST_BATCH);
  for (const row of due) {
    await db.batch([
      db
        .update(connections)
        .set({ nextExamAt: nextNight(row.id, now) })
        .where(and(eq(connections.merchantId, row.merchantId), eq(connections.id, row.id))),
      orderExam(context, row),
    ]);
  }
  return due.length;
}
