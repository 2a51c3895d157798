"""What the page says, by name, in both languages: read from the page's own texts."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache

from tests.e2e.running import ROOT

_TEXTS = ROOT / "web/src/i18n/texts"
_STRING = r'("(?:[^"\\]|\\.)*")'
_NAME = r'"([\w.]+)":\s*'
_PAIR = re.compile(rf"{_NAME}\[\s*{_STRING}\s*,\s*{_STRING}\s*,?\s*\]")
_SINGLE = re.compile(rf"{_NAME}{_STRING}")
_CHINESE = re.compile(r"export const \w+Zh\b")


@cache
def all_words() -> Mapping[str, tuple[str, str]]:
    """English and Chinese of every name. Raises AssertionError when one has no Chinese."""
    found: dict[str, tuple[str, str]] = {}
    for file in sorted(_TEXTS.rglob("*.ts")):
        text = file.read_text()
        for name, english, chinese in _PAIR.findall(text):
            found[name] = (json.loads(english), json.loads(chinese))
        parts = [*_CHINESE.split(_PAIR.sub("", text)), ""]
        english_only, chinese_only = (dict(_SINGLE.findall(part)) for part in parts[:2])
        assert english_only.keys() == chinese_only.keys(), file
        found |= {name: (json.loads(english_only[name]), json.loads(chinese_only[name])) for name in english_only}
    return found


class Words:
    """The texts of one language, `en` or `zh-CN`."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._place = 0 if language == "en" else 1

    def __call__(self, name: str, **facts: object) -> str:
        one, _, several = all_words()[name][self._place].partition("|")
        text = one if facts.get("count") == 1 or not several else several
        for fact, value in facts.items():
            text = text.replace("{" + fact + "}", str(value))
        return text
