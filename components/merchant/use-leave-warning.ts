// Warns before typed things are lost: when the tab closes and when a link of ours leads away.
"use client";

import { useEffect, useRef } from "react";

export function useLeaveWarning(isDirty: boolean, question: string): { allow(): void } {
  const isAllowed = useRef(false);
  useEffect(() => {
    if (!isDirty) return;
    const beforeUnload = (event: BeforeUnloadEvent) => {
      if (!isAllowed.current) event.preventDefault();
    };
    const onClick = (event: MouseEvent) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target === "_blank" || isAllowed.current) return;
      if (link.getAttribute("href")?.startsWith("#")) return;
      if (!window.confirm(question)) {
        event.preventDefault();
        event.stopPropagation();
      }
    };
    window.addEventListener("beforeunload", beforeUnload);
    document.addEventListener("click", onClick, true);
    return () => {
      window.removeEventListener("beforeunload", beforeUnload);
      document.removeEventListener("click", onClick, true);
    };
  }, [isDirty, question]);
  return {
    allow: () => {
      isAllowed.current = true;
    },
  };
}
