"""A part that is absent, old, full or silent: the command and the API say which and what to do, and nothing is lost."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest

from localnet.processes import free_port
from persistence.embedded import EmbeddedPostgres
from tests.e2e.running import (
    FAMILIES,
    Payer,
    RunningUp,
    ask,
    good,
    own_installation,
    problem,
    run_async,
    run_cli,
    temporary_place,
    until,
)

pytestmark = [pytest.mark.long, pytest.mark.timeout(400), pytest.mark.xdist_group("broken_parts")]


@pytest.fixture
def place() -> Iterator[Path]:
    with temporary_place() as folder:
        yield folder


@pytest.fixture(scope="module")
def own() -> Iterator[RunningUp]:
    """Started once for this file; its tests leave it running and whole."""
    with own_installation() as up:
        up.start()
        yield up


def _up(place: Path, port: int, **environment: str) -> tuple[int, str]:
    return run_cli("up", "--data-dir", str(place / "data"), "--port", str(port), environment_=environment)


def _api(place: Path, **environment: str) -> tuple[int, str]:
    """The role without parts of its own."""
    return run_cli(*("api", "--data-dir", str(place / "data"), "--port", str(free_port())), environment_=environment)


class TestStart:
    def test_a_taken_port_is_named_with_its_holder(self, place: Path) -> None:
        with socket.socket() as holder:
            holder.bind(("127.0.0.1", 0))
            holder.listen()
            port = holder.getsockname()[1]
            code, told = _up(place, port)
        assert code == 1
        assert told.startswith("port_taken: ")
        assert f"port {port}" in told
        assert f"pid {os.getpid()}" in told
        assert not (place / "data" / "postgres").exists(), "nothing was made before the port was known to be free"

    def test_a_folder_in_use_names_the_process(self, own: RunningUp) -> None:
        code, told = _up(own.place, free_port())
        assert (code, told.partition(":")[0]) == (1, "data_folder_busy")
        assert f"pid {own.pid}" in told
        assert ask(f"{own.base}/readyz").status_code == 200

    def test_a_folder_of_a_newer_version_is_left_alone(self, place: Path) -> None:
        folder = place / "data"
        folder.mkdir(mode=0o711)
        newer = json.dumps({"format": 2, "what": "we do not know"})
        (folder / "format.json").write_text(newer)
        code, told = _up(place, free_port())
        assert (code, told.partition(":")[0]) == (1, "data_folder_newer")
        assert "run the newer version" in told
        assert (folder / "format.json").read_text() == newer
        assert sorted(path.name for path in folder.iterdir()) == ["format.json", "lock"]

    def test_a_damaged_format_file_is_named(self, place: Path) -> None:
        (place / "data").mkdir(mode=0o711)
        (place / "data" / "format.json").write_text("{")
        code, told = _up(place, free_port())
        assert (code, told.partition(":")[0]) == (1, "operation_error")
        assert "format.json" in told
        assert (place / "data" / "format.json").read_text() == "{"

    @pytest.mark.parametrize("variable", ["QUANBAO_EVM_RPC_URL", "QUANBAO_SOLANA_RPC_URL", "QUANBAO_LOCALNET_URL"])
    def test_a_node_that_is_down(self, own: RunningUp, place: Path, variable: str) -> None:
        """`quanbao api` beside a healthy database: it says which node, and ends."""
        nowhere = f"http://127.0.0.1:{free_port()}"
        nodes = {variable: nowhere}
        if variable == "QUANBAO_SOLANA_RPC_URL":
            nodes["QUANBAO_EVM_RPC_URL"] = own.localnet_status()["chains"][0]["rpc_url"]
        code, told = _api(place, DATABASE_URL=own.postgres_url(), QUANBAO_KEY_DIR=str(own.key_dir), **nodes)
        assert (code, told.partition(":")[0]) == (1, "node_unavailable"), told
        assert "quanbao localnet" in told or (nowhere in told and "check that it runs" in told)

    def test_a_database_that_is_down(self, place: Path) -> None:
        url = f"postgresql://nobody@127.0.0.1:{free_port()}/nothing"
        code, told = _api(place, DATABASE_URL=url, QUANBAO_LOCALNET_URL="http://127.0.0.1:1")
        assert (code, told.partition(":")[0]) == (1, "database_unavailable"), told
        assert "check that it runs" in told

    def test_off_loopback_without_tls_is_refused(self, place: Path) -> None:
        code, told = _up(place, free_port(), QUANBAO_HOST="0.0.0.0")
        assert (code, told.partition(":")[0]) == (1, "operation_error")
        assert "TLS" in told


class _Elsewhere(threading.Thread):
    """Something else on a node's port: it takes connections and drops them."""

    def __init__(self, port: int) -> None:
        super().__init__(daemon=True)
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen()

    def run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._socket.accept()[0].close()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join()


@contextmanager
def _without_nodes(up: RunningUp) -> Iterator[None]:
    """Both nodes are killed, and their ports taken, so that `up` cannot start them again before the end."""
    status = up.localnet_status()
    ports = [urlsplit(chain["rpc_url"]).port for chain in status["chains"]]
    for pid in [status["pid"], *(chain["node_pid"] for chain in status["chains"] if "node_pid" in chain)]:
        os.kill(pid, signal.SIGKILL)
    taken = [until("the port is free", partial(_take, port)) for port in ports]
    try:
        yield
    finally:
        for one in taken:
            assert one is not None
            one.close()


def _take(port: int | None) -> _Elsewhere | None:
    assert port is not None
    try:
        taken = _Elsewhere(port)
    except OSError:
        return None
    taken.start()
    return taken


class TestNodeDownMidway:
    def test_the_api_says_so_and_the_same_request_succeeds_later_once(self, own: RunningUp) -> None:
        payers = [Payer(own, family) for family in FAMILIES]
        before = [payer.state() for payer in payers]
        with _without_nodes(own):
            for payer in payers:
                told = problem(payer.person.post("/transfers", payer.transfer(), key="once"), 503, "node_unavailable")
                assert told["retryable"] is True
                assert "check that it runs" in told["detail"]
                portfolio = good(payer.person.get("/wallets/portfolio"))
                assert (portfolio["items"], portfolio["unavailable"]) == ([], [payer.chain["chain"]])
            shown = payers[0].person.chains().values()
            assert [(chain["healthy"], chain["heads"]) for chain in shown] == [(False, None)] * 2
            ready = ask(f"{own.base}/readyz")
            assert (ready.status_code, ready.json()["parts"]["database"]) == (503, "ok")
        until(
            "the nodes answer",
            lambda: ask(f"{own.base}/readyz").is_success,
            seconds=90,
        )
        for payer, (native, token, transfers) in zip(payers, before, strict=True):
            assert payer.state() == (native, token, transfers), "nothing was paid or left behind"
            first = good(payer.person.post("/transfers", payer.transfer(), key="once"))
            again = good(payer.person.post("/transfers", payer.transfer(), key="once"))
            assert again["id"] == first["id"]
            assert payer.ended(first["id"])["status"] == "done"
            assert payer.held(payer.token) == token - 1_000_000


def _execute(up: RunningUp, *statements: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(up.postgres_url())
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    run_async(run())


class TestDiskFull:
    def test_a_commit_without_room_changes_nothing(self, own: RunningUp) -> None:
        """PostgreSQL's own error for a full disk, raised where the payment is written."""
        payer = Payer(own, "eip155")
        before = payer.state()
        _execute(
            own,
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER no_room BEFORE INSERT ON payment_attempt EXECUTE FUNCTION no_room()",
        )
        try:
            told = problem(payer.person.post("/transfers", payer.transfer(), key="full"), 507, "disk_full")
            assert "free" in told["detail"]
        finally:
            _execute(own, "DROP TRIGGER no_room ON payment_attempt", "DROP FUNCTION no_room")
        assert payer.state()[:2] == before[:2]
        made = good(payer.person.post("/transfers", payer.transfer(), key="full"))
        assert payer.ended(made["id"])["status"] == "done"
        assert payer.held(payer.token) == before[1] - 1_000_000

    @pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root; the test above needs nothing")
    def test_a_disk_that_fills_up_under_everything(self) -> None:
        """Database, logs and nodes on one small disk: refusals are typed, and each key pays once when there is room."""
        with own_installation() as up, _small_disk(up.data_dir, mebibytes=256):
            up.start()
            payer = Payer(up, "eip155")
            before = payer.held(payer.token)
            ballast = up.data_dir / "ballast"
            _fill(ballast)
            keys = [f"full-{number}" for number in range(400)]
            refused = 0
            asked: list[str] = []
            for key in keys:
                answer = payer.person.post("/transfers", payer.transfer(value="0.001"), key=key)
                asked.append(key)
                if answer.is_success:
                    continue
                refused += 1
                assert answer.headers["content-type"] == "application/problem+json", answer.text
                assert (answer.status_code, answer.json()["code"]) in {
                    (507, "disk_full"),
                    (503, "database_unavailable"),
                    (503, "node_unavailable"),
                }, answer.text
                if refused == 3:
                    break
            assert refused == 3, "the disk never was full"
            ballast.unlink()
            url = f"{up.base}/readyz"
            until(
                "all is well again",
                lambda: ask(url).is_success,
                seconds=90,
            )
            made = [_when_ready(payer, key) for key in asked]
            assert {payer.ended(transfer, seconds=120)["status"] for transfer in made} == {"done"}
            assert len(set(made)) == len(asked)
            assert payer.held(payer.token) == before - 1_000 * len(asked)
            assert up.stop() == 0


def _when_ready(payer: Payer, key: str) -> str:
    """The transfer of this key: a part may still be starting."""

    def ask() -> httpx.Response:
        if not good(payer.person.get("/auth/me"))["unlocked_until"]:
            payer.person.unlock()
        return payer.person.post("/transfers", payer.transfer(value="0.001"), key=key)

    transfer: str = good(until(f"transfer {key}", ask, lambda answer: answer.status_code != 503))["id"]
    return transfer


@contextmanager
def _small_disk(folder: Path, *, mebibytes: int) -> Iterator[None]:
    folder.mkdir(mode=0o711)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=711", "tmpfs", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def _fill(file: Path) -> None:
    with file.open("wb", buffering=0) as ballast:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"\0" * size)
            except OSError:
                continue


def _doctors_clock(up: RunningUp) -> tuple[int, str]:
    """The exit code, and the line as a person reads it, in one piece."""
    code, told = run_cli(
        *("doctor", "--data-dir", str(up.data_dir), "--port", str(up.port)), environment_={"COLUMNS": "400"}
    )
    (line,) = [one for one in told.splitlines() if re.match(r"\s*(ok|mend)\s+clock\b", one)]
    return code, " ".join(line.split())


class TestWrongClock:
    def test_the_doctor_tells_which_chain_is_how_far_off_and_what_to_do(self, own: RunningUp) -> None:
        chain = next(one for one in own.localnet_status()["chains"] if one["chain"].startswith("eip155:"))

        def node(method: str, *params: object) -> None:
            call = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
            assert "error" not in httpx.post(chain["rpc_url"], json=call, trust_env=False).json()

        assert _doctors_clock(own)[1].startswith("ok clock ")
        node("evm_increaseTime", 7_200)
        node("evm_mine")
        try:
            code, line = _doctors_clock(own)
        finally:
            node("evm_setTime", int(time.time()))
            node("evm_mine")
        assert code == 1
        assert line.startswith("mend clock ")
        ahead = re.search(rf"{chain['chain']}: newest block \+(\d+) s", line)
        assert ahead is not None, line
        assert 7_000 < int(ahead[1]) <= 7_201
        assert "set this machine's clock (NTP), or see why the chain makes no blocks" in line
        until("the clocks agree", lambda: _doctors_clock(own)[1].startswith("ok clock "))


class TestNewerDatabase:
    def test_it_is_refused_unchanged_and_opens_again_in_its_own_version(self, own: RunningUp, place: Path) -> None:
        """Last in this file: it stops the installation."""
        person = own.newcomer("kept")
        assert own.stop() == 0
        postgres = EmbeddedPostgres(own.data_dir / "postgres")

        async def refused() -> tuple[int, str]:
            connection = await asyncpg.connect(await postgres.start())
            try:
                current = await connection.fetchval("SELECT version_num FROM alembic_version")
                await connection.execute("UPDATE alembic_version SET version_num = '9999'")
                answer = await asyncio.to_thread(
                    _api, place, DATABASE_URL=postgres.url, QUANBAO_LOCALNET_URL="http://127.0.0.1:1"
                )
                assert await connection.fetchval("SELECT version_num FROM alembic_version") == "9999"
                await connection.execute("UPDATE alembic_version SET version_num = $1", current)
            finally:
                await connection.close()
                await postgres.stop()
            return answer

        code, told = run_async(refused())
        assert (code, told.partition(":")[0]) == (1, "data_folder_newer"), told
        assert "9999" in told
        own.start()
        assert good(person.get("/auth/me"))["person"]["email"] == person.email
