import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { Link } from "react-router";

import { put, remove } from "../api/client";
import { addressOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Dialog } from "../parts/Dialog";
import { Facts } from "../parts/Facts";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import type { Happening } from "./shapes";

const MOST = 500;

/** One line of activity with the facts of its transaction, and the person's own note. */
export function HappeningDialog({ happening, onClose }: { happening: Happening; onClose: () => void }) {
  const { t, date, time } = useWords();
  const { name } = useChainNames();
  const { facts, tx_hash: hash } = happening;
  const other = happening.counterparty;
  return (
    <Dialog title={t("activity.detail")} onClose={onClose}>
      <p className="saying">{happening.text}</p>
      <Facts
        rows={[
          [t("activity.when"), `${date(happening.at)} ${time(happening.at)}`],
          [t("common.chain"), name(happening.chain)],
          [t("common.account"), <CopyText key="a" text={addressOf(happening.account)} label={t("common.account")} />],
          [t("activity.shop"), facts.shop],
          [t("activity.known_as"), facts.known_as === facts.shop ? null : facts.known_as],
          [t("activity.counterparty"), other && !facts.faucet && <CopyText key="o" text={addressOf(other)} label={t("activity.counterparty")} />],
          [t("common.transaction"), hash && <CopyText key="t" text={hash} label={t("common.transaction")} />],
          [t("common.block"), happening.height],
          [t("activity.fee"), happening.fee && `${happening.fee.text} ${happening.fee.symbol ?? ""}`],
          [t("voucher.number"), facts.voucher && <CopyText key="v" text={facts.voucher} label={t("voucher.number")} />],
          [t("activity.support"), facts.reference && <CopyText key="p" text={facts.reference} label={t("activity.support")} />],
        ]}
      />
      {facts.order && (
        <Link to={`/pay/${facts.order}`} className="button button-quiet">
          {t("activity.open_order")}
        </Link>
      )}
      {facts.payment && happening.kind === "transfer" && (
        <Link to={`/holder/transfers/${facts.payment}`} className="button button-quiet">
          {t("activity.open_payment")}
        </Link>
      )}
      <Note happening={happening} />
      <button type="button" className="button button-plain" onClick={onClose}>
        {t("activity.close")}
      </button>
    </Dialog>
  );
}

function Note({ happening }: { happening: Happening }) {
  const { t } = useWords();
  const client = useQueryClient();
  const [note, setNote] = useState(happening.note ?? "");
  const path = `/activity/${encodeURIComponent(happening.id)}/note`;
  const keep = useMutation({
    mutationFn: (text: string) => (text === "" ? remove(path) : put(path, { note: text })),
    onSuccess: () => client.invalidateQueries({ queryKey: ["activity"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate(note.trim());
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="row row-end">
        <Field
          label={t("activity.note")}
          hint={t("activity.note_hint")}
          value={note}
          maxLength={MOST}
          onChange={(event) => setNote(event.target.value)}
        />
      </div>
      <div className="row">
        <button className="button button-quiet" disabled={keep.isPending || note.trim() === (happening.note ?? "")}>
          {t(note.trim() === "" && happening.note ? "activity.note_remove" : "activity.note_save")}
        </button>
        {keep.isSuccess && (
          <span className="good small" role="status">
            {t("activity.note_saved")}
          </span>
        )}
      </div>
      <ProblemNotice error={keep.error} />
    </form>
  );
}
