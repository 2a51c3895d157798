"""Follow an act that takes its time, with a bar on standard error."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from api.cli.acts.answers import ask
from api.cli.client import ApiClient
from primitives.errors import OperationError

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
