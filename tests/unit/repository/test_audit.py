"""`make audit`: a finding fails, and no database that was not asked passes for an answer."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
LODASH = {"lodash": [{"severity": "high"}]}
CANARY = {"vulnerabilities": [{"id": "PYSEC-2021-66"}]}


@pytest.fixture
def audit() -> ModuleType:
    specification = importlib.util.spec_from_file_location("audit_tool", ROOT / "tools" / "audit.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class World:
    """Two databases and two programs that ask them."""

    def __init__(self, audit: ModuleType, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.answers: dict[str, Any] = {audit.PYPI: CANARY, audit.NPM: LODASH}
        self.vulns: dict[str, list[dict[str, str]]] = {}
        self.broken: set[str] = set()
        self.npm: dict[str, Any] = {"vulnerabilities": {}}
        self.asked: list[str] = []
        auditor = folder / "pip-audit"
        auditor.touch()
        monkeypatch.setattr(audit, "AUDITOR", auditor)
        monkeypatch.setattr(audit, "ask", self.ask)
        monkeypatch.setattr(audit, "run", self.run)

    def ask(self, url: str, question: Any = None) -> Any:
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def run(self, *command: str | Path) -> tuple[int, str]:
        words = [str(word) for word in command]
        if words[0] == "npm":
            self.asked.append("package-lock.json")
            return int(bool(self.npm.get("vulnerabilities", True))), json.dumps(self.npm)
        lock = words[words.index("--requirement") + 1]
        self.asked.append(lock)
        assert "--strict" in words
        if lock in self.broken:
            return 1, ""
        found = {"dependencies": [{"name": "some", "version": "1.0", "vulns": self.vulns.get(lock, [])}]}
        Path(words[words.index("--output") + 1]).write_text(json.dumps(found))
        return int(bool(self.vulns.get(lock))), ""


@pytest.fixture
def world(audit: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> World:
    return World(audit, monkeypatch, tmp_path)


def test_every_lock_is_asked_about_and_no_finding_is_well(
    audit: ModuleType, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main([]) == 0
    assert world.asked == ["requirements/run.lock", "requirements/dev.lock", "package-lock.json"]
    assert capsys.readouterr().out.count("nothing known to be wrong") == 3


@pytest.mark.parametrize("arguments", [[], ["--if-answered"]])
def test_a_finding_fails_everywhere(audit: ModuleType, world: World, arguments: list[str]) -> None:
    world.vulns["requirements/dev.lock"] = [{"id": "PYSEC-1"}]
    assert audit.main(arguments) == 1
    world.vulns.clear()
    world.npm = {"vulnerabilities": {"some": {"severity": "critical"}}}
    assert audit.main(arguments) == 1


@pytest.mark.parametrize(
    "answer", [OSError("no route"), ValueError("no JSON"), {}, {"vulnerabilities": []}, {"vulnerabilities": None}, []]
)
def test_a_database_that_knows_of_nothing_wrong_is_not_asked_and_said(
    audit: ModuleType, world: World, capsys: pytest.CaptureFixture[str], answer: Any
) -> None:
    """Also an index that answers, but has no advisories: it would call everything well."""
    world.answers[audit.PYPI] = answer
    assert audit.main([]) == 1
    assert audit.main(["--if-answered"]) == 0
    assert world.asked == ["package-lock.json"] * 2
    assert capsys.readouterr().out.count("NOT AUDITED") == 4


def test_an_audit_that_breaks_off_is_said_and_another_finding_still_fails(
    audit: ModuleType, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.broken.add("requirements/run.lock")
    assert audit.main([]) == 1
    assert audit.main(["--if-answered"]) == 0
    assert "NOT AUDITED  requirements/run.lock" in capsys.readouterr().out
    world.npm = {"message": "request failed"}
    assert audit.main(["--if-answered"]) == 0
    assert "NOT AUDITED  package-lock.json" in capsys.readouterr().out
    world.vulns["requirements/dev.lock"] = [{"id": "PYSEC-1"}]
    assert audit.main(["--if-answered"]) == 1


def test_ci_asks(audit: ModuleType) -> None:
    assert "make audit ARGS=--if-answered" in (ROOT / ".ci/run").read_text()
    assert all((ROOT / lock).is_file() for lock in audit.LOCKS)
