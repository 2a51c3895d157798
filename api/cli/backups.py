"""`quanbao backup`, `quanbao restore` and `quanbao release`: the database in a file, and what follows from bringing it
back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import typer

from api.cli.acts.answers import say
from api.data_folder import held as folder_held
from api.restoring import AT_LOAD, finish_restore
from api.settings import Settings
from keystore.operator_key import read_operator_key
from persistence.backup import load_backup, write_backup
from persistence.database import Database
from persistence.embedded import EmbeddedPostgres
from persistence.migrate import migrate
from primitives.account_id import AccountId
from primitives.errors import NotFound
from wallets.engine.lanes.sql import HaltedLane, halted
from wallets.engine.recovery import release


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The configured database; the embedded one is started for the time being if it does not run.

    Raises:
        DataFolderBusy, DataFolderNewer, DiskFull, OperationError
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = EmbeddedPostgres(settings.data_dir / "postgres", announce=typer.echo)
    if embedded.pid is not None:
        yield embedded.url
        return
    with folder_held(settings.data_dir):
        url = await embedded.start()
        try:
            yield url
        finally:
            await embedded.stop()


async def run_backup(settings: Settings, file: Path, *, as_json: bool = False) -> None:
    """Write a backup, while everything else goes on.

    Raises:
        InvalidKeyFile, OperationError, DatabaseUnavailable
    """
    with read_operator_key(settings.key_file) as key:
        async with database_url(settings) as url:
            manifest = await write_backup(url, file, bytes(key.expose()))
    say(
        f"{file}: revision {manifest.revision}, {manifest.made_at}\n"
        f"The operator's key is not in it: keep a copy of {settings.key_file} elsewhere.",
        {"file": str(file), "revision": manifest.revision, "made_at": str(manifest.made_at)},
        as_json=as_json,
    )


async def run_restore(settings: Settings, file: Path, *, as_json: bool = False) -> None:
    """Load a backup into an empty data folder or database; nothing is signed until the accounts are matched.

    Raises:
        InvalidKeyFile, BackupDamaged, DataFolderNewer, OperationError, DatabaseUnavailable
    """
    with read_operator_key(settings.key_file) as key:
        async with database_url(settings) as url:
            manifest = await load_backup(url, file, bytes(key.expose()), afterwards=AT_LOAD)
            database = Database(url, pool_size=2)
            try:
                await migrate(database)
                accounts = await finish_restore(database)
            finally:
                await database.close()
    say(
        f"restored what was there at {manifest.made_at}; everybody has to log in again\n"
        f"{len(accounts)} accounts are held: start Quanbao, which compares their history on the chains with their "
        "payments and lets them go on. `quanbao doctor` says what stays held and why.",
        {"made_at": str(manifest.made_at), "accounts_held": len(accounts)},
        as_json=as_json,
    )


async def halted_lanes(url: str) -> Sequence[HaltedLane]:
    """The accounts for which nothing is signed."""
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as tx:
            return await halted(tx)
    finally:
        await database.close()


async def run_release(settings: Settings, accounts: Sequence[str], *, every: bool, as_json: bool = False) -> None:
    """Let held accounts go on after somebody has looked at them.

    Raises:
        InvalidAddress, InvalidValue: Not a CAIP-10 id.
        NotFound: An account that is not held.
    """
    wanted = [AccountId.parse(one) for one in accounts]
    async with database_url(settings) as url:
        waiting = {lane.account: lane for lane in await halted_lanes(url)}
        chosen = list(waiting) if every else wanted
        unknown = [account for account in chosen if account not in waiting]
        if unknown:
            raise NotFound(f"{unknown[0]} is not held: `quanbao doctor` shows those that are", account=str(unknown[0]))
        database = Database(url, pool_size=1)
        try:
            for account in chosen:
                async with database.transaction() as tx:
                    await release(tx, account)
        finally:
            await database.close()
    told = [f"released {account} (it was held: {waiting[account].reason})" for account in chosen]
    say("\n".join(told) or "no account is held", {"released": [str(one) for one in chosen]}, as_json=as_json)
