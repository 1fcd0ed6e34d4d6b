// A block that says something important: a warning, a hint, a success.
import type { ReactNode } from "react";
import type { Tone } from "./badge.tsx";
import { Icon, type IconName } from "./icon.tsx";

const TONES: Record<Tone, [string, IconName]> = {
  good: ["border-good/30 bg-good-soft", "check"],
  bad: ["border-bad/40 bg-bad-soft", "alert"],
  warn: ["border-warn/40 bg-warn-soft", "alert"],
  info: ["border-info/30 bg-info-soft", "spark"],
  plain: ["border-line bg-sunken", "spark"],
};
const INK: Record<Tone, string> = {
  good: "text-good",
  bad: "text-bad",
  warn: "text-warn",
  info: "text-info",
  plain: "text-quiet",
};

export function Notice({ tone, title, children }: { tone: Tone; title?: string; children: ReactNode }) {
  const [look, icon] = TONES[tone];
  return (
    <div className={`flex gap-3 rounded-xl border px-4 py-3 text-[0.9375rem] ${look}`}>
      <Icon name={icon} className={`mt-0.5 ${INK[tone]}`} />
      <div className="min-w-0 space-y-1">
        {title && <p className={`font-semibold ${INK[tone]}`}>{title}</p>}
        {children}
      </div>
    </div>
  );
}
