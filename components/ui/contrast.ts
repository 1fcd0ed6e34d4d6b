// Contrast of colours as WCAG 2.2 reckons it, and mixing them. Colours are #rrggbb, in lower case.

type Rgb = [number, number, number];

const rgbOf = (color: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16)) as Rgb;

const hexOf = (parts: number[]) => `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;

/** Relative luminance, 0 for black to 1 for white. */
function luminance(color: string): number {
  const [red, green, blue] = rgbOf(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast ratio of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/**
 * A colour in another lightness: its hue stays, and of its saturation as much as a person sees of it (in a colour that is
 * nearly white or grey the number would be large and mean nothing).
 * @param lightness as in HSL, 0 black to 1 white. The lighter, the more luminance: it never turns back
 */
export function inLightness(color: string, lightness: number): string {
  const [red, green, blue] = rgbOf(color);
  const [most, least] = [Math.max(red, green, blue), Math.min(red, green, blue)];
  const spread = most - least;
  const room = 255 - Math.abs(most + least - 255);
  const saturation = room === 0 ? 0 : (spread / room) * Math.min(1, spread / 50);
  const reach = saturation * Math.min(lightness, 1 - lightness);
  const middle = (most + least) / 2;
  // Where each part stands between the least (-1) and the most (1).
  const parts = [red, green, blue].map((part) => {
    const place = spread === 0 ? 0 : (part - middle) / (spread / 2);
    return Math.round(255 * (lightness + reach * place));
  });
  return hexOf(parts);
}

/** Lightness as in HSL, 0 to 1. */
export function lightnessOf(color: string): number {
  const parts = rgbOf(color);
  return (Math.max(...parts) + Math.min(...parts)) / 510;
}

/** A colour on its way to another. @param share 0 is the first, 1 the second */
export function mix(from: string, to: string, share: number): string {
  const end = rgbOf(to);
  const parts = rgbOf(from).map((part, index) => Math.round(part + ((end[index] ?? 0) - part) * share));
  return hexOf(parts);
}
