import { useWords } from "../../i18n/language";
import type { Template } from "../shapes";
import { shapeOf, welcomes } from "./kinds";

interface Props {
  templates: readonly Template[];
  chosen: Template | null;
  onChoose: (template: Template) => void;
}

/** What kind of voucher: the API's templates, each with what it is for. */
export function KindStep({ templates, chosen, onChoose }: Props) {
  const { t } = useWords();
  return (
    <ul className="kinds">
      {templates.map((template) => (
        <li key={template.id}>
          <button type="button" className="kind" aria-pressed={chosen?.id === template.id} onClick={() => onChoose(template)}>
            <span className="kind-figure" aria-hidden="true">
              {t(welcomes(template) ? "launch.mark_newcomer" : `launch.mark_${shapeOf(template) as "cash"}`)}
            </span>
            <strong>{template.name}</strong>
            <span className="quiet small">{template.about}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
