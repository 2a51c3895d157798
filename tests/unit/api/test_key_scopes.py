"""Every resource of the API is either something that keys are for, or for persons."""

from __future__ import annotations

import json
from pathlib import Path

from people.api_keys.model import FOR_PERSONS, READ_ONLY, RESOURCES, SCOPES

ROOT = Path(__file__).parents[3]
OPEN = {"guidance", "health", "privacy"}
"""Nobody is asked who calls."""


def test_each_tag_is_decided_about_once() -> None:
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    tags = {act["tags"][0] for acts in document["paths"].values() for act in acts.values()}
    assert sorted(RESOURCES) == list(RESOURCES)
    assert not FOR_PERSONS & set(RESOURCES)
    assert tags == FOR_PERSONS | set(RESOURCES) | OPEN


def test_what_is_read_only_has_no_scope_to_write() -> None:
    assert set(RESOURCES) >= READ_ONLY
    assert not {f"{name}:write" for name in READ_ONLY} & SCOPES
    document = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    asked = document["components"]["schemas"]["ApiKeyCreate"]["properties"]["scopes"]
    assert asked["items"]["enum"] == sorted(SCOPES)
