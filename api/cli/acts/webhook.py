"""`quanbao webhook …`: act for an organisation first (`quanbao act-for`)."""

from __future__ import annotations

from typing import Annotated

import typer

from api.cli.acts.answers import AsJson, ask, show

app = typer.Typer(help="Where your organisation's events are sent.", no_args_is_help=True)

_DELIVERY = ("id", "created_at", "type", "status", "attempts")


@app.command("list")
def list_webhooks(as_json: AsJson = False) -> None:
    """Its endpoints."""
    show(ask(lambda api: api.get("/webhooks")), ("id", "url", "events", "status"), as_json=as_json)


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="https://… of your server.")],
    events: Annotated[list[str], typer.Argument(help="`order.paid`, `order.*` or `*`.")],
    as_json: AsJson = False,
) -> None:
    """A new endpoint; its secret is shown this once."""
    show(ask(lambda api: api.post("/webhooks", {"url": url, "events": events})), as_json=as_json)


@app.command()
def rotate(webhook: str, as_json: AsJson = False) -> None:
    """Another secret, shown this once; the one before signs as well for a day."""
    show(ask(lambda api: api.post(f"/webhooks/{webhook}/secret")), as_json=as_json)


@app.command("test")
def send_test(webhook: str, as_json: AsJson = False) -> None:
    """Send an event that means nothing."""
    show(ask(lambda api: api.post(f"/webhooks/{webhook}/test")), as_json=as_json)


@app.command()
def deliveries(webhook: str, as_json: AsJson = False) -> None:
    """What was sent and what waits, newest first."""
    show(ask(lambda api: api.get(f"/webhooks/{webhook}/deliveries")), _DELIVERY, as_json=as_json)


@app.command()
def redeliver(webhook: str, delivery: str, as_json: AsJson = False) -> None:
    """Send one again, under the same event id."""
    show(ask(lambda api: api.post(f"/webhooks/{webhook}/deliveries/{delivery}/redeliver")), as_json=as_json)
