import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { context, getBytes, post } from "../api/client";
import { meQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Dialog } from "../parts/Dialog";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { left } from "../session/leaving";
import { useMe } from "../session/session";

/** A copy of everything that is kept about the caller, and the end of it. */
export function MyData() {
  const { t } = useWords();
  const [erasing, setErasing] = useState(false);
  const take = useMutation({ mutationFn: () => getBytes("/people/me/export"), gcTime: 0 });
  const file = take.data;
  const address = useMemo(() => (file ? URL.createObjectURL(new Blob([file], { type: "application/json" })) : null), [file]);
  useEffect(() => () => (address ? URL.revokeObjectURL(address) : undefined), [address]);
  return (
    <section className="card" aria-labelledby="my-data">
      <h2 id="my-data">{t("data.title")}</h2>
      <p className="quiet">{t("data.export_text")}</p>
      {address ? (
        <a className="button" href={address} download="quanbao-my-data.json">
          {t("data.download")}
        </a>
      ) : (
        <button type="button" className="button button-quiet" disabled={take.isPending} onClick={() => take.mutate()}>
          {take.isPending ? t("common.working") : t("data.export")}
        </button>
      )}
      <ProblemNotice error={take.error} />
      <p className="quiet">{t("data.erase_text")}</p>
      <button type="button" className="button button-quiet" onClick={() => setErasing(true)}>
        {t("data.erase")}
      </button>
      {erasing && <EraseDialog onClose={() => setErasing(false)} />}
    </section>
  );
}

function EraseDialog({ onClose }: { onClose: () => void }) {
  const { t } = useWords();
  const client = useQueryClient();
  const navigate = useNavigate();
  const me = useMe();
  const [password, setPassword] = useState("");
  const [typed, setTyped] = useState("");
  const word = t("data.erase_word");
  const erase = useMutation({
    mutationFn: () => post("/people/me/erase", { password, confirm: "erase me" }),
    onSuccess: () => {
      context.csrf = "";
      left(me.session_id);
      client.clear();
      client.setQueryData(meQuery.queryKey, null);
      void navigate("/", { replace: true, state: { erased: true } });
    },
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (typed.trim() === word) erase.mutate();
  };
  return (
    <Dialog title={t("data.erase_title")} onClose={onClose}>
      <p>{t("data.erase_text")}</p>
      <form className="form" onSubmit={submit}>
        <Field
          label={t("data.erase_password")}
          hint={t("data.erase_password_hint")}
          type="password"
          value={password}
          autoFocus
          autoComplete="current-password"
          onChange={(event) => setPassword(event.target.value)}
        />
        <Field
          label={t("data.erase_confirm", { word })}
          value={typed}
          required
          autoComplete="off"
          onChange={(event) => setTyped(event.target.value)}
        />
        <ProblemNotice error={erase.error} />
        <div className="row">
          <button className="button" disabled={erase.isPending || typed.trim() !== word}>
            {t("data.erase_now")}
          </button>
          <button type="button" className="button button-quiet" onClick={onClose}>
            {t("common.cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
