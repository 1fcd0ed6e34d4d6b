// The company's legal details, with the public offer that payers are shown.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import type { Outcome } from "./outcome.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

const FIELDS = ["legal_name", "tax_id", "address", "email", "phone", "offer_url"] as const;
export type LegalDetails = Record<(typeof FIELDS)[number], string>;

export function LegalForm(props: {
  details: LegalDetails;
  isAllowed: boolean;
  save(details: LegalDetails): Promise<Outcome>;
}) {
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [typed, setTyped] = useState(props.details);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFaults({});
    run(() => props.save(typed), {
      done: say("legal.saved"),
      onProblem: ({ fields }) => {
        setFaults(Object.fromEntries(fields.map((fault) => [fault.field, fault.code])));
        return fields.length > 0;
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate className="card max-w-3xl space-y-5 p-5 sm:p-6">
      <fieldset disabled={!isReady || !props.isAllowed} className="grid gap-4 sm:grid-cols-2">
        {FIELDS.map((name) => {
          const code = faults[name];
          const hint = name === "offer_url" ? say("legal.offerHint") : undefined;
          return (
            <Field
              key={name}
              id={name}
              label={say(`legal.fields.${name}`)}
              hint={hint}
              fault={code ? wordsOf(say, `faults.${code}`) : undefined}
              className={name === "offer_url" || name === "address" ? "sm:col-span-2" : ""}
            >
              <input
                {...describedBy(name, hint, code)}
                type={name === "email" ? "email" : name === "offer_url" ? "url" : "text"}
                className="field"
                value={typed[name]}
                onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
              />
            </Field>
          );
        })}
      </fieldset>
      {props.isAllowed && (
        <Button type="submit" look="primary" isBusy={isBusy}>
          {say("common.save")}
        </Button>
      )}
    </form>
  );
}
