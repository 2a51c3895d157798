import { useWords } from "../i18n/language";

/** Where setting up stands; `at` counts from 0. */
export function SetupSteps({ at }: { at: number }) {
  const { t } = useWords();
  const names = [t("wallet.step_make"), t("wallet.step_write"), t("wallet.step_check")];
  return (
    <ol className="path" aria-label={t("wallet.steps")}>
      {names.map((name, place) => (
        <li key={name} className={place <= at ? "path-done" : undefined} aria-current={place === at ? "step" : undefined}>
          {name}
        </li>
      ))}
    </ol>
  );
}
