// What stands where a list would: what will come here, and what to do first.
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon.tsx";

export function EmptyState(props: { icon: IconName; title: string; text: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-3 px-6 py-14 text-center">
      <span className="grid size-14 place-items-center rounded-2xl bg-accent-soft text-accent">
        <Icon name={props.icon} size={26} />
      </span>
      <h2 className="text-lg font-semibold">{props.title}</h2>
      <p className="max-w-md text-quiet">{props.text}</p>
      {props.children && <div className="mt-2 flex flex-wrap justify-center gap-3">{props.children}</div>}
    </div>
  );
}
