import { useWords } from "../../i18n/language";

const GROUPS = ["order", "campaign", "voucher", "claim", "issuance", "trigger", "payment", "redemption", "case", "gift", "settlement"] as const;

/** Which events are sent: everything, or some groups. */
export function EventChoice({ events, onChange }: { events: readonly string[]; onChange: (events: readonly string[]) => void }) {
  const { t } = useWords();
  const all = events.includes("*");
  const toggle = (name: string, on: boolean) => onChange(on ? [...events.filter((one) => one !== name), name] : events.filter((one) => one !== name));
  return (
    <fieldset>
      <legend>{t("webhook.events")}</legend>
      <label className="check small">
        <input type="checkbox" checked={all} onChange={(event) => onChange(event.target.checked ? ["*"] : ["order.*"])} />
        {t("webhook.all")}
      </label>
      {!all && (
        <div className="checks">
          {GROUPS.map((group) => (
            <label key={group} className="check small">
              <input type="checkbox" checked={events.includes(`${group}.*`)} onChange={(event) => toggle(`${group}.*`, event.target.checked)} />
              {t(`webhook.group_${group}`)}
            </label>
          ))}
        </div>
      )}
    </fieldset>
  );
}
