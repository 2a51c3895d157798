import { labelled, ticks } from "./scale";
import { useWidth } from "./useWidth";

interface Props {
  label: string;
  points: readonly { name: string; value: number }[];
  text: (value: number) => string;
}

const HEIGHT = 200;
const TOP = 10;
const FOOT = 24;
const SIDE = 58;

/** A sum as it went from day to day. It holds until the next day, so that it goes in steps. */
export function Course({ label, points, text }: Props) {
  const { place, width } = useWidth<HTMLDivElement>();
  const scale = ticks(Math.max(0, ...points.map((point) => point.value)));
  const most = scale.at(-1) ?? 1;
  const high = HEIGHT - TOP - FOOT;
  const wide = (width - SIDE) / Math.max(1, points.length);
  const y = (value: number) => TOP + high - (value / most) * high;
  const line = points.map((point, at) => `${at === 0 ? "M" : "L"}${SIDE + wide * at} ${y(point.value)}H${SIDE + wide * (at + 1)}`).join("");
  const shown = labelled(points.length, (width - SIDE) / 64);
  return (
    <div ref={place}>
      <svg className="drawing" role="img" aria-label={label} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        {scale.map((value, at) => (
          <g key={value}>
            <line x1={SIDE} x2={width} y1={y(value)} y2={y(value)} className="drawing-line" />
            {text(value) !== text(scale[at - 1] ?? -1) && (
              <text x={SIDE - 8} y={y(value) + 4} textAnchor="end" className="drawing-aside">
                {text(value)}
              </text>
            )}
          </g>
        ))}
        {points.length > 0 && (
          <>
            <path d={`${line}V${TOP + high}H${SIDE}Z`} className="drawing-area" />
            <path d={line} className="drawing-course" />
          </>
        )}
        {points.map((point, at) => (
          <g key={point.name}>
            <rect x={SIDE + wide * at} y={TOP} width={wide} height={high} fill="transparent">
              <title>{`${point.name}: ${text(point.value)}`}</title>
            </rect>
            {shown.has(at) && (
              <text x={Math.min(SIDE + wide * (at + 0.5), width - 20)} y={HEIGHT - 6} textAnchor="middle" className="drawing-aside">
                {point.name}
              </text>
            )}
          </g>
        ))}
      </svg>
    </div>
  );
}
