"""What a rule document says, in plain words: the same document always gives the same sentences."""

from __future__ import annotations

from vouchers.rules.document import RuleDocument
from vouchers.rules.summary import chinese, english

LANGUAGES = ("en", "zh-CN")


def summary(rules: RuleDocument, language: str) -> tuple[str, ...]:
    """One sentence for each thing that a holder or a merchant should know, the most important first.

    Args:
        language: `zh`, `zh-CN` and the like for Chinese; anything else is answered in English.
    """
    told = chinese if language.lower().replace("_", "-").split("-")[0] == "zh" else english
    return tuple(told.sentences(rules))
