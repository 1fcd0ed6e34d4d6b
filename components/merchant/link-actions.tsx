// Sends an invoice's link by e-mail, to an address that is known or another one, and tells what became of it; shares it
// where the device can.
"use client";

import Link from "next/link";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import type { Outcome } from "./outcome.ts";
import type { FullInvoice, LinkMails } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export type LinkCommands = {
  send(id: string, email: string, key: string): Promise<Outcome<{ outbox_id: string; email: string }>>;
  /** Addresses that are known, and the mails that were ordered. Changes nothing. */
  readMails(id: string): Promise<Outcome<LinkMails>>;
};

export function LinkActions({ invoice, commands }: { invoice: FullInvoice; commands: LinkCommands }) {
  const say = useSay();
  const isReady = useHydrated();
  const [isOpen, setOpen] = useState(false);
  const link = invoice.link;
  if (!link) return null;
  const canShare = isReady && typeof navigator.share === "function";
  return (
    <>
      <Button isSmall onClick={() => setOpen(true)}>
        <Icon name="mail" size={16} />
        {say("invoice.send")}
      </Button>
      {canShare && (
        <Button isSmall onClick={() => navigator.share({ url: link, title: invoice.label ?? "" }).catch(() => {})}>
          <Icon name="external" size={16} />
          {say("invoice.share")}
        </Button>
      )}
      {isOpen && (
        <Dialog
          title={say("invoice.send")}
          text={say("invoice.sendText")}
          closeLabel={say("common.close")}
          onClose={() => setOpen(false)}
        >
          <SendForm invoice={invoice} commands={commands} />
        </Dialog>
      )}
    </>
  );
}

const LOOK_EVERY_MS = 700;
const LOOKS = 25;

function SendForm({ invoice, commands }: { invoice: FullInvoice; commands: LinkCommands }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [mails, setMails] = useState<LinkMails | null>(null);
  const [email, setEmail] = useState("");
  const [fault, setFault] = useState<string>();
  const [key, setKey] = useState(() => crypto.randomUUID());
  const [ordered, setOrdered] = useState<{ id: string; email: string } | null>(null);
  const { readMails } = commands;

  const its = mails?.data.find((mail) => mail.id === ordered?.id);
  const isSettled = its !== undefined && (its.state !== "waiting" || its.fault !== null);
  useEffect(() => {
    let looks = 0;
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const read = await readMails(invoice.id).catch(() => null);
      if (read?.ok) setMails(read.value);
      looks += 1;
      const mail = read?.ok ? read.value.data.find((one) => one.id === ordered?.id) : undefined;
      const waits = ordered !== null && !(mail && (mail.state !== "waiting" || mail.fault));
      if (waits && looks < LOOKS) timer = setTimeout(look, LOOK_EVERY_MS);
    };
    void look();
    return () => clearTimeout(timer);
  }, [ordered, readMails, invoice.id]);

  const send = (to: string) => {
    setFault(undefined);
    setOrdered(null);
    run(() => commands.send(invoice.id, to, key), {
      onDone: ({ outbox_id, email: sentTo }) => {
        setOrdered({ id: outbox_id, email: sentTo });
        setKey(crypto.randomUUID());
        setEmail("");
      },
      onProblem: ({ fields }) => {
        setKey(crypto.randomUUID());
        const first = fields[0];
        if (first) setFault(wordsOf(say, `faults.${first.code}`));
        return Boolean(first);
      },
    });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send(email);
  };
  return (
    <div className="space-y-5">
      {mails && mails.addresses.length > 0 && (
        <section aria-labelledby="send-known" className="space-y-2">
          <h3 id="send-known" className="text-sm font-semibold">
            {say("linkMails.known")}
          </h3>
          <ul className="divide-y divide-line rounded-lg border border-line" aria-labelledby="send-known">
            {mails.addresses.map((address) => (
              <li key={address.email} className="flex items-center justify-between gap-3 px-3 py-2">
                <div className="min-w-0">
                  <p className="font-medium [overflow-wrap:anywhere]">{address.email}</p>
                  <p className="text-sm text-quiet">
                    {address.known_from.map((source) => say(`linkMails.sources.${source}`)).join(" · ")}
                  </p>
                </div>
                <Button
                  isSmall
                  isBusy={isBusy}
                  aria-label={say("linkMails.sendTo", { email: address.email })}
                  onClick={() => send(address.email)}
                >
                  {say("invoice.sendDo")}
                </Button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <form onSubmit={submit} noValidate>
        <Field id="send-email" label={say("linkMails.other")} fault={fault}>
          <div className="flex gap-2">
            <input
              {...describedBy("send-email", undefined, fault)}
              className="field min-w-0 flex-1"
              type="email"
              autoComplete="off"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
            <Button type="submit" isBusy={isBusy}>
              {say("invoice.sendDo")}
            </Button>
          </div>
        </Field>
      </form>
      <div role="status" aria-live="polite" className="[overflow-wrap:anywhere] empty:hidden">
        {ordered && <Result email={ordered.email} mail={isSettled ? its : undefined} />}
      </div>
    </div>
  );
}

/** What became of the mail: on its way, sent, or which setting is at fault and where it is mended. */
function Result({ email, mail }: { email: string; mail: LinkMails["data"][number] | undefined }) {
  const say = useSay();
  if (!mail) return <Notice tone="info">{say("linkMails.onItsWay", { email })}</Notice>;
  if (mail.state === "delivered") return <Notice tone="good">{say("linkMails.sent", { email })}</Notice>;
  const { fault } = mail;
  const isSetting = fault === "sender_missing" || fault === "sender_refused";
  return (
    <Notice tone="bad" title={say("linkMails.notSent", { email })}>
      <p data-fault={fault}>{fault ? say(`linkMails.faults.${fault}`) : say("linkMails.faults.server_refused")}</p>
      {isSetting && (
        <p>
          <Link className="link font-semibold" href="/points-of-sale" prefetch={false}>
            {say("linkMails.openSender")}
          </Link>
        </p>
      )}
      {mail.state === "waiting" && <p className="text-sm">{say("linkMails.triedAgain")}</p>}
    </Notice>
  );
}
