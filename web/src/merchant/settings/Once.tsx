import { useWords } from "../../i18n/language";
import { CopyText } from "../../parts/CopyText";

/** A secret that is shown this once. */
export function Once({ text, label }: { text: string; label: string }) {
  const { t } = useWords();
  return (
    <div className="notice notice-warn" role="status">
      <strong>{label}</strong>
      <p className="small">{t("settings.once")}</p>
      <CopyText text={text} label={label} whole />
    </div>
  );
}
