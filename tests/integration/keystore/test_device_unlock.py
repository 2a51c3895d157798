"""A device's answer opens the vault beside the passphrase, and nothing that was put back opens it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from keystore.service import Keystore
from persistence.database import Database
from primitives.errors import InvalidValue, KeyNotFound, SealBroken, WrongPassphrase
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.conftest import PASSPHRASE

TTL = timedelta(minutes=15)


async def _added(keystore: Keystore, tenant: UUID) -> tuple[UUID, bytes]:
    key, answer = uuid4(), secrets.token_bytes(32)
    await keystore.devices.add(tenant, key, PASSPHRASE, answer)
    return key, answer


async def test_the_answer_opens_the_same_keys(keystore: Keystore, tenant: UUID, clock: StoppedClock) -> None:
    key, answer = await _added(keystore, tenant)
    by_words = await keystore.unlock(tenant, PASSPHRASE)
    wallet = await keystore.create_wallet(by_words, tenant, "mine")
    keystore.lock(by_words)
    token = await keystore.devices.unlock(tenant, key, answer, TTL)
    # What the passphrase sealed, the device opens: the challenge is answered with the wallet's own words.
    assert keystore.is_unlocked(token, tenant)
    positions = await keystore.backup_challenge(tenant, wallet.id)
    words = (await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)).split()
    confirmed = await keystore.confirm_backup(
        token, tenant, wallet.id, {position: words[position - 1] for position in positions}
    )
    assert confirmed.backup_confirmed
    clock.advance(TTL)
    assert not keystore.is_unlocked(token, tenant)


async def test_it_outlives_a_new_passphrase(keystore: Keystore, tenant: UUID) -> None:
    key, answer = await _added(keystore, tenant)
    await keystore.change_passphrase(tenant, PASSPHRASE, "another passphrase")
    await keystore.devices.unlock(tenant, key, answer, TTL)
    with pytest.raises(WrongPassphrase):
        await keystore.devices.add(tenant, uuid4(), PASSPHRASE, answer)


async def test_other_answers_keys_and_people_open_nothing(keystore: Keystore, tenant: UUID) -> None:
    key, answer = await _added(keystore, tenant)
    with pytest.raises(WrongPassphrase):
        await keystore.devices.unlock(tenant, key, secrets.token_bytes(32), TTL)
    with pytest.raises(KeyNotFound):
        await keystore.devices.unlock(tenant, uuid4(), answer, TTL)
    with pytest.raises(KeyNotFound):
        await keystore.devices.unlock(uuid4(), key, answer, TTL)
    for length in (0, 31, 33):
        with pytest.raises(InvalidValue):
            await keystore.devices.unlock(tenant, key, bytes(length), TTL)


async def test_adding_needs_the_passphrase(keystore: Keystore, tenant: UUID) -> None:
    with pytest.raises(WrongPassphrase):
        await keystore.devices.add(tenant, uuid4(), PASSPHRASE + " ", secrets.token_bytes(32))
    with pytest.raises(KeyNotFound):
        await keystore.devices.add(uuid4(), uuid4(), PASSPHRASE, secrets.token_bytes(32))
    assert await keystore.devices.list(tenant) == []


async def test_a_removed_device_stays_out_when_its_row_is_put_back(
    keystore: Keystore, tenant: UUID, database: Database
) -> None:
    key, answer = await _added(keystore, tenant)
    async with database.transaction() as tx:
        await tx.execute(text("CREATE TABLE kept AS SELECT * FROM keystore_unlock_key"))
    try:
        await keystore.devices.remove(tenant, key)
        assert await keystore.devices.list(tenant) == []
        async with database.transaction() as tx:
            await tx.execute(text("INSERT INTO keystore_unlock_key SELECT * FROM kept"))
        with pytest.raises(SealBroken):
            await keystore.devices.unlock(tenant, key, answer, TTL)
    finally:
        async with database.transaction() as tx:
            await tx.execute(text("DROP TABLE kept"))


async def test_an_older_wrapping_stays_out_when_it_is_put_back(
    keystore: Keystore, tenant: UUID, database: Database
) -> None:
    key, first = await _added(keystore, tenant)
    async with database.transaction() as tx:
        row = dict((await tx.execute(text("SELECT * FROM keystore_unlock_key"))).mappings().one())
    await keystore.devices.add(tenant, key, PASSPHRASE, secrets.token_bytes(32))
    async with database.transaction() as tx:
        columns = ", ".join(f"{name} = :{name}" for name in row)
        await tx.execute(text(f"UPDATE keystore_unlock_key SET {columns}"), row)
    with pytest.raises(SealBroken):
        await keystore.devices.unlock(tenant, key, first, TTL)


async def test_damage_is_told_apart_from_a_wrong_answer(keystore: Keystore, tenant: UUID, database: Database) -> None:
    key, answer = await _added(keystore, tenant)
    async with database.transaction() as tx:
        await tx.execute(text("UPDATE keystore_unlock_key SET salt = '\\x00'"))
    with pytest.raises(SealBroken):
        await keystore.devices.unlock(tenant, key, answer, TTL)


async def test_the_audit_log_tells_of_both_and_holds_no_answer(
    keystore: Keystore, tenant: UUID, database: Database
) -> None:
    key, answer = await _added(keystore, tenant)
    await keystore.devices.remove(tenant, key)
    await keystore.devices.remove(tenant, key)
    async with database.transaction() as tx:
        rows = (
            await tx.execute(
                text("SELECT event, facts::text FROM keystore_audit_entry WHERE subject_id = :key ORDER BY sequence"),
                {"key": key},
            )
        ).all()
    assert [row[0] for row in rows] == ["unlock_key_added", "unlock_key_removed"]
    assert not any(answer.hex() in row[1] for row in rows)
