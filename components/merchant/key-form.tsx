// The credentials of a NETOPIA point of sale: typed, pasted or from files. What is stored is never shown again.
"use client";

import { type ChangeEvent, type DragEvent, type FormEvent, useEffect, useRef, useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Notice } from "../ui/notice.tsx";
import { formatShortMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Connection, PointOfSale, Processor } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLeaveWarning } from "./use-leave-warning.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Environment = "live" | "test";
type Props = {
  variants: Processor["variants"];
  shop: PointOfSale;
  connection: Connection | null;
  zone: string;
  isAllowed: boolean;
  connect(
    input: { point_of_sale_id: string; environment: Environment; credentials: Record<string, string> },
    key: string,
  ): Promise<Outcome>;
  replace(id: string, credentials: Record<string, string>): Promise<Outcome>;
};

const LARGEST_FILE = 20_000;

export function KeyForm(props: Props) {
  const { variants, shop, connection } = props;
  const say = useSay();
  const locale = useLanguage();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [protocol, setProtocol] = useState(connection?.variant ?? variants[0]?.id ?? "v1");
  const [environment, setEnvironment] = useState<Environment>(
    connection?.environment ?? (shop.is_test ? "test" : "live"),
  );
  const stored = connection?.public_fields ?? {};
  const isSame = connection?.variant === protocol;
  const [values, setValues] = useState<Record<string, string>>({ signature: stored.signature ?? "" });
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [key, setKey] = useState(() => crypto.randomUUID());
  const summary = useRef<HTMLDivElement>(null);
  const fields = variants.find((variant) => variant.id === protocol)?.fields ?? [];
  const isDirty = Object.entries(values).some(([name, value]) => value !== "" && value !== stored[name]);
  useLeaveWarning(isDirty, say("editor.unsaved"));
  useEffect(() => {
    if (Object.keys(faults).length > 0) summary.current?.focus();
  }, [faults]);

  const set = (name: string, value: string) => setValues((now) => ({ ...now, [name]: value }));
  const take = async (name: string, file: File | undefined) => {
    if (!file) return;
    if (file.size > LARGEST_FILE) {
      setFaults({ ...faults, [name]: "file_too_large" });
      return;
    }
    // A key in binary form would be spoilt as text, so it travels as base64, which the other side reads as well.
    const bytes = new Uint8Array(await file.arrayBuffer());
    const isText = bytes.every(
      (byte) => byte === 9 || byte === 10 || byte === 13 || (byte >= 32 && byte < 127) || byte > 127,
    );
    const text = new TextDecoder().decode(bytes);
    set(name, isText && !text.includes("\ufffd") ? text : btoa(String.fromCharCode(...bytes)));
    setFaults(Object.fromEntries(Object.entries(faults).filter(([other]) => other !== name)));
  };

  function submit(event: FormEvent) {
    event.preventDefault();
    setFaults({});
    const typed = Object.fromEntries(fields.map((field) => [field.name, values[field.name] ?? ""]));
    const credentials: Record<string, string> = { ...typed, protocol };
    run(
      () =>
        connection
          ? props.replace(connection.id, credentials)
          : props.connect({ point_of_sale_id: shop.id, environment, credentials }, key),
      {
        done: say("keys.saved"),
        onDone: () => {
          setValues({ signature: values.signature ?? "" });
          setKey(crypto.randomUUID());
        },
        onProblem: ({ fields: found }) => {
          setKey(crypto.randomUUID());
          if (found.length === 0) return false;
          // The first fault of each field is the one to mend first.
          const named: Record<string, string> = {};
          for (const fault of found) named[fault.field.replace(/^credentials\./, "")] ??= fault.code;
          setFaults(named);
          return true;
        },
      },
    );
  }

  return (
    <form onSubmit={submit} noValidate className="space-y-5">
      {Object.keys(faults).length > 0 && (
        <div ref={summary} tabIndex={-1} role="alert" className="rounded-xl outline-offset-4">
          <Notice tone="bad" title={say("keys.faultsTitle")}>
            <ul className="list-disc pl-5">
              {Object.entries(faults).map(([name, code]) => (
                <li key={name}>
                  <a
                    className="link"
                    href={`#${name}`}
                    onClick={(event) => {
                      event.preventDefault();
                      document.getElementById(name)?.focus();
                    }}
                  >
                    {wordsOf(say, `keys.fields.${name}`)}: {wordsOf(say, `faults.${code}`)}
                  </a>
                </li>
              ))}
            </ul>
          </Notice>
        </div>
      )}
      <fieldset disabled={!isReady || !props.isAllowed} className="space-y-5">
        <Choice
          name="environment"
          legend={say("keys.environment")}
          hint={say(
            connection ? "keys.environmentFixed" : shop.is_test ? "keys.environmentTestOnly" : "keys.environmentHint",
          )}
          options={(["test", "live"] as const).map((id) => ({
            id,
            label: say(`keys.environments.${id}`),
            isDisabled: connection !== null || (id === "live" && shop.is_test),
          }))}
          value={environment}
          onChange={(id) => setEnvironment(id === "live" ? "live" : "test")}
        />
        <Choice
          name="protocol"
          legend={say("keys.protocol")}
          hint={say("keys.protocolHint")}
          options={variants.map((variant) => ({ id: variant.id, label: say(`keys.protocols.${variant.id}`) }))}
          value={protocol}
          onChange={setProtocol}
        />
        {fields.map((field) => {
          const code = faults[field.name];
          const isStored = isSame && field.name !== "signature";
          const isFile = field.input.startsWith("pem_");
          const hint = (
            <>
              {say(`keys.hints.${field.name}`)}
              {isStored && connection && (
                <span className="mt-1 block">
                  <Badge tone="good" icon="check">
                    {say("keys.storedAt", { at: formatShortMoment(connection.created_at, locale, props.zone) })}
                  </Badge>{" "}
                  {say("keys.replaceHint")}
                </span>
              )}
            </>
          );
          const common = {
            ...describedBy(field.name, true, code),
            name: field.name,
            value: values[field.name] ?? "",
            placeholder: isStored && field.secret ? "••••••••••••" : (field.example ?? undefined),
            spellCheck: false,
            autoComplete: "off",
            className: `field ${isFile || field.name === "signature" ? "font-mono text-sm" : ""}`,
          };
          return (
            <Field
              key={field.name}
              id={field.name}
              label={say(`keys.fields.${field.name}`)}
              fault={code ? wordsOf(say, `faults.${code}`) : undefined}
              hint={hint}
            >
              {isFile ? (
                <div className="space-y-2">
                  <textarea
                    {...common}
                    rows={4}
                    onChange={(event) => set(field.name, event.target.value)}
                    onDragOver={(event) => event.preventDefault()}
                    onDrop={(event: DragEvent) => {
                      const file = event.dataTransfer.files[0];
                      if (!file) return;
                      event.preventDefault();
                      void take(field.name, file);
                    }}
                  />
                  <label className="button button-small has-focus-visible:outline-2 has-focus-visible:outline-accent">
                    {say("keys.chooseFile")}
                    <span className="sr-only"> {say(`keys.fields.${field.name}`)}</span>
                    <input
                      type="file"
                      accept={[".key", ".cer", ".pem", ".txt", ...field.accept]
                        .filter((one, at, all) => all.indexOf(one) === at)
                        .join(",")}
                      className="sr-only"
                      onChange={(event: ChangeEvent<HTMLInputElement>) => {
                        void take(field.name, event.target.files?.[0]);
                        event.target.value = "";
                      }}
                    />
                  </label>
                </div>
              ) : (
                <input
                  {...common}
                  type={field.input === "password" ? "password" : "text"}
                  onChange={(event) => set(field.name, event.target.value)}
                />
              )}
            </Field>
          );
        })}
      </fieldset>
      {props.isAllowed && (
        <Button type="submit" look="primary" isBusy={isBusy}>
          {say("keys.save")}
        </Button>
      )}
    </form>
  );
}

function Choice(props: {
  name: string;
  legend: string;
  hint: string;
  options: { id: string; label: string; isDisabled?: boolean }[];
  value: string;
  onChange(id: string): void;
}) {
  return (
    <fieldset aria-describedby={`${props.name}-hint`} className="space-y-1.5">
      <legend className="text-sm font-semibold">{props.legend}</legend>
      <div className="flex flex-wrap gap-2">
        {props.options.map((option) => (
          <label
            key={option.id}
            className="flex min-h-10 items-center gap-2 rounded-lg border border-line-strong px-3 has-checked:border-accent has-checked:bg-accent-soft has-disabled:opacity-60"
          >
            <input
              type="radio"
              name={props.name}
              value={option.id}
              className="tick"
              checked={props.value === option.id}
              disabled={option.isDisabled}
              onChange={() => props.onChange(option.id)}
            />
            {option.label}
          </label>
        ))}
      </div>
      <p id={`${props.name}-hint`} className="text-sm text-quiet">
        {props.hint}
      </p>
    </fieldset>
  );
}
