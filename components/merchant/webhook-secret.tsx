// A webhook's secret, shown this once with a button to copy it.
"use client";

import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Notice } from "../ui/notice.tsx";
import { useSay } from "./use-say.ts";

export function WebhookSecret(props: { secret: string; hint?: string; onKept(): void }) {
  const say = useSay();
  return (
    <div className="space-y-4">
      <Notice tone="warn">
        <p>{say("webhooks.once")}</p>
        {props.hint && <p>{props.hint}</p>}
      </Notice>
      <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all" data-new-secret>
        {props.secret}
      </p>
      <p className="text-sm text-quiet">{say("webhooks.verifyHint")}</p>
      <div className="flex flex-wrap gap-2">
        <CopyButton
          text={props.secret}
          label={say("webhooks.copySecret")}
          done={say("common.copied")}
          failed={say("common.copyFailed")}
        />
        <Button isSmall onClick={props.onKept}>
          {say("webhooks.kept")}
        </Button>
      </div>
    </div>
  );
}
