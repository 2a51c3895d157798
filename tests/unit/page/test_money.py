"""The page writes and reads sums of money as the server counts them, in every currency's own digits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from primitives.currency import Money, currency_decimals
from tests.node_runtime import node_program

_ROOT = Path(__file__).parents[3]
_RUN = """
const { readFileSync } = require("node:fs");
const { transpileModule, ModuleKind } = require("typescript");
const { outputText } = transpileModule(readFileSync(process.argv[1], "utf8"), {
  compilerOptions: { module: ModuleKind.CommonJS, target: "es2022" },
});
const page = {};
new Function("exports", outputText)(page);
const { shown, typed } = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify({
  shown: shown.map(([minor, currency]) => page.currencyText({ minor: BigInt(minor), currency })),
  short: shown.map(([minor, currency]) => page.shortCurrencyText({ minor: BigInt(minor), currency })),
  typed: typed.map(([text, currency]) => page.parseMinor(text, currency)),
}));
"""
_CODES = ("CNY", "USD", "EUR", "HKD", "JPY", "KRW", "VND", "XOF", "KWD", "TND", "BHD")
_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€"}
_MINOR = (0, 1, 99, 100, 1000, 123_456_789, 2**62)
_SUMS = [(code, minor) for code in _CODES for minor in _MINOR]
_TYPED: dict[tuple[str, str], int | None] = {
    ("12.34", "CNY"): 1234,
    ("￥1,234.5", "CNY"): 123450,
    ("12.345", "CNY"): None,
    ("1234", "JPY"): 1234,
    ("1234.0", "JPY"): None,
    ("1.5", "JPY"): None,
    ("1.234", "KWD"): 1234,
    ("1.2", "KWD"): 1200,
    ("0.001", "KWD"): 1,
    ("1.2345", "KWD"): None,
    ("0", "JPY"): None,
    ("0.00", "CNY"): None,
    ("-5", "KWD"): None,
    ("", "CNY"): None,
}


@pytest.fixture(scope="module")
def page() -> dict[str, list[Any]]:
    """What the page's own code says, all at once."""
    asked = {"shown": [(str(minor), code) for code, minor in _SUMS], "typed": list(_TYPED)}
    done = subprocess.run(
        [node_program(), "-e", _RUN, str(_ROOT / "web/src/money.ts")],
        cwd=_ROOT,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, list[Any]] = json.loads(done.stdout)
    return answer


def test_sums_have_their_currencys_digits(page: dict[str, list[Any]]) -> None:
    expected = []
    for code, minor in _SUMS:
        whole, point, part = str(Money(minor, code)).removesuffix(f" {code}").partition(".")
        text = f"{int(whole):,}{point}{part}"
        expected.append(_SIGNS[code] + text if code in _SIGNS else f"{text} {code}")
    assert page["shown"] == expected
    assert {currency_decimals(code) for code in _CODES} == {0, 2, 3}


def test_whole_sums_are_short_and_others_stay(page: dict[str, list[Any]]) -> None:
    short = dict(zip(_SUMS, page["short"], strict=True))
    assert short["CNY", 100] == "¥1"
    assert short["CNY", 99] == "¥0.99"
    assert short["JPY", 100] == "100 JPY"
    assert short["KWD", 1000] == "1 KWD"
    assert short["KWD", 100] == "0.100 KWD"


def test_what_is_typed_is_read_in_the_currencys_digits(page: dict[str, list[Any]]) -> None:
    assert dict(zip(_TYPED, page["typed"], strict=True)) == _TYPED
