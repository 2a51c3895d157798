import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { put } from "../api/client";
import { useWords } from "../i18n/language";
import { currencyDigits, parseMinor } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { secondFactorQuery } from "../safety/queries";
import { unitsText } from "./amount";
import { useCurrency } from "./currency";
import { limitsQuery, policyQuery } from "./queries";
import type { Policy, Rule } from "./shapes";

/** Ids of the two rules that this page keeps; all others stay untouched. */
const OWN = { payment: "page-payment", day: "page-day" } as const;
type Window = keyof typeof OWN;

const WINDOWS: readonly Window[] = ["payment", "day"];

const rulesOf = (policy: Policy): readonly Rule[] =>
  Array.isArray(policy.policy.rules) ? (policy.policy.rules as Rule[]) : [];

export function LimitsForm({ policy }: { policy: Policy }) {
  const { t } = useWords();
  const client = useQueryClient();
  const rules = rulesOf(policy);
  const own = (window: Window) => rules.find((rule) => rule.id === OWN[window]);
  const chosen = useCurrency();
  const currency = own("payment")?.currency ?? own("day")?.currency ?? chosen;
  const others = rules.filter((rule) => rule.id !== OWN.payment && rule.id !== OWN.day);
  const before = (window: Window) => {
    const sum = own(window)?.at_most;
    return sum ? unitsText(BigInt(sum), currencyDigits(currency)) : "";
  };
  const [typed, setTyped] = useState<Readonly<Record<Window, string>>>({ payment: before("payment"), day: before("day") });
  const [code, setCode] = useState("");
  const hasCode = useQuery(secondFactorQuery).data?.totp ?? false;
  const bad = (window: Window) => typed[window].trim() !== "" && parseMinor(typed[window], currency) === null;
  const save = useMutation({
    mutationFn: () => {
      const wanted = WINDOWS.flatMap((window): Rule[] => {
        const minor = parseMinor(typed[window], currency);
        if (minor === null) return [];
        return [{ id: OWN[window], kind: "limit", window, currency, at_most: String(minor) }];
      });
      const zone = typeof policy.policy.zone === "string" ? policy.policy.zone : "Asia/Shanghai";
      return put<Policy>("/policies", { policy: { zone, rules: [...others, ...wanted] }, code: code || null });
    },
    onSuccess: async () => {
      setCode("");
      await client.invalidateQueries({ queryKey: limitsQuery.queryKey });
      await client.invalidateQueries({ queryKey: policyQuery.queryKey });
      await client.invalidateQueries({ queryKey: ["check-up"] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!WINDOWS.some(bad)) save.mutate();
  };
  return (
    <form className="card form" onSubmit={submit}>
      <h2>{t("limits.change")}</h2>
      <div className="pair">
        {WINDOWS.map((window) => (
          <Field
            key={window}
            label={`${t(`limits.max_${window}`)} (${currency})`}
            hint={t("limits.empty")}
            inputMode="decimal"
            autoComplete="off"
            value={typed[window]}
            error={bad(window) ? t("spending.budget_bad") : null}
            onChange={(event) => setTyped({ ...typed, [window]: event.target.value })}
          />
        ))}
      </div>
      {hasCode && (
        <Field
          label={t("limits.code")}
          hint={t("limits.code_hint")}
          value={code}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={40}
          onChange={(event) => setCode(event.target.value)}
        />
      )}
      {others.length > 0 && <p className="quiet small">{t("limits.other", { count: others.length })}</p>}
      <ProblemNotice error={save.error} hints={{ login_failed: t("approve.code_wrong") }} />
      {save.isSuccess && (
        <p className="good" role="status">
          {t("limits.saved")}
        </p>
      )}
      <button className="button" disabled={save.isPending}>
        {t("limits.save")}
      </button>
    </form>
  );
}
