"""The lanes of a rule document: one chain's part each, their caps summing to the campaign's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chains.campaign import CampaignPower
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidTerms, QuanbaoError
from vouchers.rules.fields import Fields, impossible
from vouchers.rules.terms import ClaimWay, Effect, LaneRules, Payout, VoucherKind

_EVM = "eip155"
_SOLANA = "solana"


def check_lanes(kind: VoucherKind, effect: Effect, cap: int, sponsor_bp: int, lanes: Sequence[LaneRules]) -> None:
    """Raises InvalidTerms; `field` names the place."""
    if kind is VoucherKind.POINTS:
        if lanes:
            raise impossible("points are a ledger of the shop, on no chain: name no lanes", "lanes")
        return
    if not lanes:
        raise impossible("a campaign needs at least one chain", "lanes")
    if cap < len(lanes):
        raise impossible(f"a cap of {cap} leaves nothing for one of {len(lanes)} chains", "cap")
    if sum(lane.cap for lane in lanes) != cap:
        raise impossible("the lanes' caps must sum to the campaign's cap", "lanes")
    for what in ("lane", "chain"):
        if len({getattr(lane, what) for lane in lanes}) != len(lanes):
            raise impossible(f"two lanes have the same {what}", "lanes")
    for place, lane in enumerate(lanes):
        _check_lane(lane, f"lanes[{place}]")
        if kind is VoucherKind.STORED_VALUE:
            _check_stored_value(lane, effect, sponsor_bp, f"lanes[{place}]")


def _check_lane(lane: LaneRules, place: str) -> None:
    if not 0 <= lane.lane < 256 or lane.cap < 1:
        raise impossible("a lane has a number of 0 to 255 and a cap of at least 1", place)
    if lane.max_payout < 0 or lane.units_per_minor < 1:
        raise impossible("max_payout and units_per_minor are not negative or zero", place)
    named = (lane.issuer, lane.funder, *lane.merchants, lane.ticket_signer, lane.delegate)
    accounts = [account for account in named if account is not None]
    if not lane.merchants or any(account.chain != lane.chain for account in accounts):
        raise impossible("a lane names a merchant, and only accounts of its own chain", place)
    if lane.settlement.id.chain != lane.chain:
        raise impossible("the settlement asset must lie on the lane's chain", place)
    if lane.ticket_signer is not None and lane.chain.family != _EVM:
        raise impossible("claim tickets exist on EVM chains only", f"{place}.ticket_signer")
    if lane.delegate is not None and lane.chain.family != _SOLANA:
        raise impossible("a permanent delegate exists on Solana only", f"{place}.delegate")


def _check_stored_value(lane: LaneRules, effect: Effect, sponsor_bp: int, place: str) -> None:
    if lane.chain.family != _EVM:
        raise impossible("stored value is on EVM chains only so far", f"{place}.chain")
    if sponsor_bp == 0:
        raise impossible("stored value is paid by its sponsor: a share above zero", "sponsor_bp")
    # The contract has no field for the face value: it is what max_payout pays for.
    if lane.max_payout * 10_000 // (lane.units_per_minor * sponsor_bp) != effect.balance:
        raise impossible("max_payout must pay for exactly the balance", f"{place}.max_payout")


def check_lane_terms(
    lanes: Sequence[LaneRules], ways: frozenset[ClaimWay], powers: frozenset[CampaignPower], payout: Payout
) -> None:
    """What lanes must fit of the campaign's other terms. Raises InvalidTerms."""
    for index, lane in enumerate(lanes):
        place = f"lanes[{index}]"
        if lane.delegate is not None and CampaignPower.VOID not in powers:
            raise impossible("a permanent delegate needs the declared power to void", f"{place}.delegate")
        if lane.ticket_signer is not None and ClaimWay.TICKET not in ways:
            raise impossible("a ticket signer needs ticket among the claim ways", f"{place}.ticket_signer")
        if payout is Payout.ACCRUED and lane.chain.family != _EVM:
            raise impossible("accrued payout is on EVM chains only: Solana pays in the act", "payout")
    signers = [lane for lane in lanes if lane.ticket_signer is not None]
    if ClaimWay.TICKET in ways and not signers and CampaignPower.TICKET_SIGNER not in powers:
        raise impossible("tickets need an EVM lane with a ticket signer, or the power to name one", "claim.ways")


def lane_to_document(lane: LaneRules) -> dict[str, Any]:
    return {
        "lane": lane.lane,
        "chain": str(lane.chain),
        "cap": lane.cap,
        "issuer": str(lane.issuer),
        "funder": str(lane.funder),
        "merchants": [str(account) for account in lane.merchants],
        "settlement": {
            "asset": str(lane.settlement.id),
            "symbol": lane.settlement.symbol,
            "decimals": lane.settlement.decimals,
        },
        "max_payout": str(lane.max_payout),
        "units_per_minor": str(lane.units_per_minor),
        "ticket_signer": None if lane.ticket_signer is None else str(lane.ticket_signer),
        "delegate": None if lane.delegate is None else str(lane.delegate),
    }


def lane_from_document(fields: Fields) -> LaneRules:
    """Raises InvalidTerms."""
    settlement = fields.object("settlement")
    try:
        lane = LaneRules(
            lane=fields.integer("lane"),
            chain=ChainId.parse(fields.text("chain")),
            cap=fields.integer("cap"),
            issuer=AccountId.parse(fields.text("issuer")),
            funder=AccountId.parse(fields.text("funder")),
            merchants=tuple(AccountId.parse(text) for text in fields.texts("merchants")),
            settlement=Asset(
                AssetId.parse(settlement.text("asset")), settlement.text("symbol"), settlement.integer("decimals")
            ),
            max_payout=fields.big_integer("max_payout"),
            units_per_minor=fields.big_integer("units_per_minor"),
            ticket_signer=_account(fields.optional_text("ticket_signer")),
            delegate=_account(fields.optional_text("delegate")),
        )
    except InvalidTerms:
        raise
    except QuanbaoError as error:
        raise impossible(f"lanes: {error.message}", "lanes") from error
    settlement.require_no_more()
    fields.require_no_more()
    return lane


def _account(text: str | None) -> AccountId | None:
    return None if text is None else AccountId.parse(text)
