// A form in a dialog with its two buttons, and a field of one line for it.
"use client";

import type { FormEvent, ReactNode } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useSay } from "./use-say.ts";

export function TextField(props: {
  id: string;
  label: string;
  value: string;
  isNeeded?: boolean;
  fault?: string | undefined;
  onChange(value: string): void;
}) {
  const say = useSay();
  return (
    <Field
      id={props.id}
      label={props.label}
      fault={props.fault}
      {...(props.isNeeded ? {} : { isOptional: say("common.optional") })}
    >
      <input
        {...describedBy(props.id, undefined, props.fault)}
        className="field"
        maxLength={200}
        value={props.value}
        onChange={(event) => props.onChange(event.target.value)}
      />
    </Field>
  );
}

/** A form in a dialog with its two buttons. */
export function Ask(props: {
  title: string;
  text?: string | undefined;
  go: string;
  isDanger?: boolean;
  isBusy: boolean;
  onClose(): void;
  onSubmit(): void;
  children?: ReactNode;
}) {
  const say = useSay();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    props.onSubmit();
  };
  return (
    <Dialog title={props.title} text={props.text} closeLabel={say("common.close")} onClose={props.onClose}>
      <form onSubmit={submit} className="space-y-4" noValidate>
        {props.children}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={props.onClose}>{say("common.cancel")}</Button>
          <Button type="submit" look={props.isDanger ? "danger" : "primary"} isBusy={props.isBusy}>
            {props.go}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
