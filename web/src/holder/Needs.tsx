import { useWords } from "../i18n/language";
import type { WaitingPayment } from "./shapes";

/** What the rules say, and until when they wait. */
export function Needs({ waiting }: { waiting: WaitingPayment }) {
  const { t, date, time } = useWords();
  const until = `${date(waiting.expires_at)} ${time(waiting.expires_at)}`;
  return (
    <>
      {waiting.needs.map((need) => (
        <p key={need.rule}>{need.message}</p>
      ))}
      <p className="quiet small">{t("approve.until", { time: until })}</p>
    </>
  );
}
