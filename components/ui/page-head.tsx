// The head of a screen: where one is, what it is called, what can be done.
import Link from "next/link";
import type { ReactNode } from "react";
import { Icon } from "./icon.tsx";

export function PageHead(props: {
  title: string;
  text?: string;
  back?: { href: string; label: string };
  beside?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <header className="mb-6 space-y-3">
      {props.back && (
        <Link
          href={props.back.href}
          prefetch={false}
          className="inline-flex min-h-8 items-center gap-1.5 text-sm font-medium text-quiet hover:text-ink"
        >
          <Icon name="back" size={16} />
          {props.back.label}
        </Link>
      )}
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0 space-y-1">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-[1.625rem] leading-tight font-semibold tracking-[-0.015em] [overflow-wrap:anywhere]">
              {props.title}
            </h1>
            {props.beside}
          </div>
          {props.text && <p className="max-w-2xl text-quiet">{props.text}</p>}
        </div>
        {props.children && <div className="flex flex-wrap gap-2">{props.children}</div>}
      </div>
    </header>
  );
}
