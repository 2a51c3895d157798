"""Ask the API and show its answer: a table for people, the answer itself with `--json`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.table import Table

from api.cli.acts.session import StoredSession
from api.cli.client import ApiClient

AsJson = Annotated[bool, typer.Option("--json", help="Print the API's answer as JSON.")]
Key = Annotated[
    str | None,
    typer.Option("--idempotency-key", help="Use the same key to repeat an act safely; default: a fresh one."),
]

Answer = TypeVar("Answer")


def ask(act: Callable[[ApiClient], Awaitable[Answer]]) -> Answer:
    """Run one act with the stored session. Raises NotAuthenticated, ApiRefused, OperationError."""

    async def run() -> Answer:
        session = StoredSession.load()
        async with ApiClient(
            session.base, token=session.token, organisation=session.organisation, authority=session.authority
        ) as api:
            return await act(api)

    return asyncio.run(run())


def show(answer: Any, columns: Sequence[str] = (), *, as_json: bool) -> None:
    """Print an object as lines, a list as a table of the named columns (`a.b` looks inside)."""
    if as_json:
        sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2).decode() + "\n")
        return
    console = Console(highlight=False)
    if isinstance(answer, Mapping) and "items" in answer:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in columns:
            table.add_column(column.rpartition(".")[2].replace("_", " "), overflow="fold")
        for item in answer["items"]:
            table.add_row(*(_text(item, column) for column in columns))
        console.print(table)
        if answer.get("next_cursor"):
            console.print("(there are more: use --json and the cursor)", style="dim")
        return
    for name, value in answer.items():
        console.print(f"{name.replace('_', ' '):22} {_plain(value)}", soft_wrap=True)


def say(text: str, facts: Mapping[str, Any], *, as_json: bool) -> None:
    """One line for people, or its facts as JSON."""
    if as_json:
        sys.stdout.write(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        Console(highlight=False).print(text, soft_wrap=True, markup=False)


def _text(item: Any, column: str) -> str:
    for name in column.split("."):
        item = item.get(name) if isinstance(item, Mapping) else None
    return _plain(item)


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, Mapping) and {"minor", "currency"} <= set(value):
        return f"{value['minor']} {value['currency']} (minor units)"
    if isinstance(value, Mapping) and {"base_units", "symbol"} <= set(value):
        return f"{value['base_units']} × 10^-{value['decimals']} {value['symbol']}"
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    return str(value)
