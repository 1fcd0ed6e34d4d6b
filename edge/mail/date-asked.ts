// The mail that tells the merchant that a payer asks for a new date: their invoice can no longer be paid by its link.

import { and, eq } from "drizzle-orm";
import { createTranslator } from "use-intl/core";
import { invoices, merchants } from "../../db/schema/index.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { toDecimalText } from "../money.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { dueMinor } from "../payments/amounts.ts";
import { refusalOf } from "../payments/start-steps.ts";
import { readStory } from "../payments/story.ts";
import { MESSAGES, writeLetter } from "./letter.ts";
import { sendMail } from "./send.ts";

/** Delivers one, unless a date was given or the invoice was settled meanwhile. Answers go to the payer. */
export async function sendDateAsked(context: Context, row: OutboxRow): Promise<{ done: boolean; text: string }> {
  const invoiceId = String(row.payload.invoiceId);
  const [found] = await context.db
    .select({ merchant: merchants })
    .from(invoices)
    .innerJoin(merchants, eq(merchants.id, invoices.merchantId))
    .where(and(eq(invoices.merchantId, row.merchantId), eq(invoices.id, invoiceId)));
  const story = found ? await readStory(context.db, row.merchantId, invoiceId) : null;
  if (!found || !story || refusalOf(story, context.now) !== "invoice_expired") {
    return { done: true, text: "not sent: it is answered" };
  }
  const { merchant } = found;
  const { invoice } = story;
  const locale = languageOf(merchant.locale);
  const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "dateAsked" });
  const amount = new Intl.NumberFormat(locale, { style: "currency", currency: invoice.currency }).format(
    Number(toDecimalText({ minor: dueMinor(story), currency: invoice.currency })),
  );
  const moment = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: merchant.timeZone,
  });
  const words = { amount, label: invoice.label ?? "", merchant: merchant.name };
  const facts: ([string, string] | null)[] = [
    [t("payer"), invoice.payerName],
    invoice.payerEmail ? [t("email"), invoice.payerEmail] : null,
    invoice.payerPhone ? [t("phone"), invoice.payerPhone] : null,
    invoice.expiresAt ? [t("expired"), moment.format(invoice.expiresAt)] : null,
  ];
  const { text, html } = writeLetter({
    locale,
    title: t("title", words),
    lead: t("lead", words),
    figure: amount,
    facts: facts.filter((fact) => fact !== null),
    go: { label: t("go"), url: `${context.env.WEB_ORIGIN}/invoices/${invoice.id}`, hint: t("hint") },
    why: t("why", words),
  });
  await sendMail(context, {
    to: merchant.email,
    subject: t("subject", words),
    text,
    html,
    ...(invoice.payerEmail ? { replyTo: invoice.payerEmail } : {}),
  });
  return { done: true, text: "sent" };
}
