import { useMutation } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { useSearchParams } from "react-router";

import { getBytes } from "../api/client";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Choice } from "./Choice";
import { Happenings } from "./Happenings";
import { activityPath } from "./queries";
import { Screen } from "./Screen";

const KINDS = {
  all: [],
  money: ["sent", "received", "transfer"],
  vouchers: [
    "voucher.received",
    "voucher.moved_in",
    "voucher.moved_out",
    "voucher.redeemed",
    "voucher.spent",
    "voucher.credited",
    "voucher.voided",
    "voucher.reversed",
  ],
  orders: ["order.pay", "order.paid", "order.refund"],
} as const;
type Kinds = keyof typeof KINDS;

/** Everything that happened, searchable; the search stands in the address, so that "back" comes back to it. */
export default function ActivityPage() {
  const { t } = useWords();
  const [query, setQuery] = useSearchParams();
  const search = query.get("q") ?? "";
  const asked = query.get("show") ?? "all";
  const kinds: Kinds = Object.hasOwn(KINDS, asked) ? (asked as Kinds) : "all";
  const [typed, setTyped] = useState(search);
  const show = (words: string, group: Kinds) => {
    const next = new URLSearchParams();
    if (words) next.set("q", words);
    if (group !== "all") next.set("show", group);
    setQuery(next, { replace: true });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show(typed.trim(), kinds);
  };
  const wish = { search, kinds: KINDS[kinds] };
  return (
    <Screen title={t("activity.title")} end={<Export search={search} kinds={KINDS[kinds]} />}>
      <form className="row row-end" role="search" onSubmit={submit}>
        <Field
          label={t("activity.search")}
          type="search"
          value={typed}
          maxLength={100}
          placeholder={t("activity.search_hint")}
          onChange={(event) => {
            setTyped(event.target.value);
            if (event.target.value === "") show("", kinds);
          }}
        />
        <button className="button button-quiet">{t("activity.search")}</button>
      </form>
      <Choice
        label={t("activity.kind")}
        quietly
        value={kinds}
        options={(Object.keys(KINDS) as Kinds[]).map((each) => [each, t(`activity.kind_${each}`)] as const)}
        onChange={(each) => show(search, each)}
      />
      <Happenings key={`${search} ${kinds}`} wish={wish} />
    </Screen>
  );
}

/** The list as a file, in the page's language. */
function Export({ search, kinds }: { search: string; kinds: readonly string[] }) {
  const { t } = useWords();
  const fetched = useMutation({
    mutationFn: async (format: "csv" | "jsonl") => {
      const bytes = await getBytes(activityPath({ search, kinds }, "/activity/export", { format }));
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([bytes], { type: format === "csv" ? "text/csv" : "application/jsonl" }));
      link.download = `quanbao-activity.${format}`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    },
  });
  return (
    <details className="menu">
      <summary className="button button-quiet">{t("activity.export")}</summary>
      <div className="menu-list">
        {(["csv", "jsonl"] as const).map((format) => (
          <button key={format} type="button" disabled={fetched.isPending} onClick={() => fetched.mutate(format)}>
            {t(`activity.export_${format}`)}
          </button>
        ))}
        <ProblemNotice error={fetched.error} />
      </div>
    </details>
  );
}
