import { useWords } from "../i18n/language";
import { ProblemNotice } from "../parts/ProblemNotice";
import { PasskeyTrouble } from "./webauthn";

/** What went wrong with a passkey: at the device, or at the server. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useWords();
  if (!(error instanceof PasskeyTrouble)) return <ProblemNotice error={error} />;
  return (
    <div className="notice notice-warn" role="alert">
      <p>{t(`passkey.trouble.${error.kind}`, { reason: error.reason })}</p>
    </div>
  );
}
