// What a register tells by itself, at an address that stands in one receipt only. It shortens the wait, and is all there is
// where a call stayed without an answer.

import { eq } from "drizzle-orm";
import { receipts } from "../../db/schema/index.ts";
import type { Context } from "../context.ts";
import { sha256Hex } from "../ids.ts";
import { log } from "../log.ts";
import { applyOutcome, callbackAddress } from "./look-at-receipt.ts";
import { findRegister, openRegister } from "./open-register.ts";
import { stepReceipts } from "./receipt-step.ts";

/** Answers with a status; nothing of a message that is not verified changes anything. */
export async function takeCallback(
  context: Context,
  token: string,
  request: { method: string; headers: Headers; body: Uint8Array },
): Promise<200 | 401 | 404> {
  const [receipt] = await context.db
    .select()
    .from(receipts)
    .where(eq(receipts.callbackHash, await sha256Hex(token)));
  const register = receipt?.registerId ? await findRegister(context, receipt.merchantId, receipt.registerId) : null;
  if (!receipt || !register) return 404;
  const open = await openRegister(context, register);
  // The address that was signed is the one that was sent, whatever stood between.
  const told = open.adapter.readCallback?.({ ...request, url: callbackAddress(context, token) }, open.credentials) ?? {
    trust: "hint" as const,
  };
  if (told.trust === "rejected") {
    log("warn", "register's message refused", { receiptId: receipt.id, reason: told.reason });
    return 401;
  }
  if (told.trust === "hint") {
    if (receipt.state === "queued" || receipt.state === "unknown") {
      await stepReceipts(context, `register:${register.service}`, receipt, (notes) => {
        const mine = notes.find(receipt.id);
        if (mine?.state === "queued" || mine?.state === "unknown") notes.patch(mine, { nextLookAt: context.now });
      });
      await context.wake({ kind: "due" });
    }
    return 200;
  }
  if (told.externalId !== receipt.externalId) return 404;
  const { outcome } = told;
  if (!outcome || outcome.kind === "queued") return 200;
  await stepReceipts(context, `register:${register.service}`, receipt, (notes) => {
    const mine = notes.find(receipt.id);
    if (!mine || mine.externalId !== receipt.externalId) return;
    if (mine.state === "registered" || mine.state === "failed") {
      const isOther = (mine.state === "registered") !== (outcome.kind === "registered");
      if (isOther)
        log("error", "a register told two ends", { receiptId: mine.id, first: mine.state, later: outcome.kind });
      return;
    }
    applyOutcome(context, notes, mine, outcome);
  });
  return 200;
}
