import { useWords } from "../i18n/language";
import type { AskedPayment } from "./shapes";

/** What a scanned request says of itself; everything in it is the asker's word. */
export function AskedNotice({ asked }: { asked: AskedPayment }) {
  const { t } = useWords();
  const what = asked.message ?? asked.memo;
  return (
    <div className="notice">
      <p>{asked.label ? t("send.asked", { who: asked.label }) : t("send.asked_nobody")}</p>
      {what && <p>{t("send.asked_memo", { text: what })}</p>}
      {asked.own && <p>{t("send.own")}</p>}
      {asked.known_as && <p>{t("send.known", { name: asked.known_as })}</p>}
      {asked.references.length > 0 && <p className="bad">{t("send.references")}</p>}
    </div>
  );
}
