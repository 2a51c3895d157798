import { useWords } from "../i18n/language";
import { parseMinor } from "../money";
import { Field } from "../parts/Field";

const KEYS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", ".", "0", "⌫"] as const;
const LONGEST = 15;

/** An amount by its keys, or by a keyboard where there is one. */
export function AmountPad({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const { t } = useWords();
  const malformed = value !== "" && parseMinor(value) === null && !/^0?[.]?0*$|\.$/.test(value);
  const press = (key: string) => {
    if (key === "⌫") onChange(value.slice(0, -1));
    else if (value.length < LONGEST && !(key === "." && value.includes(".")) && !/\.\d\d$/.test(value)) onChange(value + key);
  };
  return (
    <>
      <div className="till-amount">
        {/* The phone's own keyboard would cover the keys below. */}
        <Field
          label={t("till.amount")}
          before="¥"
          value={value}
          inputMode="none"
          autoComplete="off"
          autoFocus
          placeholder="0.00"
          error={malformed ? t("till.bad_amount") : null}
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <div className="keys">
        {KEYS.map((key) => (
          <button key={key} type="button" className="key" aria-label={key === "⌫" ? t("till.key_delete") : undefined} onClick={() => press(key)}>
            {key}
          </button>
        ))}
      </div>
    </>
  );
}
