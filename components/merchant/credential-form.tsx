// The keys of a connection, made from the processor's descriptor. What is stored is shown masked, never again as it is.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import type { Outcome } from "./outcome.ts";
import type { Connection, PointOfSale, Processor } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLeaveWarning } from "./use-leave-warning.ts";
import { useSay } from "./use-say.ts";

type Environment = "live" | "test";
type Input = {
  point_of_sale_id: string;
  environment: Environment;
  name?: string;
  credentials: Record<string, string>;
};

export function CredentialForm(props: {
  processor: Processor;
  shop: PointOfSale;
  connection: Connection | null;
  isAllowed: boolean;
  connect(input: Input, key: string): Promise<Outcome<Connection>>;
  replace(id: string, credentials: Record<string, string>, name?: string): Promise<Outcome<Connection>>;
}) {
  const { processor, shop, connection } = props;
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [environment, setEnvironment] = useState<Environment>(
    connection?.environment ?? (shop.is_test ? "test" : "live"),
  );
  const stored = connection?.public_fields ?? {};
  const variant = processor.variants.find((one) => one.id === connection?.variant) ?? processor.variants[0];
  const [typed, setTyped] = useState<Record<string, string>>({});
  const [name, setName] = useState(connection?.name ?? "");
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [key, setKey] = useState(() => crypto.randomUUID());
  useLeaveWarning(
    Object.values(typed).some((value) => value !== ""),
    say("editor.unsaved"),
  );
  const asksConsent = processor.consent !== null;

  function submit(event: FormEvent) {
    event.preventDefault();
    setFaults({});
    const fields = variant?.fields ?? [];
    const credentials = Object.fromEntries(
      fields.map((field) => [field.name, typed[field.name] ?? (field.secret ? "" : (stored[field.name] ?? ""))]),
    );
    const named = processor.has_many_shops ? { name: name.trim() } : {};
    if (processor.has_many_shops) {
      // All that is missing is named at once; what is stored already need not be typed again.
      const missing = Object.fromEntries([
        ...(name.trim() === "" ? [["display-name", "required"]] : []),
        ...fields
          .filter((field) => field.required && credentials[field.name]?.trim() === "" && !(connection && field.secret))
          .map((field) => [field.name, "required"]),
      ]);
      setFaults(missing);
      const first = Object.keys(missing)[0];
      if (first) {
        document.getElementById(first)?.focus();
        return;
      }
    }
    run(
      () =>
        connection
          ? props.replace(connection.id, credentials, named.name)
          : props.connect({ point_of_sale_id: shop.id, environment, credentials, ...named }, key),
      {
        onDone: () => {
          setTyped({});
          setKey(crypto.randomUUID());
        },
        done: say(asksConsent ? "connect.savedWithMail" : "keys.saved"),
        onProblem: ({ fields: found }) => {
          setKey(crypto.randomUUID());
          const named: Record<string, string> = {};
          for (const fault of found) named[fault.field.replace(/^credentials\./, "")] ??= fault.code;
          setFaults(named);
          const first = Object.keys(named)[0];
          if (first) document.getElementById(first)?.focus();
          return found.length > 0;
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate className="space-y-5" aria-label={say("connect.credentials")}>
      <fieldset disabled={!isReady || !props.isAllowed} className="space-y-5">
        <fieldset aria-describedby="environment-hint" className="space-y-1.5">
          <legend className="text-sm font-semibold">{say("keys.environment")}</legend>
          <div className="flex flex-wrap gap-2">
            {(["test", "live"] as const).map((id) => (
              <label
                key={id}
                className="flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-3 has-checked:border-accent has-checked:bg-accent-soft has-disabled:opacity-60"
              >
                <input
                  type="radio"
                  name="environment"
                  className="tick"
                  checked={environment === id}
                  disabled={connection !== null || (id === "live" && shop.is_test)}
                  onChange={() => setEnvironment(id)}
                />
                {say(`keys.environments.${id}`)}
              </label>
            ))}
          </div>
          <p id="environment-hint" className="text-sm text-quiet">
            {say(
              connection ? "keys.environmentFixed" : shop.is_test ? "keys.environmentTestOnly" : "keys.environmentHint",
            )}
          </p>
          {faults.environment && <p className="text-sm text-bad">{wordsOf(say, `faults.${faults.environment}`)}</p>}
        </fieldset>
        {processor.has_many_shops && (
          <Field
            id="display-name"
            label={say("keys.name")}
            hint={say("keys.nameHint")}
            fault={faults["display-name"] && wordsOf(say, `faults.${faults["display-name"]}`)}
          >
            <input
              {...describedBy("display-name", true, faults["display-name"])}
              className="field"
              maxLength={80}
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          </Field>
        )}
        {(variant?.fields ?? []).map((field) => {
          const own = `keys.hintsOf.${processor.id}.${field.name}`;
          const hint = say.has(own) ? own : `keys.hints.${field.name}`;
          const code = faults[field.name];
          const isStored = connection !== null && field.secret;
          const common = {
            ...describedBy(field.name, true, code),
            name: field.name,
            value: typed[field.name] ?? (field.secret ? "" : (stored[field.name] ?? "")),
            placeholder: isStored ? "••••••••••••" : (field.example ?? undefined),
            spellCheck: false,
            autoComplete: "off",
            className: "field font-mono text-sm",
          };
          const set = (value: string) => setTyped((now) => ({ ...now, [field.name]: value }));
          return (
            <Field
              key={field.name}
              id={field.name}
              label={wordsOf(say, `keys.fields.${field.name}`)}
              isOptional={field.required ? undefined : say("common.optional")}
              fault={code ? wordsOf(say, `faults.${code}`) : undefined}
              hint={
                <>
                  {say.has(hint) && say(hint)}
                  {isStored && (
                    <span className="mt-1 flex items-start gap-1.5 font-medium text-good">
                      <Icon name="check" size={16} className="mt-0.5" />
                      {say("connect.shown")}
                    </span>
                  )}
                </>
              }
            >
              {field.input === "list" || field.input.startsWith("pem_") ? (
                <textarea {...common} rows={3} onChange={(event) => set(event.target.value)} />
              ) : (
                <input
                  {...common}
                  type={field.input === "password" ? "password" : "text"}
                  onChange={(event) => set(event.target.value)}
                />
              )}
            </Field>
          );
        })}
      </fieldset>
      {props.isAllowed && (
        <Button type="submit" look={connection ? "plain" : "primary"} isBusy={isBusy}>
          {say(asksConsent && !connection ? "connect.saveFirst" : "keys.save")}
        </Button>
      )}
    </form>
  );
}
