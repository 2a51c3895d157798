"""From a real chain through the ledger to a bundle, its provenance and its search, as an installation does it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from audit.access import AUDITOR, Viewer
from audit.provenance.model import Act, Node
from audit.search.service import Kind, SearchService
from persistence.database import Database
from primitives.errors import InvalidValue, ProofRejected, ProofUnavailable, VoucherNotFound
from primitives.position import Finality
from primitives.voucher_id import VoucherId
from tests.integration.audit.evm_stage import CHAIN
from tests.integration.audit.installation import PERSON, SPONSOR, Installation, open_installation
from vouchers.ledger.model import LedgerEntry
from vouchers.ledger.projection import record


@pytest_asyncio.fixture
async def installation(database: Database) -> AsyncIterator[Installation]:
    async with open_installation(database) as opened:
        yield opened


class TestProof:
    async def test_a_redeemed_voucher_has_one_bundle_for_ever(self, installation: Installation) -> None:
        """The second time it comes from the store: the node is asked no more."""
        voucher = await installation.redeemed()
        first = await installation.proofs.of_voucher(voucher, AUDITOR)
        report = installation.proofs.check(first)
        assert report.claim["voucher"] == str(voucher)
        assert {fact.name for fact in report.facts} >= {"rule_document", "order_document", "payout", "remainder"}
        await installation.stage.anvil.kill()
        assert await installation.proofs.of_voucher(voucher, AUDITOR) == first
        assert await installation.proofs.of_redemption(bytes.fromhex(report.claim["redemption_id"]), AUDITOR) == first

    async def test_a_changed_bundle_is_a_typed_error(self, installation: Installation) -> None:
        data = await installation.proofs.of_voucher(await installation.redeemed(), AUDITOR)
        with pytest.raises(ProofRejected) as refused:
            installation.proofs.check(data.replace(b'"moves":"0"', b'"moves":"1"'))
        assert refused.value.check == "digest"

    async def test_none_before_finality_or_redemption(self, installation: Installation) -> None:
        issued = await installation.stage.issue()
        await installation.read_chain()
        with pytest.raises(ProofUnavailable, match="has not been redeemed"):
            await installation.proofs.of_voucher(issued, AUDITOR)
        voucher = await installation.redeemed(blocks=0)
        with pytest.raises(ProofUnavailable, match="when it is final"):
            await installation.proofs.of_voucher(voucher, AUDITOR)


class TestProvenance:
    async def test_the_tree_leads_from_the_campaign_to_the_remainder(self, installation: Installation) -> None:
        voucher = await installation.redeemed()
        provenance = await installation.provenance.of_voucher(voucher, AUDITOR)
        assert outline(provenance.root) == {
            Act.CAMPAIGN: {
                Act.RULES: {},
                Act.LAUNCH: {},
                Act.FUNDING: {},
                Act.ISSUE: {Act.REDEMPTION: {Act.PAYOUT: {}, Act.REMAINDER: {}}},
            }
        }
        claim = installation.proofs.check(await installation.proofs.of_voucher(voucher, AUDITOR)).claim
        redemption = provenance.root.children[-1].children[0]
        assert redemption.place is not None
        assert redemption.place.tx_hash == claim["transaction"]
        assert "0x" + redemption.place.position.block_hash.hex() == claim["block_hash"]
        assert redemption.place.position.height == claim["height"]
        assert redemption.place.block_time == claim["block_time"]
        assert redemption.place.finality is Finality.FINALIZED
        assert provenance.redemption_id == bytes.fromhex(claim["redemption_id"])
        payout, remainder = redemption.children
        assert payout.details["base_units"] == claim["payout"]["base_units"]
        assert payout.details["asset"] == claim["payout"]["asset"]
        assert remainder.details["base_units"] == claim["remainder"]["base_units"]

    async def test_a_redemption_in_the_newest_block_is_not_final(self, installation: Installation) -> None:
        provenance = await installation.provenance.of_voucher(await installation.redeemed(blocks=0), AUDITOR)
        place = provenance.root.children[-1].children[0].place
        assert place is not None
        assert place.finality is Finality.INCLUDED

    async def test_a_reorganised_redemption_stays_visible(self, installation: Installation) -> None:
        voucher = await installation.redeemed(blocks=0)
        async with installation.database.transaction() as tx:
            from vouchers.ledger.sql import standing_facts

            redeemed = (await standing_facts(tx, voucher))[-1]
            gone = LedgerEntry(CHAIN, redeemed.event, redeemed.observation + 1)
            await record(tx, CHAIN, [gone])
        provenance = await installation.provenance.of_voucher(voucher, AUDITOR)
        redemption = provenance.root.children[-1].children[0]
        assert (redemption.act, redemption.standing) == (Act.REDEMPTION, False)
        assert redemption.place is not None
        assert redemption.place.finality is None
        assert provenance.redemption_id is None

    async def test_only_those_concerned_may_look(self, installation: Installation) -> None:
        """The holder, the campaign's organisation and auditors; for others it does not exist."""
        voucher = await installation.redeemed()
        for tenant in (PERSON, SPONSOR):
            await installation.provenance.of_voucher(voucher, Viewer(frozenset({tenant})))
        stranger = Viewer(frozenset({uuid4()}))
        with pytest.raises(VoucherNotFound):
            await installation.provenance.of_voucher(voucher, stranger)
        with pytest.raises(VoucherNotFound):
            await installation.proofs.of_voucher(voucher, stranger)
        unknown = VoucherId.parse(str(voucher)[:-1] + "9")
        with pytest.raises(VoucherNotFound):
            await installation.provenance.of_voucher(unknown, AUDITOR)


class TestSearch:
    async def test_everything_leads_to_the_voucher(self, installation: Installation) -> None:
        voucher = await installation.redeemed()
        claim = installation.proofs.check(await installation.proofs.of_voucher(voucher, AUDITOR)).claim
        kinds = {
            str(voucher): Kind.VOUCHER,
            claim["redemption_id"]: Kind.REDEMPTION,
            claim["order_hash"]: Kind.VOUCHER,
            claim["transaction"]: Kind.TRANSACTION,
            claim["block_hash"]: Kind.BLOCK,
            claim["holder"]: Kind.ACCOUNT,
            claim["holder"].rpartition(":")[2].lower(): Kind.ACCOUNT,
            claim["merchant"]: Kind.ACCOUNT,
        }
        for text, kind in kinds.items():
            hits = await installation.search.search(f" {text} ")
            assert kind in {hit.kind for hit in hits}, text
            assert str(voucher) in {hit.id for hit in hits if hit.kind is Kind.VOUCHER}, text

    async def test_campaigns_are_found_by_id_and_by_rules(self, installation: Installation) -> None:
        for text in (str(installation.campaign.id), installation.campaign.rules_hash.hex()):
            hits = await installation.search.search(text)
            assert [(hit.kind, hit.id) for hit in hits] == [(Kind.CAMPAIGN, str(installation.campaign.id))]

    async def test_what_is_not_there_is_not_found(self, installation: Installation) -> None:
        for text in ("ab" * 32, "0x" + "ab" * 20, str(uuid4()), "4" * 88, "eip155:1:0x0"):
            assert await installation.search.search(text) == []

    @pytest.mark.parametrize("text", ["", " ", "x" * 201, "満100减20", "a\x00b", "%", "'; DROP TABLE voucher"])
    async def test_what_cannot_be_an_id_is_refused(self, database: Database, text: str) -> None:
        with pytest.raises(InvalidValue):
            await SearchService(database).search(text)


def outline(node: Node) -> dict[Act, Any]:
    children: dict[Act, Any] = {}
    for child in node.children:
        children.update(outline(child))
    return {node.act: children}
