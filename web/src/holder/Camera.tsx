import { useCallback, useEffect, useRef, useState } from "react";

import type { TextName } from "../i18n/dictionary";
import { useWords } from "../i18n/language";
import { qrReader } from "./qrReading";

/** Milliseconds between two looks at the picture. */
const PAUSE = 150;

const TROUBLES: Readonly<Record<string, TextName>> = {
  NotAllowedError: "scan.refused",
  SecurityError: "scan.refused",
  NotFoundError: "scan.absent",
  OverconstrainedError: "scan.absent",
};

interface Props {
  /** What was found is being read: do not look further meanwhile. */
  busy: boolean;
  onFound: (text: string) => void;
}

/** Looks for a QR code until one is found. Nothing of the picture leaves the device. */
export function Camera({ busy, onFound }: Props) {
  const { t } = useWords();
  const [state, setState] = useState<"off" | "starting" | "on">("off");
  const [trouble, setTrouble] = useState<TextName | null>(null);
  const video = useRef<HTMLVideoElement>(null);
  const stream = useRef<MediaStream | null>(null);
  const found = useRef(onFound);
  found.current = onFound;

  const stop = useCallback(() => {
    for (const track of stream.current?.getTracks() ?? []) track.stop();
    stream.current = null;
    setState("off");
  }, []);
  useEffect(() => stop, [stop]);

  const start = async () => {
    setTrouble(null);
    if (!("mediaDevices" in navigator)) {
      setTrouble("scan.insecure");
      return;
    }
    setState("starting");
    try {
      stream.current = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
      setState("on");
    } catch (error) {
      setTrouble(TROUBLES[(error as DOMException).name] ?? "scan.camera_busy");
      setState("off");
    }
  };

  useEffect(() => {
    const place = video.current;
    if (state !== "on" || busy || place === null) return;
    let over = false;
    let timer = 0;
    place.srcObject = stream.current;
    const look = async () => {
      const read = await qrReader();
      await place.play().catch(() => undefined);
      const again = async () => {
        if (over) return;
        const text = place.videoWidth > 0 ? await read(place, place.videoWidth, place.videoHeight).catch(() => null) : null;
        if (over) return;
        if (text === null) {
          timer = window.setTimeout(() => void again(), PAUSE);
          return;
        }
        stop();
        found.current(text);
      };
      await again();
    };
    look().catch(() => {
      setTrouble("scan.camera_busy");
      stop();
    });
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [busy, state, stop]);

  return (
    <section className="card camera" aria-label={t("scan.camera")}>
      {state === "on" ? (
        <>
          <div className="camera-frame">
            <video ref={video} muted playsInline />
          </div>
          <p role="status">{t("scan.aim")}</p>
          <button type="button" className="button button-quiet" onClick={stop}>
            {t("scan.stop")}
          </button>
        </>
      ) : (
        <button type="button" className="button button-large" disabled={state === "starting"} onClick={() => void start()}>
          {state === "starting" ? t("scan.starting") : t("scan.start")}
        </button>
      )}
      {trouble && (
        <p className="notice notice-warn" role="alert">
          {t(trouble)}
        </p>
      )}
    </section>
  );
}
