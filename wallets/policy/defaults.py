"""The rules of whoever has set none: careful where money has value, generous on test networks (docs/policy.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from primitives.asset import Asset
from primitives.chain_id import ChainId
from wallets.policy.rules import (
    AnyRule,
    BlindSigning,
    Cooling,
    Document,
    Limit,
    Outcome,
    SecondFactor,
    Sum,
    UnreadableCalls,
)

CURRENCY = "CNY"
TESTS = "default.test-"
"""How the rules of test networks begin."""
_LOCAL_COINS = 1_000_000
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Defaults:
    """Documents of persons, and of organisations' own accounts."""

    person: Document
    organisation: Document


def default_rules(coins: Iterable[Asset], local: Collection[ChainId]) -> Defaults:
    """Of an installation.

    Args:
        coins: The native coin of each chain.
        local: Which chains are test networks of our own.
    """
    every = list(coins)
    real = frozenset(coin.id.chain for coin in every if coin.id.chain not in local)
    tests: list[AnyRule] = [
        Limit(
            f"{TESTS}{coin.id.chain.family}-{number}",
            frozenset({coin.id.chain}),
            at_most=Sum(_LOCAL_COINS * 10**coin.decimals, asset=coin.id),
            window="payment",
        )
        for number, coin in enumerate(one for one in every if one.id.chain in local)
    ]
    person: list[AnyRule] = []
    organisation: list[AnyRule] = []
    if real:
        person = [
            Limit("default.payment", real, at_most=_yuan(50_000), window="payment"),
            Limit("default.day", real, at_most=_yuan(200_000), window="day"),
            Cooling("default.new-recipient", real, seconds=_DAY, above=_yuan(10_000)),
            SecondFactor("default.code", real, above=_yuan(5_000)),
            UnreadableCalls("default.calls", real, effect=Outcome.SECOND_FACTOR),
            BlindSigning("default.blind", real, effect=Outcome.SECOND_FACTOR),
        ]
        organisation = [
            Limit("default.payment", real, at_most=_yuan(500_000), window="payment"),
            Limit("default.day", real, at_most=_yuan(2_000_000), window="day"),
        ]
    zone = ZoneInfo("Asia/Shanghai")
    return Defaults(Document(zone, (*person, *tests)), Document(zone, (*organisation, *tests)))


def _yuan(whole: int) -> Sum:
    return Sum(whole * 100, currency=CURRENCY)
