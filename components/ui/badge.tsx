// A state in a word: text and a sign, and colour only on top.
import { Icon, type IconName } from "./icon.tsx";

export type Tone = "good" | "bad" | "warn" | "info" | "plain";

const TONES: Record<Tone, string> = {
  good: "bg-good-soft text-good",
  bad: "bg-bad-soft text-bad",
  warn: "bg-warn-soft text-warn",
  info: "bg-info-soft text-info",
  plain: "bg-sunken text-quiet",
};

export function Badge({ tone, icon, children }: { tone: Tone; icon: IconName; children: string }) {
  return (
    <span
      className={`inline-flex items-center gap-1 rounded-full px-2 py-0.5 text-[0.8125rem] leading-5 font-semibold whitespace-nowrap ${TONES[tone]}`}
    >
      <Icon name={icon} size={14} />
      {children}
    </span>
  );
}
