// Which of the merchant's own statuses each outcome leads to: what is chosen, and the dialog behind "Configure".
"use client";

import { useState } from "react";
import type { Tone } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import type { Outcome } from "./outcome.ts";
import { OwnStatusBadge } from "./own-status.tsx";
import type { OutcomeStatuses, OwnStatus } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

type OutcomeName = OutcomeStatuses["data"][number]["outcome"];
export type Choice = { outcome: OutcomeName; own_status_id?: string | null; make?: { name: string; tone: Tone } };

export type MappingCommands = {
  saveMapping(data: Choice[]): Promise<Outcome>;
  createStatus(input: { name: string; tone: Tone }, key: string): Promise<Outcome<OwnStatus>>;
};

/** How a status looks that is proposed, or made in the dialog, for an outcome. */
const TONES: Record<OutcomeName, Tone> = {
  held: "warn",
  paid: "good",
  partly_paid: "info",
  rejected: "bad",
  refunded: "info",
  partly_refunded: "info",
  cancelled: "bad",
};
/** Without them nothing is missing: proposed to nobody, chosen by who wants them. */
const RARE: ReadonlySet<OutcomeName> = new Set(["partly_paid", "partly_refunded"]);

type Props = {
  mapping: OutcomeStatuses;
  statuses: OwnStatus[];
  isAllowed: boolean;
  /** Whether a connection is there, so that it is time to ask. */
  isTime: boolean;
  commands: MappingCommands;
};

export function OutcomeMapping({ mapping, statuses, isAllowed, isTime, commands }: Props) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const proposes = isTime && isAllowed && !mapping.is_asked;
  return (
    <>
      {proposes && (
        <Notice tone="info" title={say("statuses.proposeTitle")}>
          <p>{say("statuses.proposeText")}</p>
          <p className="flex flex-wrap gap-2 pt-2">
            <Button isSmall look="primary" onClick={() => setOpen(true)}>
              {say("statuses.configure")}
            </Button>
            <Button
              isSmall
              isBusy={isBusy}
              onClick={() => run(() => commands.saveMapping([]), { done: say("statuses.putOff") })}
            >
              {say("statuses.notNow")}
            </Button>
          </p>
        </Notice>
      )}
      {!proposes && (
        <>
          <dl className="divide-y divide-line rounded-lg border border-line">
            {mapping.data.map(({ outcome, own_status }) => (
              <div
                key={outcome}
                data-outcome={outcome}
                className="flex min-h-11 flex-wrap items-center justify-between gap-x-4 gap-y-1 px-3 py-2"
              >
                <dt className="text-[0.9375rem]">{say(`statuses.outcomes.${outcome}`)}</dt>
                <dd>
                  {own_status ? (
                    <OwnStatusBadge status={own_status} />
                  ) : (
                    <span className="text-sm text-quiet">{say("statuses.unchanged")}</span>
                  )}
                </dd>
              </div>
            ))}
          </dl>
          {isAllowed && <Button onClick={() => setOpen(true)}>{say("statuses.configure")}</Button>}
        </>
      )}
      {isOpen && (
        <MappingDialog
          mapping={mapping}
          statuses={statuses}
          proposes={!mapping.is_asked}
          commands={commands}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}

const NEW = "new";
const PROPOSED = "proposed";

function MappingDialog(
  props: Pick<Props, "mapping" | "statuses" | "commands"> & { proposes: boolean; onClose(): void },
) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [statuses, setStatuses] = useState(props.statuses.filter((status) => !status.archived_at));
  const proposal = (outcome: OutcomeName) => say(`statuses.proposed.${outcome}`);
  const [chosen, setChosen] = useState(
    () =>
      Object.fromEntries(
        props.mapping.data.map(({ outcome, own_status }) => {
          const same = statuses.find(({ name }) => name.toLowerCase() === proposal(outcome).toLowerCase());
          const proposed = props.proposes && !RARE.has(outcome) ? (same?.id ?? PROPOSED) : "";
          return [outcome, own_status?.id ?? proposed];
        }),
      ) as Record<OutcomeName, string>,
  );
  const [making, setMaking] = useState<OutcomeName | null>(null);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const save = () =>
    run(
      () =>
        props.commands.saveMapping(
          props.mapping.data.map(({ outcome }) =>
            chosen[outcome] === PROPOSED
              ? { outcome, make: { name: proposal(outcome), tone: TONES[outcome] } }
              : { outcome, own_status_id: chosen[outcome] || null },
          ),
        ),
      {
        done: say("statuses.saved"),
        onDone: props.onClose,
        onProblem: ({ fields }) => {
          setFaults(Object.fromEntries(fields.map(({ field, code }) => [field, code])));
          return fields.length > 0;
        },
      },
    );
  return (
    <Dialog
      title={say("statuses.mapping")}
      text={say("statuses.mappingText")}
      closeLabel={say("common.close")}
      onClose={props.onClose}
    >
      <div className="space-y-4">
        {props.mapping.data.map(({ outcome }) => {
          const id = `outcome-${outcome}`;
          const fault = faults[outcome];
          return (
            <Field
              key={outcome}
              id={id}
              label={say(`statuses.outcomes.${outcome}`)}
              fault={fault && wordsOf(say, `faults.${fault}`)}
            >
              {making === outcome ? (
                <NewStatus
                  id={id}
                  outcome={outcome}
                  create={props.commands.createStatus}
                  onMade={(made) => {
                    setStatuses((now) => [...now, made]);
                    setChosen((now) => ({ ...now, [outcome]: made.id }));
                    setMaking(null);
                  }}
                  onCancel={() => setMaking(null)}
                />
              ) : (
                <select
                  {...describedBy(id, undefined, fault)}
                  className="field"
                  value={chosen[outcome]}
                  onChange={({ target }) => {
                    if (target.value === NEW) setMaking(outcome);
                    else setChosen((now) => ({ ...now, [outcome]: target.value }));
                  }}
                >
                  <option value="">{say("statuses.unchanged")}</option>
                  {props.proposes && chosen[outcome] === PROPOSED && (
                    <option value={PROPOSED}>{say("statuses.proposedNew", { name: proposal(outcome) })}</option>
                  )}
                  {statuses.map((status) => (
                    <option key={status.id} value={status.id}>
                      {status.name}
                    </option>
                  ))}
                  <option value={NEW}>{say("statuses.addHere")}</option>
                </select>
              )}
            </Field>
          );
        })}
      </div>
      <div className="sticky -bottom-5 -mx-5 mt-5 -mb-5 flex flex-wrap justify-end gap-2 border-t border-line bg-surface px-5 py-4">
        <Button onClick={props.onClose}>{say("common.cancel")}</Button>
        <Button look="primary" isBusy={isBusy} disabled={making !== null} onClick={save}>
          {say("common.save")}
        </Button>
      </div>
    </Dialog>
  );
}

/** The name of a status that is not there yet, and the green tick that makes it. */
function NewStatus(props: {
  id: string;
  outcome: OutcomeName;
  create: MappingCommands["createStatus"];
  onMade(status: OwnStatus): void;
  onCancel(): void;
}) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [name, setName] = useState("");
  const [fault, setFault] = useState<string>();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const make = () => {
    setFault(undefined);
    run(() => props.create({ name, tone: TONES[props.outcome] }, key), {
      onDone: props.onMade,
      onProblem: ({ fields }) => {
        setKey(crypto.randomUUID());
        setFault(fields[0]?.code);
        return fields.length > 0;
      },
    });
  };
  return (
    <div className="space-y-1.5">
      <div className="flex gap-2">
        <input
          {...describedBy(props.id, undefined, fault && `${props.id}-new`)}
          ref={(element) => element?.focus()}
          className="field min-w-0 flex-1"
          placeholder={say("statuses.nameHint")}
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter") {
              event.preventDefault();
              make();
            }
          }}
        />
        <Button
          isBusy={isBusy}
          aria-label={say("statuses.confirmNew")}
          title={say("statuses.confirmNew")}
          className="border-good bg-good text-on-accent hover:bg-good"
          onClick={make}
        >
          <Icon name="check" />
        </Button>
        <Button look="quiet" aria-label={say("common.cancel")} onClick={props.onCancel}>
          <Icon name="close" />
        </Button>
      </div>
      {fault && (
        <p id={`${props.id}-fault`} role="alert" className="text-sm font-medium text-bad">
          {wordsOf(say, `faults.${fault}`)}
        </p>
      )}
    </div>
  );
}
