// Tells a partner again: one delivery, or everything since a moment of the merchant's clock.
"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useToast } from "../ui/toast.tsx";
import { fromLocalField, toLocalField } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

type Queued = Outcome<{ queued: number }>;
const DAY_MS = 24 * 3_600_000;
/** What is queued is told a moment later; then the list is read once more. */
const SOON_MS = 2500;

export function ResendDelivery(props: { deliveryId: string; of: string; resend(id: string): Promise<Queued> }) {
  const say = useSay();
  const router = useRouter();
  const { run, isBusy } = useCommand();
  return (
    <Button
      isSmall
      isBusy={isBusy}
      aria-label={say("webhooks.resendOf", { event: props.of })}
      onClick={() =>
        run(() => props.resend(props.deliveryId), {
          done: say("webhooks.resent", { count: 1 }),
          onDone: () => setTimeout(() => router.refresh(), SOON_MS),
        })
      }
    >
      {say("webhooks.resend")}
    </Button>
  );
}

export function ResendSince(props: {
  endpointId: string;
  zone: string;
  /** Since when it fails, which is where one would begin. */
  failingSince: string | null;
  resend(id: string, since: string): Promise<Queued>;
}) {
  const { zone } = props;
  const say = useSay();
  const router = useRouter();
  const toast = useToast();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const [since, setSince] = useState("");
  const [fault, setFault] = useState<string>();
  const open = () => {
    setSince(toLocalField(props.failingSince ?? new Date(Date.now() - DAY_MS).toISOString(), zone));
    setFault(undefined);
    setOpen(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const moment = fromLocalField(since, zone);
    setFault(moment ? undefined : say("faults.bad_moment"));
    if (!moment) return;
    run(() => props.resend(props.endpointId, moment), {
      onDone: ({ queued }) => {
        setOpen(false);
        toast({ text: say("webhooks.resent", { count: queued }) });
        setTimeout(() => router.refresh(), SOON_MS);
      },
      onProblem: ({ fields }) => {
        if (fields.length > 0) setFault(say("faults.bad_moment"));
        return fields.length > 0;
      },
    });
  };
  return (
    <>
      <Button isSmall onClick={open}>
        {say("webhooks.resendSince")}
      </Button>
      {isOpen && (
        <Dialog
          title={say("webhooks.resendSince")}
          text={say("webhooks.resendSinceText")}
          closeLabel={say("common.close")}
          onClose={() => setOpen(false)}
        >
          <form onSubmit={submit} className="space-y-4" noValidate>
            <Field id="resend-since" label={say("webhooks.since")} hint={say("attempts.zone", { zone })} fault={fault}>
              <input
                {...describedBy("resend-since", true, fault)}
                className="field"
                type="datetime-local"
                value={since}
                onChange={(event) => setSince(event.target.value)}
              />
            </Field>
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={() => setOpen(false)}>{say("common.cancel")}</Button>
              <Button type="submit" look="primary" isBusy={isBusy}>
                {say("webhooks.resend")}
              </Button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
