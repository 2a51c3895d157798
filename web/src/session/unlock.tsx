import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useRef, useState, type FormEvent, type ReactNode } from "react";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { passkeysQuery } from "../safety/queries";
import { Trouble } from "../safety/Trouble";
import { askPasskey, knowsPasskeys, PasskeyTrouble, servedByName, type Options } from "../safety/webauthn";

/** Runs an act; when the keys are locked, asks for the passphrase and runs it again. Null: the person gave up. */
export type WithUnlock = <T>(act: () => Promise<T>) => Promise<T | null>;

const Unlocking = createContext<WithUnlock | null>(null);

export function UnlockProvider({ children }: { children: ReactNode }) {
  const [asking, setAsking] = useState(false);
  const answer = useRef<(unlocked: boolean) => void>(() => undefined);

  const settle = useCallback((unlocked: boolean) => {
    setAsking(false);
    answer.current(unlocked);
  }, []);

  const withUnlock = useCallback<WithUnlock>(async (act) => {
    for (;;) {
      try {
        return await act();
      } catch (error) {
        if (!(error instanceof Problem) || error.status !== 423) throw error;
      }
      const unlocked = await new Promise<boolean>((resolve) => {
        answer.current = resolve;
        setAsking(true);
      });
      if (!unlocked) return null;
    }
  }, []);

  return (
    <Unlocking value={withUnlock}>
      {children}
      {asking && <UnlockDialog settle={settle} />}
    </Unlocking>
  );
}

export function useUnlock(): WithUnlock {
  const withUnlock = useContext(Unlocking);
  if (withUnlock === null) throw new Error("useUnlock outside of UnlockProvider");
  return withUnlock;
}

function UnlockDialog({ settle }: { settle: (unlocked: boolean) => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [passphrase, setPassphrase] = useState("");
  const unlocked = async () => {
    await client.invalidateQueries({ queryKey: meQuery.queryKey });
    settle(true);
  };
  const unlock = useMutation({ mutationFn: () => post("/auth/unlock", { passphrase }), onSuccess: unlocked });
  const usable = knowsPasskeys() && servedByName();
  const opens = useQuery({ ...passkeysQuery, enabled: usable }).data?.some((passkey) => passkey.unlocks_keys);
  const byPasskey = useMutation({
    mutationFn: async () => {
      const { credential, deviceAnswer } = await askPasskey(await post<Options>("/auth/passkeys/unlock/options"));
      if (deviceAnswer === null) throw new PasskeyTrouble("no_prf");
      await post("/auth/passkeys/unlock", { credential, device_answer: deviceAnswer });
    },
    onSuccess: unlocked,
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    unlock.mutate();
  };
  return (
    <Dialog title={t("unlock.title")} onClose={() => settle(false)}>
      <p className="quiet">{t("unlock.why")}</p>
      <form className="form" onSubmit={submit}>
        <Field
          label={t("unlock.passphrase")}
          type="password"
          value={passphrase}
          required
          autoFocus
          autoComplete="off"
          onChange={(event) => setPassphrase(event.target.value)}
        />
        <ProblemNotice error={unlock.error} />
        {opens && (
          <button type="button" className="button button-quiet" disabled={byPasskey.isPending} onClick={() => byPasskey.mutate()}>
            {t("unlock.passkey")}
          </button>
        )}
        <Trouble error={byPasskey.error} />
        <div className="row">
          <button className="button" disabled={unlock.isPending}>
            {t("unlock.submit")}
          </button>
          <button type="button" className="button button-quiet" onClick={() => settle(false)}>
            {t("common.cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
