// "Recently viewed" at the foot of a help page: the other help pages that this browser has seen. Hidden while empty.
"use client";

import Link from "next/link";
import { useEffect, useState } from "react";
import { HELP_PAGES, HELP_SEEN_KEY, type HelpPage, noteSeen, othersThan, readSeen } from "./help-seen.ts";
import { useSay } from "./use-say.ts";

export function RecentlyViewed({ page }: { page: HelpPage }) {
  const say = useSay();
  const [others, setOthers] = useState<HelpPage[]>([]);
  useEffect(() => {
    try {
      const seen = readSeen(localStorage.getItem(HELP_SEEN_KEY));
      setOthers(othersThan(seen, page));
      localStorage.setItem(HELP_SEEN_KEY, JSON.stringify(noteSeen(seen, page)));
    } catch {
      // Where the browser keeps nothing, there is nothing to show.
    }
  }, [page]);
  if (others.length === 0) return null;
  return (
    <section className="space-y-1 border-t border-line pt-5" aria-labelledby="recently-viewed">
      <h2 id="recently-viewed" className="font-semibold">
        {say("help.recent")}
      </h2>
      <ul>
        {others.map((other) => (
          <li key={other}>
            <Link
              href={HELP_PAGES[other].href}
              prefetch={false}
              className="link inline-flex min-h-8 items-center text-[0.9375rem]"
            >
              {say(HELP_PAGES[other].title)}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
