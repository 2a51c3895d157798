import { useMutation, useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";

import { post } from "../api/client";
import type { ChainAmount } from "../api/types";
import { addressOf, chainOf, shortId, useChainNames } from "../chains";
import { useWords } from "../i18n/language";
import { chainAmountText } from "../money";
import { Field } from "../parts/Field";
import { ProblemNotice } from "../parts/ProblemNotice";
import { parseUnits, unitsText } from "./amount";
import { Choice } from "./Choice";
import { isNative } from "./holding";
import { contactsQuery, feesQuery } from "./queries";
import { Select } from "./Select";
import type { Speed, TransferPreview, TransferWish } from "./shapes";
import { Worth } from "./worth";

export interface Draft {
  /** CAIP-10. */
  account: string;
  /** CAIP-19. */
  asset: string;
  recipient: string;
  amount: string;
  speed: Speed;
}

interface SendableHolding {
  account: string;
  label: string;
  amount: ChainAmount;
}

interface Props {
  holdings: readonly SendableHolding[];
  draft: Draft;
  /** Recipient and amount come from a request and stay as they are, where it names them. */
  fixed: boolean;
  onDraft: (draft: Draft) => void;
  onReview: (wish: TransferWish) => void;
}

const keyOf = (holding: { account: string; asset: string }) => `${holding.account} ${holding.asset}`;

export function SendForm({ holdings, draft, fixed, onDraft, onReview }: Props) {
  const { t } = useWords();
  const { name } = useChainNames();
  const [tried, setTried] = useState(false);
  const [amountFixed] = useState(fixed && draft.amount !== "");
  const change = (part: Partial<Draft>) => onDraft({ ...draft, ...part });
  const from = holdings.find((each) => each.account === draft.account && each.amount.asset === draft.asset) ?? holdings[0];
  const contacts = useQuery(contactsQuery).data ?? [];
  const all = useMutation({
    mutationFn: () => mostToSend(from, draft),
    onSuccess: (units) => change({ amount: unitsText(units, from?.amount.decimals ?? 0) }),
  });
  if (from === undefined) return null;
  const chain = chainOf(from.account);
  const held = BigInt(from.amount.base_units);
  const units = parseUnits(draft.amount, from.amount.decimals);
  const amountTrouble =
    draft.amount !== "" && units === null
      ? t("send.amount_bad")
      : units !== null && units > held
        ? t("send.amount_too_much", { amount: chainAmountText(from.amount) })
        : null;
  const isOneOfMany = ({ account, amount }: SendableHolding) =>
    holdings.filter((each) => each.amount.asset === amount.asset && each.account !== account).length > 0;
  const known = contacts.filter((contact) => chainOf(contact.account).split(":")[0] === chain.split(":")[0]);
  const recipient = draft.recipient.trim();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (units === null || amountTrouble || recipient === "") return;
    onReview({
      sender: from.account,
      recipient,
      asset: from.amount.asset,
      base_units: units.toString(),
      speed: draft.speed,
      accept_warnings: [],
    });
  };

  return (
    <form className="card form" onSubmit={submit}>
      <Select
        label={t("send.from")}
        value={keyOf({ account: from.account, asset: from.amount.asset })}
        hint={t("send.holds", { amount: chainAmountText(from.amount) })}
        onChange={(event) => {
          const next = holdings.find((each) => keyOf({ account: each.account, asset: each.amount.asset }) === event.target.value);
          if (next) change({ account: next.account, asset: next.amount.asset });
        }}
      >
        {holdings.map((each) => (
          <option
            key={keyOf({ account: each.account, asset: each.amount.asset })}
            value={keyOf({ account: each.account, asset: each.amount.asset })}
          >
            {each.amount.symbol} · {name(chainOf(each.account))}
            {isOneOfMany(each) && ` · ${shortId(addressOf(each.account))}`}
          </option>
        ))}
      </Select>
      <Field
        label={t("send.to")}
        hint={t("send.to_hint", { chain: name(chain) })}
        value={fixed ? addressOf(draft.recipient) : draft.recipient}
        readOnly={fixed}
        required
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        maxLength={120}
        onChange={(event) => change({ recipient: event.target.value })}
      />
      {!fixed && known.length > 0 && (
        <Select
          label={t("send.contacts")}
          value={known.find((contact) => addressOf(contact.account) === recipient)?.id ?? ""}
          onChange={(event) => {
            const contact = known.find((each) => each.id === event.target.value);
            if (contact) change({ recipient: addressOf(contact.account) });
          }}
        >
          <option value="">{t("send.contacts_none")}</option>
          {known.map((contact) => (
            <option key={contact.id} value={contact.id}>
              {contact.name} · {shortId(addressOf(contact.account))}
            </option>
          ))}
        </Select>
      )}
      <div className="row row-end">
        <Field
          label={`${t("send.amount")} (${from.amount.symbol})`}
          inputMode="decimal"
          autoComplete="off"
          value={draft.amount}
          readOnly={amountFixed}
          required
          error={amountTrouble ?? (tried && units === null ? t("send.amount_bad") : null)}
          onChange={(event) => change({ amount: event.target.value })}
        />
        {!amountFixed && (
          <button
            type="button"
            className="button button-quiet"
            disabled={all.isPending}
            onClick={() => all.mutate()}
          >
            {t("send.all")}
          </button>
        )}
      </div>
      <ProblemNotice error={all.error} />
      {units !== null && !amountTrouble && <Worth amount={{ ...from.amount, base_units: units.toString() }} />}
      <Speeds chain={chain} value={draft.speed} onChange={(speed) => change({ speed })} />
      <button className="button button-large">{t("send.review")}</button>
    </form>
  );
}

/** Everything, less what the network may charge when the asset is the chain's own coin, with a quarter to spare. */
async function mostToSend(from: SendableHolding | undefined, draft: Draft): Promise<bigint> {
  if (from === undefined) return 0n;
  const held = BigInt(from.amount.base_units);
  if (!isNative(from.amount.asset)) return held;
  const preview = await post<TransferPreview>("/transfers/preview", {
    sender: from.account,
    recipient: draft.recipient.trim() || from.account,
    asset: from.amount.asset,
    base_units: "1",
    speed: draft.speed,
  });
  const left = held - (BigInt(preview.fee_limit.base_units) * 5n) / 4n;
  return left > 0n ? left : 0n;
}

/** The speeds of a chain with a fee market; nothing elsewhere. */
function Speeds({ chain, value, onChange }: { chain: string; value: Speed; onChange: (speed: Speed) => void }) {
  const { t } = useWords();
  const speeds = useQuery(feesQuery(chain)).data?.speeds ?? [];
  if (speeds.length === 0) return null;
  return (
    <Choice
      label={t("send.speed")}
      value={value}
      options={speeds.map(
        (each) => [each.speed, t(`send.speed_${each.speed}`), t("send.seconds", { seconds: each.expected_seconds })] as const,
      )}
      onChange={onChange}
    />
  );
}
