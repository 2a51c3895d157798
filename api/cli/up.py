"""`quanbao up`: everything on one machine, as four processes that are started, watched and ended here."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from rich.console import Console

from api.cli.demo import DemoTarget, run_demo, state_file
from api.cli.demo.people import ensure_people
from api.cli.demo.state import DemoState
from api.cli.localnet_process import LocalnetProcess
from api.cli.node_ports import choose_ports
from api.cli.role_links import print_role_links
from api.cli.serving import serving
from api.composition import Application, compose
from api.data_folder import held
from api.operator_key import ensure_operator_key
from api.settings import Settings
from localnet.mail_catcher import MailCatcher
from localnet.processes import free_port, require_free_port
from persistence.embedded import EmbeddedPostgres
from persistence.jobs import release_leases
from primitives.errors import PortTaken, QuanbaoError

SAMPLE_SHOP = "http://127.0.0.1:8090"
"""Where samples/shop listens for webhooks."""

_TOTAL = 5
_PORT_ATTEMPTS = 5


class _Progress:
    """Numbered lines on standard error, so that `--json` output stays clean."""

    def __init__(self, *, quiet: bool) -> None:
        self._console = Console(stderr=True, quiet=quiet, highlight=False)
        self._number = 0

    def step(self, title: str) -> None:
        self._number += 1
        self._console.print(f"[dim]\\[{self._number}/{_TOTAL}][/] {title}")

    def say(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


@asynccontextmanager
async def running(settings: Settings, *, quiet: bool = False) -> AsyncIterator[Application]:
    """Start all parts, serve until the block ends, then end them in the opposite order.

    Raises:
        OperationError: A part could not start; what was started is ended again, and nothing is lost.
    """
    progress = _Progress(quiet=quiet)
    settings.require_safe_address()
    async with AsyncExitStack() as stack:
        stack.enter_context(held(settings.data_dir))
        require_free_port(settings.host, settings.port)
        if ensure_operator_key(settings.key_file):
            progress.say(f"made the operator's key: keep a copy of {settings.key_file}")

        logs = settings.data_dir / "logs"
        logs.mkdir(mode=0o700, exist_ok=True)
        settings = settings.model_copy(update={"log_file": logs / "app.log"})

        progress.step("database")
        postgres: EmbeddedPostgres | None = None
        if settings.database_url is None:
            postgres = EmbeddedPostgres(settings.data_dir / "postgres", announce=progress.say)
            url = await postgres.start()
            stack.push_async_callback(postgres.stop)
            settings = settings.model_copy(update={"database_url": SecretStr(url)})

        progress.step("local testnets: Anvil and Solana")
        localnet: LocalnetProcess | None = None
        if settings.evm_rpc_url is None and settings.localnet_url is None:
            localnet, status = await _start_localnet(settings, logs / "localnet.log")
            stack.push_async_callback(localnet.stop)
            settings = settings.model_copy(update={"localnet_url": status["control_url"]})

        catcher: MailCatcher | None = None
        if settings.smtp_host is None and settings.loopback:
            catcher = await stack.enter_async_context(MailCatcher().listening())
            caught = {"smtp_host": "127.0.0.1", "smtp_port": catcher.port, "smtp_security": "none"}
            settings = settings.model_copy(update=caught)

        if settings.loopback and not settings.webhook_origins:
            settings = settings.model_copy(update={"webhook_origins": [SAMPLE_SHOP]})

        progress.step("tables, keys, contracts")
        application = await stack.enter_async_context(compose(settings))
        application.services.mail_catcher = catcher
        if postgres is not None:
            # We hold the folder, so whoever leased a job in its database was killed.
            async with application.services.database.transaction() as tx:
                await release_leases(tx)
        await stack.enter_async_context(application.working())
        await application.provision()

        progress.step("API and page")
        await stack.enter_async_context(serving(application, settings))
        await stack.enter_async_context(_watching(localnet, postgres, progress.say))
        progress.step(f"Ready: {settings.served_at}")
        yield application


async def _start_localnet(settings: Settings, log: Path) -> tuple[LocalnetProcess, dict[str, Any]]:
    """Start the testnets; when another program takes a port between our look and our listening, on other ports.

    Raises:
        LocalnetError, PortTaken: They did not start on any.
    """
    for attempt in range(_PORT_ATTEMPTS):
        ports = choose_ports(settings.data_dir / "ports.json", others=attempt > 0)
        localnet = LocalnetProcess(
            settings.data_dir / "localnet",
            ports,
            log,
            block_seconds=settings.evm_block_seconds,
            exchange=settings.local_exchange,
        )
        try:
            return localnet, await localnet.start()
        except PortTaken:
            if attempt == _PORT_ATTEMPTS - 1:
                raise
        except BaseException:
            await localnet.stop()
            raise
    raise AssertionError("the loop returns or raises")


@asynccontextmanager
async def _watching(
    localnet: LocalnetProcess | None, postgres: EmbeddedPostgres | None, say: Callable[[str], None]
) -> AsyncIterator[None]:
    """Start a part again that ended by itself; clients meanwhile get retryable errors and lose nothing."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(1)
            try:
                if localnet is not None and not localnet.alive:
                    say("the local testnets ended: starting them again")
                    await localnet.start()
                if postgres is not None and postgres.pid is None:
                    say("PostgreSQL ended: starting it again")
                    await postgres.start()
            except QuanbaoError as error:
                say(f"{error.code}: {error.message}")

    task = asyncio.create_task(watch())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def run_up(settings: Settings, *, demo_once: bool) -> None:
    """Run until SIGINT or SIGTERM. With `demo_once`, play the demo if it has never come to its end here.

    Raises:
        QuanbaoError: A part could not start, or a step of the demo failed.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(settings) as application:
        target = _target(application)
        if demo_once and DemoState.load(target.state_file).finished == 0:
            await ensure_people(application, DemoState.load(target.state_file))
            demo = asyncio.create_task(run_demo(target, as_json=False))
            stopped = asyncio.create_task(stop.wait())
            await asyncio.wait({demo, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not demo.done():
                demo.cancel()
                return
            stopped.cancel()
            demo.result()
        links = asyncio.create_task(_show_links(application, target))
        stopped = asyncio.create_task(stop.wait())
        await asyncio.wait({links, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if not links.done():
            links.cancel()
            return
        links.result()
        await stopped


async def _show_links(application: Application, target: DemoTarget) -> None:
    """Print the role links; while a part is being started again, they wait for it."""
    while True:
        try:
            return await print_role_links(application, target.base, DemoState.load(target.state_file))
        except QuanbaoError as error:
            if not error.retryable:
                raise
            await asyncio.sleep(1)


def _target(application: Application) -> DemoTarget:
    settings = application.settings
    assert settings.localnet_url is not None
    base = settings.served_at
    return DemoTarget(base, settings.localnet_url, state_file(settings))


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="quanbao-demo-") as root:
        # As root, PostgreSQL's own user passes through it.
        Path(root).chmod(0o711)
        yield Path(root) / "data"


async def run_alone(*, data_dir: Path | None, port: int | None, as_json: bool) -> None:
    """Start everything, play the demo once, and end everything; a temporary folder unless one is named."""
    with contextlib.ExitStack() as stack:
        folder = data_dir
        if folder is None:
            folder = stack.enter_context(_temporary_folder())
        settings = Settings(data_dir=folder, port=port or free_port(), demo=True)
        async with running(settings, quiet=as_json) as application:
            target = _target(application)
            await ensure_people(application, DemoState.load(target.state_file))
            await run_demo(target, as_json=as_json)
