"""The engine asks the rules and the freezes before it signs: alerts, refusals, overrides and freezes of payments."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Notice
from codec.evm.tokens import call
from keystore import PLATFORM_TENANT
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.clock import SystemClock
from primitives.errors import AccountFrozen, KeyNotFound, NotFound, RiskRefused
from tests.integration.engine.stage import CHAIN, ETHER
from wallets.assets import sql as assets
from wallets.engine.gates import Authority, Gates
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus, new_payment
from wallets.freeze.gate import FreezeGate
from wallets.freeze.service import FreezeService
from wallets.risk.gate import RiskGate
from wallets.risk.model import Verdict, digest_of
from wallets.risk.service import RiskService

OWNER = AccountId.from_raw(CHAIN, b"\x01" * 20)
FRIEND = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x33" * 16 + b"\xcd\x34")
ALIKE = AccountId.from_raw(CHAIN, b"\xab\x12" + b"\x44" * 16 + b"\xcd\x34")
PAY = Authority("pay", 21_000)


class NewDevice:
    """Somebody has just come with a device that was never seen."""

    async def new_since(self, tx: Transaction, persons: Collection[UUID]) -> Mapping[UUID, datetime]:
        return dict.fromkeys(persons, SystemClock().now())


class Standing(SystemClock):
    """Within one window, however long the test takes."""

    def __init__(self) -> None:
        self._moment = super().now()

    def now(self) -> datetime:
        return self._moment


class Desk:
    """Rules, freezes and the gates of one tenant over a database."""

    def __init__(self, database: Database, *, new_device: bool = False) -> None:
        self.database = database
        self.tenant = uuid4()
        self.freezes = FreezeService(database)
        self.risk = RiskService(database, self.freezes, NewDevice() if new_device else None)
        self.gates = Gates((RiskGate(self.risk), FreezeGate(self.freezes)))

    def payment(self, intent: Intent, *, signs: str = "person", after: float = 0) -> Payment:
        request = PaymentRequest(self.tenant, uuid4().hex, intent, "transfer", signs=signs)  # type: ignore[arg-type]
        moment = SystemClock().now() + timedelta(seconds=after)
        return new_payment(uuid4(), request, PaymentStatus.AWAITING_SIGNATURE, ETHER, moment)

    def transfer(self, to: AccountId, wei: int = 1000, *, after: float = 0) -> Payment:
        return self.payment(Intent(OWNER, Transfer(Amount(wei, ETHER), to)), after=after)

    async def ask(self, *payments: Payment, authority: Authority = PAY) -> list[object]:
        """What each is refused for, in their order; None: it may be signed."""
        async with self.database.transaction() as tx:
            said = await self.gates.ask(tx, [(one, authority) for one in payments])
        return [said.get(one.id) for one in payments]

    async def knows(self, *recipients: AccountId) -> None:
        async with self.database.transaction() as tx:
            await assets.add_paid(tx, [(OWNER, one) for one in recipients])

    async def touched_by(self, account: AccountId) -> None:
        async with self.database.transaction() as tx:
            await tx.execute(assets.zero_contact_table.insert().values(account=str(OWNER), address=account.raw))


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def _unlimited() -> Intent:
    return Intent(OWNER, ContractCall(FRIEND, call("approve(address,uint256)", ALIKE.address, 2**256 - 1)))


async def test_a_payment_to_somebody_known_leaves_no_trace(desk: Desk) -> None:
    await desk.knows(FRIEND)
    payment = desk.transfer(FRIEND, after=1)
    assert await desk.ask(payment) == [None]
    with pytest.raises(NotFound):
        await desk.risk.decision([desk.tenant], payment.id)
    assert await desk.risk.list([desk.tenant]) == []


async def test_a_decision_keeps_its_score_and_reasons(desk: Desk) -> None:
    payment = desk.transfer(FRIEND)
    assert await desk.ask(payment) == [None]
    decided = await desk.risk.decision([desk.tenant], payment.id)
    assert (decided.score, decided.verdict, decided.findings[0].rule) == (10, Verdict.PASSED, "recipient.first")
    with pytest.raises(NotFound):
        await desk.risk.decision([uuid4()], payment.id)


async def test_an_unlimited_approval_is_signed_and_its_owner_told(desk: Desk) -> None:
    payment = desk.payment(_unlimited())
    assert await desk.ask(payment) == [None]
    (alert,) = await desk.risk.list([desk.tenant])
    assert (alert.subject, alert.verdict, alert.score) == (str(payment.id), Verdict.ALERT, 45)
    assert alert.findings[0].evidence["spender"] == ALIKE.address
    assert await desk.risk.list([uuid4()]) == []


async def test_a_burst_is_told_once_and_again_when_it_weighs_more(desk: Desk) -> None:
    """Four strangers make a burst; the fifth to the twelfth add nothing. What concerns one payment is told of that."""
    desk.risk = RiskService(desk.database, desk.freezes, clock=Standing())
    desk.gates = Gates((RiskGate(desk.risk), FreezeGate(desk.freezes)))
    strangers = [AccountId.from_raw(CHAIN, bytes([number]) * 20) for number in range(2, 14)]
    assert await desk.ask(*map(desk.transfer, strangers[:6])) == [None] * 6
    (burst,) = await desk.risk.list([desk.tenant])
    assert (burst.subject.partition(":")[0], burst.verdict, burst.score) == ("burst", Verdict.ALERT, 40)
    await desk.ask(*map(desk.transfer, strangers[6:]))
    single = desk.payment(_unlimited())
    await desk.ask(single)
    told = {alert.subject: alert for alert in await desk.risk.list([desk.tenant])}
    assert set(told) == {burst.subject, str(single.id)}
    assert told[burst.subject].id == burst.id
    async with desk.database.transaction() as tx:
        raised = text("SELECT count(*) FROM event WHERE tenant_id = :tenant AND kind = 'alert.raised'")
        assert (await tx.execute(raised, {"tenant": desk.tenant})).scalar_one() == 2


async def test_a_poisoned_address_is_blocked_until_somebody_says_why(desk: Desk) -> None:
    await desk.knows(FRIEND)
    await desk.touched_by(ALIKE)
    first = desk.transfer(ALIKE, after=1)
    (refusal,) = await desk.ask(first)
    assert isinstance(refusal, RiskRefused)
    assert refusal.rules == ["recipient.first", "recipient.lookalike", "recipient.poisoned"]
    assert refusal.frozen is False
    person = uuid4()
    told = await desk.risk.override([desk.tenant], UUID(refusal.alert), person, "my own second wallet")
    (override,) = told.overrides
    assert (override.by, override.reason, override.how) == (person, "my own second wallet", "overridden")
    assert told.acknowledged_by == person
    again, other_amount = desk.transfer(ALIKE, after=2), desk.transfer(ALIKE, 2000, after=2)
    passed, stopped = await desk.ask(again, other_amount)
    assert passed is None
    assert isinstance(stopped, RiskRefused)


async def test_an_override_of_one_tenant_helps_no_other(database: Database) -> None:
    one, other = Desk(database), Desk(database)
    await one.knows(FRIEND)
    await one.touched_by(ALIKE)
    (refusal,) = await one.ask(one.transfer(ALIKE, after=1))
    assert isinstance(refusal, RiskRefused)
    with pytest.raises(NotFound):
        await other.risk.override([other.tenant], UUID(refusal.alert), uuid4(), "not mine")
    await one.risk.override([one.tenant], UUID(refusal.alert), uuid4(), "mine")
    (still,) = await other.ask(other.transfer(ALIKE, after=2))
    assert isinstance(still, RiskRefused)


async def test_signs_of_a_takeover_freeze_in_the_same_commit(database: Database) -> None:
    desk = Desk(database, new_device=True)
    learned = [desk.transfer(FRIEND) for _ in range(3)]
    assert await desk.ask(*learned) == [None] * 3
    strangers = [AccountId.from_raw(CHAIN, bytes([at]) * 20) for at in range(100, 105)]
    assert await desk.ask(*(desk.transfer(one) for one in strangers)) == [None] * 5
    # First recipient 10, many new recipients 30, twenty times as much 30, new device 25: 95, so one more is needed.
    payments = [desk.transfer(AccountId.from_raw(CHAIN, b"\x77" * 20), 10**9), desk.payment(_unlimited())]
    (large,) = await desk.ask(payments[0])
    assert isinstance(large, RiskRefused)
    assert (large.score, large.frozen) == (95, False)
    frozen, beside = await desk.ask(desk.payment(_unlimited()), desk.transfer(FRIEND))
    assert isinstance(frozen, RiskRefused)
    assert frozen.frozen is True
    assert type(beside).__name__ == "AccountFrozen"
    (freeze,) = await desk.freezes.list([desk.tenant])
    assert str(freeze.alert_id) == frozen.alert
    (later,) = await desk.ask(desk.transfer(FRIEND))
    assert type(later).__name__ == "AccountFrozen"


async def test_every_kind_of_signature_is_refused_for_a_frozen_account(desk: Desk) -> None:
    await desk.freezes.freeze(desk.tenant, None, "a test", uuid4())
    for signing in ("pay", "raise", "void", "fill"):
        (refusal,) = await desk.ask(desk.transfer(FRIEND), authority=Authority(signing))
        assert type(refusal).__name__ == "AccountFrozen", signing


async def test_service_keys_are_left_to_key_policy_and_to_freezes(desk: Desk) -> None:
    payment = desk.payment(_unlimited(), signs="service")
    assert await desk.ask(payment) == [None]
    assert await desk.risk.list([desk.tenant]) == []
    await desk.freezes.freeze(desk.tenant, None, "odd orders", uuid4())
    (refusal,) = await desk.ask(payment)
    assert type(refusal).__name__ == "AccountFrozen"


class Carried:
    """Every payment carries the consent of these accounts."""

    def __init__(self, *holders: tuple[UUID, AccountId]) -> None:
        self._holders = holders

    async def holders(
        self, tx: Transaction, payments: Sequence[Payment]
    ) -> Mapping[UUID, Sequence[tuple[UUID, AccountId]]]:
        return {one.id: self._holders for one in payments}


async def test_what_others_sign_by_a_holders_consent_stops_at_the_holders_freeze(desk: Desk) -> None:
    """A relayer redeems for two holders: not signed after the freeze of one; what is signed already goes on."""
    holder, other = uuid4(), uuid4()
    desk.gates = Gates((FreezeGate(desk.freezes, Carried((other, FRIEND), (holder, ALIKE))),))
    redeeming = desk.payment(Intent(OWNER, Transfer(Amount(0, ETHER), FRIEND)), signs="service")
    assert await desk.ask(redeeming) == [None]
    async with desk.database.transaction() as tx:
        await desk.freezes.freeze_in(tx, holder, ALIKE, reason="lost", by=holder)
    (refused,) = await desk.ask(redeeming)
    assert isinstance(refused, AccountFrozen)
    for kind in ("raise", "void", "fill"):
        assert await desk.ask(redeeming, authority=Authority(kind, 1)) == [None]


async def test_the_platforms_lane_is_kept_going_while_a_tenant_is_frozen(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The relayer has signed for somebody who is frozen since: others wait behind it, and nothing further leaves."""

    async def account_of(tx: Transaction, tenant_id: UUID, account: AccountId) -> None:
        if (tenant_id, account) != (PLATFORM_TENANT, ALIKE):
            raise KeyNotFound("somebody else's")

    monkeypatch.setattr("wallets.freeze.gate.account_of", account_of)
    own = replace(desk.transfer(FRIEND), signs="service")
    relayed = replace(own, sender=ALIKE)
    async with desk.database.transaction() as tx:
        await desk.freezes.freeze_in(tx, desk.tenant, None, reason="lost", by=desk.tenant)
    for payment in (relayed, own):
        (refused,) = await desk.ask(payment)
        assert isinstance(refused, AccountFrozen)
    for kind in ("raise", "void", "fill"):
        assert await desk.ask(relayed, authority=Authority(kind, 1)) == [None]
        (still,) = await desk.ask(own, authority=Authority(kind, 1))
        assert isinstance(still, AccountFrozen)


async def test_accepted_warnings_are_kept_and_weighed(desk: Desk) -> None:
    await desk.knows(FRIEND)
    payment = desk.transfer(FRIEND, after=1)
    notices: Sequence[Notice] = (Notice("balance_difference", "more leaves"), Notice("transfer_fee", "a part is kept"))
    async with desk.database.transaction() as tx:
        codes = {"balance_difference", "transfer_fee", "never_shown"}
        await desk.risk.accepted(tx, desk.tenant, payment.id, digest_of(payment.intent), notices, codes)
    assert await desk.ask(payment) == [None]
    (alert,) = await desk.risk.list([desk.tenant])
    assert [one.rule for one in alert.findings] == ["simulation.differs", "warning.transfer_fee"]
    (accepted,) = alert.overrides
    assert (accepted.how, accepted.by, accepted.rules) == (
        "accepted",
        desk.tenant,
        ("simulation.differs", "warning.transfer_fee"),
    )


async def test_two_freezes_at_once_end_as_one(desk: Desk) -> None:
    await asyncio.gather(*(desk.freezes.freeze(desk.tenant, None, "at once", uuid4()) for _ in range(4)))
    assert len(await desk.freezes.list([desk.tenant])) == 1
