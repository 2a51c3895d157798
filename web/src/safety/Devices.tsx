import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { remove } from "../api/client";
import { useWords } from "../i18n/language";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { devicesQuery } from "./queries";

/** Where the caller is signed in, and a way to end each. */
export function Devices() {
  const { t, date, time } = useWords();
  const client = useQueryClient();
  const { data, error } = useQuery(devicesQuery);
  const end = useMutation({
    mutationFn: (id: string | null) => remove(id === null ? "/auth/sessions" : `/auth/sessions/${id}`),
    onSettled: () => client.invalidateQueries({ queryKey: devicesQuery.queryKey }),
  });
  return (
    <section className="card" aria-labelledby="devices">
      <h2 id="devices">{t("devices.title")}</h2>
      {!data && !error && <Loading />}
      <ul className="plain">
        {data?.map((device) => (
          <li key={device.id} className="row-between">
            <span>
              {device.device}
              <br />
              <span className="quiet small">
                {t(`devices.method.${device.method}`)} · {t("devices.seen", { date: date(device.last_seen_at), time: time(device.last_seen_at) })}
              </span>
            </span>
            {device.current ? (
              <span className="chip chip-good">{t("devices.this")}</span>
            ) : (
              <button
                type="button"
                className="button button-quiet"
                disabled={end.isPending}
                aria-label={t("devices.end_name", { name: device.device })}
                onClick={() => end.mutate(device.id)}
              >
                {t("devices.end")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <ProblemNotice error={end.error ?? error} />
      {data && data.length > 1 && (
        <button type="button" className="button button-quiet" disabled={end.isPending} onClick={() => end.mutate(null)}>
          {t("devices.end_others")}
        </button>
      )}
    </section>
  );
}
