import type { ReactNode } from "react";

/** Nothing to show, and what to do about it. */
export function Empty({ children, act }: { children: ReactNode; act?: ReactNode }) {
  return (
    <div className="empty">
      <p>{children}</p>
      {act}
    </div>
  );
}
