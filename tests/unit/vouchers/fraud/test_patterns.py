"""Each pattern begins where docs/risk.md says, and honest neighbours are left alone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from vouchers.fraud.model import Flows, Handed, MadeClaim, PaidOrder, Pattern, Payback
from vouchers.fraud.patterns import find

START = datetime(2026, 3, 1, tzinfo=UTC)
SHOP, CASHIER = uuid4(), uuid4()


def order(
    account: str, *, minute: int = 0, total: int = 30_000, holder: UUID | None = None, cashier: UUID = CASHIER
) -> PaidOrder:
    at = START + timedelta(minutes=minute)
    return PaidOrder(uuid4(), SHOP, cashier, holder or uuid4(), account, {"c": 10_000}, total, 2_000, at)


def rules(patterns: Sequence[Pattern]) -> set[str]:
    return {finding.rule for one in patterns for finding in one.findings}


def handed(sender: str, recipient: str, minute: int = 0) -> Handed:
    return Handed("c", str(uuid4()), sender, recipient, START + timedelta(minutes=minute))


def claim(account: str, *, minute: int = 0, device: bytes | None = None) -> MadeClaim:
    return MadeClaim("c", uuid4(), account, device, START + timedelta(minutes=minute))


class TestPaybacks:
    def look(self, amount: int, *, after: timedelta = timedelta(hours=1), recipient: str = "a") -> set[str]:
        bought = order("a", total=12_000)
        back = Payback(SHOP, recipient, amount, START + after)
        return rules(find(Flows(orders=[bought], paybacks=[back])))

    def test_most_of_the_price_that_comes_back_is_a_round_trip(self) -> None:
        assert self.look(4_000) == {"voucher.round_trip"}

    def test_less_than_two_fifths_is_a_present(self) -> None:
        assert self.look(3_999) == set()

    def test_money_from_before_or_long_after_is_none_nor_is_somebody_elses(self) -> None:
        assert self.look(9_000, after=timedelta(minutes=-1)) == set()
        assert self.look(9_000, after=timedelta(hours=48, seconds=1)) == set()
        assert self.look(9_000, recipient="b") == set()


class TestCashOut:
    def test_orders_just_above_the_threshold_are_counted_from_five_on(self) -> None:
        near = [order(str(at), minute=at * 60, total=10_300) for at in range(5)]
        assert rules(find(Flows(orders=near))) == {"voucher.cash_out.threshold"}
        assert find(Flows(orders=near[:4])) == []
        above = [order(str(at), minute=at * 60, total=10_301) for at in range(5)]
        assert find(Flows(orders=above)) == []

    def test_one_account_that_pays_most_of_them(self) -> None:
        orders = [order("a" if at < 5 else str(at), minute=at * 60) for at in range(9)]
        assert rules(find(Flows(orders=orders))) == {"voucher.cash_out.same_holders"}


class TestStaff:
    def test_the_own_till_counts_at_once_and_a_colleagues_after_three(self) -> None:
        staff = {SHOP: frozenset({CASHIER})}
        own = [order("a", holder=CASHIER)]
        assert [one.assessment.score for one in find(Flows(orders=own, staff=staff))] == [50]
        other = [order("a", holder=CASHIER, cashier=uuid4(), minute=at) for at in range(3)]
        assert [one.assessment.score for one in find(Flows(orders=other, staff=staff))] == [40]
        assert find(Flows(orders=other[:2], staff=staff)) == []
        assert find(Flows(orders=own)) == []


class TestClaims:
    def test_three_persons_at_one_device_and_not_two(self) -> None:
        claims = [claim(str(at), device=b"d") for at in range(3)]
        assert rules(find(Flows(claims=claims))) == {"voucher.claim_farm.device"}
        assert find(Flows(claims=claims[:2])) == []
        assert find(Flows(claims=[claim(str(at)) for at in range(9)])) == []

    def test_five_that_hand_on_to_one_within_a_day_and_not_four(self) -> None:
        claims = [claim(str(at), minute=at * 30) for at in range(5)]
        moves = [handed(str(at), "collector", at * 30 + 5) for at in range(5)]
        assert rules(find(Flows(claims=claims, handed=moves))) == {"voucher.claim_farm.gathered"}
        assert find(Flows(claims=claims, handed=moves[:4])) == []
        late = [handed(str(at), "collector", at * 30 + 24 * 60 + 1) for at in range(5)]
        assert find(Flows(claims=claims, handed=late)) == []


class TestRings:
    def test_a_present_in_return_is_none_and_back_and_forth_is(self) -> None:
        there_and_back = [handed("a", "b"), handed("b", "a")]
        assert find(Flows(handed=there_and_back)) == []
        (found,) = find(Flows(handed=[*there_and_back, handed("a", "b")]))
        assert (found.about, found.assessment.score) == (("c", "a", "b"), 45)

    def test_a_ring_of_three_is_told_once(self) -> None:
        (found,) = find(Flows(handed=[handed("b", "c"), handed("c", "a"), handed("a", "b")]))
        assert found.about == ("c", "a", "b", "c")
