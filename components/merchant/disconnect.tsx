// Takes a connection off, after asking once more.
"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function Disconnect(props: {
  connectionId: string;
  /** Where the screen goes afterwards. */
  then: string;
  disconnect(id: string): Promise<Outcome>;
}) {
  const say = useSay();
  const router = useRouter();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        {say("disconnect.do")}
      </Button>
      {isOpen && (
        <Dialog
          title={say("disconnect.title")}
          text={say("disconnect.text")}
          closeLabel={say("common.close")}
          onClose={() => setOpen(false)}
        >
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{say("common.keep")}</Button>
            <Button
              look="danger"
              isBusy={isBusy}
              onClick={() =>
                run(() => props.disconnect(props.connectionId), {
                  done: say("disconnect.done"),
                  onDone: () => router.push(props.then),
                })
              }
            >
              {say("disconnect.do")}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
