// Marks something that waited for a person as dealt with.
"use client";

import { Button } from "../ui/button.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function ResolveButton({ itemId, resolve }: { itemId: string; resolve(id: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <Button isSmall isBusy={isBusy} onClick={() => run(() => resolve(itemId), { done: say("attention.resolved") })}>
      {say("attention.resolve")}
    </Button>
  );
}
