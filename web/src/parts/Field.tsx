import { useId, type InputHTMLAttributes, type ReactNode } from "react";

interface Props extends InputHTMLAttributes<HTMLInputElement> {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
  before?: string;
}

export function Field({ label, hint, error, before, ...input }: Props) {
  const id = useId();
  const note = error || hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className={before ? "input input-led" : "input"}>
        {before && <span aria-hidden="true">{before}</span>}
        <input id={id} aria-invalid={error ? true : undefined} aria-describedby={note ? `${id}-note` : undefined} {...input} />
      </div>
      {note && (
        <p id={`${id}-note`} className={error ? "small bad" : "small quiet"}>
          {note}
        </p>
      )}
    </div>
  );
}
