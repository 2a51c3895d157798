"""Patterns are found in what the tables really hold, and told to whom they concern."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from chains.campaign import TransferPolicy
from chains.intent import Intent, Transfer
from people.events.feed import EventFeed
from people.events.model import Event, EventCursor
from people.events.sql import events_after
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation, put_member
from people.persons.sql import person_table
from people.roles import MemberRole
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.clock import SystemClock
from tests.fakes.vouchers import EVM, TEST_CNY, UNITS_PER_MINOR, cart
from tests.integration.vouchers.stage import Stage
from vouchers.claims.sql import claim_table
from vouchers.fraud.service import LOOK, FraudWatch
from vouchers.ledger.sql import ledger_entry_table
from wallets.engine.model import PaymentRequest, PaymentStatus
from wallets.engine.sql import insert_payments
from wallets.freeze.service import FreezeService
from wallets.risk.service import RiskService


class Town:
    """One shop whose campaign it is, its cashier, and the watch."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.stage = Stage(database)
        self.risk = RiskService(database, FreezeService(database))
        self.watch = FraudWatch(database, self.risk, {TEST_CNY.id: UNITS_PER_MINOR})

    async def open(self) -> None:
        """Register the shop with a member of its staff who has an account like any holder."""
        self.cashier, self.account = self.stage.holder()
        now = SystemClock().now()
        async with self.database.transaction() as tx:
            await insert_organisation(tx, Organisation(self.stage.merchant, "shop", now))
            await tx.execute(person_table.insert().values(id=self.cashier, created_at=now))
            await put_member(tx, self.stage.merchant, self.cashier, MemberRole.CASHIER, now)
        self.campaign = await self.stage.campaign(transfer=TransferPolicy.FREE)

    async def bought(self, person: UUID, account: AccountId, *, cashier: UUID, minor: int = 10_000) -> UUID:
        """An order that is paid with a voucher."""
        await self.stage.issue(self.campaign, account)
        merchant = self.stage.merchant
        goods = cart(minor, merchant=str(merchant))
        order = await self.stage.orders.create(merchant, goods, created_by=cashier, idempotency_key=uuid4().hex)
        quote = await self.stage.orders.quote(person, order.id)
        assert quote.price.discount_minor == 2_000
        await self.stage.pay(person, quote)
        await self.stage.work()
        return order.id

    async def paid_back(self, sender: UUID, account: AccountId, minor: int) -> None:
        """A transfer of test money that the engine has signed."""
        action = Transfer(Amount(minor * UNITS_PER_MINOR, TEST_CNY), account)
        request = PaymentRequest(sender, uuid4().hex, Intent(account, action), "transfer", signs="person")
        async with self.database.transaction() as tx:
            await insert_payments(tx, [(uuid4(), request, PaymentStatus.IN_FLIGHT, TEST_CNY)])

    async def events(self) -> list[Event]:
        async with self.database.transaction() as tx:
            return list(await events_after(tx, [self.stage.merchant, self.cashier], EventCursor(0, 0), 500))

    async def look(self) -> None:
        """What the fan-out would ask for, carried out at once."""
        async with self.database.transaction() as tx:
            await self.watch.consume(tx, await self.events())
            await tx.execute(text("UPDATE job SET due_at = now() WHERE kind = :kind"), {"kind": LOOK})
        await Worker(self.database, self.watch.handlers()).run_due()

    async def rules(self, tenant: UUID) -> set[str]:
        return {finding.rule for alert in await self.risk.list([tenant]) for finding in alert.findings}


async def _opened(database: Database) -> Town:
    town = Town(database)
    await town.open()
    return town


async def test_a_cashier_who_redeems_at_the_own_till_is_told_to_the_shop(database: Database) -> None:
    town = await _opened(database)
    order = await town.bought(town.cashier, town.account, cashier=town.cashier)
    await town.look()
    (alert,) = await town.risk.list([town.stage.merchant])
    assert [one.rule for one in alert.findings] == ["voucher.self_redemption"]
    assert alert.findings[0].evidence == {"person": str(town.cashier), "orders": [str(order)], "own": 1}
    assert alert.verdict == "alert"
    assert await town.risk.list([town.cashier]) == []


async def test_a_customer_who_just_buys_is_nothing(database: Database) -> None:
    town = await _opened(database)
    person, account = town.stage.holder()
    await town.bought(person, account, cashier=town.cashier)
    await town.look()
    assert await town.risk.list([town.stage.merchant]) == []


async def test_money_that_the_staff_sends_back_is_a_round_trip_and_told_once(database: Database) -> None:
    town = await _opened(database)
    person, account = town.stage.holder()
    await town.bought(person, account, cashier=town.cashier)
    await town.paid_back(uuid4(), account, 7_500)
    await town.look()
    assert await town.rules(town.stage.merchant) == set()
    await town.paid_back(town.cashier, account, 7_500)
    await town.look()
    await town.look()
    (alert,) = await town.risk.list([town.stage.merchant])
    assert [one.rule for one in alert.findings] == ["voucher.round_trip"]
    feed = EventFeed(database)
    told = await feed.read([town.stage.merchant], EventCursor(0, 0))
    assert [one.data["alert_id"] for one in told if one.kind == "alert.raised"] == [str(alert.id)]


async def test_money_that_was_sent_before_the_order_is_no_way_back(database: Database) -> None:
    town = await _opened(database)
    person, account = town.stage.holder()
    await town.bought(person, account, cashier=town.cashier)
    await town.paid_back(town.cashier, account, 7_500)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE payment SET created_at = created_at - interval '1 hour'"))
    await town.look()
    assert await town.rules(town.stage.merchant) == set()


async def test_claims_that_end_in_one_account_are_a_farm(database: Database) -> None:
    """And a transfer that a reorganisation has taken back is none."""
    town = await _opened(database)
    campaign, collector = town.campaign.id, str(AccountId.from_raw(EVM, b"\x99" * 20))
    for number in range(6):
        claimer = str(AccountId.from_raw(EVM, bytes([number + 1]) * 20))
        await _claimed(town, claimer, minutes=number)
        await _handed(town, claimer, collector, number, taken_back=number == 5)
    async with database.transaction() as tx:
        (pattern,) = await town.watch.look_at_campaign(tx, campaign)
        await town.watch.tell(tx, [pattern])
    assert (pattern.name, pattern.about) == ("claim_farm", (str(campaign), collector))
    (alert,) = await town.risk.list([town.stage.merchant])
    assert {one.rule for one in alert.findings} == {"voucher.claim_farm.gathered", "voucher.claim_farm.burst"}
    assert alert.findings[0].evidence["count"] == 5
    assert (alert.score, alert.verdict) == (80, "alert")


async def _claimed(town: Town, account: str, *, minutes: int) -> None:
    at = SystemClock().now() - timedelta(hours=2) + timedelta(minutes=minutes)
    row = {
        "id": uuid4(),
        "tenant_id": town.stage.merchant,
        "campaign_id": str(town.campaign.id),
        "chain": str(EVM),
        "source": "link",
        "person_id": uuid4(),
        "account": account,
        "status": "issued",
        "idempotency_key": account,
        "request_hash": bytes(32),
        "created_at": at,
    }
    async with town.database.transaction() as tx:
        await tx.execute(claim_table.insert().values(**row))


async def _handed(town: Town, sender: str, recipient: str, number: int, *, taken_back: bool) -> None:
    at = int((SystemClock().now() - timedelta(hours=1)).timestamp())
    for observation in range(2 if taken_back else 1):
        row = {
            "chain": str(EVM),
            "height": 1_000_000,
            "transaction_index": number,
            "event_index": 0,
            "block_hash": bytes(32),
            "observation": observation,
            "tx_hash": f"0x{number}",
            "block_time": at,
            "kind": "moved",
            "campaign_id": str(town.campaign.id),
            "fact": {"voucher": f"v{number}", "sender": sender, "recipient": recipient},
        }
        async with town.database.transaction() as tx:
            await tx.execute(ledger_entry_table.insert().values(**row))
