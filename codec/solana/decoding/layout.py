"""The form of one instruction: its data fields and the parts that its accounts play."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codec.solana.decoding.reader import Field, Reader
from codec.solana.instruction import Instruction
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read an instruction after its tag; names are those of Agave's parser.

    Attributes:
        accounts: Parts of the first accounts, in order.
        authority: Part of the account that decides. More accounts after it are the signers of a multisig; then the
            part is named `multisig…` and `signers` lists them.
        others: What the further accounts are, as a list.
        drop_absent: Leave out fields that are None, as Agave does for optional authorities.
    """

    kind: str
    fields: tuple[tuple[str, Field], ...] = ()
    accounts: tuple[str, ...] = ()
    authority: str | None = None
    others: str | None = None
    drop_absent: bool = False

    def read(self, reader: Reader, instruction: Instruction) -> dict[str, Any]:
        """Name → value.

        Raises:
            InvalidValue: Data or accounts are not those of this instruction.
        """
        keys = [encode_base58(meta.key) for meta in instruction.accounts]
        if len(keys) < len(self.accounts) + (self.authority is not None):
            raise InvalidValue(f"{self.kind} names too few accounts")
        found: dict[str, Any] = dict(zip(self.accounts, keys, strict=False))
        for name, read in self.fields:
            value = read(reader)
            if value is not None or not self.drop_absent:
                found[name] = value
        rest = keys[len(self.accounts) :]
        if self.authority is not None:
            decider, *signers = rest
            if signers and self.others is None:
                found[f"multisig{self.authority[0].upper()}{self.authority[1:]}"] = decider
                found["signers"] = signers
            else:
                found[self.authority] = decider
            rest = signers
        if self.others is not None:
            found[self.others] = rest
        return found


@dataclass(frozen=True, slots=True)
class Parsed:
    """One instruction read: program and kind are the names of Agave's parser, `facts` its fields as JSON."""

    program: str
    kind: str
    facts: Mapping[str, Any]
