import { Link } from "react-router";

import { useWords } from "../i18n/language";

/** To where a wallet is made, for who has none. */
export function FirstWallet() {
  const { t } = useWords();
  return (
    <Link to="/holder" className="button">
      {t("wallet.none_title")}
    </Link>
  );
}
