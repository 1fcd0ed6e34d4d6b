// Notifications are processed as soon as they are stored. Those that come while others are being processed wait for that, and
// are then processed together: the more come, the less each costs. What waits here is on record and due in its row, so
// nothing is lost with this memory: cron sweeps what was left.

import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { processIpn } from "./process.ts";
import { type Arrived, processTogether } from "./process-together.ts";

/** So many in one statement: it keeps their invoices locked until all are written. */
const TOGETHER = 64;
/** More than this is left to cron: memory is short. */
const MOST_WAITING = 5_000;
/** How long one request works for others; the platform lets none work, or call out, without end. */
const SHIFT_MS = 5_000;
/** Who has shown no sign of life for this long was ended by the platform: the next one takes its place. */
const SILENT_MS = 15_000;

const waiting: Arrived[] = [];
/** Who is processing for all requests of this isolate, by the machine's own clock; requests share nothing else. */
let atWork: { seenAt: number } | null = null;

/** Whether what is stored now will wait for others. */
export function isProcessing(): boolean {
  return atWork !== null && Date.now() - atWork.seenAt < SILENT_MS;
}

/** Processes a stored notification, or leaves it to whoever is at work already. Never throws. */
export async function processSoon(context: Context, arrived: Arrived): Promise<void> {
  if (waiting.length < MOST_WAITING) waiting.push(arrived);
  if (isProcessing()) return;
  const began = Date.now();
  const me = { seenAt: began };
  atWork = me;
  const byThemselves: Promise<void>[] = [];
  // Nothing is awaited between the last look at what waits and the end of the shift: nobody is left behind.
  while (atWork === me && waiting.length > 0 && me.seenAt - began < SHIFT_MS) {
    const left = await processTogether(context, waiting.splice(0, TOGETHER));
    byThemselves.push(...left.map(processByItself));
    await context.wakeIfOrdered();
    me.seenAt = Date.now();
  }
  if (atWork === me) atWork = null;
  // The next one to come goes on with what is left; should none come, the queue does.
  if (waiting.length > 0) await context.wake({ kind: "due" });
  await Promise.all(byThemselves);
}

async function processByItself({ context, ipn }: Arrived): Promise<void> {
  try {
    await processIpn(context, ipn.id);
    await context.wakeIfOrdered();
  } catch (error) {
    log("error", "ipn failed", { ipnId: ipn.id, error });
  }
}
