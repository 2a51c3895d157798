"""What a restored database needs before anybody works on it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from people.api_keys.sql import END_EVERY_KEY
from people.sessions.sql import END_EVERY_SESSION
from persistence import backup
from persistence.database import Database
from primitives.account_id import AccountId
from vouchers.ledger.sql import cursors
from wallets.accounts.sql import every_account
from wallets.engine.lanes.sql import HALT_EVERY_LANE
from wallets.engine.recovery import hold_every_account

log = structlog.get_logger()

AT_LOAD = (HALT_EVERY_LANE, END_EVERY_SESSION, END_EVERY_KEY)
"""Statements that run in the transaction that loads a backup."""


async def finish_restore(database: Database) -> Sequence[AccountId]:
    """Hold every account of a database that was just loaded; does nothing on any other. Every start begins with it, so
    that a restore that was interrupted is finished.

    Returns the accounts that are held now.
    """
    async with database.transaction() as tx:
        if not await backup.unfinished(tx):
            return ()
        # The ledger never reads ahead of the chain: the chain was at least as high when the backup was made.
        heights = {chain: cursor.final_height for chain, cursor in (await cursors(tx)).items()}
        held = await hold_every_account(tx, await every_account(tx), heights)
        await backup.finish(tx)
    log.warning("restored_and_held", accounts=len(held))
    return held
