"""Read the content files once. Nothing of it depends on who asks."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, Literal

_FOLDER = Path(__file__).parent / "content"
_FILES: Mapping[str, str] = {"en": "en.json", "zh-CN": "zh.json"}

Language = Literal["en", "zh-CN"]


class Role(StrEnum):
    """For whom a checklist is."""

    HOLDER = "holder"
    MERCHANT = "merchant"
    CASHIER = "cashier"
    SPONSOR = "sponsor"
    AUDITOR = "auditor"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an act costs, whom, and why. The figure of the moment is always in the act's own preview."""

    id: str
    act: str
    who_pays: str
    cost: str
    why: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the glossary."""

    id: str
    term: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that people ask, and its answer."""

    id: str
    topic: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a checklist; `where` is the route or document."""

    id: str
    do: str
    why: str
    where: str


@dataclass(frozen=True, slots=True)
class Guidance:
    """Everything in one language."""

    costs: Sequence[Cost]
    glossary: Sequence[Word]
    questions: Sequence[Question]
    checklists: Mapping[Role, Sequence[Step]]


@cache
def guidance(language: Language) -> Guidance:
    """The content in one language."""
    content: dict[str, Any] = json.loads((_FOLDER / _FILES[language]).read_text(encoding="utf-8"))
    return Guidance(
        tuple(Cost(**one) for one in content["costs"]),
        tuple(Word(**one) for one in content["glossary"]),
        tuple(Question(**one) for one in content["questions"]),
        {Role(role): tuple(Step(**one) for one in steps) for role, steps in content["checklists"].items()},
    )
