"""Follow what takes its time, with a bar on standard error: an act to its end, a list to its last page, a file."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.acts.answers import ask
from api.cli.client import ApiClient
from primitives.errors import InvalidValue, OperationError

Wait = Annotated[bool, typer.Option("--wait", help="Follow it to its end, with a progress bar.")]

_EVERY_SECONDS = 0.5
_LONGEST_SECONDS = 600.0


def follow(
    path: str, name: str, status: Callable[[Mapping[str, Any]], str], steps: Collection[str], ends: Collection[str]
) -> Any:
    """Ask until the status is an end; the last answer.

    Args:
        steps: Statuses in the order in which they come, the good end last.
        ends: Those that do not change any more.

    Raises:
        OperationError: It has not ended within ten minutes; it goes on without us.
    """
    order = list(steps)

    async def run(api: ApiClient) -> Any:
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}"), TimeElapsedColumn())
        waited = 0.0
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=len(order), now="")
            while True:
                answer = await api.get(path)
                now = status(answer)
                bar.update(task, completed=order.index(now) + 1 if now in order else 0, now=now)
                if now in ends:
                    return answer
                if waited >= _LONGEST_SECONDS:
                    raise OperationError(f"{name} has not ended yet: look again later", status=now)
                await asyncio.sleep(_EVERY_SECONDS)
                waited += _EVERY_SECONDS

    return ask(run)


async def every_page(api: ApiClient, path: str, query: Mapping[str, str], first: Mapping[str, Any]) -> dict[str, Any]:
    """A list with all its pages, of which the first is there already."""
    items, cursor = list(first["items"]), first.get("next_cursor")
    columns = (TextColumn("{task.description}"), TextColumn("{task.completed} items"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None, completed=len(items))
        while cursor:
            page = await api.call("GET", path, {**query, "cursor": cursor})
            items += page["items"]
            cursor = page.get("next_cursor")
            bar.update(task, completed=len(items))
    return {**first, "items": items, "next_cursor": None}


async def save(api: ApiClient, path: str, query: Mapping[str, str], file: Path) -> int:
    """Write an answer to a file as it comes; how many bytes. Nothing stays of one that breaks off.

    Raises:
        InvalidValue: The file exists.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InvalidValue(f"{file} exists already: name another file") from error
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeElapsedColumn())
    size = 0
    try:
        with (
            os.fdopen(descriptor, "wb") as target,
            Progress(*columns, console=Console(stderr=True), transient=True) as bar,
        ):
            task = bar.add_task(file.name, total=None)
            async for part in api.parts("GET", path, query):
                target.write(part)
                size += len(part)
                bar.update(task, completed=size)
    except BaseException:
        os.unlink(file)
        raise
    return size
