// What a payer will see of the merchant's colour and logo, light and dark, with the contrasts that came out.

import {
  accentsOf,
  COLOR,
  logoPath,
  logoPlace,
  type Scheme,
  SHAPE_CONTRAST,
  SURFACES,
  TEXT_CONTRAST,
} from "../payer/brand.ts";
import { contrast } from "../ui/contrast.ts";
import { useHydrated } from "../ui/hydrated.ts";
import { Icon } from "../ui/icon.tsx";
import type { PointOfSale } from "./shapes.ts";
import { useLanguage, useSay } from "./use-say.ts";

/** The payer's pages without a colour of the merchant's own, as in components/payer/style.ts. */
const OURS = {
  light: { fill: "#0b6b4f", ink: "#ffffff", text: "#0b6b4f" },
  dark: { fill: "#6fd3ae", ink: "#06231a", text: "#6fd3ae" },
};
const PAPER = {
  light: { wash: "#eff4f1", ink: "#12201a", line: "#d9e3de" },
  dark: { wash: "#0f1412", ink: "#e9f0ec", line: "#2b3531" },
};

/**
 * Drawn in the browser alone: the page's policy lets no style stand in its HTML.
 * @param color #rrggbb; anything else is shown as none
 */
export function BrandPreview({ color, shop }: { color: string; shop: PointOfSale }) {
  const say = useSay();
  if (!useHydrated()) return null;
  return (
    <div className="grid gap-4 sm:grid-cols-2" aria-live="polite">
      {(["light", "dark"] as const).map((scheme) => (
        <figure key={scheme} data-preview={scheme} className="min-w-0 space-y-2">
          <figcaption className="text-sm font-semibold">{say(`brand.${scheme}`)}</figcaption>
          <Card color={color} shop={shop} scheme={scheme} />
          <Told color={color} scheme={scheme} />
        </figure>
      ))}
    </div>
  );
}

function Card({ color, shop, scheme }: { color: string; shop: PointOfSale; scheme: Scheme }) {
  const say = useSay();
  const { fill, ink, text } = COLOR.test(color) ? accentsOf(color, scheme) : OURS[scheme];
  const paper = PAPER[scheme];
  return (
    <div className="space-y-3 rounded-xl border border-line p-3" style={{ background: paper.wash, color: paper.ink }}>
      <div className="flex items-center gap-2.5 font-semibold">
        {shop.logo ? (
          // biome-ignore lint/performance/noImgElement: shown exactly as the payer's page shows it.
          <img
            src={logoPath(shop.logo.hash)}
            alt=""
            {...logoPlace(shop.logo)}
            className="flex-none rounded-[0.625rem] bg-white object-contain p-1"
            style={{ boxShadow: `0 0 0 1px ${paper.line}`, ...logoPlace(shop.logo) }}
          />
        ) : (
          <span
            className="grid size-10 flex-none place-items-center rounded-xl text-lg font-bold"
            style={{ background: fill, color: ink }}
            aria-hidden="true"
          >
            {[...shop.name][0]?.toUpperCase()}
          </span>
        )}
        <span className="min-w-0 [overflow-wrap:anywhere]">{shop.name}</span>
      </div>
      <div
        className="space-y-3 rounded-2xl border p-4"
        style={{ background: SURFACES[scheme].card, borderColor: paper.line }}
      >
        <span
          data-button
          className="flex min-h-12 items-center justify-center rounded-[0.875rem] px-3 text-center font-semibold"
          style={{ background: fill, color: ink }}
        >
          {say("brand.button")}
        </span>
        <span className="block text-sm underline underline-offset-4" style={{ color: text }}>
          {say("brand.link")}
        </span>
      </div>
    </div>
  );
}

/** The contrasts, and whether the colour had to be moved for them. */
function Told({ color, scheme }: { color: string; scheme: Scheme }) {
  const say = useSay();
  const language = useLanguage();
  if (!COLOR.test(color)) return null;
  const { fill, ink, text } = accentsOf(color, scheme);
  const { card } = SURFACES[scheme];
  // Cut, not rounded up to a promise that does not hold.
  const ratio = (one: string, other: string) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: 1, roundingMode: "trunc" }).format(contrast(one, other));
  const moved = scheme === "light" ? "brand.darkened" : "brand.lightened";
  return (
    <div className="space-y-1 text-sm">
      <p className="text-quiet">
        {say("brand.contrasts", {
          text: ratio(fill, ink),
          leastText: new Intl.NumberFormat(language).format(TEXT_CONTRAST),
          card: ratio(fill, card),
          leastCard: SHAPE_CONTRAST,
        })}
      </p>
      {fill !== color ? (
        <p data-moved className="flex items-start gap-1.5 font-medium text-warn">
          <Icon name="alert" size={16} className="mt-0.5" />
          <span>{say(moved, { from: color, to: fill })}</span>
        </p>
      ) : text !== color ? (
        <p className="text-quiet">{say("brand.linksMoved", { to: text })}</p>
      ) : (
        <p className="flex items-start gap-1.5 font-medium text-good">
          <Icon name="check" size={16} className="mt-0.5" />
          <span>{say("brand.kept")}</span>
        </p>
      )}
    </div>
  );
}
