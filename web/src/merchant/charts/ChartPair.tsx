import { useId, type ReactNode } from "react";

import { Table, type Column } from "../parts/Table";

interface Props<T> {
  title: string;
  note?: ReactNode;
  chart: ReactNode;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T, place: number) => string;
  actions?: ReactNode;
}

/** A drawing with the figures that it is drawn from beside it. */
export function ChartPair<T>({ title, note, chart, columns, rows, keyOf, actions }: Props<T>) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={id}>
      <div className="row-between">
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {note && <p className="quiet small">{note}</p>}
      <div className="chart-pair">
        <div className="chart">{chart}</div>
        <Table caption={title} columns={columns} rows={rows} keyOf={keyOf} />
      </div>
    </section>
  );
}
