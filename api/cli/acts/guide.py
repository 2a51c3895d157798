"""`quanbao guide …`: what anybody may read, without a session and without a server."""

from __future__ import annotations

import os
from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.acts.answers import AsJson, show
from people.guidance.service import Guidance, Role, guidance

app = typer.Typer(help="What acts cost, words, questions and checklists.", no_args_is_help=True)

Chinese = Annotated[bool, typer.Option("--zh", help="In Chinese; else as LANG says.")]


def _content(chinese: bool) -> Guidance:
    return guidance("zh-CN" if chinese or os.environ.get("LANG", "").startswith("zh") else "en")


def _page(items: Any) -> dict[str, Any]:
    return {"items": [asdict(one) for one in items], "next_cursor": None}


@app.command()
def costs(chinese: Chinese = False, as_json: AsJson = False) -> None:
    """What each act costs, and whom."""
    show(_page(_content(chinese).costs), ("act", "who_pays", "cost"), as_json=as_json)


@app.command()
def glossary(chinese: Chinese = False, as_json: AsJson = False) -> None:
    """Words in plain words."""
    show(_page(_content(chinese).glossary), ("term", "meaning"), as_json=as_json)


@app.command()
def questions(chinese: Chinese = False, as_json: AsJson = False) -> None:
    """What people ask."""
    show(_page(_content(chinese).questions), ("question", "answer"), as_json=as_json)


@app.command()
def checklist(role: Role, chinese: Chinese = False, as_json: AsJson = False) -> None:
    """What somebody of this role does first."""
    show(_page(_content(chinese).checklists[role]), ("do", "why", "where"), as_json=as_json)
