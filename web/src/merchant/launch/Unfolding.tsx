import { useState, type ReactNode } from "react";

interface Props {
  name: string;
  /** Something in it is set already, or wrong: then it is shown. */
  needed: boolean;
  children: ReactNode;
}

/** What most shops leave as it is. */
export function Unfolding({ name, needed, children }: Props) {
  const [isOpen, setOpen] = useState(needed);
  return (
    <details open={isOpen || needed} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{name}</summary>
      <div className="inset-top">{children}</div>
    </details>
  );
}
