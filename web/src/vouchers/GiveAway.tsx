import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import { vouchersQuery } from "../api/queries";
import type { Voucher } from "../api/types";
import { addressOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { looksLikeAddress } from "./address";
import type { VoucherTransfer } from "./shapes";

/** Hands a voucher on, where its terms allow it. */
export function GiveAway({ voucher }: { voucher: Voucher }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [recipient, setRecipient] = useState("");
  const [refused, setRefused] = useState<string | null>(null);
  const chain = name(voucher.chain);
  const give = useMutation({
    mutationFn: (to: string) =>
      withUnlock(() =>
        post<VoucherTransfer>(`/vouchers/${voucher.id}/transfer`, { recipient: `${voucher.chain}:${to}` }, { act: "give" }),
      ),
    onSettled: () => client.invalidateQueries({ queryKey: vouchersQuery.queryKey }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const to = recipient.trim();
    if (!looksLikeAddress(voucher.chain, to)) setRefused(t("voucher.give_bad", { chain }));
    else if (to.toLowerCase() === addressOf(voucher.holder).toLowerCase()) setRefused(t("voucher.give_self"));
    else give.mutate(to);
  };
  if (give.data) {
    return (
      <p className="notice notice-good" role="status">
        {t("voucher.giving", { address: shortId(recipient.trim()) })}
      </p>
    );
  }
  return (
    <details className="card give">
      <summary>{t("voucher.give")}</summary>
      <form className="form" onSubmit={submit}>
        <p className="small">
          {t("voucher.give_text", { chain })}{" "}
          {t(voucher.chain.startsWith("solana:") ? "voucher.give_fee_solana" : "voucher.give_fee_evm")}
        </p>
        <Field
          label={t("voucher.give_to")}
          value={recipient}
          required
          autoComplete="off"
          spellCheck={false}
          error={refused}
          onChange={(event) => {
            setRecipient(event.target.value);
            setRefused(null);
          }}
        />
        <ProblemNotice error={give.error} />
        <button className="button" disabled={give.isPending}>
          {give.isPending ? t("common.working") : t("voucher.give_submit")}
        </button>
      </form>
    </details>
  );
}
