// Our references at Revolut: of an order, and of a refund of it (revolut.md 8.6, 11).

/** What stands between an attempt's id and a refund's in a refund's reference; no id of ours can contain it. */
const REFUND_MARK = "/refund/";

/**
 * Our reference of a refund. It begins with the attempt's id, so that an event about it leads there, and is never that
 * id alone: a refund with the payment's own reference would look like a second payment (8.6).
 */
export function refundReference(attemptId: string, key: string): string {
  return `${attemptId}${REFUND_MARK}${key}`;
}

/** The attempt that a reference of ours speaks of, and whether it is that of a refund. */
export function readReference(reference: string): { attemptId: string; isRefund: boolean } {
  const at = reference.indexOf(REFUND_MARK);
  return at < 0 ? { attemptId: reference, isRefund: false } : { attemptId: reference.slice(0, at), isRefund: true };
}
