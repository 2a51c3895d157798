import { useId, type ReactNode } from "react";

interface Props<T extends string> {
  label: string;
  value: T;
  options: readonly (readonly [T, ReactNode, ReactNode?])[];
  onChange: (value: T) => void;
  /** Whether the label is only for those who cannot see the group. */
  quietly?: boolean;
}

/** One of a few, all in sight: radio buttons that look like a row of keys. */
export function Choice<T extends string>({ label, value, options, onChange, quietly = false }: Props<T>) {
  const name = useId();
  return (
    <fieldset className="choice">
      <legend className={quietly ? "unseen" : undefined}>{label}</legend>
      <div className="choice-row">
        {options.map(([key, text, note]) => (
          <label key={key}>
            <input type="radio" name={name} value={key} checked={key === value} onChange={() => onChange(key)} />
            <span>
              {text}
              {note && <small>{note}</small>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
