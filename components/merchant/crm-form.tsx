// Connects a CRM account: its address, its key, and the methods to tick at the key, each of which the answer names if it is
// missing.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

type Typed = { point_of_sale_id: string; url: string; api_key: string };

export function CrmForm(props: {
  shops: PointOfSale[];
  required: string[];
  useful: string[];
  connect(typed: Typed, key: string): Promise<Outcome>;
}) {
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [typed, setTyped] = useState<Typed>({ point_of_sale_id: props.shops[0]?.id ?? "", url: "", api_key: "" });
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [missing, setMissing] = useState<string[]>([]);
  const set = (name: keyof Typed) => (event: { target: { value: string } }) =>
    setTyped((now) => ({ ...now, [name]: event.target.value }));
  const faultOf = (name: string) => (faults[name] ? wordsOf(say, `faults.${faults[name]}`) : undefined);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = Object.fromEntries(
      (["url", "api_key"] as const).filter((name) => typed[name].trim() === "").map((name) => [name, "required"]),
    );
    setFaults(found);
    setMissing([]);
    const [first] = Object.keys(found);
    if (first) {
      document.getElementById(`crm-${first}`)?.focus();
      return;
    }
    run(() => props.connect(typed, key), {
      onProblem: ({ fields }) => {
        setKey(crypto.randomUUID());
        setFaults(Object.fromEntries(fields.map(({ field, code }) => [field, code])));
        setMissing(fields.filter(({ code }) => code === "method_missing").map(({ message }) => message));
        const field = fields[0]?.field;
        if (field) document.getElementById(`crm-${field}`)?.focus();
        return fields.length > 0;
      },
    });
  };
  const list = [...props.required, ...props.useful];
  return (
    <form onSubmit={submit} noValidate className="grid gap-6 lg:grid-cols-2" aria-labelledby="connect-crm">
      <fieldset disabled={!isReady} className="min-w-0 space-y-4">
        <Field id="crm-url" label={say("crm.address")} hint={say("crm.addressHint")} fault={faultOf("url")}>
          <input
            {...describedBy("crm-url", true, faults.url)}
            className="field"
            inputMode="url"
            autoComplete="off"
            spellCheck={false}
            placeholder="https://myshop.retailcrm.pro"
            value={typed.url}
            onChange={set("url")}
          />
        </Field>
        <Field id="crm-api_key" label={say("crm.key")} hint={say("crm.keyHint")} fault={faultOf("api_key")}>
          <input
            {...describedBy("crm-api_key", true, faults.api_key)}
            className="field font-mono text-sm"
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={typed.api_key}
            onChange={set("api_key")}
          />
        </Field>
        {props.shops.length > 1 && (
          <Field
            id="crm-point_of_sale_id"
            label={say("editor.fields.point_of_sale_id")}
            fault={faultOf("point_of_sale_id")}
          >
            <select
              {...describedBy("crm-point_of_sale_id", undefined, faults.point_of_sale_id)}
              className="field"
              value={typed.point_of_sale_id}
              onChange={set("point_of_sale_id")}
            >
              {props.shops.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </select>
          </Field>
        )}
        {missing.length > 0 && (
          <div role="alert">
            <Notice tone="bad" title={say("crm.missingTitle", { count: missing.length })}>
              <ul className="list-disc space-y-0.5 pl-5 font-mono text-sm">
                {missing.map((method) => (
                  <li key={method} className="[overflow-wrap:anywhere]">
                    {method}
                  </li>
                ))}
              </ul>
            </Notice>
          </div>
        )}
        <Button type="submit" look="primary" isBusy={isBusy}>
          {say("crm.connect")}
        </Button>
      </fieldset>
      <div className="min-w-0 space-y-3 rounded-xl border border-line bg-sunken p-4">
        <div className="flex flex-wrap items-start justify-between gap-2">
          <h3 className="font-semibold">{say("crm.methodsTitle")}</h3>
          <CopyButton
            text={list.join("\n")}
            label={say("crm.copyMethods")}
            done={say("common.copied")}
            failed={say("common.copyFailed")}
          />
        </div>
        <p className="text-sm text-quiet">{say("crm.methodsText")}</p>
        <ul className="space-y-1.5">
          {list.map((method) => {
            const isMissing = missing.includes(method);
            return (
              <li key={method} className="flex items-start gap-2" data-method={method}>
                <Icon
                  name={isMissing ? "cross" : "check"}
                  size={16}
                  className={`mt-1 ${isMissing ? "text-bad" : "text-quiet"}`}
                />
                <span className="min-w-0 font-mono text-sm [overflow-wrap:anywhere]">
                  {method}
                  {props.useful.includes(method) && (
                    <span className="block font-sans text-sm text-quiet">{say("crm.usefulHint")}</span>
                  )}
                  {isMissing && <span className="sr-only"> {say("crm.missing")}</span>}
                </span>
              </li>
            );
          })}
        </ul>
      </div>
    </form>
  );
}
