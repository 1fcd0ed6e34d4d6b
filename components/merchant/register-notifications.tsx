// Tells the processor our notification address by one press.
"use client";

import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { useToast } from "../ui/toast.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function RegisterNotifications(props: {
  connectionId: string;
  register(id: string, replace: boolean): Promise<Outcome<{ outcome: string; address: string }>>;
}) {
  const say = useSay();
  const toast = useToast();
  const { run, isBusy } = useCommand();
  const [other, setOther] = useState<string | null>(null);
  const register = (replace: boolean) =>
    run(() => props.register(props.connectionId, replace), {
      onDone: ({ outcome, address }) => {
        setOther(outcome === "other_address_kept" ? address : null);
        toast({ text: say(`connect.registered.${outcome}`, { address }), isBad: outcome === "other_address_kept" });
      },
    });
  return (
    <div className="space-y-2">
      {other && (
        <p className="text-[0.9375rem] text-warn">{say("connect.registered.other_address_kept", { address: other })}</p>
      )}
      <p className="flex flex-wrap gap-2">
        <Button isBusy={isBusy} onClick={() => register(false)}>
          {say("connect.register")}
        </Button>
        {other && (
          <Button look="danger" isBusy={isBusy} onClick={() => register(true)}>
            {say("connect.registerReplace")}
          </Button>
        )}
      </p>
    </div>
  );
}
