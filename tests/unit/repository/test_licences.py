"""What ships is under licences that ask for nothing but to be named; the few others are known by name."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]

PERMISSIVE = re.compile(
    r"0BSD|Apache|BSD|CC0|CNRI-Python|ISC|MIT|PSF|Public Domain|Python Software Foundation|Python-2\.0|Unlicense|Zlib"
)
STRINGS = re.compile(r"GPL|MPL|Mozilla|EPL|CDDL|Commons Clause|BUSL|SSPL|CC-BY|Proprietary", re.I)

UNCHANGED = {
    "certifi": "MPL-2.0 for the list of roots, which we use as it is",
    "orjson": "MPL-2.0 for a few files, which we use as they are",
}
"""Weak copyleft by the file: used as published, so nothing follows for our own files."""
UNSTATED = {
    "jsonalias": "MIT",
    "solders": "Apache-2.0",
}
"""Whose metadata say nothing: what their files or distributions of them say."""
TOOLS = {
    "hypothesis": "MPL-2.0; runs tests",
    "pathspec": "MPL-2.0; runs checks",
    "pytoniq-core-fork": "MIT by its file; an oracle of tests",
}


def _locked(name: str) -> list[str]:
    text = (ROOT / "requirements" / name).read_text()
    return re.findall(r"^([a-z0-9][a-z0-9._-]*)(?:\[[^\]]*\])?==", text, re.M)


def _licence(found: Distribution) -> str:
    """What it says of itself: SPDX where it does, else its classifiers, else the first line of free text."""
    told: Any = found.metadata
    classifiers = [line.rpartition("::")[2].strip() for line in told.get_all("Classifier") or [] if "License" in line]
    free = (told.get("License") or "").strip().partition("\n")[0]
    return told.get("License-Expression") or "; ".join(classifiers) or free


def _strange(licences: Mapping[str, str], known: Iterable[str]) -> dict[str, str]:
    return {
        name: licence
        for name, licence in licences.items()
        if name not in known and (not PERMISSIVE.search(licence) or STRINGS.search(licence))
    }


def _installed(name: str) -> dict[str, str]:
    """Of a lock's packages; some are for other systems than this."""
    found = {}
    for package in _locked(name):
        try:
            found[package] = _licence(distribution(package))
        except PackageNotFoundError:
            continue
    assert len(found) > 50
    return found


def test_what_runs() -> None:
    assert _strange(_installed("run.lock"), {*UNCHANGED, *UNSTATED}) == {}


def test_what_tests() -> None:
    assert _strange(_installed("dev.lock"), {*UNCHANGED, *UNSTATED, *TOOLS}) == {}


def test_what_the_page_is_built_from() -> None:
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    waiting, licences = [("web", name) for name in packages["web"]["dependencies"]], dict[str, str]()
    while waiting:
        place, name = waiting.pop()
        nearest = [f"{place}/node_modules/{name}", f"node_modules/{name}"]
        path = next(each for each in nearest if each in packages)
        if path not in licences:
            licences[path] = str(packages[path].get("license", ""))
            waiting += [(path, more) for more in packages[path].get("dependencies", {})]
    assert len(licences) > 10
    assert _strange(licences, ()) == {}


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-or-later", "MPL-2.0 AND MIT", "", "LGPL-3.0-only", "BUSL-1.1", "UNLICENSED"]
)
def test_a_strange_licence_is_seen(licence: str) -> None:
    assert _strange({"some": licence}, ()) == {"some": licence}
