import { useWords } from "../../i18n/language";
import { Bars } from "../charts/Bars";
import { ChartPair } from "../charts/ChartPair";
import type { Funnel } from "../shapes";
import { useNumbers } from "./numbers";

/** issued → claimed → held → redeemed → settled. */
export function FunnelChart({ total }: { total: Funnel }) {
  const { t } = useWords();
  const { whole, share } = useNumbers();
  const steps = (["issued", "claimed", "held", "redeemed", "settled"] as const).flatMap((name) => {
    const value = total[name];
    return value === null ? [] : [{ id: name, name: t(`funnel.${name}`), means: t(`funnel.${name}_means`), value }];
  });
  return (
    <ChartPair
      title={t("funnel.title")}
      chart={
        <Bars
          label={t("funnel.title")}
          bars={steps.map((step) => ({ ...step, text: whole(step.value), aside: share(step.value, total.issued) }))}
        />
      }
      rows={steps}
      keyOf={(step) => step.id}
      columns={[
        {
          name: t("funnel.step"),
          of: (step) => (
            <>
              {step.name}
              <small className="quiet block">{step.means}</small>
            </>
          ),
        },
        { name: t("funnel.count"), of: (step) => whole(step.value), figures: true },
        { name: t("funnel.of_issued"), of: (step) => share(step.value, total.issued), figures: true },
      ]}
    />
  );
}
