import { useWidth } from "./useWidth";

export interface Bar {
  name: string;
  value: number;
  /** The figure as it is written. */
  text: string;
  /** Beside the figure: a share, for instance. */
  aside?: string;
}

const ROW = 44;
const THICK = 14;

/** Bars lying one below the other: names above, figures at the end. */
export function Bars({ label, bars }: { label: string; bars: readonly Bar[] }) {
  const { place, width } = useWidth<HTMLDivElement>();
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return (
    <div ref={place}>
      <svg
        className="drawing"
        role="img"
        aria-label={`${label}: ${bars.map((bar) => `${bar.name} ${bar.text}`).join("; ")}`}
        width={width}
        height={bars.length * ROW}
        viewBox={`0 0 ${width} ${bars.length * ROW}`}
      >
        {bars.map((bar, at) => (
          <g key={bar.name} transform={`translate(0 ${at * ROW})`}>
            <text x={0} y={14} className="drawing-name">
              {shorten(bar.name, width / 14)}
            </text>
            <text x={width} y={14} textAnchor="end" className="drawing-figure">
              {bar.text}
              {bar.aside && <tspan className="drawing-aside">{`  ${bar.aside}`}</tspan>}
            </text>
            <rect x={0} y={21} width={width} height={THICK} rx={4} className="drawing-ground" />
            {bar.value > 0 && <rect x={0} y={21} width={Math.max(3, (bar.value / most) * width)} height={THICK} rx={4} className="drawing-one" />}
          </g>
        ))}
      </svg>
    </div>
  );
}

function shorten(name: string, most: number): string {
  return name.length <= most ? name : `${name.slice(0, Math.max(1, most - 1))}…`;
}
