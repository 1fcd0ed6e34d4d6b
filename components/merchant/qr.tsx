// A QR code as an inline drawing.
import { drawQr } from "../ui/qr-drawing.ts";

export function Qr({ text, label }: { text: string; label: string }) {
  const { size, path } = drawQr(text);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`-2 -2 ${size + 4} ${size + 4}`}
      shapeRendering="crispEdges"
      className="aspect-square w-full max-w-44 rounded-lg bg-white"
    >
      <path d={path} fill="#0d1a15" />
    </svg>
  );
}
