"""The Solana benchmark runs whole in its short form and names everything that it promises."""

from __future__ import annotations

import pytest

from bench import solana


@pytest.mark.long
def test_the_short_form_measures_everything() -> None:
    """Redemptions and transfers three ways beside the bare machine, and the issue with its cost."""
    redemptions, transfers, issue = solana.run(smoke=True)
    for report in (redemptions, transfers):
        names = [result.name for result in report.results]
        assert names[0] == "bare LiteSVM, signatures checked"
        assert len([name for name in names if "through RPC" in name]) == 2
        assert all(result.median > 0 for result in report.results)
    assert any("p95" in remark for remark in redemptions.remarks)
    # 174 bytes of token account for each of the 90 holders: (128 + 174) × 6,960 lamports.
    assert any(f"{90 * 302 * 6_960:,} rent" in remark for remark in issue.remarks)
