import { useState } from "react";

import { useWords } from "../../i18n/language";
import { isLargeType, setLargeType } from "./largeType";

/** The switch of larger letters. */
export function LargeType() {
  const { t } = useWords();
  const [large, tell] = useState(isLargeType);
  return (
    <section className="card" aria-label={t("type.large")}>
      <label className="check">
        <input
          type="checkbox"
          role="switch"
          checked={large}
          onChange={(event) => {
            setLargeType(event.target.checked);
            tell(event.target.checked);
          }}
        />
        <span>
          <strong>{t("type.large")}</strong>
          <br />
          <span className="quiet small">{t("type.large_hint")}</span>
        </span>
      </label>
    </section>
  );
}
