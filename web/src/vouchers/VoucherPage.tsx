import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useParams } from "react-router";

import type { Voucher } from "../api/types";
import { chainOf, useChainNames } from "../chains";
import { Empty } from "../holder/Empty";
import { Screen } from "../holder/Screen";
import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Facts } from "../parts/Facts";
import { Loading } from "../parts/Loading";
import { ProblemNotice } from "../parts/ProblemNotice";
import { QrCode } from "../parts/QrCode";
import { effectFigure, effectUnit, effectWords } from "./effect";
import { GiveAway } from "./GiveAway";
import { keepCampaign, keptCampaign } from "./kept";
import { useMoments } from "./moments";
import { Origin } from "./Origin";
import { Powers } from "./Powers";
import { campaignQuery } from "./queries";
import { ShareSheet } from "./ShareSheet";
import { StateChip } from "./StateChip";
import { isUsable, stateOf } from "./states";
import { StoredBalance } from "./StoredBalance";
import { Ticket } from "./Ticket";
import { UsedVoucher } from "./UsedVoucher";
import { useVouchers } from "./useVouchers";
import { VoucherTerms } from "./VoucherTerms";

export default function VoucherPage() {
  const { t } = useWords();
  const { voucherId = "" } = useParams();
  const { full } = useMoments();
  const { vouchers, keptAt, error, again } = useVouchers();
  const voucher = vouchers?.find((found) => found.id === voucherId);
  return (
    <Screen title={voucher?.title ?? t("voucher.title")} back="/holder/vouchers" wide>
      {keptAt && (
        <p className="notice notice-warn" role="status">
          {t("voucher.kept_from", { moment: full(keptAt) })}
        </p>
      )}
      {error ? (
        <ProblemNotice error={error} again={again} />
      ) : vouchers === undefined ? (
        <Loading />
      ) : voucher === undefined ? (
        <Empty
          act={
            <Link to="/holder/vouchers" className="button button-quiet">
              {t("voucher.back")}
            </Link>
          }
        >
          {t("voucher.gone")} {t("voucher.gone_text")}
        </Empty>
      ) : (
        <OneVoucher voucher={voucher} offline={keptAt !== null} />
      )}
    </Screen>
  );
}

function OneVoucher({ voucher, offline }: { voucher: Voucher; offline: boolean }) {
  const words = useWords();
  const { t, language } = words;
  const { name } = useChainNames();
  const [sharing, setSharing] = useState(false);
  const client = useQueryClient();
  const campaign = useQuery(campaignQuery(voucher.campaign, language));
  const told = campaign.data ?? keptCampaign(voucher.campaign, language);
  useEffect(() => {
    if (campaign.data) keepCampaign(voucher.campaign, language, campaign.data);
  }, [campaign.data, voucher.campaign, language]);
  // Whatever happens to it from here on changes what its page tells.
  useEffect(() => {
    void client.invalidateQueries({ queryKey: ["provenance", voucher.id] });
  }, [client, voucher.id, voucher.status, voucher.finality]);

  const sentence = effectWords(words, voucher.kind, voucher.effect, voucher.currency);
  const usable = isUsable(voucher);
  return (
    <div className="voucher">
      <div className="column">
        <Ticket
          figure={effectFigure(voucher.kind, voucher.effect, voucher.currency)}
          unit={effectUnit(words, voucher.kind)}
          past={!usable}
          soon={stateOf(voucher) === "soon"}
          large
        >
          <strong>{sentence}</strong>
          {told && <span className="quiet">{t("claimpage.from", { shop: told.organisation })}</span>}
          <span className="row-wrap small">
            <StateChip voucher={voucher} />
          </span>
        </Ticket>
        {voucher.diverged && <p className="notice notice-bad">{t("voucher.diverged")}</p>}
        {voucher.kind === "stored_value" && usable && !offline && <StoredBalance voucher={voucher} />}
        {usable && (
          <section className="card voucher-qr" aria-labelledby="voucher-qr">
            <h2 id="voucher-qr">{t("voucher.show_qr")}</h2>
            <QrCode text={voucher.id} label={t("voucher.qr_label")} />
            <p className="quiet small">{t("voucher.qr_text")}</p>
          </section>
        )}
        {voucher.status === "redeemed" && voucher.redemption && !offline && (
          <UsedVoucher voucher={voucher} redemption={voucher.redemption} />
        )}
        {!offline && (
          <div className="row voucher-acts">
            <button type="button" className="button button-quiet" onClick={() => setSharing(true)}>
              {t("voucher.tell")}
            </button>
            <Link
              className="button button-quiet"
              to={`/support/new?${new URLSearchParams({ about: "voucher", subject: voucher.id, title: voucher.title })}`}
            >
              {t("voucher.help")}
            </Link>
          </div>
        )}
        {voucher.transferable && !offline && <GiveAway voucher={voucher} />}
      </div>
      <div className="column">
        <VoucherTerms voucher={voucher} told={told} failed={campaign.error !== null} again={() => void campaign.refetch()} />
        {!offline && <Powers voucher={voucher} />}
        {!offline && <Origin voucher={voucher} />}
        <details className="small">
          <summary>{t("voucher.technical")}</summary>
          <Facts
            rows={[
              [t("common.chain"), name(chainOf(voucher.holder))],
              [t("voucher.number"), <CopyText key="id" text={voucher.id} label={t("voucher.number")} />],
              [t("act.campaign"), <CopyText key="c" text={voucher.campaign} label={t("act.campaign")} />],
            ]}
          />
        </details>
      </div>
      {sharing && (
        <ShareSheet
          title={voucher.title}
          text={told ? `${told.organisation}: ${sentence}` : sentence}
          url={`${location.origin}/claim/${voucher.campaign}`}
          onClose={() => setSharing(false)}
        />
      )}
    </div>
  );
}
