// Replies of mail servers as they are really worded, and the setting that each points at.

import { describe, expect, test } from "vitest";
import { faultIn, MailRefused, readRefusal } from "./refusal.ts";

describe("a refusal is read from stage, code and words", () => {
  test.each([
    ["Invalid MAIL FROM: <a@b.ro> 553 5.1.8 Sender address rejected", true, "sender_refused"],
    ["Invalid MAIL FROM: <a@b.ro> 553 5.1.8 Sender address rejected", false, "sender_missing"],
    [
      "Invalid RCPT TO: <c@d.ro> 553 5.7.1 <a@b.ro>: Sender address rejected: not owned by user x",
      true,
      "sender_refused",
    ],
    ["Failed send email body: 550 5.7.1 From address is not one of your addresses", false, "sender_missing"],
    ["Invalid RCPT TO: <c@d.ro> 550 5.4.5 Daily sending quota exceeded", true, "quota_spent"],
    ["Failed to send DATA: 452 4.3.1 Out of resources", true, "quota_spent"],
    ["Failed send email body: 451 Authentication failed: Maximum credits exceeded", false, "quota_spent"],
    ["Invalid RCPT TO: <c@d.ro> 452 4.2.2 Mailbox full, quota exceeded", true, "server_refused"],
    ["Invalid RCPT TO: <c@d.ro> 552 5.2.2 Mailbox full, over quota", true, "recipient_refused"],
    ["Invalid RCPT TO: <quota@d.ro> 550 5.1.1 No such user", true, "recipient_refused"],
    ["Failed to plain authentication: 535 5.7.8 bad credentials", true, "server_refused"],
    ["Timeout while waiting for smtp server response", true, "server_silent"],
  ] as const)("%s (own sender: %s) is %s", (message, hasOwnSender, fault) => {
    const refusal = readRefusal(new Error(message), hasOwnSender);
    expect(refusal.fault).toBe(fault);
    expect(faultIn(refusal.message)).toBe(fault);
  });

  test("what the same mail would meet again is final; a package can be bought, a server come back", () => {
    expect(new MailRefused("sender_missing", "").isFinal).toBe(true);
    expect(new MailRefused("quota_spent", "").isFinal).toBe(false);
    expect(new MailRefused("server_silent", "").isFinal).toBe(false);
    expect(faultIn("sent")).toBeNull();
  });
});
