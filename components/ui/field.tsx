// A labelled field with its hint and its fault, tied together for screen readers.
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

/** Attributes that tie a control to its hint and fault. */
export function describedBy(id: string, hint?: unknown, fault?: unknown) {
  const ids = [fault ? `${id}-fault` : "", hint ? `${id}-hint` : ""].filter(Boolean).join(" ");
  return { id, "aria-describedby": ids || undefined, "aria-invalid": fault ? (true as const) : undefined };
}

export function Field(props: {
  id: string;
  label: string;
  hint?: ReactNode;
  fault?: string | undefined;
  isOptional?: string | undefined;
  className?: string;
  children: ReactNode;
}) {
  return (
    <div className={`space-y-1.5 ${props.className ?? ""}`}>
      <label htmlFor={props.id} className="flex flex-wrap items-baseline justify-between gap-x-2 text-sm font-semibold">
        {props.label}
        {props.isOptional && <span className="font-normal text-quiet">{props.isOptional}</span>}
      </label>
      {props.children}
      {props.fault && <FieldFault id={props.id}>{props.fault}</FieldFault>}
      {props.hint && (
        <p id={`${props.id}-hint`} className="text-sm text-quiet">
          {props.hint}
        </p>
      )}
    </div>
  );
}

export function FieldFault({ id, children }: { id: string; children: string }) {
  return (
    <p id={`${id}-fault`} className="flex items-start gap-1.5 text-sm font-medium text-bad">
      <Icon name="alert" size={16} className="mt-0.5" />
      {children}
    </p>
  );
}
