// Makes an API key, which is shown this once, and revokes one.
"use client";

import { type FormEvent, useState } from "react";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export function NewKey(props: {
  shops: PointOfSale[];
  scopes: string[];
  create(input: { point_of_sale_id: string; name: string; scopes: string[] }): Promise<Outcome<{ key: string }>>;
}) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  const [made, setMade] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [shop, setShop] = useState(props.shops[0]?.id ?? "");
  const [scopes, setScopes] = useState<string[]>(["invoices:read", "invoices:write", "payments:read"]);
  const [fault, setFault] = useState<string>();
  const close = () => {
    setOpen(false);
    setMade(null);
    setName("");
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setFault(name.trim() === "" ? say("faults.required") : undefined);
    if (name.trim() === "") return;
    run(() => props.create({ point_of_sale_id: shop, name, scopes }), { onDone: (value) => setMade(value.key) });
  };
  return (
    <>
      <Button look="primary" onClick={() => setOpen(true)}>
        <Icon name="plus" />
        {say("apiKeys.new")}
      </Button>
      {isOpen && (
        <Dialog title={say("apiKeys.new")} closeLabel={say("common.close")} onClose={close}>
          {made ? (
            <div className="space-y-4">
              <Notice tone="warn">{say("apiKeys.once")}</Notice>
              <p className="rounded-lg bg-sunken px-3 py-2 font-mono text-sm break-all" data-new-key>
                {made}
              </p>
              <div className="flex flex-wrap gap-2">
                <CopyButton
                  text={made}
                  label={say("apiKeys.copy")}
                  done={say("common.copied")}
                  failed={say("common.copyFailed")}
                />
                <Button isSmall onClick={close}>
                  {say("apiKeys.kept")}
                </Button>
              </div>
            </div>
          ) : (
            <form onSubmit={submit} className="space-y-4" noValidate>
              <Field id="key-name" label={say("apiKeys.name")} hint={say("apiKeys.nameHint")} fault={fault}>
                <input
                  {...describedBy("key-name", true, fault)}
                  className="field"
                  maxLength={80}
                  value={name}
                  onChange={(event) => setName(event.target.value)}
                />
              </Field>
              <Field id="key-shop" label={say("editor.fields.point_of_sale_id")}>
                <select id="key-shop" className="field" value={shop} onChange={(event) => setShop(event.target.value)}>
                  {props.shops.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </Field>
              <fieldset className="space-y-1.5">
                <legend className="text-sm font-semibold">{say("apiKeys.scopes")}</legend>
                <div className="grid gap-x-4 sm:grid-cols-2">
                  {props.scopes.map((scope) => (
                    <label key={scope} className="flex min-h-9 items-start gap-2 py-1 text-[0.9375rem]">
                      <input
                        type="checkbox"
                        className="tick"
                        checked={scopes.includes(scope)}
                        onChange={(event) =>
                          setScopes(event.target.checked ? [...scopes, scope] : scopes.filter((one) => one !== scope))
                        }
                      />
                      <span>
                        <span className="font-mono text-sm">{scope}</span>
                        <span className="block text-sm text-quiet">{wordsOf(say, `apiKeys.rights.${scope}`)}</span>
                      </span>
                    </label>
                  ))}
                </div>
              </fieldset>
              <div className="flex flex-wrap justify-end gap-2">
                <Button onClick={close}>{say("common.cancel")}</Button>
                <Button type="submit" look="primary" isBusy={isBusy} disabled={scopes.length === 0}>
                  {say("apiKeys.make")}
                </Button>
              </div>
            </form>
          )}
        </Dialog>
      )}
    </>
  );
}

export function RevokeKey(props: { keyId: string; name: string; revoke(id: string): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button
        isSmall
        look="danger"
        aria-label={say("apiKeys.revokeOf", { name: props.name })}
        onClick={() => setOpen(true)}
      >
        {say("apiKeys.revoke")}
      </Button>
      {isOpen && (
        <Dialog
          title={say("apiKeys.revokeOf", { name: props.name })}
          text={say("apiKeys.revokeText")}
          closeLabel={say("common.close")}
          onClose={() => setOpen(false)}
        >
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={() => setOpen(false)}>{say("common.keep")}</Button>
            <Button
              look="danger"
              isBusy={isBusy}
              onClick={() =>
                run(() => props.revoke(props.keyId), { done: say("apiKeys.revoked"), onDone: () => setOpen(false) })
              }
            >
              {say("apiKeys.revoke")}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
