"""Find a holder's vouchers and price an order with the best of them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from chains.campaign import Redemption, RedemptionItem
from chains.ports import Chains
from codec.order_document import SALT_BYTES, order_hash
from keystore import PLATFORM_TENANT
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, OrderNotPayable, UnknownAsset
from primitives.signing import KeyPurpose
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.checkout.limits import Payer, limits_now
from vouchers.checkout.model import Holdings, StoredBalance
from vouchers.checkout.price import price
from vouchers.gifts.acts import gift_stock
from vouchers.ledger.sql import vouchers_held
from vouchers.orders import sql
from vouchers.orders.document import order_document
from vouchers.orders.leaves import Leaves
from vouchers.orders.model import Order, OrderQuote, OrderStatus
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.pauses.sql import windows_on
from vouchers.points.acts import points_of
from vouchers.ports import Accounts, Settlement
from vouchers.rules import MAX_PER_ORDER, RULES_VERSION, VoucherKind
from vouchers.till.model import RemainderBy
from vouchers.till.sql import held_by_others

QUOTE_SECONDS = 120
"""How long a quote can be paid, in block time."""
CONSENT_SECONDS = 420
"""How long the chain takes what the holder signed: the quote's life, and time to be included."""


_STORED = VoucherKind.STORED_VALUE


@dataclass(frozen=True, slots=True)
class TenderChoice:
    """Which of the holder's own means a quote may use beside money. `kept`: vouchers that are left for later."""

    stored_value: bool = True
    points: bool = True
    kept: frozenset[VoucherId] = frozenset()


ALL_TENDER = TenderChoice()


@dataclass(frozen=True, slots=True)
class _Usable:
    """A voucher that a quote may use. `proof`: of a leaf that nobody has claimed."""

    moves: int
    proof: tuple[bytes, ...] | None = None


class Quoter:
    """Prices orders for holders; nothing is locked by a quote."""

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        settlements: Mapping[ChainId, Sequence[Settlement]],
        leaves: Leaves | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._settlements = settlements
        self._leaves = leaves

    async def quote(
        self,
        tenant_id: UUID,
        order_id: UUID,
        *,
        account: AccountId | None = None,
        chain: ChainId | None = None,
        tender: TenderChoice = ALL_TENDER,
    ) -> OrderQuote:
        """The best offer over the holder's accounts (or the one named): enough money first, then the largest discount,
        then the most paid by tender.

        Args:
            tender: Which of the holder's own means may pay beside money.

        Raises:
            OrderNotFound
            OrderNotPayable: `status`.
            InvalidValue: The holder has no account (on that chain).
            UnknownAsset: Nothing settles the order's currency on any of the accounts' chains.
            NodeUnavailable
        """
        async with self._database.transaction() as tx:
            order = await sql.get_order(tx, order_id)
        require_open(order)
        candidates = await self._candidates(tenant_id, order, account, chain)
        offers = [await self._offer(tenant_id, order, candidate, tender) for candidate in candidates]
        best = max(
            offers, key=lambda offer: (offer.short_by == 0, offer.price.discount_minor, offer.price.tender_minor)
        )
        async with self._database.transaction() as tx:
            await sql.insert_quote(tx, best)
        return best

    async def _candidates(
        self, tenant_id: UUID, order: Order, account: AccountId | None, chain: ChainId | None
    ) -> Sequence[AccountId]:
        own = [account] if account is not None else await self._accounts.accounts_of(tenant_id)
        if chain is not None:
            own = [candidate for candidate in own if candidate.chain == chain]
        if not own:
            raise InvalidValue("there is no account to pay from: make one first", chain=str(chain) if chain else None)
        settled = [candidate for candidate in own if self._settlement(candidate.chain, order.cart.currency) is not None]
        if not settled:
            raise UnknownAsset(
                f"none of the accounts' chains settles {order.cart.currency}", currency=order.cart.currency
            )
        return settled

    def _settlement(self, chain: ChainId, currency: str) -> Settlement | None:
        return next((one for one in self._settlements.get(chain, ()) if one.currency == currency), None)

    async def _offer(self, tenant_id: UUID, order: Order, account: AccountId, tender: TenderChoice) -> OrderQuote:
        chain = account.chain
        adapter = self._chains.adapter(chain)
        settlement = self._settlement(chain, order.cart.currency)
        assert settlement is not None
        now = await adapter.block_time()
        merchant = (await self._accounts.service_account(order.tenant_id, KeyPurpose.TREASURY, chain)).account
        relayer = (await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)).account
        vouchers, in_flight, campaigns = await self._vouchers(account, order.id, now)
        terms = {campaign.id: campaign.rules for campaign in campaigns.values()}
        rules_hashes = {campaign.id: campaign.rules_hash for campaign in campaigns.values()}
        vouchers = {voucher: one for voucher, one in vouchers.items() if voucher not in tender.kept}
        if not tender.stored_value:
            vouchers = {
                voucher: one for voucher, one in vouchers.items() if terms[voucher.campaign].kind is not _STORED
            }
        stored = [one for one in vouchers if terms[one.campaign].kind is _STORED]
        unclaimed = [one for one in stored if vouchers[one].proof is not None]
        balances = {
            **{one: StoredBalance(terms[one.campaign].effect.balance or 0, 0) for one in unclaimed},
            **await self._balances(chain, stored),
        }
        vouchers = {
            voucher: one
            for voucher, one in vouchers.items()
            if terms[voucher.campaign].kind is not _STORED or voucher in balances
        }
        async with self._database.transaction() as tx:
            windows = await windows_on(tx, list(campaigns.values()), chain, now)
            limits = await limits_now(tx, terms, Payer(tenant_id, account, order.tenant_id))
            stock = await gift_stock(tx, order.tenant_id, order.cart.currency)
            held = await points_of(tx, order.tenant_id, tenant_id, now) if tender.points else {}
        points = {}
        for programme, (known, spendable) in held.items():
            points[programme] = spendable
            terms[programme], rules_hashes[programme] = known.rules, known.rules_hash
        fits = await self._chains.book(chain).most_vouchers(merchant, settlement.asset)
        most = MAX_PER_ORDER if fits is None else min(fits, MAX_PER_ORDER)
        # In a thread: vouchers that hardly differ take the search a second or two.
        answer = await asyncio.to_thread(
            price,
            order.cart,
            list(vouchers),
            terms,
            stock,
            now,
            RULES_VERSION,
            most,
            holdings=Holdings(
                balances,
                points,
                limits.left,
                frozenset(limits.closed),
                {one: window.paused_seconds for one, window in windows.items() if window.paused_seconds},
                frozenset(one for one, window in windows.items() if window.paused),
            ),
        )
        # What the merchant takes by hand is no part of the act on chain.
        on_chain = 0 if order.remainder_by is RemainderBy.RECORDED else answer.remainder_minor
        remainder = Amount(on_chain * settlement.units_per_minor, settlement.asset)
        balance = await adapter.balance(account, settlement.asset)
        document = order_document(
            order, answer, account, merchant, remainder, rules_hashes, secrets.token_bytes(SALT_BYTES)
        )
        return OrderQuote(
            id=uuid4(),
            tenant_id=tenant_id,
            order_id=order.id,
            account=account,
            merchant=merchant,
            price=answer,
            redemption=Redemption(
                holder=account,
                merchant=merchant,
                submitter=relayer,
                order_hash=order_hash(document),
                valid_before=now + CONSENT_SECONDS,
                remainder=remainder,
                items=tuple(
                    RedemptionItem(
                        applied.voucher,
                        applied.amount_minor,
                        vouchers[applied.voucher].moves if applied.balance is None else applied.balance.sequence,
                        vouchers[applied.voucher].proof,
                    )
                    for applied in answer.used
                ),
            ),
            document=document,
            expires_at=now + QUOTE_SECONDS,
            short_by=max(0, remainder.base_units - balance.base_units),
            in_flight=in_flight,
        )

    async def _balances(self, chain: ChainId, stored: Sequence[VoucherId]) -> Mapping[VoucherId, StoredBalance]:
        """What the chain says is left of stored value; what is used up or gone is not named."""
        states = await self._chains.book(chain).vouchers(stored) if stored else ()
        return {
            voucher: StoredBalance(state.remaining_minor, state.sequence)
            for voucher, state in zip(stored, states, strict=True)
            if state is not None and state.remaining_minor and state.sequence is not None
        }

    async def _vouchers(
        self, account: AccountId, order_id: UUID, now: int
    ) -> tuple[Mapping[VoucherId, _Usable], tuple[VoucherId, ...], Mapping[CampaignId, Campaign]]:
        """The account's live vouchers and unclaimed leaves by id, those that another order redeems or holds, and their
        campaigns."""
        leaves, of_leaves = ({}, {}) if self._leaves is None else await self._leaves.offered(account, now)
        async with self._database.transaction() as tx:
            held = [one for one in await vouchers_held(tx, [account], live_only=True) if not one.diverged]
            usable = {voucher.id: _Usable(voucher.moves) for voucher in held}
            usable |= {voucher: _Usable(0, leaf.claim.proof) for voucher, leaf in leaves.items()}
            campaigns = {**await campaigns_by_id(tx, list({voucher.id.campaign for voucher in held})), **of_leaves}
            locked = {
                *await redemption_rows.live_redemptions(tx, list(usable)),
                *await held_by_others(tx, list(usable), order_id),
            }
        free = {one: found for one, found in usable.items() if one not in locked and one.campaign in campaigns}
        return free, tuple(one for one in usable if one in locked), campaigns


def require_open(order: Order) -> None:
    """Raises OrderNotPayable."""
    if order.status is not OrderStatus.OPEN:
        raise OrderNotPayable(f"the order is {order.status.value}", status=order.status.value, order=str(order.id))
