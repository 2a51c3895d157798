"""Preview, make and list a holder's own transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

from chains.intent import Intent, Transfer
from chains.ports import ChainAdapter, Chains, FeeQuote, Notice, Preview, Speed
from persistence.database import Database
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.asset import Amount
from primitives.chain_id import ChainId
from primitives.errors import (
    InvalidAddress,
    NodeUnavailable,
    PaymentNotFound,
    QuanbaoError,
    WarningNotAccepted,
)
from primitives.signing import Signer
from wallets.engine.model import Payment, PaymentRequest
from wallets.engine.presigning import Presigning
from wallets.engine.service import Engine
from wallets.engine.sql import Cursor
from wallets.risk.model import digest_of
from wallets.transfers.acceptance import require_accepted
from wallets.transfers.intake import Intake
from wallets.transfers.model import TransferDraft, TransferPreview
from wallets.transfers.ports import Acceptances, Foreseen, Foresees, HeldAccounts, Recipients

ACT = "transfer"


class TransferService:
    """Transfers from accounts of the caller's wallets, signed by the caller's unlocked keys."""

    def __init__(
        self,
        database: Database,
        engine: Engine,
        chains: Chains,
        accounts: HeldAccounts,
        recipients: Recipients | None = None,
        foresight: Foresees | None = None,
        acceptances: Acceptances | None = None,
    ) -> None:
        self._database = database
        self._engine = engine
        self._chains = chains
        self._accounts = accounts
        self._recipients = recipients
        self._intake = Intake(self._make)
        self._foresight = foresight
        self._acceptances = acceptances

    async def preview(self, tenant_id: UUID, draft: TransferDraft) -> TransferPreview:
        """Simulate and price.

        Raises:
            InvalidAddress: The sender is not the caller's, or the recipient is not an address of its chain.
            UnknownChain, UnknownAsset, AmountNotPositive, PrecisionLoss
            InsufficientFunds: With both figures.
            TransactionReverted: The chain would refuse it, with the reason.
            FeeTooLow: The network asks for more than the chain's fee cap.
            NodeUnavailable
        """
        intent, adapter = await self._intent(draft, await self._own(tenant_id))
        preview = await adapter.preview(intent, speed=draft.speed)
        assert isinstance(intent.action, Transfer)
        amount = intent.action.amount
        (known,) = await self._recipient_notices([intent])
        foreseen = None if self._foresight is None else await self._foresight.look(intent)
        return TransferPreview(
            sender=intent.sender,
            recipient=intent.action.recipient,
            amount=amount,
            fee_limit=preview.fee_limit,
            balance=await adapter.balance(intent.sender, amount.asset),
            warnings=(*preview.notices, *known, *(() if foreseen is None else foreseen.notices)),
            expected_seconds=preview.expected_seconds,
            data_fee=Amount(preview.data_fee, adapter.native),
            changes=None if foreseen is None else foreseen.changes,
        )

    async def fees(self, chain: ChainId) -> Mapping[Speed, FeeQuote]:
        """What each speed costs now, and how long it takes; empty where the chain has no fee market.

        Raises:
            UnknownChain, NodeUnavailable
        """
        lane = self._chains.adapter(chain).lane
        return {} if lane is None else await lane.quotes()

    async def create(self, tenant_id: UUID, draft: TransferDraft, signer: Signer, *, idempotency_key: str) -> Payment:
        """Store, sign and send; with the same key and the same transfer, the one that exists.

        What is impossible is refused before anything is stored. A payment whose signing was interrupted is signed by
        the next call with its key.

        Raises:
            WarningNotAccepted: `warnings` must be accepted first.
            IdempotencyConflict: The key stands for another transfer.
            KeystoreLocked, LaneBusy, LaneHalted, and everything that `preview` raises.
        """
        return await self._intake.ask(tenant_id, draft, signer, idempotency_key)

    async def _make(
        self, tenant_id: UUID, drafts: Sequence[TransferDraft], signer: Signer, idempotency_keys: Sequence[str]
    ) -> Sequence[Payment | QuanbaoError]:
        return await self.create_many(tenant_id, drafts, signer, idempotency_keys=idempotency_keys)

    async def create_many(
        self, tenant_id: UUID, drafts: Sequence[TransferDraft], signer: Signer, *, idempotency_keys: Sequence[str]
    ) -> Sequence[Payment | QuanbaoError]:
        """`create` for several transfers: simulated in one exchange, stored in one commit, signed in one per account.

        Each stands for itself: an error in one place, with the same meaning as in `create`, leaves the others alone.

        Raises:
            InvalidValue: Two transfers have the same key.
            IdempotencyConflict: A key stands for another transfer; nothing of the batch is stored.
            NodeUnavailable, UnknownChain
        """
        own = await self._own(tenant_id)
        keys = [f"transfer:{key}" for key in idempotency_keys]
        answers: list[Payment | QuanbaoError | None] = [None] * len(drafts)
        intents: dict[int, tuple[Intent, ChainAdapter]] = {}
        for place, draft in enumerate(drafts):
            try:
                intents[place] = await self._intent(draft, own)
            except NodeUnavailable:
                raise
            except QuanbaoError as error:
                answers[place] = error
        async with self._database.statements() as tx:
            known = await self._engine.known_keys(tx, tenant_id, keys)
        told: dict[int, tuple[Notice, ...]] = {}
        fresh = {place: asked for place, asked in intents.items() if keys[place] not in known}
        previews = await self._previews(drafts, fresh, answers, told)
        places = [place for place in intents if answers[place] is None]
        if places:
            async with self._database.transaction() as tx:
                payments = await self._engine.request_many(
                    tx,
                    [
                        PaymentRequest(tenant_id, keys[p], intents[p][0], ACT, signs="person", speed=drafts[p].speed)
                        for p in places
                    ],
                )
                if self._recipients is not None:
                    await self._recipients.remember(tx, [_paying(intents[place][0]) for place in places])
                for place, payment in zip(places, payments, strict=True):
                    if self._acceptances is not None and told.get(place):
                        codes, digest = drafts[place].accept_warnings, digest_of(payment.intent)
                        await self._acceptances.accepted(tx, tenant_id, payment.id, digest, told[place], codes)
            fault_point("transfer.requested")
            signed = await self._engine.authorise_many(
                payments,
                signer,
                previews=[previews.get(place) for place in places],
                presignings=[_presigning(drafts[place]) for place in places],
            )
            for place, answer in zip(places, signed, strict=True):
                answers[place] = answer
        return [answer for answer in answers if answer is not None]

    async def _previews(
        self,
        drafts: Sequence[TransferDraft],
        intents: Mapping[int, tuple[Intent, ChainAdapter]],
        answers: list[Payment | QuanbaoError | None],
        told: dict[int, tuple[Notice, ...]],
    ) -> dict[int, Preview]:
        """Of those that the chain would make and whose warnings are accepted, which `told` lists; the errors of the
        others."""
        previews: dict[int, Preview] = {}
        for chain in {intent.chain for intent, _ in intents.values()}:
            places = [place for place, (intent, _) in intents.items() if intent.chain == chain]
            asked = [(intents[place][0], drafts[place].speed) for place in places]
            found = await intents[places[0]][1].preview_many(asked)
            known = await self._recipient_notices([intent for intent, _ in asked])
            foreseen = await self._foresee([intent for intent, _ in asked], found)
            for place, preview, notices, seen in zip(places, found, known, foreseen, strict=True):
                if isinstance(preview, QuanbaoError):
                    answers[place] = preview
                    continue
                if isinstance(seen, QuanbaoError):
                    answers[place] = seen
                    continue
                told[place] = (*preview.notices, *notices, *(() if seen is None else seen.notices))
                try:
                    require_accepted(told[place], drafts[place].accept_warnings)
                except WarningNotAccepted as error:
                    answers[place] = error
                else:
                    previews[place] = preview
        return previews

    async def speed_up(
        self, tenant_id: UUID, payment_id: UUID, signer: Signer, *, speed: Speed = Speed.FAST
    ) -> Payment:
        """A dearer transaction in place of the one that waits.

        Raises:
            PaymentNotFound, PaymentNotReplaceable, FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        await self.get(tenant_id, payment_id)
        return await self._engine.speed_up(tenant_id, payment_id, signer, speed=speed)

    async def cancel(self, tenant_id: UUID, payment_id: UUID, signer: Signer) -> Payment:
        """Make it not happen, if the chain has not taken it yet: look at `status` for what became of it.

        Raises:
            PaymentNotFound, PaymentNotReplaceable, FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        await self.get(tenant_id, payment_id)
        return await self._engine.cancel(tenant_id, payment_id, signer)

    async def retry(self, tenant_id: UUID, payment_id: UUID, signer: Signer, *, idempotency_key: str) -> Payment:
        """A new payment for a transfer that failed without effect.

        Raises:
            PaymentNotFound, PaymentNotRetryable, IdempotencyConflict, KeystoreLocked
        """
        await self.get(tenant_id, payment_id)
        async with self._database.transaction() as tx:
            payment = await self._engine.retry(tx, tenant_id, payment_id, f"transfer:{idempotency_key}")
        return await self._engine.authorise(payment.id, signer)

    async def get(self, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another person's, and for payments that are no transfers."""
        async with self._database.statements() as tx:
            payment = await self._engine.get(tx, tenant_id, payment_id)
        if payment.act != ACT:
            raise PaymentNotFound(f"there is no transfer {payment_id}", payment_id=str(payment_id))
        return payment

    async def list(self, tenant_id: UUID, *, before: Cursor | None = None, limit: int = 50) -> Sequence[Payment]:
        """Newest first."""
        async with self._database.transaction() as tx:
            return await self._engine.list(tx, tenant_id, acts=[ACT], before=before, limit=limit)

    async def _foresee(
        self, intents: Sequence[Intent], previews: Sequence[Preview | QuanbaoError]
    ) -> Sequence[Foreseen | QuanbaoError | None]:
        """Of those that the chain would take; a native coin does what it says and is not simulated once more."""
        foresight = self._foresight
        if foresight is None:
            return [None] * len(intents)

        async def look(intent: Intent) -> Foreseen | QuanbaoError:
            try:
                return await foresight.look(intent)
            except NodeUnavailable:
                raise
            except QuanbaoError as error:
                return error

        places = [
            place
            for place, (intent, preview) in enumerate(zip(intents, previews, strict=True))
            if not isinstance(preview, QuanbaoError) and not _does_what_it_says(intent)
        ]
        seen = await asyncio.gather(*(look(intents[place]) for place in places))
        found: list[Foreseen | QuanbaoError | None] = [None] * len(intents)
        for place, one in zip(places, seen, strict=True):
            found[place] = one
        return found

    async def _recipient_notices(self, intents: Sequence[Intent]) -> Sequence[tuple[Notice, ...]]:
        if self._recipients is None:
            return [()] * len(intents)
        async with self._database.statements() as tx:
            return await self._recipients.notices(tx, [_paying(intent) for intent in intents])

    async def _own(self, tenant_id: UUID) -> frozenset[AccountId]:
        return frozenset(held.account for held in await self._accounts.list(tenant_id))

    async def _intent(self, draft: TransferDraft, own: frozenset[AccountId]) -> tuple[Intent, ChainAdapter]:
        adapter = self._chains.adapter(draft.sender.chain)
        if draft.sender not in own:
            raise InvalidAddress(
                f"{draft.sender} is not an account of your wallets: choose one of them", address=str(draft.sender)
            )
        recipient = draft.recipient_account()
        asset = await adapter.asset(draft.asset)
        return Intent(draft.sender, Transfer(draft.amount(asset), recipient)), adapter


def _does_what_it_says(intent: Intent) -> bool:
    assert isinstance(intent.action, Transfer)
    return intent.action.amount.asset.id.is_native or intent.chain.family != "eip155"


def _paying(intent: Intent) -> tuple[AccountId, AccountId]:
    assert isinstance(intent.action, Transfer)
    return intent.sender, intent.action.recipient


def _presigning(draft: TransferDraft) -> Presigning | None:
    return Presigning(draft.presign, draft.presign_fee_limit) if draft.presign else None
