import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { post } from "../api/client";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { useMe } from "../session/session";

export interface FirstSecret {
  /** Whether the person has none yet and chooses it now. */
  asked: boolean;
  passphrase: string;
  repeated: string;
  differs: boolean;
  fits: boolean;
  type: (passphrase: string) => void;
  repeat: (repeated: string) => void;
  /** Sets it where there is none, and unlocks. */
  set: () => Promise<void>;
}

export function useFirstPassphrase(): FirstSecret {
  const me = useMe();
  const client = useQueryClient();
  const [asked] = useState(!me.passphrase_set);
  const [passphrase, type] = useState("");
  const [repeated, repeat] = useState("");
  const set = async () => {
    if (asked && !me.passphrase_set) {
      await post("/auth/passphrase", { passphrase });
      await client.invalidateQueries({ queryKey: meQuery.queryKey });
    }
    if (asked) await post("/auth/unlock", { passphrase });
  };
  const differs = asked && repeated !== "" && repeated !== passphrase;
  return { asked, passphrase, repeated, differs, fits: !asked || repeated === passphrase, type, repeat, set };
}

/** Two fields, only for who has no passphrase yet. */
export function FirstPassphrase({ secret }: { secret: FirstSecret }) {
  const { t } = useWords();
  if (!secret.asked) return null;
  return (
    <>
      <p>{t("wallet.passphrase_text")}</p>
      <Field
        label={t("wallet.passphrase_new")}
        hint={t("wallet.passphrase_hint")}
        type="password"
        value={secret.passphrase}
        required
        minLength={8}
        autoComplete="new-password"
        onChange={(event) => secret.type(event.target.value)}
      />
      <Field
        label={t("wallet.passphrase_repeat")}
        type="password"
        value={secret.repeated}
        required
        autoComplete="new-password"
        error={secret.differs ? t("wallet.passphrase_differs") : null}
        onChange={(event) => secret.repeat(event.target.value)}
      />
    </>
  );
}
