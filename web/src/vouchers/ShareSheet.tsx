import { useMutation } from "@tanstack/react-query";

import { useWords } from "../i18n/language";
import { CopyText } from "../parts/CopyText";
import { Dialog } from "../parts/Dialog";
import { QrCode } from "../parts/QrCode";
import { posterOf } from "./poster";

interface Props {
  title: string;
  text: string;
  url: string;
  onClose: () => void;
}

const canSend = () => typeof navigator.share === "function";

/** Hands a link on: by an app of the device, copied, mailed, or as a picture to print. */
export function ShareSheet({ title, text, url, onClose }: Props) {
  const { t } = useWords();
  const send = useMutation({
    mutationFn: () =>
      navigator.share({ title, text, url }).catch((error: unknown) => {
        // Closing the device's sheet is no failure.
        if (!(error instanceof DOMException && error.name === "AbortError")) throw error;
      }),
  });
  const poster = useMutation({
    mutationFn: async () => {
      const picture = await posterOf({ title, text, url, scan: t("share.scan") });
      if (picture === null) throw new Error("no canvas");
      const address = URL.createObjectURL(picture);
      const link = document.createElement("a");
      link.href = address;
      link.download = `${title.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
    },
  });
  const mail = `mailto:?${new URLSearchParams({ subject: title, body: `${text}\n${url}` }).toString().replaceAll("+", "%20")}`;
  return (
    <Dialog title={t("share.title")} onClose={onClose}>
      <div className="share">
        <strong>{title}</strong>
        <p className="quiet">{text}</p>
        <QrCode text={url} label={t("share.qr_label")} />
        <CopyText text={url} label={t("share.copy")} whole />
        <div className="share-acts">
          {canSend() && (
            <button type="button" className="button" onClick={() => send.mutate()}>
              {t("share.native")}
            </button>
          )}
          <a className="button button-quiet" href={mail}>
            {t("share.mail")}
          </a>
          <button type="button" className="button button-quiet" disabled={poster.isPending} onClick={() => poster.mutate()}>
            {t("share.poster")}
          </button>
        </div>
        {(send.isError || poster.isError) && (
          <p className="bad small" role="alert">
            {t("share.refused")}
          </p>
        )}
        <button type="button" className="button button-plain" onClick={onClose}>
          {t("share.close")}
        </button>
      </div>
    </Dialog>
  );
}
