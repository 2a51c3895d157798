"""The command line as people use it: a client of the API with its session in a file of its own."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.running import PASSPHRASE, PASSWORD, ROOT, RunningUp

pytestmark = pytest.mark.timeout(600)


class Shell:
    """Runs `quanbao` with a configuration folder of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "XDG_CONFIG_HOME": str(self.home), "COLUMNS": "200"}
        command = [sys.executable, "-m", "api.cli", *words]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)

    def json(self, *words: str) -> object:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def test_without_a_session_says_what_to_do(shell: Shell) -> None:
    done = shell.run("wallet", "list")
    assert done.returncode == 1
    assert "not_authenticated" in done.stderr
    assert "quanbao login" in done.stderr


def test_a_person_makes_a_wallet_and_an_account(shell: Shell, running_up: RunningUp) -> None:
    person = running_up.newcomer("shell")
    assert person.post("/auth/passphrase", {"passphrase": PASSPHRASE}).status_code == 204
    login = shell.run("login", person.email, "--url", running_up.base, "--password", PASSWORD)
    assert login.returncode == 0, login.stderr
    kept = shell.home / "quanbao" / "session.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    locked = shell.run("wallet", "create", "Shell")
    assert locked.returncode == 1
    assert "keystore_locked" in locked.stderr

    assert shell.run("unlock", "--passphrase", PASSPHRASE).returncode == 0
    made = shell.json("wallet", "create", "Shell")
    assert isinstance(made, dict)
    chain = running_up.localnet_status()["chains"][0]["chain"]
    account = shell.json("wallet", "add-account", made["id"], chain)
    assert isinstance(account, dict)
    listed = shell.run("wallet", "accounts")
    assert account["account"] in listed.stdout
    assert PASSPHRASE not in locked.stderr + listed.stdout

    assert shell.run("logout").returncode == 0
    assert not kept.exists()


def test_the_operator_makes_an_auditor(shell: Shell, running_up: RunningUp) -> None:
    person = running_up.newcomer("auditor")
    assert shell.run("login", person.email, "--url", running_up.base, "--password", PASSWORD).returncode == 0
    refused = shell.run("audit", "search", "ab" * 32)
    assert refused.returncode == 1
    assert "not_permitted" in refused.stderr
    granted = shell.run("admin", "grant", person.email, "auditor", "--data-dir", str(running_up.data_dir))
    assert granted.returncode == 0, granted.stderr
    assert shell.json("audit", "search", "ab" * 32) == {"items": [], "next_cursor": None}
