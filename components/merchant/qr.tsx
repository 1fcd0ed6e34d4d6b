// A QR code as an inline drawing.
import QRCode from "qrcode";

export function Qr({ text, label }: { text: string; label: string }) {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const { size } = modules;
  const path: string[] = [];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      if (modules.get(row, column)) path.push(`M${column} ${row}h1v1h-1z`);
    }
  }
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`-2 -2 ${size + 4} ${size + 4}`}
      shapeRendering="crispEdges"
      className="aspect-square w-full max-w-44 rounded-lg bg-white"
    >
      <path d={path.join("")} fill="#0d1a15" />
    </svg>
  );
}
