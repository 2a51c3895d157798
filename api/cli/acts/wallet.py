"""`quanbao wallet …`"""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from api.cli.acts import wallet_defi, wallet_keys
from api.cli.acts.answers import AsJson, Key, ask, show

app = typer.Typer(help="Wallets, accounts, keys, transfers.", no_args_is_help=True)
app.add_typer(wallet_keys.app)
app.add_typer(wallet_defi.app)


@app.command("list")
def list_wallets(as_json: AsJson = False) -> None:
    """Your wallets."""
    show(ask(lambda api: api.get("/wallets")), ("id", "label", "kind", "words", "backup_confirmed"), as_json=as_json)


@app.command()
def create(label: str, words: int = 12, as_json: AsJson = False) -> None:
    """Make a wallet; then back it up on the page, which asks words back."""
    show(ask(lambda api: api.post("/wallets", {"label": label, "words": words})), as_json=as_json)


@app.command()
def accounts(as_json: AsJson = False) -> None:
    """Your accounts on every chain."""
    show(ask(lambda api: api.get("/wallets/accounts")), ("label", "account", "path", "scheme"), as_json=as_json)


@app.command("add-account")
def add_account(
    wallet: str,
    chain: str,
    scheme: Annotated[str | None, typer.Option(help="A name of `wallet schemes`, such as ledger-live.")] = None,
    path: Annotated[str | None, typer.Option(help="Instead of the next one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the next account of a wallet on a chain (CAIP-2)."""
    body = {"chain": chain, "scheme": scheme, "path": path}
    show(ask(lambda api: api.post(f"/wallets/{wallet}/accounts", body)), as_json=as_json)


@app.command()
def portfolio(as_json: AsJson = False) -> None:
    """What your accounts hold."""
    columns = ("account", "amount")
    show(ask(lambda api: api.get("/wallets/portfolio")), columns, as_json=as_json)


@app.command()
def send(
    sender: Annotated[str, typer.Argument(help="One of your accounts, CAIP-10.")],
    recipient: str,
    asset: Annotated[str, typer.Argument(help="CAIP-19.")],
    amount: Annotated[str, typer.Argument(help="In units, such as 1.5.")],
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Send a native coin or a token; needs unlocked keys."""
    body = {"sender": sender, "recipient": recipient, "asset": asset, "value": amount}
    show(ask(lambda api: api.post("/transfers", body, key=key or uuid4().hex)), as_json=as_json)
