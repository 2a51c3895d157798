"""CAIP-2 chain identifiers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, Self

from primitives.errors import InvalidValue

Family = Literal["eip155", "solana"]

_SHAPE = re.compile(r"(eip155:[1-9][0-9]{0,31}|solana:[1-9A-HJ-NP-Za-km-z]{32})")


@dataclass(frozen=True, slots=True)
class ChainId:
    """A blockchain: `eip155:<chain id>`, or `solana:<first 32 characters of the base58 genesis hash>`.

    Source: CAIP-2; namespaces/eip155, namespaces/solana.
    """

    text: str

    def __post_init__(self) -> None:
        if not _SHAPE.fullmatch(self.text):
            raise InvalidValue(f"{self.text!r} is not a chain id that we know (CAIP-2)", value=self.text)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(text)

    @classmethod
    def evm(cls, number: int) -> Self:
        return cls(f"eip155:{number}")

    @classmethod
    def solana(cls, genesis_hash: str) -> Self:
        """From the base58 genesis hash that the node answers at start-up."""
        return cls(f"solana:{genesis_hash[:32]}")

    @property
    def family(self) -> Family:
        return "eip155" if self.text.startswith("eip155:") else "solana"

    @property
    def reference(self) -> str:
        return self.text.partition(":")[2]

    @property
    def evm_number(self) -> int:
        """The EIP-155 number. Raises InvalidValue on another family."""
        if self.family != "eip155":
            raise InvalidValue(f"{self} is not an EVM chain")
        return int(self.reference)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, ChainId) and self.text == other.text)

    def __hash__(self) -> int:
        return hash(self.text)

    def __str__(self) -> str:
        return self.text
