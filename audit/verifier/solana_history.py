"""A mint's history: every unit minted or burnt has a serial, named in a memo, and every serial one life.

Each act has one encoding of its memo (docs/proof-bundle.md).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .report import Rejected, require
from .solana_message import Instruction, SignedTransaction

TOKEN_2022 = bytes.fromhex("06ddf6e1ee758fde18425dbce46ccddab61afc4d83b90d27febdf928d8a18bfc")  # TokenzQd…

MEMO = bytes.fromhex("054a535a992921064d24e87160da387c7c35b5ddbc92bb81e41fa8404105448d")  # MemoSq4g…
MAX_NAMED = 10_000

_CHECK, _MINTS, _BURNS = "conservation", (b"\x07", b"\x0e"), (b"\x08", b"\x0f")
_SERIALS: tuple[str, ...] = ("quanbao", "act", "campaign", "serials")
_ONE = (*_SERIALS, "redemption", "order", "amount")
_KEYS = {act: [_SERIALS] for act in ("issue", "move", "void")} | {"reverse": [_ONE]}
_KEYS["redeem"] = [_ONE, ("quanbao", "act", "order", "vouchers")]
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,19}")


@dataclass(frozen=True, slots=True)
class Memo:
    """`vouchers` are 32-byte ids with their amounts (None where the act has none); ids and hashes have 32 bytes."""

    act: str
    vouchers: tuple[tuple[bytes, int | None], ...]
    redemption_id: bytes | None
    order_hash: bytes
    signers: tuple[bytes, ...]


def read_memo(instruction: Instruction) -> Memo | None:
    """None for a memo that says nothing of vouchers. Raises Rejected for one in another form than its act's."""
    try:
        said = json.loads(instruction.data)
        if not isinstance(said, dict) or "quanbao" not in said:
            return None
        same = json.dumps(said, separators=(",", ":")).encode() == instruction.data
        if not same or said["quanbao"] != 1 or tuple(said) not in _KEYS[said["act"]]:
            raise ValueError
        return _memo(said, instruction.accounts)
    except UnicodeDecodeError:
        return None
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Rejected("memo", "it is not in its one encoding") from error


def _memo(said: dict[str, Any], signers: tuple[bytes, ...]) -> Memo:
    if "vouchers" in said:
        groups = [(_bytes(name, 24), [_item(s, "1", a) for s, a in items]) for name, items in said["vouchers"]]
        require(len(dict(groups)) == len(groups), "memo", "a campaign stands twice")
    else:
        groups = [(_bytes(said["campaign"], 24), [_item(s, n, said.get("amount")) for s, n in said["serials"]])]
    named = [(campaign, *item) for campaign, items in groups for item in items]
    require(0 < sum(item[2] for item in named) <= MAX_NAMED, "memo", f"it names none or more than {MAX_NAMED} vouchers")
    vouchers = tuple(
        (campaign + serial.to_bytes(8, "big"), amount)
        for campaign, first, count, amount in named
        for serial in range(first, first + count)
    )
    require(len(dict(vouchers)) == len(vouchers), "memo", "a voucher is named twice")
    require("amount" not in said or len(vouchers) == 1, "memo", "its act is about one voucher")
    identity, order = (_bytes(said[name], 32) if name in said else None for name in ("redemption", "order"))
    return Memo(said["act"], vouchers, identity, order or b"", signers)


def _item(serial: str, count: str, amount: str | None) -> tuple[int, int, int | None]:
    return _number(serial), _number(count), None if amount is None else _number(amount, 63)


def _number(text: str, bits: int = 64) -> int:
    if not _DECIMAL.fullmatch(text) or int(text) >= 2**bits:
        raise ValueError
    return int(text)


def _bytes(text: str, length: int) -> bytes:
    raw = base64.urlsafe_b64decode(f"{text}==")
    if len(raw) != length or base64.urlsafe_b64encode(raw).rstrip(b"=").decode() != text:
        raise ValueError
    return raw


class MintHistory:
    """The lives of a mint's serials, followed transaction by transaction; unless `whole`, that of `own` alone."""

    def __init__(self, mint: bytes, issuer: bytes, own: bytes, *, whole: bool) -> None:
        self._mint, self._issuer, self._own, self._whole = mint, issuer, own, whole
        self.home: dict[bytes, bytes | None] = {}
        self.supply = 0

    def follow(self, transaction: SignedTransaction) -> None:
        """Raises Rejected where units and serials do not agree, or a serial is issued twice or used when not there."""
        minted, burnt = self._units(transaction.instructions)
        said = [read_memo(item) for item in transaction.instructions if item.program == MEMO]
        ours = [memo for memo in said if memo and any(item[0][:24] == self._own[:24] for item in memo.vouchers)]
        require(len(ours) == 1, "memo", f"{len(ours)} memos about the campaign in {transaction.id}, not one")
        memo, named = ours[0], [voucher for voucher, _ in ours[0].vouchers if voucher[:24] == self._own[:24]]
        came, went = memo.act in ("issue", "reverse", "move"), memo.act in ("redeem", "void", "move")
        for units, expected in ((minted, came), (burnt, went)):
            fits = len(units) == (len(named) if expected else 0)
            require(fits, _CHECK, f"{memo.act} of {len(named)} serials changes {len(units)} units in {transaction.id}")
        by_issuer = self._issuer in memo.signers or memo.act in ("redeem", "move")
        require(by_issuer, _CHECK, f"{memo.act} is not signed by the issuer")
        self.supply += len(minted) - len(burnt)
        for place, voucher in enumerate(named):
            known = voucher in self.home
            if went:
                there = self.home[voucher] == burnt[place] if known else not self._whole and voucher != self._own
                require(there, _CHECK, f"{voucher.hex()} is used in {transaction.id}, where it was not")
            else:
                require(not known, _CHECK, f"{voucher.hex()} is issued twice")
            self.home[voucher] = minted[place] if came else None

    def _units(self, instructions: Sequence[Instruction]) -> tuple[list[bytes], list[bytes]]:
        """The token account of each unit minted and burnt, in order."""
        minted: list[bytes] = []
        burnt: list[bytes] = []
        for item in instructions:
            if item.program != TOKEN_2022 or len(item.accounts) < 3:
                continue
            permissioned = item.data[:2] in (b"\x2e\x01", b"\x2e\x02")
            amount = item.data[2:10] if permissioned else item.data[1:9]
            if item.data[:1] in _MINTS and item.accounts[0] == self._mint:
                units, account = minted, item.accounts[1]
                require(item.accounts[2] == self._issuer, _CHECK, "units are minted by somebody else than the issuer")
            elif (permissioned or item.data[:1] in _BURNS) and item.accounts[1] == self._mint:
                units, account = burnt, item.accounts[0]
            else:
                continue
            count = int.from_bytes(amount, "little")
            require(count <= 10_000, _CHECK, f"{count} units at once")
            units += [account] * count
        return minted, burnt
