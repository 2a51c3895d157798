import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, remove } from "../api/client";
import type { Passkey } from "../api/types";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useMe } from "../session/session";
import { passkeysQuery } from "./queries";
import { Trouble } from "./Trouble";
import { askPasskey, createPasskey, knowsPasskeys, PasskeyTrouble, servedByName, type Options } from "./webauthn";

/** Passkeys of the caller: add, remove, and let one unlock the keys. */
export function Passkeys() {
  const { t, date } = useWords();
  const me = useMe();
  const client = useQueryClient();
  const { data, error } = useQuery(passkeysQuery);
  const changed = async () => {
    await client.invalidateQueries({ queryKey: passkeysQuery.queryKey });
    await client.invalidateQueries({ queryKey: ["check-up"] });
  };
  const drop = useMutation({ mutationFn: (id: string) => remove(`/auth/passkeys/${id}`), onSettled: changed });
  const usable = knowsPasskeys() && servedByName();
  return (
    <section className="card" aria-labelledby="passkeys">
      <h2 id="passkeys">{t("passkey.title")}</h2>
      <p className="quiet">{t("passkey.text")}</p>
      {!data && !error && <Loading />}
      {data?.length === 0 && <p className="quiet small">{t("passkey.none")}</p>}
      <ul className="plain">
        {data?.map((passkey) => (
          <li key={passkey.id} className="row-between">
            <span>
              {passkey.label} {passkey.unlocks_keys && <span className="chip chip-good">{t("passkey.unlocks")}</span>}
              <br />
              <span className="quiet small">
                {t("passkey.added", { date: date(passkey.created_at) })}
                {passkey.last_used_at && ` · ${t("passkey.used", { date: date(passkey.last_used_at) })}`}
              </span>
            </span>
            <button
              type="button"
              className="button button-quiet"
              disabled={drop.isPending}
              aria-label={t("passkey.remove_name", { name: passkey.label })}
              onClick={() => drop.mutate(passkey.id)}
            >
              {t("passkey.remove")}
            </button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={drop.error ?? error} />
      {usable ? <AddPasskey onAdded={changed} /> : <Unusable />}
      {usable && me.passphrase_set && data?.some((passkey) => !passkey.unlocks_keys) && <LetUnlock onAdded={changed} />}
    </section>
  );
}

function Unusable() {
  const { t } = useWords();
  if (servedByName()) return <p className="notice notice-warn">{t("passkey.unsupported")}</p>;
  const here = location.hostname === "127.0.0.1";
  const host = `localhost${location.port && `:${location.port}`}`;
  return (
    <div className="notice notice-warn">
      <p>{t("passkey.by_name")}</p>
      {here && <a href={`${location.protocol}//${host}/safety`}>{t("passkey.open_by_name", { host })}</a>}
    </div>
  );
}

function AddPasskey({ onAdded }: { onAdded: () => Promise<void> }) {
  const { t } = useWords();
  const [label, setLabel] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      const credential = await createPasskey(await post<Options>("/auth/passkeys/options"));
      await post<Passkey>("/auth/passkeys", { label: label.trim(), credential });
    },
    onSuccess: () => {
      setLabel("");
      return onAdded();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="row row-end">
        <Field
          label={t("passkey.name")}
          value={label}
          required
          maxLength={120}
          autoComplete="off"
          onChange={(event) => setLabel(event.target.value)}
        />
        <button className="button" disabled={add.isPending}>
          {add.isPending ? t("common.working") : t("passkey.add")}
        </button>
      </div>
      <Trouble error={add.error} />
    </form>
  );
}

/** The passphrase is asked once more: the device's answer then wraps the same master key. */
function LetUnlock({ onAdded }: { onAdded: () => Promise<void> }) {
  const { t } = useWords();
  const [passphrase, setPassphrase] = useState("");
  const add = useMutation({
    mutationFn: async () => {
      const { credential, deviceAnswer } = await askPasskey(await post<Options>("/auth/passkeys/unlock/options"));
      if (deviceAnswer === null) throw new PasskeyTrouble("no_prf");
      await post("/auth/passkeys/unlock-keys", { passphrase, credential, device_answer: deviceAnswer });
    },
    onSuccess: () => {
      setPassphrase("");
      return onAdded();
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <h3>{t("passkey.let_unlock")}</h3>
      <p className="quiet small">{t("passkey.let_unlock_text")}</p>
      <div className="row row-end">
        <Field
          label={t("unlock.passphrase")}
          type="password"
          value={passphrase}
          required
          autoComplete="off"
          onChange={(event) => setPassphrase(event.target.value)}
        />
        <button className="button button-quiet" disabled={add.isPending}>
          {add.isPending ? t("common.working") : t("passkey.let_unlock")}
        </button>
      </div>
      <Trouble error={add.error} />
      {add.isSuccess && (
        <p className="good small" role="status">
          {t("passkey.let_unlock_done")}
        </p>
      )}
    </form>
  );
}
