"""CAIP-19 assets and amounts of them, counted in integer base units."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal, localcontext
from functools import lru_cache
from typing import Self

from primitives.account_id import parse_evm_address, parse_solana_address
from primitives.chain_id import ChainId
from primitives.errors import AssetMismatch, InvalidValue, PrecisionLoss

MAX_BASE_UNITS = 2**256 - 1
MOST_DECIMALS = 77
"""2^256 − 1 has 78 digits: with more decimals no amount could reach one unit."""

_SLIP44_OF_NATIVE = {"eip155": "60", "solana": "501"}
_SHAPE = re.compile(r"(slip44|erc20|erc721|erc1155|token):([-.%a-zA-Z0-9]{1,128})(?:/([-.%a-zA-Z0-9]{1,78}))?")


@dataclass(frozen=True, slots=True)
class AssetId:
    """An asset on one chain, with a token id where the standard has one.

    Examples: `eip155:1/slip44:60`, `eip155:1/erc20:0x…`, `eip155:1/erc1155:0x…/42`, `solana:…/token:<mint>`.

    Source: CAIP-19; SLIP-44 for native coins (60 Ether on every EVM chain here, 501 SOL).
    """

    chain: ChainId
    namespace: str
    reference: str
    token_id: str | None = None
    _text: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        local = f"{self.namespace}:{self.reference}" + ("" if self.token_id is None else f"/{self.token_id}")
        if not _SHAPE.fullmatch(local):
            raise InvalidValue(f"{local!r} is not an asset (CAIP-19)", value=local)
        if self.namespace.startswith("erc"):
            parse_evm_address(self.reference)
        if self.namespace == "token":
            parse_solana_address(self.reference)
        # Once: a payment's asset is written, compared and looked up dozens of times.
        object.__setattr__(self, "_text", f"{self.chain}/{local}")

    @classmethod
    @lru_cache(256)
    def native(cls, chain: ChainId) -> Self:
        return cls(chain, "slip44", _SLIP44_OF_NATIVE[chain.family])

    @classmethod
    def fungible(cls, chain: ChainId, address: str) -> Self:
        """An ERC-20 contract or an SPL / Token-2022 mint."""
        return cls(chain, "erc20" if chain.family == "eip155" else "token", address)

    @classmethod
    @lru_cache(4096)
    def parse(cls, text: str) -> Self:
        chain, _, local = text.partition("/")
        match = _SHAPE.fullmatch(local)
        if match is None:
            raise InvalidValue(f"{text!r} is not an asset (CAIP-19)", value=text)
        return cls(ChainId(chain), match[1], match[2], match[3])

    @property
    def is_native(self) -> bool:
        return self.namespace == "slip44"

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, AssetId) and self._text == other._text)

    def __hash__(self) -> int:
        return hash(self._text)

    def __str__(self) -> str:
        return self._text


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset with what is needed to show it: `decimals` base-unit digits after the point."""

    id: AssetId
    symbol: str
    decimals: int

    def __post_init__(self) -> None:
        if not 0 <= self.decimals <= MOST_DECIMALS:
            raise InvalidValue(f"{self.decimals} decimals: expected 0 to {MOST_DECIMALS}")


@dataclass(frozen=True, slots=True)
class Amount:
    """A non-negative quantity of one asset, counted in base units (wei, lamports)."""

    base_units: int
    asset: Asset

    def __post_init__(self) -> None:
        if not 0 <= self.base_units <= MAX_BASE_UNITS:
            raise InvalidValue(f"{self.base_units} base units: expected 0 to 2^256-1")

    @classmethod
    def from_decimal(cls, value: Decimal, asset: Asset) -> Self:
        """From units as people write them.

        Raises:
            PrecisionLoss: More decimals than the asset has; nothing is ever rounded.
            InvalidValue: Negative, infinite or not a number.
        """
        if not value.is_finite():
            raise InvalidValue(f"{value} is not an amount")
        with localcontext(prec=160):
            scaled = value.scaleb(asset.decimals)
            whole = int(scaled)
            if scaled != whole:
                raise PrecisionLoss(
                    f"{value} has more than the {asset.decimals} decimals of {asset.symbol}",
                    decimals=asset.decimals,
                    asset=str(asset.id),
                )
        return cls(whole, asset)

    def to_decimal(self) -> Decimal:
        with localcontext(prec=160):
            return Decimal(self.base_units).scaleb(-self.asset.decimals)

    def _same(self, other: Amount) -> None:
        if self.asset.id != other.asset.id:
            raise AssetMismatch(f"{self.asset.symbol} and {other.asset.symbol} cannot be added or compared")

    def __add__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.base_units + other.base_units, self.asset)

    def __sub__(self, other: Amount) -> Amount:
        self._same(other)
        return Amount(self.base_units - other.base_units, self.asset)

    def __lt__(self, other: Amount) -> bool:
        self._same(other)
        return self.base_units < other.base_units

    def __le__(self, other: Amount) -> bool:
        self._same(other)
        return self.base_units <= other.base_units

    def __str__(self) -> str:
        return f"{self.to_decimal():f} {self.asset.symbol}"
