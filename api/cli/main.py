"""The `quanbao` command."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api.cli.acts import (
    admin,
    anything,
    audit,
    audit_log,
    campaign,
    case,
    claim,
    contracts,
    guide,
    notification,
    order,
    people,
    voucher,
    wallet,
    webhook,
)
from api.cli.quick_imports import quick_imports
from api.settings import Settings
from primitives.errors import QuanbaoError

app = typer.Typer(
    name="quanbao",
    help="A self-hosted multi-chain wallet with on-chain vouchers.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
errors = Console(stderr=True)

people.register(app)
anything.register(app)
for resource in (
    *(wallet, campaign, claim, voucher, order, notification, case, webhook, guide),
    *(audit, audit_log, contracts, admin),
):
    app.add_typer(resource.app, name=resource.__name__.rpartition(".")[2].replace("_", "-"), rich_help_panel="Acts")

DataDir = Annotated[Path | None, typer.Option(help="Where database, testnets and logs live.")]
Port = Annotated[int | None, typer.Option(help="Where the API and the page listen.", min=1, max=65535)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def _settings(data_dir: Path | None, port: int | None, *, demo: bool = False) -> Settings:
    given: dict[str, object] = {"demo": demo}
    if data_dir is not None:
        given["data_dir"] = data_dir.absolute()
    if port is not None:
        given["port"] = port
    return Settings(**given)  # type: ignore[arg-type]


@app.command()
def up(
    data_dir: DataDir = None,
    port: Port = None,
    demo_once: Annotated[bool, typer.Option("--demo-once", help="Run the demo on the first start.")] = False,
    demo_links: Annotated[bool, typer.Option(help="Print one-time links for each role (loopback only).")] = True,
    tls: Annotated[
        bool, typer.Option("--tls", help="Serve HTTPS to this network, by an authority of our own.")
    ] = False,
    tls_host: Annotated[str | None, typer.Option(help="Name by which others reach this machine.")] = None,
    exchange: Annotated[
        bool, typer.Option("--exchange", help="Put Uniswap v2 with pools of test money on the local EVM chain.")
    ] = False,
) -> None:
    """Start everything on this machine; Ctrl-C stops it cleanly."""
    with quick_imports():
        from api.cli.up import run_up

    settings = _settings(data_dir, port, demo=demo_links)
    if exchange:
        settings = settings.model_copy(update={"local_exchange": True})
    if tls:
        from api.cli.local_tls import with_local_tls

        settings = with_local_tls(settings, tls_host, demo_once=demo_once)
    asyncio.run(run_up(settings, demo_once=demo_once))


@app.command()
def demo(
    url: Annotated[str | None, typer.Option(help="A running `quanbao up`; default: on this machine.")] = None,
    data_dir: DataDir = None,
    port: Port = None,
    alone: Annotated[bool, typer.Option("--alone", help="Start everything, run the demo, stop.")] = False,
    as_json: AsJson = False,
) -> None:
    """Play the story with real transactions on both chains, every step read back from the chain.

    A run that was interrupted goes on where it was; nothing is paid or issued twice.
    """
    with quick_imports():
        from api.cli.demo import DemoTarget, localnet_of, run_demo, state_file
        from api.cli.up import run_alone

    if alone:
        asyncio.run(run_alone(data_dir=data_dir and data_dir.absolute(), port=port, as_json=as_json))
        return
    settings = _settings(data_dir, port, demo=True)
    base = url or f"http://127.0.0.1:{settings.port}"
    asyncio.run(run_demo(DemoTarget(base, localnet_of(settings), state_file(settings)), as_json=as_json))


@app.command()
def api(data_dir: DataDir = None, port: Port = None) -> None:
    """Serve the HTTP API and the page only; nodes and database are given by the settings."""
    with quick_imports():
        from api.cli.roles import run_api

    asyncio.run(run_api(_settings(data_dir, port)))


@app.command()
def worker(data_dir: DataDir = None) -> None:
    """Carry out durable work only; start as many as you like."""
    with quick_imports():
        from api.cli.roles import run_worker

    asyncio.run(run_worker(_settings(data_dir, None)))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def localnet(context: typer.Context) -> None:
    """Run the local testnets only (Anvil, and a Solana RPC over LiteSVM); see `quanbao localnet --help`."""
    import runpy

    sys.argv = ["quanbao localnet", *context.args]
    runpy.run_module("localnet", run_name="__main__")


@app.command()
def doctor(data_dir: DataDir = None, port: Port = None, as_json: AsJson = False) -> None:
    """Look at everything that must be right, and say what to mend."""
    from api.cli.doctor import run_doctor

    raise typer.Exit(asyncio.run(run_doctor(_settings(data_dir, port), as_json=as_json)))


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new file for the backup.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write the database to one file, sealed with the operator's key; the key itself is never in it."""
    from api.cli.backups import run_backup

    asyncio.run(run_backup(_settings(data_dir, None), file.absolute(), as_json=as_json))


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into an empty data folder. Nothing is signed until each account's history is matched."""
    from api.cli.backups import run_restore

    asyncio.run(run_restore(_settings(data_dir, None), file.absolute(), as_json=as_json))


@app.command()
def release(
    accounts: Annotated[list[str] | None, typer.Argument(help="Held accounts, as `quanbao doctor` shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Every account that is held.")] = False,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Let accounts sign again that a restore or a reorganisation holds, after you have looked at their history."""
    from api.cli.backups import run_release

    asyncio.run(run_release(_settings(data_dir, None), accounts or [], every=every, as_json=as_json))


@app.command()
def rebuild(data_dir: DataDir = None, as_json: AsJson = False) -> None:
    """Drop what follows from the chains, read them again, and compare row for row."""
    from api.cli.rebuilding import run_rebuild

    raise typer.Exit(asyncio.run(run_rebuild(_settings(data_dir, None), as_json=as_json)))


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="A proof bundle.")],
    trusted_block_hash: Annotated[str | None, typer.Option(help="Hash of a block that you trust.")] = None,
    trusted_key: Annotated[list[str] | None, typer.Option(help="Attestation key to accept; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check a proof bundle: no node, no network, no trust in the operator."""
    import runpy

    arguments = [str(bundle)]
    if trusted_block_hash:
        arguments += ["--trusted-block-hash", trusted_block_hash]
    for key in trusted_key or []:
        arguments += ["--trusted-key", key]
    if as_json:
        arguments.append("--json")
    sys.argv = ["quanbao verify", *arguments]
    runpy.run_module("audit.verifier", run_name="__main__")


def run() -> None:
    """Entry point: a typed error becomes one line and exit code 1."""
    try:
        app()
    except QuanbaoError as error:
        errors.print(f"[bold red]{error.code}[/]: {error.message}", soft_wrap=True, highlight=False)
        errors.print("If this does not help, run: quanbao doctor", style="dim")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    run()
