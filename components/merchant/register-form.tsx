// Which online cash register makes a shop's receipts, its credentials, and the signs that stand in every receipt.
"use client";

import { type FormEvent, useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Notice } from "../ui/notice.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Register, RegisterInput, RegisterService } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

const SIGNS = [
  { name: "tax_system", words: "taxSystem", choices: (of: RegisterService) => of.tax_systems },
  { name: "vat_rate", words: "vatRate", choices: (of: RegisterService) => of.vat_rates },
  { name: "receipt_method", words: "receiptMethod", choices: (of: RegisterService) => of.receipt_methods },
  { name: "receipt_object", words: "receiptObject", choices: (of: RegisterService) => of.receipt_objects },
] as const;
type Sign = (typeof SIGNS)[number]["name"];

export function RegisterForm(props: {
  shop: string;
  zone: string;
  services: RegisterService[];
  register: Register | null;
  isAllowed: boolean;
  choose(shop: string, input: RegisterInput): Promise<Outcome>;
  check(shop: string): Promise<Outcome>;
  remove(shop: string): Promise<Outcome>;
}) {
  const { register, services } = props;
  const say = useSay();
  const locale = useLanguage();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [serviceId, setServiceId] = useState(register?.service ?? services[0]?.id ?? "");
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [signs, setSigns] = useState<Record<Sign, string>>({
    tax_system: register?.tax_system ?? "",
    vat_rate: register?.vat_rate ?? "",
    receipt_method: register?.receipt_method ?? "full_payment",
    receipt_object: register?.receipt_object ?? "service",
  });
  const [faults, setFaults] = useState<Record<string, string>>({});
  const service = services.find(({ id }) => id === serviceId);
  const isStored = register?.service === serviceId;
  const faultOf = (name: string) => (faults[name] ? wordsOf(say, `faults.${faults[name]}`) : undefined);

  function submit(event: FormEvent) {
    event.preventDefault();
    setFaults({});
    const stored = isStored ? (register?.public_fields ?? {}) : {};
    run(
      () =>
        props.choose(props.shop, {
          service: serviceId,
          credentials: { ...stored, ...typed },
          ...signs,
        } as RegisterInput),
      {
        done: say("receipts.saved"),
        onDone: () => setTyped({}),
        onProblem: ({ fields }) => {
          const named: Record<string, string> = {};
          for (const fault of fields) named[fault.field.replace(/^credentials\./, "")] ??= fault.code;
          setFaults(named);
          const first = Object.keys(named)[0];
          if (first) document.getElementById(`register-${first}`)?.focus();
          return fields.length > 0;
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate className="card space-y-5 p-5 sm:p-6" aria-labelledby="register">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 id="register" className="text-lg font-semibold">
          {say("receipts.register")}
        </h2>
        <Badge tone={register ? "good" : "plain"} icon={register ? "check" : "minus"}>
          {register
            ? (services.find(({ id }) => id === register.service)?.name ?? register.service)
            : say("receipts.none")}
        </Badge>
      </div>
      {register?.last_check && (
        <Notice tone={register.last_check.outcome === "works" ? "good" : "bad"}>
          <p>
            {say(`receipts.checks.${register.last_check.outcome}`)}{" "}
            {register.last_check.text ? `„${register.last_check.text}”` : ""}
          </p>
          <p className="text-sm text-quiet">{formatMoment(register.last_check.at, locale, props.zone)}</p>
        </Notice>
      )}
      <fieldset disabled={!isReady || !props.isAllowed} className="grid gap-4 sm:grid-cols-2">
        <Field
          id="register-service"
          className="sm:col-span-2"
          label={say("receipts.service")}
          fault={faultOf("service")}
        >
          <select
            {...describedBy("register-service", undefined, faults.service)}
            className="field"
            value={serviceId}
            onChange={(event) => {
              setServiceId(event.target.value);
              setTyped({});
            }}
          >
            {services.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Field>
        {service?.fields.map((field) => {
          const id = `register-${field.name}`;
          const isKept = isStored && field.secret;
          const shown = isStored && !field.secret ? (register?.public_fields[field.name] ?? "") : "";
          const own = {
            ...describedBy(id, isKept, faults[field.name]),
            className: "field font-mono text-sm",
            autoComplete: "off",
            spellCheck: false,
            placeholder: isKept ? "••••••••••••" : (field.example ?? undefined),
            value: typed[field.name] ?? shown,
          };
          const set = (value: string) => setTyped((now) => ({ ...now, [field.name]: value }));
          const isLong = field.input.startsWith("pem_");
          return (
            <Field
              key={field.name}
              id={id}
              {...(isLong ? { className: "sm:col-span-2" } : {})}
              label={wordsOf(say, `keys.fields.${field.name}`)}
              isOptional={field.required ? undefined : say("common.optional")}
              fault={faultOf(field.name)}
              hint={isKept ? say("connect.shown") : undefined}
            >
              {isLong ? (
                <textarea {...own} rows={3} onChange={(event) => set(event.target.value)} />
              ) : (
                <input
                  {...own}
                  type={field.input === "password" ? "password" : "text"}
                  onChange={(event) => set(event.target.value)}
                />
              )}
            </Field>
          );
        })}
        {service &&
          SIGNS.map(({ name, words, choices }) => {
            const id = `register-${name}`;
            const isNote = name === "tax_system" && !service.sends_tax_system;
            const hint =
              name === "receipt_method" ? say("receipts.methodHint") : isNote ? say("receipts.taxHint") : null;
            return (
              <Field
                key={name}
                id={id}
                label={say(`connect.fields.${words}.label`)}
                fault={faultOf(name)}
                hint={hint ?? undefined}
              >
                <select
                  {...describedBy(id, hint, faults[name])}
                  className="field"
                  value={signs[name]}
                  onChange={(event) => setSigns({ ...signs, [name]: event.target.value })}
                >
                  {!signs[name] && <option value="">{say("receipts.choose")}</option>}
                  {choices(service).map((code) => (
                    <option key={code} value={code}>
                      {wordsOf(say, `connect.choices.${words}.${code}`)}
                    </option>
                  ))}
                </select>
              </Field>
            );
          })}
      </fieldset>
      {props.isAllowed && (
        <div className="flex flex-wrap gap-2">
          <Button type="submit" look="primary" isBusy={isBusy}>
            {say("common.save")}
          </Button>
          {register && (
            <>
              <Button
                isBusy={isBusy}
                onClick={() => run(() => props.check(props.shop), { done: say("receipts.checked") })}
              >
                {say("receipts.check")}
              </Button>
              <Button
                look="danger"
                isBusy={isBusy}
                onClick={() => run(() => props.remove(props.shop), { done: say("receipts.removed") })}
              >
                {say("receipts.remove")}
              </Button>
            </>
          )}
        </div>
      )}
    </form>
  );
}
