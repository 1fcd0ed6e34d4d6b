// A payer whose invoice has expired asks for a new date: once until it is answered, or a day later again. The merchant's
// people find it among what needs a person, and the merchant's address is written to.

import { and, desc, eq, isNull } from "drizzle-orm";
import { attentionItems, events } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { refusalOf } from "./start-steps.ts";
import type { Step } from "./step.ts";
import type { Invoice, Story } from "./story.ts";
import { takeStep } from "./transition.ts";

const AGAIN_MS = 24 * 3600 * 1000;

/** When the payer last asked for a new date in place of the one that is over; null when not, or long ago. */
export async function dateAskedAt(context: Context, invoice: Invoice): Promise<Date | null> {
  const [last] = await context.db
    .select({ at: events.recordedAt })
    .from(events)
    .where(
      and(
        eq(events.merchantId, invoice.merchantId),
        eq(events.invoiceId, invoice.id),
        eq(events.type, "invoice.date_asked"),
      ),
    )
    .orderBy(desc(events.position))
    .limit(1);
  if (!last || !invoice.expiresAt || last.at < invoice.expiresAt) return null;
  return context.now.getTime() - last.at.getTime() < AGAIN_MS ? last.at : null;
}

/** Asks, unless it was asked already or there is nothing to ask for. */
export async function askForDate(context: Context, story: Story): Promise<void> {
  const { merchantId, id: invoiceId, version } = story.invoice;
  if (refusalOf(story, context.now) !== "invoice_expired" || (await dateAskedAt(context, story.invoice))) return;
  await takeStep(context.db, context.stepBy("payer"), { merchantId, invoiceId }, (step) => {
    // Something else happened in between, perhaps the same press: the page shows it.
    if (step.story.invoice.version === version) ask(step);
  });
}

function ask(step: Step): void {
  const { invoice } = step.story;
  const expiredAt = invoice.expiresAt?.toISOString() ?? null;
  step.event("invoice.date_asked", { expiredAt });
  step.attention("date_asked", { expiredAt });
  step.outbox("date_asked_mail", `${invoice.id}:${step.context.now.toISOString()}`, { invoiceId: invoice.id });
}

/** A new date was given: nobody needs to look any more. */
export async function dateGiven({ db, now }: Context, merchantId: string, invoiceId: string, by: string) {
  await db
    .update(attentionItems)
    .set({ resolvedAt: now, resolvedBy: by })
    .where(
      and(
        eq(attentionItems.merchantId, merchantId),
        isNull(attentionItems.resolvedAt),
        eq(attentionItems.invoiceId, invoiceId),
        eq(attentionItems.kind, "date_asked"),
      ),
    );
}
