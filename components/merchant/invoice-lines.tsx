// The lines of an invoice as they are typed: a row each on a wide screen, a block each on a phone.
"use client";

import { formatMoney } from "../format/money.ts";
import { Button } from "../ui/button.tsx";
import { describedBy, FieldFault } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { readMinor, readNumber } from "./amount.ts";
import { wordsOf } from "./states.tsx";
import { useLanguage, useSay } from "./use-say.ts";

export type TypedLine = {
  key: number;
  description: string;
  quantity: string;
  unit: string;
  price: string;
  vat: string;
};

const COLUMNS = [
  ["description", "description", "col-span-2 sm:col-span-12 lg:col-span-5"],
  ["quantity", "quantity", "sm:col-span-3 lg:col-span-1"],
  ["unit", "unit", "sm:col-span-3 lg:col-span-1"],
  ["price", "unit_price_minor", "sm:col-span-3 lg:col-span-2"],
  ["vat", "vat_percent", "sm:col-span-3 lg:col-span-1"],
] as const;

export function InvoiceLines(props: {
  lines: TypedLine[];
  currency: string;
  faults: Record<string, string>;
  isDisabled: boolean;
  onChange(lines: TypedLine[]): void;
  onAdd(): void;
}) {
  const say = useSay();
  const locale = useLanguage();
  const change = (index: number, name: keyof TypedLine, value: string) =>
    props.onChange(props.lines.map((line, at) => (at === index ? { ...line, [name]: value } : line)));
  return (
    <div className="space-y-4">
      <ol className="space-y-4">
        {props.lines.map((line, index) => {
          const price = readMinor(line.price, props.currency);
          const quantity = readNumber(line.quantity);
          const amount = price === null || quantity === null ? null : Math.round(price * quantity);
          return (
            <li
              key={line.key}
              className="grid grid-cols-2 gap-x-3 gap-y-3 rounded-xl border border-line p-4 sm:grid-cols-12 lg:border-0 lg:p-0"
            >
              {COLUMNS.map(([name, apiName, span]) => {
                const id = `lines.${index}.${apiName}`;
                const fault = props.faults[id];
                return (
                  <div key={name} className={`space-y-1 ${span}`}>
                    <label
                      htmlFor={id}
                      className={`block text-sm font-medium text-quiet ${index > 0 ? "lg:sr-only" : ""}`}
                    >
                      {say(`editor.fields.${apiName}`)}
                    </label>
                    <input
                      {...describedBy(id, undefined, fault)}
                      className={`field ${name === "price" ? "text-right" : ""}`}
                      inputMode={name === "description" || name === "unit" ? "text" : "decimal"}
                      maxLength={name === "description" ? 200 : 16}
                      disabled={props.isDisabled}
                      value={line[name]}
                      onChange={(event) => change(index, name, event.target.value)}
                    />
                    {fault && <FieldFault id={id}>{wordsOf(say, `faults.${fault}`)}</FieldFault>}
                  </div>
                );
              })}
              <div className="col-span-2 flex items-end justify-between gap-2 sm:col-span-12 lg:col-span-2 lg:justify-end">
                <span className="pb-2 text-right font-semibold whitespace-nowrap">
                  {amount === null ? "–" : formatMoney({ minor: amount, currency: props.currency }, locale)}
                </span>
                <Button
                  look="quiet"
                  isSmall
                  className="mb-1 text-quiet"
                  disabled={props.isDisabled || props.lines.length === 1}
                  aria-label={say("editor.removeLine", { number: index + 1 })}
                  onClick={() => props.onChange(props.lines.filter((_, at) => at !== index))}
                >
                  <Icon name="close" size={16} />
                </Button>
              </div>
            </li>
          );
        })}
      </ol>
      <Button isSmall disabled={props.isDisabled} onClick={props.onAdd}>
        <Icon name="plus" size={16} />
        {say("editor.addLine")}
      </Button>
    </div>
  );
}
