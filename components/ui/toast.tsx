// Short news of what was done: shown in a corner and told to screen readers.
"use client";

import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";
import { Icon } from "./icon.tsx";

export type Toast = { text: string; isBad?: boolean };

const ToastContext = createContext<(toast: Toast) => void>(() => {});

/** Shows a toast. */
export function useToast(): (toast: Toast) => void {
  return useContext(ToastContext);
}

const STAYS_MS = 7000;

export function ToastHost({ children }: { children: ReactNode }) {
  const [toast, setToast] = useState<(Toast & { at: number }) | null>(null);
  const show = useCallback((next: Toast) => setToast({ ...next, at: Date.now() }), []);
  useEffect(() => {
    if (!toast) return;
    const timer = setTimeout(() => setToast(null), STAYS_MS);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <ToastContext value={show}>
      {children}
      <div
        // A modal dialog lies above everything; a popover of its own lies above the dialog.
        ref={(element) => {
          if (!element || !toast) return;
          if (element.matches(":popover-open")) element.hidePopover();
          element.showPopover();
        }}
        popover="manual"
        role="status"
        aria-live="polite"
        className="fixed inset-auto right-4 bottom-20 left-4 m-0 ml-auto max-w-sm border-0 bg-transparent p-0 lg:bottom-4"
      >
        {toast && (
          <p
            className={`card flex items-start gap-2.5 px-4 py-3 font-medium ${toast.isBad ? "border-bad text-bad" : "text-ink"}`}
          >
            <Icon name={toast.isBad ? "alert" : "check"} className={`mt-0.5 ${toast.isBad ? "" : "text-good"}`} />
            {toast.text}
          </p>
        )}
      </div>
    </ToastContext>
  );
}
