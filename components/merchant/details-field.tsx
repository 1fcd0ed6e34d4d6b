// The template of the text for payment and receipt: its tags by one press, and at once what it will look like.
"use client";

import { useRef } from "react";
import { renderDetails, unknownTags } from "../../edge/payments/details-text.ts";
import { describedBy, Field } from "../ui/field.tsx";
import type { PointOfSale } from "./shapes.ts";
import { wordsOf } from "./states.tsx";
import { useSay } from "./use-say.ts";

export function DetailsField(props: {
  value: string;
  tags: string[];
  limit: number;
  shop: PointOfSale;
  merchantName: string;
  fault: string | undefined;
  onChange(value: string): void;
}) {
  const { value, tags, limit } = props;
  const say = useSay();
  const area = useRef<HTMLTextAreaElement>(null);
  const sample = Object.fromEntries(
    tags.map((tag) => [
      tag,
      tag === "shop"
        ? props.shop.name
        : tag === "merchant"
          ? props.merchantName
          : say.has(`connect.sample.${tag}`)
            ? say(`connect.sample.${tag}`)
            : tag,
    ]),
  );
  const preview = renderDetails(value, sample, limit);
  const unknown = unknownTags(value);
  const put = (tag: string) => {
    const at = area.current?.selectionStart ?? value.length;
    const before = value.slice(0, at);
    const gap = before === "" || /\s$/.test(before) ? "" : " ";
    props.onChange(`${before}${gap}{${tag}}${value.slice(at)}`);
    area.current?.focus();
  };
  return (
    <Field
      id="details_template"
      label={say("connect.details")}
      isOptional={say("common.optional")}
      hint={say("connect.detailsHint")}
      fault={
        props.fault ??
        (unknown.length > 0 ? `${say("faults.unknown_tag")}: ${unknown.map((tag) => `{${tag}}`).join(" ")}` : undefined)
      }
    >
      <textarea
        {...describedBy("details_template", true, props.fault ?? unknown.length > 0)}
        ref={area}
        name="details_template"
        rows={2}
        maxLength={500}
        className="field"
        value={value}
        onChange={(event) => props.onChange(event.target.value)}
      />
      <ul aria-label={say("connect.tags")} className="flex flex-wrap gap-1.5">
        {tags.map((tag) => (
          <li key={tag}>
            <button
              type="button"
              className="button button-small h-auto flex-wrap justify-start gap-x-1.5 py-1 text-left"
              onClick={() => put(tag)}
            >
              <span className="font-mono">{`{${tag}}`}</span>
              <span className="font-normal text-quiet">
                {wordsOf(say, `connect.tag.${tag}`)}: {sample[tag]}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <div className="rounded-lg bg-sunken px-3 py-2" aria-live="polite">
        <p className="text-xs font-semibold text-quiet">{say("connect.preview")}</p>
        <p data-preview className="[overflow-wrap:anywhere]">
          {preview}
        </p>
        <p className="text-xs text-quiet">{say("connect.previewOf", { count: [...preview].length, limit })}</p>
      </div>
    </Field>
  );
}
