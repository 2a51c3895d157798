import type { ReactNode } from "react";

export interface Tile {
  name: string;
  value: ReactNode;
  note?: ReactNode;
  testId?: string;
}

/** Figures side by side. */
export function Tiles({ tiles }: { tiles: readonly Tile[] }) {
  return (
    <dl className="tiles">
      {tiles.map((tile) => (
        <div key={tile.name}>
          <dt>{tile.name}</dt>
          <dd>
            <span data-testid={tile.testId}>{tile.value}</span>
            {tile.note && <small>{tile.note}</small>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
