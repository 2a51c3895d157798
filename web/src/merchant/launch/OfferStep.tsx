import { Link } from "react-router";

import { useWords } from "../../i18n/language";
import { Field } from "../../parts/Field";
import { Choice } from "../parts/Choice";
import type { Gift } from "../shapes";
import { OFFER, type Input } from "./kinds";
import type { Typed } from "./typed";
import { Unfolding } from "./Unfolding";

interface Props {
  shape: string;
  typed: Typed;
  gifts: readonly Gift[];
  set: (change: Partial<Typed>) => void;
  wrong: (...fields: readonly string[]) => string | null;
}

/** What the voucher does. */
export function OfferStep({ shape, typed, gifts, set, wrong }: Props) {
  const { t } = useWords();
  const change = (field: string, text: string) => set({ offer: { ...typed.offer, [field]: text } });
  const label = (input: Input) => {
    const name = `launch.${input.field.replace("effect.", "")}` as "launch.min_spend";
    return input.optional ? t("common.optional_of", { name: t(name) }) : t(name);
  };
  const shown = (input: Input) =>
    input.measure === "gift" ? (
      <div key={input.field} className="whole-row">
        <Choice
          label={label(input)}
          value={typed.offer[input.field] ?? ""}
          onChange={(event) => change(input.field, event.target.value)}
          options={[["", t("launch.choose_gift")], ...gifts.map((gift) => [gift.sku, t("launch.gift_left", { name: gift.name, count: gift.available })] as const)]}
        />
        {gifts.length === 0 && (
          <p className="small">
            {t("launch.no_gift")} <Link to="/merchant/goods/gifts">{t("launch.add_gift")}</Link>
          </p>
        )}
        {gifts.length > 0 && wrong(input.field) && <p className="small quiet">{wrong(input.field)}</p>}
      </div>
    ) : (
      <Field
        key={input.field}
        label={label(input)}
        before={input.measure === "money" ? "¥" : undefined}
        inputMode={input.measure === "whole" ? "numeric" : "decimal"}
        autoComplete="off"
        value={typed.offer[input.field] ?? ""}
        error={wrong(input.field)}
        onChange={(event) => change(input.field, event.target.value)}
      />
    );
  const inputs = OFFER[shape] ?? [];
  const optional = inputs.filter((input) => input.optional);
  const isInUse = optional.some((input) => wrong(input.field) !== null || /[1-9]/.test(typed.offer[input.field] ?? ""));
  return (
    <>
      <div className="pair">{inputs.filter((input) => !input.optional).map(shown)}</div>
      {optional.length > 0 && (
        <Unfolding name={t("launch.condition")} needed={isInUse}>
          <div className="pair">{optional.map(shown)}</div>
        </Unfolding>
      )}
    </>
  );
}
