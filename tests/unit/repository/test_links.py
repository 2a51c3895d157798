"""Links between the repository's own documents lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(#[^)\s]*)?\)")
_SKIPPED = {"node_modules", ".venv", ".git", "dist"}


def _documents() -> list[Path]:
    return [path for path in ROOT.rglob("*.md") if not _SKIPPED & set(path.relative_to(ROOT).parts)]


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@pytest.mark.parametrize("document", _documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_heading(document: Path) -> None:
    broken = []
    for target, anchor in _LINK.findall(document.read_text(encoding="utf-8")):
        place = (document.parent / target).resolve() if target else document
        if not place.exists():
            broken.append(target)
        elif anchor and place.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", place.read_text(encoding="utf-8"), re.MULTILINE)
            if anchor[1:] not in {_anchor(heading) for heading in headings}:
                broken.append(target + anchor)
    assert broken == []


def test_every_decision_has_its_four_parts() -> None:
    for path in sorted((ROOT / "docs" / "adr").glob("*.md")):
        text = path.read_text(encoding="utf-8")
        parts = re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Consequences", "Alternatives"], path.name
        assert text.startswith(f"# {path.name[:4]} · "), path.name
