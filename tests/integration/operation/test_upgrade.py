"""From the oldest schema that was ever committed, with things in it, to the newest: nothing is lost, and it is read."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from argon2 import PasswordHasher
from sqlalchemy import Connection, text

from keystore.model import WalletKind
from keystore.sql import wallets_of
from people.kdf import PasswordKdf
from people.organisations.service import Organisations
from people.persons.service import Persons
from people.privacy.key_files import ErasureKeys
from people.privacy.personal_data import PersonalData
from people.roles import MemberRole
from people.sessions.service import Sessions
from persistence.database import Database, Transaction
from persistence.jobs import pending_jobs
from persistence.migrate import _config, migrate
from persistence.words import seal_older_words
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from wallets.accounts.sql import accounts_of, keys_for
from wallets.activity.sql import all_notes
from wallets.address_book.service import AddressBook
from wallets.engine.sql import payment_table
from wallets.freeze.sql import lasting_of
from wallets.spending.model import Budget
from wallets.spending.sql import budgets_of

CHAIN, ADDRESS = "eip155:31337", "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
MOST = 115792089237316195423570985008687907853269984665640564039457
PASSWORD = "correct horse battery"
ROOT = Path(__file__).parents[3]

_SAMPLES = {
    "0001": ["INSERT INTO job (kind, key, payload) VALUES ('ledger.scan', 'x', '{\"chain\": \"x\"}')"],
    "0002": [
        "INSERT INTO person (id, email, display_name, password_hash, created_at)"
        " VALUES (:person, 'mei@example.com', '梅', :hash, now())",
        "INSERT INTO platform_role (tenant_id, role) VALUES (:person, 'auditor')",
        "INSERT INTO organisation (id, name, created_at) VALUES (:shop, '茶馆', now())",
        "INSERT INTO membership (tenant_id, person_id, role, since) VALUES (:shop, :person, 'owner', now())",
    ],
    "0003": [
        "INSERT INTO keystore_vault (id, tenant_id, kind, kdf, salt, wrapped_master, checksum)"
        " VALUES (:one, :person, 'user', '{}', 's', 'w', 'c')",
        "INSERT INTO keystore_wallet"
        " (id, tenant_id, vault_id, label, kind, words, language, fingerprint, backup_confirmed)"
        " VALUES (:one, :person, :one, 'Mine', 'mnemonic', 12, 'english', 'f', true)",
        "INSERT INTO keystore_secret (id, tenant_id, wallet_id, purpose, wrapped_key, sealed)"
        " VALUES (:one, :person, :one, 'words', 'k', 's')",
        "INSERT INTO keystore_key (id, tenant_id, wallet_id, purpose, curve, path, public_key)"
        " VALUES (:one, :person, :one, 'holder', 'secp256k1', 'm/44''/60''/0''/0/0', 'p')",
    ],
    "0004": [
        "INSERT INTO wallet_account (id, tenant_id, wallet_id, key_id, purpose, chain, address, label, path)"
        f" VALUES (:one, :person, :one, :one, 'holder', '{CHAIN}', '{ADDRESS}', 'First', 'm/44''/60''/0''/0/0')",
    ],
    "0005": [
        f"INSERT INTO payment_lane (chain, account, next_nonce) VALUES ('{CHAIN}', '{ADDRESS}', 8)",
        "INSERT INTO payment (id, tenant_id, idempotency_key, payload_hash, intent, act, chain, sender, signs,"
        " reference, status, nonce, fee_symbol, fee_decimals, fee_limit, reserved_native, reserved_asset,"
        " reserved_amount)"
        f" VALUES (:one, :person, 'first', 'h', '{{}}', 'transfer', '{CHAIN}', '{ADDRESS}', 'person', '{{}}',"
        f" 'in_flight', 7, 'ETH', 18, 21000000000000, 21000000000001, '{CHAIN}/erc20:{ADDRESS}', {MOST})",
        "INSERT INTO payment_attempt (id, payment_id, number, status, chain, tx_hash, raw, nonce)"
        f" VALUES (:one, :one, 1, 'sent', '{CHAIN}', '0xab', 'raw', 7)",
    ],
    "0031": [
        "INSERT INTO account_freeze (id, tenant_id, reason) VALUES (:one, :person, 'lost in the tea house')",
        "INSERT INTO address_book (id, tenant_id, chain, address, name, note)"
        f" VALUES (:one, :person, '{CHAIN}', '{ADDRESS}', 'Li', 'likes \"tea\"')",
        "INSERT INTO activity_note (tenant_id, entry_id, note) VALUES (:person, 'move:1', 'for the tea')",
        "INSERT INTO spending_budget (tenant_id, currency, category, month_minor, zone, told_month, told_level)"
        " VALUES (:person, 'CNY', 'tea \"1\"', 5000, 'UTC', '2026-05', 80), (:person, 'CNY', '', 9000, 'UTC', NULL, 0)",
        "INSERT INTO event (written_by, tenant_id, kind, data)"
        ' VALUES (1, :person, \'spending.budget\', \'{"category": "tea", "level": 80, "spent_minor": 1}\')',
    ],
}
"""What an installation had in it, by the revision that made its tables."""


async def _upgrade(tx: Transaction, revision: str) -> None:
    def run(connection: Connection) -> None:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    await tx.run_sync(run)


async def _oldest(database: Database, person: UUID, shop: UUID, kdf: PasswordKdf) -> None:
    """An installation of the first days."""
    values = {"person": person, "shop": shop, "one": uuid4(), "hash": await kdf.hash(PASSWORD)}
    async with database.transaction() as tx:
        await tx.execute(text("DROP SCHEMA public CASCADE"))
        await tx.execute(text("CREATE SCHEMA public"))
        for revision, statements in _SAMPLES.items():
            await _upgrade(tx, revision)
            for statement in statements:
                await tx.execute(text(statement), {name: v for name, v in values.items() if f":{name}" in statement})


async def _require_sealed_words(database: Database, person: UUID) -> None:
    """What was plain is sealed, still there for the person, and plain nowhere."""
    assert await seal_older_words(database) == 7
    assert await seal_older_words(database) == 0
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM words_plain"))).scalar_one() == 0
        (account,) = await accounts_of(tx, person)
        (wallet,) = await wallets_of(tx, person, WalletKind.MNEMONIC)
        (frozen,) = await lasting_of(tx, [person])
        notes = await all_notes(tx, person)
        budgets = [one.budget for one in await budgets_of(tx, person)]
        told = (await tx.execute(text("SELECT data FROM event WHERE kind = 'spending.budget'"))).scalar_one()
    assert budgets == [Budget("CNY", None, 9_000, "UTC"), Budget("CNY", 'tea "1"', 5_000, "UTC", "2026-05", 80)]
    assert told == {"level": 80}
    (known,) = await AddressBook(database).entries(person)
    assert (account.label, wallet.label, frozen.reason) == ("First", "Mine", "lost in the tea house")
    assert (known.name, known.note, known.account.address) == ("Li", 'likes "tea"', ADDRESS)
    assert notes == {"move:1": "for the tea"}
    await database.close()


@pytest.mark.timeout(120)
async def test_from_the_oldest_schema_to_the_newest(database: Database, tmp_path: Path) -> None:
    person, shop = uuid4(), uuid4()
    kdf = PasswordKdf(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    await _oldest(database, person, shop, kdf)
    await migrate(database)

    data = PersonalData(ErasureKeys(tmp_path / "erasure"))
    persons = Persons(database, kdf, data)
    await persons.seal_older()
    await _require_sealed_words(Database(database.url, pool_size=1, seal=data), person)
    found = await persons.get(person)
    assert (found.email, found.display_name) == ("mei@example.com", "梅")
    async with database.transaction() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM person_plain"))).scalar_one() == 0
        assert await pending_jobs(tx, ["ledger.scan"]) == 1
        ((owner, _),) = await keys_for(tx, AccountId(ChainId.parse(CHAIN), ADDRESS))
        assert owner == person
        payment = (await tx.execute(payment_table.select())).one()
        assert (payment.status, payment.nonce, payment.tenant_id) == ("in_flight", 7, person)
        lane = (await tx.execute(text("SELECT next_nonce, halted FROM payment_lane"))).one()
        assert tuple(lane) == (8, None)
        held = (await tx.execute(text("SELECT amount FROM payment_reservation ORDER BY amount"))).all()
        assert (await tx.execute(text("SELECT tx_hash FROM payment_attempt"))).scalar_one() == "0xab"
    assert [int(row.amount) for row in held] == [21_000_000_000_001, MOST]
    ((place, role),) = await Organisations(database, data).of_person(person)
    assert (place.id, place.name, role) == (shop, "茶馆", MemberRole.OWNER)
    # And the person logs in with the password of then.
    opened = await Sessions(database, kdf, data).login("mei@example.com", PASSWORD, address="127.0.0.1", device="then")
    assert opened is not None
    await migrate(database)


def test_the_chain_of_revisions_begins_and_ends_once() -> None:
    scripts = ScriptDirectory.from_config(_config())
    assert scripts.get_bases() == ["0001"]
    assert len(scripts.get_heads()) == 1
