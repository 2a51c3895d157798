"""Reading long histories page by page."""

from __future__ import annotations

from typing import Any

import pytest

from chains.solana.node import SolanaNode
from primitives.base58 import encode_base58
from tests.fakes.canned_rpc import CannedRpc

A, B = b"\x01" * 32, b"\x02" * 32


class History:
    """Two transactions a slot, newest first, as `getSignaturesForAddress` pages them."""

    def __init__(self, slots: dict[bytes, int]) -> None:
        self._rows = {
            encode_base58(address): [
                {"signature": f"{address[0]}-{slot}-{half}", "slot": slot, "err": None if half else "x"}
                for slot in range(count, 0, -1)
                for half in (1, 0)
            ]
            for address, count in slots.items()
        }

    def __call__(self, address: str, options: dict[str, Any]) -> list[dict[str, Any]]:
        rows = self._rows[address]
        start = 0
        if "before" in options:
            start = 1 + next(i for i, row in enumerate(rows) if row["signature"] == options["before"])
        return rows[start : start + options["limit"]]


class TestHistories:
    @pytest.mark.parametrize(
        ("since", "until", "expected"),
        [(0, 2_000, 3_040), (1_500, 1_500, 2), (0, 1, 4), (1_490, 1_600, 22), (2_000, 3_000, 0), (5, 19, 60)],
    )
    async def test_every_slot_of_the_range_is_found(self, since: int, until: int, expected: int) -> None:
        rpc = CannedRpc(getSignaturesForAddress=History({A: 1_500, B: 20}))
        found = await SolanaNode(rpc).histories([A, B], since, until)
        assert len({entry.signature for entry in found}) == len(found) == expected
        assert all(since <= entry.slot <= until for entry in found)
        assert sum(entry.ok for entry in found) == expected // 2

    async def test_a_scan_of_the_newest_slots_reads_one_short_page(self) -> None:
        rpc = CannedRpc(getSignaturesForAddress=History({A: 1_500, B: 20}))
        await SolanaNode(rpc).histories([A, B], 1_495, 1_500)
        assert len(rpc.asked) == 2

    async def test_nothing_to_ask_asks_nothing(self) -> None:
        rpc = CannedRpc()
        assert await SolanaNode(rpc).histories([], 0, 9) == []
        assert await SolanaNode(rpc).accounts([]) == []
        assert await SolanaNode(rpc).transactions([]) == []
        assert rpc.asked == []
