"""The verifier's own limits: size, packages, and independence."""

from __future__ import annotations

import ast
from pathlib import Path

VERIFIER = Path(__file__).parents[3] / "audit" / "verifier"
SOURCES = sorted(VERIFIER.glob("*.py"))


def test_it_can_be_read_in_an_afternoon() -> None:
    """At most 1,500 lines in all."""
    assert sum(len(path.read_text().splitlines()) for path in SOURCES) <= 1500


def test_its_lock_holds_at_most_four_hashed_packages() -> None:
    lock = (VERIFIER / "requirements.lock").read_text()
    packages = [line for line in lock.splitlines() if "==" in line]
    assert 0 < len(packages) <= 4
    assert lock.count("--hash=sha256:") >= len(packages)
    assert "://" not in lock


def test_it_imports_nothing_of_ours() -> None:
    """Only the standard library, its two packages, and its own files by relative import."""
    roots = {path.name for path in VERIFIER.parents[1].iterdir() if path.is_dir()}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or (node.module or "").partition(".")[0] not in roots, path
                assert node.level <= 1, path
            if isinstance(node, ast.Import):
                assert roots.isdisjoint(alias.name.partition(".")[0] for alias in node.names), path


def test_it_opens_no_connection() -> None:
    """No module that could reach a network is imported."""
    text = "".join(path.read_text() for path in SOURCES)
    assert not any(f"import {name}" in text for name in ("socket", "http", "urllib", "httpx", "asyncio"))
