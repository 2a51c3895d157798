import { useEffect, useId, useRef } from "react";

import type { Me } from "../api/types";
import { useWords } from "../i18n/language";
import { left } from "./leaving";
import { SignInForm } from "./SignInForm";

/** Covers the page of somebody whose session has ended: nothing of it is seen, and what was typed is there afterwards. */
export function SignInAgain({ who }: { who: Me }) {
  const { t } = useWords();
  const place = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const show = () => {
    if (place.current && !place.current.open) place.current.showModal();
  };
  useEffect(() => {
    show();
    // The address is known already.
    if (who.person.email) place.current?.querySelector<HTMLElement>("input[type=password]")?.focus();
  }, [who.person.email]);
  return (
    <dialog
      ref={place}
      className="cover"
      aria-labelledby={heading}
      onCancel={(event) => event.preventDefault()}
      // Some browsers close it at a second Escape all the same.
      onClose={show}
    >
      <h2 id={heading}>{t("session.again")}</h2>
      <p>{t("session.ended", { name: who.person.display_name })}</p>
      <SignInForm email={who.person.email ?? ""} />
      <button type="button" className="button button-plain" onClick={() => left(who.session_id)}>
        {t("session.leave")}
      </button>
    </dialog>
  );
}
