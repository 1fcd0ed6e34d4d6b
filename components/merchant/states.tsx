// States in words, each with a sign and a tone.
import { Badge, type Tone } from "../ui/badge.tsx";
import type { IconName } from "../ui/icon.tsx";
import type { Say } from "./say.ts";

type Look = readonly [Tone, IconName];
const PLAIN: Look = ["plain", "minus"];

const INVOICE: Record<string, Look> = {
  draft: ["plain", "draft"],
  open: ["info", "clock"],
  authorized: ["warn", "clock"],
  paid: ["good", "check"],
  cancelled: ["plain", "cross"],
  expired: ["warn", "alert"],
};
const ATTEMPT: Record<string, Look> = {
  created: ["plain", "clock"],
  awaiting_payer: ["info", "clock"],
  processing: ["info", "clock"],
  in_review: ["warn", "search"],
  unresolved: ["warn", "alert"],
  authorized: ["warn", "clock"],
  captured: ["good", "check"],
  accepted: ["good", "check"],
  declined: ["bad", "cross"],
  expired: ["plain", "clock"],
  voided: ["plain", "minus"],
};
const REFUND: Record<string, Look> = {
  awaiting_approval: ["warn", "clock"],
  not_sent: ["warn", "alert"],
  rejected: ["plain", "cross"],
  abandoned: ["plain", "minus"],
  requested: ["info", "clock"],
  sent: ["info", "clock"],
  accepted: ["info", "clock"],
  unresolved: ["warn", "alert"],
  succeeded: ["good", "check"],
  failed: ["bad", "cross"],
};
const CONNECTION: Record<string, Look> = {
  none: ["plain", "minus"],
  unverified: ["warn", "clock"],
  waiting_for_approval: ["warn", "clock"],
  verified: ["good", "check"],
  failing: ["bad", "alert"],
};
const VERDICT: Record<string, Look> = {
  verified: ["good", "check"],
  hint: ["info", "search"],
  rejected: ["bad", "cross"],
};
const INBOX: Record<string, Look> = {
  stored: ["info", "clock"],
  processed: ["good", "check"],
  parked: ["warn", "alert"],
  refused: ["bad", "cross"],
};
const RECEIPT: Record<string, Look> = {
  draft: ["info", "clock"],
  sending: ["info", "clock"],
  queued: ["info", "clock"],
  registered: ["good", "check"],
  failed: ["bad", "cross"],
  unknown: ["warn", "alert"],
};
const KINDS = {
  invoice: INVOICE,
  attempt: ATTEMPT,
  refund: REFUND,
  connection: CONNECTION,
  verdict: VERDICT,
  inbox: INBOX,
  receipt: RECEIPT,
};

export function StateBadge({ say, of, state }: { say: Say; of: keyof typeof KINDS; state: string }) {
  const [tone, icon] = KINDS[of][state] ?? PLAIN;
  return (
    <Badge tone={tone} icon={icon}>
      {say(`states.${of}.${state}`)}
    </Badge>
  );
}

/** The word of an invoice's state as its list and page show it. */
export function invoiceState(invoice: { state: string; is_expired: boolean }): string {
  return invoice.is_expired ? "expired" : invoice.state;
}

export function TestBadge({ say }: { say: Say }) {
  return (
    <Badge tone="warn" icon="spark">
      {say("common.test")}
    </Badge>
  );
}

/** A message whose key ends in a code from outside, or the code itself where we have no words for it. */
export function wordsOf(say: Say, key: string): string {
  return say.has(key) ? say(key) : key.slice(key.lastIndexOf(".") + 1);
}
