import { useId, type ReactNode, type SelectHTMLAttributes } from "react";

interface Props extends SelectHTMLAttributes<HTMLSelectElement> {
  label: ReactNode;
  hint?: ReactNode;
}

export function Select({ label, hint, children, ...select }: Props) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} aria-describedby={hint ? `${id}-note` : undefined} {...select}>
        {children}
      </select>
      {hint && (
        <p id={`${id}-note`} className="small quiet">
          {hint}
        </p>
      )}
    </div>
  );
}
