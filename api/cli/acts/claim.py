"""`quanbao claim …`: get vouchers by code, from drops, as a welcome, and hand codes on."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from api.cli.acts.answers import AsJson, Key, ask, show

app = typer.Typer(help="Claim vouchers; holders pay nothing for it.", no_args_is_help=True)

_COLUMNS = ("id", "source", "status", "voucher", "account")
_Code = Annotated[str, typer.Argument(help="The code of the link, the QR code or the card.")]
_Account = Annotated[str, typer.Argument(help="Who gets the voucher (CAIP-10).")]


@app.command("list")
def list_claims(as_json: AsJson = False) -> None:
    """What you have claimed."""
    show(ask(lambda api: api.get("/claims")), _COLUMNS, as_json=as_json)


@app.command()
def look(code: _Code, as_json: AsJson = False) -> None:
    """What a code, or a campaign's id, offers: how many are left, and until when."""
    show(ask(lambda api: api.get(f"/claims/{code}")), as_json=as_json)


@app.command("code")
def by_code(code: _Code, account: _Account, key: Key = None, as_json: AsJson = False) -> None:
    """Get a voucher by a code."""
    body = {"code": code, "account": account}
    show(ask(lambda api: api.post("/claims", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def ticket(
    code: _Code,
    account: _Account,
    relayed: Annotated[bool, typer.Option("--relayed", help="Let the relayer send it.")] = False,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Get a signed ticket by a code, to be sent from any wallet (EVM)."""
    body = {"code": code, "account": account, "relayed": relayed}
    show(ask(lambda api: api.post("/claims/tickets", body, key=key or uuid4().hex)), as_json=as_json)


@app.command("drop")
def from_drop(
    campaign: str,
    account: _Account,
    number: Annotated[int, typer.Option(help="The drop's number.")] = 0,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Have the voucher of a drop made for an account on its list."""
    body = {"campaign": campaign, "account": account, "drop": number}
    show(ask(lambda api: api.post("/claims/drops", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def welcome(campaign: str, account: _Account, key: Key = None, as_json: AsJson = False) -> None:
    """The welcome of an organisation that you have never paid."""
    body = {"campaign": campaign, "account": account}
    show(ask(lambda api: api.post("/claims/welcome", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def visit(code: _Code, account: _Account, key: Key = None, as_json: AsJson = False) -> None:
    """Check in with the code that the shop shows."""
    body = {"code": code, "account": account}
    show(ask(lambda api: api.post("/claims/visits", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def refer(campaign: str, account: _Account, as_json: AsJson = False) -> None:
    """A code of your own to hand on; your vouchers go to this account."""
    body = {"campaign": campaign, "account": account}
    show(ask(lambda api: api.post("/claims/referrals", body)), as_json=as_json)
