// The dialogs that give captured money back and take held money.
"use client";

import { type FormEvent, useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { readMinor, toField } from "./amount.ts";
import type { AttemptCommands } from "./attempt-commands.ts";
import type { Attempt } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Props = { attempt: Attempt; commands: AttemptCommands; onClose(): void };

function useSum(most: { minor: number; currency: string }) {
  const say = useSay();
  const locale = useLanguage();
  const [typed, setTyped] = useState(() => toField(most.minor, most.currency, locale));
  const [fault, setFault] = useState<string>();
  function read(): number | null {
    const minor = readMinor(typed, most.currency);
    const isFine = minor !== null && minor > 0 && minor <= most.minor;
    setFault(isFine ? undefined : say("money.badSum", { most: formatMoney(most, locale) }));
    return isFine ? minor : null;
  }
  return { typed, setTyped, fault, read };
}

export function RefundDialog({ attempt, commands, onClose }: Props) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const sum = useSum(attempt.refundable);
  const [reason, setReason] = useState("");
  const [key] = useState(() => crypto.randomUUID());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const amountMinor = sum.read();
    if (amountMinor === null) return;
    run(() => commands.refund({ attemptId: attempt.id, amountMinor, reason, key }), {
      done: say("money.refundRequested"),
      onDone: onClose,
    });
  };
  return (
    <Dialog
      title={say("money.refundTitle")}
      text={say("money.refundText", { most: formatMoney(attempt.refundable, locale) })}
      closeLabel={say("common.close")}
      onClose={onClose}
    >
      <form onSubmit={submit} className="space-y-4" noValidate>
        <Field id="refund-sum" label={`${say("money.sum")} (${attempt.refundable.currency})`} fault={sum.fault}>
          <input
            {...describedBy("refund-sum", undefined, sum.fault)}
            className="field"
            inputMode="decimal"
            value={sum.typed}
            onChange={(event) => sum.setTyped(event.target.value)}
          />
        </Field>
        <Field id="refund-reason" label={say("money.reason")} isOptional={say("common.optional")}>
          <input
            id="refund-reason"
            className="field"
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{say("common.cancel")}</Button>
          <Button type="submit" look="primary" isBusy={isBusy}>
            {say("money.refundDo")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function CaptureDialog({ attempt, commands, onClose }: Props) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const sum = useSum(attempt.amount);
  const [key] = useState(() => crypto.randomUUID());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const amountMinor = sum.read();
    if (amountMinor === null) return;
    run(() => commands.capture(attempt.id, amountMinor, key), { done: say("money.captured"), onDone: onClose });
  };
  return (
    <Dialog title={say("money.captureTitle")} closeLabel={say("common.close")} onClose={onClose}>
      <form onSubmit={submit} className="space-y-4" noValidate>
        <Field id="capture-sum" label={`${say("money.sum")} (${attempt.amount.currency})`} fault={sum.fault}>
          <input
            {...describedBy("capture-sum", undefined, sum.fault)}
            className="field"
            inputMode="decimal"
            value={sum.typed}
            onChange={(event) => sum.setTyped(event.target.value)}
          />
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{say("common.cancel")}</Button>
          <Button type="submit" look="primary" isBusy={isBusy}>
            {say("attempts.capture")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
