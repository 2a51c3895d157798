import type { ReactNode } from "react";

export interface Column<T> {
  name: ReactNode;
  of: (row: T) => ReactNode;
  /** Figures stand at the end of their column. */
  figures?: boolean;
}

interface Props<T> {
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T, place: number) => string;
}

/** A table that scrolls by itself where it is wider than the page. */
export function Table<T>({ caption, columns, rows, keyOf }: Props<T>) {
  return (
    <div className="table-scroll" tabIndex={0} role="group" aria-label={caption}>
      <table className="table">
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th key={place} scope="col" className={column.figures ? "end" : undefined}>
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={keyOf(row, at)}>
              {columns.map((column, place) => (
                <td key={place} className={column.figures ? "end figures" : undefined}>
                  {column.of(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
