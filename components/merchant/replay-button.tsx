// Verifies and processes a stored notification once more.
"use client";

import { Button } from "../ui/button.tsx";
import { useToast } from "../ui/toast.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

type Replayed = Outcome<{ outcome: "processed" | "parked" | "nothing" | "rejected" }>;

export function ReplayButton({ ipnId, replay }: { ipnId: string; replay(id: string): Promise<Replayed> }) {
  const say = useSay();
  const toast = useToast();
  const { run, isBusy } = useCommand();
  return (
    <Button
      isBusy={isBusy}
      onClick={() =>
        run(() => replay(ipnId), {
          onDone: ({ outcome }) => toast({ text: say(`ipns.replayed.${outcome}`), isBad: outcome === "rejected" }),
        })
      }
    >
      {say("ipns.replay")}
    </Button>
  );
}
