"""The caller's order of preference decides."""

import pytest

from api.languages import Language, preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh-CN"),
        ("zh-TW", "zh-CN"),
        ("zh-Hans-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("fr,zh;q=0.3", "zh-CN"),
        ("en;q=0.2,zh;q=0.7", "zh-CN"),
        ("de,fr;q=0.9", "en"),
        ("zh;q=0", "en"),
        ("zh;q=nonsense", "en"),
        ("*", "en"),
        ("," * 5000, "en"),
    ],
)
def test_preference(header: str | None, language: Language) -> None:
    assert preferred_language(header) == language
