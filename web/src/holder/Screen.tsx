import type { ReactNode } from "react";
import { Link } from "react-router";

import { useWords } from "../i18n/language";
import { BackIcon } from "./icons";

interface Props {
  title: string;
  /** Where "back" leads; places of the bar have none. */
  back?: string;
  end?: ReactNode;
  wide?: boolean;
  children: ReactNode;
}

/** The frame of a screen: way back, heading, content. */
export function Screen({ title, back, end, wide = false, children }: Props) {
  const { t } = useWords();
  return (
    <main className={wide ? "page" : "page page-middle"}>
      <div className="screen-head">
        {back && (
          <Link to={back} className="round" aria-label={t("holder.back")}>
            <BackIcon />
          </Link>
        )}
        <h1>{title}</h1>
        {end && <div className="screen-end">{end}</div>}
      </div>
      {children}
    </main>
  );
}
