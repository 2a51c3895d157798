"""Several voucher books of one chain as one: new campaigns go to the newest, and each stays where it was created."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain as joined

from chains.campaign import (
    CampaignState,
    CampaignTerms,
    ClaimTicket,
    DropClaim,
    IssuerPower,
    ManyRedemption,
    MerchantCredit,
    Redemption,
    ReversedRedemption,
    VoucherState,
)
from chains.events import EventPage, LinePage
from chains.evm.voucher_book import EvmVoucherBook
from chains.intent import Intent
from chains.ports import ConsentRequest
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.errors import ChainMismatch, FeatureUnavailable, NodeUnavailable, TransactionReverted
from primitives.signing import Signature
from primitives.voucher_id import CampaignId, VoucherId


class EvmVoucherBooks:
    """`chains.ports.VoucherBook` by shape.

    Which book holds a campaign is asked of the chain once: a campaign is created in one book and never leaves it.

    Args:
        books: Of one chain, the newest first.
    """

    def __init__(self, books: Sequence[EvmVoucherBook]) -> None:
        chains = {book.chain_id for book in books}
        if len(chains) != 1 or len({book.address for book in books}) != len(books):
            raise ChainMismatch("several voucher books must lie on one chain, each at an address of its own")
        self._books = tuple(books)
        self._homes: dict[CampaignId, EvmVoucherBook] = {}

    @property
    def chain_id(self) -> ChainId:
        return self._books[0].chain_id

    @property
    def address(self) -> AccountId:
        """The newest book, which takes new campaigns."""
        return self._books[0].address

    @property
    def addresses(self) -> Sequence[AccountId]:
        """Every book, the newest first."""
        return tuple(book.address for book in self._books)

    async def check(self) -> None:
        """Raises ChainMismatch when one of them is not there, NodeUnavailable."""
        await asyncio.gather(*(book.check() for book in self._books))

    async def home(self, campaign: CampaignId) -> EvmVoucherBook:
        """The book of a campaign: where it was created, else the newest. Raises NodeUnavailable."""
        known = self._homes.get(campaign)
        if known is not None:
            return known
        found = await asyncio.gather(*(book.holds(campaign) for book in self._books))
        for book, holds in zip(self._books, found, strict=True):
            if holds:
                self._homes[campaign] = book
                return book
        return self._books[0]

    async def launch(self, terms: CampaignTerms) -> Sequence[Intent]:
        return await (await self.home(terms.id)).launch(terms)

    async def most_vouchers(self, merchant: AccountId, settlement: Asset) -> int | None:
        """As in every book."""
        return await self._books[0].most_vouchers(merchant, settlement)

    async def appoint_relayer(self, merchant: AccountId, relayer: AccountId) -> Sequence[Intent]:
        """In every book: the merchant may accept vouchers of all of them."""
        found = await asyncio.gather(*(book.appoint_relayer(merchant, relayer) for book in self._books))
        return tuple(joined.from_iterable(found))

    async def issue(self, terms: CampaignTerms, holders: Sequence[AccountId], first_number: int) -> Sequence[Intent]:
        return await (await self.home(terms.id)).issue(terms, holders, first_number)

    async def consents(self, terms: Sequence[CampaignTerms], redemption: Redemption) -> Sequence[ConsentRequest]:
        """Raises FeatureUnavailable: the order's vouchers lie in several books."""
        return await (await self._one_home(terms)).consents(terms, redemption)

    async def redeem(
        self, terms: Sequence[CampaignTerms], redemption: Redemption, consents: Mapping[str, Signature]
    ) -> Intent:
        """Raises FeatureUnavailable: the order's vouchers lie in several books."""
        return await (await self._one_home(terms)).redeem(terms, redemption, consents)

    def joins_many(self, redemption: Redemption, consents: Mapping[str, Signature]) -> bool:
        """As in every book."""
        return self._books[0].joins_many(redemption, consents)

    def claims_along(self, requests: Sequence[ConsentRequest]) -> bool:
        """As in every book."""
        return self._books[0].claims_along(requests)

    async def redeem_many(self, orders: Sequence[ManyRedemption], *, gas: int) -> Intent:
        """Raises FeatureUnavailable: the vouchers lie in several books."""
        terms = {one.id: one for order in orders for one in order.terms}
        return await (await self._one_home(list(terms.values()))).redeem_many(orders, gas=gas)

    async def outcomes(self, tx_hash: str) -> Mapping[bytes, TransactionReverted | None]:
        """A transaction calls one book; the others have nothing to say of it. Raises NodeUnavailable."""
        told = await asyncio.gather(*(book.outcomes(tx_hash) for book in self._books))
        return {order: outcome for one in told for order, outcome in one.items()}

    async def take_back(
        self, terms: CampaignTerms, undone: ReversedRedemption, number: int, *, now: int, relayer: AccountId
    ) -> Sequence[Intent]:
        return await (await self.home(terms.id)).take_back(terms, undone, number, now=now, relayer=relayer)

    async def return_payout(
        self, terms: CampaignTerms, undone: ReversedRedemption, amount: int, *, relayer: AccountId
    ) -> Sequence[Intent]:
        return await (await self.home(terms.id)).return_payout(terms, undone, amount, relayer=relayer)

    async def pay_back(self, merchant: AccountId, holder: AccountId, amount: Amount, order_hash: bytes) -> Intent:
        return await self._books[0].pay_back(merchant, holder, amount, order_hash)

    async def settle(self, terms: CampaignTerms, merchant: AccountId, *, relayer: AccountId) -> Sequence[Intent]:
        return await (await self.home(terms.id)).settle(terms, merchant, relayer=relayer)

    async def credit(self, terms: CampaignTerms, merchant: AccountId) -> MerchantCredit:
        return await (await self.home(terms.id)).credit(terms, merchant)

    async def hand_on(
        self, terms: CampaignTerms, holder: AccountId, recipient: AccountId, voucher: VoucherId
    ) -> Intent:
        return await (await self.home(terms.id)).hand_on(terms, holder, recipient, voucher)

    async def campaign(self, terms: CampaignTerms) -> CampaignState | None:
        """None while the campaign does not exist. Raises NodeUnavailable."""
        return await (await self.home(terms.id)).campaign(terms)

    async def voucher(self, voucher: VoucherId) -> VoucherState | None:
        return await (await self.home(voucher.campaign)).voucher(voucher)

    async def vouchers(self, vouchers: Sequence[VoucherId]) -> Sequence[VoucherState | None]:
        """In the order asked for, each from the book of its campaign. Raises NodeUnavailable."""
        homes = {one: await self.home(one) for one in {voucher.campaign for voucher in vouchers}}
        found: dict[VoucherId, VoucherState | None] = {}
        for book in self._books:
            wanted = [voucher for voucher in vouchers if homes[voucher.campaign] is book]
            found.update(zip(wanted, await book.vouchers(wanted), strict=True))
        return [found[voucher] for voucher in vouchers]

    async def escrow(self, terms: CampaignTerms) -> Amount:
        return await (await self.home(terms.id)).escrow(terms)

    async def events(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> EventPage:
        """Of all books, in the chain's order.

        Raises:
            NodeUnavailable: Also where the chain changed between two of the reads.
        """
        return (await self.lines(campaigns, since, until)).whole()

    async def lines(self, campaigns: Sequence[CampaignTerms], since: int, until: int) -> LinePage:
        """`events`, with the issues as lines. Raises NodeUnavailable."""
        read = await asyncio.gather(*(book.lines(campaigns, since, until) for book in self._books))
        pages = [one.page for one in read]
        if len({(page.before_hash, page.until_hash) for page in pages}) != 1:
            raise NodeUnavailable("the chain changed while its logs were read: read again", reason="reorg")
        events = sorted(joined.from_iterable(page.events for page in pages), key=lambda event: event.position)
        issued = sorted(joined.from_iterable(one.issued for one in read))
        pieces = max(page.pieces for page in pages)
        joint = EventPage(since, until, tuple(events), pages[0].before_hash, pages[0].until_hash, pieces)
        return LinePage(joint, issued)

    async def fund(self, terms: CampaignTerms, base_units: int) -> Sequence[Intent]:
        return await (await self.home(terms.id)).fund(terms, base_units)

    async def pause(self, terms: CampaignTerms) -> Intent:
        return await (await self.home(terms.id)).pause(terms)

    async def resume(self, terms: CampaignTerms) -> Intent:
        return await (await self.home(terms.id)).resume(terms)

    async def reclaim(self, terms: CampaignTerms, *, now: int) -> Sequence[Intent]:
        return await (await self.home(terms.id)).reclaim(terms, now=now)

    async def commit_drop(self, terms: CampaignTerms, drop: int, root: bytes, count: int) -> Intent:
        return await (await self.home(terms.id)).commit_drop(terms, drop, root, count)

    async def claim(self, terms: CampaignTerms, claim: DropClaim, *, submitter: AccountId) -> Intent:
        return await (await self.home(terms.id)).claim(terms, claim, submitter=submitter)

    async def ticket_payload(self, terms: CampaignTerms, ticket: ClaimTicket) -> bytes:
        """A ticket is bound to the book that holds the campaign."""
        return await (await self.home(terms.id)).ticket_payload(terms, ticket)

    async def ticket_call(
        self, terms: CampaignTerms, ticket: ClaimTicket, signature: Signature, *, submitter: AccountId
    ) -> Intent:
        return await (await self.home(terms.id)).ticket_call(terms, ticket, signature, submitter=submitter)

    async def powers_of(self, terms: CampaignTerms) -> Sequence[IssuerPower]:
        return await (await self.home(terms.id)).powers_of(terms)

    async def _one_home(self, terms: Sequence[CampaignTerms]) -> EvmVoucherBook:
        """One call redeems an order, so it has one book; a plain payment goes through the newest."""
        homes = {id(book): book for book in await asyncio.gather(*(self.home(one.id) for one in terms))}
        if len(homes) > 1:
            raise FeatureUnavailable(
                "the vouchers of this order lie in different versions of the voucher book: use them in separate orders",
                feature="order_across_books",
                books=sorted(book.address.address for book in homes.values()),
            )
        return next(iter(homes.values()), self._books[0])


__all__ = ["EvmVoucherBooks"]
