"""The check-up's advice leads somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from api.check_up import counted

ROOT = Path(__file__).parents[3]


def test_every_act_is_a_route() -> None:
    acts = re.findall(r'"(GET|POST|PUT|DELETE) (/[^"]+)"', (ROOT / "api" / "check_up.py").read_text())
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    assert len(acts) >= 8
    assert [act for act in acts if act[0].lower() not in paths.get(f"/api/v1{act[1]}", {})] == []


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "0 wallets have no backup"),
        (1, "1 wallet has no backup"),
        (2, "2 wallets have no backup"),
        (21, "21 wallets have no backup"),
    ],
)
def test_numbers_agree_with_their_words(count: int, told: str) -> None:
    assert counted(count, "wallet has", "wallets have", "no backup") == told


def test_no_line_puts_a_number_before_a_fixed_plural() -> None:
    """English that names a number goes through `counted`."""
    source = (ROOT / "api" / "check_up.py").read_text()
    assert re.findall(r'f"\{[^}]+\} [a-z]+', source) == []
