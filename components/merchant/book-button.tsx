// Books a payment as a collection by hand.
"use client";

import { Button } from "../ui/button.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function BookButton({ paymentId, book }: { paymentId: string; book(id: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <Button isSmall isBusy={isBusy} onClick={() => run(() => book(paymentId), { done: say("payments.bookedNow") })}>
      {say("payments.book")}
    </Button>
  );
}
