// What can be done with an invoice as a whole: issue, cancel, convert, book money that came otherwise.
"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { readMinor, toField } from "./amount.ts";
import type { Outcome } from "./outcome.ts";
import type { FullInvoice } from "./shapes.ts";
import { useCommand } from "./use-command.ts";
import { useLanguage, useSay } from "./use-say.ts";

const METHODS = ["transfer", "cash", "card", "other"] as const;
type Method = (typeof METHODS)[number];

export type InvoiceCommands = {
  issue(id: string): Promise<Outcome>;
  cancel(id: string): Promise<Outcome>;
  makeFiscal(id: string): Promise<Outcome<{ id: string }>>;
  recordPayment(
    id: string,
    payment: { amount_minor: number; method: Method; reference: string | null },
    key: string,
  ): Promise<Outcome>;
};

type Props = {
  invoice: FullInvoice;
  canWrite: boolean;
  canBook: boolean;
  commands: InvoiceCommands;
};

export function InvoiceActions({ invoice, canWrite, canBook, commands }: Props) {
  const say = useSay();
  const router = useRouter();
  const { run, isBusy } = useCommand();
  const [open, setOpen] = useState<"cancel" | "payment" | null>(null);
  const isOpen = invoice.state === "open" || invoice.state === "authorized";
  const close = () => setOpen(null);
  return (
    <>
      {canWrite && invoice.state === "draft" && (
        <Button
          look="primary"
          isBusy={isBusy}
          onClick={() => run(() => commands.issue(invoice.id), { done: say("invoice.issued") })}
        >
          {say("invoice.issue")}
        </Button>
      )}
      {canWrite && invoice.kind === "proforma" && invoice.state === "paid" && !invoice.fiscal_invoice && (
        <Button
          look="primary"
          isBusy={isBusy}
          onClick={() =>
            run(() => commands.makeFiscal(invoice.id), {
              done: say("invoice.fiscalMade"),
              onDone: (fiscal) => router.push(`/invoices/${fiscal.id}`),
            })
          }
        >
          <Icon name="invoice" />
          {say("invoice.makeFiscal")}
        </Button>
      )}
      {canBook && isOpen && (
        <Button onClick={() => setOpen("payment")}>
          <Icon name="bank" />
          {say("invoice.recordPayment")}
        </Button>
      )}
      {canWrite && (invoice.state === "draft" || (invoice.state === "open" && invoice.paid.minor === 0)) && (
        <Button look="danger" onClick={() => setOpen("cancel")}>
          {say("invoice.cancel")}
        </Button>
      )}
      {open === "cancel" && (
        <Dialog
          title={say("invoice.cancelTitle")}
          text={say("invoice.cancelText")}
          closeLabel={say("common.close")}
          onClose={close}
        >
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={close}>{say("common.keep")}</Button>
            <Button
              look="danger"
              isBusy={isBusy}
              onClick={() => run(() => commands.cancel(invoice.id), { done: say("invoice.cancelled"), onDone: close })}
            >
              {say("invoice.cancel")}
            </Button>
          </div>
        </Dialog>
      )}
      {open === "payment" && <PaymentDialog invoice={invoice} commands={commands} onClose={close} />}
    </>
  );
}

function PaymentDialog({ invoice, commands, onClose }: Pick<Props, "invoice" | "commands"> & { onClose(): void }) {
  const say = useSay();
  const locale = useLanguage();
  const { run, isBusy } = useCommand();
  const [sum, setSum] = useState(() => toField(invoice.due.minor, invoice.due.currency, locale));
  const [method, setMethod] = useState<Method>("transfer");
  const [reference, setReference] = useState("");
  const [fault, setFault] = useState<string>();
  const [key] = useState(() => crypto.randomUUID());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const minor = readMinor(sum, invoice.due.currency);
    if (minor === null || minor <= 0) {
      setFault(say("faults.bad_sum"));
      return;
    }
    setFault(undefined);
    run(
      () =>
        commands.recordPayment(invoice.id, { amount_minor: minor, method, reference: reference.trim() || null }, key),
      {
        done: say("invoice.paymentRecorded"),
        onDone: onClose,
      },
    );
  };
  return (
    <Dialog
      title={say("invoice.recordPayment")}
      text={say("invoice.dueNow", { sum: formatMoney(invoice.due, locale) })}
      closeLabel={say("common.close")}
      onClose={onClose}
    >
      <form onSubmit={submit} className="space-y-4" noValidate>
        <Field id="payment-sum" label={`${say("money.sum")} (${invoice.due.currency})`} fault={fault}>
          <input
            {...describedBy("payment-sum", undefined, fault)}
            className="field"
            inputMode="decimal"
            value={sum}
            onChange={(event) => setSum(event.target.value)}
          />
        </Field>
        <Field id="payment-method" label={say("invoice.method")}>
          <select
            id="payment-method"
            className="field"
            value={method}
            onChange={(event) => setMethod(METHODS.find((one) => one === event.target.value) ?? "other")}
          >
            {METHODS.map((one) => (
              <option key={one} value={one}>
                {say(`methods.${one}`)}
              </option>
            ))}
          </select>
        </Field>
        <Field id="payment-reference" label={say("invoice.paymentReference")} isOptional={say("common.optional")}>
          <input
            id="payment-reference"
            className="field"
            maxLength={80}
            value={reference}
            onChange={(event) => setReference(event.target.value)}
          />
        </Field>
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>{say("common.cancel")}</Button>
          <Button type="submit" look="primary" isBusy={isBusy}>
            {say("invoice.recordPayment")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
