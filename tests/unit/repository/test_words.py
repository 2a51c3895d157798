"""What people read: Chinese punctuation has Chinese width, and every refusal is told by its own words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from api.messages import _BY_RULE
from people.roles import PlatformRole

ROOT = Path(__file__).parents[3]
PACKAGES = ("api", "audit", "chains", "codec", "keystore", "localnet", "people", "persistence", "vouchers", "wallets")
PAGES = ("web/src", "web/public", "samples", "people/guidance/content")
_HAN = "\u3400-\u9fff"
_NARROW = re.compile(
    rf"[{_HAN}”》）}}`*][,;:!?](?=[{_HAN}“《（{{`*\s]|$)|[,;:!?][{_HAN}“《（]|\([^()]*[{_HAN}][^()]*\)"
)
_TABLE = re.compile(r"sku,|,CNY,")
"""Examples of CSV files, whose commas are no punctuation."""

_LITERAL = re.compile(r'"((?:[^"\\]|\\.)+)"|`([^`]+)`')


def _texts_of(source: str) -> Iterator[str]:
    """String literals without docstrings; for `{…}` in them stands `{}`."""
    tree = ast.parse(source)
    docstrings = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            inside |= {id(part) for part in node.values}
            yield "".join(
                part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
                for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | inside:
            yield node.value


def _written_in(path: Path) -> Iterator[str]:
    """Lines of prose; of code and data the string literals."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if path.suffix in (".md", ".html"):
            yield line
        else:
            yield from (found[1] or found[2] for found in _LITERAL.finditer(line))


def narrow(text: str) -> list[str]:
    """Where half-width punctuation stands in Chinese."""
    if not re.search(f"[{_HAN}]", text) or _TABLE.search(text):
        return []
    return [text[max(0, found.start() - 8) : found.end() + 8] for found in _NARROW.finditer(text)]


class TestPunctuation:
    def test_it_finds_what_is_narrow(self) -> None:
        wrong = ("已付款,谢谢", "“茶”,来自 X", "至 {until},可用", "次数(含)", "备注:{memo}", "是吗?")
        right = (
            "已付款，谢谢（1,000 元）。",
            "English, only: yes?",
            "sku,name\n1,茶",
            "见 https://x.example/a?b=1，谢谢 / Hi, all",
        )
        assert [text for text in wrong if not narrow(text)] == []
        assert [text for text in right if narrow(text)] == []

    def test_texts_of_the_programs_are_wide(self) -> None:
        wrong = {
            f"{path.relative_to(ROOT)}: {place}"
            for package in PACKAGES
            for path in (ROOT / package).rglob("*.py")
            if re.search(f"[{_HAN}]", source := path.read_text(encoding="utf-8"))
            for text in _texts_of(source)
            for place in narrow(text)
        }
        assert wrong == set()

    def test_texts_of_the_page_and_its_notices_are_wide(self) -> None:
        files = [
            path
            for folder in PAGES
            for path in (ROOT / folder).rglob("*")
            if path.suffix in (".ts", ".tsx", ".html", ".json", ".webmanifest") and path.name != "schema.d.ts"
        ]
        wrong = {
            f"{path.relative_to(ROOT)}: {place}"
            for path in [*files, *(ROOT / "docs").glob("*.zh.md")]
            for text in _written_in(path)
            for place in narrow(text)
        }
        assert len(files) > 200
        assert wrong == set()


def _rules() -> set[str]:
    """Of every refusal that asks for something; roles of organisations are told together."""
    found: set[str] = {role.value for role in PlatformRole} | {"person"}
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            if "NotPermitted(" not in source:
                continue
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "NotPermitted":
                    found |= {
                        str(word.value.value)
                        for word in node.keywords
                        if word.arg == "rule" and isinstance(word.value, ast.Constant)
                    }
    return found


class TestRefusals:
    def test_each_has_its_chinese_words(self) -> None:
        assert set(_BY_RULE) == _rules()

    def test_each_has_its_own_way_on_in_the_page(self) -> None:
        hints = (ROOT / "web/src/i18n/texts/refusals.ts").read_text(encoding="utf-8")
        told = dict(re.findall(r'"hint\.(\w+)": \[\s*"([^"]+)"', hints))
        assert set(told) >= _rules() | {"role"}
        assert len(set(told.values())) == len(told)
