import type { Quote } from "../api/types";
import { useWords } from "../i18n/language";
import { currencyText } from "../money";

/** What every line costs, what is taken off it, and what is left. Stored value and points are no discount. */
export function PriceLines({ quote, open = false }: { quote: Quote; open?: boolean }) {
  const { t } = useWords();
  const { currency } = quote.total;
  const money = (minor: number) => currencyText({ minor, currency });
  // One line without a discount tells nothing that the sum does not.
  if (quote.lines.length === 1 && quote.used.length <= 1) return null;
  return (
    <details className="small" open={open}>
      <summary>{t("pay.lines")}</summary>
      <div className="table-wrap">
        <table>
          <thead>
            <tr>
              <th scope="col">{t("pay.line_name")}</th>
              <th scope="col" className="money">
                {t("pay.line_price")}
              </th>
              <th scope="col" className="money">
                {t("pay.line_off")}
              </th>
              <th scope="col" className="money">
                {t("pay.line_pays")}
              </th>
            </tr>
          </thead>
          <tbody>
            {quote.lines.map((line, place) => {
              const price = line.quantity * line.unit_price_minor;
              const pays = quote.payable_per_line[place] ?? price;
              return (
                <tr key={place}>
                  <td>
                    {line.name || line.sku}
                    {line.quantity > 1 && <span className="quiet"> × {line.quantity}</span>}
                  </td>
                  <td className="money">{money(price)}</td>
                  <td className="money">{price > pays ? `−${money(price - pays)}` : "—"}</td>
                  <td className="money">{money(pays)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </details>
  );
}
