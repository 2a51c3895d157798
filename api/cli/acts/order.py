"""`quanbao order …`"""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

import typer

from api.cli.acts.answers import AsJson, Key, ask, show
from api.cli.acts.long_acts import follow_act
from api.cli.acts.waiting import Wait

app = typer.Typer(help="Charge, quote and pay orders.", no_args_is_help=True)


@app.command()
def charge(
    amount_minor: Annotated[int, typer.Argument(help="In minor units: 10000 is 100.00.")],
    currency: str = "CNY",
    name: Annotated[str, typer.Option(help="What is sold.")] = "Sale",
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Make an order of one line, for the organisation that you act for."""
    line = {"sku": "counter", "name": name, "quantity": 1, "unit_price_minor": amount_minor}
    body = {"currency": currency, "lines": [line]}
    show(ask(lambda api: api.post("/orders", body, key=key or uuid4().hex)), as_json=as_json)


@app.command("show")
def show_order(order: str, as_json: AsJson = False) -> None:
    """An order with the last attempt to pay it."""
    show(ask(lambda api: api.get(f"/orders/{order}")), as_json=as_json)


@app.command()
def quote(
    order: str,
    chain: Annotated[str | None, typer.Option(help="CAIP-2; nothing: wherever it is best.")] = None,
    as_json: AsJson = False,
) -> None:
    """What you would pay, with the best voucher and the reasons for the others."""
    show(ask(lambda api: api.post(f"/orders/{order}/quote", {"chain": chain})), as_json=as_json)


@app.command()
def pay(order: str, quote: str, key: Key = None, wait: Wait = False, as_json: AsJson = False) -> None:
    """Pay a quote: vouchers and remainder in one act; needs unlocked keys."""
    body = {"quote": quote}
    answer = ask(lambda api: api.post(f"/orders/{order}/pay", body, key=key or uuid4().hex))
    if wait:
        answer = follow_act("pay-order", {"order_id": order}, answer)["order"]
    show(answer, as_json=as_json)


@app.command()
def refund(
    order: str,
    units: Annotated[
        list[int] | None, typer.Argument(help="Units of each line that come back; nothing: everything that is kept.")
    ] = None,
    chargeback: Annotated[bool, typer.Option(help="The money was taken back from outside.")] = False,
    key: Key = None,
    as_json: AsJson = False,
) -> None:
    """Give back a paid order or a part of it, for the organisation that you act for."""
    body = {"returned": units or None, "chargeback": chargeback}
    show(ask(lambda api: api.post(f"/orders/{order}/refund", body, key=key or uuid4().hex)), as_json=as_json)


@app.command()
def refunds(order: str, as_json: AsJson = False) -> None:
    """What was given back of an order, and where it stands."""
    columns = ("number", "kind", "status", "amount")
    show(ask(lambda api: api.get(f"/orders/{order}/refunds")), columns, as_json=as_json)
