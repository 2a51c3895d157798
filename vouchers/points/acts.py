"""What an order does with points, in its own transaction: hold at the lock, keep while a payment is under way, then
spend and earn, or release; give back and take back at a refund. Each is idempotent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from persistence.database import Transaction
from persistence.jobs import enqueue
from primitives.errors import InvalidValue, NotFound
from primitives.voucher_id import CampaignId
from vouchers.checkout.effects import eligible_lines, points_earned
from vouchers.checkout.model import Cart, SpentPoints
from vouchers.points import sql
from vouchers.points.book import PointsBook
from vouchers.points.model import PointsAct, PointsSide, Programme, ProgrammeStatus
from vouchers.rules import RuleDocument

EXPIRE = "points.expire"
"""Job kind, key = programme and holder."""


async def open_programme(
    tx: Transaction,
    programme: CampaignId,
    tenant_id: UUID,
    rules: RuleDocument,
    rules_hash: bytes,
    salt: bytes,
    by: UUID,
) -> None:
    """A points campaign was launched: its rule document, stored before, is a programme's now. Idempotent."""
    await sql.insert_programme(
        tx,
        Programme(programme, tenant_id, ProgrammeStatus.OPEN, rules, rules_hash, 0, datetime.now(UTC)),
        salt=salt,
        created_by=by,
        idempotency_key=f"campaign {programme}",
        request_hash=rules_hash,
    )


async def points_of(
    tx: Transaction, merchant: UUID, holder_id: UUID, now: int
) -> Mapping[CampaignId, tuple[Programme, int]]:
    """What the holder can spend at a shop at block time `now`: programmes with spendable points."""
    programmes = {programme.id: programme for programme in await sql.programmes_of(tx, merchant)}
    found = await sql.spendable(tx, list(programmes), holder_id, now)
    return {programme: (programmes[programme], points) for programme, points in found.items()}


async def hold_points(
    tx: Transaction,
    spent: Sequence[SpentPoints],
    *,
    order_id: UUID,
    attempt: int,
    holder_id: UUID,
    at: int,
    lifetime: timedelta,
) -> None:
    """Hold what a quote spends for one attempt to pay; free again after `lifetime` by themselves.

    Args:
        at: Block time, Unix seconds.

    Raises:
        PointsNotEnough: `needed`, `available`.
    """
    held = {hold.programme for hold in await sql.holds_of(tx, order_id, attempt)}
    for one in sorted(spent, key=lambda one: str(one.programme)):
        if str(one.programme) in held:
            continue
        programme = await _programme(tx, one.programme)
        book = await PointsBook.opened(tx, one.programme, holder_id, programme.tenant_id, at)
        parts = await book.take(one.points)
        await sql.insert_hold(tx, book.account, order_id, attempt, one.points, one.amount_minor, lifetime, parts)
        await book.held(one.points, order_id)


async def keep_points(tx: Transaction, *, order_id: UUID, attempt: int, at: int) -> None:
    """A payment carries the attempt: its points stay held until they are spent or released.

    Raises:
        PointsNotEnough: They lapsed before, and were spent otherwise or expired.
    """
    for hold, book in await _holds(tx, order_id, attempt, at, keep=True):
        if hold.state == "released":
            parts = await book.take(hold.points)
            await sql.replace_hold(tx, book.account, hold.id, parts)
            await book.held(hold.points, order_id)


async def release_points(tx: Transaction, *, order_id: UUID, attempt: int, at: int) -> None:
    """The attempt is over without effect."""
    for hold, book in await _holds(tx, order_id, attempt, at):
        if hold.state == "held":
            await book.release(hold)
            await book.expire()


async def spend_points(tx: Transaction, *, order_id: UUID, attempt: int, at: int) -> None:
    """The payment is final: what is held is spent. A final payment is a fact: points that lapsed meanwhile are spent
    all the same, and what is not there any more is a debt."""
    for hold, book in await _holds(tx, order_id, attempt, at, keep=True):
        if hold.state == "held":
            await book.spend(hold)
        elif hold.state == "released":
            await sql.set_hold(tx, hold.id, state="spent", spent_at=at)
            await book.charge(PointsAct.SPEND, PointsSide.SPENT, hold.points, order_id)


async def earn_points(
    tx: Transaction,
    cart: Cart,
    payable_per_line: Sequence[int],
    *,
    order_id: UUID,
    holder_id: UUID,
    at: int,
) -> Mapping[CampaignId, int]:
    """The payment is final: the shop's open programmes give points for what was paid on their lines, rounded down.

    Args:
        payable_per_line: What was paid in money per line, in the order of the cart's lines (`Quote.payable_per_line`;
            added gift lines behind them are free).
        at: Block time of the payment.

    Returns:
        Points per programme; empty for an order that has earned before.
    """
    earned: dict[CampaignId, int] = {}
    open_ones = await sql.programmes_of(tx, UUID(cart.merchant), status=ProgrammeStatus.OPEN)
    for programme in sorted(open_ones, key=lambda one: str(one.id)):
        rules = programme.rules
        if rules.currency != cart.currency or not rules.valid_from <= at < rules.valid_until:
            continue
        counts = eligible_lines(cart, rules.eligible)
        paid = sum(amount for amount, counted in zip(payable_per_line, counts, strict=False) if counted)
        rate, lifetime = rules.effect.earn_rate, rules.effect.lifetime_seconds
        assert rate is not None
        assert lifetime is not None
        points = points_earned(rate, paid)
        if points == 0:
            continue
        book = await PointsBook.opened(tx, programme.id, holder_id, programme.tenant_id, at)
        if not await sql.insert_earning(tx, order_id, book.account, paid, points):
            continue
        counted = await sql.earn_within_cap(tx, programme.id, points)
        if counted < points:
            await sql.set_earning(tx, order_id, programme.id, points=counted)
        if counted:
            await book.add(PointsAct.EARN, PointsSide.ISSUED, counted, at + lifetime, order_id)
            earned[programme.id] = counted
            await enqueue(
                tx,
                EXPIRE,
                f"{programme.id}:{holder_id}",
                {"programme": str(programme.id), "holder": str(holder_id)},
                delay=timedelta(seconds=lifetime),
                urgent=False,
            )
    return earned


async def take_back_points(
    tx: Transaction, cart: Cart, kept_per_line: Sequence[int], *, order_id: UUID, at: int
) -> Mapping[CampaignId, int]:
    """A refund takes earned points back, so that what stays is what the rest of the payment earns.

    Args:
        kept_per_line: What the shop keeps of the money paid per line, after all refunds so far, this one included.

    Returns:
        Points taken back now, per programme; what the holder had spent already is a debt.
    """
    taken: dict[CampaignId, int] = {}
    for earning in await sql.earnings_of(tx, order_id):
        programme = await _programme(tx, CampaignId.parse(earning.programme))
        rate = programme.rules.effect.earn_rate
        assert rate is not None
        counts = eligible_lines(cart, programme.rules.eligible)
        kept = sum(amount for amount, counted in zip(kept_per_line, counts, strict=False) if counted)
        book = await PointsBook.opened(tx, programme.id, earning.holder_id, programme.tenant_id, at)
        before = await sql.taken_back(tx, order_id, programme.id)
        more = max(0, earning.points - points_earned(rate, kept)) - before
        if more <= 0:
            continue
        await book.charge(PointsAct.TAKE_BACK, PointsSide.TAKEN_BACK, more, order_id)
        await sql.set_earning(tx, order_id, programme.id, taken_back=before + more)
        taken[programme.id] = more
    return taken


async def return_points(tx: Transaction, programme: CampaignId, *, order_id: UUID, amount_minor: int, at: int) -> int:
    """A refund gives spent points back, in proportion to the money that they stood for.

    They live on for as long as they had to live when they were spent.

    Args:
        amount_minor: Of the tender's amount, all that the order's refunds gave back so far, this one included.

    Returns:
        Points given back now.

    Raises:
        InvalidValue: The order spent no points of this programme, or not so much.
    """
    spent = [
        hold for hold in await sql.holds_of(tx, order_id) if hold.programme == str(programme) and hold.state == "spent"
    ]
    if not spent or not 0 <= amount_minor <= spent[0].amount_minor:
        raise InvalidValue("the order spent no so many points", programme=str(programme), amount_minor=amount_minor)
    book = await PointsBook.opened(tx, programme, spent[0].holder_id, spent[0].tenant_id, at)
    hold = await sql.get_hold(tx, spent[0].id)
    more = int(hold.points * amount_minor // hold.amount_minor) - int(hold.returned)
    if more <= 0:
        return 0
    lived = max(expires_at for _, _, expires_at in await sql.hold_parts(tx, hold.id)) - hold.spent_at
    await sql.set_hold(tx, hold.id, returned=hold.returned + more)
    await book.add(PointsAct.RETURN, PointsSide.SPENT, more, at + max(1, lived), order_id)
    return more


async def buy_with_points(
    tx: Transaction, programme: CampaignId, holder_id: UUID, points: int, *, at: int, reference: UUID
) -> None:
    """Spend points at once. Raises PointsNotEnough."""
    found = await _programme(tx, programme)
    book = await PointsBook.opened(tx, programme, holder_id, found.tenant_id, at)
    await book.take(points)
    await book.bought(points, reference)


async def _holds(
    tx: Transaction, order_id: UUID, attempt: int, at: int, *, keep: bool = False
) -> list[tuple[Row[Any], PointsBook]]:
    """The attempt's holds, each read under its account's lock; `keep`: they do not lapse by being opened."""
    found = []
    for seen in await sql.holds_of(tx, order_id, attempt):
        programme = CampaignId.parse(seen.programme)
        await sql.locked_account(tx, programme, seen.holder_id, seen.tenant_id)
        hold = await sql.get_hold(tx, seen.id)
        if keep and hold.state == "held":
            await sql.set_hold(tx, hold.id, expires_at=None)
        book = await PointsBook.opened(tx, programme, hold.holder_id, hold.tenant_id, at)
        found.append((await sql.get_hold(tx, hold.id), book))
    return found


async def _programme(tx: Transaction, programme: CampaignId) -> Programme:
    found = await sql.get_programme(tx, programme)
    if found is None:
        raise NotFound("no such points programme", programme=str(programme))
    return found
