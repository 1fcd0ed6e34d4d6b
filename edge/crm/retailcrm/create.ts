// "Generate link": an ordinary invoice of ours for the CRM's, whose link is the payer's page. The same invoice asked for
// again has the same link, however often and at whatever moment (retailcrm.md 3.1, 7).

import { and, eq } from "drizzle-orm";
import { crmInvoices } from "../../../db/schema/index.ts";
import type { Context } from "../../context.ts";
import { ID_PREFIXES } from "../../ids.ts";
import type { Money } from "../../money.ts";
import { createInvoice, editInvoice } from "../../payments/invoice-commands.ts";
import { type LineInput, lineAmountMinor } from "../../payments/invoice-lines.ts";
import { type Outcome, refuse } from "./answer.ts";
import { readCrmNumber } from "./form.ts";
import { actorOf, type Installation, shopsOf } from "./installations.ts";
import { findByUuid, patchCrmInvoice, readReading } from "./invoices.ts";
import { linkOf } from "./link.ts";
import { orderMissed } from "./report.ts";
import type { Create } from "./shapes.ts";
import { type CrmInvoice, crmState } from "./state.ts";

const MOST_ITEMS = 1000;
/** What an invoice of ours holds; more than that is shown as one line. */
const MOST_LINES = 100;

export async function createFor(context: Context, row: Installation, asked: Create): Promise<Outcome> {
  if (row.isFrozen) return refuse("frozen");
  if (!row.isActive) return refuse("paused");
  const shop = (await shopsOf(context, row)).find(({ code }) => code === asked.shopId);
  if (!shop) return refuse("unknown_shop");
  if (!shop.active) return refuse("shop_inactive");
  if (!shop.currencies.includes(asked.currency)) {
    return refuse("currency_not_supported", {
      shop: shop.name,
      currency: asked.currency,
      takes: shop.currencies.join(", "),
    });
  }
  const money = readCrmNumber(asked.amount, asked.currency);
  if (!money || money.minor <= 0n) return refuse("bad_amount");
  if ((asked.items?.length ?? 0) > MOST_ITEMS) return refuse("too_many_items");
  const known = await findByUuid(context, row, asked.invoiceUuid);
  if (known) return again(context, row, known, shop.code, money, asked);
  const reserved = await reserve(context, row, asked, shop.code, money);
  const invoiceId = reserved.id.replace(/^[a-z]+_/, `${ID_PREFIXES.invoice}_`);
  const { customer } = asked;
  const person = [customer?.firstName, customer?.lastName].filter(Boolean).join(" ").trim();
  const made = await createInvoice(
    context,
    row.merchantId,
    actorOf(row),
    {
      kind: "proforma",
      pointOfSaleId: row.pointOfSaleId,
      currency: asked.currency,
      lines: linesOf(asked, money),
      payerName: customer?.legalName?.trim() || person || `№ ${asked.orderNumber}`,
      payerEmail: customer?.email?.trim() || null,
      payerPhone: customer?.phone?.trim() || null,
      payerAddress: null,
      payerTaxId: null,
      acceptsCard: true,
      onlyConnectionId: shop.code,
      crmInstallationId: row.id,
      dueOn: null,
      expiresAt: null,
      // The account speaks its managers' language; who pays in hryvnia reads Ukrainian first.
      locale: asked.currency === "UAH" ? "uk" : row.locale,
      note: null,
      isDraft: false,
    },
    invoiceId,
  );
  if (!made.ok)
    return refuse(made.error === "no_series" ? "no_series" : "broken", {}, made.error === "no_series" ? 400 : 500);
  return told(context, row, { ...reserved, invoiceId });
}

/**
 * Settles, before anything is made, which invoice of ours answers the CRM's: its id is that of the row, so that two presses
 * at once, or one after a crash, make the same one.
 */
async function reserve(context: Context, row: Installation, asked: Create, shopCode: string, money: Money) {
  await context.db
    .insert(crmInvoices)
    .values({
      id: context.newId("crmInvoice"),
      merchantId: row.merchantId,
      installationId: row.id,
      invoiceUuid: asked.invoiceUuid,
      connectionId: shopCode,
      orderNumber: asked.orderNumber,
      amountMinor: money.minor,
      returnUrl: asked.returnUrl ?? null,
      createdAt: context.now,
    })
    .onConflictDoNothing();
  const [mine] = await context.db
    .select()
    .from(crmInvoices)
    .where(
      and(
        eq(crmInvoices.merchantId, row.merchantId),
        eq(crmInvoices.installationId, row.id),
        eq(crmInvoices.invoiceUuid, asked.invoiceUuid),
      ),
    );
  if (!mine) throw new Error("the CRM's invoice was not kept");
  return mine;
}

/** The invoice is known: the same again, another sum while nothing is paid, or a refusal. */
async function again(
  context: Context,
  row: Installation,
  known: CrmInvoice,
  shopCode: string,
  money: Money,
  asked: Create,
): Promise<Outcome> {
  const { story } = await readReading(context, row, known);
  if (known.cancelledAt || story.invoice.state === "cancelled") return refuse("cancelled");
  const isSame =
    known.amountMinor === money.minor && story.invoice.currency === money.currency && known.connectionId === shopCode;
  if (isSame) return told(context, row, known);
  if (known.connectionId !== shopCode || story.invoice.currency !== money.currency) return refuse("already_paid");
  const edited = await editInvoice(context, row.merchantId, known.invoiceId, actorOf(row), {
    lines: linesOf(asked, money),
  });
  if (!edited.ok) return refuse(edited.error === "invoice_cancelled" ? "cancelled" : "already_paid");
  await patchCrmInvoice(context, known, { amountMinor: money.minor, checkState: null, checkText: null });
  return told(context, row, known);
}

/**
 * The answer. Reports find the invoice from here on: that it is pending the answer says itself, and more (a creation that was
 * cut off, a payment before the CRM asked again) is told by a report.
 */
async function told(context: Context, row: Installation, invoice: CrmInvoice): Promise<Outcome> {
  const reading = await readReading(context, row, invoice);
  const state = crmState(reading);
  if (!invoice.reported) {
    const { invoiceId } = invoice;
    if (state.status === "pending") {
      await patchCrmInvoice(context, invoice, { invoiceId, reported: { state: JSON.stringify(state), refunds: {} } });
    } else {
      await patchCrmInvoice(context, invoice, { invoiceId, isBehind: true });
      await orderMissed(context, row);
    }
  }
  return {
    result: {
      paymentId: invoice.invoiceId,
      invoiceUrl: linkOf(context, reading.story.invoice),
      cancellable: state.cancellable,
    },
  };
}

const VAT: Record<string, number> = { vat10: 10, vat20: 20, vat110: 10, vat120: 20 };

/** The order's items where they make up the sum to the last unit; else (a discount, delivery) the order in one line. */
function linesOf(asked: Create, money: Money): LineInput[] {
  const items = asked.items ?? [];
  const lines = items.map((item) => {
    const price = item.price === undefined || item.price === null ? null : readCrmNumber(item.price, asked.currency);
    const quantity = Number(item.quantity);
    const isExact =
      price && price.minor >= 0n && quantity > 0 && Math.abs(quantity * 1000 - Math.round(quantity * 1000)) < 1e-6;
    if (!isExact || !Number.isSafeInteger(Number(price.minor))) return null;
    return {
      description: item.name.trim().slice(0, 200) || asked.orderNumber,
      quantity: Math.round(quantity * 1000) / 1000,
      unit: item.measurementUnit?.slice(0, 20) ?? null,
      unitPriceMinor: Number(price.minor),
      vatPercent: VAT[item.vat ?? ""] ?? 0,
    };
  });
  const whole = lines.filter((line) => line !== null);
  const sum = whole.reduce(
    (total, line) => total + lineAmountMinor(Math.round(line.quantity * 1000), BigInt(line.unitPriceMinor)),
    0n,
  );
  if (items.length > 0 && items.length <= MOST_LINES && whole.length === items.length && sum === money.minor)
    return whole;
  return [
    {
      description: `№ ${asked.orderNumber}`.slice(0, 200),
      quantity: 1,
      unitPriceMinor: Number(money.minor),
      vatPercent: 0,
    },
  ];
}
