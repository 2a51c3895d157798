import type { Organisation } from "../api/types";
import { useWords } from "../i18n/language";

interface Props {
  organisations: readonly Organisation[];
  organisation: Organisation;
  onChoose: (id: string) => void;
}

/** The shop's name; a choice when there are several. */
export function OrganisationChoice({ organisations, organisation, onChoose }: Props) {
  const { t } = useWords();
  if (organisations.length === 1) return <span className="chip">{organisation.name}</span>;
  return (
    <select aria-label={t("merchant.choose")} value={organisation.id} onChange={(event) => onChoose(event.target.value)}>
      {organisations.map((found) => (
        <option key={found.id} value={found.id}>
          {found.name}
        </option>
      ))}
    </select>
  );
}
