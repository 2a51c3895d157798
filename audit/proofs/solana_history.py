"""The transactions that changed a campaign's mint, from its first unit to now, as a node has them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.proofs.ports import JsonRpc
from primitives.base58 import encode_base58
from primitives.errors import ProofUnavailable

MOST_SIGNATURES = 1000
"""What one page of a node's answer holds. A mint that was named more often is shown by its voucher's own life."""

_AT_ONCE = 50
_TRIES = 3


@dataclass(frozen=True, slots=True)
class HistoricTransaction:
    id: str
    slot: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class MintHistory:
    """`scope` is `mint`, or `voucher` where only its life is held. `supply` in units at slot `height`."""

    scope: str
    height: int
    supply: int
    transactions: tuple[HistoricTransaction, ...]


class MintHistoryReader:
    """Reads at one commitment, `confirmed` or `finalized`."""

    def __init__(self, node: JsonRpc, commitment: str) -> None:
        self._node = node
        self._commitment = commitment

    async def read(self, mint: bytes, redeeming: str, life: Sequence[str]) -> MintHistory:
        """The mint's whole history where it fits into a bundle, else the life of the voucher.

        Args:
            redeeming: Id of the transaction that must be among them.
            life: Ids of the transactions about the voucher, in order.

        Raises:
            ProofUnavailable: The mint changes while it is read, or the node has forgotten a transaction.
            NodeUnavailable
        """
        address = encode_base58(mint)
        supply, height = await self._supply(address)
        for _ in range(_TRIES):
            ids = await self._ids(address)
            known, (supply, height) = supply, await self._supply(address)
            if known == supply:
                break
        else:
            raise ProofUnavailable("the campaign's mint changes while it is read: ask again", mint=address)
        if ids is None:
            wanted = tuple(dict.fromkeys((*life, redeeming)))
            return MintHistory("voucher", height, supply, tuple(await self._transactions(wanted, address)))
        found = [one for one in await self._transactions(ids, address) if one.slot <= height]
        if redeeming not in {one.id for one in found}:
            raise ProofUnavailable(f"the node does not list {redeeming} in the mint's history yet: ask again")
        return MintHistory("mint", height, supply, tuple(found))

    async def _supply(self, mint: str) -> tuple[int, int]:
        answer = await self._node.call("getTokenSupply", mint, {"commitment": self._commitment})
        return int(answer["value"]["amount"]), int(answer["context"]["slot"])

    async def _ids(self, mint: str) -> list[str] | None:
        """Of what was carried out, oldest first; None when there are too many."""
        options = {"limit": MOST_SIGNATURES, "commitment": self._commitment}
        rows = await self._node.call("getSignaturesForAddress", mint, options)
        if len(rows) == MOST_SIGNATURES:
            return None
        return [row["signature"] for row in reversed(rows) if row["err"] is None]

    async def _transactions(self, ids: Sequence[str], mint: str) -> list[HistoricTransaction]:
        """Those that changed somebody's units of the mint."""
        options = {"encoding": "base64", "commitment": self._commitment, "maxSupportedTransactionVersion": 0}
        found: list[HistoricTransaction] = []
        for start in range(0, len(ids), _AT_ONCE):
            part = ids[start : start + _AT_ONCE]
            answers = await self._node.batch([("getTransaction", (one, options)) for one in part])
            for signature, answer in zip(part, answers, strict=True):
                if answer is None or answer["meta"] is None:
                    raise ProofUnavailable(
                        f"the node no longer has transaction {signature}: ask an archive node", transaction=signature
                    )
                if _units(answer["meta"]["preTokenBalances"], mint) != _units(
                    answer["meta"]["postTokenBalances"], mint
                ):
                    found.append(HistoricTransaction(signature, int(answer["slot"]), _bytes(answer)))
        return found


def _units(rows: Sequence[Mapping[str, Any]] | None, mint: str) -> dict[int, int]:
    held = {row["accountIndex"]: int(row["uiTokenAmount"]["amount"]) for row in rows or () if row["mint"] == mint}
    return {account: units for account, units in held.items() if units}


def _bytes(answer: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(answer["transaction"][0], validate=True)
    except binascii.Error as error:
        raise ProofUnavailable("the node's answer holds no transaction bytes") from error
