import { labelled, ticks } from "./scale";
import { useWidth } from "./useWidth";

interface Props {
  label: string;
  names: readonly string[];
  /** With one figure for each of the names. */
  groups: readonly { name: string; values: readonly number[] }[];
  text: (value: number) => string;
}

const HEIGHT = 220;
const TOP = 10;
const FOOT = 24;
const SIDE = 44;
const LOOKS = ["drawing-one", "drawing-two"] as const;

/** Upright columns, up to two beside each other for each group. */
export function Columns({ label, names, groups, text }: Props) {
  const { place, width } = useWidth<HTMLDivElement>();
  const scale = ticks(Math.max(0, ...groups.flatMap((group) => group.values)));
  const most = scale.at(-1) ?? 1;
  const high = HEIGHT - TOP - FOOT;
  const wide = (width - SIDE) / Math.max(1, groups.length);
  const column = Math.max(2, Math.min(22, (wide * 0.72) / names.length));
  const y = (value: number) => TOP + high - (Math.max(0, value) / most) * high;
  const shown = labelled(groups.length, (width - SIDE) / 64);
  return (
    <div ref={place}>
      <p className="legend small quiet" aria-hidden="true">
        {names.map((name, at) => (
          <span key={name}>
            <span className={at === 0 ? "legend-mark legend-one" : "legend-mark legend-two"} />
            {name}
          </span>
        ))}
      </p>
      <svg className="drawing" role="img" aria-label={label} width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`}>
        {scale.map((value) => (
          <g key={value}>
            <line x1={SIDE} x2={width} y1={y(value)} y2={y(value)} className="drawing-line" />
            <text x={SIDE - 8} y={y(value) + 4} textAnchor="end" className="drawing-aside">
              {text(value)}
            </text>
          </g>
        ))}
        {groups.map((group, at) => {
          const middle = SIDE + wide * (at + 0.5);
          return (
            <g key={group.name}>
              <title>{`${group.name}: ${names.map((name, of) => `${name} ${text(group.values[of] ?? 0)}`).join(", ")}`}</title>
              {/* The whole strip answers the pointer, also where a column is short. */}
              <rect x={SIDE + wide * at} y={TOP} width={wide} height={high} fill="transparent" />
              {group.values.map((value, of) => (
                <rect
                  key={of}
                  x={middle - (column * names.length) / 2 + column * of + 0.5}
                  y={y(value)}
                  width={Math.max(1, column - 1)}
                  height={Math.max(0, TOP + high - y(value))}
                  rx={Math.min(3, column / 3)}
                  className={LOOKS[of]}
                />
              ))}
              {shown.has(at) && (
                <text x={Math.min(middle, width - 20)} y={HEIGHT - 6} textAnchor="middle" className="drawing-aside">
                  {group.name}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
