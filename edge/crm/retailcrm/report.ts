// Telling the CRM how an invoice stands: the outbox's door. What is told is read at the moment of telling, one report of an
// invoice at a time, so news that waited is told as what it has become and older news never follows newer (retailcrm.md 4, 7).

import { and, eq, isNull, lte, or } from "drizzle-orm";
import type { CrmReported } from "../../../db/schema/crm.ts";
import { crmInstallations, crmInvoices, outbox } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { cancelInvoice } from "../../payments/invoice-commands.ts";
import { type CrmFault, callCrm } from "./call.ts";
import { askCheck } from "./check.ts";
import {
  actorOf,
  findInstallation,
  type Installation,
  isAwake,
  type OpenInstallation,
  openInstallation,
} from "./installations.ts";
import { patchCrmInvoice, readReading } from "./invoices.ts";
import { letGo, wishCancelled } from "./let-go.ts";
import { linkOf } from "./link.ts";
import {
  type CrmInvoice,
  type CrmRefund,
  type CrmState,
  crmState,
  endedRefunds,
  heldOf,
  type Reading,
} from "./state.ts";
import { detailText } from "./words.ts";

type Delivered = { done: boolean; text: string };

const LEASE_MS = 30_000;
const WAIT_MS = 100;
const WAITS = 50;

/** Delivers one ordered report. */
export async function deliverReport(
  context: Context,
  row: { merchantId: string; payload: Record<string, unknown> },
): Promise<Delivered> {
  const invoiceId = String(row.payload.invoiceId);
  const mine = and(eq(crmInvoices.merchantId, row.merchantId), eq(crmInvoices.invoiceId, invoiceId));
  // Its creation is told by the answer that made it; until that is written there is nothing to tell.
  const [known] = await context.db.select().from(crmInvoices).where(mine);
  if (!known) return { done: true, text: "told by the answer" };
  const leased = await lease(context, { ...known, invoiceId });
  if (!leased) return { done: false, text: "another report is under way" };
  try {
    return await report(context, leased);
  } finally {
    await patchCrmInvoice(context, leased, { reportLeaseUntil: null });
  }
}

/** Takes the right to report, or waits a little for the report that is under way. */
async function lease(context: Context, row: CrmInvoice): Promise<CrmInvoice | null> {
  const { db, now } = context;
  const { merchantId, id } = row;
  for (let turn = 0; turn < WAITS; turn++) {
    const [taken] = await db
      .update(crmInvoices)
      .set({ reportLeaseUntil: new Date(now.getTime() + LEASE_MS) })
      .where(
        and(
          eq(crmInvoices.merchantId, merchantId),
          eq(crmInvoices.id, id),
          or(isNull(crmInvoices.reportLeaseUntil), lte(crmInvoices.reportLeaseUntil, now)),
        ),
      )
      .returning();
    if (taken) return { ...taken, invoiceId: row.invoiceId };
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS));
  }
  return null;
}

async function report(context: Context, invoice: CrmInvoice): Promise<Delivered> {
  const row = await findInstallation(context, invoice.merchantId, invoice.installationId);
  if (!row) return { done: true, text: "no such installation" };
  let reading = await readReading(context, row, invoice);
  const open = await openInstallation(context, row);
  // Whether or not the CRM is there to be told: what must not stay goes back.
  const verified = isAwake(row) ? await verify(context, open, reading) : null;
  let pending = verified?.kind === "unknown" ? verified.text : null;
  if (invoice.cancelledAt) {
    const freed = await letGo(context, reading, actorOf(row));
    if (!freed.ok) pending = typeof freed.error === "string" ? freed.error : freed.error.fault.detail;
    reading = await readReading(context, row, invoice);
  }
  if (!isAwake(row)) {
    if (!row.archivedAt) await patchCrmInvoice(context, invoice, { isBehind: true });
    return { done: pending === null, text: pending ?? "the module sleeps" };
  }
  const told = await tell(context, open, reading);
  if (told) return { done: false, text: `${told.kind}: ${told.text}` };
  // All of it went back: the link does not take it a second time.
  if (crmState(reading).status === "refundSucceeded" && reading.story.invoice.state === "open") {
    await cancelInvoice(context, invoice.merchantId, invoice.invoiceId, actorOf(row), true);
  }
  return pending === null ? { done: true, text: crmState(reading).status } : { done: false, text: pending };
}

/** Asks about an order whose money is held and that was not asked about; a no becomes the wish to let it go. */
async function verify(context: Context, open: OpenInstallation, { story, invoice }: Reading) {
  const held = heldOf(story);
  if (!held || invoice.cancelledAt || invoice.checkState === "passed") return null;
  const verdict = await askCheck(context, open, invoice, { minor: held.authorizedMinor, currency: held.currency });
  if (verdict.kind === "refused") {
    await wishCancelled(context, invoice, detailText("check_failed", open.row.locale, { text: verdict.text }));
  }
  return verdict;
}

/** Tells state and refunds that were not told yet, in their order. Null when all is told. */
async function tell(context: Context, open: OpenInstallation, reading: Reading): Promise<CrmFault | null> {
  const { invoice, story } = reading;
  const state = crmState(reading);
  const key = JSON.stringify(state);
  const reported: CrmReported = invoice.reported ?? { state: "", refunds: {} };
  // Money that was told neither taken nor kept is not told returned.
  const ended = state.status === "canceled" ? [] : endedRefunds(story);
  const news = ended.filter((refund) => reported.refunds[refund.id] !== refund.status);
  const told: CrmReported = { state: reported.state, refunds: { ...reported.refunds } };
  // Each refund in a call of its own; the last of them carries the state that all of them lead to.
  const calls: { state: CrmState; refund?: CrmRefund }[] = news.map((refund, index) => ({
    state: index === news.length - 1 || state.status !== "refundSucceeded" ? state : { ...state, status: "succeeded" },
    refund,
  }));
  if (calls.length === 0 && reported.state !== key) calls.push({ state });
  for (const { state: now, refund } of calls) {
    const answered = await callCrm(
      context,
      { url: open.row.url, apiKey: open.apiKey },
      {
        method: "POST",
        path: "/api/v5/payment/update-invoice",
        form: {
          updateInvoice: JSON.stringify({
            invoiceUuid: invoice.invoiceUuid,
            paymentId: invoice.invoiceId,
            invoiceUrl: linkOf(context, story.invoice),
            ...now,
            ...(refund ? { refund } : {}),
          }),
        },
      },
      {
        merchantId: invoice.merchantId,
        installationId: invoice.installationId,
        invoiceId: invoice.invoiceId,
        about: refund ? `${now.status} · refund ${refund.status}` : now.status,
      },
    );
    // A busy CRM is well: it is asked again later.
    if (answered.ok || answered.error.kind !== "busy") {
      await noteHealth(context, open.row, answered.ok || answered.error.kind === "refused");
    }
    if (!answered.ok) return answered.error;
    if (refund) told.refunds[refund.id] = refund.status;
    told.state = JSON.stringify(now);
    await patchCrmInvoice(context, invoice, { reported: told, isBehind: false });
  }
  return null;
}

async function noteHealth(context: Context, row: Installation, isWell: boolean): Promise<void> {
  if (isWell === (row.failingSince === null)) return;
  row.failingSince = isWell ? null : context.now;
  await context.db
    .update(crmInstallations)
    .set({ failingSince: row.failingSince })
    .where(and(eq(crmInstallations.merchantId, row.merchantId), eq(crmInstallations.id, row.id)));
}

/** Everything that the CRM could not be told in its time (it slept, its creation was cut off) is ordered to be told. */
export async function orderMissed(context: Context, row: Installation): Promise<void> {
  const behind = await context.db
    .select({ invoiceId: crmInvoices.invoiceId })
    .from(crmInvoices)
    .where(
      and(
        eq(crmInvoices.merchantId, row.merchantId),
        eq(crmInvoices.installationId, row.id),
        eq(crmInvoices.isBehind, true),
      ),
    );
  if (behind.length === 0) return;
  await context.db.insert(outbox).values(
    behind.map(({ invoiceId }) => {
      const id = context.newId("outbox");
      return {
        id,
        merchantId: row.merchantId,
        topic: "crm_invoice",
        effectKey: id,
        payload: { invoiceId },
        nextAttemptAt: context.now,
        createdAt: context.now,
      };
    }),
  );
  await context.wake({ kind: "due" });
}
