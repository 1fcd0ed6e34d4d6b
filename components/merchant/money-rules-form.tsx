// What happens with held money that nobody decides on, and from which sum a refund needs a second person.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import { readMinor, toField } from "./amount.ts";
import type { Outcome } from "./outcome.ts";
import type { MoneyRules } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

const POLICIES = ["ask", "capture", "release"] as const;

type Row = { id: number; currency: string; sum: string };

export function MoneyRulesForm(props: {
  rules: MoneyRules;
  isAllowed: boolean;
  save(rules: MoneyRules): Promise<Outcome>;
}) {
  const say = useSay();
  const locale = useLanguage();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [policy, setPolicy] = useState(props.rules.hold_policy);
  const [rows, setRows] = useState<Row[]>(() =>
    props.rules.refund_approval.map(({ currency, over_minor }, id) => ({
      id,
      currency,
      sum: toField(over_minor, currency, locale),
    })),
  );
  const [faults, setFaults] = useState<Record<number, string>>({});
  const change = (id: number, patch: Partial<Row>) =>
    setRows(rows.map((row) => (row.id === id ? { ...row, ...patch } : row)));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found: Record<number, string> = {};
    const sums = rows.flatMap(({ id, currency: typed, sum }) => {
      const currency = typed.trim().toUpperCase();
      const minor = /^[A-Z]{3}$/.test(currency) ? readMinor(sum, currency) : null;
      if (!/^[A-Z]{3}$/.test(currency)) found[id] = say("faults.unknown_currency");
      else if (minor === null || minor < 0) found[id] = say("faults.bad_sum");
      else if (rows.some((one) => one.id < id && one.currency.trim().toUpperCase() === currency))
        found[id] = say("faults.currency_twice");
      return minor === null ? [] : [{ currency, over_minor: minor }];
    });
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    run(() => props.save({ hold_policy: policy, refund_approval: sums }), {
      done: say("rules.saved"),
      onProblem: ({ fields }) => {
        const at = fields.map((fault) => [Number(/\.(\d+)\./.exec(fault.field)?.[1] ?? -1), fault.code] as const);
        setFaults(
          Object.fromEntries(
            at.flatMap(([index, code]) => (rows[index] ? [[rows[index].id, wordsOf(say, `faults.${code}`)]] : [])),
          ),
        );
        return at.some(([index]) => rows[index]);
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate className="max-w-3xl space-y-5">
      <fieldset disabled={!isReady || !props.isAllowed} className="card space-y-4 p-5 sm:p-6">
        <legend className="contents">
          <span className="block text-lg font-semibold">{say("rules.holdTitle")}</span>
        </legend>
        <p className="text-quiet">{say("rules.holdText")}</p>
        <div className="space-y-3">
          {POLICIES.map((one) => (
            <label
              key={one}
              className="flex cursor-pointer gap-3 rounded-lg border border-line p-3 has-checked:border-accent"
            >
              <input
                type="radio"
                name="hold_policy"
                value={one}
                checked={policy === one}
                onChange={() => setPolicy(one)}
                className="mt-1 size-4 shrink-0 accent-accent"
              />
              <span>
                <span className="block font-semibold">{say(`rules.policies.${one}.label`)}</span>
                <span className="block text-sm text-quiet">{say(`rules.policies.${one}.text`)}</span>
              </span>
            </label>
          ))}
        </div>
        <p className="text-sm text-quiet">{say("rules.manualHelp")}</p>
      </fieldset>
      <fieldset disabled={!isReady || !props.isAllowed} className="card space-y-4 p-5 sm:p-6">
        <legend className="contents">
          <span className="block text-lg font-semibold">{say("rules.approvalTitle")}</span>
        </legend>
        <p className="text-quiet">{say("rules.approvalText")}</p>
        {rows.length === 0 && <p className="text-sm">{say("rules.nobody")}</p>}
        {rows.map((row) => (
          <div key={row.id} className="flex items-start gap-3">
            <Field id={`currency-${row.id}`} label={say("rules.currency")} className="w-20 shrink-0 sm:w-24">
              <input
                id={`currency-${row.id}`}
                className="field uppercase"
                maxLength={3}
                autoCapitalize="characters"
                value={row.currency}
                onChange={(event) => change(row.id, { currency: event.target.value })}
              />
            </Field>
            <Field id={`over-${row.id}`} label={say("rules.over")} fault={faults[row.id]} className="min-w-0 flex-1">
              <input
                {...describedBy(`over-${row.id}`, undefined, faults[row.id])}
                className="field"
                inputMode="decimal"
                value={row.sum}
                onChange={(event) => change(row.id, { sum: event.target.value })}
              />
            </Field>
            <Button
              look="quiet"
              className="mt-7 shrink-0"
              aria-label={say("rules.remove", { currency: row.currency })}
              onClick={() => setRows(rows.filter((one) => one.id !== row.id))}
            >
              <Icon name="cross" size={18} />
            </Button>
          </div>
        ))}
        {rows.length < 20 && (
          <Button
            isSmall
            onClick={() =>
              setRows([...rows, { id: Math.max(-1, ...rows.map((one) => one.id)) + 1, currency: "", sum: "" }])
            }
          >
            <Icon name="plus" size={16} />
            {say("rules.add")}
          </Button>
        )}
      </fieldset>
      {props.isAllowed && (
        <Button type="submit" look="primary" isBusy={isBusy}>
          {say("common.save")}
        </Button>
      )}
    </form>
  );
}
