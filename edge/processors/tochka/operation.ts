// A payment link's operation as Tochka tells it, and what it means to an attempt (tochka-sbp.md 6.3, 6.4, 11).

import type { Money } from "../../money.ts";
import type { Observation } from "../contract.ts";
import { readRoubles } from "./amounts.ts";
import { kindOf, LINK_STATUSES, methodOf } from "./codes.ts";
import { asObject, dateOf, type Json, objectsOf, optional, textOf } from "./wire.ts";

/** One row of an operation's ledger of money. */
export type Movement = { id?: string; type: string; amount: Money | null; at?: Date };

export type Operation = {
  id: string;
  status: string;
  amount: Money | null;
  customerCode?: string;
  merchantId?: string;
  /** Our attempt's id. */
  paymentLinkId?: string;
  paymentType?: string;
  paidAt?: Date;
  movements: Movement[];
};

/** Operations of an answer: an array even for one, or one flat object in old sandboxes (6.3). */
export function readOperations(data: Json): Operation[] {
  const rows = Array.isArray(data.Operation)
    ? objectsOf(data.Operation)
    : [asObject(data.Operation) ?? data].filter((one) => one.operationId !== undefined);
  return rows.map(readOperation).filter((one) => one !== null);
}

function readOperation(json: Json): Operation | null {
  const id = textOf(json.operationId);
  const status = textOf(json.status);
  if (id === undefined || status === undefined) return null;
  return {
    id,
    status,
    amount: readRoubles(json.amount),
    ...optional("customerCode", textOf(json.customerCode)),
    ...optional("merchantId", textOf(json.merchantId)),
    ...optional("paymentLinkId", textOf(json.paymentLinkId)),
    ...optional("paymentType", textOf(json.paymentType)),
    ...optional("paidAt", dateOf(json.paidAt)),
    movements: objectsOf(json.Order).map((row) => ({
      ...optional("id", textOf(row.orderId)),
      type: textOf(row.type) ?? "",
      amount: readRoubles(row.amount),
      ...optional("at", dateOf(row.time)),
    })),
  };
}

/** What an operation says of its attempt: where it stands, and every finished refund. Declines are silent there (6.4). */
export function observationsOf(operation: Operation): Observation[] {
  const kind = kindOf(LINK_STATUSES, operation.status);
  const plain: Observation = {
    kind,
    processorCode: operation.status,
    ...(operation.paymentType === undefined ? {} : { method: methodOf(operation.paymentType) }),
    ...optional("occurredAt", operation.paidAt),
  };
  switch (kind) {
    case "captured":
      return [withMoney(plain, sumOf(operation, "approval")), ...refundsOf(operation)];
    case "authorized":
      return [withMoney(plain, sumOf(operation, "authorized"))];
    case "expired":
      // Of a hold that nobody took, the end is a release (11).
      return [operation.movements.some((row) => row.type === "authorized") ? { ...plain, kind: "voided" } : plain];
    case "not_understood":
      return [{ ...plain, processorText: `operation ${operation.status}` }];
    default:
      return [plain];
  }
}

/** Rows of money that went back. They count as finished only once the operation says so (6.6). */
export function refundRows(operation: Operation): Movement[] {
  return operation.movements.filter((row) => row.type === "refund");
}

function refundsOf(operation: Operation): Observation[] {
  if (operation.status !== "REFUNDED" && operation.status !== "REFUNDED_PARTIALLY") return [];
  const rows = refundRows(operation).map(
    (row): Observation =>
      withMoney(
        {
          kind: "refund_succeeded",
          processorCode: operation.status,
          ...optional("reference", row.id),
          ...optional("occurredAt", row.at),
        },
        row.amount,
      ),
  );
  if (rows.length > 0) return rows;
  // Without a ledger a whole refund is known all the same; of a part only that there was one.
  const whole = operation.status === "REFUNDED" ? operation.amount : null;
  return [withMoney({ kind: "refund_succeeded", processorCode: operation.status }, whole)];
}

/** What the ledger says was taken or held; without rows of that type, the operation's sum. */
function sumOf(operation: Operation, type: "approval" | "authorized"): Money | null {
  const rows = operation.movements.filter((row) => row.type === type && row.amount);
  if (rows.length === 0) return operation.amount;
  return { minor: rows.reduce((sum, row) => sum + (row.amount?.minor ?? 0n), 0n), currency: "RUB" };
}

function withMoney(observation: Observation, money: Money | null): Observation {
  return money ? { ...observation, money } : observation;
}
