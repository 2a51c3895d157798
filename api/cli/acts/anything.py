"""`quanbao act` and `quanbao acts`: every operation of the API by its name, also those without a verb of their own."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import orjson
import typer
from rich.console import Console
from rich.table import Table

from api.cli.acts.answers import AsJson, Key, ask, say, show
from api.cli.acts.long_acts import follow_act, long_act
from api.cli.acts.operations import Operation, operations_of
from api.cli.acts.session import session_file
from api.cli.acts.waiting import Wait, every_page, save
from api.cli.client import ApiClient
from primitives.errors import InvalidValue

_PANEL = "Acts"


def register(app: typer.Typer) -> None:
    """Add both commands."""
    for command in (act, acts):
        app.command(rich_help_panel=_PANEL)(command)


def _kept() -> Path:
    """The document of the last API that was asked, for completion, which asks nobody."""
    return session_file().with_name("openapi.json")


def _complete(incomplete: str) -> list[tuple[str, str]]:
    try:
        document = orjson.loads(_kept().read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return []
    return [(name, one.about[:80]) for name, one in operations_of(document).items() if name.startswith(incomplete)]


async def _operations(api: ApiClient) -> Mapping[str, Operation]:
    document = await api.document()
    _kept().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _kept().write_bytes(orjson.dumps(document))
    return operations_of(document)


def act(
    operation: Annotated[str, typer.Argument(help="A name of `quanbao acts`.", autocompletion=_complete)],
    arguments: Annotated[list[str] | None, typer.Argument(help="name=value; lists and numbers as JSON.")] = None,
    body: Annotated[str | None, typer.Option(help="JSON, @FILE, or - for standard input.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Only say what it takes.")] = False,
    wait: Wait = False,
    whole: Annotated[bool, typer.Option("--all", help="Of a list, every page.")] = False,
    out: Annotated[Path | None, typer.Option(help="Write the answer to this new file.")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Do anything that the API does, by its name; `--explain` says what it takes."""
    given = None if body is None else _body(body)
    if wait:
        long_act(operation)

    async def run(api: ApiClient) -> tuple[Operation, Any]:
        known = await _operations(api)
        if operation not in known:
            near = [name for name in known if operation in name or name.split("-")[-1] in operation][:5]
            raise InvalidValue(
                f"there is no act {operation!r}: see `quanbao acts`{', ' if near else ''}{', '.join(near)}"
            )
        found = known[operation]
        if explain:
            return found, None
        request = found.request(arguments or [], given)
        if out is not None:
            if request.method != "GET":
                raise InvalidValue(f"{operation} is no reading: leave --out out")
            size = await save(api, request.path, request.query, out)
            return found, {"file": str(out), "bytes": size}
        once = (key or uuid4().hex) if found.keyed else None
        answer = await api.call(request.method, request.path, request.query, request.body, key=once)
        if whole and isinstance(answer, dict) and answer.get("next_cursor"):
            answer = await every_page(api, request.path, request.query, answer)
        return found, answer

    found, answer = ask(run)
    if wait and not explain:
        named = dict(word.split("=", 1) for word in arguments or ())
        answer = follow_act(operation, named, answer)
    if explain:
        _explained(found, as_json=as_json)
    elif out is not None:
        say(f"{answer['bytes']:,} bytes written to {out}", answer, as_json=as_json)
    elif isinstance(answer, str):
        sys.stdout.write(answer)
    elif answer is None:
        show({"done": True}, as_json=as_json)
    elif isinstance(answer, dict):
        show(answer, found.columns, as_json=as_json)
    else:
        show({"answer": answer}, as_json=as_json)


def acts(
    word: Annotated[str | None, typer.Argument(help="Only those with this word in name or text.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every operation of the API with what it does."""
    known = ask(_operations)
    found = [one for one in known.values() if word is None or word.lower() in f"{one.name} {one.about}".lower()]
    items = [{"act": one.name, "does": one.about, "method": one.method, "path": one.path} for one in found]
    show({"items": items}, ("act", "does"), as_json=as_json)


def _explained(operation: Operation, *, as_json: bool) -> None:
    told = [
        {"argument": one.name, "needed": one.needed, "kind": one.kind, "in": one.place, "about": one.about}
        for one in operation.arguments
    ]
    if as_json:
        show({"act": operation.name, "does": operation.about, "arguments": told}, as_json=True)
        return
    console = Console(highlight=False)
    console.print(f"{operation.about}\n", markup=False)
    table = Table(box=None, padding=(0, 2, 0, 0))
    for column in ("argument", "needed", "kind", "about"):
        table.add_column(column, overflow="fold")
    for one in told:
        table.add_row(str(one["argument"]), "yes" if one["needed"] else "", str(one["kind"]), str(one["about"]))
    console.print(table)


def _body(text: str) -> Mapping[str, Any]:
    """Raises InvalidValue: no JSON object, or no such file."""
    try:
        if text == "-":
            content = sys.stdin.read()
        else:
            content = Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text
        found = orjson.loads(content)
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError) as error:
        raise InvalidValue(f"--body: {error}") from error
    if not isinstance(found, dict):
        raise InvalidValue("--body: a JSON object")
    return found
