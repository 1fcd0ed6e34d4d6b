// What an attempt is for, in words: the text that the payer reads at the processor, and the lines of a fiscal receipt. Pure.

import type { ReceiptLine } from "../processors/contract.ts";
import { dayIn } from "./days.ts";
import { type DetailValues, renderDetails } from "./details-text.ts";
import type { Invoice, InvoiceLine, Story } from "./story.ts";

/** Longest text of an attempt or of a receipt's line, in characters; an adapter shortens it further where it must. */
const LONGEST = 250;
const LONGEST_LINE = 128;

export type Described = { description: string; lines: ReceiptLine[] };

/**
 * @param amountMinor what the attempt asks for; when it is not the whole invoice the receipt has one line for the rest
 * @param names what the tags `shop` and `merchant` stand for
 */
export function describePayment(
  { invoice, lines, settings }: Pick<Story, "invoice" | "lines" | "settings">,
  template: string | null,
  amountMinor: bigint,
  names: { shop: string; merchant: string },
  now: Date,
): Described {
  const all = lines.map((line) => line.description).join(", ");
  const values = (service: string): DetailValues => ({
    payer: invoice.payerName,
    service,
    beneficiary: invoice.beneficiaryName,
    invoice: invoice.label,
    amount: amountText(amountMinor, invoice.currency, invoice.locale),
    date: dayIn(settings.timeZone, now),
    shop: names.shop,
    merchant: names.merchant,
  });
  const whole = amountMinor === invoice.amountMinor && lines.length > 0;
  return {
    description: renderDetails(template, values(all), LONGEST),
    lines: whole
      ? lines.map((line) => receiptLine(line, invoice, renderDetails(template, values(line.description), LONGEST_LINE)))
      : [
          {
            name: renderDetails(template, values(all), LONGEST_LINE),
            quantity: "1",
            unit: { minor: amountMinor, currency: invoice.currency },
            total: { minor: amountMinor, currency: invoice.currency },
          },
        ],
  };
}

function receiptLine(line: InvoiceLine, { currency }: Invoice, name: string): ReceiptLine {
  return {
    name,
    quantity: (line.quantityMilli / 1000).toString(),
    unit: { minor: line.unitPriceMinor, currency },
    total: { minor: line.amountMinor, currency },
  };
}

function amountText(minor: bigint, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  const text = minor.toString().padStart(digits + 1, "0");
  const decimal = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return format.format(decimal as Intl.StringNumericLiteral);
}
