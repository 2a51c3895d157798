"""Which language the caller reads."""

from __future__ import annotations

from typing import Literal

Language = Literal["en", "zh-CN"]


def preferred_language(accept_language: str | None) -> Language:
    """The first of ours in the caller's order of preference; English when none is.

    Source: RFC 9110 §12.5.4; any Chinese range gets zh-CN, the one Chinese text that we have.
    """
    best: tuple[float, Language] = (0.0, "en")
    for item in (accept_language or "")[:500].split(","):
        range_, _, parameters = item.strip().partition(";")
        name = range_.strip().lower()
        language: Language
        if name == "zh" or name.startswith("zh-"):
            language = "zh-CN"
        elif name == "en" or name.startswith("en-"):
            language = "en"
        else:
            continue
        quality = 1.0
        if parameters.strip().startswith("q="):
            try:
                quality = float(parameters.strip()[2:])
            except ValueError:
                quality = 0.0
        if quality > best[0]:
            best = (quality, language)
    return best[1]
