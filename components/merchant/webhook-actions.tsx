// What can be done with a webhook endpoint: switch off and on, take a new secret, remove it.
"use client";

import { useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import type { Outcome } from "./outcome.ts";
import type { WebhookEndpoint } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";
import { WebhookSecret } from "./webhook-secret.tsx";

export function WebhookSwitch(props: {
  endpoint: WebhookEndpoint;
  setEnabled(id: string, isEnabled: boolean): Promise<Outcome>;
}) {
  const { id, url, is_enabled } = props.endpoint;
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <Button
      isSmall
      isBusy={isBusy}
      aria-label={say(is_enabled ? "webhooks.switchOffOf" : "webhooks.switchOnOf", { url })}
      onClick={() =>
        run(() => props.setEnabled(id, !is_enabled), {
          done: say(is_enabled ? "webhooks.switchedOff" : "webhooks.switchedOn"),
        })
      }
    >
      {say(is_enabled ? "webhooks.switchOff" : "webhooks.switchOn")}
    </Button>
  );
}

export function RotateSecret(props: { endpointId: string; rotate(id: string): Promise<Outcome<{ secret: string }>> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const close = () => {
    setOpen(false);
    setSecret(null);
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>{say("webhooks.rotate")}</Button>
      {isOpen && (
        <Dialog
          title={say("webhooks.rotate")}
          text={secret ? undefined : say("webhooks.rotateText")}
          closeLabel={say("common.close")}
          onClose={close}
        >
          {secret ? (
            <WebhookSecret secret={secret} hint={say("webhooks.oldSigns")} onKept={close} />
          ) : (
            <div className="flex flex-wrap justify-end gap-2">
              <Button onClick={close}>{say("common.cancel")}</Button>
              <Button
                look="primary"
                isBusy={isBusy}
                onClick={() => run(() => props.rotate(props.endpointId), { onDone: (made) => setSecret(made.secret) })}
              >
                {say("webhooks.rotateDo")}
              </Button>
            </div>
          )}
        </Dialog>
      )}
    </>
  );
}

export function RemoveWebhook(props: { endpoint: WebhookEndpoint; remove(id: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button look="danger" onClick={() => setOpen(true)}>
        {say("webhooks.remove")}
      </Button>
      {isOpen && (
        <Dialog
          title={say("webhooks.removeTitle")}
          text={say("webhooks.removeText")}
          closeLabel={say("common.close")}
          onClose={() => setOpen(false)}
        >
          <p className="mb-4 font-mono text-sm [overflow-wrap:anywhere]">{props.endpoint.url}</p>
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{say("common.keep")}</Button>
            <Button look="danger" isBusy={isBusy} onClick={() => run(() => props.remove(props.endpoint.id))}>
              {say("webhooks.remove")}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
