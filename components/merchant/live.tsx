// Keeps an open screen true: asks for a small stamp as long as the page is seen, and reads the page again when it changed.
"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const SOON_MS = 4_000;
const LATER_MS = 15_000;
/** After so many askings without news it is asked more seldom. */
const PATIENCE = 45;

/** @param url answers `{stamp}`; `stamp` is the one that the page was made with */
export function Live({ url, stamp }: { url: string; stamp: string }) {
  const router = useRouter();
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked = 0;
    let isOver = false;
    const plan = () => {
      clearTimeout(timer);
      if (!isOver && !document.hidden) timer = setTimeout(ask, asked < PATIENCE ? SOON_MS : LATER_MS);
    };
    const ask = async () => {
      asked += 1;
      try {
        const answer = await fetch(url, { cache: "no-store", signal: AbortSignal.timeout(9_000) });
        const told = answer.ok ? ((await answer.json()) as { stamp?: string }).stamp : undefined;
        // A dialog is being filled in: it must not lose its ground; the next asking finds the same news.
        if (told !== undefined && told !== stamp && !document.querySelector("dialog[open] form")) router.refresh();
      } catch {
        // Nothing is lost: it is asked again.
      }
      plan();
    };
    const wake = () => {
      if (!document.hidden) void ask();
      else clearTimeout(timer);
    };
    plan();
    document.addEventListener("visibilitychange", wake);
    return () => {
      isOver = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [url, stamp, router]);
  return null;
}
