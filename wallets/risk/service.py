"""Every payment and signature of a person is scored before it is signed; alerts, and what their owner says of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog

from chains.intent import Intent, Transfer
from chains.ports import Notice
from people.events import publish, publish_many
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, NotFound, RiskRefused, SecondFactorRequired
from primitives.signing import SigningScheme
from wallets.assets import sql as assets
from wallets.assets.lookalike import DIGITS
from wallets.engine.model import Payment
from wallets.risk import sql
from wallets.risk.behaviour import OF_A_BURST, WINDOW, History, burst_of
from wallets.risk.history.along import Along
from wallets.risk.history.sql import Known, Question, known
from wallets.risk.model import (
    Alert,
    Assessment,
    NewAlert,
    Override,
    Source,
    Verdict,
    digest_of,
)
from wallets.risk.ports import Act, Devices, Freezer, SecondFactors
from wallets.risk.scoring import intent_findings, payload_findings, rules_of_notices

log = structlog.get_logger()

OVERRIDE_LASTS = timedelta(hours=24)
_MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class Scored:
    """A payment, what the rules found, and by which digest it is known."""

    payment: Payment
    digest: bytes
    assessment: Assessment


class RiskService:
    """Scores, alerts and overrides.

    Args:
        devices: None where sessions are no part of this installation.
    """

    def __init__(
        self,
        database: Database,
        freezer: Freezer,
        devices: Devices | None = None,
        second_factors: SecondFactors | None = None,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._freezer = freezer
        self._devices = devices
        self._second_factors = second_factors
        self._clock = clock or SystemClock()

    async def score(self, tx: Transaction, payments: Sequence[Payment]) -> Sequence[Scored]:
        """What the rules find in payments that are about to be signed, in their order: each counts for those behind it.
        Writes nothing."""
        now = self._clock.now()
        digests = [digest_of(payment.intent) for payment in payments]
        known, paid = await _known(tx, payments, digests)
        acts = [(one.tenant_id, str(one.id), digest) for one, digest in zip(payments, digests, strict=True)]
        spoken_of = any(told.spoken_of for told in known)
        said = await sql.said_of(tx, acts, now) if spoken_of else dict.fromkeys(acts, sql.NOTHING_SAID)
        devices: Mapping[UUID, datetime] | None = None
        scored, along = [], Along()
        for payment, told, digest, act in zip(payments, known, digests, acts, strict=True):
            recipient = _recipient(payment.intent)
            alike = () if recipient is None else paid.get((payment.sender, _head(recipient)), ())
            history = along.history(payment, told, [one for one in alike if one != recipient])
            found = intent_findings(payment.intent, history, now)
            if found or said[act].findings:
                # A new device alone says nothing, so they are looked up only where something else does.
                if devices is None:
                    devices = await self._new_devices(tx, {one.tenant_id for one in payments})
                since = devices.get(payment.tenant_id)
                if since is not None:
                    found = intent_findings(payment.intent, replace(history, new_device_at=since), now)
            assessment = Assessment.of((*said[act].findings, *found), said[act].overridden)
            along.add(payment, told, assessment)
            scored.append(Scored(payment, digest, assessment))
        return scored

    async def settle(self, tx: Transaction, scored: Sequence[Scored]) -> list[RiskRefused | None]:
        """Store what was decided, tell the owners, freeze where it must be; what each payment is refused for."""
        await sql.put_decisions(
            tx,
            [
                sql.Decision(
                    one.payment.id,
                    one.payment.tenant_id,
                    Source.PAYMENT,
                    one.assessment.score,
                    one.assessment.verdict,
                    one.assessment.findings,
                )
                for one in scored
                if one.assessment.findings
            ],
        )
        now = self._clock.now()
        answers = await self._conclude(
            tx,
            [
                NewAlert(
                    one.payment.tenant_id,
                    Source.PAYMENT,
                    _subject(one, now),
                    one.digest,
                    one.assessment,
                    one.payment.sender,
                )
                for one in scored
            ],
        )
        paid: dict[tuple[str, str], list[int]] = {}
        for one in scored:
            action = one.payment.intent.action
            if isinstance(action, Transfer) and not one.assessment.verdict.stops:
                habit = (str(one.payment.sender), str(action.amount.asset.id))
                paid.setdefault(habit, []).append(action.amount.base_units)
        await sql.add_habits(tx, paid)
        return answers

    async def conclude(self, tx: Transaction, alert: NewAlert) -> RiskRefused | None:
        """Alert and freeze in the caller's transaction as the score says; what the act is refused for.

        A freeze waits for signatures that have begun, so the caller must hold no `enter_signing` of the tenant.
        """
        (answer,) = await self._conclude(tx, [alert])
        return answer

    async def _conclude(self, tx: Transaction, found: Sequence[NewAlert]) -> list[RiskRefused | None]:
        raised = [alert for alert in found if alert.assessment.verdict is not Verdict.PASSED]
        ids = iter(await self._raise_alerts(tx, raised))
        frozen: set[tuple[UUID, AccountId | None]] = set()
        answers: list[RiskRefused | None] = []
        for alert in found:
            assessment = alert.assessment
            alert_id = None if assessment.verdict is Verdict.PASSED else next(ids)
            if alert_id is None or not assessment.verdict.stops:
                answers.append(None)
                continue
            if assessment.verdict is Verdict.FROZEN and (alert.tenant_id, alert.account) not in frozen:
                frozen.add((alert.tenant_id, alert.account))
                reason = f"score {assessment.score}: {', '.join(assessment.rules)}"
                await self._freezer.freeze_in(tx, alert.tenant_id, alert.account, reason=reason, alert_id=alert_id)
            answers.append(_refusal(alert, alert_id))
        return answers

    async def raise_alert(self, tx: Transaction, alert: NewAlert) -> UUID:
        """Store an alert and tell its owner, once for each subject unless it has become weightier; its id."""
        (alert_id,) = await self._raise_alerts(tx, [alert])
        return alert_id

    async def _raise_alerts(self, tx: Transaction, alerts: Sequence[NewAlert]) -> list[UUID]:
        weightiest: dict[tuple[UUID, Source, str], NewAlert] = {}
        for alert in alerts:
            known = weightiest.setdefault(alert.key, alert)
            if known.assessment.score < alert.assessment.score:
                weightiest[alert.key] = replace(known, assessment=alert.assessment)
        # Each with a moment of its own: lists show them in their order.
        new = [(uuid4(), alert, self._clock.now()) for alert in weightiest.values()]
        stored = dict(zip(weightiest, await sql.put_alerts(tx, new), strict=True))
        told = []
        for key, (alert_id, fresh) in stored.items():
            alert = weightiest[key]
            if fresh:
                score, verdict = alert.assessment.score, alert.verdict.value
                log.warning("risk_alert", alert=str(alert_id), score=score, rules=alert.assessment.rules)
                data = {"alert_id": str(alert_id), "score": score, "verdict": verdict}
                told.append((alert.tenant_id, "alert.raised", data))
        await publish_many(tx, told)
        return [stored[alert.key][0] for alert in alerts]

    async def look_at_payload(
        self,
        tx: Transaction,
        tenant_id: UUID,
        account: AccountId,
        request_id: UUID,
        digest: bytes,
        scheme: SigningScheme,
        payload: bytes,
    ) -> RiskRefused | None:
        """Score bytes that are signed without being a payment; as `conclude`.

        Args:
            request_id: What they were asked for by.
            digest: 32 bytes SHA-256 of the payload, by which an override finds it.

        Raises:
            InvalidValue: They cannot be read.
        """
        now = self._clock.now()
        act = (tenant_id, str(request_id), digest)
        said = (await sql.said_of(tx, [act], now))[act]
        found = payload_findings(scheme, payload, {account.address}, History(), now)
        if found:
            history = History(new_device_at=(await self._new_devices(tx, {tenant_id})).get(tenant_id))
            found = payload_findings(scheme, payload, {account.address}, history, now)
        assessment = Assessment.of((*said.findings, *found), said.overridden)
        if assessment.findings:
            decided = sql.Decision(
                request_id, tenant_id, Source.SIGNATURE, assessment.score, assessment.verdict, assessment.findings
            )
            await sql.put_decisions(tx, [decided])
        return await self.conclude(
            tx, NewAlert(tenant_id, Source.SIGNATURE, str(request_id), digest, assessment, account)
        )

    async def accepted(
        self,
        tx: Transaction,
        tenant_id: UUID,
        subject: UUID,
        digest: bytes,
        notices: Sequence[Notice],
        codes: Collection[str],
    ) -> None:
        """The person has accepted warnings by their codes: kept with who and when, and weighed at the signature.

        Args:
            subject: The payment or request that is about to be signed.
        """
        taken = [one for one in notices if one.code in codes]
        if not taken:
            return
        findings = rules_of_notices(taken)
        override = Override(
            id=uuid4(),
            tenant_id=tenant_id,
            rules=tuple(one.rule for one in findings),
            by=tenant_id,
            how="accepted",
            reason=None,
            subject=str(subject),
            created_at=self._clock.now(),
            expires_at=None,
        )
        await sql.add_override(tx, override, digest, findings, None)

    async def list(
        self,
        tenants: Collection[UUID],
        *,
        unread: bool = False,
        before: tuple[datetime, UUID] | None = None,
        limit: int = 50,
    ) -> Sequence[Alert]:
        """Newest first."""
        async with self._database.statements() as tx:
            return await sql.alerts_of(tx, tenants, unread=unread, before=before, limit=limit)

    async def get(self, tenants: Collection[UUID], alert_id: UUID) -> Alert:
        """Raises NotFound, also for somebody else's."""
        async with self._database.statements() as tx:
            return await _own(tx, tenants, alert_id)

    async def acknowledge(self, tenants: Collection[UUID], alert_id: UUID, by: UUID) -> Alert:
        """Somebody has read it. Raises NotFound."""
        async with self._database.transaction() as tx:
            await _own(tx, tenants, alert_id)
            await sql.acknowledge(tx, alert_id, by, self._clock.now())
            return await _own(tx, tenants, alert_id)

    async def override(
        self, tenants: Collection[UUID], alert_id: UUID, by: UUID, reason: str, code: str | None = None
    ) -> Alert:
        """What the rules found is all right: for a day they do not stop an equal act. A freeze stays.

        Args:
            code: Of the second factor, for whoever uses one.

        Raises:
            NotFound
            InvalidValue: No reason, or one longer than 500 characters.
            SecondFactorRequired, LoginFailed, TooManyAttempts
        """
        told = reason.strip()
        if not told or len(told) > _MAX_REASON:
            raise InvalidValue(f"say why, in 1 to {_MAX_REASON} characters")
        await self.get(tenants, alert_id)
        if self._second_factors is not None and await self._second_factors.asked_for(by):
            if code is None:
                raise SecondFactorRequired("overriding needs the code of your authenticator", methods=["totp"])
            await self._second_factors.require(by, code)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            alert = await _own(tx, tenants, alert_id)
            override = Override(
                id=uuid4(),
                tenant_id=alert.tenant_id,
                rules=tuple(one.rule for one in alert.findings),
                by=by,
                how="overridden",
                reason=told,
                subject=alert.subject,
                created_at=now,
                expires_at=now + OVERRIDE_LASTS,
            )
            await sql.add_override(tx, override, alert.digest, alert.findings, alert.id)
            await sql.acknowledge(tx, alert_id, by, now)
            await publish(tx, alert.tenant_id, "alert.overridden", {"alert_id": str(alert_id), "by": str(by)})
            return await _own(tx, tenants, alert_id)

    async def decision(self, tenants: Collection[UUID], subject: UUID) -> sql.Decision:
        """How a payment or signature was scored. Raises NotFound: no rule held for it."""
        async with self._database.statements() as tx:
            found = await sql.decision_of(tx, tenants, subject)
        if found is None:
            raise NotFound("no rule held for it")
        return found

    async def assess(self, tx: Transaction, facts: Act) -> sql.Decision:
        """How a payment was scored (`wallets.policy.ports.RiskAssessor`): the gate before the owner's rules has stored
        it in the same transaction; one that no rule held for, or that no person signs, scores nothing."""
        found = await sql.decision_of(tx, [facts.tenant_id], facts.payment_id)
        return found or sql.Decision(facts.payment_id, facts.tenant_id, Source.PAYMENT, 0, Verdict.PASSED, ())

    async def _new_devices(self, tx: Transaction, persons: Collection[UUID]) -> Mapping[UUID, datetime]:
        return {} if self._devices is None else await self._devices.new_since(tx, persons)


async def _known(
    tx: Transaction, payments: Sequence[Payment], digests: Sequence[bytes]
) -> tuple[Sequence[Known], Mapping[tuple[AccountId, bytes], Sequence[AccountId]]]:
    """What the tables tell of each, and whom each account has paid of those that could be mistaken for a stranger, by
    how they begin: a commit to many strangers compares each with few."""
    questions = []
    for payment, digest in zip(payments, digests, strict=True):
        action = payment.intent.action
        transfer = action if isinstance(action, Transfer) else None
        questions.append(
            Question(
                payment.id,
                payment.tenant_id,
                payment.sender,
                payment.created_at,
                None if transfer is None else transfer.recipient.raw,
                None if transfer is None else str(transfer.amount.asset.id),
                digest,
            )
        )
    told = await known(tx, questions, WINDOW)
    strangers = {
        (payment.sender, recipient)
        for payment, one in zip(payments, told, strict=True)
        if (recipient := _recipient(payment.intent)) is not None and not one.paid_before
    }
    alike: dict[tuple[AccountId, bytes], list[AccountId]] = {}
    for account, paid in (await assets.paid_alike(tx, strangers) if strangers else {}).items():
        for one in paid:
            alike.setdefault((account, _head(one)), []).append(one)
    return told, alike


def _head(account: AccountId) -> bytes:
    """What addresses that are mistaken for each other have in common; nothing where their text need not show it."""
    return account.raw[: DIGITS // 2] if account.chain.family == "eip155" else b""


def _recipient(intent: Intent) -> AccountId | None:
    return intent.action.recipient if isinstance(intent.action, Transfer) else None


def _subject(scored: Scored, now: datetime) -> str:
    """Of what its owner is told: the payment, or the burst that it is one of, where nothing else speaks against it."""
    if scored.assessment.verdict is Verdict.ALERT and OF_A_BURST.issuperset(scored.assessment.rules):
        return burst_of(scored.payment.sender, now)
    return str(scored.payment.id)


def _refusal(alert: NewAlert, alert_id: UUID) -> RiskRefused:
    assessment = alert.assessment
    messages = "; ".join(one.message for one in assessment.findings if one.rule not in assessment.overridden)
    return RiskRefused(
        f"{messages}. It was not signed: read the alert, and override it with a reason if it is right",
        alert=str(alert_id),
        score=assessment.score,
        rules=list(assessment.rules),
        frozen=assessment.verdict is Verdict.FROZEN,
    )


async def _own(tx: Transaction, tenants: Collection[UUID], alert_id: UUID) -> Alert:
    found = await sql.alert_by_id(tx, tenants, alert_id)
    if found is None:
        raise NotFound("no such alert")
    return found
