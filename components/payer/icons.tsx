// The drawn signs of the payer page. They only repeat what the words beside them say.

const SIGNS = {
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  clock: <path d="M12 7v5l3 2M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Z" />,
  turning: <path d="M21 12a9 9 0 1 1-6.2-8.6" />,
  cross: <path d="m7 7 10 10M17 7 7 17" />,
  pause: <path d="M9 7v10M15 7v10" />,
  hand: <path d="M4 9h16v11H4zM8 9V6.5a4 4 0 0 1 8 0V9M12 13v3" />,
  card: <path d="M3 6h18v12H3zM3 10.5h18M6.5 14.5h4" />,
  code: <path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2M20 14v2h-2M14 20h2M20 20h.01M18 18h.01" />,
  phone: <path d="M7 3h10v18H7zM11 18h2" />,
  parts: <path d="M12 3a9 9 0 1 0 9 9h-9zM15 3.5A9 9 0 0 1 20.5 9H15z" />,
  wallet: <path d="M4 7h14a2 2 0 0 1 2 2v9H4zM4 7l11-3v3M20 12h-4v3h4" />,
} as const;

export type Sign = keyof typeof SIGNS;

const OF_METHODS: Record<string, Sign> = { card: "card", sbp: "code", t_pay: "phone", instalments: "parts" };

/** The sign of a way to pay: our own drawing, nobody's mark. */
export const signOf = (method: string): Sign => OF_METHODS[method] ?? "wallet";

/** A sign of 24 by 24, hidden from screen readers. */
export function Icon({ sign }: { sign: Sign }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {SIGNS[sign]}
    </svg>
  );
}
