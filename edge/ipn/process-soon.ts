// Notifications are processed as soon as they are stored. Those that come while others are being processed wait for that, and
// are then processed together: the more come, the less each costs. What waits here is on record and due in its row, so
// nothing is lost with this memory: cron sweeps what was left.

import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { processIpn } from "./process.ts";
import { type Arrived, processTogether } from "./process-together.ts";

/** So many in one statement: it keeps their invoices locked until all are written. */
const TOGETHER = 64;
/** Where so many wait for each that is at work, another one begins: what comes in must not outrun what is processed. */
const WAITING_EACH = 64;
const MOST_AT_WORK = 4;
/** More than this is left to cron: memory is short. */
const MOST_WAITING = 5_000;
/** How long one request works for others; the platform lets none work, or call out, without end. */
const SHIFT_MS = 5_000;
/** Who has shown no sign of life for this long was ended by the platform, and counts no more. */
const SILENT_MS = 15_000;

const waiting: Arrived[] = [];
/** Requests that process for all of this isolate, each with its last sign of life by the machine's own clock. */
const atWork = new Set<{ seenAt: number }>();

function countAtWork(): number {
  for (const one of atWork) if (Date.now() - one.seenAt > SILENT_MS) atWork.delete(one);
  return atWork.size;
}

/** Whether what is stored now will wait for others. */
export function isProcessing(): boolean {
  return countAtWork() > 0;
}

/** Processes a stored notification, or leaves it to those who are at work already. Never throws. */
export async function processSoon(context: Context, arrived: Arrived): Promise<void> {
  if (waiting.length < MOST_WAITING) waiting.push(arrived);
  const needed = Math.min(MOST_AT_WORK, 1 + Math.floor(waiting.length / WAITING_EACH));
  if (countAtWork() >= needed) return;
  const began = Date.now();
  const me = { seenAt: began };
  atWork.add(me);
  const byThemselves: Promise<void>[] = [];
  // Nothing is awaited between the last look at what waits and the end of the shift: nobody is left behind.
  while (waiting.length > 0 && me.seenAt - began < SHIFT_MS) {
    const left = await processTogether(context, waiting.splice(0, TOGETHER));
    byThemselves.push(...left.map((one) => processByItself(one.context, one.ipn.id)));
    await context.wakeIfOrdered();
    me.seenAt = Date.now();
  }
  atWork.delete(me);
  // Whoever comes next goes on with what is left; should nobody come, cron sweeps it once its head start is over.
  await Promise.all(byThemselves);
}

/** Processes one that shares nothing with others. Never throws. */
export async function processByItself(context: Context, ipnId: string): Promise<void> {
  try {
    await processIpn(context, ipnId);
    await context.wakeIfOrdered();
  } catch (error) {
    log("error", "ipn failed", { ipnId, error });
  }
}
