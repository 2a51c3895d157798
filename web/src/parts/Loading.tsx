import { useWords } from "../i18n/language";

export function Loading({ text }: { text?: string }) {
  const { t } = useWords();
  return (
    <p className="loading" role="status">
      <span className="spinner" aria-hidden="true" />
      {text ?? t("common.loading")}
    </p>
  );
}
