"""Refund an order: decided in one commit, then carried out step by step, each step at most once.

The holder's money goes first; it comes from the merchant's treasury and waits for nobody. Then each redemption's payout
goes back to escrow, and where the campaign gives the voucher back, it does so in the same transaction. A step that the
merchant has no money for is a debt: it is kept, shown and tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from chains import events as facts
from chains.ports import Chains
from codec.canonical_json import encode_canonical
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import IdempotencyConflict, NotRefundable, OrderNotFound, RefundNotFound
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.checkout.allocation import allocate
from vouchers.checkout.model import Quote
from vouchers.gifts.acts import take_back_gift
from vouchers.ledger import sql as ledger
from vouchers.ledger.model import VoucherStatus
from vouchers.orders import sql as orders
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.model import Attempt, Order, OrderQuote, OrderStatus
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.pauses.sql import window_on
from vouchers.points.acts import return_points, take_back_points
from vouchers.ports import Accounts, Payments
from vouchers.refunds import sql
from vouchers.refunds.model import Refund, RefundKind, RefundStatus, RefundStep, StepKind, StepStatus
from vouchers.refunds.plan import MONEY, Before, PaidRedemption, RefundPlan, plan_refund
from vouchers.till.model import RemainderBy
from vouchers.till.sql import tender_of


@dataclass(frozen=True, slots=True)
class Paid:
    """A paid order with what decided about it. `attempt` and `offer` are None for an order paid by hand alone.

    Attributes:
        quote: What was paid: without the remainder where nobody entered it.
        recorded: The remainder was entered by hand.
    """

    order: Order
    attempt: Attempt | None
    offer: OrderQuote | None
    quote: Quote
    recorded: bool
    campaigns: Mapping[CampaignId, Campaign]
    redemptions: Sequence[PaidRedemption]


@dataclass(frozen=True, slots=True)
class RefundView:
    """A refund with its steps. `transactions`: hashes by step number, as far as a step has one."""

    refund: Refund
    steps: Sequence[RefundStep]
    transactions: Mapping[int, str] = field(default_factory=dict)


class RefundService:
    """Refunds of merchants' orders. Who may call is decided above."""

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        payments: Payments,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._clock = clock or SystemClock()

    async def refund(
        self,
        tenant_id: UUID,
        order_id: UUID,
        returned: Sequence[int] | None,
        *,
        created_by: UUID,
        idempotency_key: str,
        chargeback: bool = False,
        reason: str | None = None,
    ) -> RefundView:
        """Give back everything that is kept (`returned` None), or these units of each line of the receipt.

        An order whose vouchers are used and whose rest nobody has entered is given back as a whole, and cancelled.

        Args:
            chargeback: The money was taken back from outside: the vouchers stay used.

        Raises:
            OrderNotFound
            NotRefundable: `reason`: unpaid, units, nothing; on_chain: a chargeback of what was paid on chain.
            InvalidValue: Not one number per line.
            IdempotencyConflict: The key was used for another refund.
        """
        request = keccak256(
            encode_canonical(
                {
                    "order": str(order_id),
                    "returned": None if returned is None else list(returned),
                    "chargeback": chargeback,
                    "reason": reason,
                }
            )
        )
        async with self._database.transaction() as tx:
            await sql.hold_order(tx, order_id)
            known = await sql.refund_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                if known[1] != request:
                    raise IdempotencyConflict("this idempotency key made another refund")
                return await self._view(tx, known[0])
            paid = await self._paid(tx, tenant_id, order_id, whole=returned is None and not chargeback)
            if chargeback and not paid.recorded:
                raise NotRefundable(
                    "nothing of this order was paid outside the chain, so nobody can have taken it back there: refund "
                    "it without `chargeback`",
                    reason="on_chain",
                )
            earlier = await sql.refunds_of(tx, order_id)
            at = int(self._clock.now().timestamp())
            plan = plan_refund(
                paid.order.cart,
                paid.quote,
                {campaign.id: campaign.rules for campaign in paid.campaigns.values()},
                [replace(one, revives=await revives(tx, paid, one, at)) for one in paid.redemptions],
                _before(paid.quote, earlier),
                returned,
                vouchers_back=not chargeback,
            )
            at_once = not earlier and all(
                line.quantity == count for line, count in zip(paid.quote.lines, plan.returning, strict=True)
            )
            kind = RefundKind.CHARGEBACK if chargeback else RefundKind.FULL if at_once else RefundKind.PARTIAL
            refund = Refund(
                id=uuid4(),
                tenant_id=tenant_id,
                holder_tenant_id=None if paid.attempt is None else paid.attempt.holder_tenant_id,
                order_id=order_id,
                number=len(earlier) + 1,
                kind=kind,
                status=RefundStatus.PENDING,
                returned=plan.returning,
                amount_minor=plan.amount_minor,
                detail={
                    "tenders": dict(plan.tenders),
                    "gifts_charged": plan.gifts_charged,
                    "gifts_back": dict(plan.gifts_back),
                },
                reason=reason,
                created_by=created_by,
                created_at=self._clock.now(),
            )
            steps = await self._steps(tx, refund, paid, plan)
            if not await sql.insert_refund(tx, refund, steps, idempotency_key=idempotency_key, request_hash=request):
                raise IdempotencyConflict("this idempotency key is making another refund right now")
            for sku, units in plan.gifts_back.items():
                await take_back_gift(tx, order_id=order_id, sku=sku, units=units)
            await self._points(tx, paid, earlier, refund)
            await enqueue(tx, "refund.advance", str(refund.id), {"refund": str(refund.id)})
            await tell(tx, refund, "order.refund_begun")
        fault_point("refund.requested")
        return RefundView(refund, steps)

    async def _points(self, tx: Transaction, paid: Paid, earlier: Sequence[Refund], refund: Refund) -> None:
        """Spent points go back in proportion; earned ones are taken back for the money that goes."""
        if paid.attempt is None:
            return
        given: dict[str, int] = {}
        for one in (*earlier, refund):
            for name, amount in one.detail["tenders"].items():
                given[name] = given.get(name, 0) + amount
        at = int(self._clock.now().timestamp())
        for spent in paid.quote.points:
            back = given.get(f"points:{spent.programme}", 0)
            if back:
                await return_points(tx, spent.programme, order_id=refund.order_id, amount_minor=back, at=at)
        kept = paid.quote.remainder_minor - given.get(MONEY, 0)
        per_line = allocate(kept, paid.quote.payable_per_line)
        await take_back_points(tx, paid.order.cart, per_line, order_id=refund.order_id, at=at)

    async def _steps(self, tx: Transaction, refund: Refund, paid: Paid, plan: RefundPlan) -> Sequence[RefundStep]:
        found: list[RefundStep] = []

        def add(kind: StepKind, base_units: int, **more: object) -> None:
            number = len(found) + 1
            found.append(
                RefundStep(refund.id, number, refund.tenant_id, kind, StepStatus.WAITING, base_units, **more)  # type: ignore[arg-type]
            )

        # Stored value comes back as value where its whole redemption is undone; a part of it is paid in money.
        undone = {back.redemption.voucher for back in plan.vouchers if back.whole}
        money = sum(
            amount
            for name, amount in plan.tenders.items()
            if name == MONEY or (name.startswith("voucher:") and VoucherId.parse(name[8:]) not in undone)
        )
        if money and paid.recorded:
            add(StepKind.RECORDED, money)
        elif money:
            add(StepKind.MONEY, money * self._units_per_minor(paid))
        for back in plan.vouchers:
            campaign = paid.campaigns[back.redemption.voucher.campaign]
            assert paid.offer is not None
            chain = paid.offer.account.chain
            terms = campaign.terms(chain)
            own = terms.funder == paid.offer.merchant
            if back.whole and terms.refund_window:
                fresh: VoucherId | None = None
                if chain.family == "solana":
                    number = await sql.next_reissue(tx, campaign.id) + sum(
                        1 for step in found if step.reissued is not None and step.reissued.campaign == campaign.id
                    )
                    fresh = VoucherId(campaign.id, Serial(terms.lane, SerialClass.REISSUE, number))
                add(
                    StepKind.REVERSE,
                    back.base_units,
                    redemption_id=back.redemption.redemption_id,
                    voucher=back.redemption.voucher,
                    reissued=fresh,
                )
            elif back.base_units and not (own and (chain.family == "solana" or not terms.refund_window)):
                # What a merchant owes to itself is no debt.
                add(
                    StepKind.RETURN_PAYOUT,
                    back.base_units,
                    redemption_id=back.redemption.redemption_id,
                    voucher=back.redemption.voucher,
                )
        return found

    def _units_per_minor(self, paid: Paid) -> int:
        assert paid.offer is not None
        remainder = paid.offer.redemption.remainder
        if paid.quote.remainder_minor:
            return remainder.base_units // paid.quote.remainder_minor
        (one, *_) = paid.campaigns.values()
        return one.terms(paid.offer.account.chain).units_per_minor

    async def paid(self, tenant_id: UUID, order_id: UUID) -> Paid:
        """Raises OrderNotFound, NotRefundable."""
        async with self._database.transaction() as tx:
            return await self._paid(tx, tenant_id, order_id)

    async def _paid(self, tx: Transaction, tenant_id: UUID, order_id: UUID, *, whole: bool = False) -> Paid:
        """Args: whole: An order that only waits for an entry by hand ends here, and can be given back."""
        order = await orders.get_order(tx, order_id)
        if order.tenant_id != tenant_id:
            raise OrderNotFound("no such order", order=str(order_id))
        if (
            whole
            and order.status is OrderStatus.PENDING
            and await attempt_rows.paying_attempt(tx, order_id) is not None
            and await orders.set_order_status(tx, order_id, OrderStatus.PENDING, OrderStatus.CANCELLED)
        ):
            return await paid_order(tx, order)
        if order.status is not OrderStatus.PAID:
            raise NotRefundable(f"the order is {order.status.value}, not paid", reason="unpaid")
        return await paid_order(tx, order)

    async def get(self, refund_id: UUID, tenants: frozenset[UUID]) -> RefundView:
        """For its merchant and its holder. Raises RefundNotFound."""
        async with self._database.transaction() as tx:
            view = await self._view(tx, refund_id)
        if not {view.refund.tenant_id, view.refund.holder_tenant_id} & tenants:
            raise RefundNotFound("no such refund", refund=str(refund_id))
        return view

    async def refunds(self, order_id: UUID, tenants: frozenset[UUID]) -> Sequence[RefundView]:
        """Of one order, for its merchant and its holder, in the order they were made."""
        async with self._database.transaction() as tx:
            found = await sql.refunds_of(tx, order_id)
            return [
                await self._seen(tx, refund)
                for refund in found
                if {refund.tenant_id, refund.holder_tenant_id} & tenants
            ]

    async def debts(self, tenant_id: UUID) -> Sequence[Any]:
        """What a merchant's refunds still wait for, open ones first."""
        async with self._database.transaction() as tx:
            return await sql.debts_of(tx, tenant_id)

    async def retry(self, tenant_id: UUID, refund_id: UUID) -> RefundView:
        """Try now what waits for the merchant's money. Raises RefundNotFound."""
        async with self._database.transaction() as tx:
            view = await self._view(tx, refund_id)
            if view.refund.tenant_id != tenant_id:
                raise RefundNotFound("no such refund", refund=str(refund_id))
            if view.refund.status is not RefundStatus.DONE:
                await enqueue(tx, "refund.advance", str(refund_id), {"refund": str(refund_id)})
        return view

    async def _view(self, tx: Transaction, refund_id: UUID) -> RefundView:
        refund = await sql.get_refund(tx, refund_id)
        if refund is None:
            raise RefundNotFound("no such refund", refund=str(refund_id))
        return await self._seen(tx, refund)

    async def _seen(self, tx: Transaction, refund: Refund) -> RefundView:
        steps = await sql.steps_of(tx, refund.id)
        found = {}
        for step in steps:
            if step.payment_id is not None:
                payment = await self._payments.view(tx, refund.tenant_id, step.payment_id)
                if payment.tx_hash is not None:
                    found[step.number] = payment.tx_hash
        return RefundView(refund, steps, found)


async def paid_order(tx: Transaction, order: Order) -> Paid:
    """A paid order with its quote, its campaigns and what escrow paid for each of its redemptions."""
    # Not the last one: an order may be paid by hand after an attempt that failed, whoever made that.
    attempt = await attempt_rows.paying_attempt(tx, order.id)
    recorded = await tender_of(tx, order.id) is not None
    if attempt is None:
        return Paid(order, None, None, _by_hand(order), True, {}, ())
    offer = await orders.get_quote(tx, attempt.quote_id, attempt.holder_tenant_id)
    assert offer is not None
    rows = await redemption_rows.redemptions_of(tx, order.id, attempt.number)
    campaigns = await campaigns_by_id(tx, list({row.voucher.campaign for row in rows}))
    told = {
        entry.event.fact.redemption_id: (entry.event.fact.payout, entry.event.block_time)
        for entry in await ledger.history(tx, order_hash=attempt.order_hash)
        if isinstance(entry.event.fact, facts.VoucherRedeemed | facts.ValueSpent)
    }
    returned = await sql.returned_of(tx, [row.id for row in rows])
    redemptions = []
    for row in rows:
        terms = campaigns[row.voucher.campaign].terms(offer.account.chain)
        payout, redeemed_at = told.get(row.id, (terms.payout(row.amount_minor), None))
        back = returned.get(row.id, 0)
        redemptions.append(
            PaidRedemption(row.voucher, row.id, payout, back, terms.units_per_minor, redeemed_at=redeemed_at)
        )
    quote = offer.price
    if order.remainder_by is RemainderBy.RECORDED and not recorded:
        quote = replace(quote, remainder_minor=0, payable_per_line=(0,) * len(quote.payable_per_line))
    return Paid(order, attempt, offer, quote, recorded, campaigns, tuple(redemptions))


async def revives(tx: Transaction, paid: Paid, redemption: PaidRedemption, now: int) -> bool:
    """Whether a reversal at `now` (Unix seconds) gives stored value back to whoever paid with it. Too late, or when the
    voucher is another's by then or void, the chain takes the merchant's money and gives it to nobody or to the other.
    """
    assert paid.offer is not None
    campaign, chain = paid.campaigns[redemption.voucher.campaign], paid.offer.account.chain
    if not campaign.rules.kind.is_tender:
        return True
    seconds = campaign.terms(chain).refund_window
    in_time = redemption.redeemed_at is None or now < redemption.redeemed_at + seconds
    if not (seconds and in_time and (await window_on(tx, campaign, chain, now)).holds(now)):
        return False
    voucher = await ledger.get_voucher(tx, redemption.voucher)
    return voucher is None or (voucher.holder == paid.offer.account and voucher.status is not VoucherStatus.VOID)


def _by_hand(order: Order) -> Quote:
    """What an order without any chain act costs: its prices."""
    lines = order.cart.lines
    return Quote(
        currency=order.cart.currency,
        lines=lines,
        total_minor=order.cart.total_minor,
        discount_minor=0,
        tender_minor=0,
        remainder_minor=order.cart.total_minor,
        payable_per_line=tuple(line.amount_minor for line in lines),
        used=(),
        points=(),
        unused=(),
        unused_points=(),
        now=0,
        rules_version=1,
    )


def _before(quote: Quote, earlier: Sequence[Refund]) -> Before:
    returned = [0] * len(quote.lines)
    refunded: dict[str, int] = {}
    for refund in earlier:
        returned = [units + more for units, more in zip(returned, refund.returned, strict=True)]
        for name, amount in refund.detail["tenders"].items():
            refunded[name] = refunded.get(name, 0) + amount
    charged = earlier[-1].detail["gifts_charged"] if earlier else 0
    return Before(tuple(returned), refunded, charged)


async def tell(tx: Transaction, refund: Refund, kind: str) -> None:
    """To merchant and holder."""
    for tenant_id in filter(None, (refund.tenant_id, refund.holder_tenant_id)):
        await publish(tx, tenant_id, kind, {"order": str(refund.order_id), "refund": str(refund.id)})
