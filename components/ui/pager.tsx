// Paging by cursor: back to the first page, on to the next.
import Link from "next/link";
import { Icon } from "./icon.tsx";

export function Pager(props: {
  label: string;
  first: { href: string; label: string } | null;
  next: { href: string; label: string } | null;
}) {
  if (!props.first && !props.next) return null;
  return (
    <nav aria-label={props.label} className="flex items-center justify-between gap-3 border-t border-line px-4 py-3">
      {props.first ? (
        <Link href={props.first.href} prefetch={false} className="button button-small">
          {props.first.label}
        </Link>
      ) : (
        <span />
      )}
      {props.next && (
        <Link href={props.next.href} prefetch={false} rel="next" className="button button-small">
          {props.next.label}
          <Icon name="arrow" size={16} />
        </Link>
      )}
    </nav>
  );
}
