"""Words that payments wait for: the payer's second factor, and the approvals of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from people.events import publish_many
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext
from primitives.errors import ApprovalRefused, NotPermitted, PaymentNotFound
from wallets.engine import sql as payments
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.service import Engine
from wallets.policy.approving import sql
from wallets.policy.commitment import hash_of
from wallets.policy.facts import payload_hash
from wallets.policy.gate import EXPIRES
from wallets.policy.model import ApprovalRequest
from wallets.policy.ports import SecondFactorCheck
from wallets.policy.sql import moment

GIVEN = "approval.given"


@dataclass(frozen=True, slots=True)
class Heard:
    """What a word was about, by its id, and where that stands: of what is no payment, `awaiting_signature` says that
    nothing is missing any more."""

    id: UUID
    status: PaymentStatus


class Approvals:
    """Takes words and hands the payment back to whoever signs it."""

    def __init__(self, database: Database, engine: Engine, second_factor: SecondFactorCheck) -> None:
        self._database = database
        self._engine = engine
        self._second_factor = second_factor

    async def waiting(
        self, person_id: UUID, tenants: Collection[UUID]
    ) -> Sequence[tuple[ApprovalRequest, Payment | None]]:
        """What waits for this person's word, and what waits of the tenants' own, oldest first; without a payment where
        it is a commitment."""
        async with self._database.transaction() as tx:
            requests = await sql.requests_for(tx, person_id, tenants)
            ids = [one.payment_id for one in requests if one.commitment is None]
            found = {one.id: one for one in await payments.payments_by_ids(tx, ids)} if ids else {}
        return [(one, found.get(one.payment_id)) for one in requests]

    async def agree(
        self, person_id: UUID, tenants: Collection[UUID], payment_id: UUID, digest: bytes, code: str | None
    ) -> Heard:
        """Say yes to exactly one payload. The payer's word proves a second factor and approves nothing.

        Args:
            tenants: Whose payments are the person's own: the person, and organisations where they are owner or manager.
            digest: 32 bytes: the payload hash that the person was shown.

        Returns:
            Where it stands: to be signed when nothing is missing any more, else as it waits.

        Raises:
            PaymentNotFound: No such payment waits for this person's word.
            ApprovalRefused: `reason` is `not_waiting`, `expired`, `payload_changed`, `own_payment` or `not_approver`.
            NotPermitted: `second_factor`: a code is needed, or an authenticator must be set up first.
            LoginFailed, TooManyAttempts: The code.
        """
        async with self._database.transaction() as tx:
            *_, kind = await self._open(tx, person_id, tenants, payment_id, digest)
        await self._prove(person_id, code, needed=kind == "second_factor")
        async with self._database.transaction() as tx:
            await sql.lock_request(tx, payment_id)
            request, payment, kind = await self._open(tx, person_id, tenants, payment_id, digest)
            await sql.put_word(tx, payment_id, person_id, kind, digest)
            complete = await self._complete(tx, request, payment, digest)
            if complete and payment is not None:
                await self._engine.approved(tx, payment)
            await publish_many(tx, [(request.tenant_id, GIVEN, {"payment_id": str(payment_id), "word": kind})])
        fault_point("approval.given")
        if payment is None:
            waits = PaymentStatus.AWAITING_SIGNATURE if complete else PaymentStatus.AWAITING_APPROVAL
            return Heard(payment_id, waits)
        return await self._heard(payment_id)

    async def refuse(self, person_id: UUID, tenants: Collection[UUID], payment_id: UUID, digest: bytes) -> Heard:
        """Say no: a payment ends as failed and is never signed; a commitment may be asked for anew, and is then asked
        about from the beginning. Raises PaymentNotFound, ApprovalRefused."""
        async with self._database.transaction() as tx:
            await self._open(tx, person_id, tenants, payment_id, digest, to_refuse=True)
            await sql.lock_request(tx, payment_id)
            _, payment, _ = await self._open(tx, person_id, tenants, payment_id, digest, to_refuse=True)
            if payment is None:
                await sql.forget_words(tx, payment_id)
                await sql.end_request(tx, payment_id)
            else:
                await self._engine.refuse(tx, payment, ApprovalRefused("an approver has refused it", reason="refused"))
        fault_point("approval.refused")
        return Heard(payment_id, PaymentStatus.FAILED) if payment is None else await self._heard(payment_id)

    async def _heard(self, payment_id: UUID) -> Heard:
        async with self._database.statements() as tx:
            return Heard(payment_id, (await payments.payment_by_id(tx, payment_id)).status)

    def handlers(self) -> Mapping[str, Handler]:
        """The worker's part."""
        return {EXPIRES: self._expire}

    async def _expire(self, context: JobContext) -> Again | None:
        """A payment that nobody approved in time ends unsigned."""
        payment_id = UUID(context.job.payload["payment_id"])
        async with context.transaction() as tx:
            await payments.lock_payment(tx, payment_id)
            request, now = await sql.request_of(tx, payment_id), await moment(tx)
            payment = await payments.payment_by_id(tx, payment_id)
            if request is None or payment.status is not PaymentStatus.AWAITING_APPROVAL:
                return None
            if request.expires_at > now:
                return Again(request.expires_at - now + timedelta(milliseconds=1))
            error = ApprovalRefused("nobody approved it in time: ask again", reason="expired")
            await self._engine.refuse(tx, payment, error)
        fault_point("approval.expired")
        return None

    async def _open(
        self,
        tx: Transaction,
        person_id: UUID,
        tenants: Collection[UUID],
        payment_id: UUID,
        digest: bytes,
        *,
        to_refuse: bool = False,
    ) -> tuple[ApprovalRequest, Payment | None, sql.WordKind]:
        """What waits, its payment if it is one, and what this person's word is to it."""
        request = await sql.request_of(tx, payment_id)
        own = request is not None and request.tenant_id in tenants
        if request is None or not (own or person_id in request.approvers):
            raise PaymentNotFound(f"no payment {payment_id} waits for your word", payment_id=str(payment_id))
        payment = await payments.payment_by_id(tx, payment_id) if request.commitment is None else None
        if payment is not None and payment.status is not PaymentStatus.AWAITING_APPROVAL:
            raise ApprovalRefused(f"the payment is {payment.status}: nothing waits any more", reason="not_waiting")
        if request.expires_at <= await moment(tx):
            raise ApprovalRefused("it was not approved in time: ask again", reason="expired")
        now = hash_of(request.commitment or {}) if payment is None else payload_hash(payment)
        if not digest == request.payload_hash == now:
            raise ApprovalRefused("this is not the payment that was shown: look at it again", reason="payload_changed")
        asked_by = None if payment is None else payment.asked_by
        if person_id in request.approvers and person_id not in (request.tenant_id, asked_by):
            if person_id not in await sql.standing_approvers(tx, request.tenant_id, {person_id}):
                raise ApprovalRefused("you may not approve for this owner any more", reason="not_approver")
            # Whoever may prove an organisation's second factor does so where nobody's approval is missing.
            alone = own and request.needs_proof and not any(one["kind"] == "approval" for one in request.needs)
            return request, payment, "second_factor" if alone else "approval"
        if to_refuse:
            return request, payment, "second_factor"
        if not request.needs_proof:
            raise ApprovalRefused("nobody approves a payment of their own", reason="own_payment")
        return request, payment, "second_factor"

    async def _prove(self, person_id: UUID, code: str | None, *, needed: bool) -> None:
        """Who has an authenticator always shows its code; who has none may approve, but proves nothing by it."""
        has_one = await self._second_factor.asked_for(person_id)
        if has_one and code is not None:
            await self._second_factor.require(person_id, code)
        elif has_one:
            raise NotPermitted("this needs a code of your authenticator, or a recovery code", rule="second_factor")
        elif needed:
            raise NotPermitted("set up an authenticator first: this needs a second factor", rule="second_factor")

    async def _complete(
        self, tx: Transaction, request: ApprovalRequest, payment: Payment | None, digest: bytes
    ) -> bool:
        """Whether nothing that was missing when it was asked is missing now. The gate asks everything once more."""
        approvals, proved_at = await sql.words_of(tx, request.payment_id, request.tenant_id, digest)
        asked_by = None if payment is None else payment.asked_by
        have = {word.person_id for word in approvals} - {request.tenant_id, asked_by}
        for need in request.needs:
            if need["kind"] == "approval":
                listed = {UUID(person) for person in need["facts"]["approvers"]}
                if len(have & listed) < int(need["facts"]["needed"]):
                    return False
            elif proved_at is None:
                return False
        return True
