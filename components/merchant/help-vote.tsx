// "Was this helpful?" at the foot of a guide: one vote per visitor, and how many found it helpful.
"use client";

import { Button } from "../ui/button.tsx";
import type { Outcome } from "./outcome.ts";
import { useCommand } from "./use-command.ts";
import { useSay } from "./use-say.ts";

export type Votes = { helpful: number; total: number; mine: boolean | null };

export function HelpVote({ votes, vote }: { votes: Votes; vote(isHelpful: boolean): Promise<Outcome> }) {
  const say = useSay();
  const { run, isBusy } = useCommand();
  return (
    <section
      className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-5"
      aria-label={say("help.question")}
    >
      <p className="font-semibold">{say("help.question")}</p>
      <div className="flex gap-2">
        {[true, false].map((isHelpful) => (
          <Button
            key={String(isHelpful)}
            isSmall
            isBusy={isBusy}
            aria-pressed={votes.mine === isHelpful}
            className={votes.mine === isHelpful ? "border-accent bg-accent-soft" : ""}
            onClick={() => run(() => vote(isHelpful), { done: say("help.thanks") })}
          >
            {say(isHelpful ? "help.yes" : "help.no")}
          </Button>
        ))}
      </div>
      <p className="text-sm text-quiet" data-votes>
        {say("help.counter", { helpful: votes.helpful, total: votes.total })}
      </p>
    </section>
  );
}
