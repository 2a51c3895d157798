import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useWords } from "../../i18n/language";
import { Loading } from "../../parts/Loading";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Heading } from "../parts/Heading";
import { templatesQuery } from "../queries";
import type { Template } from "../shapes";
import { useShop } from "../shop";
import { withPerEach } from "./kinds";
import { LaunchSteps } from "./LaunchSteps";

/** A campaign from a template, in five steps. */
export function LaunchPage() {
  const { t, language } = useWords();
  const shop = useShop();
  const { data, error, refetch } = useQuery(templatesQuery(language));
  const [chosen, setChosen] = useState<Template | null>(null);
  return (
    <>
      <Heading title={t("campaign.new")} back={["/merchant/campaigns", t("shop.campaigns")]} />
      {error && !data ? (
        <ProblemNotice error={error} again={() => void refetch()} />
      ) : data === undefined || shop.accounts.length === 0 ? (
        <Loading text={data === undefined ? undefined : t("merchant.making_accounts")} />
      ) : (
        <LaunchSteps
          key={chosen?.id ?? ""}
          templates={withPerEach(data, t("launch.each_name"), t("launch.each_about"))}
          template={chosen}
          onChoose={setChosen}
        />
      )}
    </>
  );
}
