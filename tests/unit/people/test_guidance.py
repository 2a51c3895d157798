"""Guidance says the same in both languages, and points to what exists."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from people.guidance.service import Role, guidance

ROOT = Path(__file__).parents[3]
EN, ZH = guidance("en"), guidance("zh-CN")


@pytest.mark.parametrize("part", ["costs", "glossary", "questions"])
def test_both_languages_have_the_same_things(part: str) -> None:
    english, chinese = getattr(EN, part), getattr(ZH, part)
    assert [one.id for one in english] == [one.id for one in chinese]
    assert len({one.id for one in english}) == len(english) >= 10


def test_each_role_has_its_checklist_in_both() -> None:
    for role in Role:
        assert [step.id for step in EN.checklists[role]] == [step.id for step in ZH.checklists[role]]
        assert [step.where for step in EN.checklists[role]] == [step.where for step in ZH.checklists[role]]
        assert EN.checklists[role]


def test_each_text_is_in_its_language() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    for content, chinese in ((EN, False), (ZH, True)):
        texts = [
            text
            for one in (*content.costs, *content.glossary, *content.questions)
            for name, text in asdict(one).items()
            if name not in ("id", "topic", "term")
        ]
        assert all(bool(han.search(text)) is chinese for text in texts)


def test_what_people_must_hear_is_there() -> None:
    assert {one.topic for one in EN.questions} == {
        "safety",
        "misconceptions",
        "fees",
        "failed payments",
        "vouchers",
    }


def test_checklists_lead_to_routes_and_documents_that_exist() -> None:
    paths = json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"]
    known = {f"{method.upper()} {path.removeprefix('/api/v1')}" for path in paths for method in paths[path]}
    plain = {re.sub(r"{\w+}", "{}", one) for one in known}
    for steps in EN.checklists.values():
        for step in steps:
            if step.where.startswith("docs/"):
                assert (ROOT / step.where).exists(), step.where
            else:
                assert re.sub(r"{\w+}", "{}", step.where) in plain, step.where


def test_fees_of_issuing_are_those_that_were_measured() -> None:
    table = (ROOT / "docs" / "onchain.md").read_text()
    assert "packed issue of 1,000 | 6.9" in table
    assert "drop, in all | 55" in table
    (issue,) = (one for one in EN.costs if one.id == "issue")
    assert "6,900 gas" in issue.cost
    assert "55,000" in issue.cost
