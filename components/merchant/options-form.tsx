// What is decided for a connection beside its keys: made from the descriptor, the bank's outlets and what was permitted.
// Before a needed consent only texts and addresses are here; the rest is read from the processor afterwards.
"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { DetailsField } from "./details-field.tsx";
import { formatMoment } from "./moment.ts";
import { OnlyMethod } from "./only-method.tsx";
import type { Fault, Outcome } from "./outcome.ts";
import type { Connection, ConnectionAccounts, ConnectionOptions, PointOfSale, Processor } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLeaveWarning } from "./use-leave-warning.ts";
import { useLanguage, useSay } from "./use-say.ts";

export type OptionsPatch = {
  options?: Record<string, string | boolean>;
  account_id?: string;
  capture_mode?: "automatic" | "manual";
  hold_policy?: "ask" | "capture" | "release" | null;
  only_method?: string | null;
  details_template?: string | null;
  payer_note?: string | null;
  notify_email?: string | null;
  notify_test?: boolean;
};

type Props = {
  processor: Processor;
  connection: Connection;
  options: ConnectionOptions;
  accounts: ConnectionAccounts | null;
  shop: PointOfSale;
  merchant: { id: string; name: string };
  support: string;
  zone: string;
  isAllowed: boolean;
  save(id: string, patch: OptionsPatch): Promise<Outcome>;
  refreshAccounts(id: string): Promise<Outcome>;
  startTrial(): Promise<Outcome>;
};

export function OptionsForm(props: Props) {
  const { processor, connection, options, accounts, shop } = props;
  const say = useSay();
  const locale = useLanguage();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const isConfirmed = connection.consent === null || connection.consent.state !== "wanted";
  const variant = processor.variants.find((one) => one.id === connection.variant);
  const [typed, setTyped] = useState<OptionsPatch>({});
  const [faults, setFaults] = useState<Record<string, Fault>>({});
  const summary = useRef<HTMLDivElement>(null);
  const isDirty = Object.keys(typed).length > 0;
  useLeaveWarning(isDirty, say("editor.unsaved"));
  useEffect(() => {
    if (Object.keys(faults).length > 0) summary.current?.focus();
  }, [faults]);
  const set = (patch: OptionsPatch) => setTyped((now) => ({ ...now, ...patch }));
  const chosen: Record<string, string | boolean> =
    typed.options ?? (options.options as Record<string, string | boolean>);
  const accountId = typed.account_id ?? options.account_id ?? "";
  const isAsked = (field: Processor["options"][number]) =>
    field.only_when === null || chosen[field.only_when.name] === field.only_when.is;
  const faultOf = (name: string) => {
    const fault = faults[name];
    if (!fault) return undefined;
    const words = wordsOf(say, `faults.${fault.code}`);
    return fault.code === "unknown_tag" ? `${words}: ${fault.message}` : words;
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    setFaults({});
    const asked = processor.options.filter(isAsked);
    const whole: OptionsPatch = {
      ...typed,
      ...(isConfirmed && processor.options.length > 0
        ? { options: Object.fromEntries(asked.map((field) => [field.name, chosen[field.name] ?? ""])) }
        : {}),
      ...(isConfirmed && processor.has_accounts && accountId ? { account_id: accountId } : {}),
    };
    run(() => props.save(connection.id, whole), {
      done: say("connect.saved"),
      onDone: () => setTyped({}),
      onProblem: ({ fields }) => {
        const named: Record<string, Fault> = {};
        for (const fault of fields) named[fault.field] ??= fault;
        setFaults(named);
        return fields.length > 0;
      },
    });
  }

  return (
    <form onSubmit={submit} noValidate className="space-y-6" aria-label={say("connect.settings")}>
      {Object.keys(faults).length > 0 && (
        <div ref={summary} tabIndex={-1} role="alert" className="rounded-xl outline-offset-4">
          <Notice tone="bad" title={say("connect.faultsTitle")}>
            <ul className="list-disc pl-5">
              {Object.keys(faults).map((name) => (
                <li key={name}>
                  <a
                    className="link"
                    href={`#${name}`}
                    onClick={(event) => {
                      event.preventDefault();
                      document.getElementById(name)?.focus();
                    }}
                  >
                    {labelOf(name)}: {faultOf(name)}
                  </a>
                </li>
              ))}
            </ul>
          </Notice>
        </div>
      )}
      <fieldset disabled={!isReady || !props.isAllowed} className="space-y-6">
        {isConfirmed && processor.has_accounts && (
          <div className="space-y-3">
            <Field
              id="account_id"
              label={say("connect.account")}
              hint={say("connect.accountHint")}
              fault={faultOf("account_id")}
            >
              <select
                {...describedBy("account_id", true, faults.account_id)}
                name="account_id"
                className="field"
                value={accountId}
                onChange={(event) => set({ account_id: event.target.value })}
              >
                <option value="">{say("connect.chooseAccount")}</option>
                {accounts?.is_gone && options.account_id && (
                  <option value={options.account_id}>{options.account_id}</option>
                )}
                {entitiesOf(accounts).map(({ id, name, outlets }) => (
                  <optgroup key={id} label={name}>
                    {outlets.map((outlet) => (
                      <option key={outlet.id} value={outlet.id}>
                        {[
                          outlet.name,
                          outlet.detail,
                          outlet.is_usable ? null : `${outlet.state}: ${say("connect.accountStates.inactive")}`,
                          outlet.has_register ? say("connect.withRegister") : null,
                        ]
                          .filter(Boolean)
                          .join(" · ")}
                      </option>
                    ))}
                  </optgroup>
                ))}
              </select>
            </Field>
            <div className="flex flex-wrap items-center gap-3">
              <Button
                isSmall
                isBusy={isBusy}
                onClick={() => run(() => props.refreshAccounts(connection.id), { done: say("connect.refreshed") })}
              >
                {say("connect.refresh")}
              </Button>
              <p className="text-sm text-quiet" data-read-at={accounts?.read_at ?? ""}>
                {accounts?.read_at
                  ? say("connect.readAt", { at: formatMoment(accounts.read_at, locale, props.zone) })
                  : say("connect.neverRead")}
              </p>
            </div>
          </div>
        )}
        {isConfirmed &&
          processor.options.filter(isAsked).map((field) => {
            const id = `options.${field.name}`;
            const change = (value: string | boolean) => set({ options: { ...chosen, [field.name]: value } });
            const value = chosen[field.name];
            const labelled = {
              id,
              label: wordsOf(say, `connect.fields.${field.name}.label`),
              hint: say.has(`connect.fields.${field.name}.hint`) ? say(`connect.fields.${field.name}.hint`) : undefined,
              fault: faultOf(id),
            };
            if (field.input === "switch") {
              return <Tick key={id} {...labelled} isOn={value === true} onChange={(isOn) => change(isOn)} />;
            }
            return (
              <Field key={id} {...labelled}>
                {field.input === "choice" ? (
                  <select
                    {...describedBy(id, true, faults[id])}
                    className="field"
                    value={String(value ?? "")}
                    onChange={(event) => change(event.target.value)}
                  >
                    <option value="">{say("connect.chooseAccount")}</option>
                    {field.choices.map((choice) => (
                      <option key={choice} value={choice}>
                        {wordsOf(say, `connect.choices.${field.name}.${choice}`)}
                      </option>
                    ))}
                  </select>
                ) : (
                  <input
                    {...describedBy(id, true, faults[id])}
                    className="field"
                    value={String(value ?? "")}
                    onChange={(event) => change(event.target.value)}
                  />
                )}
              </Field>
            );
          })}
        {isConfirmed &&
          options.methods
            .filter((method) => say.has(`connect.only.${method.id}.label`))
            .map((method) => (
              <OnlyMethod
                key={method.id}
                method={method}
                isOn={(typed.only_method === undefined ? options.only_method : typed.only_method) === method.id}
                extra={options.only_method_extra}
                fault={faultOf("only_method")}
                merchant={props.merchant}
                support={props.support}
                zone={props.zone}
                isAllowed={props.isAllowed}
                startTrial={props.startTrial}
                onChange={(isOn) => set({ only_method: isOn ? method.id : null })}
              />
            ))}
        {isConfirmed && variant?.can_hold && (
          <Field
            id="capture_mode"
            label={say("connect.capture")}
            hint={say("connect.captureHint")}
            fault={faultOf("capture_mode")}
          >
            <select
              {...describedBy("capture_mode", true, faults.capture_mode)}
              className="field"
              value={typed.capture_mode ?? options.capture_mode}
              onChange={(event) => set({ capture_mode: event.target.value === "manual" ? "manual" : "automatic" })}
            >
              {(["automatic", "manual"] as const).map((mode) => (
                <option key={mode} value={mode}>
                  {say(`connect.captures.${mode}`)}
                </option>
              ))}
            </select>
          </Field>
        )}
        {isConfirmed && variant?.can_hold && (typed.capture_mode ?? options.capture_mode) === "manual" && (
          <Field
            id="hold_policy"
            label={say("connect.holdPolicy")}
            hint={say("connect.holdPolicyHint")}
            fault={faultOf("hold_policy")}
          >
            <select
              {...describedBy("hold_policy", true, faults.hold_policy)}
              className="field"
              value={(typed.hold_policy === undefined ? options.hold_policy : typed.hold_policy) ?? ""}
              onChange={(event) =>
                set({ hold_policy: options.hold_policies.find((one) => one === event.target.value) ?? null })
              }
            >
              <option value="">{say("connect.holdPolicyMerchant")}</option>
              {options.hold_policies.map((one) => (
                <option key={one} value={one}>
                  {say(`rules.policies.${one}.label`)}
                </option>
              ))}
            </select>
          </Field>
        )}
        <DetailsField
          value={typed.details_template ?? options.details_template ?? ""}
          tags={options.detail_tags}
          limit={variant?.details_limit ?? 128}
          shop={shop}
          merchantName={props.merchant.name}
          fault={faultOf("details_template")}
          onChange={(value) => set({ details_template: value })}
        />
        {isConfirmed && (
          <Field
            id="payer_note"
            label={say("connect.note")}
            isOptional={say("common.optional")}
            hint={say("connect.noteHint")}
            fault={faultOf("payer_note")}
          >
            <textarea
              {...describedBy("payer_note", true, faults.payer_note)}
              rows={3}
              maxLength={1000}
              className="field"
              value={typed.payer_note ?? options.payer_note ?? ""}
              onChange={(event) => set({ payer_note: event.target.value })}
            />
          </Field>
        )}
        <Field
          id="notify_email"
          label={say("connect.notify")}
          isOptional={say("common.optional")}
          hint={say("connect.notifyHint")}
          fault={faultOf("notify_email")}
        >
          <input
            {...describedBy("notify_email", true, faults.notify_email)}
            type="email"
            className="field"
            value={typed.notify_email ?? options.notify_email ?? ""}
            onChange={(event) => set({ notify_email: event.target.value })}
          />
        </Field>
        <Tick
          id="notify_test"
          label={say("connect.notifyTest")}
          isOn={typed.notify_test ?? options.notify_test}
          onChange={(isOn) => set({ notify_test: isOn })}
        />
      </fieldset>
      {!isConfirmed && (
        <p className="flex items-start gap-2 text-[0.9375rem] text-quiet" data-rest-waits>
          <Icon name="clock" size={18} className="mt-0.5" />
          {say("connect.restWaits")}
        </p>
      )}
      {props.isAllowed && (
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" look="primary" isBusy={isBusy}>
            {say("common.save")}
          </Button>
          {isDirty && (
            <Badge tone="info" icon="draft">
              {say("connect.unsaved")}
            </Badge>
          )}
        </div>
      )}
    </form>
  );

  function labelOf(name: string): string {
    const option = /^options\.(.+)$/.exec(name)?.[1];
    if (option) return wordsOf(say, `connect.fields.${option}.label`);
    const words: Record<string, string> = {
      account_id: say("connect.account"),
      only_method: say("connect.only.sbp.label"),
      capture_mode: say("connect.capture"),
      hold_policy: say("connect.holdPolicy"),
      details_template: say("connect.details"),
      payer_note: say("connect.note"),
      notify_email: say("connect.notify"),
    };
    return words[name] ?? name;
  }
}

/** Outlets by legal entity, in the order that they were read. */
function entitiesOf(accounts: ConnectionAccounts | null) {
  const entities = new Map<string, { id: string; name: string; outlets: ConnectionAccounts["data"] }>();
  for (const outlet of accounts?.data ?? []) {
    const known = entities.get(outlet.entity.id) ?? { ...outlet.entity, outlets: [] };
    known.outlets.push(outlet);
    entities.set(outlet.entity.id, known);
  }
  return [...entities.values()];
}

function Tick(props: {
  id: string;
  label: string;
  hint?: string | undefined;
  isOn: boolean;
  onChange(isOn: boolean): void;
}) {
  return (
    <div className="flex gap-3">
      <input
        type="checkbox"
        {...describedBy(props.id, props.hint)}
        className="tick mt-0.5"
        checked={props.isOn}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <div className="min-w-0">
        <label htmlFor={props.id} className="font-semibold">
          {props.label}
        </label>
        {props.hint && (
          <p id={`${props.id}-hint`} className="text-sm text-quiet">
            {props.hint}
          </p>
        )}
      </div>
    </div>
  );
}
