// Runs a command of a member from the page: busy while it runs, a toast at the end.
"use client";

import { useTransition } from "react";
import { useToast } from "../ui/toast.tsx";
import type { Outcome } from "./outcome.ts";
import { wordsOf } from "./states.tsx";
import { useSay } from "./use-say.ts";

type Options<T> = {
  done?: string;
  onDone?(value: T): void;
  onProblem?(problem: Outcome & { ok: false }): boolean;
};

export function useCommand() {
  const [isBusy, start] = useTransition();
  const toast = useToast();
  const say = useSay();
  function run<T>(command: () => Promise<Outcome<T>>, options: Options<T> = {}) {
    start(async () => {
      try {
        const outcome = await command();
        // Undefined where the command led to another page.
        if (!outcome) return;
        if (outcome.ok) {
          if (options.done) toast({ text: options.done });
          options.onDone?.(outcome.value);
        } else if (options.onProblem?.(outcome) !== true) {
          toast({ text: wordsOf(say, `problems.${outcome.code}`), isBad: true });
        }
      } catch (error) {
        if (error instanceof Error && "digest" in error) throw error;
        toast({ text: say("problems.unreachable"), isBad: true });
      }
    });
  }
  return { run, isBusy };
}
