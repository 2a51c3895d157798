"""Ledger entries and the state of a voucher that follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from chains import events as facts
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import LedgerDiverged
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.ledger.page_size import FIRST_SPAN

FACT_KINDS: Mapping[str, type[Any]] = {
    "launched": facts.CampaignLaunched,
    "funded": facts.CampaignFunded,
    "issued": facts.VoucherIssued,
    "moved": facts.VoucherMoved,
    "redeemed": facts.VoucherRedeemed,
    "paid": facts.OrderPaid,
    "voided": facts.VoucherVoided,
    "reversed": facts.RedemptionReversed,
    "undone": facts.RedemptionUndone,
    "returned": facts.PayoutReturned,
    "credited": facts.PayoutCredited,
    "settled": facts.MerchantSettled,
    "spent": facts.ValueSpent,
    "value_back": facts.ValueCredited,
    "paused": facts.CampaignPaused,
    "resumed": facts.CampaignResumed,
    "reclaimed": facts.EscrowReclaimed,
    "divergence": facts.Divergence,
}
_FIELDS = {fact: tuple(field.name for field in fields(fact)) for fact in FACT_KINDS.values()}
_NAME_OF = {fact: name for name, fact in FACT_KINDS.items()}
_TEXT_TYPES: Mapping[str, Any] = {
    "CampaignId": CampaignId,
    "VoucherId": VoucherId,
    "AccountId": AccountId,
    "AssetId": AssetId,
}


def voucher_of(fact: facts.Fact) -> VoucherId | None:
    """The voucher that the fact is about; None for facts about campaigns and orders."""
    found: VoucherId | None = getattr(fact, "voucher", None)
    return found


def kind_of(fact: facts.Fact) -> str:
    return _NAME_OF[type(fact)]


def fact_to_json(fact: facts.Fact) -> dict[str, Any]:
    """Ids as text, bytes as hex, amounts as decimal strings."""
    return {name: _plain(getattr(fact, name)) for name in _FIELDS[type(fact)]}


def _plain(value: Any) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def fact_from_json(kind: str, data: Mapping[str, Any]) -> facts.Fact:
    """The inverse of `fact_to_json`. Raises LedgerDiverged on an unknown kind."""
    if kind not in FACT_KINDS:
        raise LedgerDiverged(f"the ledger holds a fact of unknown kind {kind!r}")
    shape = FACT_KINDS[kind]
    values: dict[str, Any] = {}
    for field in fields(shape):
        text = data[field.name]
        if field.type in _TEXT_TYPES:
            values[field.name] = _TEXT_TYPES[str(field.type)].parse(text)
        elif field.type == "bytes":
            values[field.name] = bytes.fromhex(text)
        elif field.type == "int":
            values[field.name] = int(text)
        else:
            values[field.name] = text
    fact: facts.Fact = shape(**values)
    return fact


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One observation. `observation` counts how often this fact was seen or found gone: even is seen, odd is gone in
    a reorganisation. Nothing is ever deleted."""

    chain: ChainId
    event: facts.TokenEvent
    observation: int = 0

    @property
    def position(self) -> ChainPosition:
        return self.event.position

    @property
    def reversing(self) -> bool:
        return self.observation % 2 == 1


class VoucherStatus(StrEnum):
    LIVE = "live"
    REDEEMED = "redeemed"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Voucher:
    """The state of one voucher after every fact that now stands.

    Attributes:
        moves: How often it changed hands.
        issued_at, ended_at: Block times, Unix seconds.
        last_height: Of the newest fact: the state is as final as this height.
        payout: Base units of the campaign's settlement asset.
        diverged: Facts contradict each other (a second redemption, a move by somebody who did not hold it).
    """

    id: VoucherId
    chain: ChainId
    holder: AccountId
    status: VoucherStatus
    moves: int
    issued_height: int
    issued_at: int
    last_height: int
    ended_at: int | None = None
    merchant: AccountId | None = None
    redemption_id: bytes | None = None
    order_hash: bytes | None = None
    amount_minor: int | None = None
    payout: int | None = None
    diverged: bool = False


def voucher_after(chain: ChainId, events: Iterable[facts.TokenEvent]) -> Voucher | None:
    """Fold the standing facts of one voucher, in order of position; None without an issue."""
    state: dict[str, Any] | None = None
    for event in sorted(events, key=lambda item: item.position):
        fact = event.fact
        if isinstance(fact, facts.VoucherIssued):
            if state is not None:
                state["diverged"] = True
                continue
            state = {
                "id": fact.voucher,
                "chain": chain,
                "holder": fact.holder,
                "status": VoucherStatus.LIVE,
                "moves": 0,
                "issued_height": event.position.height,
                "issued_at": event.block_time,
                "last_height": event.position.height,
            }
            continue
        if state is None:
            continue
        state["last_height"] = event.position.height
        _apply(state, event, fact)
    return None if state is None else Voucher(**state)


def _apply(state: dict[str, Any], event: facts.TokenEvent, fact: facts.Fact) -> None:
    live = state["status"] is VoucherStatus.LIVE
    match fact:
        case facts.VoucherMoved():
            if not live or fact.sender != state["holder"]:
                state["diverged"] = True
            else:
                state.update(holder=fact.recipient, moves=state["moves"] + 1)
        case facts.VoucherRedeemed():
            if not live or fact.holder != state["holder"]:
                state["diverged"] = True
            if live:
                state.update(
                    status=VoucherStatus.REDEEMED,
                    ended_at=event.block_time,
                    merchant=fact.merchant,
                    redemption_id=fact.redemption_id,
                    order_hash=fact.order_hash,
                    amount_minor=fact.amount_minor,
                    payout=fact.payout,
                )
        case facts.ValueCredited():
            if state["status"] is VoucherStatus.REDEEMED:
                nothing = ("ended_at", "merchant", "redemption_id", "order_hash", "amount_minor", "payout")
                state.update(dict.fromkeys(nothing), status=VoucherStatus.LIVE)
        case facts.VoucherVoided():
            if live:
                state.update(status=VoucherStatus.VOID, ended_at=event.block_time)
            else:
                state["diverged"] = True
        case _:
            return


@dataclass(frozen=True, slots=True)
class ChainCursor:
    """How far a chain was read.

    Attributes:
        final_height: Every fact up to here is stored and can no longer change; negative before the first.
        final_hash: The block at that height, 32 bytes; None where the chain has none there.
        included, safe, finalized: Heights of the heads at the last scan.
        halted: Why scanning stopped for a human to look; None while it goes on.
        tip_height, tip_hash: The newest block whose facts are stored, final or not; the hash is None where the chain's
            blocks do not vouch for those before them (Solana).
        span: Heights to read at a time, as the node and the number of facts allow.
    """

    chain: ChainId
    final_height: int = -1
    final_hash: bytes | None = None
    included: int = -1
    safe: int = -1
    finalized: int = -1
    halted: str | None = None
    tip_height: int = -1
    tip_hash: bytes | None = None
    span: int = FIRST_SPAN


@dataclass(frozen=True, slots=True)
class CampaignCounts:
    """What the standing facts of one campaign add up to, all chains together.

    `cost_minor` is the discount that merchants gave, `paid_out` what escrow paid, in base units by settlement asset.
    """

    issued: int
    live: int
    redeemed: int
    void: int
    cost_minor: int
    paid_out: Mapping[str, int]
    funded: Mapping[str, int]
    alarms: int
