// The drawn signs of the payer page. They only repeat what the words beside them say.

const SIGNS = {
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  clock: <path d="M12 7v5l3 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z" />,
  turning: <path d="M21 12a9 9 0 1 1-6.2-8.6" />,
  cross: <path d="m7 7 10 10M17 7 7 17" />,
  pause: <path d="M9 7v10M15 7v10" />,
  hand: <path d="M4 9h16v11H4zM8 9V6.5a4 4 0 0 1 8 0V9M12 13v3" />,
  card: <path d="M3 6h18v12H3zM3 10.5h18M6.5 14.5h4" />,
} as const;

export type Sign = keyof typeof SIGNS;

/** A sign of 24 by 24, hidden from screen readers. */
export function Icon({ sign }: { sign: Sign }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SIGNS[sign]}
    </svg>
  );
}
