// The merchant's own status, in the look it was given.
import { Badge, type Tone } from "../ui/badge.tsx";
import type { IconName } from "../ui/icon.tsx";

export const TONE_ICONS: Record<Tone, IconName> = {
  plain: "minus",
  info: "clock",
  good: "check",
  warn: "alert",
  bad: "cross",
};

export function OwnStatusBadge({ status }: { status: { name: string; tone: Tone } }) {
  return (
    <span data-own-status className="max-w-full [&>span]:whitespace-normal">
      <Badge tone={status.tone} icon={TONE_ICONS[status.tone]}>
        {status.name}
      </Badge>
    </span>
  );
}
