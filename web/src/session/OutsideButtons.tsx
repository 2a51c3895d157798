import { Problem } from "../api/problem";
import { useWords } from "../i18n/language";
import { ProblemNotice } from "../parts/ProblemNotice";
import { OutsideTrouble, type OutsideWallet } from "./outside";
import { useOutsideWallets } from "./outsideWallets";

interface Props {
  /** Words of a wallet's button. */
  words: (wallet: string) => string;
  /** The wallet that is being asked now. */
  asking: OutsideWallet | null;
  error: unknown;
  onChoose: (wallet: OutsideWallet) => void;
}

/** The wallets of this browser, each with a button; which of them has to be looked at now, and what went wrong. */
export function OutsideButtons({ words, asking, error, onChoose }: Props) {
  const { t } = useWords();
  const wallets = useOutsideWallets();
  return (
    <>
      <div className="ways-in">
        {wallets.map((wallet) => (
          <button
            key={`${wallet.family} ${wallet.name}`}
            type="button"
            className="button button-quiet"
            disabled={asking !== null}
            onClick={() => onChoose(wallet)}
          >
            {words(wallet.label)}
          </button>
        ))}
      </div>
      {asking ? (
        <p className="loading" role="status">
          <span className="spinner" aria-hidden="true" />
          {t("outside.asking", { wallet: asking.name })}
        </p>
      ) : (
        <Trouble error={error} />
      )}
    </>
  );
}

/** Refusals of the server that the wallet's owner mends in the wallet. */
const NOT_ITS_SIGNATURE = new Set(["login_failed", "one_time_used"]);

function Trouble({ error }: { error: unknown }) {
  const { t } = useWords();
  if (error instanceof OutsideTrouble) {
    return (
      <div className="notice notice-warn" role="alert">
        <p>{t(`outside.${error.why}`, { wallet: error.wallet, reason: error.reason })}</p>
        {error.why === "absent" && <WhereToGet wallet={error.wallet} />}
      </div>
    );
  }
  if (error instanceof Problem && NOT_ITS_SIGNATURE.has(error.code)) {
    return (
      <p className="notice notice-warn" role="alert">
        {t("outside.other_account")}
      </p>
    );
  }
  return <ProblemNotice error={error} />;
}

/** Where each is to be had; on a phone its app opens this page in a browser of its own. */
const SITES: Readonly<Record<string, { get: string; open: () => string }>> = {
  MetaMask: {
    get: "https://metamask.io/download",
    open: () => `https://link.metamask.io/dapp/${location.host}${location.pathname}`,
  },
  Phantom: {
    get: "https://phantom.com/download",
    open: () =>
      `https://phantom.app/ul/browse/${encodeURIComponent(location.origin + location.pathname)}?ref=${encodeURIComponent(location.origin)}`,
  },
};

function WhereToGet({ wallet }: { wallet: string }) {
  const { t } = useWords();
  const site = SITES[wallet];
  if (!site) return null;
  const isPhone = matchMedia("(pointer: coarse)").matches;
  return (
    <p className="row">
      {isPhone && (
        <a href={site.open()} rel="noreferrer">
          {t("outside.open_in", { wallet })}
        </a>
      )}
      <a href={site.get} target="_blank" rel="noreferrer">
        {t("outside.get", { wallet })}
      </a>
    </p>
  );
}
