import { create } from "qrcode";
import { useMemo } from "react";

const QUIET_ZONE = 4;

/** Drawn as one SVG path; always dark on light, which is what cameras read. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => {
    const { modules } = create(text, { errorCorrectionLevel: "M" });
    let path = "";
    modules.data.forEach((dark, place) => {
      if (dark) path += `M${(place % modules.size) + QUIET_ZONE} ${Math.floor(place / modules.size) + QUIET_ZONE}h1v1h-1z`;
    });
    return { path, size: modules.size + 2 * QUIET_ZONE };
  }, [text]);
  return (
    <svg className="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#111" />
    </svg>
  );
}
