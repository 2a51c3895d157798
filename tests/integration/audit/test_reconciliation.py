"""Reconciliation on a real Anvil: agreement, past blocks, and each injected fault found by its name."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import text

from audit.reconciliation import sql
from audit.reconciliation.chain import EvmReader
from audit.reconciliation.model import ChainFigures, Fault, LaneReconciliation
from audit.reconciliation.service import ReconciliationService
from chains.evm.voucher_book import EvmVoucherBook
from persistence.database import Database
from persistence.jobs import Worker, enqueue
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue
from primitives.hashing import keccak256
from tests.fakes.vouchers import SOLANA
from tests.integration.audit.evm_stage import BOOK, CHAIN
from tests.integration.audit.installation import Installation, open_installation
from tests.integration.vouchers.stage import Stage

pytestmark = pytest.mark.xdist_group("audit_reconciliation")


class Books:
    """The one chain's book."""

    def __init__(self, installation: Installation) -> None:
        self._book = EvmVoucherBook(CHAIN, installation.stage.anvil.rpc, BOOK)

    def all(self) -> list[ChainId]:
        return [CHAIN]

    def book(self, chain: ChainId) -> EvmVoucherBook:
        return self._book


@pytest_asyncio.fixture
async def installation(database: Database) -> AsyncIterator[Installation]:
    async with open_installation(database) as opened:
        yield opened


def service(installation: Installation) -> ReconciliationService:
    reader = EvmReader(CHAIN, installation.stage.anvil.rpc, [BOOK])
    return ReconciliationService(installation.database, Books(installation), {CHAIN: reader})  # type: ignore[arg-type]


async def reconciled(installation: Installation, **options: object) -> LaneReconciliation:
    (lane,) = await service(installation).of_campaign(installation.campaign.id, **options)  # type: ignore[arg-type]
    return lane


async def change(installation: Installation, statement: str) -> None:
    async with installation.database.transaction() as tx:
        done = await tx.execute(text(statement))
        assert done.rowcount == 1, statement


def faults(lane: LaneReconciliation) -> set[Fault]:
    return {one.fault for one in lane.findings}


class TestAgreement:
    async def test_chain_ledger_and_rows_agree_now_and_at_past_blocks(self, installation: Installation) -> None:
        """Every figure of both sides, after an issue, and before it."""
        before = int((await installation.stage.call("eth_getBlockByNumber", "latest", False))["number"], 16)
        await installation.redeemed()
        await installation.stage.issue()
        await installation.stage.anvil.mine(4)
        await installation.read_chain()
        lane = await reconciled(installation, deep=True)
        assert lane.findings == ()
        assert (lane.ledger.issued, lane.ledger.redeemed, lane.ledger.outstanding) == (2, 1, 1)
        assert lane.chain_figures is not None
        assert lane.chain_figures.escrow == lane.ledger.escrow == 180_000_000
        past = await reconciled(installation, chain=CHAIN, height=before)
        assert (past.findings, past.ledger.issued, past.ledger.escrow) == ((), 0, 200_000_000)

    async def test_a_height_that_was_not_read_is_refused(self, installation: Installation) -> None:
        with pytest.raises(InvalidValue):
            await reconciled(installation, chain=CHAIN, height=10**6)
        with pytest.raises(InvalidValue):
            await reconciled(installation, height=1)


class TestInjectedFaults:
    async def test_a_deleted_row(self, installation: Installation) -> None:
        voucher = await installation.redeemed()
        await change(installation, f"DELETE FROM voucher WHERE id = '{voucher}'")
        (finding,) = (await reconciled(installation)).findings
        assert (finding.fault, finding.subject) == (Fault.ROW_MISSING, str(voucher))

    async def test_an_edited_amount(self, installation: Installation) -> None:
        """In the voucher's row; and in the ledger itself, where the chain contradicts."""
        voucher = await installation.redeemed()
        await change(installation, f"UPDATE voucher SET amount_minor = 1999 WHERE id = '{voucher}'")
        (finding,) = (await reconciled(installation)).findings
        assert (finding.fault, finding.subject) == (Fault.ROW_EDITED, str(voucher))
        assert ("2000" in finding.expected, "1999" in finding.found) == (True, True)
        await change(installation, f"UPDATE voucher SET amount_minor = 2000 WHERE id = '{voucher}'")
        edited = """jsonb_set(fact, '{payout}', '"19000000"')"""
        await change(installation, f"UPDATE ledger_entry SET fact = {edited} WHERE kind = 'redeemed'")
        found = await reconciled(installation)
        assert {Fault.PAID_DIFFERS, Fault.ESCROW_DIFFERS, Fault.EVENT_EDITED, Fault.ROW_EDITED} == faults(found)
        (event,) = (one for one in found.findings if one.fault is Fault.EVENT_EDITED)
        assert str(voucher) in event.subject

    async def test_a_duplicated_serial(self, installation: Installation) -> None:
        voucher = await installation.redeemed()
        columns = (
            "chain, transaction_index, event_index, block_hash, observation, tx_hash, block_time, kind, campaign_id, "
            "voucher_id, fact"
        )
        again = f"INSERT INTO ledger_entry (height, {columns}) SELECT height + 1, {columns} FROM ledger_entry"
        await change(installation, f"{again} WHERE kind = 'issued' AND voucher_id = '{voucher}'")
        found = await reconciled(installation)
        assert {Fault.SERIAL_DUPLICATED, Fault.ISSUED_DIFFERS, Fault.EVENT_UNEXPLAINED} <= faults(found)
        (finding,) = (one for one in found.findings if one.fault is Fault.SERIAL_DUPLICATED)
        assert finding.subject == str(voucher)

    async def test_a_skipped_event(self, installation: Installation) -> None:
        """As if the node had kept it back at every reading: counters of the chain tell, and then the event is named."""
        voucher = await installation.redeemed()
        async with installation.database.transaction() as tx:
            await tx.execute(text("DELETE FROM ledger_entry WHERE kind = 'redeemed'"))
            await tx.execute(
                text(
                    "UPDATE voucher SET status = 'live', redemption_id = NULL, merchant = NULL, order_hash = NULL, "
                    "amount_minor = NULL, payout = NULL"
                )
            )
        found = await reconciled(installation)
        assert faults(found) >= {Fault.REDEEMED_DIFFERS, Fault.PAID_DIFFERS, Fault.EVENT_MISSING}
        (event,) = (one for one in found.findings if one.fault is Fault.EVENT_MISSING)
        assert str(voucher) in event.subject

    async def test_an_escrow_drained_by_a_foreign_transfer(self, installation: Installation) -> None:
        """Money leaves the book without a redemption (here by the node's own power over balances)."""
        await installation.redeemed()
        stage = installation.stage
        await stage.anvil.fund("0x" + BOOK.hex(), 10**18)
        await stage.call("anvil_impersonateAccount", "0x" + BOOK.hex())
        transfer = "a9059cbb" + stage.stranger.address.rjust(32, b"\0").hex() + (5_000_000).to_bytes(32, "big").hex()
        sent = {"from": "0x" + BOOK.hex(), "to": "0x" + stage.money.hex(), "data": "0x" + transfer}
        await stage.call("eth_sendTransaction", sent)
        await stage.anvil.mine(4)
        await installation.read_chain()
        (finding,) = (await reconciled(installation)).findings
        assert (finding.fault, finding.expected, finding.found) == (Fault.ESCROW_DRAINED, "180000000", "175000000")

    async def test_an_edited_rule_document(self, installation: Installation) -> None:
        """One byte; the campaign's id and the chain commit to the other."""
        await installation.redeemed()
        body = installation.stage.rules.replace(b'"min_spend":10000', b'"min_spend":10001')
        assert body != installation.stage.rules
        known = keccak256(installation.stage.rules).hex()
        await change(installation, f"UPDATE document SET body = '\\x{body.hex()}' WHERE hash = '\\x{known}'")
        (finding,) = (await reconciled(installation)).findings
        assert (finding.fault, finding.found) == (Fault.RULE_DOCUMENT_EDITED, keccak256(body).hex())


class TestTheJob:
    async def test_raises_an_alarm_once_and_clears_it(self, installation: Installation) -> None:
        voucher = await installation.redeemed()
        work = service(installation)

        async def round_() -> list[tuple[str, bool]]:
            async with installation.database.transaction() as tx:
                await tx.execute(text("DELETE FROM job"))
                await enqueue(tx, "audit.reconcile", "all", {})
            await Worker(installation.database, work.handlers()).run_due(rounds=1)
            async with installation.database.transaction() as tx:
                return [(row.fault, row.cleared_at is None) for row in await sql.alarms(tx, with_cleared=True)]

        assert await round_() == []
        await change(installation, f"UPDATE voucher SET payout = 1 WHERE id = '{voucher}'")
        assert await round_() == [("row_edited", True)]
        assert await round_() == [("row_edited", True)]
        async with installation.database.transaction() as tx:
            told = await tx.execute(text("SELECT data FROM event WHERE kind = 'audit.divergence'"))
            assert [row.data["subject"] for row in told] == [str(voucher)]
        await change(installation, f"UPDATE voucher SET payout = 20000000 WHERE id = '{voucher}'")
        assert await round_() == [("row_edited", False)]


class TestSolana:
    async def test_the_supply_is_compared_once_the_slot_is_read(self, database: Database) -> None:
        """A node knows the mint as it is now: the ledger is asked for that slot, and past slots are its own to tell."""
        stage = Stage(database, chain=SOLANA)
        campaign = await stage.campaign()
        await stage.issue(campaign, stage.holder()[1], stage.holder()[1])
        stage.chain.mine(4)
        await stage.scan()
        slot = (await stage.chain.heads()).included
        owed = campaign.terms(SOLANA).full_funding

        class Node:
            def __init__(self, supply: int, held: int) -> None:
                self.told = ChainFigures(slot, outstanding=supply, held=held)

            async def figures(self, terms: object, height: int | None) -> ChainFigures:
                if height is not None:
                    raise InvalidValue("no past states")
                return self.told

        for supply, held, expected in (
            (2, owed, set()),
            (3, owed, {Fault.OUTSTANDING_DIFFERS}),
            (2, owed - 1, {Fault.ESCROW_DRAINED}),
        ):
            work = ReconciliationService(database, stage.chains, {SOLANA: Node(supply, held)})
            (lane,) = await work.of_campaign(campaign.id)
            assert (faults(lane), lane.note) == (expected, None)
        (past,) = await work.of_campaign(campaign.id, chain=SOLANA, height=1)
        assert (past.chain_figures, past.note) == (None, "no past states")
