// The mail that tells a connection's notification address of an incoming payment: once per payment, test ones only where
// that was chosen.

import { and, eq } from "drizzle-orm";
import { createTranslator } from "use-intl/core";
import { attempts, connections, invoices, merchants, payments } from "../../db/schema/index.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { toDecimalText } from "../money.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { MESSAGES, writeLetter } from "./letter.ts";
import { sendMail } from "./send.ts";

/** Delivers one ordered mail, to the address that stands in the connection now. */
export async function sendPaymentReceived(context: Context, row: OutboxRow): Promise<{ done: boolean; text: string }> {
  const paymentId = String(row.payload.paymentId);
  const rows = await context.db
    .select({ payment: payments, connection: connections, invoice: invoices, merchant: merchants })
    .from(payments)
    .innerJoin(attempts, and(eq(attempts.merchantId, payments.merchantId), eq(attempts.id, payments.attemptId)))
    .innerJoin(
      connections,
      and(eq(connections.merchantId, attempts.merchantId), eq(connections.id, attempts.connectionId)),
    )
    .innerJoin(invoices, and(eq(invoices.merchantId, attempts.merchantId), eq(invoices.id, attempts.invoiceId)))
    .innerJoin(merchants, eq(merchants.id, payments.merchantId))
    .where(and(eq(payments.merchantId, row.merchantId), eq(payments.id, paymentId)));
  const found = rows[0];
  const to = found?.connection.notifyEmail;
  if (!found || !to) return { done: true, text: "not sent: nobody asked for it" };
  const { payment, connection, invoice, merchant } = found;
  if (payment.isTest && !connection.notifyTest) return { done: true, text: "not sent: a test" };
  const locale = languageOf(merchant.locale);
  const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "paymentReceived" });
  const amount = new Intl.NumberFormat(locale, { style: "currency", currency: payment.currency }).format(
    Number(toDecimalText({ minor: payment.amountMinor, currency: payment.currency })),
  );
  const at = new Intl.DateTimeFormat(locale, {
    dateStyle: "long",
    timeStyle: "short",
    timeZone: merchant.timeZone,
  }).format(payment.occurredAt);
  const words = { amount, label: invoice.label ?? "", payer: invoice.payerName ?? "", connection: connection.name };
  const facts: ([string, string] | null)[] = [
    invoice.label ? [t("invoice"), invoice.label] : null,
    invoice.payerName ? [t("payer"), invoice.payerName] : null,
    [t("by"), connection.name],
    payment.reference ? [t("reference"), payment.reference] : null,
    [t("at"), at],
    payment.isTest ? [t("test"), t("testText")] : null,
  ];
  const { text, html } = writeLetter({
    locale,
    title: t("title", words),
    lead: t("lead", words),
    figure: amount,
    facts: facts.filter((fact) => fact !== null),
    go: { label: t("go"), url: `${context.env.WEB_ORIGIN}/invoices/${invoice.id}`, hint: t("hint") },
    why: t("why", { ...words, merchant: merchant.name }),
  });
  await sendMail(context, { to, subject: t("subject", words), text, html });
  return { done: true, text: "sent" };
}
