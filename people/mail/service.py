"""Prove that a person reads a mailbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from people.mail import sql, texts
from people.mail.sender import MailSender
from people.persons.profile import open_profile
from people.persons.sql import begin_account, email_index_of, mark_email_verified, person_by_id
from people.privacy.personal_data import PersonalData
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext
from primitives.clock import Clock, SystemClock
from primitives.errors import InvalidValue, MissingPart, OneTimeUsed, PersonErased, TooManyAttempts

log = structlog.get_logger()

_KIND = "email.verify"
_MOST_AN_HOUR = 5


class Mailboxes:
    """Asks for verification mails, sends them, and takes their answers.

    Args:
        sender: None where no mail server is configured: nothing can be verified then.
        public_url: Where the page is reached; links in mails begin with it.
    """

    def __init__(
        self,
        database: Database,
        data: PersonalData,
        sender: MailSender | None,
        public_url: str,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._data = data
        self._sender = sender
        self._public_url = public_url.rstrip("/")
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {sql.VERIFY_MAIL: self._send_verification}

    async def ask(self, person_id: UUID) -> None:
        """Send the mail (again).

        Raises:
            MissingPart: No mail server is configured.
            InvalidValue: The person has no address.
            TooManyAttempts: Five within the hour.
        """
        if self._sender is None:
            raise MissingPart(
                "no mail server is configured: the operator sets QUANBAO_SMTP_HOST", mend="QUANBAO_SMTP_HOST"
            )
        now = self._clock.now()
        async with self._database.transaction() as tx:
            row = await person_by_id(tx, person_id, lock=True)
            index = await email_index_of(tx, person_id)
            if row is None or index is None:
                raise InvalidValue("you have given no e-mail address")
            if await sql.proofs_since(tx, person_id, now - timedelta(hours=1)) >= _MOST_AN_HOUR:
                raise TooManyAttempts("enough mails for now: wait an hour", retry_after_seconds=3600)
            await sql.ask_to_verify(tx, person_id, index, now)

    async def verify(self, token: str) -> UUID:
        """The mailbox is the person's; whose it is.

        Raises:
            OneTimeUsed: Forged, used, expired, or of an address that is no longer the person's.
        """
        proof_id = self._data.subject_of(_KIND, token)
        now = self._clock.now()
        async with self._database.transaction() as tx:
            proof = None if proof_id is None else await sql.use_proof(tx, proof_id, now)
            if proof is None or not await self._proved(tx, proof, now):
                raise OneTimeUsed("this code was used or has expired: ask for a new mail")
        return proof.person_id

    @staticmethod
    async def _proved(tx: Transaction, proof: sql.EmailProof, now: datetime) -> bool:
        """An account that waits for its mailbox begins with what the proof's own registration chose."""
        if proof.wanted is None:
            return await mark_email_verified(tx, proof.person_id, proof.email_index, now)
        chosen = proof.wanted
        return await begin_account(tx, proof.person_id, proof.email_index, chosen.profile, chosen.password_hash, now)

    async def _send_verification(self, context: JobContext) -> Again | None:
        proof_id = UUID(context.job.payload["proof_id"])
        if (unused := context.job.payload.get("unused")) is not None:
            await self._data.destroy(UUID(unused))
        async with context.transaction() as tx:
            proof = await sql.proof_by_id(tx, proof_id)
            row = None if proof is None else await person_by_id(tx, proof.person_id)
        if proof is None or row is None or self._sender is None or proof.expires_at <= self._clock.now():
            return None
        try:
            profile = open_profile(self._data, row.id, row.profile)
        except PersonErased:
            return None
        if profile.email is None:
            return None
        if proof.wanted is not None and row.has_password:
            await self._sender.send(texts.registered_already(profile.email, self._public_url))
            log.info("mail_sent", kind="registered_already", mail=str(proof_id))
            return None
        token = self._data.token(_KIND, proof_id)
        await self._sender.send(texts.verification(profile.email, token, f"{self._public_url}/verify#{token}"))
        log.info("mail_sent", kind="verification", mail=str(proof_id))
        return None
