"""`quanbao wallet …`"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote, urlencode
from uuid import uuid4

import typer

from api.cli.acts import wallet_defi, wallet_keys
from api.cli.acts.answers import AsJson, Key, ask, show
from api.cli.acts.long_acts import follow_act
from api.cli.acts.waiting import Wait

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
def portfolio(
    currency: Annotated[str, typer.Option(help="ISO 4217; the total is in it.")] = "CNY", as_json: AsJson = False
) -> None:
    """What your accounts hold, of every kind, and what it is worth together."""
    found = ask(lambda api: api.get(f"/portfolio?currency={quote(currency)}"))
    show(found, ("kind", "label", "name", "amount", "right.count", "worth.money", "no_worth"), as_json=as_json)
    if not as_json:
        show({"total": found["total"]["money"], **_told_beside(found)}, as_json=False)


@app.command()
def activity(
    search: Annotated[str | None, typer.Option(help="In words, titles, symbols, addresses, hashes and notes.")] = None,
    kind: Annotated[list[str] | None, typer.Option(help="Such as voucher.redeemed; repeat it for several.")] = None,
    limit: int = 50,
    as_json: AsJson = False,
) -> None:
    """What happened to your accounts, newest first."""
    query = [("limit", str(limit)), *(("q", one) for one in [search] if one), *(("kind", one) for one in kind or ())]
    found = ask(lambda api: api.get(f"/activity?{urlencode(query)}"))
    show(found, ("at", "text", "chain", "tx_hash", "note"), as_json=as_json)


@app.command()
def spending(
    first: Annotated[str | None, typer.Option(help="Month, YYYY-MM; default: this one.")] = None,
    last: Annotated[str | None, typer.Option(help="Month, included.")] = None,
    zone: Annotated[str, typer.Option(help="IANA zone of the months.")] = "UTC",
    as_json: AsJson = False,
) -> None:
    """What you spent in shops, and what vouchers saved, by month, merchant and category."""
    query = {"first": first, "last": last, "zone": zone}
    asked = {name: value for name, value in query.items() if value is not None}
    columns = ("month", "merchant_name", "category", "currency", "orders", "spent_minor", "saved_minor")
    show(ask(lambda api: api.get("/spending", **asked)), columns, as_json=as_json)


@app.command("read-request")
def read_request(
    text: Annotated[str, typer.Argument(help="A scanned or pasted link, account or address.")],
    chain: Annotated[str | None, typer.Option(help="CAIP-2, for texts that name no chain.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what a payment request asks for; nothing is paid."""
    show(ask(lambda api: api.post("/payment-requests/read", {"text": text, "chain": chain})), as_json=as_json)


def _told_beside(portfolio: Mapping[str, Any]) -> Mapping[str, Any]:
    """What one must know to read a total."""
    total = portfolio["total"]
    told = {
        "prices_of": ", ".join(total["sources"]) or None,
        "priced_at": total["priced_at"],
        "complete": total["complete"],
        "without_price": ", ".join(total["missing"]) or None,
        "unavailable": ", ".join(portfolio["unavailable"]) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


@app.command()
def send(
    sender: Annotated[str, typer.Argument(help="One of your accounts, CAIP-10.")],
    recipient: str,
    asset: Annotated[str, typer.Argument(help="CAIP-19.")],
    amount: Annotated[str, typer.Argument(help="In units, such as 1.5.")],
    key: Key = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """Send a native coin or a token; needs unlocked keys."""
    body = {"sender": sender, "recipient": recipient, "asset": asset, "value": amount}
    answer = ask(lambda api: api.post("/transfers", body, key=key or uuid4().hex))
    if wait:
        answer = follow_act("create-transfer", {}, answer)
    show(answer, as_json=as_json)
