import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import type { Campaign } from "../../api/types";
import { useChainNames } from "../../chains";
import { useWords } from "../../i18n/language";
import { chainAmountText } from "../../money";
import { Dialog } from "../../parts/Dialog";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Choice } from "../parts/Choice";

/** Base units of what was typed in the asset's whole units; null when it is no amount above zero. */
function unitsOf(text: string, decimals: number): string | null {
  const match = /^(\d{1,18})(?:\.(\d+))?$/.exec(text.replace(/[,，\s]/g, ""));
  const fraction = match?.[2] ?? "";
  if (match === null || fraction.length > decimals) return null;
  const units = BigInt((match[1] ?? "0") + fraction.padEnd(decimals, "0"));
  return units > 0n ? units.toString() : null;
}

/** More money for one chain's escrow. */
export function FundDialog({ campaign, fund }: { campaign: Campaign; fund: (body: { chain: string; base_units: string }) => Promise<unknown> }) {
  const { t } = useWords();
  const { name } = useChainNames();
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState("");
  const [amount, setAmount] = useState("");
  const lane = campaign.lanes.find((found) => found.chain === chosen) ?? campaign.lanes[0];
  const units = lane ? unitsOf(amount, lane.full_funding.decimals) : null;
  const pay = useMutation({
    mutationFn: fund,
    onSuccess: () => {
      setOpen(false);
      setAmount("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (lane && units) pay.mutate({ chain: lane.chain, base_units: units });
  };
  if (lane === undefined) return null;
  return (
    <>
      <button type="button" className="button button-quiet button-small" onClick={() => setOpen(true)}>
        {t("acts.fund")}
      </button>
      {open && (
        <Dialog title={t("acts.fund_title")} onClose={() => setOpen(false)}>
          <p className="quiet small">{t("acts.fund_text")}</p>
          <form className="form" onSubmit={submit}>
            <Choice
              label={t("common.chain")}
              value={lane.chain}
              onChange={(event) => setChosen(event.target.value)}
              options={campaign.lanes.map((one) => [one.chain, name(one.chain)])}
            />
            <Field
              label={t("acts.fund_amount", { symbol: lane.full_funding.symbol })}
              inputMode="decimal"
              autoComplete="off"
              value={amount}
              hint={t("acts.fund_full", { amount: chainAmountText(lane.full_funding) })}
              error={amount !== "" && units === null ? t("launch.bad_money") : null}
              onChange={(event) => setAmount(event.target.value)}
            />
            <ProblemNotice error={pay.error} />
            <div className="row">
              <button className="button" disabled={units === null || pay.isPending}>
                {pay.isPending ? t("common.working") : t("acts.fund")}
              </button>
              <button type="button" className="button button-quiet" onClick={() => setOpen(false)}>
                {t("common.cancel")}
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  );
}
