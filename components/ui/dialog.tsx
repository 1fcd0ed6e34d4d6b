// A modal dialog: native, so that Esc closes it and what lies behind is inert; Tab stays inside, focus goes back.
"use client";

import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icon.tsx";

const FOCUSABLE = 'a[href],button:not(:disabled),input:not(:disabled),select,textarea,summary,[tabindex="0"]';

function keepInside(event: KeyboardEvent<HTMLDialogElement>) {
  if (event.key !== "Tab") return;
  const found = [...event.currentTarget.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (e) => e.offsetParent !== null,
  );
  const [first, last] = [found[0], found.at(-1)];
  if (!first || !last) return;
  const { activeElement } = document;
  if (
    event.shiftKey &&
    (activeElement === first ||
      activeElement === event.currentTarget ||
      activeElement?.id === event.currentTarget.getAttribute("aria-labelledby"))
  ) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}

/** Opens when it appears; whoever shows it takes it away in `onClose`. */
export function Dialog(props: {
  title: string;
  text?: string | undefined;
  closeLabel: string;
  isWide?: boolean;
  onClose(): void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element && !element.open) {
      element.showModal();
      // Where reading begins; left alone, browsers choose a button or whatever scrolls.
      element.querySelector("h2")?.focus();
    }
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      // A dialog within this one closes by itself; one that is open again was closed only in passing.
      onClose={({ target, currentTarget }) => target === currentTarget && !currentTarget.open && props.onClose()}
      onKeyDown={keepInside}
      className={`card max-h-[92dvh] w-[calc(100%-1.5rem)] overflow-hidden p-0 text-left whitespace-normal ${props.isWide ? "max-w-4xl" : "max-w-lg"}`}
    >
      <div className="flex max-h-[92dvh] flex-col">
        <div className="flex items-start justify-between gap-4 border-b border-line px-5 py-4">
          <div className="min-w-0">
            <h2 id={title} tabIndex={-1} className="text-lg font-semibold outline-none">
              {props.title}
            </h2>
            {props.text && <p className="text-sm text-quiet">{props.text}</p>}
          </div>
          <Button look="quiet" isSmall aria-label={props.closeLabel} onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </Button>
        </div>
        <div className="overflow-y-auto overscroll-contain p-5">{props.children}</div>
      </div>
    </dialog>
  );
}
