// A modal dialog: native, so that Esc closes it and what lies behind is inert; Tab stays inside, focus goes back.
"use client";

import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useRef } from "react";
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
  /** What gets the focus when nothing had it before: the dialog was there as the page came. */
  openerId?: string;
  onClose(): void;
  children: ReactNode;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const title = useId();
  /** Taken away already: what its element still tells is no news. */
  const isGone = useRef(false);
  const { openerId } = props;
  useLayoutEffect(() => {
    isGone.current = false;
    const element = dialog.current;
    const before = document.activeElement;
    if (element && !element.open) {
      element.showModal();
      // Where reading begins; left alone, browsers choose a button or whatever scrolls.
      element.querySelector("h2")?.focus();
    }
    return () => {
      isGone.current = true;
      element?.close();
      const isKnown = before instanceof HTMLElement && before.isConnected && before !== document.body;
      (isKnown ? before : document.getElementById(openerId ?? ""))?.focus();
    };
  }, [openerId]);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={title}
      // Esc takes it away at once. Closed by the browser it would tell so only later, after what was pressed next.
      onCancel={(event) => {
        if (event.target !== event.currentTarget) return;
        event.preventDefault();
        props.onClose();
      }}
      // A dialog within this one closes by itself; one that is open again was closed only in passing.
      onClose={({ target, currentTarget }) =>
        target === currentTarget && !currentTarget.open && !isGone.current && props.onClose()
      }
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
          <Button look="quiet" isSmall aria-label={props.closeLabel} onClick={props.onClose}>
            <Icon name="close" />
          </Button>
        </div>
        <div className="overflow-y-auto overscroll-contain p-5">{props.children}</div>
      </div>
    </dialog>
  );
}
