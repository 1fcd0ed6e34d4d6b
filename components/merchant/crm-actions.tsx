// What is done with a CRM installation from its page: tried again, given another key.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import type { Outcome } from "./outcome.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function CheckCrm({ id, check }: { id: string; check(id: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <Button isBusy={isBusy} onClick={() => run(() => check(id), { done: say("crm.checked") })}>
      {say("crm.check")}
    </Button>
  );
}

export function ReplaceCrmKey(props: { id: string; replace(id: string, key: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState("");
  const [faults, setFaults] = useState<string[]>([]);
  const close = () => {
    setOpen(false);
    setKey("");
    setFaults([]);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (key.trim() === "") return setFaults([wordsOf(say, "faults.required")]);
    run(() => props.replace(props.id, key), {
      done: say("crm.keySaved"),
      onDone: close,
      onProblem: ({ fields }) => {
        setFaults(
          fields.map(({ code, message }) =>
            code === "method_missing" ? `${say("crm.missing")} ${message}` : wordsOf(say, `faults.${code}`),
          ),
        );
        return fields.length > 0;
      },
    });
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say("crm.replaceKey")}</Button>
      {isOpen && (
        <Dialog title={say("crm.replaceKey")} closeLabel={say("common.close")} onClose={close}>
          <form onSubmit={submit} noValidate className="space-y-4">
            <Field
              id="crm-new-key"
              label={say("crm.key")}
              hint={say("crm.keyHint")}
              fault={faults.join(" · ") || undefined}
            >
              <input
                {...describedBy("crm-new-key", true, faults.length > 0)}
                className="field font-mono text-sm"
                type="password"
                autoComplete="off"
                value={key}
                onChange={(event) => setKey(event.target.value)}
              />
            </Field>
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={close}>{say("common.cancel")}</Button>
              <Button type="submit" look="primary" isBusy={isBusy}>
                {say("common.save")}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
