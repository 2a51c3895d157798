"""A process that does one act of the policy, to be killed at a fault point.

python -m tests.integration.policy.dying DATABASE_URL OWNER PERSON PAYMENT ACT
"""

from __future__ import annotations

import asyncio
import sys
from uuid import UUID

from persistence.database import Database
from tests.integration.policy.stage import CODE, Scene, limit
from wallets.policy.facts import payload_hash
from wallets.policy.service import Owner


async def main(database_url: str, owner: UUID, person: UUID, payment_id: UUID, act: str) -> None:
    scene = Scene(Database(database_url), owner=Owner(owner, is_organisation=False))
    scene.codes.persons |= {owner, person}
    async with scene.database.transaction() as tx:
        payment = await scene.engine.get(tx, owner, payment_id)
    digest = payload_hash(payment)
    match act:
        case "ask":
            await scene.engine.authorise(payment_id, scene.signer)
        case "agree":
            await scene.approvals.agree(person, {person}, payment_id, digest, CODE)
        case "refuse":
            await scene.approvals.refuse(person, {person}, payment_id, digest)
        case "expire":
            await scene.work()
        case "save":
            await scene.rules(limit(7))
        case "shorten":
            await scene.policies.approve_change(scene.owner, person, CODE)
    raise AssertionError("the fault point was not passed")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], UUID(sys.argv[2]), UUID(sys.argv[3]), UUID(sys.argv[4]), sys.argv[5]))
