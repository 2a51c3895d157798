"""What every redemption shows, on whatever chain, once its family's evidence is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from . import canonical
from .crypto import keccak256
from .envelope import Envelope
from .fields import Fields
from .report import Fact, require

Money: TypeAlias = "dict[str, str] | None"
"""`asset` as CAIP-19 text and `base_units`; None when nothing moved."""


@dataclass(frozen=True, slots=True)
class Redemption:
    """What the chain's evidence says. Parties are CAIP-10 texts; ids and hashes have 32 bytes, an id may be left out.

    Attributes:
        moves: How often the voucher had changed hands when the order was signed; always 0 on Solana.
        paid: What payouts rest on: `proven` or `attested by …`.
    """

    chain: str
    voucher: bytes
    redemption_id: bytes | None
    order_hash: bytes
    holder: str
    merchant: str
    amount_minor: int
    moves: int
    payout: Money
    remainder: Money
    paid: str


def check_redemption(envelope: Envelope, shown: Redemption, of_family: dict[str, Any]) -> list[Fact]:
    """Check ids, documents and the claim, and state the facts that follow.

    Args:
        of_family: The claim's further fields, as the family's evidence shows them.

    Raises:
        Rejected: The redemption id, the rule document, the order document or the claim is another one.
    """
    campaign = envelope.campaign
    numbers = shown.amount_minor.to_bytes(32, "big") + shown.moves.to_bytes(32, "big")
    parties = keccak256(shown.holder.encode()) + keccak256(shown.merchant.encode())
    expected = keccak256(shown.voucher + parties + shown.order_hash + numbers)
    require(shown.redemption_id in (expected, None), "redemption_id", "it is not the hash of the redemption's facts")
    require(campaign.id == shown.voucher[:24], "rule_document", "the campaign commits to another document")
    claim = {
        "amount_minor": str(shown.amount_minor),
        "campaign": campaign.id.hex(),
        "chain": shown.chain,
        "holder": shown.holder,
        "merchant": shown.merchant,
        "moves": str(shown.moves),
        "order_hash": shown.order_hash.hex(),
        "payout": shown.payout,
        "redemption_id": expected.hex(),
        "remainder": shown.remainder,
        "rules_hash": campaign.rules_hash.hex(),
        "voucher": shown.voucher.hex(),
        **of_family,
    }
    claimed = Fields("claim", envelope.claim, claim).value
    for name, value in claim.items():
        same = canonical.encode(claimed[name]) == canonical.encode(value)
        found = f"claim.{name} is {str(claimed[name])[:120]!r}, the evidence shows {str(value)[:120]!r}"
        require(same, "claim", found)
    committed = f"has the hash {campaign.rules_hash.hex()}, to which campaign {campaign.id.hex()} commits"
    facts = [
        Fact("redemption_id", "proven", f"{expected.hex()} is the hash of the redemption's facts"),
        *_money("payout", "the escrow", shown.payout, shown),
        *_money("remainder", "the holder", shown.remainder, shown),
        Fact("rule_document", "proven", f"the rule document {campaign.title!r} {committed}"),
    ]
    if envelope.order_hash is not None:
        require(envelope.order_hash == shown.order_hash, "order_document", "its hash is not the order's hash")
        facts.append(Fact("order_document", "proven", f"the order document's hash is {shown.order_hash.hex()}"))
    return facts


def _money(name: str, payer: str, money: Money, shown: Redemption) -> list[Fact]:
    if money is None:
        return []
    statement = f"{payer} paid {money['base_units']} base units of {money['asset']} to {shown.merchant}"
    return [Fact(name, shown.paid, statement)]
