// Whether React has taken over: what needs scripts stays disabled until then, so that no press is lost.
"use client";

import { useSyncExternalStore } from "react";

const nothing = () => () => {};

export function useHydrated(): boolean {
  return useSyncExternalStore(
    nothing,
    () => true,
    () => false,
  );
}
