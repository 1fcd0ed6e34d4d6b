// The directory of the merchant's own statuses: add, rename, recolour, archive, bring back.
"use client";

import { type FormEvent, useState } from "react";
import type { Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import type { Outcome } from "./outcome.ts";
import { OwnStatusBadge } from "./own-status.tsx";
import type { OwnStatus } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

const TONES = ["plain", "info", "good", "warn", "bad"] as const satisfies readonly Tone[];

type Props = {
  statuses: OwnStatus[];
  isAllowed: boolean;
  create(input: { name: string; tone: Tone }, key: string): Promise<Outcome<OwnStatus>>;
  change(id: string, patch: { name?: string; tone?: Tone; is_archived?: boolean }): Promise<Outcome>;
};

export function StatusDirectory({ statuses, isAllowed, create, change }: Props) {
  const say = useSay();
  const [editing, setEditing] = useState<string | null>(null);
  const [present, archived] = [statuses.filter((one) => !one.archived_at), statuses.filter((one) => one.archived_at)];
  return (
    <div className="space-y-5">
      <ul className="divide-y divide-line rounded-lg border border-line" aria-label={say("statuses.directory")}>
        {present.length === 0 && <li className="px-3 py-3 text-quiet">{say("statuses.none")}</li>}
        {present.map((status) => (
          <li key={status.id} className="flex flex-wrap items-center justify-between gap-x-3 gap-y-2 px-3 py-2">
            {editing === status.id ? (
              <StatusForm
                start={status}
                label={say("common.save")}
                submit={(typed) => change(status.id, typed)}
                done={say("statuses.changed")}
                onDone={() => setEditing(null)}
                onCancel={() => setEditing(null)}
              />
            ) : (
              <>
                <OwnStatusBadge status={status} />
                {isAllowed && (
                  <span className="flex gap-1">
                    <Button
                      isSmall
                      look="quiet"
                      aria-label={say("statuses.renameOf", { name: status.name })}
                      onClick={() => setEditing(status.id)}
                    >
                      <Icon name="draft" size={16} />
                      {say("statuses.rename")}
                    </Button>
                    <Archive status={status} change={change} />
                  </span>
                )}
              </>
            )}
          </li>
        ))}
      </ul>
      {isAllowed && (
        <section aria-labelledby="new-status" className="space-y-3">
          <h3 id="new-status" className="font-semibold">
            {say("statuses.add")}
          </h3>
          <StatusForm
            start={{ name: "", tone: "plain" }}
            label={say("statuses.addDo")}
            submit={create}
            done={say("statuses.added")}
          />
        </section>
      )}
      {archived.length > 0 && (
        <details>
          <summary className="cursor-pointer text-[0.9375rem] font-semibold text-quiet">
            {say("statuses.archived", { count: archived.length })}
          </summary>
          <ul className="mt-3 divide-y divide-line rounded-lg border border-line">
            {archived.map((status) => (
              <li key={status.id} className="flex flex-wrap items-center justify-between gap-3 px-3 py-2">
                <OwnStatusBadge status={status} />
                {isAllowed && <Archive status={status} change={change} />}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function Archive({ status, change }: { status: OwnStatus } & Pick<Props, "change">) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const isArchived = status.archived_at !== null;
  return (
    <Button
      isSmall
      look="quiet"
      isBusy={isBusy}
      aria-label={say(isArchived ? "statuses.bringBackOf" : "statuses.archiveOf", { name: status.name })}
      onClick={() =>
        run(() => change(status.id, { is_archived: !isArchived }), {
          done: say(isArchived ? "statuses.broughtBack" : "statuses.archivedNow"),
        })
      }
    >
      {say(isArchived ? "statuses.bringBack" : "statuses.archive")}
    </Button>
  );
}

function StatusForm(props: {
  start: { id?: string; name: string; tone: Tone };
  label: string;
  done: string;
  submit(typed: { name: string; tone: Tone }, key: string): Promise<Outcome>;
  onDone?(): void;
  onCancel?(): void;
}) {
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [typed, setTyped] = useState({ name: props.start.name, tone: props.start.tone });
  const [fault, setFault] = useState<string>();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const id = `status-${props.start.id ?? "new"}`;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFault(undefined);
    run(() => props.submit(typed, key), {
      done: props.done,
      onDone: () => {
        setKey(crypto.randomUUID());
        if (!props.start.id) setTyped({ name: "", tone: "plain" });
        props.onDone?.();
      },
      onProblem: ({ fields }) => {
        setKey(crypto.randomUUID());
        setFault(fields[0]?.code);
        return fields.length > 0;
      },
    });
  };
  return (
    <form onSubmit={submit} noValidate className="w-full">
      <fieldset disabled={!isReady} className="flex flex-wrap items-start gap-3">
        <Field
          id={id}
          label={say("statuses.name")}
          fault={fault && wordsOf(say, `faults.${fault}`)}
          className="min-w-0 flex-1 basis-52"
        >
          <input
            {...describedBy(id, undefined, fault)}
            className="field"
            maxLength={60}
            value={typed.name}
            onChange={(event) => setTyped({ ...typed, name: event.target.value })}
          />
        </Field>
        <Field id={`${id}-tone`} label={say("statuses.tone")}>
          <select
            id={`${id}-tone`}
            className="field w-auto"
            value={typed.tone}
            onChange={(event) =>
              setTyped({ ...typed, tone: TONES.find((tone) => tone === event.target.value) ?? "plain" })
            }
          >
            {TONES.map((tone) => (
              <option key={tone} value={tone}>
                {say(`statuses.tones.${tone}`)}
              </option>
            ))}
          </select>
        </Field>
        <span className="flex flex-wrap gap-2 self-end">
          <Button type="submit" isBusy={isBusy}>
            {props.label}
          </Button>
          {props.onCancel && (
            <Button look="quiet" onClick={props.onCancel}>
              {say("common.cancel")}
            </Button>
          )}
        </span>
      </fieldset>
    </form>
  );
}
