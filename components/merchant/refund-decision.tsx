// What a person says to a refund that no processor has heard of yet: allow it as the second person, refuse it, give it up.
"use client";

import { useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Ask, TextField } from "./ask-dialog.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import type { Say } from "./say.ts";
import type { Refund } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Props = {
  does: "approve" | "refuse" | "giveUp";
  refund: Refund;
  askedBy: string;
  commands: AttemptCommands;
  onClose(): void;
};

/** Why it was asked for; ours for a second payment, else in the words of the one who asked. */
export const refundReason = (say: Say, { reason }: Refund): string =>
  reason === "paid_twice" ? say("refunds.paidTwice") : (reason ?? "");

/** Refusing needs a reason; giving up may have one; allowing shows once more what is sent. */
export function RefundDecisionDialog({ refund, askedBy, commands, onClose, does }: Props) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const [note, setNote] = useState("");
  const [fault, setFault] = useState<string>();
  const sum = formatMoney(refund.amount, locale);
  const submit = () => {
    const stated = note.trim();
    if (does === "refuse" && stated === "") return setFault(say("refunds.reasonNeeded"));
    const told = {
      approve: () => commands.approveRefund(refund.id),
      refuse: () => commands.refuseRefund(refund.id, stated),
      giveUp: () => commands.giveUpRefund(refund.id, stated),
    };
    run(told[does], { done: say(does === "approve" ? "refunds.approved" : `refunds.${does}Done`), onDone: onClose });
  };
  return (
    <Ask
      title={say(`refunds.${does}Title`)}
      text={say(`refunds.${does}Text`, { sum })}
      go={say(`refunds.${does}`)}
      isDanger={does !== "approve"}
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      {does === "giveUp" ? null : (
        <div className="space-y-1 [overflow-wrap:anywhere]">
          <p>{say("refunds.by.asked", { who: askedBy })}</p>
          {refund.reason && <p>{say("refunds.why", { text: refundReason(say, refund) })}</p>}
        </div>
      )}
      {does !== "approve" && (
        <TextField
          id="refund-note"
          label={say("money.reason")}
          value={note}
          isNeeded={does === "refuse"}
          fault={fault}
          onChange={setNote}
        />
      )}
    </Ask>
  );
}
