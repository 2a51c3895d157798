import { useMutation } from "@tanstack/react-query";
import { useId, type ReactNode } from "react";

import { getText } from "../../api/client";
import { Problem } from "../../api/problem";
import { useWords } from "../../i18n/language";
import { ProblemNotice } from "../../parts/ProblemNotice";
import { useShop } from "../shop";
import { Table } from "./Table";
import { TextArea } from "./TextArea";

const MOST_BYTES = 900_000;

/** Saves what the API exports. The acting organisation is named by a header, which a plain link cannot carry. */
export function SaveCsv({ path, name, children }: { path: string; name: string; children?: ReactNode }) {
  const { t } = useWords();
  const shop = useShop();
  const save = useMutation({
    mutationFn: async () => {
      const text = await getText(path, { organisation: shop.id });
      // Spreadsheets take the file for UTF-8 by its first character.
      const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv" }));
      const link = document.createElement("a");
      link.href = address;
      link.download = name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
  });
  return (
    <>
      <button type="button" className="button button-quiet button-small" disabled={save.isPending} onClick={() => save.mutate()}>
        {children ?? t("shop.export")}
      </button>
      <ProblemNotice error={save.error} />
    </>
  );
}

interface TextProps {
  label: string;
  hint: ReactNode;
  value: string;
  placeholder: string;
  /** Bytes that are taken. */
  most?: number;
  onChange: (text: string) => void;
}

/** A CSV as a file or pasted. */
export function CsvText({ label, hint, value, placeholder, most = MOST_BYTES, onChange }: TextProps) {
  const { t } = useWords();
  const id = useId();
  const tooLarge = new Blob([value]).size > most;
  return (
    <>
      <TextArea
        label={label}
        hint={hint}
        error={tooLarge ? t("shop.csv_large", { size: most / 1000 }) : null}
        value={value}
        rows={5}
        spellCheck={false}
        placeholder={placeholder}
        className="mono"
        onChange={(event) => onChange(event.target.value)}
      />
      <div className="row">
        <label htmlFor={id} className="small">
          {t("shop.csv_file")}
        </label>
        <input
          id={id}
          type="file"
          accept=".csv,text/csv,text/plain"
          onChange={(event) => void event.target.files?.[0]?.text().then(onChange)}
        />
      </div>
    </>
  );
}

interface Row {
  row: number;
  reason: string;
}

/** The rows of a file that cannot be used, or the problem as it is. */
export function RowErrors({ error }: { error: unknown }) {
  const { t } = useWords();
  const rows = error instanceof Problem && Array.isArray(error.facts.rows) ? (error.facts.rows as Row[]) : null;
  if (rows === null) return <ProblemNotice error={error} />;
  return (
    <div className="notice notice-bad" role="alert">
      <strong>{t("shop.rows_bad", { count: rows.length })}</strong>
      <Table
        caption={t("shop.rows_bad", { count: rows.length })}
        rows={rows}
        keyOf={(row, place) => `${row.row}-${place}`}
        columns={[
          { name: t("shop.row"), of: (row) => row.row, figures: true },
          { name: t("shop.reason"), of: (row) => row.reason },
        ]}
      />
    </div>
  );
}
