import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post, remove } from "../../api/client";
import type { Page } from "../../api/types";
import { useWords } from "../../i18n/language";
import { CopyText } from "../../parts/CopyText";
import { Field } from "../../parts/Field";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { Ask } from "../parts/Ask";
import { Choice } from "../parts/Choice";
import { wordsAt } from "../parts/fieldProblem";
import { PagedList } from "../parts/Listed";
import { Table } from "../parts/Table";
import { linksQuery } from "../queries";
import type { Link, Rules } from "../shapes";
import { useShop } from "../shop";
import { CLAIM_PATH, Poster } from "./Poster";

/** Links to claim by: made here, shown once, printed as a poster. */
export function Links({ campaign, rules }: { campaign: string; rules: Rules }) {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [count, setCount] = useState("1");
  const [uses, setUses] = useState("");
  const [level, setLevel] = useState<"wallet" | "email">("wallet");
  const [note, setNote] = useState("");
  const [showsPoster, setShowsPoster] = useState(false);
  const listKey = linksQuery(shop.id, campaign).queryKey;
  const make = useMutation({
    mutationFn: () => {
      const body = { count: Number(count), uses: uses.trim() === "" ? null : Number(uses), level, note: note.trim() || null };
      return post<Page<Link>>(`/campaigns/${campaign}/claim-links`, body, { organisation: shop.id, act: "links" });
    },
    onSettled: () => client.invalidateQueries({ queryKey: listKey }),
    gcTime: 0,
  });
  const isNumber = (text: string) => /^[1-9]\d{0,6}$/.test(text.trim());
  const badCount = !isNumber(count);
  const badUses = uses.trim() !== "" && !isNumber(uses);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!badCount && !badUses) make.mutate();
  };
  const codes = make.data?.items.flatMap((link) => (link.code ? [link.code] : [])) ?? [];
  const addresses = codes.map((code) => location.origin + CLAIM_PATH + code);
  const fields = ["count", "uses", "note", "level"];
  return (
    <>
      <form className="card form" onSubmit={submit} aria-label={t("links.new")}>
        <div className="pair">
          <Field
            label={t("links.count")}
            inputMode="numeric"
            value={count}
            error={badCount ? t("launch.bad_whole") : wordsAt(make.error, "count")}
            onChange={(event) => setCount(event.target.value)}
          />
          <Field
            label={t("common.optional_of", { name: t("links.uses") })}
            inputMode="numeric"
            value={uses}
            hint={t("links.uses_hint")}
            error={badUses ? t("launch.bad_whole") : wordsAt(make.error, "uses")}
            onChange={(event) => setUses(event.target.value)}
          />
          <Choice
            label={t("links.level")}
            value={level}
            onChange={(event) => setLevel(event.target.value as "wallet" | "email")}
            options={[
              ["wallet", t("links.level_wallet")],
              ["email", t("links.level_email")],
            ]}
          />
          <Field
            label={t("common.optional_of", { name: t("links.note") })}
            value={note}
            maxLength={120}
            error={wordsAt(make.error, "note")}
            onChange={(event) => setNote(event.target.value)}
          />
        </div>
        {!wordsAt(make.error, ...fields) && <ProblemNotice error={make.error} />}
        <button className="button" disabled={badCount || badUses || make.isPending}>
          {make.isPending ? t("common.working") : t("links.make")}
        </button>
        {codes.length > 0 && (
          <div className="notice notice-good" role="status">
            <strong>{codes.length === 1 ? t("links.made_one") : t("links.made", { count: codes.length })}</strong>
            <p>{codes.length === 1 ? t("links.once_one") : t("links.once")}</p>
            {addresses.slice(0, 5).map((address) => (
              <CopyText key={address} text={address} label={t("links.one")} whole />
            ))}
            {addresses.length > 5 && <CopyText text={addresses.join("\n")} label={t("links.all")} />}
            <button type="button" className="button" onClick={() => setShowsPoster(true)}>
              {t("links.poster")}
            </button>
          </div>
        )}
      </form>
      {showsPoster && (
        <Poster title={rules.title} shop={shop.name} codes={codes} until={rules.window.valid_until} onClose={() => setShowsPoster(false)} />
      )}
      <LinkList campaign={campaign} />
    </>
  );
}

function LinkList({ campaign }: { campaign: string }) {
  const { t, date } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const query = useInfiniteQuery(linksQuery(shop.id, campaign));
  const close = (link: Link) => () =>
    remove(`/campaigns/${campaign}/claim-links/${link.id}`, { organisation: shop.id }).finally(() =>
      client.invalidateQueries({ queryKey: linksQuery(shop.id, campaign).queryKey }),
    );
  return (
    <section className="card" aria-labelledby="links">
      <h2 id="links">{t("links.title")}</h2>
      <PagedList query={query} empty={t("links.none")}>
        {(links) => (
          <Table
            caption={t("links.title")}
            rows={links}
            keyOf={(link) => link.id}
            columns={[
              { name: t("links.made_on"), of: (link) => date(link.created_at) },
              { name: t("links.note"), of: (link) => link.note ?? t(`links.purpose_${link.purpose}`) },
              { name: t("links.used"), of: (link) => (link.uses === null ? link.used : `${link.used} / ${link.uses}`), figures: true },
              { name: t("links.level"), of: (link) => t(`links.level_${link.level}`) },
              {
                name: <span className="unseen">{t("links.close")}</span>,
                of: (link) =>
                  link.revoked_at ? (
                    <span className="chip">{t("links.closed")}</span>
                  ) : (
                    <Ask name={t("links.close")} title={t("links.close_title")} act={close(link)} danger>
                      <p>{t("links.close_text")}</p>
                    </Ask>
                  ),
              },
            ]}
          />
        )}
      </PagedList>
    </section>
  );
}
