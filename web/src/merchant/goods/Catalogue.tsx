import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../../api/client";
import { useWords } from "../../i18n/language";
import { currencyText } from "../../money";
import { CsvText, RowErrors } from "../parts/Csv";
import { PagedList } from "../parts/Listed";
import { Table } from "../parts/Table";
import { cataloguePagesQuery } from "../queries";
import type { Imported } from "../shapes";
import { useShop } from "../shop";

const EXAMPLE = "sku,name,category,currency,price\ntea-001,龙井,tea,CNY,28.00";

/** What the shop sells, and the file that it comes from. */
export function Catalogue() {
  const { t } = useWords();
  const shop = useShop();
  const query = useInfiniteQuery(cataloguePagesQuery(shop.id));
  return (
    <div className="columns columns-even">
      <section className="card" aria-labelledby="catalogue">
        <h2 id="catalogue">{t("goods.catalogue")}</h2>
        <PagedList query={query} empty={t("goods.none")}>
          {(goods) => (
            <Table
              caption={t("goods.catalogue")}
              rows={goods}
              keyOf={(good) => good.sku}
              columns={[
                {
                  name: t("sold.good"),
                  of: (good) => (
                    <>
                      {good.name}
                      <small className="quiet block">{good.sku}</small>
                    </>
                  ),
                },
                { name: t("goods.category"), of: (good) => good.category ?? "" },
                { name: t("goods.price"), of: (good) => currencyText(good.unit_price), figures: true },
                { name: t("orders.status"), of: (good) => (good.sold ? "" : <span className="chip">{t("goods.withdrawn")}</span>) },
              ]}
            />
          )}
        </PagedList>
      </section>
      <ImportForm />
    </div>
  );
}

function ImportForm() {
  const { t } = useWords();
  const shop = useShop();
  const client = useQueryClient();
  const [csv, setCsv] = useState("");
  const [whole, setWhole] = useState(false);
  const take = useMutation({
    mutationFn: () => post<Imported>(`/organisations/${shop.id}/catalogue/import`, { csv, whole }),
    onSuccess: () => {
      setCsv("");
      return client.invalidateQueries({ queryKey: ["catalogue", shop.id] });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    take.mutate();
  };
  return (
    <form className="card form" onSubmit={submit} aria-labelledby="import">
      <h2 id="import">{t("goods.import")}</h2>
      <CsvText label={t("goods.csv")} hint={t("goods.csv_hint")} value={csv} placeholder={EXAMPLE} onChange={setCsv} />
      <label className="check small">
        <input type="checkbox" checked={whole} onChange={(event) => setWhole(event.target.checked)} />
        {t("goods.whole")}
      </label>
      <RowErrors error={take.error} />
      {take.data && (
        <p className="good small" role="status">
          {t("goods.imported", { ...take.data })}
        </p>
      )}
      <button className="button" disabled={csv.trim() === "" || take.isPending}>
        {take.isPending ? t("common.working") : t("goods.take")}
      </button>
    </form>
  );
}
