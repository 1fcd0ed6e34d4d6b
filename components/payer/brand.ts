// What the payer's pages make of the merchant's own colour: as near to it as stays readable, light and dark.

import { contrast, inLightness, lightnessOf, mix } from "../ui/contrast.ts";

export const COLOR = /^#[0-9a-f]{6}$/;

/** Bytes that a logo may have, as edge/http/logo-file.ts holds. */
export const LOGO_MAX_BYTES = 64 * 1024;

/** WCAG 2.2: 1.4.3 for text, 1.4.11 for what must be seen to be pressed. */
export const TEXT_CONTRAST = 4.5;
export const SHAPE_CONTRAST = 3;

/** What the accents stand on, as in style.ts: the card, the page behind it; words also on the wash under a chosen line. */
export const SURFACES = {
  light: { card: "#ffffff", page: ["#eff4f1", "#f8faf9"], chosen: "#e2f2eb" },
  dark: { card: "#181f1c", page: ["#0f1412"], chosen: "#16352a" },
} as const;
export type Scheme = keyof typeof SURFACES;

export type Accents = {
  /** Of buttons and of the mark. */
  fill: string;
  /** Of the words on them. */
  ink: string;
  /** A button under the pointer. */
  press: string;
  /** Of links and of the ring around what has the focus. */
  text: string;
};

const STEPS = 100;

/** The colour itself where it holds, else the first that does on its way to black (0) or white (1): one of them always does. */
function firstThatHolds(color: string, end: 0 | 1, holds: (color: string) => boolean): string {
  if (holds(color)) return color;
  const start = lightnessOf(color);
  for (let step = 1; step < STEPS; step++) {
    const moved = inLightness(color, start + ((end - start) * step) / STEPS);
    if (holds(moved)) return moved;
  }
  return end === 0 ? "#000000" : "#ffffff";
}

/**
 * The accents of one scheme. Whatever the colour: words on the button and links have 4.5:1, the button 3:1 against all
 * that it can stand on.
 * @param color #rrggbb
 */
export function accentsOf(color: string, scheme: Scheme): Accents {
  const { card, page, chosen } = SURFACES[scheme];
  const away = scheme === "light" ? 0 : 1;
  const isSeen = (one: string) => [card, ...page].every((each) => contrast(one, each) >= SHAPE_CONTRAST);
  const isRead = (one: string) => [card, ...page, chosen].every((each) => contrast(one, each) >= TEXT_CONTRAST);
  const fill = firstThatHolds(color, away, isSeen);
  // One of the two always has 4.5:1, as their contrast is 21.
  const ink = contrast(fill, "#ffffff") >= TEXT_CONTRAST ? "#ffffff" : "#000000";
  const press = [0.16, 0.08]
    .flatMap((share) => [mix(fill, "#000000", share), mix(fill, "#ffffff", share)])
    .find((one) => one !== fill && isSeen(one) && contrast(one, ink) >= TEXT_CONTRAST);
  return { fill, ink, press: press ?? fill, text: firstThatHolds(fill, away, isRead) };
}

const rules = ({ fill, ink, press, text }: Accents) =>
  `:root{--accent:${fill};--onaccent:${ink};--press:${press};--link:${text}}`;

/** The second, tiny style of a page with a colour of its own; exactly the text between its tags. */
export function brandStyle(color: string | null | undefined): string | undefined {
  if (!color || !COLOR.test(color)) return undefined;
  const [light, dark] = [accentsOf(color, "light"), accentsOf(color, "dark")];
  return `${rules(light)}@media(prefers-color-scheme:dark){${rules(dark)}}`;
}

/** Where a browser finds a logo: on our own origin, under its hash, so that it is asked for once. */
export const logoPath = (hash: string) => `/i/logo/${hash}`;

/** Sides of a logo's place in CSS pixels, known before it has come: as high as the letter that it stands in for. */
export function logoPlace({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const [side, padding, widest] = [40, 4, 96];
  const drawn = Math.round(((side - 2 * padding) * width) / height) + 2 * padding;
  return { width: Math.min(widest, Math.max(side, drawn)), height: side };
}
