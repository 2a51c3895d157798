"""`quanbao case …`"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from api.cli.acts.answers import AsJson, ask, show

app = typer.Typer(help="Ask for help, and see how far it is.", no_args_is_help=True)

_COLUMNS = ("reference", "status", "title", "about", "updated_at", "id")


@app.command("list")
def list_cases(
    inbox: Annotated[bool, typer.Option(help="Those of the organisation that you act for.")] = False,
    as_json: AsJson = False,
) -> None:
    """Your cases, the last changed first."""
    show(ask(lambda api: api.get("/cases/inbox" if inbox else "/cases")), _COLUMNS, as_json=as_json)


@app.command("open")
def open_case(
    title: str,
    text: str,
    about: Annotated[str, typer.Option(help="general, order, payment, voucher or redemption.")] = "general",
    subject: Annotated[str | None, typer.Option(help="The id of what it is about.")] = None,
    dispute: Annotated[bool, typer.Option(help="Contest the redemption that it is about.")] = False,
    as_json: AsJson = False,
) -> None:
    """Ask for help."""
    body: dict[str, Any] = {"title": title, "text": text, "about": about, "subject": subject, "dispute": dispute}
    show(ask(lambda api: api.post("/cases", body)), as_json=as_json)


@app.command("show")
def show_case(case: str, as_json: AsJson = False) -> None:
    """A case with its conversation."""
    show(ask(lambda api: api.get(f"/cases/{case}")), as_json=as_json)


@app.command()
def say(case: str, text: str, as_json: AsJson = False) -> None:
    """Write in your case."""
    show(ask(lambda api: api.post(f"/cases/{case}/messages", {"text": text})), as_json=as_json)


@app.command()
def answer(
    case: str,
    text: str,
    close: Annotated[str | None, typer.Option(help="End it: solved or refused.")] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a customer, for the organisation that you act for."""
    body = {"text": text, "close": close}
    show(ask(lambda api: api.post(f"/cases/inbox/{case}/messages", body)), as_json=as_json)
