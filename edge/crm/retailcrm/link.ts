// The payer's page of an invoice, short enough for a text message (under 60 characters on a usual host).

import type { Context } from "../../context.ts";

export function linkOf(context: Context, invoice: { linkToken: string }): string {
  return `${context.env.WEB_ORIGIN}/i/${invoice.linkToken}`;
}
