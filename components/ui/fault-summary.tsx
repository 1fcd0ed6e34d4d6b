// What is wrong with a form, above its fields: announced, focused by the form, and each fault leads to its field.
"use client";

import type { Ref } from "react";
import { Notice } from "./notice.tsx";

export type Fault = { /** Id of the field's control. */ id: string; label: string; text: string };

export function FaultSummary(props: {
  ref: Ref<HTMLDivElement>;
  title: string;
  /** What is wrong with the form as a whole. */
  general?: string | undefined;
  faults: Fault[];
}) {
  return (
    <div ref={props.ref} tabIndex={-1} role="alert" className="rounded-xl outline-offset-4">
      <Notice tone="bad" title={props.title}>
        {props.general && <p>{props.general}</p>}
        {props.faults.length > 0 && (
          <ul className="list-disc space-y-0.5 pl-5">
            {props.faults.map(({ id, label, text }) => (
              <li key={id}>
                <a
                  className="link"
                  href={`#${id}`}
                  onClick={(event) => {
                    event.preventDefault();
                    document.getElementById(id)?.focus();
                  }}
                >
                  {label}: {text}
                </a>
              </li>
            ))}
          </ul>
        )}
      </Notice>
    </div>
  );
}
