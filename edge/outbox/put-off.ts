// What failed comes due again later, ever more seldom, or it would stand before all that is due after it. That is no step of an
// invoice's story: it is the step that failed. A row of one that was given another time meanwhile keeps it.

import { and, eq, lte } from "drizzle-orm";
import { attempts, ipns, receipts, refunds } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { backoffSeconds } from "./backoff.ts";

type Of = { id: string; merchantId: string };

/** Short beside the hours that a hold has left when its alarm or policy is due. */
const HOLD_PAUSE_MS = 10 * 60_000;

/** Puts off the processing of a notification. */
export function putOffIpn({ db, now }: Context, { id, tries }: { id: string; tries: number }) {
  return db
    .update(ipns)
    .set({ tries: tries + 1, nextTryAt: later(now, tries + 1) })
    .where(eq(ipns.id, id));
}

/** Puts off the question about an attempt. */
export function putOffLook({ db, now }: Context, { id, merchantId, looks }: Of & { looks: number }) {
  return db
    .update(attempts)
    .set({ looks: looks + 1, nextLookAt: later(now, looks + 1) })
    .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, id), lte(attempts.nextLookAt, now)));
}

/** Puts off the question about a refund. */
export function putOffRefundLook({ db, now }: Context, { id, merchantId, looks }: Of & { looks: number }) {
  return db
    .update(refunds)
    .set({ looks: looks + 1, nextLookAt: later(now, looks + 1) })
    .where(and(eq(refunds.merchantId, merchantId), eq(refunds.id, id), lte(refunds.nextLookAt, now)));
}

/** Puts off the sending of a receipt, or the question about it. */
export function putOffReceiptLook({ db, now }: Context, { id, merchantId, looks }: Of & { looks: number }) {
  return db
    .update(receipts)
    .set({ looks: looks + 1, nextLookAt: later(now, looks + 1) })
    .where(and(eq(receipts.merchantId, merchantId), eq(receipts.id, id), lte(receipts.nextLookAt, now)));
}

/** Puts off the alarm of a hold. */
export function putOffHoldAlarm({ db, now }: Context, { id, merchantId }: Of) {
  return db
    .update(attempts)
    .set({ holdAlarmAt: new Date(now.getTime() + HOLD_PAUSE_MS) })
    .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, id), lte(attempts.holdAlarmAt, now)));
}

/** Puts off the merchant's policy for a hold. */
export function putOffHoldPolicy({ db, now }: Context, { id, merchantId }: Of) {
  return db
    .update(attempts)
    .set({ holdPolicyAt: new Date(now.getTime() + HOLD_PAUSE_MS) })
    .where(and(eq(attempts.merchantId, merchantId), eq(attempts.id, id), lte(attempts.holdPolicyAt, now)));
}

function later(now: Date, tries: number): Date {
  return new Date(now.getTime() + (backoffSeconds(tries) ?? 6 * 3600) * 1000);
}
