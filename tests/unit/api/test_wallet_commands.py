"""`quanbao wallet …` for keys: each command asks a route that exists, with a body that its schema takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from typer.testing import CliRunner

from api.cli.acts import wallet, wallet_keys
from api.schemas.address_book import PaymentText
from api.schemas.addresses import AddressCreate, CandidatesAsk, WatchedCreate
from api.schemas.keys import (
    Export,
    ExtendedPublicKeyAsk,
    KeyImport,
    KeystoreImport,
    SharesImport,
    SharesWalletCreate,
    WatchCreate,
)
from api.schemas.wallets import AccountCreate, WalletImport

ID = "00000000-0000-0000-0000-000000000001"
XPUB = "x" * 111
ANSWER = {
    "items": [{"network": "eip155:1", "schemes": [{"name": "bip44", "path": "m/…", "wallets": "many"}]}],
    "text": "the secret",
    "groups": [],
    "bip39_passphrase": None,
}


class Recorder:
    """Stands in for the API client and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []

    async def get(self, path: str, **query: str) -> Any:
        self.asked.append((path, query))
        return ANSWER

    async def post(self, path: str, body: Any) -> Any:
        self.asked.append((path, body))
        return ANSWER


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()

    def ask(act: Callable[[Any], Any]) -> Any:
        async def run() -> Any:
            return await act(recorder)

        return asyncio.run(run())

    monkeypatch.setattr(wallet_keys, "ask", ask)
    monkeypatch.setattr(wallet, "ask", ask)
    return recorder


@pytest.mark.parametrize(
    ("words", "typed", "path", "schema"),
    [
        (["import-words", "Old"], "test junk\n", "/wallets/import", WalletImport),
        (["import-key", "Old", "--form", "wif"], "5Hp…\n", "/wallets/import/key", KeyImport),
        (["import-file", "Old", "FILE"], "password\n", "/wallets/import/keystore", KeystoreImport),
        (["import-key", "Old", "--form", "solana_json", "--file", "FILE"], "", "/wallets/import/key", KeyImport),
        (["import-shares", "Old", "--count", "2"], "one\ntwo\n", "/wallets/import/shares", SharesImport),
        (["create-shares", "New"], "", "/wallets/shares", SharesWalletCreate),
        (["watch", "Cold", XPUB], "", "/wallets/watch", WatchCreate),
        (["watch-address", ID, "eip155:1", "0xabc"], "", f"/wallets/{ID}/watched", WatchedCreate),
        (["candidates", ID, "eip155:1"], "", f"/wallets/{ID}/candidates", CandidatesAsk),
        (["add-address", ID, "aptos:1"], "", f"/wallets/{ID}/addresses", AddressCreate),
        (
            ["add-account", ID, "eip155:1", "--scheme", "ledger-live"],
            "",
            f"/wallets/{ID}/accounts",
            AccountCreate,
        ),
        (
            ["extended-public-key", ID, "m/84'/0'/0'", "--prefix", "zpub"],
            "",
            f"/wallets/{ID}/extended-public-key",
            ExtendedPublicKeyAsk,
        ),
        (["export", ID, "mnemonic"], "passphrase\n", f"/wallets/{ID}/export", Export),
        (
            ["export", ID, "keystore", "--path", "m/44'/60'/0'/0/0"],
            "passphrase\nf1lepassw0rd\nf1lepassw0rd\n",
            f"/wallets/{ID}/export",
            Export,
        ),
        (
            ["read-request", "ethereum:0xabc", "--chain", "eip155:1"],
            "",
            "/payment-requests/read",
            PaymentText,
        ),
        (
            ["export", ID, "shares", "--group", "2/3", "--group", "1/1", "--groups-needed", "2"],
            "passphrase\n",
            f"/wallets/{ID}/export",
            Export,
        ),
    ],
)
def test_body_is_what_the_route_takes(
    recorder: Recorder, tmp_path: Path, words: list[str], typed: str, path: str, schema: type[BaseModel]
) -> None:
    file = tmp_path / "file.json"
    file.write_text("[1, 2]")
    words = [str(file) if word == "FILE" else word for word in words]
    done = CliRunner().invoke(wallet.app, words, input=typed)
    assert done.exit_code == 0, done.output
    [(asked, body)] = recorder.asked
    assert asked == path
    schema.model_validate(body)
    # What is typed without an echo is not shown by the command either.
    assert not [line for line in typed.split() if line in done.output]
    if words[0] == "export":
        # The runner answers a hidden question with a blank line; the question itself is on standard error.
        assert done.stdout.strip() == "the secret"


@pytest.mark.parametrize(
    ("words", "path", "query"),
    [
        (["schemes"], "/wallets/schemes", {}),
        (["schemes", "eip155:1"], "/wallets/schemes", {"network": "eip155:1"}),
        (["addresses"], "/wallets/addresses", {}),
        (["watched"], "/wallets/watched", {}),
        (["activity", "--search", "tea & cake", "--limit", "5"], "/activity?limit=5&q=tea+%26+cake", {}),
        (["spending", "--first", "2026-05"], "/spending", {"first": "2026-05", "zone": "UTC"}),
    ],
)
def test_lists(recorder: Recorder, words: list[str], path: str, query: dict[str, str]) -> None:
    done = CliRunner().invoke(wallet.app, words)
    assert done.exit_code == 0, done.output
    assert recorder.asked == [(path, query)]


@pytest.mark.parametrize("group", ["2", "2/", "/3", "a/b", "2/3/4"])
def test_malformed_group_is_refused(recorder: Recorder, group: str) -> None:
    done = CliRunner().invoke(wallet.app, ["export", ID, "shares", "--group", group], input="passphrase\n")
    assert done.exit_code == 2
    assert recorder.asked == []
