"""What a holder pays an order beside its vouchers, under the rules of the holder's own."""

from __future__ import annotations

from persistence.database import Transaction
from primitives.errors import QuanbaoError
from vouchers.orders.model import ACT_PAY, Attempt, OrderQuote
from wallets.policy.commitment import Commitment
from wallets.policy.facts import Leaving
from wallets.policy.gate import PolicyGate


def commitment_of(quote: OrderQuote) -> Commitment:
    """The remainder of a quote. Words that are said of it count for every quote of the order that leaves as much to the
    same account; its share of limits is the quote's, which is tried once."""
    remainder = quote.redemption.remainder
    asset = remainder.asset
    return Commitment(
        tenant_id=quote.tenant_id,
        act=ACT_PAY,
        account=quote.account,
        leaving=(Leaving(asset.id, remainder.base_units, asset.decimals, quote.redemption.merchant),),
        subject={"order": str(quote.order_id)},
        holding=quote.id,
    )


class RemainderRules:
    """The holder's rules, asked in the transactions of an order.

    Args:
        gate: None where nobody sets rules: then nothing is asked or held.
    """

    def __init__(self, gate: PolicyGate | None) -> None:
        self._gate = gate

    def govern(self, quote: OrderQuote) -> bool:
        """Whether anything is asked about it."""
        return self._gate is not None and quote.redemption.remainder.base_units > 0

    async def foresee(self, tx: Transaction, quote: OrderQuote) -> QuanbaoError | None:
        """Before the order is taken: what the rules would refuse; the refusal is kept when the transaction ends."""
        if self._gate is None or not quote.redemption.remainder.base_units:
            return None
        return await self._gate.foresee(tx, commitment_of(quote))

    async def hold(self, tx: Transaction, quote: OrderQuote) -> QuanbaoError | None:
        """In the transaction in which the holder's consent becomes binding; the share of limits is held from then."""
        if self._gate is None or not quote.redemption.remainder.base_units:
            return None
        return await self._gate.commit(tx, commitment_of(quote))

    async def paid(self, tx: Transaction, quote: OrderQuote) -> None:
        """It is final."""
        if self._gate is not None and quote.redemption.remainder.base_units:
            await self._gate.close(tx, quote.id, happened=True)

    async def never(self, tx: Transaction, attempt: Attempt) -> None:
        """The attempt has failed: nothing that was signed for it can be included any more."""
        if self._gate is not None:
            await self._gate.close(tx, attempt.quote_id, happened=False)


NO_RULES = RemainderRules(None)
