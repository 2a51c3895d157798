import type { ReactNode } from "react";
import { Link } from "react-router";

interface Props {
  title: ReactNode;
  /** Where this page belongs to. */
  back?: readonly [to: string, name: string];
  chip?: ReactNode;
  children?: ReactNode;
}

/** A page's title, with what can be done at its end. */
export function Heading({ title, back, chip, children }: Props) {
  return (
    <header className="heading">
      {back && (
        <Link to={back[0]} className="small">
          ← {back[1]}
        </Link>
      )}
      <div className="row-between">
        <div className="row">
          <h1>{title}</h1>
          {chip}
        </div>
        {children && <div className="row">{children}</div>}
      </div>
    </header>
  );
}
