"""The audit benchmark runs whole in its short form; it checks by itself that nothing diverges and all is rebuilt."""

from __future__ import annotations

import pytest

from bench import audit


@pytest.mark.soak
def test_the_short_form_measures_everything() -> None:
    bundles, campaign = audit.run(smoke=True)
    assert [result.reference for result in (*bundles.results, *campaign.results)] == [False, False, True] * 2
    assert "1,000 vouchers" in campaign.remarks[0]
