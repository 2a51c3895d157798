"""Requests of dApps wait here for the person's word; nothing is signed without it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

from chains.evm.simulation import BalanceChange
from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Chains, Notice, Speed
from persistence.database import Database
from primitives.errors import ChainError, InvalidValue, NotFound, PaymentNotReplaceable, PolicyRefused
from primitives.signing import Signer, SigningRequest, SigningScheme
from wallets.accounts.service import AccountService
from wallets.assets.foresight import Foresight, worse
from wallets.dapps import sql
from wallets.dapps.model import Ask, AskedFor, DappRequest, ProviderCode, ProviderError, Word
from wallets.engine.model import PaymentRequest
from wallets.engine.service import Engine
from wallets.risk.evm import call_findings, document_findings
from wallets.risk.guard import SignatureGuard
from wallets.risk.model import digest_of, notices_of
from wallets.transfers.acceptance import require_accepted
from wallets.transfers.ports import Acceptances, Recipients

ACT_SEND = "dapp.send"
ACT_SIGN = "dapp.sign"
MOST_WAITING = 20
_SCHEMES = {AskedFor.MESSAGE: SigningScheme.EVM_MESSAGE, AskedFor.TYPED_DATA: SigningScheme.EVM_TYPED_DATA}


class DappRequests:
    """Asked by dApps, decided by the person.

    Args:
        acceptances: Where accepted warnings are kept.
        guard: Scores messages and documents before they are signed.
        lifetime: How long a request waits for the person.
        look_every: How often the waiting answer looks for the word.
    """

    def __init__(
        self,
        database: Database,
        engine: Engine,
        chains: Chains,
        accounts: AccountService,
        recipients: Recipients,
        foresight: Foresight | None = None,
        acceptances: Acceptances | None = None,
        guard: SignatureGuard | None = None,
        *,
        lifetime: timedelta = timedelta(minutes=5),
        look_every: timedelta = timedelta(seconds=0.25),
    ) -> None:
        self._database = database
        self._engine = engine
        self._chains = chains
        self._accounts = accounts
        self._recipients = recipients
        self._foresight = foresight
        self._acceptances = acceptances
        self._guard = guard
        self._lifetime = lifetime
        self._look_every = look_every

    async def ask(self, tenant_id: UUID, ask: Ask) -> DappRequest:
        """Store a request, with what a payment would change. An equal one of the session that waits is that one.

        Raises:
            ProviderError: Too many wait.
        """
        ask = replace(ask, changes=await self._changes(ask))
        async with self._database.transaction() as tx:
            request = await sql.insert_request(tx, uuid4(), tenant_id, ask, self._lifetime)
            if len(await sql.waiting(tx, tenant_id, MOST_WAITING + 1)) > MOST_WAITING:
                raise ProviderError(
                    ProviderCode.LIMIT_EXCEEDED, f"{MOST_WAITING} requests wait for the person: decide some first"
                )
        return request

    async def _changes(self, ask: Ask) -> tuple[BalanceChange, ...] | None:
        """What cannot be simulated is asked for all the same: the person is told why when it is to be accepted."""
        if ask.kind is not AskedFor.PAYMENT or self._foresight is None:
            return None
        try:
            return (await self._foresight.look(Intent.from_json(ask.payload))).changes
        except (ChainError, InvalidValue):
            return None

    async def answer(self, tenant_id: UUID, request_id: UUID) -> str:
        """Wait for the word, and then for the signature or the transaction's hash; hex with 0x.

        Raises:
            ProviderError: The person refused or did not say, or the payment failed.
        """
        for _ in range(int(self._lifetime / self._look_every) + 1):
            request = await self.get(tenant_id, request_id)
            if request.word in (Word.REFUSED, Word.EXPIRED):
                raise ProviderError(ProviderCode.REFUSED_BY_PERSON, f"the person has not accepted it: {request.word}")
            if request.signature is not None:
                return "0x" + request.signature.hex()
            if request.payment is not None and request.payment.tx_hash is not None:
                return request.payment.tx_hash
            if request.payment is not None and request.payment.failure is not None:
                failure = request.payment.failure
                raise ProviderError(ProviderCode.REJECTED, failure.message, {"code": failure.code})
            await asyncio.sleep(self._look_every.total_seconds())
        raise ProviderError(
            ProviderCode.INTERNAL, "it is accepted and not signed yet: ask the person", {"request": str(request_id)}
        )

    async def waiting(self, tenant_id: UUID) -> Sequence[DappRequest]:
        """What the person has not decided, oldest first."""
        async with self._database.transaction() as tx:
            return await sql.waiting(tx, tenant_id, MOST_WAITING)

    async def get(self, tenant_id: UUID, request_id: UUID) -> DappRequest:
        """Raises NotFound, also for another person's."""
        async with self._database.transaction() as tx:
            request = await sql.find_request(tx, request_id, tenant_id)
            if request is None:
                raise NotFound(f"there is no request {request_id}")
            if request.payment_id is None:
                return request
            return replace(request, payment=await self._engine.get(tx, tenant_id, request.payment_id))

    async def refuse(self, tenant_id: UUID, request_id: UUID) -> DappRequest:
        """Say no. A request that is decided stays as it is. Raises NotFound."""
        async with self._database.transaction() as tx:
            request = await sql.find_request(tx, request_id, tenant_id, lock=True)
            if request is not None and request.word is Word.PENDING:
                await sql.put_word(tx, request_id, Word.REFUSED)
        return await self.get(tenant_id, request_id)

    async def accept(self, tenant_id: UUID, request_id: UUID, signer: Signer, warnings: frozenset[str]) -> DappRequest:
        """Store the yes, then sign. A request that was refused or has expired stays as it is; one whose signing was
        interrupted is signed by the next call.

        Args:
            warnings: Codes of warnings that the person has read and accepted.

        Raises:
            NotFound
            WarningNotAccepted, InsufficientFunds, TransactionReverted, FeeTooLow: It still waits.
            PolicyRefused: By the owner's rules; a document is then refused for good.
            ApprovalNeeded, PriceUnavailable, PriceStale: It is accepted, and signed by a later call.
            KeystoreLocked, SigningRefused, NodeUnavailable, LaneBusy, LaneHalted, AuditUnavailable
        """
        request = await self.get(tenant_id, request_id)
        notices: Sequence[Notice] = ()
        if request.word is Word.PENDING and request.kind is AskedFor.PAYMENT:
            notices = await self._require_read(request, warnings)
        if request.word is Word.PENDING and request.kind is AskedFor.TYPED_DATA:
            notices = notices_of(document_findings(payload_of(request), int(request.created_at.timestamp())))
            require_accepted(notices, warnings)
        async with self._database.transaction() as tx:
            locked = await sql.find_request(tx, request_id, tenant_id, lock=True)
            if locked is not None and locked.word is Word.PENDING:
                payment_id = None
                if locked.kind is AskedFor.PAYMENT:
                    intent = Intent.from_json(locked.payload)
                    wanted = PaymentRequest(tenant_id, f"dapp:{request_id}", intent, ACT_SEND, signs="person")
                    payment_id = (await self._engine.request(tx, wanted)).id
                    if isinstance(intent.action, Transfer):
                        await self._recipients.remember(tx, [(intent.sender, intent.action.recipient)])
                if self._acceptances is not None and notices:
                    # A signature's act is known by its payload, a payment's by its intent.
                    digest = digest_of(intent) if payment_id else hashlib.sha256(payload_of(locked)).digest()
                    await self._acceptances.accepted(tx, tenant_id, payment_id or request_id, digest, notices, warnings)
                await sql.put_word(tx, request_id, Word.ACCEPTED, payment_id)
        request = await self.get(tenant_id, request_id)
        if request.word is Word.ACCEPTED:
            try:
                await self._carry_out(request, signer)
            except PolicyRefused:
                # The dApp need not wait for what nobody will sign.
                async with self._database.transaction() as tx:
                    await sql.put_word(tx, request_id, Word.REFUSED)
                raise
        return await self.get(tenant_id, request_id)

    async def speed_up(self, tenant_id: UUID, request_id: UUID, signer: Signer, *, speed: Speed) -> DappRequest:
        """A dearer transaction in place of the one that waits; the dApp may have been told the first one's hash.

        Raises:
            NotFound
            PaymentNotReplaceable: It is no payment, nobody has accepted it, or it is included or has ended.
            FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        await self._engine.speed_up(tenant_id, await self._payment_of(tenant_id, request_id), signer, speed=speed)
        return await self.get(tenant_id, request_id)

    async def cancel(self, tenant_id: UUID, request_id: UUID, signer: Signer) -> DappRequest:
        """Make an accepted payment not happen, if the chain has not taken it yet. Raises as `speed_up`."""
        await self._engine.cancel(tenant_id, await self._payment_of(tenant_id, request_id), signer)
        return await self.get(tenant_id, request_id)

    async def _payment_of(self, tenant_id: UUID, request_id: UUID) -> UUID:
        request = await self.get(tenant_id, request_id)
        if request.payment_id is None:
            raise PaymentNotReplaceable(
                f"the request is {request.word} and made no payment: there is nothing to replace",
                status=request.word.value,
            )
        return request.payment_id

    async def _require_read(self, request: DappRequest, warnings: frozenset[str]) -> Sequence[Notice]:
        intent = Intent.from_json(request.payload)
        preview = await self._chains.adapter(intent.chain).preview(intent)
        notices = list(preview.notices)
        if isinstance(intent.action, Transfer):
            async with self._database.transaction() as tx:
                (known,) = await self._recipients.notices(tx, [(intent.sender, intent.action.recipient)])
            notices += known
        if isinstance(intent.action, ContractCall):
            notices += notices_of(call_findings(intent.action))
        if self._foresight is not None:
            foreseen = await self._foresight.look(intent)
            notices += [*foreseen.notices, *worse(request.changes, foreseen.changes)]
        require_accepted(notices, warnings)
        return notices

    async def _carry_out(self, request: DappRequest, signer: Signer) -> None:
        if request.payment_id is not None:
            await self._engine.authorise(request.payment_id, signer)
        elif request.signature is None:
            account = await self._accounts.find(request.tenant_id, request.account)
            asked = SigningRequest(
                key=account.key_id,
                scheme=_SCHEMES[request.kind],
                payload=payload_of(request),
                chain=request.account.chain,
                act=ACT_SIGN,
            )
            if self._guard is None:
                raw = (await signer.sign(asked)).raw
            else:
                async with self._guard.signing(
                    request.tenant_id, request.account, request.id, asked.scheme, asked.payload
                ):
                    raw = (await signer.sign(asked)).raw
            async with self._database.transaction() as tx:
                await sql.put_signature(tx, request.id, raw[:64] + bytes([27 + raw[64]]))


def payload_of(request: DappRequest | Ask) -> bytes:
    """What a message's or a document's signature is over, as the keystore reads it."""
    if request.kind is AskedFor.MESSAGE:
        return bytes.fromhex(request.payload["hex"])
    return str(request.payload["document"]).encode()
