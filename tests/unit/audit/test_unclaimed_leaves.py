"""Leaves of drops count as issued on chain before anybody has claimed them: so many, and not one more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import pytest

from audit.reconciliation.model import ChainFigures, Fault, LedgerFigures
from audit.reconciliation.service import _against_chain
from tests.fakes.vouchers import EVM
from vouchers.campaigns.model import Campaign

_CAMPAIGN = cast(Campaign, SimpleNamespace(id="campaign", rules_hash=b"", terms=lambda _: SimpleNamespace(cap=100)))


@pytest.mark.parametrize(
    ("on_chain", "issued", "claimed", "promised", "agrees"),
    [
        (5, 5, 0, 0, True),
        (5, 4, 0, 0, False),
        (15, 5, 0, 10, True),
        (15, 8, 3, 10, True),
        (15, 4, 0, 10, False),
        (15, 7, 3, 10, False),
        (14, 15, 10, 10, False),
    ],
)
def test_only_what_was_promised_may_be_missing(
    on_chain: int, issued: int, claimed: int, promised: int, agrees: bool
) -> None:
    found = _against_chain(
        _CAMPAIGN, EVM, LedgerFigures(issued=issued, leaves=claimed), ChainFigures(7, issued=on_chain), 0, promised
    )
    assert [one.fault for one in found] == ([] if agrees else [Fault.ISSUED_DIFFERS])
