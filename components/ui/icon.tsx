// Small line drawings of our own. Decorative unless given a title.
const PATHS = {
  alert: "M12 3.5 21.5 20h-19L12 3.5Zm0 6v5m0 2.6v.1",
  arrow: "M5 12h14m-6-6 6 6-6 6",
  back: "M19 12H5m6-6-6 6 6 6",
  bank: "M3 9.5 12 4l9 5.5H3Zm2.5 3V18m4.3-5.5V18m4.4-5.5V18m4.3-5.5V18M3 20.5h18",
  bell: "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15L6 16.500Zm4 4.500h4",
  card: "M3 6.5A1.5 1.5 0 0 1 4.5 5h15A1.5 1.5 0 0 1 21 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-15A1.5 1.5 0 0 1 3 17.5v-11Zm0 3.5h18M6.5 15h4",
  check: "m4.5 12.5 5 5 10-11",
  chevron: "m9 5.500 6.500 6.500L9 18.500",
  clock: "M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Zm0 4v5l3 2",
  close: "m6 6 12 12M18 6 6 18",
  copy: "M9 9h10.5v11.5H9V9Zm-2 6H4.500V3.500H15V6.500",
  cross: "m7 7 10 10M17 7 7 17",
  draft: "M4 20h4L19.500 8.500l-4-4L4 16v4Zm9.500-13.500 4 4",
  external: "M14 4h6v6m0-6-9 9M18 14v5.500H4.500V6H10",
  inbox: "M3.500 13.500 6 5h12l2.500 8.500v6h-17v-6Zm0 0H9c.5 1.700 1.500 2.500 3 2.500s2.500-.8 3-2.500h5.500",
  invoice: "M6 3.500h12v17l-3-2-3 2-3-2-3 2v-17Zm3 5h6m-6 4h6",
  key: "M14.500 4a5.500 5.500 0 1 0 0 11 5.500 5.500 0 0 0 0-11Zm-4 9.500L4 20h3.500v-2.500H10V15m6-6.500v.1",
  mail: "M3.500 5.500h17v13h-17v-13Zm0 1 8.500 7 8.500-7",
  menu: "M4 7h16M4 12h16M4 17h16",
  minus: "M6 12h12",
  plug: "M9 3.500v5m6-5v5M6.500 8.500h11v3.500a5.500 5.500 0 0 1-11 0V8.500Zm5.500 9v3",
  plus: "M12 5v14M5 12h14",
  refund: "M8.500 5 4 9.500 8.500 14M4.500 9.500H15a5 5 0 0 1 0 10h-4",
  search: "M10.500 4a6.500 6.500 0 1 0 0 13 6.500 6.500 0 0 0 0-13Zm5 11.500 5 5",
  shop: "M4 9.500 5.500 4h13L20 9.500M4 9.500c0 3 4 3 4 0 0 3 4 3 4 0 0 3 4 3 4 0 0 3 4 3 4 0M5.500 12v8h13v-8",
  sort: "M8 5v14m0 0-3.500-3.500M8 19l3.500-3.500M16 19V5m0 0-3.500 3.500M16 5l3.500 3.500",
  spark:
    "M12 4v4m0 8v4m8-8h-4M8 12H4m13.500-5.500-2.800 2.800m-5.400 5.400-2.800 2.800m11 0-2.800-2.800M9.300 9.300 6.500 6.500",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 18, className = "" }: { name: IconName; size?: number; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      focusable="false"
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.75"
      strokeLinecap="round"
      strokeLinejoin="round"
      className={`shrink-0 ${className}`}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
