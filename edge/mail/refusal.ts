// Why a mail server did not take a mail, in kinds that say which setting is at fault. Servers word it freely: the reply's
// code and stage decide, and its words only where codes say nothing (RFC 5321 4.2, RFC 3463).

/** Kinds of a refusal of a mail, for guidance; only some are final. */
export const MAIL_FAULTS = [
  "sender_missing", // refused, and the shop has no sender address of its own set
  "sender_refused", // the server does not send in the name of the address that is set
  "quota_spent", // no mail package, or it is used up
  "recipient_refused",
  "server_refused",
  "server_silent",
] as const;
export type MailFault = (typeof MAIL_FAULTS)[number];

/** Nobody tries these again by themselves: the same mail would be refused the same way. */
const FINAL: ReadonlySet<MailFault> = new Set(["sender_missing", "sender_refused", "recipient_refused"]);

/** A mail that was not taken; the message begins with the kind and goes on with the server's own words. */
export class MailRefused extends Error {
  readonly fault: MailFault;
  readonly isFinal: boolean;

  constructor(fault: MailFault, text: string) {
    super(`${fault}: ${text}`);
    this.fault = fault;
    this.isFinal = FINAL.has(fault);
  }
}

/** The kind that a kept message begins with, or null when it is none of a refusal. */
export function faultIn(text: string | null): MailFault | null {
  return MAIL_FAULTS.find((fault) => text?.startsWith(`${fault}: `)) ?? null;
}

const QUOTA =
  /quota|credits?\b|package|\b(daily|monthly|hourly|sending|message) limit|limit exceeded|too many messages/i;
const SENDER = /sender|from address|not owned by/i;

/**
 * Reads what the mail client threw.
 * @param error `Invalid MAIL FROM: <…> 553 …`, `Invalid RCPT TO: <…> 550 …`, or words of another stage
 * @param hasOwnSender whether the shop has a sender address of its own
 */
export function readRefusal(error: unknown, hasOwnSender: boolean): MailRefused {
  const message = error instanceof Error ? error.message : String(error);
  const [, stage = "", reply = ""] = /^Invalid (MAIL FROM|RCPT TO): <[^>]*>[^0-9]*(.*)$/s.exec(message) ?? [];
  const words = (reply || message).replace(/\s+/g, " ").trim();
  const code = /\b([45]\d\d)\b/.exec(words)?.[1];
  const status = /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(words)?.[1] ?? "";
  const isSender = () => new MailRefused(hasOwnSender ? "sender_refused" : "sender_missing", words);
  if (!code) return new MailRefused("server_silent", words);
  // A full mailbox of the recipient (x.2.2) speaks of a quota too, but not of ours.
  if (!/\.2\.\d+$/.test(status) && (QUOTA.test(words) || code === "452")) return new MailRefused("quota_spent", words);
  if (code.startsWith("5")) {
    // Most servers wait with their judgement on the sender until they hear the recipient.
    if (stage === "MAIL FROM" || /\.1\.[78]$/.test(status) || SENDER.test(words)) return isSender();
    if (stage === "RCPT TO") return new MailRefused("recipient_refused", words);
  }
  return new MailRefused("server_refused", words);
}
