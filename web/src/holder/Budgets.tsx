import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { put, remove } from "../api/client";
import { useWords } from "../i18n/language";
import { currencyText, parseMinor } from "../money";
import { Field } from "../parts/Field";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { useCurrency } from "./currency";
import { budgetsQuery } from "./queries";
import { Select } from "./Select";
import type { Budget } from "./shapes";

const NEAR = 80;

/** How much to spend in a month at most, over everything or in a category. */
export function Budgets({ categories, zone }: { categories: readonly string[]; zone: string }) {
  const { t } = useWords();
  const { data, error, refetch } = useQuery(budgetsQuery);
  return (
    <section className="group" aria-labelledby="budgets">
      <h2 id="budgets">{t("spending.budgets")}</h2>
      <div className="card">
        <p className="quiet small">{t("spending.budgets_text")}</p>
        {error && !data ? (
          <ProblemNotice error={error} again={() => void refetch()} />
        ) : data === undefined ? (
          <Loading />
        ) : (
          <ul className="bars">
            {data.map((budget) => (
              <li key={`${budget.currency} ${budget.category}`}>
                <BudgetLine budget={budget} />
              </li>
            ))}
          </ul>
        )}
        <BudgetForm categories={categories} zone={zone} />
      </div>
    </section>
  );
}

function BudgetLine({ budget }: { budget: Budget }) {
  const { t } = useWords();
  const client = useQueryClient();
  const name = budget.category ?? t("spending.budget_all");
  const money = (minor: number) => currencyText({ minor, currency: budget.currency });
  const query = new URLSearchParams({ currency: budget.currency, ...(budget.category ? { category: budget.category } : {}) });
  const end = useMutation({
    mutationFn: () => remove(`/spending/budgets?${query}`),
    onSettled: () => client.invalidateQueries({ queryKey: budgetsQuery.queryKey }),
  });
  return (
    <>
      <div className="row-between">
        <span>{name}</span>
        <span className="figures">
          {t("spending.budget_of", { spent: money(budget.spent_minor), total: money(budget.month_minor) })}
        </span>
      </div>
      <meter
        min={0}
        max={budget.month_minor}
        high={(budget.month_minor * NEAR) / 100}
        optimum={0}
        value={Math.max(0, budget.spent_minor)}
        aria-label={name}
      />
      <div className="row-between small">
        <span className={budget.level >= NEAR ? "bad" : "quiet"}>
          {budget.level >= 100 ? t("spending.budget_over") : budget.level >= NEAR ? t("spending.budget_near") : budget.month}
        </span>
        <button
          type="button"
          className="link quiet"
          aria-label={t("spending.budget_remove", { name })}
          disabled={end.isPending}
          onClick={() => end.mutate()}
        >
          {t("spending.remove")}
        </button>
      </div>
      <ProblemNotice error={end.error} />
    </>
  );
}

function BudgetForm({ categories, zone }: { categories: readonly string[]; zone: string }) {
  const { t } = useWords();
  const client = useQueryClient();
  const currency = useCurrency();
  const [sum, setSum] = useState("");
  const [category, setCategory] = useState("");
  const minor = parseMinor(sum, currency);
  const bad = sum !== "" && minor === null;
  const set = useMutation({
    mutationFn: () => put("/spending/budgets", { currency, category: category || null, month_minor: minor, zone }),
    onSuccess: async () => {
      setSum("");
      await client.invalidateQueries({ queryKey: budgetsQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (minor !== null) set.mutate();
  };
  return (
    <form className="form" onSubmit={submit}>
      <div className="pair">
        <Field
          label={`${t("spending.budget_month")} (${currency})`}
          inputMode="decimal"
          autoComplete="off"
          required
          value={sum}
          error={bad ? t("spending.budget_bad") : null}
          onChange={(event) => setSum(event.target.value)}
        />
        <Select label={t("spending.budget_category")} value={category} onChange={(event) => setCategory(event.target.value)}>
          <option value="">{t("spending.budget_all")}</option>
          {categories.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </Select>
      </div>
      <ProblemNotice error={set.error} />
      <button className="button button-quiet" disabled={set.isPending}>
        {t("spending.budget_set")}
      </button>
    </form>
  );
}
