// Where to be told and of what: makes a webhook endpoint, whose secret is shown this once, or changes one.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field, FieldFault } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale, WebhookEndpoint } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";
import { eventKey, WEBHOOK_EVENTS } from "./webhook-events.ts";
import { WebhookSecret } from "./webhook-secret.tsx";

type Typed = { url: string; event_types: string[] };
/** @param key the same for the same try, so that a repeat makes nothing twice */
type Save<T> = (typed: Typed & { point_of_sale_id: string }, key: string) => Promise<Outcome<T>>;

export function NewWebhook(props: { shops: PointOfSale[]; create: Save<{ secret: string }> }) {
  const say = useSay();
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setOpen(false);
    setSecret(null);
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        {say("webhooks.new")}
      </Button>
      {isOpen && (
        <Dialog title={say("webhooks.new")} closeLabel={say("common.close")} isWide onClose={close}>
          {secret ? (
            <WebhookSecret secret={secret} onKept={close} />
          ) : (
            <WebhookForm
              shops={props.shops}
              start={{ url: "", event_types: ["*"] }}
              submitLabel={say("webhooks.make")}
              save={props.create}
              onSaved={(made) => setSecret(made.secret)}
              onCancel={close}
            />
          )}
        </Dialog>
      )}
    </>
  );
}

export function EditWebhook(props: { endpoint: WebhookEndpoint; change(id: string, typed: Typed): Promise<Outcome> }) {
  const say = useSay();
  const { endpoint } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say("webhooks.edit")}</Button>
      {isOpen && (
        <Dialog title={say("webhooks.edit")} closeLabel={say("common.close")} isWide onClose={() => setOpen(false)}>
          <WebhookForm
            shops={[]}
            start={endpoint}
            submitLabel={say("common.save")}
            done={say("webhooks.saved")}
            save={({ url, event_types }) => props.change(endpoint.id, { url, event_types })}
            onSaved={() => setOpen(false)}
            onCancel={() => setOpen(false)}
          />
        </Dialog>
      )}
    </>
  );
}

function WebhookForm<T>(props: {
  shops: PointOfSale[];
  start: Typed;
  submitLabel: string;
  done?: string;
  save: Save<T>;
  onSaved(value: T): void;
  onCancel(): void;
}) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [key] = useState(() => crypto.randomUUID());
  const [url, setUrl] = useState(props.start.url);
  const [shop, setShop] = useState(props.shops[0]?.id ?? "");
  const [isAll, setAll] = useState(props.start.event_types.includes("*"));
  const [chosen, setChosen] = useState(props.start.event_types.filter((type) => type !== "*"));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const faultOf = (field: string) => {
    const code = faults[field];
    return code && wordsOf(say, `faults.${code}`);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = {
      ...(url.trim() === "" ? { url: "required" } : {}),
      ...(!isAll && chosen.length === 0 ? { event_types: "choose_events" } : {}),
    };
    setFaults(found);
    if (Object.keys(found).length > 0) return;
    run(() => props.save({ url: url.trim(), event_types: isAll ? ["*"] : chosen, point_of_sale_id: shop }, key), {
      ...(props.done ? { done: props.done } : {}),
      onDone: props.onSaved,
      onProblem: ({ fields }) => {
        setFaults(Object.fromEntries(fields.map(({ field, code }) => [field.split(".")[0] ?? field, code])));
        return fields.length > 0;
      },
    });
  };
  return (
    <form onSubmit={submit} className="space-y-4" noValidate>
      <Field id="webhook-url" label={say("webhooks.url")} hint={say("webhooks.urlHint")} fault={faultOf("url")}>
        <input
          {...describedBy("webhook-url", true, faults.url)}
          className="field"
          type="url"
          inputMode="url"
          maxLength={500}
          value={url}
          onChange={(event) => setUrl(event.target.value)}
        />
      </Field>
      {props.shops.length > 1 && (
        <Field id="webhook-shop" label={say("editor.fields.point_of_sale_id")} fault={faultOf("point_of_sale_id")}>
          <select
            {...describedBy("webhook-shop", undefined, faults.point_of_sale_id)}
            className="field"
            value={shop}
            onChange={(event) => setShop(event.target.value)}
          >
            {props.shops.map((one) => (
              <option key={one.id} value={one.id}>
                {one.name}
              </option>
            ))}
          </select>
        </Field>
      )}
      <fieldset className="space-y-2" aria-describedby={faults.event_types ? "webhook-events-fault" : undefined}>
        <legend className="text-sm font-semibold">{say("webhooks.events")}</legend>
        <label className="flex min-h-9 items-center gap-2 text-[0.9375rem]">
          <input type="checkbox" className="tick" checked={isAll} onChange={(event) => setAll(event.target.checked)} />
          {say("webhooks.allEvents")}
        </label>
        {!isAll &&
          Object.entries(WEBHOOK_EVENTS).map(([group, types]) => (
            <fieldset key={group} className="rounded-lg border border-line px-3 py-2">
              <legend className="px-1 text-sm text-quiet">{say(`webhooks.groups.${group}`)}</legend>
              <div className="grid gap-x-4 sm:grid-cols-2">
                {types.map((type) => (
                  <label key={type} className="flex items-start gap-2 py-1.5 text-[0.9375rem]">
                    <input
                      type="checkbox"
                      className="tick mt-0.5"
                      checked={chosen.includes(type)}
                      onChange={(event) =>
                        setChosen(event.target.checked ? [...chosen, type] : chosen.filter((one) => one !== type))
                      }
                    />
                    <span className="min-w-0">
                      {wordsOf(say, eventKey(type))}
                      <span className="block font-mono text-[0.8125rem] text-quiet">{type}</span>
                    </span>
                  </label>
                ))}
              </div>
            </fieldset>
          ))}
        {faults.event_types && <FieldFault id="webhook-events">{faultOf("event_types") ?? ""}</FieldFault>}
      </fieldset>
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={props.onCancel}>{say("common.cancel")}</Button>
        <Button type="submit" look="primary" isBusy={isBusy}>
          {props.submitLabel}
        </Button>
      </div>
    </form>
  );
}
