"""Campaigns of real chains that come to their end within a test: the chain's clock is put forward, and with it the
keystore's, whose vault operator judges windows by a clock of its own."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from localnet.testing import Localnet
from primitives.account_id import AccountId
from primitives.clock import SystemClock
from tests.integration.vouchers.test_both_chains import Shop, draft, issued, settled, until

DISCOUNT = 20_000_000
"""Base units of 20.00, which a voucher takes off 100.00."""
REFUND_SECONDS = 3_600


class KeystoreClock(SystemClock):
    """The real time, put forward."""

    ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + type(self).ahead


class Ending:
    """A shop on a network whose time is ours."""

    def __init__(self, shop: Shop, network: Localnet) -> None:
        self.shop, self.network = shop, network

    @property
    def evm(self) -> bool:
        return self.shop.chain.family == "eip155"

    async def now(self) -> int:
        moment: int = await self.shop.app.services.chains.adapter(self.shop.chain).block_time()
        return moment

    async def travel(self, moment: int) -> None:
        """To a block time, Unix seconds."""
        KeystoreClock.ahead = max(KeystoreClock.ahead, datetime.fromtimestamp(moment, UTC) - datetime.now(UTC))
        await self.network.mine(1, family=self.shop.chain.family, timestamp=moment)
        await until(self.now, lambda now: now >= moment)

    async def launched(self, cap: int = 3, partner: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
        """An active campaign of ten days by the chain's clock, with a refund window of an hour.

        Args:
            partner: An organisation that the terms name, and that accepts.
        """
        ends = datetime.fromtimestamp(await self.now(), UTC) + timedelta(days=10)
        body = draft(
            self.shop,
            cap,
            **{"valid_until": ends.isoformat(), "refund": {"window_seconds": REFUND_SECONDS}, **changes},
        )
        assert self.shop.treasury is not None
        await self.shop.give(str(self.shop.treasury), "tCNY", cap * DISCOUNT)
        made = await self.ask("POST", "/campaigns", body)
        if partner is not None:
            await self.shop.ask("POST", f"/campaigns/{made['id']}/answer", partner, {"accept": True})
        await self.ask("POST", f"/campaigns/{made['id']}/launch", {})
        active = await until(
            lambda: self.ask("GET", f"/campaigns/{made['id']}"), lambda found: found["status"] in ("active", "failed")
        )
        assert active["status"] == "active", active["lanes"]
        return {**active, "ends": int(ends.timestamp())}

    async def ask(self, method: str, path: str, body: Any = None, *, expect: int | None = None) -> Any:
        """As the merchant."""
        return await self.shop.ask(method, path, self.shop.merchant, body, expect=expect)

    async def post(self, path: str, body: Any, key: str) -> Any:
        """As the merchant, with this idempotency key."""
        headers = {**self.shop.merchant, "Idempotency-Key": key}
        answer = await self.shop.http.post(f"/api/v1{path}", headers=headers, json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def holding(self, campaign: str, count: int = 1) -> tuple[dict[str, str], str, list[str]]:
        """A new holder with money and vouchers: headers, account, vouchers."""
        holder, account = await self.shop.holder("li")
        await self.shop.give(account, "tCNY", 200_000_000)
        vouchers = await issued(self.shop, campaign, *[account] * count)
        await until(lambda: self.shop.ask("GET", "/vouchers", holder), lambda page: len(page["items"]) == count)
        return holder, account, vouchers

    async def sold(self, holder: dict[str, str], *, units: int = 2, at: dict[str, str] | None = None) -> str:
        """An order of 100.00 in so many units, paid with a voucher and final; `at` another shop."""
        line = {"sku": "tea", "name": "龙井 250g", "quantity": units, "unit_price_minor": 10_000 // units}
        cart = {"currency": "CNY", "lines": [line]}
        order = str((await self.shop.ask("POST", "/orders", at or self.shop.merchant, cart))["id"])
        quote = await self.shop.ask("POST", f"/orders/{order}/quote", holder, {})
        assert len(quote["used"]) == 1, quote["unused"]
        await self.shop.ask("POST", f"/orders/{order}/pay", holder, {"quote": quote["id"]}, expect=202)
        paid = await settled(self.shop, order, holder)
        assert paid["order"]["status"] == "paid", paid
        voucher = quote["used"][0]["voucher"]
        await until(
            lambda: self.shop.ask("GET", f"/vouchers/{voucher}", holder), lambda view: view["status"] == "redeemed"
        )
        return order

    async def refunded(
        self, order: str, returned: list[int] | None, at: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """The refund when nothing of it is under way any more."""
        who = at or self.shop.merchant
        made = await self.shop.ask("POST", f"/orders/{order}/refund", who, {"returned": returned})
        page = await until(
            lambda: self.shop.ask("GET", f"/orders/{order}/refunds", who),
            lambda page: next(one for one in page["items"] if one["id"] == made["id"])["status"] in ("done", "owing"),
            180,
        )
        found: dict[str, Any] = next(one for one in page["items"] if one["id"] == made["id"])
        return found

    async def treasury(self) -> int:
        assert self.shop.treasury is not None
        return await self.shop.balance(self.shop.treasury)

    async def acts(self, campaign: str, kind: str) -> list[dict[str, Any]]:
        """Newest first, once none is under way."""

        async def found() -> list[dict[str, Any]]:
            watched = await self.ask("GET", f"/campaigns/{campaign}/watch")
            return [act for act in watched["acts"] if act["kind"] == kind]

        over: list[dict[str, Any]] = await until(
            found, lambda acts: all(act["status"] in ("done", "failed") for act in acts), 90
        )
        return over

    async def books(self, campaign: str, escrow: int) -> None:
        """Books = escrow = chain."""
        found = await until(
            lambda: self.ask("GET", f"/settlements/books/{campaign}"),
            lambda books: all(
                lane["equal"] and lane["pending"] == "0" and lane["on_chain"] == str(escrow) for lane in books["lanes"]
            ),
            180,
        )
        assert {lane["escrow"] for lane in found["lanes"]} == {str(escrow)}

    async def due_now(self, kind: str) -> None:
        """A job that the database's own clock keeps for later."""
        async with self.shop.app.services.database.transaction() as tx:
            await tx.execute(text("UPDATE job SET due_at = now() WHERE kind = :kind"), {"kind": kind})

    async def job_count(self, kind: str) -> int:
        async with self.shop.app.services.database.transaction() as tx:
            found = await tx.execute(text("SELECT count(*) FROM job WHERE kind = :kind"), {"kind": kind})
            return int(found.scalar_one())

    async def events(self, kind: str) -> list[dict[str, Any]]:
        """The merchant's events of one kind."""
        async with self.shop.app.services.database.transaction() as tx:
            rows = await tx.execute(text("SELECT data FROM event WHERE kind = :kind"), {"kind": kind})
            return [row.data for row in rows]


async def at_once(*asked: Any) -> list[Any]:
    return list(await asyncio.gather(*asked))


def fresh_key() -> str:
    return uuid4().hex


async def balance(shop: Shop, account: str) -> int:
    return await shop.balance(AccountId.parse(account))
