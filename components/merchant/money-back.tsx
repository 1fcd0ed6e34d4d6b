// The dialogs that move money: confirm or cancel a hold, give captured money back, enter what was given back outside.
"use client";

import { useState } from "react";
import { formatMoney } from "../format/money.ts";
import { describedBy, Field } from "../ui/field.tsx";
import { readMinor, toField } from "./amount.ts";
import { Ask, TextField } from "./ask-dialog.tsx";
import type { AttemptCommands } from "./attempt-commands.ts";
import type { HoldFacts } from "./hold-facts.ts";
import type { Attempt } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Sum = { minor: number; currency: string };

function useSum(most: Sum) {
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

function SumField({ id, sum, currency }: { id: string; sum: ReturnType<typeof useSum>; currency: string }) {
  const say = useSay();
  return (
    <Field id={id} label={`${say("money.sum")} (${currency})`} fault={sum.fault}>
      <input
        {...describedBy(id, undefined, sum.fault)}
        className="field"
        inputMode="decimal"
        value={sum.typed}
        onChange={(event) => sum.setTyped(event.target.value)}
      />
    </Field>
  );
}

type AttemptProps = { attempt: Attempt; commands: AttemptCommands; onClose(): void };

export function RefundDialog({ attempt, commands, onClose }: AttemptProps) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const sum = useSum(attempt.refundable);
  const [reason, setReason] = useState("");
  const [key] = useState(() => crypto.randomUUID());
  const submit = () => {
    const amountMinor = sum.read();
    if (amountMinor === null) return;
    run(() => commands.refund({ attemptId: attempt.id, amountMinor, reason, key }), {
      done: say("money.refundRequested"),
      onDone: onClose,
    });
  };
  return (
    <Ask
      title={say("money.refundTitle")}
      text={say("money.refundText", { most: formatMoney(attempt.refundable, locale) })}
      go={say("money.refundDo")}
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <SumField id="refund-sum" sum={sum} currency={attempt.refundable.currency} />
      <TextField id="refund-reason" label={say("money.reason")} value={reason} onChange={setReason} />
    </Ask>
  );
}

export function ManualRefundDialog({ attempt, commands, onClose }: AttemptProps) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const sum = useSum(attempt.refundable);
  const [reason, setReason] = useState("");
  const [reference, setReference] = useState("");
  const [key] = useState(() => crypto.randomUUID());
  const submit = () => {
    const amountMinor = sum.read();
    if (amountMinor === null) return;
    run(() => commands.recordRefund({ attemptId: attempt.id, amountMinor, reason, reference, key }), {
      done: say("money.manualDone"),
      onDone: onClose,
    });
  };
  return (
    <Ask
      title={say("money.manualTitle")}
      text={say("money.manualText")}
      go={say("money.manualDo")}
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      <SumField id="manual-sum" sum={sum} currency={attempt.refundable.currency} />
      <TextField id="manual-reference" label={say("money.reference")} value={reference} onChange={setReference} />
      <TextField id="manual-reason" label={say("money.reason")} value={reason} onChange={setReason} />
    </Ask>
  );
}

type HoldProps = { held: HoldFacts; commands: AttemptCommands; onClose(): void };

export function CaptureDialog({ held, commands, onClose }: HoldProps) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const sum = useSum(held.amount);
  const [key] = useState(() => crypto.randomUUID());
  const submit = () => {
    const amountMinor = held.can_capture_part ? sum.read() : held.amount.minor;
    if (amountMinor === null) return;
    // A refusal is shown where the hold is, with the processor's words.
    run(() => commands.capture(held.attempt_id, amountMinor, key), {
      done: say("money.captured"),
      onDone: onClose,
      onProblem: (problem) => {
        onClose();
        return problem.code === "processor_refused";
      },
    });
  };
  const whole = formatMoney(held.amount, locale);
  return (
    <Ask
      title={say("holds.confirmTitle")}
      text={say(held.can_capture_part ? "holds.confirmText" : "holds.confirmWhole", { sum: whole })}
      go={say("holds.confirm")}
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={submit}
    >
      {held.can_capture_part && <SumField id="capture-sum" sum={sum} currency={held.amount.currency} />}
      <p className="text-sm text-quiet">{say("holds.check")}</p>
    </Ask>
  );
}

export function CancelDialog({ held, commands, onClose }: HoldProps) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const [key] = useState(() => crypto.randomUUID());
  return (
    <Ask
      title={say("holds.cancelTitle")}
      text={say("holds.cancelText", { sum: formatMoney(held.amount, locale) })}
      go={say("holds.cancel")}
      isDanger
      isBusy={isBusy}
      onClose={onClose}
      onSubmit={() =>
        run(() => commands.release(held.attempt_id, key), {
          done: say("attempts.released"),
          onDone: onClose,
          onProblem: (problem) => {
            onClose();
            return problem.code === "processor_refused";
          },
        })
      }
    />
  );
}
