// The fiscal receipts of an invoice: how far each is, why it failed, its numbers, and what can be done.
"use client";

import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatShortMoment } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { Receipt } from "./shapes.ts";
import { StateBadge, wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

type Props = {
  invoice: string;
  receipts: Receipt[];
  zone: string;
  canWrite: boolean;
  canDeliver: boolean;
  retry(id: string, isChecked: boolean): Promise<Outcome>;
  deliver(invoice: string): Promise<Outcome>;
};

export function ReceiptList(props: Props) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <section className="card overflow-hidden" aria-labelledby="receipts">
      <h2 id="receipts" className="px-5 pt-5 text-lg font-semibold sm:px-6">
        {say("receipts.title")}
      </h2>
      {props.canDeliver && (
        <div className="space-y-2 px-5 pt-3 sm:px-6">
          <p className="text-[0.9375rem] text-quiet">{say("receipts.deliverText")}</p>
          {props.canWrite && (
            <Button
              look="primary"
              isBusy={isBusy}
              onClick={() => run(() => props.deliver(props.invoice), { done: say("receipts.delivered") })}
            >
              {say("receipts.deliver")}
            </Button>
          )}
        </div>
      )}
      <ul className="mt-3 divide-y divide-line border-t border-line">
        {props.receipts.map((receipt) => (
          <ReceiptRow
            key={receipt.id}
            receipt={receipt}
            zone={props.zone}
            canWrite={props.canWrite}
            retry={props.retry}
          />
        ))}
      </ul>
    </section>
  );
}

function ReceiptRow({
  receipt,
  zone,
  canWrite,
  retry,
}: { receipt: Receipt } & Pick<Props, "zone" | "canWrite" | "retry">) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const { fiscal } = receipt;
  const isUnknown = receipt.state === "unknown";
  return (
    <li className="space-y-1.5 px-5 py-3 text-sm sm:px-6" data-receipt={receipt.id}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <StateBadge say={say} of="receipt" state={receipt.state} />
        <span className="font-semibold">
          {say(`receipts.kinds.${receipt.kind}`)} · {formatMoney(receipt.amount, locale)}
        </span>
        <time dateTime={receipt.created_at} className="ml-auto text-quiet">
          {formatShortMoment(receipt.registered_at ?? receipt.created_at, locale, zone)}
        </time>
      </div>
      <p className="text-quiet">{say(`legends.receipt.${receipt.state}`)}</p>
      {receipt.reason && receipt.state !== "registered" && (
        <p className="[overflow-wrap:anywhere]">
          {wordsOf(say, `receipts.reasons.${receipt.reason}`)}
          {receipt.reason_text && receipt.state === "failed" ? ` „${receipt.reason_text}”` : ""}
        </p>
      )}
      {fiscal && (
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1 font-mono [overflow-wrap:anywhere]">
          <span>ФН {fiscal.store}</span>
          <span>ФД {fiscal.document}</span>
          <span>ФП {fiscal.sign}</span>
          <CopyButton
            isIconOnly
            text={fiscal.qr}
            label={say("receipts.copyQr")}
            done={say("common.copied")}
            failed={say("common.copyFailed")}
          />
        </p>
      )}
      {receipt.email && <p className="text-quiet">{say("receipts.sentTo", { email: receipt.email })}</p>}
      {receipt.url && (
        <a className="link" href={receipt.url} target="_blank" rel="noopener">
          {say("receipts.open")}
        </a>
      )}
      {canWrite && (receipt.state === "failed" || isUnknown) && (
        <Button
          isSmall
          isBusy={isBusy}
          onClick={() => run(() => retry(receipt.id, isUnknown), { done: say("receipts.retried") })}
        >
          {say(isUnknown ? "receipts.retryChecked" : "receipts.retry")}
        </Button>
      )}
    </li>
  );
}
