// Name, site, field of activity, embedding pages and the open switch of a point of sale.
"use client";

import { type FormEvent, useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

const FIELDS = ["name", "site", "activity", "sender_name", "sender_email"] as const;
type Patch = {
  name?: string;
  site?: string;
  activity?: string | null;
  sender_name?: string | null;
  sender_email?: string | null;
  is_open?: boolean;
  frame_origins?: string[];
};

/** The lines that say something; faults are counted among them. */
const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

const TYPES: Partial<Record<(typeof FIELDS)[number], "url" | "email">> = { site: "url", sender_email: "email" };
const LENGTHS: Partial<Record<(typeof FIELDS)[number], number>> = { activity: 120, sender_name: 80, sender_email: 254 };

export function ShopForm(props: {
  shop: PointOfSale;
  isAllowed: boolean;
  change(id: string, patch: Patch): Promise<Outcome>;
}) {
  const { shop } = props;
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [typed, setTyped] = useState({
    name: shop.name,
    site: shop.site,
    activity: shop.activity ?? "",
    sender_name: shop.sender_name ?? "",
    sender_email: shop.sender_email ?? "",
  });
  const [frames, setFrames] = useState(shop.frame_origins.join("\n"));
  const [faults, setFaults] = useState<Record<string, string>>({});
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFaults({});
    const optional = {
      activity: typed.activity.trim() || null,
      sender_name: typed.sender_name.trim() || null,
      sender_email: typed.sender_email.trim() || null,
    };
    run(() => props.change(shop.id, { ...typed, ...optional, frame_origins: linesOf(frames) }), {
      done: say("shops.saved"),
      onProblem: ({ fields }) => {
        setFaults(Object.fromEntries(fields.map((fault) => [fault.field, fault.code])));
        return fields.length > 0;
      },
    });
  };
  const framesId = `${shop.id}-frame_origins`;
  const framesFault = Object.entries(faults)
    .filter(([field]) => field.startsWith("frame_origins"))
    .map(([field, code]) => {
      const line = Number(field.split(".")[1]) + 1;
      const fault = wordsOf(say, `faults.${code}`);
      return line ? say("shops.frameLine", { line, fault }) : fault;
    })
    .join(" ");
  return (
    <div className="card space-y-5 p-5 sm:p-6">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="text-lg font-semibold">{shop.name}</h2>
        <span className="flex flex-wrap gap-1.5">
          {shop.is_test && (
            <Badge tone="warn" icon="spark">
              {say("shell.testMode")}
            </Badge>
          )}
          <Badge tone={shop.is_open ? "good" : "bad"} icon={shop.is_open ? "check" : "cross"}>
            {say(shop.is_open ? "shops.open" : "shops.closed")}
          </Badge>
        </span>
      </div>
      <form onSubmit={submit} noValidate>
        <fieldset disabled={!isReady || !props.isAllowed} className="grid gap-4 sm:grid-cols-2">
          {FIELDS.map((name) => {
            const id = `${shop.id}-${name}`;
            const fault = faults[name];
            return (
              <Field
                key={name}
                id={id}
                label={say(`shops.fields.${name}`)}
                fault={fault ? wordsOf(say, `faults.${fault}`) : undefined}
                hint={name === "sender_email" ? say("shops.senderHint") : undefined}
              >
                <input
                  {...describedBy(id, name === "sender_email", fault)}
                  className="field"
                  type={TYPES[name] ?? "text"}
                  maxLength={LENGTHS[name] ?? 200}
                  value={typed[name]}
                  onChange={(event) => setTyped({ ...typed, [name]: event.target.value })}
                />
              </Field>
            );
          })}
          <Field
            id={framesId}
            className="sm:col-span-2"
            label={say("shops.fields.frame_origins")}
            hint={say("shops.framesHint")}
            fault={framesFault || undefined}
          >
            <textarea
              {...describedBy(framesId, true, framesFault)}
              className="field"
              rows={2}
              spellCheck={false}
              value={frames}
              onChange={(event) => setFrames(event.target.value)}
            />
          </Field>
        </fieldset>
        {props.isAllowed && (
          <div className="mt-5 flex flex-wrap gap-2">
            <Button type="submit" look="primary" isBusy={isBusy}>
              {say("common.save")}
            </Button>
            <Button
              look={shop.is_open ? "danger" : "plain"}
              isBusy={isBusy}
              onClick={() =>
                run(() => props.change(shop.id, { is_open: !shop.is_open }), {
                  done: say(shop.is_open ? "shops.closedNow" : "shops.openedNow"),
                })
              }
            >
              {say(shop.is_open ? "shops.close" : "shops.reopen")}
            </Button>
          </div>
        )}
      </form>
      <p className="text-sm text-quiet">{say("shops.closedHint")}</p>
    </div>
  );
}
