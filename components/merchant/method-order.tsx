// The ways to pay of a point of sale in the order that payers see; each can be moved, and says why it is held back.
"use client";

import Link from "next/link";
import { useState } from "react";
import { Badge } from "../ui/badge.tsx";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { formatMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Method } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

export function MethodOrder(props: {
  shop: { id: string; name: string };
  methods: Method[];
  isAllowed: boolean;
  timeZone: string;
  change(id: string, patch: { method_order: string[] }): Promise<Outcome<unknown>>;
}) {
  const say = useSay();
  const language = useLanguage();
  const { run, isBusy } = useCommand();
  const [methods, setMethods] = useState(props.methods);
  const move = (from: number, to: number) => {
    const before = methods;
    const after = [...methods];
    const [taken] = after.splice(from, 1);
    if (!taken) return;
    after.splice(to, 0, taken);
    setMethods(after);
    run(() => props.change(props.shop.id, { method_order: after.map((one) => one.key) }), {
      done: say("methodOrder.moved", { method: wordsOf(say, `methods.${taken.method}`), place: to + 1 }),
      onProblem: () => {
        setMethods(before);
        return false;
      },
    });
  };
  return (
    <ol className="card divide-y divide-line" aria-label={say("methodOrder.list", { shop: props.shop.name })}>
      {methods.map((one, index) => {
        const name = wordsOf(say, `methods.${one.method}`);
        const words = { method: name };
        return (
          <li key={one.key} className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4">
            <span className="grid size-8 place-items-center rounded-full bg-sunken text-sm font-semibold tabular-nums">
              {index + 1}
            </span>
            <div className="min-w-0 flex-1 basis-48">
              <p className="font-semibold">{name}</p>
              <p className="text-sm text-quiet">
                <Link href={`/integrations/${one.processor}`} prefetch={false} className="link">
                  {one.connection_name}
                </Link>
              </p>
            </div>
            {one.withheld ? (
              <div className="basis-full sm:basis-auto sm:max-w-80">
                <Badge tone="warn" icon="alert">
                  {say("methodOrder.withheld")}
                </Badge>
                <p className="pt-1 text-sm text-quiet">{say(`methodOrder.why.${one.withheld}`)}</p>
              </div>
            ) : one.trouble ? (
              <div className="basis-full sm:basis-auto sm:max-w-80">
                <Badge tone="warn" icon="alert">
                  {say("methodOrder.last")}
                </Badge>
                <p className="pt-1 text-sm text-quiet">
                  {say("methodOrder.trouble", {
                    failures: one.trouble.failures,
                    tries: one.trouble.tries,
                    since: formatMoment(one.trouble.since, language, props.timeZone),
                  })}
                </p>
              </div>
            ) : (
              <Badge tone="good" icon="check">
                {say("methodOrder.offered")}
              </Badge>
            )}
            {props.isAllowed && (
              <span className="flex gap-1">
                <Button
                  isSmall
                  look="quiet"
                  disabled={index === 0 || isBusy}
                  aria-label={say("methodOrder.up", words)}
                  onClick={() => move(index, index - 1)}
                >
                  <Icon name="arrow" size={16} className="-rotate-90" />
                </Button>
                <Button
                  isSmall
                  look="quiet"
                  disabled={index === methods.length - 1 || isBusy}
                  aria-label={say("methodOrder.down", words)}
                  onClick={() => move(index, index + 1)}
                >
                  <Icon name="arrow" size={16} className="rotate-90" />
                </Button>
              </span>
            )}
          </li>
        );
      })}
    </ol>
  );
}
