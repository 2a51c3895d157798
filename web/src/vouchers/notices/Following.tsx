import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { remove } from "../../api/client";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { followingQuery } from "./queries";

/** The shops whose launches the caller is told of. */
export function Following() {
  const { t, date } = useWords();
  const client = useQueryClient();
  const { data } = useQuery(followingQuery);
  const leave = useMutation({
    mutationFn: (merchant: string) => remove(`/notifications/following/${merchant}`),
    onSettled: () => client.invalidateQueries({ queryKey: followingQuery.queryKey }),
  });
  if (data === undefined) return null;
  return (
    <section className="card" aria-labelledby="following">
      <h2 id="following">{t("notices.following")}</h2>
      {data.length === 0 && <p className="quiet small">{t("notices.following_none")}</p>}
      <ul className="plain">
        {data.map((one) => (
          <li key={one.merchant} className="row-between">
            <span>
              {one.name} <span className="quiet small">{date(one.since)}</span>
            </span>
            <button
              type="button"
              className="button button-plain"
              aria-label={t("notices.unfollow_of", { shop: one.name })}
              onClick={() => leave.mutate(one.merchant)}
            >
              {t("notices.unfollow")}
            </button>
          </li>
        ))}
      </ul>
      <ProblemNotice error={leave.error} />
    </section>
  );
}
