"""How payments are gathered into commits changes nothing of what the rules decide, store and tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from chains.intent import ContractCall, Intent, Transfer
from codec.evm.tokens import call
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.clock import SystemClock
from primitives.errors import RiskRefused
from tests.integration.engine.stage import CHAIN, ETHER
from wallets.assets import sql as assets
from wallets.engine import sql as payments
from wallets.engine.gates import Authority
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus, Signs, new_payment
from wallets.freeze.service import FreezeService
from wallets.risk.gate import RiskGate
from wallets.risk.service import RiskService

PAY = Authority("pay", 21_000)
FRIEND = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x33" * 16 + b"\xcd\x34")
ALIKE = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x44" * 16 + b"\xcd\x34")
PAYEES = (FRIEND, ALIKE, *(AccountId.from_raw(CHAIN, bytes([at]) * 20) for at in range(100, 106)))
TENANTS = 2
OLD = timedelta(minutes=12)


@dataclass(frozen=True)
class Wish:
    """A payment of one of the tenants. `payee` None: an unlimited approval; `again`: one of those before it."""

    tenant: int
    payee: int | None
    units: int
    old: bool = False
    service: bool = False
    again: int | None = None


@dataclass(frozen=True)
class Story:
    """Commits, one after the other; behind some of them everything that was told is overridden."""

    commits: tuple[tuple[tuple[Wish, ...], bool], ...]
    busy: bool = False
    new_device: bool = False


WISHES = st.builds(
    Wish,
    tenant=st.integers(0, TENANTS - 1) | st.just(0),
    payee=st.none() | st.integers(0, len(PAYEES) - 1) | st.integers(2, len(PAYEES) - 1),
    units=st.sampled_from([1, 10, 1000]),
    old=st.sampled_from([False, False, False, True]),
    service=st.sampled_from([False, False, False, False, True]),
    again=st.none() | st.none() | st.integers(0, 20),
)
STORIES = st.builds(
    Story,
    commits=st.lists(
        st.tuples(st.lists(WISHES, min_size=1, max_size=9).map(tuple), st.booleans()), min_size=1, max_size=3
    ).map(tuple),
    busy=st.booleans(),
    new_device=st.booleans(),
)


class Devices:
    def __init__(self, since: datetime | None) -> None:
        self.since = since

    async def new_since(self, tx: Transaction, persons: Collection[UUID]) -> Mapping[UUID, datetime]:
        return {} if self.since is None else dict.fromkeys(persons, self.since)


class World:
    """Some tenants who live through a story; two worlds differ in nothing but their ids."""

    def __init__(self, database: Database, since: datetime | None) -> None:
        self.database = database
        self.tenants = [uuid4() for _ in range(TENANTS)]
        self.owners = [AccountId.from_raw(CHAIN, one.bytes + b"\x00" * 4) for one in self.tenants]
        self.freezes = FreezeService(database)
        self.risk = RiskService(database, self.freezes, Devices(since))
        self.gate = RiskGate(self.risk)
        self.made: list[Payment] = []
        self.asked = 0
        self.answers: list[object] = []
        self.asking: Callable[[], None] = lambda: None

    async def begin(self, *, busy: bool) -> None:
        async with self.database.transaction() as tx:
            await assets.add_paid(tx, [(owner, FRIEND) for owner in self.owners])
            for owner in self.owners:
                await tx.execute(assets.zero_contact_table.insert().values(account=str(owner), address=ALIKE.raw))
        if busy:
            async with self.database.transaction() as tx:
                await self._store(tx, [self._request(Wish(0, 0, 1)) for _ in range(6)], [])

    def _request(self, wish: Wish) -> PaymentRequest:
        owner = self.owners[wish.tenant]
        action = (
            ContractCall(FRIEND, call("approve(address,uint256)", ALIKE.address, 2**256 - 1))
            if wish.payee is None
            else Transfer(Amount(wish.units, ETHER), PAYEES[wish.payee])
        )
        signs: Signs = "service" if wish.service else "person"
        intent = Intent(owner, action)
        self.asked += 1
        return PaymentRequest(self.tenants[wish.tenant], f"{self.asked:04}", intent, "transfer", signs=signs)

    async def _store(self, tx: Transaction, requests: Sequence[PaymentRequest], old: Sequence[int]) -> list[Payment]:
        rows = [(uuid4(), one, PaymentStatus.AWAITING_SIGNATURE, ETHER) for one in requests]
        stored = await payments.insert_payments(tx, rows)
        made = []
        for at, ((payment_id, moment), (_, request, status, native)) in enumerate(zip(stored, rows, strict=True)):
            assert moment is not None
            when = moment - OLD if at in old else moment
            made.append(new_payment(payment_id, request, status, native, when))
        aged = [one.id for at, one in enumerate(made) if at in old]
        await tx.execute(
            text("UPDATE payment SET created_at = created_at - CAST(:old AS interval) WHERE id = ANY(:ids)"),
            {"old": OLD, "ids": aged},
        )
        return made

    async def live(self, story: Story, *, together: bool) -> None:
        await self.begin(busy=story.busy)
        for wishes, overridden in story.commits:
            before = list(self.made)
            fresh = [one for one in wishes if one.again is None or one.again >= len(before)]
            async with self.database.transaction() as tx:
                self.made += await self._store(
                    tx, [self._request(one) for one in fresh], [at for at, one in enumerate(fresh) if one.old]
                )
            new = iter(self.made[len(before) :])
            asked = [
                next(new) if one.again is None or one.again >= len(before) else before[one.again] for one in wishes
            ]
            async with self.database.transaction() as tx:
                self.asking()
                self.answers += await self._ask(tx, list({one.id: one for one in asked}.values()), together=together)
            if overridden:
                for alert in await self.risk.list(self.tenants):
                    await self.risk.override(self.tenants, alert.id, alert.tenant_id, "so it is meant")

    async def _ask(self, tx: Transaction, asked: Sequence[Payment], *, together: bool) -> list[object]:
        if together:
            found: Sequence[object] = await self.gate.admit_many(tx, [(one, PAY) for one in asked])
        else:
            found = [(await self.gate.admit_many(tx, [(one, PAY)]))[0] for one in asked]
        return [
            (one.message, one.score, one.rules, one.frozen) if isinstance(one, RiskRefused) else one for one in found
        ]

    async def record(self) -> Mapping[str, object]:
        """All that is stored and told, without the ids by which worlds differ."""
        place = {name: at for at, one in enumerate(self.made) for name in (one.id, str(one.id))}
        async with self.database.transaction() as tx:
            found: dict[str, object] = {"answers": self.answers}
            for at, (tenant, owner) in enumerate(zip(self.tenants, self.owners, strict=True)):
                for name, statement in _STORED.items():
                    rows = await tx.execute(text(statement), {"tenant": tenant, "owner": str(owner)})
                    found[f"{name} {at}"] = [
                        tuple(place.get(one, one) if isinstance(one, UUID | str) else one for one in row)
                        for row in rows
                    ]
        return found


_STORED = {
    "decisions": """
        SELECT d.id, d.score, d.verdict, d.findings, d.first_recipient FROM risk_decision AS d
        JOIN payment AS p USING (id) WHERE d.tenant_id = :tenant ORDER BY p.idempotency_key
    """,
    "alerts": """
        SELECT coalesce(p.id::text, 'burst'), a.score, a.verdict, a.findings, a.account = :owner,
            a.acknowledged_at IS NULL
        FROM risk_alert AS a LEFT JOIN payment AS p ON p.id::text = a.subject
        WHERE a.tenant_id = :tenant ORDER BY p.idempotency_key, a.score
    """,
    "habits": "SELECT asset, payments, largest FROM risk_habit WHERE account = :owner ORDER BY asset",
    "freezes": """
        SELECT f.reason IS NOT NULL, a.subject::uuid FROM account_freeze AS f JOIN risk_alert AS a ON a.id = f.alert_id
        WHERE f.tenant_id = :tenant ORDER BY f.frozen_at
    """,
    "alerts told": """
        SELECT coalesce(p.id::text, 'burst'), max((e.data->>'score')::int), max(e.data->>'verdict') FROM event AS e
        JOIN risk_alert AS a ON a.id = (e.data->>'alert_id')::uuid
        LEFT JOIN payment AS p ON p.id::text = a.subject
        WHERE e.tenant_id = :tenant AND e.kind = 'alert.raised' GROUP BY a.id, p.id ORDER BY max(e.id)
    """,
    "freezes told": """
        SELECT data->>'reason' FROM event WHERE tenant_id = :tenant AND kind = 'account.frozen' ORDER BY id
    """,
}


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],  # a story is short; making it shorter takes minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(story=STORIES)
async def test_a_commit_decides_as_its_payments_one_by_one(database: Database, story: Story) -> None:
    since = SystemClock().now() - timedelta(hours=1) if story.new_device else None
    records = []
    for together in (True, False):
        world = World(database, since)
        await world.live(story, together=together)
        records.append(await world.record())
    assert records[0] == records[1]


async def test_payments_count_for_those_behind_them_in_the_same_commit(database: Database) -> None:
    """Four strangers and three usual amounts come before the large one; nothing of it is stored yet."""
    world = World(database, None)
    strangers = [Wish(0, payee, 1) for payee in (2, 3, 4, 5)]
    await world.live(Story(((((*strangers, Wish(0, 6, 1000))), False),)), together=True)
    decided = [await world.risk.decision(world.tenants, one.id) for one in world.made]
    assert [one.score for one in decided] == [10, 10, 10, 10, 70]
    assert [one.rule for one in decided[-1].findings] == ["recipient.first", "velocity.recipients", "velocity.amount"]


async def test_a_commit_asks_the_database_no_more_often_than_a_payment(database: Database) -> None:
    counted = []
    for payments_at_once in (24, 120):
        world = World(database, SystemClock().now())
        asked = [Wish(at % 2, 2 + at % 6, 1) for at in range(payments_at_once)]
        statements: list[str] = []

        def note(*arguments: Any, kept: list[str] = statements) -> None:
            kept.append(arguments[2])

        world.asking = lambda: event.listen(database.engine.sync_engine, "before_cursor_execute", note)
        await world.live(Story(((tuple(asked), False),)), together=True)
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
        async with database.transaction() as tx:
            tenants = {"tenants": world.tenants}
            rows = await tx.execute(text("SELECT count(*) FROM risk_alert WHERE tenant_id = ANY(:tenants)"), tenants)
            assert rows.scalar_one() > payments_at_once // 2
        counted.append(len(statements))
    assert counted[0] == counted[1]
