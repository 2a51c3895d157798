import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { post } from "../../api/client";
import { campaignsQuery } from "../../api/queries";
import type { Campaign } from "../../api/types";
import { useChainNames } from "../../chains";
import { askFaucet } from "../../holder/faucet";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { wrongField } from "../parts/fieldProblem";
import { chainsFor, giftsQuery } from "../queries";
import type { Preview, Template } from "../shapes";
import { useShop } from "../shop";
import { OFFER, shapeOf, welcomes } from "./kinds";
import { KindStep } from "./KindStep";
import { OfferStep } from "./OfferStep";
import { PreviewCard } from "./PreviewCard";
import { ReviewStep } from "./ReviewStep";
import { begin, isDraft, toDraft, type Typed } from "./typed";
import { useCalm } from "./useCalm";
import { LimitStep, WhenStep } from "./WhenStep";
import { beginWelcome } from "./welcome";
import { ticketWords } from "./words";

const STEPS = ["kind", "offer", "when", "limits", "review"] as const;

interface Props {
  templates: readonly Template[];
  template: Template | null;
  onChoose: (template: Template) => void;
}

export function LaunchSteps({ templates, template, onChoose }: Props) {
  const words = useWords();
  const { t, language } = words;
  const shop = useShop();
  const client = useQueryClient();
  const navigate = useNavigate();
  const { chains } = useChainNames();
  const gifts = useQuery(giftsQuery(shop.id)).data ?? [];
  const shape = template ? shapeOf(template) : "";
  const usable = chainsFor(chains, shape);
  const isLocal = usable.some((chain) => chain.local);
  const [step, setStep] = useState(template ? 1 : 0);
  const [own, setOwn] = useState<Typed | null>(null);
  const [takesTestMoney, setTakesTestMoney] = useState(true);

  const typed = own ?? (template && begin(template, usable.map((chain) => chain.chain)));
  const proposed = template && typed ? ticketWords(words, template, typed, gifts) : null;
  const title = typed?.titleIsOwn ? typed.title : (proposed?.title ?? "");
  const draft = template && typed ? toDraft(template, typed, gifts, title) : null;
  const ready = draft && isDraft(draft) ? draft : null;
  const asked = useCalm(ready && JSON.stringify(ready));
  const preview = useQuery({
    queryKey: ["campaign-preview", shop.id, language, asked],
    queryFn: () => post<Preview>("/campaigns/preview", JSON.parse(asked ?? ""), { organisation: shop.id }),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });
  const set = (change: Partial<Typed>) => typed && setOwn({ ...typed, ...change });

  // What is wrong: what was typed, at once; what the API refuses, in its words and at its field.
  const faults = draft && !isDraft(draft) ? draft : {};
  const refused = preview.isPlaceholderData ? null : wrongField(preview.error);
  const wrong = (...fields: readonly string[]): string | null => {
    const field = fields.find((one) => one in faults);
    if (field) return t(`launch.bad_${faults[field] ?? "whole"}`);
    const isHere = refused !== null && fields.some((one) => refused === one || refused.startsWith(`${one}.`) || refused.startsWith(`${one}[`));
    return isHere && preview.error instanceof Error ? preview.error.message : null;
  };
  const fieldsOf = [
    [],
    (OFFER[shape] ?? []).map((input) => input.field),
    ["valid_until", "lanes"],
    ["per_holder", "title"],
    [],
  ];
  const isWrong = (place: number) => wrong(...(fieldsOf[place] ?? [])) !== null;
  const known = fieldsOf.flat();
  const elsewhere = preview.error && !preview.isPlaceholderData && !(refused && known.some((one) => refused.startsWith(one)));

  const launch = useMutation({
    mutationFn: async () => {
      if (ready === null) return null;
      for (const lane of takesTestMoney ? (preview.data?.funding ?? []) : []) {
        const treasury = shop.accounts.find((found) => found.chain === lane.chain && found.purpose === "treasury");
        const local = chains.find((chain) => chain.chain === lane.chain)?.local;
        if (local && treasury && lane.amount.base_units !== "0") await askFaucet(lane.chain, treasury.account, lane.amount);
      }
      const drafted = await post<Campaign>("/campaigns", ready, { organisation: shop.id, act: "draft" });
      if (template && welcomes(template)) await beginWelcome(drafted.id, shop.id);
      await post(`/campaigns/${drafted.id}/launch`, {}, { organisation: shop.id });
      return drafted.id;
    },
    onSuccess: (id) => id && navigate(`/merchant/campaigns/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: campaignsQuery(shop.id).queryKey }),
  });

  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (!first.current || step > 0) heading.current?.focus();
    first.current = false;
  }, [step]);

  const next = (event: FormEvent) => {
    event.preventDefault();
    if (step === STEPS.length - 1) launch.mutate();
    else if (!isWrong(step)) setStep(step + 1);
  };
  const name = STEPS[step] ?? "kind";
  return (
    <>
      <ol className="stepper" aria-label={t("launch.steps")}>
        {STEPS.map((one, place) => (
          <li key={one} className={place < step ? "past" : place === step ? "now" : undefined} aria-current={place === step ? "step" : undefined}>
            <button type="button" disabled={place > step && (template === null || isWrong(step))} onClick={() => setStep(place)}>
              <span aria-hidden="true">{place < step ? "✓" : place + 1}</span>
              {t(`launch.step_${one}`)}
            </button>
          </li>
        ))}
      </ol>
      <div className={step === 0 ? undefined : "launch"}>
        <form className="card form" onSubmit={next} noValidate>
          <h2 ref={heading} tabIndex={-1}>
            {t(`launch.ask_${name}`)}
          </h2>
          {step === 0 || !template || !typed || !proposed ? (
            <KindStep templates={templates} chosen={template} onChoose={(one) => (one.id === template?.id ? setStep(1) : onChoose(one))} />
          ) : (
            <>
              {step === 1 && <OfferStep shape={shape} typed={typed} gifts={gifts} set={set} wrong={wrong} />}
              {step === 2 && <WhenStep shape={shape} typed={typed} chains={usable} set={set} wrong={wrong} />}
              {step === 3 && <LimitStep shape={shape} typed={typed} title={title} set={set} wrong={wrong} />}
              {step === 4 && <ReviewStep preview={preview.data} chains={usable} />}
              {step === 4 && welcomes(template) && <p className="notice">{t("launch.welcome")}</p>}
              {elsewhere && <ProblemNotice error={preview.error} again={() => void preview.refetch()} />}
              {step === 4 && isLocal && (
                <label className="check small">
                  <input type="checkbox" checked={takesTestMoney} onChange={(event) => setTakesTestMoney(event.target.checked)} />
                  {t("campaign.fund_first")}
                </label>
              )}
              <ProblemNotice error={launch.error} />
              <div className="row launch-go">
                <button type="button" className="button button-quiet" onClick={() => setStep(step - 1)}>
                  {t("launch.back")}
                </button>
                {step < 4 ? (
                  <button className="button" disabled={isWrong(step)}>
                    {t("launch.next")}
                  </button>
                ) : (
                  <button className="button" disabled={ready === null || preview.isError || !preview.data || launch.isPending}>
                    {launch.isPending ? t("common.working") : t("campaign.launch")}
                  </button>
                )}
              </div>
              {step === 4 && <p className="quiet small">{t("campaign.rule_fixed")}</p>}
            </>
          )}
        </form>
        {step > 0 && template && proposed && (
          <PreviewCard figure={proposed.figure} title={title} preview={preview.data} busy={preview.isFetching} wrong={ready === null} />
        )}
      </div>
    </>
  );
}
