"""Every command of the command line answers for programs too, and shells complete it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from api.cli.acts import people, waiting
from api.cli.client import ApiRefused
from api.cli.main import app
from primitives.errors import LoginFailed, OperationError

RUN_UNTIL_STOPPED = {"api", "localnet", "up", "worker"}
ARE_DOCUMENTS = {
    "audit export",
    "audit proof",
    "audit-log checkpoint",
    "audit-log export",
    "audit-log prove",
    "audit-log verify",
    "audit-log verify-entry",
    "wallet export",
}
"""What they write is a file or a JSON document by itself."""


def _commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for name, child in sorted(command.commands.items()):
            yield from _commands(child, (*path, name))
    else:
        yield " ".join(path), command


COMMANDS = dict(_commands(get_command(app)))


def test_every_command_answers_in_json() -> None:
    without = {
        name
        for name, command in COMMANDS.items()
        if "--json" not in [option for parameter in command.params for option in parameter.opts]
    }
    assert without == RUN_UNTIL_STOPPED | ARE_DOCUMENTS
    assert len(COMMANDS) > 60


def test_every_command_says_what_it_does() -> None:
    assert [name for name, command in COMMANDS.items() if not (command.help or command.callback.__doc__)] == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_it(shell: str) -> None:
    shown = CliRunner().invoke(app, ["--show-completion", shell], prog_name="quanbao")
    assert shown.exit_code == 0, shown.output
    assert "quanbao" in shown.output


def test_the_guide_needs_no_server() -> None:
    page = CliRunner().invoke(app, ["guide", "costs", "--json"])
    assert "receive" in {one["id"] for one in json.loads(page.output)["items"]}
    chinese = CliRunner().invoke(app, ["guide", "checklist", "merchant", "--zh"])
    assert "组织" in chinese.output


class Steps:
    """An API that moves on with each question."""

    def __init__(self, *statuses: str) -> None:
        self.left = list(statuses)

    async def get(self, path: str) -> dict[str, str]:
        return {"status": self.left.pop(0) if len(self.left) > 1 else self.left[0]}


def _follow(monkeypatch: pytest.MonkeyPatch, *statuses: str) -> Any:
    import asyncio

    api = Steps(*statuses)
    monkeypatch.setattr(waiting, "_EVERY_SECONDS", 0.001)
    monkeypatch.setattr(waiting, "_LONGEST_SECONDS", 0.01)
    monkeypatch.setattr(waiting, "ask", lambda act: asyncio.run(act(api)))
    return waiting.follow("/x", "working", lambda one: one["status"], ("begun", "done"), ("done", "failed"))


def test_a_long_act_is_followed_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _follow(monkeypatch, "begun", "odd", "done") == {"status": "done"}
    assert _follow(monkeypatch, "begun", "failed") == {"status": "failed"}


def test_one_that_does_not_end_is_left_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperationError):
        _follow(monkeypatch, "begun")


class Registry:
    """An installation with one account, of mei."""

    next = "log_in"
    accounts: ClassVar = {"mei@example.com": "her own password"}

    def __init__(self, base: str, *, authority: str | None = None) -> None:
        pass

    async def __aenter__(self) -> Registry:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def post(self, path: str, body: dict[str, str]) -> dict[str, str]:
        if path == "/auth/register":
            if self.next == "log_in":
                self.accounts.setdefault(body["email"], body["password"])
            return {"next": self.next}
        if self.accounts[body["email"]] != body["password"]:
            raise ApiRefused("401", status=401, code="login_failed", problem={})
        return {"token": "t"}


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> type[Registry]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    fresh = type("Fresh", (Registry,), {"accounts": dict(Registry.accounts)})
    monkeypatch.setattr(people, "ApiClient", fresh)
    return fresh


def _signs_up(email: str, password: str) -> Any:
    return CliRunner().invoke(app, ["sign-up", email, "Mei", "--password", password, "--json"])


def test_signing_up_logs_in_and_tells_an_account_only_to_who_is_not_let_in(
    registry: type[Registry], tmp_path: Path
) -> None:
    known = _signs_up("mei@example.com", "not her password")
    assert isinstance(known.exception, LoginFailed)
    assert "has an account already" in known.exception.message
    assert not list(tmp_path.rglob("session.json"))
    assert json.loads(_signs_up("li@example.com", "another password").output)["email"] == "li@example.com"
    assert list(tmp_path.rglob("session.json"))


def test_signing_up_by_mail_logs_nobody_in(registry: type[Registry], tmp_path: Path) -> None:
    registry.next = "look_into_your_mail"
    assert json.loads(_signs_up("li@example.com", "a good password").output)["logged_in"] is False
    assert not list(tmp_path.rglob("session.json"))
