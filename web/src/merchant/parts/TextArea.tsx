import { useId, type ReactNode, type TextareaHTMLAttributes } from "react";

interface Props extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
}

export function TextArea({ label, hint, error, ...area }: Props) {
  const id = useId();
  const note = error || hint;
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea id={id} rows={4} aria-invalid={error ? true : undefined} aria-describedby={note ? `${id}-note` : undefined} {...area} />
      {note && (
        <p id={`${id}-note`} className={error ? "small bad" : "small quiet"}>
          {note}
        </p>
      )}
    </div>
  );
}
