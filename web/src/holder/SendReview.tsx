import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";

import { post } from "../api/client";
import { Problem } from "../api/problem";
import { portfolioQuery } from "../api/queries";
import type { ChainAmount } from "../api/types";
import { addressOf, chainOf, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText, decimalText } from "../money";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useUnlock } from "../session/unlock";
import { DeniedNotice, isDenied } from "./DeniedNotice";
import { isNative } from "./holding";
import { keepWish } from "./keptWishes";
import { contactsQuery, isOver } from "./queries";
import type { Transfer, TransferPreview, TransferWish } from "./shapes";
import { openWarnings } from "./warnings";
import { Worth } from "./worth";

/** The second look: what would happen, what it costs, and what must be read and accepted first. */
export function SendReview({ wish, onChange }: { wish: TransferWish; onChange: () => void }) {
  const { t, language } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const withUnlock = useUnlock();
  const [accepted, setAccepted] = useState<ReadonlySet<string>>(new Set());
  // What the signing itself warns of, beyond the preview.
  const [found, setFound] = useState<readonly { code: string; message: string }[]>([]);
  const preview = useQuery({
    queryKey: ["preview", wish, language],
    queryFn: () => post<TransferPreview>("/transfers/preview", wish),
    retry: false,
    gcTime: 0,
  });
  const send = useMutation({
    mutationFn: () => {
      const body = { ...wish, accept_warnings: [...accepted].sort() };
      return withUnlock(async () => {
        let key = "";
        const transfer = await post<Transfer>("/transfers", body, { act: "transfer", onKey: (used) => (key = used) });
        // It waits for a word, or the keys were locked meanwhile: the same request signs it later.
        if (!isOver(transfer.status) && transfer.tx_hash === null) keepWish(transfer.id, { key, wish: body });
        return transfer;
      });
    },
    onSuccess: async (transfer) => {
      if (transfer === null) return;
      await client.invalidateQueries({ queryKey: portfolioQuery.queryKey });
      await client.invalidateQueries({ queryKey: ["activity"] });
      void navigate(`/holder/transfers/${transfer.id}`, { replace: true });
    },
    onError: (error) => {
      const open = openWarnings(error);
      if (open.length > 0) setFound(open);
    },
  });
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);

  if (preview.error) {
    const passes = preview.error instanceof Problem && preview.error.retryable;
    return (
      <>
        <ProblemNotice error={preview.error} again={passes ? () => void preview.refetch() : undefined} />
        <button type="button" className="button button-quiet" onClick={onChange}>
          {t("preview.change")}
        </button>
      </>
    );
  }
  if (preview.data === undefined) return <Loading text={t("preview.checking")} />;
  const data = preview.data;
  const known = new Set(data.warnings.map((warning) => warning.code));
  const warnings = [...data.warnings, ...found.filter((one) => !known.has(one.code))];
  const isReady = warnings.every((warning) => accepted.has(warning.code));
  const accept = (code: string, yes: boolean) => {
    const next = new Set(accepted);
    if (yes) next.add(code);
    else next.delete(code);
    setAccepted(next);
  };
  return (
    <section className="card review" aria-labelledby="review">
      <h2 id="review" ref={heading} tabIndex={-1}>
        {t("preview.title")}
      </h2>
      <div className="review-sum">
        <p className="total-figure">{chainAmountText(data.amount)}</p>
        <Worth amount={data.amount} />
      </div>
      <PreviewFacts preview={data} />
      <Simulation preview={data} />
      {warnings.length > 0 && (
        <fieldset className="warnings">
          <legend>{t("preview.warnings")}</legend>
          {warnings.map((warning) => (
            <div key={warning.code} className="notice notice-warn">
              <p>{warning.message}</p>
              <label className="check">
                <input
                  type="checkbox"
                  checked={accepted.has(warning.code)}
                  onChange={(event) => accept(warning.code, event.target.checked)}
                />
                {t("preview.accept")}
              </label>
            </div>
          ))}
        </fieldset>
      )}
      {isDenied(send.error) ? (
        <DeniedNotice error={send.error} />
      ) : openWarnings(send.error).length > 0 ? null : (
        <ProblemNotice error={send.error} />
      )}
      <div className="review-acts">
        <button
          type="button"
          className="button button-large"
          disabled={!isReady || send.isPending}
          onClick={() => send.mutate()}
        >
          {send.isPending ? t("preview.sending") : t("preview.send", { amount: chainAmountText(data.amount) })}
        </button>
        <button type="button" className="button button-plain" disabled={send.isPending} onClick={onChange}>
          {t("preview.change")}
        </button>
      </div>
    </section>
  );
}

function PreviewFacts({ preview }: { preview: TransferPreview }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const contacts = useQuery(contactsQuery).data ?? [];
  const friend = contacts.find((contact) => contact.account === preview.recipient)?.name;
  const left = BigInt(preview.balance.base_units) - BigInt(preview.amount.base_units);
  const rest: ChainAmount = { ...preview.balance, base_units: (left < 0n ? 0n : left).toString() };
  const dataFee = preview.data_fee?.base_units === "0" ? null : preview.data_fee;
  return (
    <Facts
      rows={[
        [
          t("preview.to"),
          <span key="to" className="stacked">
            {friend && <strong>{friend}</strong>}
            <CopyText text={addressOf(preview.recipient)} label={t("preview.to")} whole />
          </span>,
        ],
        [t("common.chain"), name(chainOf(preview.recipient))],
        [
          t("preview.fee"),
          <span key="fee" className="stacked">
            {chainAmountText(preview.fee_limit)}
            <Worth amount={preview.fee_limit} />
          </span>,
        ],
        [t("preview.data_fee"), dataFee && chainAmountText(dataFee)],
        [t("preview.time"), preview.expected_seconds && t("send.seconds", { seconds: preview.expected_seconds })],
        [
          t("preview.after"),
          <span key="left" className="stacked">
            {chainAmountText(rest)}
            {isNative(preview.amount.asset) && <span className="quiet small">{t("preview.after_fee")}</span>}
          </span>,
        ],
      ]}
    />
  );
}

/** What each account gives and gets, as a node has tried it. */
function Simulation({ preview }: { preview: TransferPreview }) {
  const { t } = useWords();
  const changes = preview.balance_changes;
  if (changes === null) return <p className="quiet small">{t("preview.not_simulated")}</p>;
  return (
    <details className="small" open>
      <summary>{t("preview.simulation")}</summary>
      <p className="quiet">{t("preview.simulated")}</p>
      <ul className="plain">
        {changes.map((change) => {
          const units = BigInt(change.base_units);
          const size = units < 0n ? -units : units;
          const same = change.asset === preview.amount.asset ? preview.amount : preview.fee_limit;
          return (
            <li key={`${change.account} ${change.asset}`} className="row-between">
              {change.account === preview.sender ? (
                <span>{t("preview.you")}</span>
              ) : (
                <CopyText text={addressOf(change.account)} label={t("common.account")} />
              )}
              <span className={units < 0n ? "figures" : "figures good"}>
                {units < 0n ? "−" : "+"}
                {decimalText(size, same.decimals, 2)} {same.symbol}
              </span>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
