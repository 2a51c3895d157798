"""What merchants and holders do with vouchers of the book beside redeeming: take back, settle, hand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chains.campaign import CampaignTerms, MerchantCredit, ReversedRedemption, TransferPolicy
from chains.intent import ContractCall, Intent, Transfer
from codec.evm import erc20
from codec.evm.book import answers, calls, structs
from primitives.account_id import AccountId
from primitives.asset import MAX_BASE_UNITS, Amount, AssetId
from primitives.errors import CampaignNotActive, InvalidTerms, InvalidValue
from primitives.voucher_id import VoucherId


class _Book(Protocol):
    @property
    def address(self) -> AccountId: ...

    def _call(self, sender: AccountId, data: bytes) -> Intent: ...

    def _token(self, asset: AssetId) -> AccountId: ...

    async def _allowance(self, token: AssetId, owner: AccountId) -> int: ...

    async def _read(self, data: bytes, contract: AccountId | None = None) -> bytes: ...


class MerchantActs:
    """Mixed into the EVM voucher book; each answer is carried out in order, one payment each."""

    async def take_back(
        self: _Book, terms: CampaignTerms, undone: ReversedRedemption, number: int, *, now: int, relayer: AccountId
    ) -> Sequence[Intent]:
        """Reverse a redemption. `number` is the contract's own affair here.

        Raises:
            InvalidTerms: The campaign has no refund window.
            CampaignNotActive: The refund window is over.
            NodeUnavailable
        """
        if not terms.refund_window:
            raise InvalidTerms("redemptions of this campaign cannot be reversed", field="refund_window")
        until = undone.redeemed_at + terms.refund_window
        if now >= until:
            raise CampaignNotActive("the time for giving the voucher back is over", status="ended", until=until)
        steps = await _allowing(self, terms, undone.merchant, undone.payout)
        return (*steps, self._call(relayer, calls.reverse_call(_proof(undone))))

    async def return_payout(
        self: _Book, terms: CampaignTerms, undone: ReversedRedemption, amount: int, *, relayer: AccountId
    ) -> Sequence[Intent]:
        """Send `amount` base units of a redemption's payout back to escrow.

        Raises:
            InvalidTerms: The campaign has no refund window, so no receipt was kept.
            NodeUnavailable
        """
        if not terms.refund_window:
            raise InvalidTerms("payouts of this campaign cannot be returned", field="refund_window")
        steps = await _allowing(self, terms, undone.merchant, amount)
        return (*steps, self._call(relayer, calls.return_payout_call(_proof(undone), amount)))

    async def pay_back(self, merchant: AccountId, holder: AccountId, amount: Amount, order_hash: bytes) -> Intent:
        """A transfer; a token has no place for the order's hash."""
        return Intent(merchant, Transfer(amount, holder))

    async def settle(self: _Book, terms: CampaignTerms, merchant: AccountId, *, relayer: AccountId) -> Sequence[Intent]:
        """Pay the merchant what is due of its credit; nothing while nothing is due. Raises NodeUnavailable."""
        answer = await self._read(calls.credit_of_call(terms.id, merchant.raw))
        if not answers.decode_credit_of(answer).due:
            return ()
        return (self._call(relayer, calls.settle_call(terms.id, merchant.raw)),)

    async def credit(self: _Book, terms: CampaignTerms, merchant: AccountId) -> MerchantCredit:
        """Raises NodeUnavailable."""
        told = answers.decode_credit_of(await self._read(calls.credit_of_call(terms.id, merchant.raw)))
        return MerchantCredit(told.due, told.waiting)

    async def hand_on(
        self: _Book, terms: CampaignTerms, holder: AccountId, recipient: AccountId, voucher: VoucherId
    ) -> Intent:
        """The holder sends it, and pays the fee.

        Raises:
            InvalidTerms: The campaign's vouchers are bound to their holder.
            InvalidValue: The recipient is the holder.
        """
        if terms.transfer_policy is TransferPolicy.BOUND:
            raise InvalidTerms("vouchers of this campaign cannot be handed on", field="transfer")
        if holder == recipient:
            raise InvalidValue("holder and recipient are the same account")
        return self._call(holder, calls.safe_transfer_from_call(holder.raw, recipient.raw, voucher, 1, b""))


async def _allowing(book: _Book, terms: CampaignTerms, merchant: AccountId, amount: int) -> Sequence[Intent]:
    """An approval where the book may not take so much: without limit, as exact ones overwrite one another."""
    token = terms.settlement.id
    if not amount or await book._allowance(token, merchant) >= amount:
        return ()
    approval = erc20.approve_call(book.address.raw, MAX_BASE_UNITS)
    return (Intent(merchant, ContractCall(book._token(token), approval)),)


def _proof(undone: ReversedRedemption) -> structs.ReceiptProof:
    """Raises InvalidValue: The receipt does not name the redemption."""
    places = [place for place, line in enumerate(undone.receipt) if line.redemption_id == undone.redemption_id]
    if len(places) != 1:
        raise InvalidValue("the receipt of the call does not name this redemption once")
    return structs.ReceiptProof(
        receipt=tuple(
            structs.ReceiptEntry(line.redemption_id, line.merchant.raw, line.payout) for line in undone.receipt
        ),
        index=places[0],
        facts=structs.RedemptionFacts(
            voucher=undone.voucher,
            holder=undone.holder.raw,
            order_hash=undone.order_hash,
            amount_minor=undone.amount_minor,
            sequence=undone.sequence,
        ),
    )
