// The merchant's own colour and logo on the payment pages of a point of sale, with what payers will see of them.
"use client";

import { type ChangeEvent, type DragEvent, type FormEvent, useState } from "react";
import { LOGO_MAX_BYTES } from "../payer/brand.ts";
import { Button } from "../ui/button.tsx";
import { describedBy, Field, FieldFault } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { BrandPreview } from "./brand-preview.tsx";
import type { Outcome } from "./outcome.ts";
import type { PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

/** Where the browser's own choice of colour begins when there is none yet. */
const OURS = "#0b6b4f";

/** As it will be kept: a color may be typed without its #, and in three digits. */
function colorOf(typed: string): string {
  const text = typed.trim().toLowerCase().replace(/^#?/, "#");
  return /^#[0-9a-f]{3}$/.test(text) ? text.replace(/[0-9a-f]/g, "$&$&") : text;
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

type Props = {
  shop: PointOfSale;
  isAllowed: boolean;
  changeColor(id: string, color: string | null): Promise<Outcome>;
  putLogo(id: string, data: string): Promise<Outcome>;
  removeLogo(id: string): Promise<Outcome>;
};

export function BrandForm(props: Props) {
  const { shop } = props;
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [typed, setTyped] = useState(shop.brand_color ?? "");
  const [faults, setFaults] = useState<{ color?: string; logo?: string }>({});
  const color = typed.trim() === "" ? "" : colorOf(typed);
  const colorId = `${shop.id}-brand_color`;
  const save = (to: string | null) => {
    setFaults(({ logo }) => (logo ? { logo } : {}));
    run(() => props.changeColor(shop.id, to), {
      done: say("brand.colorSaved"),
      onDone: () => setTyped(to ?? ""),
      onProblem: ({ fields: [fault] }) => {
        if (fault) setFaults((now) => ({ ...now, color: fault.code }));
        return fault !== undefined;
      },
    });
  };
  return (
    <section className="card space-y-5 p-5 sm:p-6" aria-label={`${say("brand.title")}: ${shop.name}`}>
      <div>
        <h2 className="text-lg font-semibold">{say("brand.title")}</h2>
        <p className="text-[0.9375rem] text-quiet">{say("brand.text")}</p>
      </div>
      <LogoField
        {...props}
        fault={faults.logo}
        onFault={(logo) => setFaults((now) => ({ ...now, logo: logo ?? "" }))}
      />
      <form
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          save(color || null);
        }}
      >
        <fieldset disabled={!isReady || !props.isAllowed} className="space-y-3">
          <Field
            id={colorId}
            label={say("brand.color")}
            isOptional={say("common.optional")}
            hint={say("brand.colorHint")}
            fault={faults.color ? wordsOf(say, `faults.${faults.color}`) : undefined}
          >
            <div className="flex gap-2">
              <input
                type="color"
                aria-label={say("brand.choose")}
                className="h-[2.625rem] w-14 flex-none cursor-pointer rounded-[0.625rem] border border-line-strong bg-surface p-1"
                value={/^#[0-9a-f]{6}$/.test(color) ? color : OURS}
                onChange={(event) => setTyped(event.target.value)}
              />
              <input
                {...describedBy(colorId, true, faults.color)}
                className="field max-w-40 font-mono"
                placeholder="#0b6b4f"
                maxLength={20}
                spellCheck={false}
                autoComplete="off"
                value={typed}
                onChange={(event) => setTyped(event.target.value)}
              />
            </div>
          </Field>
          {props.isAllowed && (
            <div className="flex flex-wrap gap-2">
              <Button type="submit" look="primary" isBusy={isBusy}>
                {say("brand.saveColor")}
              </Button>
              {shop.brand_color && (
                <Button isBusy={isBusy} onClick={() => save(null)}>
                  {say("brand.noColor")}
                </Button>
              )}
            </div>
          )}
        </fieldset>
      </form>
      <BrandPreview color={color} shop={shop} />
    </section>
  );
}

function LogoField(props: Props & { fault: string | undefined; onFault(code: string | undefined): void }) {
  const { shop, fault, onFault } = props;
  const say = useSay();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [isOver, setOver] = useState(false);
  const isOpen = isReady && props.isAllowed && !isBusy;
  const id = `${shop.id}-logo`;
  const take = async (file: File | undefined) => {
    if (!file) return;
    // Told at once; what it really is, the server tells by its bytes.
    onFault(file.size > LOGO_MAX_BYTES ? "logo_too_large" : file.size === 0 ? "required" : undefined);
    if (file.size > LOGO_MAX_BYTES || file.size === 0) return;
    const data = await base64Of(file);
    run(() => props.putLogo(shop.id, data), {
      done: say("brand.logoSaved"),
      onProblem: ({ fields: [first] }) => {
        onFault(first?.code);
        return first !== undefined;
      },
    });
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is one more way; the button does the same.
    <div
      data-drop
      className={`space-y-2 rounded-xl border border-dashed p-4 ${isOver ? "border-accent bg-accent-soft" : "border-line-strong"}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(isOpen);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event: DragEvent) => {
        event.preventDefault();
        setOver(false);
        if (isOpen) void take(event.dataTransfer.files[0]);
      }}
    >
      <p className="text-sm font-semibold">{say("brand.logo")}</p>
      <div className="flex flex-wrap gap-2">
        {props.isAllowed && (
          <label
            className={`button has-focus-visible:outline-2 has-focus-visible:outline-accent ${isOpen ? "cursor-pointer" : "opacity-55"}`}
          >
            {say(shop.logo ? "brand.replaceLogo" : "brand.chooseLogo")}
            <input
              {...describedBy(id, true, fault)}
              type="file"
              accept="image/png,image/jpeg,image/webp"
              className="sr-only"
              disabled={!isOpen}
              onChange={(event: ChangeEvent<HTMLInputElement>) => {
                void take(event.target.files?.[0]);
                event.target.value = "";
              }}
            />
          </label>
        )}
        {props.isAllowed && shop.logo && (
          <Button
            isBusy={isBusy}
            onClick={() => run(() => props.removeLogo(shop.id), { done: say("brand.logoRemoved") })}
          >
            {say("brand.removeLogo")}
          </Button>
        )}
      </div>
      {fault && <FieldFault id={id}>{wordsOf(say, `faults.${fault}`)}</FieldFault>}
      <p id={`${id}-hint`} className="text-sm text-quiet">
        {say("brand.logoHint")}
      </p>
    </div>
  );
}
