// The mail that brings an invoice's link to the payer: amount first, one button, the address in plain text too.

import { and, eq } from "drizzle-orm";
import { createTranslator } from "use-intl/core";
import { invoices, merchants, pointsOfSale } from "../../db/schema/index.ts";
import { languageOf } from "../../messages/languages.ts";
import type { Context } from "../context.ts";
import { scrubText } from "../log.ts";
import { toDecimalText } from "../money.ts";
import type { OutboxRow } from "../outbox/deliver.ts";
import { dueMinor } from "../payments/amounts.ts";
import { readStory } from "../payments/story.ts";
import { MESSAGES } from "./letter.ts";
import { MailRefused } from "./refusal.ts";
import { sendMail } from "./send.ts";

const toHtml = (text: string) => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** Delivers one ordered mail. A link that may no longer be paid is not sent; a refusal says which setting is at fault. */
export async function sendInvoiceLink(
  context: Context,
  row: OutboxRow,
): Promise<{ done: boolean; text: string; isFinal?: boolean }> {
  const { invoiceId, email } = row.payload as { invoiceId: string; email: string };
  const found = await context.db
    .select({ invoice: invoices, merchant: merchants, shop: pointsOfSale })
    .from(invoices)
    .innerJoin(merchants, eq(merchants.id, invoices.merchantId))
    .innerJoin(
      pointsOfSale,
      and(eq(pointsOfSale.merchantId, invoices.merchantId), eq(pointsOfSale.id, invoices.pointOfSaleId)),
    )
    .where(and(eq(invoices.merchantId, row.merchantId), eq(invoices.id, invoiceId)));
  const first = found[0];
  const story = first ? await readStory(context.db, row.merchantId, invoiceId) : null;
  const isPayable = first?.invoice.state === "open" || first?.invoice.state === "authorized";
  if (!first || !story || !isPayable || dueMinor(story) === 0n) return { done: true, text: "not sent: nothing to pay" };
  const { invoice, merchant, shop } = first;
  const locale = languageOf(invoice.locale);
  const t = createTranslator({ locale, messages: MESSAGES[locale], namespace: "invoiceLink" });
  const due = { minor: dueMinor(story), currency: invoice.currency };
  const amount = new Intl.NumberFormat(locale, { style: "currency", currency: invoice.currency }).format(
    Number(toDecimalText(due)),
  );
  const day = (date: Date) =>
    new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: merchant.timeZone }).format(date);
  const link = `${context.env.WEB_ORIGIN}/i/${invoice.linkToken}`;
  const label = invoice.label ?? "";
  const words = { merchant: merchant.name, kind: invoice.kind, label, amount };
  const facts = [
    invoice.dueOn ? t("due", { date: day(new Date(`${invoice.dueOn}T12:00:00Z`)) }) : null,
    invoice.expiresAt ? t("expires", { date: day(invoice.expiresAt) }) : null,
    invoice.isTest ? t("test") : null,
  ].filter((line) => line !== null);
  const text = [
    t("greeting"),
    "",
    t("lead", words),
    "",
    `${t("amount")}: ${amount}`,
    ...facts,
    "",
    link,
    "",
    t("why", words),
  ].join("\n");
  const html = `<!doctype html><html lang="${locale}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark"><title>${toHtml(label)}</title><style>
body{margin:0;background:#f3f6f4;color:#14211d;font:16px/1.5 system-ui,-apple-system,Segoe UI,sans-serif}
.card{max-width:480px;margin:24px auto;background:#fff;border-radius:16px;padding:28px 24px}
.sum{font-size:32px;font-weight:700;letter-spacing:-.02em;margin:4px 0 2px}.soft{color:#5a6b64;font-size:14px;margin:2px 0}
.go{display:block;background:#0b6b4f;color:#fff!important;text-decoration:none;text-align:center;padding:15px;border-radius:12px;font-weight:600;margin:22px 0 14px}
.url{word-break:break-all;font-size:13px}
@media (prefers-color-scheme:dark){body{background:#0f1412;color:#e7efeb}.card{background:#18201d}.soft{color:#9fb0a9}.go{background:#16956f}}
@media (max-width:520px){.card{margin:0;border-radius:0}}</style></head><body><div class="card">
<p class="soft">${toHtml(merchant.name)}</p><p>${toHtml(t("lead", words))}</p><p class="soft">${toHtml(t("amount"))}</p><p class="sum">${toHtml(amount)}</p>
${facts.map((line) => `<p class="soft">${toHtml(line)}</p>`).join("")}
<a class="go" href="${link}">${toHtml(t("pay"))}</a><p class="soft">${toHtml(t("link"))}</p><p class="url"><a href="${link}">${link}</a></p><p class="soft">${toHtml(t("why", words))}</p></div></body></html>`;
  try {
    await sendMail(context, {
      to: email,
      subject: t("subject", words),
      text,
      html,
      fromName: shop.senderName ?? merchant.name,
      ...(shop.senderEmail ? { fromEmail: shop.senderEmail } : {}),
      replyTo: shop.senderEmail ?? merchant.email,
    });
  } catch (error) {
    if (!(error instanceof MailRefused)) throw error;
    return { done: false, text: scrubText(error.message).slice(0, 300), isFinal: error.isFinal };
  }
  return { done: true, text: "sent" };
}
