"""The check-up's advice leads somewhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_every_act_is_a_route() -> None:
    acts = re.findall(r'"(GET|POST|PUT|DELETE) (/[^"]+)"', (ROOT / "api" / "check_up.py").read_text())
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    assert len(acts) >= 8
    assert [act for act in acts if act[0].lower() not in paths.get(f"/api/v1{act[1]}", {})] == []
