"""`quanbao audit …`"""

from __future__ import annotations

import typer

from api.cli.acts.answers import AsJson, ask, show

app = typer.Typer(help="For auditors.", no_args_is_help=True)


@app.command()
def search(text: str, as_json: AsJson = False) -> None:
    """Everything that an id, hash, transaction or account may name."""
    show(ask(lambda api: api.get("/audit/search", q=text)), ("kind", "id", "because", "chain"), as_json=as_json)
