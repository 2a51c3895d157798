import { createContext, useContext, useEffect, useState, type ReactNode } from "react";
import { useLocation, useNavigate } from "react-router";

const CODE = /^#([A-Za-z0-9_-]{20,100})$/;
const PLACES = new Set(["/verify", "/invitation", "/claim"]);
const NONE: Readonly<Record<string, string>> = {};

const Codes = createContext(NONE);

/**
 * Takes the one-time code of a mail's link, which stands behind `#` and so was never sent, out of the address at once.
 * It is kept in memory only, over signing in.
 */
export function MailedCodes({ children }: { children: ReactNode }) {
  const { pathname, hash } = useLocation();
  const navigate = useNavigate();
  const [codes, keep] = useState(NONE);
  useEffect(() => {
    const code = PLACES.has(pathname) ? CODE.exec(hash)?.[1] : undefined;
    if (code === undefined) return;
    keep((known) => ({ ...known, [pathname]: code }));
    void navigate(pathname, { replace: true });
  }, [pathname, hash, navigate]);
  return <Codes value={codes}>{children}</Codes>;
}

/** The code that the link to this place brought, if one did. */
export function useMailedCode(place: string): string {
  return useContext(Codes)[place] ?? "";
}
