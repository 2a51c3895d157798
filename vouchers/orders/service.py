"""Charge, quote, pay. An order is paid at most once, and a voucher redeemed at most once, whatever races or crashes.

Paying is three commits: the order and its vouchers are locked; the holder signs and the payment is stored (or the
consent, where several orders go together); the engine signs and stores the transaction's bytes. Between any two of
them a crash leaves something that a job takes up: an attempt without a payment is given up after a while, an unsigned
payment is withdrawn, a signed one is followed to its end. The chain is the last guard.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from chains.campaign import CampaignTerms
from chains.intent import Intent
from chains.ports import Chains, ConsentRequest
from codec.canonical_json import encode_canonical
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Handler
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignNotActive,
    FeatureUnavailable,
    IdempotencyConflict,
    InsufficientFunds,
    InvalidValue,
    NotVoucherHolder,
    OrderNotFound,
    OrderNotPayable,
    QuanbaoError,
    QuoteExpired,
    VoucherAlreadyRedeemed,
    VoucherExpired,
)
from primitives.hashing import keccak256
from primitives.signing import Signature, Signer
from vouchers.campaigns.progress import failure_of
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.checkout.model import Cart
from vouchers.orders import sql
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.beside import NO_RULES, RemainderRules
from vouchers.orders.carrying import carry_alone
from vouchers.orders.consents import ConsentSigning
from vouchers.orders.endings import OrderEndings
from vouchers.orders.gathering.service import WAIT, Gathering
from vouchers.orders.leaves import Leaves
from vouchers.orders.locking import AttemptLock
from vouchers.orders.model import (
    Attempt,
    AttemptStatus,
    Order,
    OrderQuote,
    OrderStatus,
    RedemptionRow,
    Way,
    cart_to_json,
)
from vouchers.orders.quotes import ALL_TENDER, Quoter, TenderChoice
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.pauses.sql import windows_on
from vouchers.ports import Accounts, Payments, PaymentView
from vouchers.settlement.books import Books
from vouchers.till.model import RemainderBy

GIVE_UP_AFTER = timedelta(seconds=45)
"""An attempt that no payment carries by then was interrupted."""


class SignerJoin(Protocol):
    """Makes one signer of the holder's and the service's (`keystore.signers.CombinedSigner`)."""

    def __call__(self, *signers: Signer) -> Signer: ...


class OrderService:
    """Orders of merchants, paid by holders. Who may call what is decided above, by the rule of each route.

    Args:
        service_signer: Signs as relayer, merchant and redemption authority on Solana, where one transaction carries
            everybody's signature.
        join: Makes one signer of the holder's and the service's.
        books: Where the fee of a final payment is posted; None: nowhere.
        gather_for: How long an order that may be redeemed with others waits for them.
        leaves: Vouchers of drops that nobody has claimed; None: only what has been claimed can be used.
        rules: The holders' own, asked about what they pay beside vouchers.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        payments: Payments,
        quoter: Quoter,
        service_signer: Signer,
        join: SignerJoin,
        *,
        clock: Clock | None = None,
        give_up_after: timedelta = GIVE_UP_AFTER,
        books: Books | None = None,
        gather_for: timedelta = WAIT,
        leaves: Leaves | None = None,
        rules: RemainderRules = NO_RULES,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._quoter = quoter
        self._service_signer = service_signer
        self._join = join
        self._leaves = leaves
        self._rules = rules
        self._consents = ConsentSigning(database, rules)
        self._clock = clock or SystemClock()
        self._endings = OrderEndings(payments, books, rules)
        self._attempts = AttemptLock(database, self._clock, give_up_after)
        self._gathering = Gathering(
            database, chains, payments, self._endings, give_up_after=give_up_after, wait=gather_for
        )

    def handlers(self) -> Mapping[str, Handler]:
        return {**self._endings.handlers(), **self._gathering.handlers()}

    # -------------------------------------------------------------------------------------------------------- merchant

    async def create(
        self,
        tenant_id: UUID,
        cart: Cart,
        *,
        created_by: UUID,
        idempotency_key: str,
        reference: str | None = None,
        expires_at: datetime | None = None,
        remainder_by: RemainderBy = RemainderBy.ONCHAIN,
        batch: bool = False,
    ) -> Order:
        """Charge a cart.

        Args:
            remainder_by: `recorded`: what vouchers do not cover is paid to the merchant by hand, who enters it.
            batch: It may be redeemed together with other orders; payouts are then the merchant's credit (EVM).

        Raises:
            InvalidValue: The cart names another merchant.
            IdempotencyConflict: The key was used for another order.
        """
        if cart.merchant != str(tenant_id):
            raise InvalidValue("a cart names the organisation that charges it", merchant=cart.merchant)
        request = keccak256(
            encode_canonical(
                {
                    "cart": cart_to_json(cart),
                    "reference": reference,
                    "expires_at": None if expires_at is None else expires_at.isoformat(),
                    # Left out where it is the usual, so that the hash of older requests stays what it was.
                    **({} if remainder_by is RemainderBy.ONCHAIN else {"remainder_by": remainder_by.value}),
                    **({"batch": True} if batch else {}),
                }
            )
        )
        order = Order(
            id=uuid4(),
            tenant_id=tenant_id,
            status=OrderStatus.OPEN,
            cart=cart,
            reference=reference,
            attempts=0,
            failure=None,
            created_by=created_by,
            created_at=self._clock.now(),
            expires_at=expires_at,
            paid_at=None,
            remainder_by=remainder_by,
            batch=batch,
        )
        async with self._database.transaction() as tx:
            known = await sql.insert_order(tx, order, idempotency_key=idempotency_key, request_hash=request)
            if known is None:
                return order
            if known[1] != request:
                raise IdempotencyConflict("this idempotency key already charged another order")
            return await sql.get_order(tx, known[0])

    async def cancel(self, tenant_id: UUID, order_id: UUID) -> Order:
        """Take back an order that nobody is paying.

        Raises:
            OrderNotFound, OrderNotPayable: `status`.
        """
        async with self._database.transaction() as tx:
            order = await self._of_merchant(tx, tenant_id, order_id)
            if order.status is not OrderStatus.CANCELLED and not await sql.set_order_status(
                tx, order_id, OrderStatus.OPEN, OrderStatus.CANCELLED
            ):
                order = await sql.get_order(tx, order_id)
                raise OrderNotPayable(f"the order is {order.status.value}", status=order.status.value)
            return await sql.get_order(tx, order_id)

    async def orders(
        self, tenant_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
    ) -> Sequence[Order]:
        """Of a merchant, newest first."""
        async with self._database.transaction() as tx:
            return await sql.orders_of(tx, tenant_id, before=before, limit=limit)

    async def _of_merchant(self, tx: Transaction, tenant_id: UUID, order_id: UUID) -> Order:
        order = await sql.get_order(tx, order_id)
        if order.tenant_id != tenant_id:
            raise OrderNotFound("no such order", order=str(order_id))
        return order

    # ---------------------------------------------------------------------------------------------------------- holder

    async def get(self, order_id: UUID) -> Order:
        """Whoever knows the id may see it: 122 random bits, shown as a QR at the till. Raises OrderNotFound."""
        async with self._database.transaction() as tx:
            return await sql.get_order(tx, order_id)

    async def quote(
        self,
        tenant_id: UUID,
        order_id: UUID,
        *,
        account: AccountId | None = None,
        chain: ChainId | None = None,
        tender: TenderChoice = ALL_TENDER,
    ) -> OrderQuote:
        """See `Quoter.quote`."""
        return await self._quoter.quote(tenant_id, order_id, account=account, chain=chain, tender=tender)

    async def pay(
        self, tenant_id: UUID, order_id: UUID, quote_id: UUID, signer: Signer, *, idempotency_key: str
    ) -> Attempt:
        """Redeem the quoted vouchers and pay the remainder in one act, signed by the holder's unlocked wallet.

        Raises:
            OrderNotFound, OrderNotPayable, QuoteExpired, VoucherAlreadyRedeemed, VoucherInFlight, VoucherExpired
            NotVoucherHolder: The quote's account is not the caller's, or no longer holds a voucher.
            InsufficientFunds: The account lacks the remainder; `needed` and `available`.
            PolicyRefused, PriceUnavailable, PriceStale: The holder's own rules do not let the remainder leave.
            ApprovalNeeded: They want a word first; then the same request goes on.
            CampaignExhausted, IdentityLevelTooLow: The campaign's limits on redemptions.
            CampaignNotActive: The campaign was paused after the quote; `status`.
            VoucherInFlight: Also while a voucher is being claimed for this payment: pay again in a few seconds.
            VoucherNotFound, CampaignNotActive, TooManyAttempts: A voucher of a drop cannot be claimed.
            IdempotencyConflict: The key was used with another quote.
            KeystoreLocked, SigningRefused, NodeUnavailable: Nothing was signed; the order is open again.
            AccountFrozen: Nothing is signed for the account, by no process, from the freeze's commit on.
        """
        known = await self._known(tenant_id, quote_id, idempotency_key)
        if known is not None and (known.status is not AttemptStatus.REQUESTED or known.waits):
            return known
        quote = await self._payable_quote(tenant_id, order_id, quote_id)
        key = await self._accounts.key_of(tenant_id, quote.account)
        terms = await self._terms(quote)
        quote = await self._claimed(quote, terms)
        attempt, mine = (known, True) if known else await self._attempts.begin(quote, idempotency_key)
        if not mine:
            return attempt
        chain = quote.account.chain
        book = self._chains.book(chain)
        try:
            asked = await book.consents(terms, quote.redemption)
            # Where nothing is asked for, the holder signs the transaction itself, in the engine and behind its gates.
            intent = None if asked else await book.redeem(terms, quote.redemption, {})
            async with self._consents.storing(quote) as tx:
                consents = await self._consents.sign(signer, key, chain, asked)
                intent = intent or await book.redeem(terms, quote.redemption, consents)
                waits = await self._request(tx, attempt, quote, intent, consents)
            _stored(waits)
            attempt = await self._read(attempt)
            if chain.family == "solana":
                assert attempt.payment_id is not None
                await self._payments.authorise(attempt.payment_id, self._join(signer, self._service_signer))
        except QuanbaoError as error:
            await self._give_up(attempt, failure_of(error))
            raise
        return await self._read(attempt)

    async def prepare(self, tenant_id: UUID, order_id: UUID, quote_id: UUID) -> Sequence[ConsentRequest]:
        """What an outside wallet signs to pay the quote; nothing is locked before `submit`.

        Raises:
            OrderNotFound, OrderNotPayable, QuoteExpired, VoucherAlreadyRedeemed, VoucherExpired, NotVoucherHolder
            CampaignNotActive, InsufficientFunds: As `pay`.
            InvalidValue: On Solana the holder signs the transaction itself, which only the keystore does so far.
            NodeUnavailable
        """
        quote = await self._payable_quote(tenant_id, order_id, quote_id)
        self._require_outside_wallets(quote)
        terms = await self._terms(quote)
        quote = await self._claimed(quote, terms)
        return await self._chains.book(quote.account.chain).consents(terms, quote.redemption)

    async def submit(
        self,
        tenant_id: UUID,
        order_id: UUID,
        quote_id: UUID,
        consents: Mapping[str, Signature],
        *,
        idempotency_key: str,
    ) -> Attempt:
        """Pay with what an outside wallet signed. The act is simulated before anything is locked, so that signatures
        that the chain would refuse never hold up an order.

        Raises:
            As `pay`; TransactionReverted: The chain would refuse, with its reason.
            AccountFrozen: What was signed elsewhere is not taken for an account that is frozen here.
        """
        known = await self._known(tenant_id, quote_id, idempotency_key)
        if known is not None and (known.status is not AttemptStatus.REQUESTED or known.waits):
            return known
        quote = await self._payable_quote(tenant_id, order_id, quote_id)
        self._require_outside_wallets(quote)
        terms = await self._terms(quote)
        quote = await self._claimed(quote, terms)
        chain = quote.account.chain
        intent = await self._chains.book(chain).redeem(terms, quote.redemption, consents)
        await self._chains.adapter(chain).preview(intent)
        attempt, mine = (known, True) if known else await self._attempts.begin(quote, idempotency_key)
        if not mine:
            return attempt
        try:
            async with self._consents.storing(quote) as tx:
                waits = await self._request(tx, attempt, quote, intent, consents)
            _stored(waits)
        except QuanbaoError as error:
            await self._give_up(attempt, failure_of(error))
            raise
        return await self._read(attempt)

    async def paid_by(self, tenant_id: UUID, *, limit: int = 50) -> Sequence[tuple[Order, Attempt]]:
        """A holder's payments, newest first."""
        async with self._database.transaction() as tx:
            return await attempt_rows.attempts_by_holder(tx, tenant_id, limit)

    async def progress(self, order_id: UUID) -> tuple[Order, Attempt | None]:
        """The order and its last attempt to pay. Raises OrderNotFound."""
        async with self._database.transaction() as tx:
            return await sql.get_order(tx, order_id), await attempt_rows.last_attempt(tx, order_id)

    async def receipt(self, order_id: UUID) -> tuple[Order, Attempt | None]:
        """The order and the attempt that paid it; None where it was paid by hand alone. Raises OrderNotFound."""
        async with self._database.transaction() as tx:
            return await sql.get_order(tx, order_id), await attempt_rows.paying_attempt(tx, order_id)

    async def evidence(self, attempt: Attempt) -> tuple[PaymentView | None, Sequence[RedemptionRow]]:
        """The payment that carries an attempt, and its redemptions."""
        async with self._database.transaction() as tx:
            payment = (
                None
                if attempt.payment_id is None
                else await self._payments.view(tx, attempt.payer_id, attempt.payment_id)
            )
            return payment, await redemption_rows.redemptions_of(tx, attempt.order_id, attempt.number)

    async def quote_of(self, attempt: Attempt) -> OrderQuote:
        """The quote that an attempt pays."""
        async with self._database.transaction() as tx:
            quote = await sql.get_quote(tx, attempt.quote_id, attempt.holder_tenant_id)
        assert quote is not None
        return quote

    # ---------------------------------------------------------------------------------------------------------- steps

    async def _known(self, tenant_id: UUID, quote_id: UUID, idempotency_key: str) -> Attempt | None:
        async with self._database.transaction() as tx:
            known = await attempt_rows.attempt_by_key(tx, tenant_id, idempotency_key)
        if known is not None and known.quote_id != quote_id:
            raise IdempotencyConflict("this idempotency key already paid another quote")
        return known

    def _require_outside_wallets(self, quote: OrderQuote) -> None:
        if quote.account.chain.family == "solana":
            raise InvalidValue(
                "on Solana an order is paid from a wallet of this keystore so far", chain=str(quote.account.chain)
            )

    async def _payable_quote(self, tenant_id: UUID, order_id: UUID, quote_id: UUID) -> OrderQuote:
        """The caller's quote of this order, checked against the newest block and the chain's own voucher state."""
        async with self._database.transaction() as tx:
            quote = await sql.get_quote(tx, quote_id, tenant_id)
            if quote is None or quote.order_id != order_id:
                raise OrderNotFound("no such order or quote", order=str(order_id))
        chain = quote.account.chain
        now = await self._chains.adapter(chain).block_time()
        items = quote.redemption.items
        async with self._database.transaction() as tx:
            campaigns = await campaigns_by_id(tx, [item.voucher.campaign for item in items])
            windows = await windows_on(tx, list(campaigns.values()), chain, now)
        for item in items:
            window = windows[item.voucher.campaign]
            if not window.holds(now):
                raise VoucherExpired(
                    "the voucher is outside its window",
                    voucher=str(item.voucher),
                    valid_from=window.valid_from,
                    valid_until=window.valid_until,
                )
            if window.paused:
                raise CampaignNotActive(
                    "the voucher's campaign is paused: ask for a new quote",
                    status="paused",
                    campaign=str(item.voucher.campaign),
                )
        states = await self._chains.book(chain).vouchers([item.voucher for item in items])
        for item, state in zip(items, states, strict=True):
            if state is None:
                continue
            if state.redeemed_at is not None:
                raise VoucherAlreadyRedeemed("the voucher was redeemed before", voucher=str(item.voucher))
            if state.holder != quote.account:
                raise NotVoucherHolder("the voucher belongs to another account", voucher=str(item.voucher))
            if (state.moves if state.sequence is None else state.sequence) != item.moves:
                raise QuoteExpired("the voucher has moved since: ask for a new quote", voucher=str(item.voucher))
        if now >= quote.expires_at:
            raise QuoteExpired("the quote is too old: ask for a new one", expires_at=quote.expires_at)
        await self._require_money(quote)
        await self._require_allowed(quote)
        return quote

    async def _require_allowed(self, quote: OrderQuote) -> None:
        """Before anything is taken: a holder who must ask somebody, or may not, leaves the order as it is."""
        if not self._rules.govern(quote):
            return
        async with self._database.transaction() as tx:
            denied = await self._rules.foresee(tx, quote)
        if denied is not None:
            raise denied

    async def _require_money(self, quote: OrderQuote) -> None:
        remainder = quote.redemption.remainder
        if not remainder.base_units:
            return
        held = await self._chains.adapter(quote.account.chain).balance(quote.account, remainder.asset)
        if held.base_units < remainder.base_units:
            raise InsufficientFunds(
                f"{remainder} needed, {held} available: top the account up, or pay from another one",
                needed=remainder.base_units,
                available=held.base_units,
                asset=str(remainder.asset.id),
            )

    async def _claimed(self, quote: OrderQuote, terms: Sequence[CampaignTerms]) -> OrderQuote:
        """The quote with every leaf of a drop claimed that this payment does not claim itself."""
        if not quote.redemption.from_drop:
            return quote
        if self._leaves is None:
            raise FeatureUnavailable("unclaimed vouchers cannot be paid with here", feature="unclaimed_vouchers")
        return await self._leaves.ready(quote.tenant_id, quote, terms)

    async def _terms(self, quote: OrderQuote) -> Sequence[CampaignTerms]:
        ids = list(dict.fromkeys(item.voucher.campaign for item in quote.redemption.items))
        async with self._database.transaction() as tx:
            campaigns = await campaigns_by_id(tx, ids)
        return [campaigns[campaign].terms(quote.account.chain) for campaign in ids]

    async def _request(
        self,
        tx: Transaction,
        attempt: Attempt,
        quote: OrderQuote,
        intent: Intent,
        consents: Mapping[str, Signature],
    ) -> bool | None:
        """Store the payment and bind the attempt to it; or the holder's consent, where the order may be redeemed
        together with others. Answers whether it waits for them; None: it was stored before."""
        current = await attempt_rows.get_attempt(tx, attempt.order_id, attempt.number, lock=True)
        assert current is not None
        if current.status is AttemptStatus.FAILED:
            raise OrderNotPayable("this attempt took too long and was given up: try again", status="open")
        if current.status is not AttemptStatus.REQUESTED or current.waits:
            return None
        together = self._gathering.takes(self._chains.book(quote.account.chain), quote, consents)
        if together and (await sql.get_order(tx, attempt.order_id)).batch:
            await self._gathering.wait(tx, current, consents)
            return True
        await carry_alone(tx, self._payments, current, quote, intent)
        return False

    async def _read(self, attempt: Attempt) -> Attempt:
        async with self._database.transaction() as tx:
            found = await attempt_rows.get_attempt(tx, attempt.order_id, attempt.number)
        assert found is not None
        return found

    async def _give_up(self, attempt: Attempt, failure: Mapping[str, Any]) -> None:
        """End an attempt of which nothing is signed; anything signed goes on to its end on the chain."""
        async with self._database.transaction() as tx:
            current = await attempt_rows.get_attempt(tx, attempt.order_id, attempt.number, lock=True)
            assert current is not None
            if current.waits or current.way is Way.BATCH:
                return  # the holder has consented, and other orders may go with this one
            if current.payment_id is not None and not await self._payments.withdraw(tx, current.payment_id):
                return
            await self._endings.failed(tx, current, failure)


def _stored(waits: bool | None) -> None:
    if waits:
        fault_point("order.consent_stored")
    elif waits is not None:
        fault_point("order.payment_stored")
