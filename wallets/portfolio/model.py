"""What somebody holds, and its worth in one currency."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.currency import Money

MOST_MINOR = 2**53 - 1
"""What travels as a JSON number without losing digits; a larger sum is shown as this."""


class HoldingKind(StrEnum):
    NATIVE = "native"
    ERC20 = "erc20"
    ERC721 = "erc721"
    ERC1155 = "erc1155"
    SPL = "spl"
    TOKEN_2022 = "token_2022"  # noqa: S105 - a token program
    VOUCHER = "voucher"
    POINTS = "points"


class NoWorth(StrEnum):
    """Why something has no worth in the total. The first two make the total partial, the others never belong in it."""

    PRICE_MISSING = "price_missing"
    """The source has no price of it, or cannot be asked."""
    PRICE_STALE = "price_stale"
    """The newest price is too old, or absurd."""
    COLLECTIBLE = "collectible"
    """One of its kind: no market price says what it is worth."""
    NOT_TRUSTED = "not_trusted"
    """It came by itself or imitates something: counting it is what its sender wants."""
    NOT_MONEY = "not_money"
    """A voucher or points: worth something in its shop only. See `in_shop`."""

    @property
    def missing(self) -> bool:
        return self in (NoWorth.PRICE_MISSING, NoWorth.PRICE_STALE)


@dataclass(frozen=True, slots=True)
class Worth:
    """`money` at a price of `source` as it was at `priced_at`. `rate`: decimal text, the currency's whole units for one
    whole unit of the asset."""

    money: Money
    rate: str
    source: str
    priced_at: datetime


@dataclass(frozen=True, slots=True)
class Right:
    """Vouchers of one campaign in one account, or the points of one programme: what a shop owes, not money.

    Attributes:
        account: None for points, which are on no chain.
        count: Vouchers, or points.
        in_shop: What it takes off a price at most; None where that depends on the cart.
        expires_at: Of the soonest of them; None for points without a date.
    """

    kind: HoldingKind
    reference: str
    title: str
    account: AccountId | None
    count: int
    in_shop: Money | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that one account holds.

    Attributes:
        amount: None for vouchers and points, which `right` tells of.
        name: As its contract or mint says; empty when it says nothing.
        marks: Why it is not to be trusted (`wallets.assets`).
        hidden: Left out of lists unless asked for.
        worth: None: `no_worth` says why.
    """

    kind: HoldingKind
    account: AccountId | None
    label: str
    amount: Amount | None
    name: str = ""
    marks: tuple[str, ...] = ()
    hidden: bool = False
    worth: Worth | None = None
    no_worth: NoWorth | None = None
    right: Right | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of all worths.

    Attributes:
        complete: Nothing that belongs in it is missing: every chain answered and everything counted had a price.
        missing: Symbols that had no usable price.
        sources: Whose prices they are.
        priced_at: Of the oldest price in it; None when nothing was priced.
    """

    money: Money
    complete: bool
    missing: tuple[str, ...]
    sources: tuple[str, ...]
    priced_at: datetime | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Attributes:
    unavailable: Chains whose node did not answer: what is there is not in the list.
    reading: Chains whose history is not read to its end: tokens may be missing; asking again reads on.
    in_shop: What vouchers and points take off prices at most, by currency; not in the total.
    watched: What addresses hold whose keys are elsewhere: known coins and tokens. Nothing of it is in `total`, because
        nothing of it can be spent here; `watched_total` is its own.
    watched_unavailable: Networks (CAIP-2) of watched addresses that no node of ours could be asked about.
    """

    holdings: tuple[Holding, ...]
    total: Total
    in_shop: tuple[Money, ...]
    unavailable: tuple[ChainId, ...]
    reading: tuple[ChainId, ...]
    read_at: datetime
    watched: tuple[Holding, ...]
    watched_total: Total
    watched_unavailable: tuple[str, ...]
