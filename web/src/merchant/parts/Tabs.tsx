import { NavLink } from "react-router";

/** Pages that belong together; each has an address of its own. */
export function Tabs({ label, tabs }: { label: string; tabs: readonly (readonly [to: string, name: string])[] }) {
  return (
    <nav className="subtabs" aria-label={label}>
      {tabs.map(([to, name]) => (
        <NavLink key={to} to={to} end>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}
