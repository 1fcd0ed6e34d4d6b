// Bends what a read says, as planted.
import type { FaultName } from "./faults.ts";

type Has = (name: FaultName) => boolean;

const date = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

function bendField(name: string, value: unknown, has: Has, record: Record<string, unknown>): unknown {
  if (name === "amount" && typeof value === "number") {
    const sum = has("other_amount_read") ? value - 1 : value;
    return has("amount_text") ? String(sum) : sum;
  }
  if (name === "status" && has("unknown_status_read")) return "REINCARNATED";
  if (name === "status" && has("unpaid_hold") && record.paymentStatus === "HOLDED") return "NEW";
  if (name === "paymentStatus" && has("unknown_payment_status_read")) return "TELEPORTED";
  if (name === "invoiceStatus" && has("unknown_invoice_status")) return "DORMANT";
  if (has("dates_numbers") && typeof value === "string" && date.test(value)) return Date.parse(value);
  if (name === "payments" && Array.isArray(value)) {
    if (has("no_payments")) return [];
    const rows = value.map((row) => bend(row, has));
    if (!has("rejected_first")) return rows;
    const stranger = {
      ...(rows[0] as object | undefined),
      paymentId: crypto.randomUUID(),
      status: "CANCELED",
      paymentStatus: "REJECTED",
      paidAt: null,
    };
    return [stranger, ...rows];
  }
  return bend(value, has);
}

/** The same answer with the planted faults. */
export function bend(value: unknown, has: Has): unknown {
  if (Array.isArray(value)) return value.map((one) => bend(one, has));
  if (typeof value !== "object" || value === null) return value;
  const record = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(record).map(([name, inner]) => [name, bendField(name, inner, has, record)]));
}
