"""Many Solana messages of one signer that differ only in one account and one amount.

The bytes are those of `build_message`, which the template asks once for each place the account can take: accounts of
one class stand in the order of their bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from codec.solana.instruction import Instruction
from codec.solana.message import MAX_TRANSACTION_BYTES, Version, build_message, decode_message, encode_length
from primitives.errors import InvalidValue

_MAX_AMOUNT = 2**64 - 1

Instructions = Callable[[bytes, int], Sequence[Instruction]]
"""Instructions for one recipient (32 bytes) and one amount."""


class MessageTemplate:
    """Compiled instructions with a place for the recipient and one for the amount.

    Args:
        fee_payer: 32 bytes; the only signer.
        instructions: Asked for each layout, and for a recipient who is an account of the message already.
        blockhash: 32 bytes.

    Raises:
        InvalidValue: Somebody else signs too, or recipient and amount do not each stand in one place.
    """

    def __init__(
        self, fee_payer: bytes, instructions: Instructions, blockhash: bytes, *, version: Version = "legacy"
    ) -> None:
        self._payer = fee_payer
        self._instructions = instructions
        self._blockhash = blockhash
        self._version = version
        self.example = decode_message(self._build(_unused(fee_payer), 1))
        if self.example.signers != (fee_payer,):
            raise InvalidValue("a batch of Solana messages has one signer, its fee payer")
        self._known = frozenset(self.example.account_keys) - {_unused(fee_payer)}
        neighbours = self._neighbours()
        self._order = neighbours
        self._layouts = [
            self._layout(low, high) for low, high in zip((None, *neighbours), (*neighbours, None), strict=True)
        ]

    @property
    def fee_payer(self) -> bytes:
        return self._payer

    def message(self, recipient: bytes, amount: int) -> bytes:
        """The message bytes for one recipient (32 bytes) and amount (0 … 2^64 - 1, base units).

        Raises:
            InvalidValue: Out of range.
        """
        if len(recipient) != 32 or not 0 <= amount <= _MAX_AMOUNT:
            raise InvalidValue("a recipient has 32 bytes, an amount fits into 64 bits")
        if recipient in self._known:
            return self._build(recipient, amount)
        layout = self._layouts[bisect_left(self._order, recipient)]
        if layout is None:
            return self._build(recipient, amount)
        head, middle, tail = layout
        return b"".join((head, recipient, middle, amount.to_bytes(8, "little"), tail))

    def _build(self, recipient: bytes, amount: int) -> bytes:
        raw = build_message(self._payer, self._instructions(recipient, amount), self._blockhash, version=self._version)
        if 1 + 64 + len(raw) > MAX_TRANSACTION_BYTES:
            raise InvalidValue("the message does not fit into one transaction", size=65 + len(raw))
        return raw

    def _neighbours(self) -> list[bytes]:
        """The accounts of the recipient's class, in their order."""
        example = self.example
        place = example.account_keys.index(_unused(self._payer))
        writable = example.is_writable(place)
        return [
            key
            for index, key in enumerate(example.account_keys)
            if index >= example.required_signatures and index != place and example.is_writable(index) == writable
        ]

    def _layout(self, low: bytes | None, high: bytes | None) -> tuple[bytes, bytes, bytes] | None:
        """The message around recipient and amount when the recipient sorts between these; None: nobody does."""
        below = -1 if low is None else int.from_bytes(low, "big")
        above = 2**256 if high is None else int.from_bytes(high, "big")
        free = (number for number in range(below + 1, above) if number.to_bytes(32, "big") not in self._known)
        number = next(free, None)
        if number is None:
            return None
        recipient = number.to_bytes(32, "big")
        zero, full = self._build(recipient, 0), self._build(recipient, _MAX_AMOUNT)
        changed = [index for index, (a, b) in enumerate(zip(zero, full, strict=True)) if a != b]
        if len(changed) != 8 or changed[-1] - changed[0] != 7:
            raise InvalidValue("the amount does not stand in one place of the message")
        keys = decode_message(zero).account_keys
        start = (self._version != "legacy") + 3 + len(encode_length(len(keys))) + 32 * keys.index(recipient)
        layout = zero[:start], zero[start + 32 : changed[0]], zero[changed[0] + 8 :]
        self._check(layout, next(free, None))
        return layout

    def _check(self, layout: tuple[bytes, bytes, bytes], number: int | None) -> None:
        """Another recipient of the same layout must give the message that is built from nothing."""
        if number is None:
            return
        recipient, amount = number.to_bytes(32, "big"), 0x0123456789ABCDEF
        head, middle, tail = layout
        if b"".join((head, recipient, middle, amount.to_bytes(8, "little"), tail)) != self._build(recipient, amount):
            raise InvalidValue("the recipient does not stand in one place of the message")


def _unused(fee_payer: bytes) -> bytes:
    """A key that no account of the message has: the payer's with every bit turned."""
    return bytes(byte ^ 0xFF for byte in fee_payer)
