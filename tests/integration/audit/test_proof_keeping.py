"""The job that makes bundles at finality: once, with the state's proof while the node still has it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Row, text

from audit.access import AUDITOR, VoucherAccess
from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.proofs.keeping import ProofKeeping
from audit.proofs.ports import JsonRpc
from audit.proofs.service import ProofService
from audit.verifier import Rejected, verify
from chains.rpc.errors import NodeRefusal
from codec.canonical_json import decode_canonical
from persistence.database import Database
from persistence.jobs import Worker
from primitives.errors import NodeUnavailable
from primitives.hashing import keccak256
from tests.integration.audit.evm_stage import BOOK, CHAIN
from tests.integration.audit.installation import Accounts, Installation, account, open_installation
from tests.integration.audit.mutations import rewritten

pytestmark = pytest.mark.xdist_group("audit_proof_keeping")


@dataclass
class Node:
    """The node, and what it was asked for; `refused` are methods that it does not offer, `away` answers nothing."""

    rpc: JsonRpc
    refused: frozenset[str] = frozenset()
    away: bool = False
    asked: list[str] = field(default_factory=list)

    async def call(self, method: str, *params: Any) -> Any:
        self.asked.append(method)
        if self.away:
            raise NodeUnavailable("the node is away")
        if method in self.refused:
            raise NodeRefusal(method, -32601, "the method does not exist", None)
        return await self.rpc.call(method, *params)

    async def batch(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        return await self.rpc.batch(calls)


@pytest_asyncio.fixture
async def installation(database: Database) -> AsyncIterator[Installation]:
    async with open_installation(database) as opened:
        yield opened


def services(installation: Installation, node: Node) -> tuple[ProofService, ProofKeeping]:
    """As a process of their own has them."""
    access = VoucherAccess(installation.database, Accounts(account(installation.stage.holder.address)))
    builder = EvmBundleBuilder(CHAIN, node, [BOOK], FileAttester(keccak256(b"attester")))
    proofs = ProofService(installation.database, access, {CHAIN: builder})
    return proofs, ProofKeeping(installation.database, proofs, [CHAIN], pause=timedelta(0))


async def run(installation: Installation, job: ProofKeeping) -> None:
    """The job once, as the worker does it."""
    await job.start(installation.database)
    assert await Worker(installation.database, job.handlers()).run_due(rounds=1) == 1


async def kept(installation: Installation) -> list[Row[Any]]:
    async with installation.database.transaction() as tx:
        return list(await tx.execute(text("SELECT redemption_id, body, built_at FROM proof_bundle ORDER BY built_at")))


async def final(installation: Installation) -> None:
    await installation.stage.anvil.mine(4)
    await installation.read_chain()


async def test_a_bundle_is_kept_once_when_its_redemption_is_final(installation: Installation) -> None:
    """Nothing before finality; then one with the state's proof, however often and by however many it is made."""
    voucher = await installation.redeemed(blocks=0)
    node = Node(installation.stage.anvil.rpc)
    _, job = services(installation, node)
    await run(installation, job)
    assert (await kept(installation), node.asked) == ([], [])

    # A node that is away is no reason to pass the redemption over.
    await final(installation)
    node.away = True
    await run(installation, job)
    assert (await kept(installation), len(node.asked)) == ([], 1)
    node.away = False
    await run(installation, job)
    (first,) = await kept(installation)
    report = verify(first.body)
    assert (report.claim["voucher"], report.claim["redemption_id"]) == (str(voucher), bytes(first.redemption_id).hex())
    assert report.claim["state"]["used_up"] is True
    assert {fact.name: fact.basis for fact in report.facts}["voucher_state"] == "proven"

    # Again by the same process, and by one that does not remember.
    for again in (job, services(installation, node)[1]):
        await run(installation, again)
    assert await kept(installation) == [first]
    assert node.asked.count("eth_getProof") == 1

    # Two processes at the same moment, as after a lease that ran out: the first bundle is everybody's.
    second = await installation.redeemed()
    both = [services(installation, Node(installation.stage.anvil.rpc))[0] for _ in range(2)]
    one, other = await asyncio.gather(*(service.of_voucher(second, AUDITOR) for service in both))
    assert one == other
    assert [bytes(row.body) for row in await kept(installation)] == [first.body, one]
    await installation.stage.anvil.kill()
    assert await installation.proofs.of_voucher(voucher, AUDITOR) == first.body


async def test_a_node_without_state_proofs_leaves_the_state_out(installation: Installation) -> None:
    """The rest is kept and accepted all the same; that the state is missing is told, and stays so."""
    voucher = await installation.redeemed()
    node = Node(installation.stage.anvil.rpc, refused=frozenset({"eth_getProof"}))
    await run(installation, services(installation, node)[1])
    assert node.asked.count("eth_getProof") == 1
    (row,) = await kept(installation)
    report = verify(row.body)
    assert (report.claim["voucher"], report.claim["state"]) == (str(voucher), None)
    assert decode_canonical(row.body)["evidence"]["state"] is None
    facts = {fact.name for fact in report.facts}
    assert "voucher_state" not in facts
    assert {"voucher_redeemed", "holder_consent", "payout", "rule_document"} <= facts
    # A claim of a state that nothing shows is refused.
    with pytest.raises(Rejected):
        verify(rewritten(row.body, claim={**report.claim, "state": {"used_up": True}}))
    await run(installation, services(installation, Node(installation.stage.anvil.rpc))[1])
    assert await kept(installation) == [row]
