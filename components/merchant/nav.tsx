// The places of the merchant area, with the one where we are marked.
"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { Icon, type IconName } from "../ui/icon.tsx";

export type Place = { href: string; label: string; icon: IconName; count?: number };

/** Inside a popover a press on a place closes it again. */
export function Nav({ label, places, popover }: { label: string; places: Place[]; popover?: string }) {
  const pathname = usePathname();
  return (
    <nav aria-label={label}>
      <ul className="space-y-0.5">
        {places.map((place) => {
          const isHere = pathname === place.href || pathname.startsWith(`${place.href}/`);
          return (
            <li key={place.href}>
              <Link
                href={place.href}
                prefetch={false}
                aria-current={isHere ? "page" : undefined}
                onClick={() => popover && document.getElementById(popover)?.hidePopover()}
                className={`flex min-h-10 items-center gap-3 rounded-lg px-3 text-[0.9375rem] font-medium ${
                  isHere ? "bg-accent-soft text-accent" : "text-quiet hover:bg-sunken hover:text-ink"
                }`}
              >
                <Icon name={place.icon} size={19} />
                <span className="min-w-0 flex-1">{place.label}</span>
                {place.count ? (
                  <span className="rounded-full bg-warn-soft px-2 text-xs font-bold text-warn">{place.count}</span>
                ) : null}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}

/** The bar at the foot of a phone. */
export function BottomBar({ label, places }: { label: string; places: Place[] }) {
  const pathname = usePathname();
  return (
    <nav
      aria-label={label}
      className="fixed inset-x-0 bottom-0 z-20 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      <ul className="grid auto-cols-fr grid-flow-col">
        {places.map((place) => {
          const isHere = pathname.startsWith(place.href);
          return (
            <li key={place.href}>
              <Link
                href={place.href}
                prefetch={false}
                aria-current={isHere ? "page" : undefined}
                className={`flex min-h-14 flex-col items-center justify-center gap-0.5 text-[0.6875rem] font-medium ${isHere ? "text-accent" : "text-quiet"}`}
              >
                <Icon name={place.icon} size={20} />
                {place.label}
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
