"""`quanbao up` in a process of its own, and people who use it over HTTP.

`running_up` (tests/e2e/conftest.py) is one such installation for the whole test session. A test that stops, starves or
damages parts makes its own with `RunningUp(...)`, so that the others' stays whole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import httpx

from localnet.processes import free_port

ROOT = Path(__file__).parents[2]
PAGE_DIR = Path(os.environ.get("QUANBAO_PAGE_DIR") or ROOT / "web/dist")
"""The built page under test."""
READY_SECONDS = 300
STOP_SECONDS = 60
FAMILIES = ("eip155", "solana")
RECIPIENTS = {
    "eip155": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "solana": "5EUjf4oPLzrA7w7M9EC9fDEyBBjkAVS4QgqrZhRx3G9s",
}
PASSWORD = "a password of tests only"
PASSPHRASE = "a passphrase of tests only"

NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Without certificates: everything here is plain HTTP on loopback, and reading them costs more than a request."""

Found = TypeVar("Found")


@contextmanager
def temporary_place() -> Iterator[Path]:
    """A folder that the database's own user may pass through; pytest's is closed to it."""
    with tempfile.TemporaryDirectory(prefix="quanbao-e2e-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def run_async(work: Coroutine[Any, Any, Found]) -> Found:
    """Run in a thread of its own: a browser of another test may keep an event loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def until(what: str, ask: Callable[[], Found], good: Callable[[Found], bool] = bool, *, seconds: float = 60) -> Found:
    """Ask again until the answer is good; AssertionError with the last answer otherwise."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if good(answer):
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s; the last answer was {answer!r}"[:2000])
        time.sleep(0.1)


def ask(url: str, *, seconds: float = 30) -> httpx.Response:
    """GET over plain HTTP, with a connection of its own."""
    return httpx.get(url, timeout=seconds, trust_env=False, verify=NO_TLS)


class RunningUp:
    """One installation: start it, stop it, kill it, start it again in the same folder.

    Args:
        place: Holds data, keys, erasure keys and the output; the database's user must be able to pass through it.
        environment: Variables beside those of this process.

    Attributes:
        receiver: Where a test may listen for this installation's webhooks; nobody does unless it does.
    """

    def __init__(self, place: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None) -> None:
        self.place = place
        self.data_dir = place / "data"
        self.key_dir = place / "data-keys"
        self.erasure_dir = place / "data-keys-erasure"
        self.output_file = place / "output.txt"
        self.port = port or free_port()
        self.receiver = f"http://127.0.0.1:{free_port()}/hook"
        self._environment = {"QUANBAO_WEBHOOK_ORIGINS": json.dumps([self.receiver]), **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def output(self) -> str:
        """What it has printed so far, both streams."""
        return self.output_file.read_text(errors="replace") if self.output_file.exists() else ""

    def spawn(self, *arguments: str) -> None:
        """Start without waiting."""
        with self.output_file.open("ab") as output:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "api.cli", "up"),
                    *("--data-dir", str(self.data_dir), "--port", str(self.port), *arguments),
                ],
                cwd=ROOT,
                env=environment(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def start(self, *arguments: str) -> None:
        """Start and return when it is ready and has printed its links."""
        before = len(self.output())
        self.spawn(*arguments)

        def ready() -> bool:
            assert self._process is not None
            if self._process.poll() is not None:
                raise AssertionError(f"`up` ended with {self._process.returncode}: {self.output()[before:][-3000:]}")
            return "wallet opens with the passphrase" in self.output()[before:]

        until("`up` is ready", ready, seconds=READY_SECONDS)

    def wait(self, *, seconds: float = STOP_SECONDS) -> int:
        """The exit code of a process that ends by itself."""
        assert self._process is not None
        return self._process.wait(seconds)

    def stop(self) -> int:
        """Ctrl-C, and the exit code."""
        assert self._process is not None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise AssertionError(f"`up` did not stop within {STOP_SECONDS} s: {self.output()[-3000:]}") from None

    def kill(self) -> None:
        """kill -9; its children end by themselves or are adopted by the next start."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def localnet_status(self) -> dict[str, Any]:
        """What the local testnets publish: addresses, chain ids, process ids."""
        status: dict[str, Any] = json.loads((self.data_dir / "localnet" / "localnet.json").read_text())
        return status

    def postgres_url(self) -> str:
        """The URL of the embedded database, for looking at what was stored."""
        from persistence.embedded import EmbeddedPostgres

        return EmbeddedPostgres(self.data_dir / "postgres").url

    def newcomer(self, name: str = "someone") -> Person:
        """A registered person with an open session."""
        email = f"{name}-{uuid4().hex[:12]}@example.com"
        with self.client() as http:
            body = {"email": email, "password": PASSWORD, "display_name": name}
            registered = http.post("/auth/register", json=body)
            assert registered.status_code == 202, registered.text
            opened = http.post("/auth/login", json={"email": email, "password": PASSWORD})
            assert opened.status_code == 200, opened.text
            token = opened.json()["token"]
            me = good(http.get("/auth/me", headers={"Authorization": f"Bearer {token}"}))
        return Person(self, me["person"]["id"], email, token)

    def client(self, **headers: str) -> httpx.Client:
        given = {"Accept-Language": "en", **headers}
        return httpx.Client(base_url=f"{self.base}/api/v1", headers=given, timeout=60, trust_env=False, verify=NO_TLS)


@dataclass(frozen=True, slots=True)
class Person:
    """One session over HTTP. Answers are returned as they come: a test says which status it expects."""

    up: RunningUp
    person_id: str
    email: str
    token: str
    organisation: str | None = None

    def __repr__(self) -> str:
        return f"Person({self.email})"

    def acting_for(self, organisation: str) -> Person:
        return Person(self.up, self.person_id, self.email, self.token, organisation)

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}"}
        return headers if self.organisation is None else {**headers, "Organisation-Id": self.organisation}

    def get(self, path: str, **query: str) -> httpx.Response:
        with self.up.client(**self.headers) as http:
            return http.get(path, params=query)

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        """`key`: the idempotency key; a fresh one unless given."""
        headers = {**self.headers, "Idempotency-Key": key or uuid4().hex}
        with self.up.client(**headers) as http:
            return http.post(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        with self.up.client(**self.headers) as http:
            return http.delete(path)

    def unlock(self) -> None:
        """Set the passphrase if there is none, and unlock."""
        if not self.get("/auth/me").json()["passphrase_set"]:
            good(self.post("/auth/passphrase", {"passphrase": PASSPHRASE}))
        good(self.post("/auth/unlock", {"passphrase": PASSPHRASE}))

    def account(self, chain: str, *, label: str = "Wallet") -> str:
        """A fresh wallet's account on a chain, CAIP-10; the keys stay unlocked."""
        self.unlock()
        wallet = good(self.post("/wallets", {"label": label}))
        account: str = good(self.post(f"/wallets/{wallet['id']}/accounts", {"chain": chain}))["account"]
        return account

    def chains(self) -> dict[str, Any]:
        """Each configured chain by family."""
        return {item["family"]: item for item in good(self.get("/chains"))["items"]}


def good(answer: httpx.Response) -> Any:
    """The body of a successful answer."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    return answer.json() if answer.content else None


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, which must be this problem and say in words what to do."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, answer.text
    assert body["type"] == f"urn:quanbao:error:{code}"
    assert len(body["detail"]) > 10
    assert body["request_id"] == answer.headers["x-request-id"]
    return body


def run_cli(*arguments: str, environment_: Mapping[str, str] | None = None, seconds: float = 90) -> tuple[int, str]:
    """One command of the CLI: exit code, and both streams."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *arguments],
        cwd=ROOT,
        env=environment(environment_ or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=seconds,
        check=False,
    )
    return done.returncode, done.stdout.decode(errors="replace")


# Without compiled modules each process of an installation would compile all of them again.
_OWN = ("QUANBAO_", "DATABASE_URL", "PYTHONDONTWRITEBYTECODE")


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """This process's variables without those that would change an installation, and `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OWN)}
    kept["QUANBAO_PAGE_DIR"] = str(PAGE_DIR)
    return {**kept, "COLUMNS": "200", "PYTHONUNBUFFERED": "1", "QUANBAO_EVM_BLOCK_SECONDS": "0.3", **more}


class Payer:
    """A person with an account on one chain that holds its coin and test CNY."""

    def __init__(self, up: RunningUp, family: str) -> None:
        self.person = up.newcomer("payer")
        self.chain: Mapping[str, Any] = self.person.chains()[family]
        self.account = self.person.account(self.chain["chain"])
        self.recipient = RECIPIENTS[family]
        self.native = self.chain["assets"][0]
        self.token = next(asset for asset in self.chain["assets"] if asset["symbol"] == "tCNY")
        self.give(self.native, 10 ** self.native["decimals"])
        self.give(self.token, 5_000_000)

    def give(self, asset: Mapping[str, Any], units: int) -> None:
        """From the faucet, and wait until it is there."""
        body = {"account": self.account, "asset": asset["asset"], "base_units": str(units)}
        before = self.held(asset)
        good(self.person.post(f"/chains/{self.chain['chain']}/faucet", body))
        until("the faucet's gift", lambda: self.held(asset), lambda now: now > before)

    def held(self, asset: Mapping[str, Any]) -> int:
        """Base units on the account now."""
        portfolio = good(self.person.get("/wallets/portfolio"))
        assert portfolio["unavailable"] == []
        amounts = [item["amount"] for item in portfolio["items"] if item["account"] == self.account]
        return next((int(amount["base_units"]) for amount in amounts if amount["asset"] == asset["asset"]), 0)

    def transfer(self, **changed: str) -> dict[str, str]:
        """A body that is right but for what is changed; an empty text leaves a field out."""
        body = {"sender": self.account, "recipient": self.recipient, "asset": self.token["asset"], "value": "1"}
        return {name: value for name, value in {**body, **changed}.items() if value}

    def ended(self, transfer_id: str, *, seconds: float = 60) -> dict[str, Any]:
        """The transfer when it is done or failed."""
        found: dict[str, Any] = until(
            "the transfer's end",
            lambda: good(self.person.get(f"/transfers/{transfer_id}")),
            lambda answer: answer["status"] in ("done", "failed"),
            seconds=seconds,
        )
        return found

    def state(self) -> tuple[int, int, list[str]]:
        """Everything that a refusal must leave as it was."""
        transfers = good(self.person.get("/transfers"))["items"]
        return self.held(self.native), self.held(self.token), [item["id"] for item in transfers]


@contextmanager
def own_installation(**environment_: str) -> Iterator[RunningUp]:
    """An installation that this test may harm; whatever is left of it is ended and removed."""
    with temporary_place() as place:
        up = RunningUp(place, environment=environment_)
        try:
            yield up
        finally:
            if not up.ended():
                with contextlib.suppress(AssertionError):
                    up.stop()
            end_leftovers(up)
            shutil.rmtree(up.data_dir, ignore_errors=True)


def end_leftovers(up: RunningUp) -> None:
    """End PostgreSQL and the testnets of a killed installation, by the process ids that it wrote down."""

    from persistence.embedded import EmbeddedPostgres

    postgres = EmbeddedPostgres(up.data_dir / "postgres")
    if (up.data_dir / "postgres").exists() and postgres.pid is not None:
        run_async(postgres.stop())
