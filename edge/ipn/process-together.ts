// Stored notifications that came together: their stories are read by one statement and their steps written by another.

import type { Context } from "../context.ts";
import { log } from "../log.ts";
import { readStoriesOfAttempts, type Story } from "../payments/story.ts";
import { takeStepsTogether } from "../payments/transition.ts";
import { type Ipn, judge, readingIn, takeNews } from "./process.ts";

/** A stored notification, with the context of the request that brought it and its story where that was read just now. */
export type Arrived = { context: Context; ipn: Ipn; story?: Story | null };

/**
 * Processes what is plain news, one of each invoice; again is harmless. Never throws.
 * @param context of the request that does it
 * @returns those that are left, each to be processed by itself (`processIpn`): what is more than plain news, and all when
 *   their steps could not be written together
 */
export async function processTogether(context: Context, arrived: Arrived[]): Promise<Arrived[]> {
  try {
    const steps = await decidable(context, arrived);
    const isDone = await takeStepsTogether(context.db, steps);
    const done = new Set(isDone ? steps.map(({ one }) => one) : []);
    return arrived.filter((one) => !done.has(one));
  } catch (error) {
    // One that the database refuses may not stop the others.
    log("error", "notifications failed together", { count: arrived.length, error });
    return arrived;
  }
}

type Together = Parameters<typeof takeStepsTogether>[1][number] & { one: Arrived };

async function decidable(context: Context, arrived: Arrived[]): Promise<Together[]> {
  const named = arrived.flatMap((one) => {
    const { merchantId, state } = one.ipn;
    const { reference, lookNow } = readingIn(one.ipn);
    const attemptId = reference?.attempt;
    return merchantId && attemptId && state !== "processed" && !lookNow ? [{ one, merchantId, attemptId }] : [];
  });
  const unread = named.filter(({ one }) => !one.story);
  const read = unread.length > 0 ? await readStoriesOfAttempts(context.db, unread) : [];
  const stories = new Map(unread.map(({ one }, at) => [one, read[at] ?? null]));

  // Effects are ordered on behalf of whoever brought the news; the one who is at work wakes the queue, once for all.
  const { onOrdered } = context.stepBy("system");
  const invoices = new Set<string>();
  return named.flatMap(({ one, attemptId }) => {
    const story = one.story ?? stories.get(one) ?? null;
    const finding = judge(one.ipn, attemptId, story);
    if (!story || finding.kind !== "news" || invoices.has(story.invoice.id)) return [];
    invoices.add(story.invoice.id);
    const by = one.context.stepBy(`processor:${finding.attempt.processor}`);
    return [{ one, story, context: { ...by, onOrdered }, decide: takeNews(one.ipn, attemptId) }];
  });
}
