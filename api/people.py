"""The services of people, joined: part of the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog

from api.services import Services
from api.settings import Settings
from api.wallet_views import kept_by_persons
from keystore.erasure.sql import forget_person as forget_in_keystore
from keystore.service import Keystore
from people.api_keys.service import ApiKeys
from people.consents.service import Consents
from people.identity.service import Identity
from people.invitations.service import Invitations
from people.kdf import PasswordKdf
from people.login_links import LoginLinks
from people.mail.sender import MailSender, SmtpSender
from people.mail.service import Mailboxes
from people.notifications.sql import followed_by, preferences_of
from people.notifications.sql import forget_person as forget_in_notifications
from people.organisations.service import Organisations
from people.passkeys.service import Passkeys, RelyingParty
from people.persons.registration import Registration
from people.persons.service import Persons
from people.privacy.erasure import Erasure
from people.privacy.export import PersonExport
from people.privacy.journal import ErasureJournal
from people.privacy.key_files import ErasureKeys
from people.privacy.loss import give_up, require_keys
from people.privacy.personal_data import PersonalData
from people.privacy.retention import Retention
from people.sessions.service import Sessions
from people.support.model import Side
from people.support.service import Cases
from people.support.sql import forget_person as forget_in_cases
from people.wallet_login.service import WalletLogin
from persistence.database import Database
from persistence.jobs import Handler
from persistence.words import forget_words, seal_older_words
from vouchers.erasure.sql import words_of as words_in_vouchers
from wallets.accounts.service import AccountService
from wallets.erasure.sql import forget_person as forget_in_wallets
from wallets.erasure.sql import words_of as words_in_wallets
from wallets.policy.sql import forget_person as forget_in_policy

ERASERS = (
    forget_in_keystore,
    forget_in_wallets,
    forget_in_policy,
    forget_in_notifications,
    forget_in_cases,
    forget_words,
)
"""What each part removes of a person. A part that keeps personal data of its own adds its eraser here."""


log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class People:
    """What the composition root needs of people."""

    keys: ErasureKeys
    data: PersonalData
    persons: Persons
    registration: Registration
    sessions: Sessions
    organisations: Organisations
    login_links: LoginLinks
    api_keys: ApiKeys
    passkeys: Passkeys
    wallet_login: WalletLogin
    mailboxes: Mailboxes
    invitations: Invitations
    consents: Consents
    identity: Identity
    erasure: Erasure
    export: PersonExport
    retention: Retention
    sender: MailSender | None
    cases: Cases

    def handlers(self) -> Mapping[str, Handler]:
        """Of their durable work."""
        return {
            **self.registration.handlers(),
            **self.mailboxes.handlers(),
            **self.invitations.handlers(),
            **self.retention.handlers(),
        }

    def fill(self, services: Services) -> None:
        """Put each where the routes find it."""
        services.persons = self.persons
        services.registration = self.registration
        services.sessions = self.sessions
        services.organisations = self.organisations
        services.login_links = self.login_links
        services.api_keys = self.api_keys
        services.passkeys = self.passkeys
        services.wallet_login = self.wallet_login
        services.mailboxes = self.mailboxes
        services.invitations = self.invitations
        services.consents = self.consents
        services.identity = self.identity
        services.erasure = self.erasure
        services.person_export = self.export
        services.cases = self.cases

    async def begin(self, database: Database) -> None:
        """Erase again whom a restored backup brought back, and seal what an older version left plain: before anybody
        is served.

        Raises:
            OperationError: The folder of erasure keys is not this database's, or its journal cannot be read.
        """
        await self.erasure.replay()
        await require_keys(database, self.data, self.keys)
        if (accepted := self.keys.loss_accepted) is not None:
            await give_up(database, self.data, accepted)
        await self.erasure.complete_journal()
        await self.persons.seal_older()
        await self.organisations.begin_keys()
        await seal_older_words(database)
        async with database.transaction() as tx:
            await self.retention.begin(tx)


async def replay_erasures(settings: Settings, database: Database) -> int:
    """Erase again whom a restored backup brought back; how many. Every start does it too, before it serves anybody.

    Raises:
        OperationError: The journal cannot be read.
    """
    journal = ErasureJournal(erasure_folder(settings) / "journal.jsonl")
    return await Erasure(database, personal_data(settings), journal, ERASERS).replay()


def personal_data(settings: Settings) -> PersonalData:
    """Over the folder of erasure keys. Raises OperationError: it cannot be used, or others can look into it."""
    return PersonalData(_checked_keys(settings))


def _checked_keys(settings: Settings) -> ErasureKeys:
    keys = ErasureKeys(erasure_folder(settings))
    keys.check()
    return keys


def erasure_folder(settings: Settings) -> Path:
    """Where erasure keys and journal are."""
    assert settings.erasure_dir is not None
    return settings.erasure_dir


def relying_party(settings: Settings) -> RelyingParty:
    """Whom passkeys and signed messages are for: the page's own host name."""
    url = settings.page_url
    origins = [url]
    if settings.loopback and settings.public_url is None:
        origins.append(url.replace("//localhost:", "//127.0.0.1:"))
    return RelyingParty(urlsplit(url).hostname or "localhost", origins)


def join_people(settings: Settings, database: Database, keystore: Keystore, accounts: AccountService) -> People:
    """Build every service of people once."""
    keys = _checked_keys(settings)
    data = PersonalData(keys)
    server = settings.smtp
    sender = None if server is None else SmtpSender(server)
    kdf, party = PasswordKdf(), relying_party(settings)
    persons = Persons(database, kdf, data)
    sessions = Sessions(database, kdf, data)
    organisations = Organisations(database, data)
    api_keys, passkeys = ApiKeys(database, data, sessions), Passkeys(database, data, party)
    wallet_login, identity = WalletLogin(database, data, persons, party), Identity(database, data)
    journal = ErasureJournal(erasure_folder(settings) / "journal.jsonl")

    async def wallets_of(person_id: UUID) -> Any:
        return [
            {"id": wallet.id, "label": wallet.label, "kind": wallet.kind.value, "created_at": wallet.created_at}
            for wallet in await keystore.wallets(person_id)
        ]

    cases = Cases(database, data)

    async def cases_of(person_id: UUID) -> Any:
        found = []
        for case in await cases.list(person_id=person_id, limit=1000):
            _, said = await cases.get(case.id, Side.HOLDER, person_id)
            found.append(
                {
                    "reference": case.reference,
                    "title": case.title,
                    "status": case.status.value,
                    "opened_at": case.opened_at,
                    "messages": [{"at": each.at, "side": each.side.value, "text": each.text} for each in said],
                }
            )
        return found

    async def words(person_id: UUID) -> Any:
        async with database.transaction() as tx:
            return {**await words_in_wallets(tx, person_id), "disputes": await words_in_vouchers(tx, person_id)}

    async def notices_of(person_id: UUID) -> Any:
        async with database.transaction() as tx:
            chosen = await preferences_of(tx, person_id)
            followed = await followed_by(tx, person_id)
        return {
            "language": chosen.language,
            "zone": chosen.zone,
            "mail": sorted(chosen.mail),
            "muted": sorted(chosen.muted),
            "following": [{"organisation_id": one, "since": since} for one, _, since in followed],
        }

    async def accounts_of(person_id: UUID) -> Any:
        return [{"account": str(one.account), "label": one.label} for one in await accounts.list(person_id)]

    return People(
        keys=keys,
        data=data,
        persons=persons,
        registration=Registration(database, kdf, data, by_mail=settings.registers_by_mail, mails=sender is not None),
        sessions=sessions,
        organisations=organisations,
        login_links=LoginLinks(database, sessions),
        api_keys=api_keys,
        passkeys=passkeys,
        wallet_login=wallet_login,
        mailboxes=Mailboxes(database, data, sender, settings.page_url),
        invitations=Invitations(database, data, sender, settings.page_url),
        consents=Consents(database),
        identity=identity,
        erasure=Erasure(database, data, journal, ERASERS),
        export=PersonExport(
            database,
            persons,
            sessions,
            organisations,
            api_keys,
            passkeys,
            wallet_login,
            identity,
            {
                "wallets": wallets_of,
                "accounts": accounts_of,
                **kept_by_persons(database),
                "cases": cases_of,
                "words": words,
                "notifications": notices_of,
            },
        ),
        retention=Retention(database, data),
        sender=sender,
        cases=cases,
    )
