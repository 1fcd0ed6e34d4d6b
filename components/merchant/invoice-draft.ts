// An invoice on its way to the API.

import type { Language } from "../../messages/languages.ts";

export type DraftLine = {
  description: string;
  quantity: number;
  unit: string | null;
  unit_price_minor: number;
  vat_percent: number;
};

export type InvoiceDraft = {
  kind: "proforma" | "fiscal";
  point_of_sale_id: string;
  payer_name: string;
  payer_email: string | null;
  payer_phone: string | null;
  payer_address: string | null;
  payer_tax_id: string | null;
  currency: string;
  lines: DraftLine[];
  accepts_card: boolean;
  due_on: string | null;
  expires_at: string | null;
  locale: Language;
  note: string | null;
  is_test: boolean;
  is_draft: boolean;
};
