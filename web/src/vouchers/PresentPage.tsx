import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Navigate } from "react-router";

import { get, post } from "../api/client";
import { MOVING } from "../api/queries";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import type { Presentment, PresentmentCreated } from "./shapes";
import { useNow } from "./useNow";

/** The other handshake: the holder shows a code, the till scans it, and the bill opens here. */
export default function PresentPage() {
  const { t } = useWords();
  const make = useMutation({ mutationFn: () => post<PresentmentCreated>("/presentments"), gcTime: 0 });
  const { mutate } = make;
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (asked) return;
    setAsked(true);
    mutate();
  }, [asked, mutate]);
  return (
    <Screen title={t("present.title")} back="/holder/vouchers">
      {make.data ? (
        <Code key={make.data.id} code={make.data} onNew={() => mutate()} />
      ) : make.error ? (
        <ProblemNotice error={make.error} again={() => mutate()} />
      ) : (
        <Loading />
      )}
    </Screen>
  );
}

function Code({ code, onNew }: { code: PresentmentCreated; onNew: () => void }) {
  const { t } = useWords();
  const left = Math.ceil((Date.parse(code.expires_at) - useNow(1000)) / 1000);
  const isOver = left <= 0;
  const seen = useQuery({
    queryKey: ["presentment", code.id],
    queryFn: () => get<Presentment>(`/presentments/${code.id}`),
    refetchInterval: isOver ? false : MOVING,
  }).data;
  if (seen?.order) return <Navigate to={`/pay/${seen.order}`} replace />;
  return (
    <section className="card voucher-qr" aria-label={t("present.label")}>
      {isOver ? (
        <>
          <p role="status">{t("present.over")}</p>
          <button type="button" className="button" onClick={onNew}>
            {t("present.new")}
          </button>
        </>
      ) : (
        <>
          <QrCode text={code.qr} label={t("present.label")} />
          <p className="chip chip-good">{t("present.left", { seconds: left })}</p>
          <p className="small quiet">{t("present.text")}</p>
          <div className="small">
            {t("present.by_hand")} <CopyText text={code.secret} label={t("present.label")} whole />
          </div>
        </>
      )}
    </section>
  );
}
