// The form of an invoice, new or existing: lines with a live total, faults at their fields, nothing typed is lost.
"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { LANGUAGE_NAMES, LANGUAGES, type Language, languageOf } from "../../messages/languages.ts";
import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { describedBy, Field } from "../ui/field.tsx";
import { useHydrated } from "../ui/hydrated.ts";
import { Notice } from "../ui/notice.tsx";
import { readMinor, readNumber, toField } from "./amount.ts";
import type { InvoiceDraft } from "./invoice-draft.ts";
import { InvoiceLines, type TypedLine } from "./invoice-lines.tsx";
import type { Locale } from "./language.ts";
import { dayOf, endOfDay } from "./moment.ts";
import type { Outcome } from "./outcome.ts";
import type { FullInvoice, PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useCommand } from "./use-command.ts";
import { useLeaveWarning } from "./use-leave-warning.ts";
import { useLanguage, useSay } from "./use-say.ts";

const CURRENCIES = ["RON", "EUR", "USD", "GBP"];

type Saved = Outcome<{ id: string }>;
type Props = {
  shops: PointOfSale[];
  zone: string;
  invoice?: FullInvoice;
  create(draft: InvoiceDraft, key: string): Promise<Saved>;
  change(id: string, draft: Partial<InvoiceDraft>): Promise<Saved>;
};

type Typed = {
  kind: "proforma" | "fiscal";
  shop: string;
  name: string;
  email: string;
  phone: string;
  address: string;
  taxId: string;
  currency: string;
  lines: TypedLine[];
  card: boolean;
  due: string;
  validity: string;
  locale: Language;
  note: string;
  isTest: boolean;
};

let lineCount = 0;
const emptyLine = (): TypedLine => ({
  key: ++lineCount,
  description: "",
  quantity: "1",
  unit: "",
  price: "",
  vat: "0",
});

function firstOf(props: Props, locale: Locale): Typed {
  const { invoice, shops, zone } = props;
  const number = (value: number) => value.toLocaleString(locale, { useGrouping: false, maximumFractionDigits: 3 });
  if (!invoice) {
    const shop = shops[0];
    return {
      kind: "proforma",
      shop: shop?.id ?? "",
      name: "",
      email: "",
      phone: "",
      address: "",
      taxId: "",
      currency: "RON",
      lines: [emptyLine()],
      card: shop?.card_on_all_invoices ?? false,
      due: "",
      validity: "",
      locale: "ro",
      note: "",
      isTest: shop?.is_test ?? false,
    };
  }
  const { currency } = invoice.amount;
  return {
    kind: invoice.kind,
    shop: invoice.point_of_sale_id,
    name: invoice.payer_name,
    email: invoice.payer_email ?? "",
    phone: invoice.payer_phone ?? "",
    address: invoice.payer_address ?? "",
    taxId: invoice.payer_tax_id ?? "",
    currency,
    lines: invoice.lines.map((line) => ({
      key: ++lineCount,
      description: line.description,
      quantity: number(line.quantity),
      unit: line.unit ?? "",
      price: toField(line.unit_price_minor, currency, locale),
      vat: number(line.vat_percent),
    })),
    card: invoice.accepts_card,
    due: invoice.due_on ?? "",
    validity: invoice.expires_at ? dayOf(invoice.expires_at, zone) : "",
    locale: invoice.locale,
    note: invoice.note ?? "",
    isTest: invoice.is_test,
  };
}

/** Faults that the page itself finds, by the names that the API uses. */
function readLines(lines: TypedLine[], currency: string) {
  const faults: Record<string, string> = {};
  const read = lines.map((line, index) => {
    const price = readMinor(line.price, currency);
    const quantity = readNumber(line.quantity);
    const vat = readNumber(line.vat || "0");
    if (line.description.trim() === "") faults[`lines.${index}.description`] = "required";
    if (price === null) faults[`lines.${index}.unit_price_minor`] = line.price.trim() === "" ? "required" : "bad_sum";
    if (quantity === null || quantity <= 0) faults[`lines.${index}.quantity`] = "bad_quantity";
    if (vat === null || vat > 100) faults[`lines.${index}.vat_percent`] = "bad_vat";
    return {
      description: line.description.trim(),
      quantity: quantity ?? 1,
      unit: line.unit.trim() || null,
      unit_price_minor: price ?? 0,
      vat_percent: vat ?? 0,
    };
  });
  return { read, faults };
}

export function InvoiceEditor(props: Props) {
  const say = useSay();
  const locale = useLanguage();
  const router = useRouter();
  const isReady = useHydrated();
  const { run, isBusy } = useCommand();
  const [first] = useState(() => firstOf(props, locale));
  const [typed, setTyped] = useState(first);
  const [faults, setFaults] = useState<Record<string, string>>({});
  const [general, setGeneral] = useState<string>();
  const [key] = useState(() => crypto.randomUUID());
  const summary = useRef<HTMLDivElement>(null);
  const { invoice, zone } = props;
  const isFinal = invoice?.kind === "fiscal" && invoice.state !== "draft";
  const shop = props.shops.find((one) => one.id === typed.shop);
  const isDirty = JSON.stringify(typed) !== JSON.stringify(first);
  const leave = useLeaveWarning(isDirty, say("editor.unsaved"));
  useEffect(() => {
    if (Object.keys(faults).length > 0 || general) summary.current?.focus();
  }, [faults, general]);

  const set = <K extends keyof Typed>(name: K, value: Typed[K]) => setTyped((now) => ({ ...now, [name]: value }));
  const chooseShop = (id: string) => {
    const next = props.shops.find((one) => one.id === id);
    setTyped((now) => ({
      ...now,
      shop: id,
      card: next?.card_on_all_invoices ?? now.card,
      isTest: next?.is_test ? true : now.isTest && !shop?.is_test,
    }));
  };
  const lines = readLines(typed.lines, typed.currency);
  const total = lines.read.reduce((sum, line) => sum + Math.round(line.quantity * line.unit_price_minor), 0);
  const vat = lines.read.reduce((sum, line) => {
    const amount = Math.round(line.quantity * line.unit_price_minor);
    return sum + Math.round((amount * line.vat_percent) / (100 + line.vat_percent));
  }, 0);

  function toDraft(isDraft: boolean): InvoiceDraft {
    const validityKept = invoice?.expires_at && first.validity === typed.validity ? invoice.expires_at : null;
    return {
      kind: typed.kind,
      point_of_sale_id: typed.shop,
      payer_name: typed.name,
      payer_email: typed.email.trim() || null,
      payer_phone: typed.phone.trim() || null,
      payer_address: typed.address.trim() || null,
      payer_tax_id: typed.taxId.trim() || null,
      currency: typed.currency,
      lines: lines.read,
      accepts_card: typed.card,
      due_on: typed.due || null,
      expires_at: typed.validity ? (validityKept ?? endOfDay(typed.validity, zone)) : null,
      locale: typed.locale,
      note: typed.note.trim() || null,
      is_test: typed.isTest,
      is_draft: isDraft,
    };
  }

  function onlyChanged(draft: InvoiceDraft): Partial<InvoiceDraft> {
    const names: [keyof InvoiceDraft, keyof Typed][] = [
      ["payer_name", "name"],
      ["payer_email", "email"],
      ["payer_phone", "phone"],
      ["payer_address", "address"],
      ["payer_tax_id", "taxId"],
      ["currency", "currency"],
      ["lines", "lines"],
      ["accepts_card", "card"],
      ["due_on", "due"],
      ["expires_at", "validity"],
      ["locale", "locale"],
      ["note", "note"],
    ];
    const changed = names.filter(([, name]) => JSON.stringify(typed[name]) !== JSON.stringify(first[name]));
    return Object.fromEntries(changed.map(([name]) => [name, draft[name]])) as Partial<InvoiceDraft>;
  }

  function save(isDraft: boolean) {
    const found: Record<string, string> = { ...(isFinal ? {} : lines.faults) };
    if (typed.name.trim() === "") found.payer_name = "required";
    setGeneral(undefined);
    if (Object.keys(found).length > 0) {
      setFaults(found);
      return;
    }
    setFaults({});
    const draft = toDraft(isDraft);
    run(() => (invoice ? props.change(invoice.id, onlyChanged(draft)) : props.create(draft, `${key}-${isDraft}`)), {
      done: say(invoice ? "editor.saved" : isDraft ? "editor.draftMade" : "editor.issued"),
      onDone: (saved) => {
        leave.allow();
        router.push(`/invoices/${saved.id}`);
      },
      onProblem: ({ code, fields }) => {
        if (fields.length > 0) setFaults(Object.fromEntries(fields.map((fault) => [fault.field, fault.code])));
        else setGeneral(wordsOf(say, `problems.${code}`));
        return true;
      },
    });
  }

  const faultOf = (name: string) => (faults[name] ? wordsOf(say, `faults.${faults[name]}`) : undefined);
  const tie = (name: string, hint?: unknown) => describedBy(name, hint, faults[name]);
  const labelOf = (name: string): string => {
    const line = /^lines\.(\d+)\.(\w+)$/.exec(name);
    if (line)
      return `${say("editor.line", { number: Number(line[1]) + 1 })}: ${wordsOf(say, `editor.fields.${line[2] ?? ""}`)}`;
    return wordsOf(say, `editor.fields.${name}`);
  };
  const faultNames = Object.keys(faults);
  return (
    <form
      noValidate
      className="space-y-6"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        save(false);
      }}
    >
      {(faultNames.length > 0 || general) && (
        <div ref={summary} tabIndex={-1} role="alert" className="rounded-xl outline-offset-4">
          <Notice tone="bad" title={say("editor.faultsTitle")}>
            {general && <p>{general}</p>}
            {faultNames.length > 0 && (
              <ul className="list-disc space-y-0.5 pl-5">
                {faultNames.map((name) => (
                  <li key={name}>
                    <a
                      className="link"
                      href={`#${name}`}
                      onClick={(event) => {
                        event.preventDefault();
                        document.getElementById(name)?.focus();
                      }}
                    >
                      {labelOf(name)}: {faultOf(name)}
                    </a>
                  </li>
                ))}
              </ul>
            )}
          </Notice>
        </div>
      )}
      <fieldset disabled={!isReady} className="min-w-0 space-y-5">
        <Part title={say("editor.document")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field id="kind" label={say("editor.fields.kind")}>
              <select
                id="kind"
                className="field"
                value={typed.kind}
                disabled={Boolean(invoice)}
                onChange={(event) => set("kind", event.target.value === "fiscal" ? "fiscal" : "proforma")}
              >
                <option value="proforma">{say("kinds.proforma")}</option>
                <option value="fiscal">{say("kinds.fiscal")}</option>
              </select>
            </Field>
            {props.shops.length > 1 && (
              <Field id="point_of_sale_id" label={say("editor.fields.point_of_sale_id")}>
                <select
                  id="point_of_sale_id"
                  className="field"
                  value={typed.shop}
                  disabled={Boolean(invoice)}
                  onChange={(event) => chooseShop(event.target.value)}
                >
                  {props.shops.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </select>
              </Field>
            )}
          </div>
          <Tick
            id="is_test"
            label={say("editor.test")}
            hint={say(shop?.is_test ? "editor.testAlways" : "editor.testHint")}
            isOn={typed.isTest}
            isDisabled={Boolean(invoice) || shop?.is_test === true}
            onChange={(isOn) => set("isTest", isOn)}
          />
        </Part>
        <Part title={say("editor.payer")}>
          <div className="grid gap-4 sm:grid-cols-2">
            <Field
              id="payer_name"
              label={say("editor.fields.payer_name")}
              fault={faultOf("payer_name")}
              className="sm:col-span-2"
            >
              <input
                {...tie("payer_name")}
                className="field"
                maxLength={140}
                required
                disabled={isFinal}
                value={typed.name}
                onChange={(event) => set("name", event.target.value)}
              />
            </Field>
            <Field
              id="payer_email"
              label={say("editor.fields.payer_email")}
              isOptional={say("common.recommended")}
              fault={faultOf("payer_email")}
              hint={say("editor.emailHint")}
            >
              <input
                {...tie("payer_email", true)}
                className="field"
                type="email"
                inputMode="email"
                autoComplete="off"
                maxLength={254}
                value={typed.email}
                onChange={(event) => set("email", event.target.value)}
              />
            </Field>
            <Field
              id="payer_phone"
              label={say("editor.fields.payer_phone")}
              isOptional={say("common.recommended")}
              fault={faultOf("payer_phone")}
              hint={say("editor.phoneHint")}
            >
              <input
                {...tie("payer_phone", true)}
                className="field"
                type="tel"
                autoComplete="off"
                maxLength={32}
                value={typed.phone}
                onChange={(event) => set("phone", event.target.value)}
              />
            </Field>
            <Field
              id="payer_address"
              label={say("editor.fields.payer_address")}
              isOptional={say("common.optional")}
              fault={faultOf("payer_address")}
            >
              <input
                {...tie("payer_address")}
                className="field"
                maxLength={300}
                disabled={isFinal}
                value={typed.address}
                onChange={(event) => set("address", event.target.value)}
              />
            </Field>
            <Field
              id="payer_tax_id"
              label={say("editor.fields.payer_tax_id")}
              isOptional={say("common.optional")}
              fault={faultOf("payer_tax_id")}
            >
              <input
                {...tie("payer_tax_id")}
                className="field"
                maxLength={32}
                disabled={isFinal}
                value={typed.taxId}
                onChange={(event) => set("taxId", event.target.value)}
              />
            </Field>
          </div>
          {typed.card && (typed.email.trim() === "" || typed.phone.trim() === "") && (
            <Notice tone="info">{say("editor.contactAdvice")}</Notice>
          )}
        </Part>
        <Part title={say("editor.lines")}>
          <InvoiceLines
            lines={typed.lines}
            currency={typed.currency}
            faults={faults}
            isDisabled={isFinal}
            onChange={(next) => set("lines", next)}
            onAdd={() => set("lines", [...typed.lines, emptyLine()])}
          />
          <div className="flex flex-wrap items-end justify-between gap-4 border-t border-line pt-4">
            <Field id="currency" label={say("editor.fields.currency")} fault={faultOf("currency")}>
              <select
                id="currency"
                className="field w-32"
                value={typed.currency}
                disabled={isFinal}
                onChange={(event) => set("currency", event.target.value)}
              >
                {[...new Set([...CURRENCIES, typed.currency])].map((code) => (
                  <option key={code}>{code}</option>
                ))}
              </select>
            </Field>
            <p className="text-right" aria-live="polite">
              <span className="block text-sm text-quiet">{say("editor.total")}</span>
              <output className="text-2xl font-semibold" data-total>
                {formatMoney({ minor: total, currency: typed.currency }, locale)}
              </output>
              <span className="block text-sm text-quiet">
                {say("editor.vatInside", { sum: formatMoney({ minor: vat, currency: typed.currency }, locale) })}
              </span>
            </p>
          </div>
        </Part>
        <Part title={say("editor.payment")}>
          <Tick
            id="accepts_card"
            label={say("editor.card")}
            hint={say("editor.cardHint")}
            isOn={typed.card}
            onChange={(isOn) => set("card", isOn)}
          />
          <div className="grid gap-4 sm:grid-cols-3">
            <Field
              id="due_on"
              label={say("editor.fields.due_on")}
              isOptional={say("common.optional")}
              fault={faultOf("due_on")}
            >
              <input
                {...tie("due_on")}
                type="date"
                className="field"
                disabled={isFinal}
                value={typed.due}
                onChange={(event) => set("due", event.target.value)}
              />
            </Field>
            <Field
              id="expires_at"
              label={say("editor.fields.expires_at")}
              isOptional={say("common.optional")}
              fault={faultOf("expires_at")}
              hint={say("editor.validityHint", { zone })}
            >
              <input
                {...tie("expires_at", true)}
                type="date"
                className="field"
                value={typed.validity}
                onChange={(event) => set("validity", event.target.value)}
              />
            </Field>
            <Field id="locale" label={say("editor.fields.locale")}>
              <select
                id="locale"
                className="field"
                value={typed.locale}
                onChange={(event) => set("locale", languageOf(event.target.value))}
              >
                {LANGUAGES.map((language) => (
                  <option key={language} value={language} lang={language}>
                    {LANGUAGE_NAMES[language]}
                  </option>
                ))}
              </select>
            </Field>
          </div>
          <Field
            id="note"
            label={say("editor.fields.note")}
            isOptional={say("common.optional")}
            fault={faultOf("note")}
          >
            <textarea
              {...tie("note")}
              className="field"
              rows={2}
              maxLength={1000}
              disabled={isFinal}
              value={typed.note}
              onChange={(event) => set("note", event.target.value)}
            />
          </Field>
        </Part>
      </fieldset>
      {isFinal && <Notice tone="plain">{say("editor.finalHint")}</Notice>}
      <div className="flex flex-wrap justify-end gap-2">
        <Link href={invoice ? `/invoices/${invoice.id}` : "/invoices"} prefetch={false} className="button">
          {say("common.cancel")}
        </Link>
        {!invoice && (
          <Button isBusy={isBusy} onClick={() => save(true)}>
            {say("editor.saveDraft")}
          </Button>
        )}
        <Button type="submit" look="primary" isBusy={isBusy}>
          {say(invoice ? "common.save" : "editor.issue")}
        </Button>
      </div>
    </form>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="card space-y-5 p-5 sm:p-6">
      <h2 className="text-lg font-semibold">{title}</h2>
      {children}
    </section>
  );
}

function Tick(props: {
  id: string;
  label: string;
  hint: string;
  isOn: boolean;
  isDisabled?: boolean;
  onChange(isOn: boolean): void;
}) {
  return (
    <div className="flex gap-3">
      <input
        type="checkbox"
        id={props.id}
        aria-describedby={`${props.id}-hint`}
        className="tick mt-0.5"
        checked={props.isOn}
        disabled={props.isDisabled}
        onChange={(event) => props.onChange(event.target.checked)}
      />
      <div>
        <label htmlFor={props.id} className="font-semibold">
          {props.label}
        </label>
        <p id={`${props.id}-hint`} className="text-sm text-quiet">
          {props.hint}
        </p>
      </div>
    </div>
  );
}
