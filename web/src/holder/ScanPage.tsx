import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type DragEvent, type FormEvent } from "react";
import { useNavigate } from "react-router";

import { chainsQuery } from "../api/queries";
import { useWords } from "../i18n/language";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { Camera } from "./Camera";
import { qrOfPicture } from "./qrReading";
import { readScanned, ScanRefused } from "./scanned";
import { Screen } from "./Screen";

/** By camera, picture or paste: whatever asks for money is read first and paid only after a second look. */
export default function ScanPage() {
  const { t, maybe } = useWords();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState("");
  const [over, setOver] = useState(false);
  const read = useMutation({
    mutationFn: async (scanned: string) => readScanned(scanned, await client.ensureQueryData(chainsQuery)),
    onSuccess: (found) => void navigate(found.path, { state: found.asked ? { asked: found.asked } : null }),
  });
  const picture = useMutation({
    mutationFn: async (file: Blob) => {
      const found = await qrOfPicture(file);
      setText(found);
      await read.mutateAsync(found).catch(() => undefined);
    },
  });
  const open = (event: FormEvent) => {
    event.preventDefault();
    picture.reset();
    read.mutate(text);
  };
  const choose = (files: FileList | null) => {
    read.reset();
    const file = files?.[0];
    if (file) picture.mutate(file);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    choose(event.dataTransfer.files);
  };
  const refused = [read.error, picture.error].find((error) => error instanceof ScanRefused);
  return (
    <Screen title={t("scan.title")} back="/holder">
      <Camera
        busy={read.isPending}
        onFound={(found) => {
          setText(found);
          picture.reset();
          read.mutate(found);
        }}
      />
      {refused instanceof ScanRefused ? (
        <div className="notice notice-bad" role="alert">
          <p>{maybe(`scan.${refused.why}`, t("scan.refused_scheme"), { host: refused.host })}</p>
          {text && <p className="quiet small scanned">{t("scan.read", { text: text.slice(0, 200) })}</p>}
        </div>
      ) : (
        <ProblemNotice error={read.error ?? picture.error} />
      )}
      <form className="card form" onSubmit={open}>
        <h2>{t("scan.paste")}</h2>
        <div className="row row-end">
          <Field
            label={t("scan.link")}
            value={text}
            required
            maxLength={4000}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => {
              setText(event.target.value);
              read.reset();
            }}
          />
          <button className="button" disabled={read.isPending}>
            {t("scan.open")}
          </button>
        </div>
      </form>
      <label
        className={over ? "card drop drop-over" : "card drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <strong>{t("scan.image")}</strong>
        <span className="quiet small">{picture.isPending ? t("common.working") : t("scan.image_drop")}</span>
        <input
          type="file"
          accept="image/*"
          onChange={(event) => {
            choose(event.target.files);
            event.target.value = "";
          }}
        />
      </label>
    </Screen>
  );
}
