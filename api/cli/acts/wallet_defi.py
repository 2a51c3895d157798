"""`quanbao wallet …`: swaps, wrapping, and what others may take."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

import typer

from api.cli.acts.answers import AsJson, Key, ask, show

app = typer.Typer()
Account = Annotated[str, typer.Argument(help="One of your accounts, CAIP-10.")]
Amount = Annotated[str, typer.Argument(help="In units, such as 1.5.")]
Accept = Annotated[
    list[str] | None, typer.Option("--accept", help="A warning's code that you have read; may be repeated.")
]


@app.command()
def swap(
    account: Account,
    sell: Annotated[str, typer.Argument(help="What you give, CAIP-19.")],
    buy: Annotated[str, typer.Argument(help="What you get, CAIP-19.")],
    amount: Amount,
    slippage: Annotated[int, typer.Option(help="How much less may come out, in hundredths of a percent.")] = 50,
    lifetime: Annotated[int, typer.Option(help="Seconds of block time until it is refused.")] = 1_200,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what it would do.")] = False,
    accept: Accept = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Swap an exact amount of a coin or token; needs unlocked keys. Repeat with the same key to go on."""
    body: dict[str, Any] = {
        "account": account,
        "sell": sell,
        "buy": buy,
        "value": amount,
        "slippage_bps": slippage,
        "lifetime_seconds": lifetime,
        "accept_warnings": accept or [],
    }
    if preview:
        show(ask(lambda api: api.post("/swaps/preview", body)), as_json=as_json)
        return
    show(ask(lambda api: api.post("/swaps", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def wrap(account: Account, amount: Amount, key: Key = None, as_json: AsJson = False) -> None:
    """The chain's coin as its ERC-20 token, one for one; needs unlocked keys."""
    body = {"account": account, "value": amount}
    show(ask(lambda api: api.post("/swaps/wrap", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def unwrap(account: Account, amount: Amount, key: Key = None, as_json: AsJson = False) -> None:
    """The ERC-20 token of the chain's coin back into the coin; needs unlocked keys."""
    body = {"account": account, "value": amount}
    show(ask(lambda api: api.post("/swaps/unwrap", body, key=key or uuid4().hex)), as_json=as_json)


@app.command("swap-status")
def swap_status(swap_id: str, as_json: AsJson = False) -> None:
    """Where a swap stands, and what came out."""
    show(ask(lambda api: api.get(f"/swaps/{swap_id}")), as_json=as_json)


@app.command()
def swaps(as_json: AsJson = False) -> None:
    """Your swaps, newest first."""
    show(ask(lambda api: api.get("/swaps")), ("id", "status", "created_at", "ended_at"), as_json=as_json)


@app.command("swap-cancel")
def swap_cancel(swap_id: str, as_json: AsJson = False) -> None:
    """Make a swap that waits never happen; needs unlocked keys. The chain decides: see `swap-status`."""
    show(ask(lambda api: api.post(f"/swaps/{swap_id}/cancel")), as_json=as_json)


@app.command()
def holdings(account: Account, as_json: AsJson = False) -> None:
    """Tokens and collectibles of an account, with marks on what is not to be trusted."""
    columns = ("symbol", "base_units", "decimals", "asset", "marks")
    show(ask(lambda api: api.get("/holdings", account=account)), columns, as_json=as_json)


@app.command()
def approvals(account: Account, as_json: AsJson = False) -> None:
    """What others may take from an account, unlimited ones first."""
    columns = ("kind", "token", "spender", "base_units", "unlimited", "until")
    show(ask(lambda api: api.get("/token-approvals", account=account)), columns, as_json=as_json)


@app.command()
def approve(
    account: Account,
    token: Annotated[str, typer.Argument(help="The token's contract, CAIP-10.")],
    spender: Annotated[str, typer.Argument(help="Who may take, CAIP-10.")],
    base_units: Annotated[str | None, typer.Option(help="How much at most.")] = None,
    unlimited: Annotated[bool, typer.Option("--unlimited", help="Everything: accept that warning too.")] = False,
    accept: Accept = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Let a contract take an exact amount of a token; needs unlocked keys."""
    body = {
        "account": account,
        "token": token,
        "spender": spender,
        "base_units": base_units,
        "unlimited": unlimited,
        "accept_warnings": accept or [],
    }
    show(ask(lambda api: api.post("/token-approvals", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def revoke(
    account: Account,
    spender: Annotated[str, typer.Argument(help="Who may take, CAIP-10.")],
    kind: Annotated[str, typer.Option(help="allowance, operator, permit2 or delegation.")] = "allowance",
    token: Annotated[str | None, typer.Option(help="The token's contract, CAIP-10; none for a delegation.")] = None,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """End an approval that stands; needs unlocked keys."""
    body = {"account": account, "kind": kind, "token": token, "spender": spender}
    show(ask(lambda api: api.post("/token-approvals/revoke", body, key=key or uuid4().hex)), as_json=as_json)
