"""The auditor's pages: table, picture and replay of a voucher's life, the board, exports, the audit log."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.page.acts import CAMPAIGN
from tests.e2e.page.browser import Seat
from tests.e2e.running import ROOT

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("page"), pytest.mark.long]


@pytest.mark.usefixtures("shop")
def test_every_campaign_is_on_the_board_and_compared_again(seats: dict[str, Seat]) -> None:
    page = seats["auditor"].page
    page.get_by_role("link", name="Reconciliation").click()
    board = page.get_by_role("region", name="Reconciliation").first
    rows = board.get_by_role("rowheader")
    mine = board.get_by_role("row").filter(has_text=CAMPAIGN)
    expect(rows.filter(has_text=CAMPAIGN)).to_have_count(2)
    for place in range(2):
        row = mine.nth(place)
        expect(row.get_by_text("Agrees")).to_be_visible()
        row.get_by_role("button", name="Compare").click()
        expect(row.get_by_text("every event was compared").first).to_be_visible()
        expect(row.get_by_text(re.compile(r"^[\d,]+\.\d\d tCNY$"))).to_be_visible()
    expect(page.get_by_text("No divergence is open.")).to_be_visible()
    seats["auditor"].picture("auditor-board")


@pytest.mark.usefixtures("shop")
def test_an_export_is_a_signed_file(seats: dict[str, Seat]) -> None:
    page = seats["auditor"].page
    page.get_by_role("link", name="Exports").click()
    page.get_by_label("Campaign (empty: all)").fill("not a campaign")
    expect(page.get_by_text("48 digits")).to_be_visible()
    page.get_by_label("Campaign (empty: all)").fill("")
    page.get_by_label("Format").select_option("jsonl")
    seats["auditor"].picture("auditor-exports")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    data = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert manifest["rows"] == len(archive.read("data.jsonl").splitlines()) > 0


@pytest.mark.usefixtures("shop")
def test_an_entry_of_the_log_is_proven_offline(seats: dict[str, Seat], tmp_path: Path) -> None:
    """What the page hands out is accepted by the stand-alone checker."""
    page = seats["auditor"].page
    page.get_by_role("link", name="Audit log").click()
    page.get_by_role("button", name="Prove the entry").click()
    expect(page.get_by_role("heading", name="The entry")).to_be_visible()
    seats["auditor"].picture("auditor-log")
    for name in ("root.json", "proof.json"):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        download.value.save_as(tmp_path / name)
    command = [sys.executable, "-m", "api.cli", "audit-log", "verify-entry"]
    done = subprocess.run(
        [*command, str(tmp_path / "root.json"), str(tmp_path / "proof.json")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
