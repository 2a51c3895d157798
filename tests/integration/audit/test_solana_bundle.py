"""Bundles of redemptions on the local Solana chain, and the verifier's answers to them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from audit.attestation import FileAttester
from audit.proofs.solana import SolanaBundleBuilder
from audit.verifier import Rejected, verify
from codec.canonical_json import decode_canonical, encode_canonical
from codec.solana.burn_guard import BurnGuard
from primitives.base58 import encode_base58
from primitives.errors import ProofUnavailable
from primitives.hashing import keccak256
from tests.fakes.solana_localnet import running_solana
from tests.integration.audit.mutations import accepted_mutations, rewritten
from tests.integration.audit.solana_stage import SolanaStage

ORDER = encode_canonical({"schema": "quanbao.order.v1", "salt": "5a" * 32, "payable_minor": 8000})
ATTESTER = FileAttester(keccak256(b"attester"))


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[SolanaStage]:
    async with running_solana() as network:
        stage = SolanaStage(network)
        await stage.open()
        yield stage
        await stage.rpc.close()


def builder(stage: SolanaStage) -> SolanaBundleBuilder:
    return SolanaBundleBuilder(stage.chain, stage.rpc, ATTESTER)


async def make_bundle(stage: SolanaStage, *, life: bool = False) -> bytes:
    voucher = await stage.issue()
    issued = stage.sent[-1]
    tx_hash = await stage.redeem(voucher, order_hash=keccak256(ORDER))
    await stage.network.finalise()
    subject = await stage.subject(tx_hash, order_document=ORDER)
    return await builder(stage).build(replace(subject, life=(issued, tx_hash)) if life else subject)


class TestAnUntouchedBundle:
    async def test_says_what_is_proven_and_what_is_attested(self, stage: SolanaStage) -> None:
        """Signatures, addresses and documents are proven; the landing is the service key's word, the serial the
        redemption authority's."""
        report = verify(await make_bundle(stage), trusted_keys=[ATTESTER.public_key.hex()])
        service = f"attested by ed25519:{ATTESTER.public_key.hex()}"
        assert {fact.name: fact.basis for fact in report.facts} == {
            "landed": service,
            "complete": service,
            "conservation": "proven",
            "signatures": "proven",
            "mint": "proven",
            "holder_consent": "proven",
            "merchant_consent": "proven",
            "serial": f"attested by ed25519:{stage.key('authority').hex()}",
            "redemption_id": "proven",
            "payout": service,
            "remainder": service,
            "rule_document": "proven",
            "order_document": "proven",
        }
        assert report.claim["payout"]["base_units"] == "20000000"
        assert report.claim["remainder"]["base_units"] == "80000000"

    async def test_a_remainder_is_not_needed(self, stage: SolanaStage) -> None:
        tx_hash = await stage.redeem(await stage.issue(), order_hash=keccak256(ORDER), remainder=0)
        await stage.network.finalise()
        report = verify(await builder(stage).build(await stage.subject(tx_hash)))
        assert report.claim["remainder"] is None

    async def test_each_voucher_of_an_order_has_its_own(self, stage: SolanaStage) -> None:
        vouchers = [await stage.issue() for _ in range(3)]
        tx_hash = await stage.redeem(*vouchers, order_hash=keccak256(ORDER))
        await stage.network.finalise()
        for item, voucher in enumerate(vouchers):
            data = await builder(stage).build(await stage.subject(tx_hash, order_document=ORDER, item=item))
            assert verify(data).claim["voucher"] == str(voucher)
            evidence = decode_canonical(data)["evidence"]
            with pytest.raises(Rejected):
                verify(rewritten(data, evidence={**evidence, "burn_index": evidence["burn_index"] + 1}))
        assert accepted_mutations(data, 60, recompute_digest=True, seed=5) == []

    async def test_the_mint_s_whole_history_is_conserved(self, stage: SolanaStage) -> None:
        """Another voucher stays live, a third was handed on: the supply is what the serials say."""
        first, other, moved = [await stage.issue() for _ in range(3)]
        await stage.move(moved, "operator")
        await stage.redeem(first, order_hash=keccak256(b"first"))
        tx_hash = await stage.redeem(moved, order_hash=keccak256(ORDER), holder="operator", remainder=0)
        await stage.network.finalise()
        data = await builder(stage).build(await stage.subject(tx_hash))
        bundle = decode_canonical(data)
        assert (bundle["attestation"]["statement"]["supply"], len(bundle["evidence"]["history"])) == ("1", 6)
        assert verify(data).claim["voucher"] == str(moved)
        assert other != moved
        assert accepted_mutations(data, 60, recompute_digest=True, seed=6) == []

    async def test_an_act_left_out_is_found(self, stage: SolanaStage) -> None:
        """Even the attestation key cannot leave out the issue of a voucher that is used, nor a unit of the supply."""
        kept, redeemed = await stage.issue(), await stage.issue()
        tx_hash = await stage.redeem(redeemed, order_hash=keccak256(ORDER))
        await stage.network.finalise()
        data = await builder(stage).build(await stage.subject(tx_hash))
        bundle = decode_canonical(data)
        assert kept != redeemed
        for missing in (0, 1):
            evidence, statement = bundle["evidence"], bundle["attestation"]["statement"]
            history = [one for place, one in enumerate(evidence["history"]) if place != missing]
            rows = [one for place, one in enumerate(statement["transactions"]) if place != missing]
            lying = {**statement, "transactions": rows}
            signature = await ATTESTER.attest(b"quanbao.attestation.v1\n" + encode_canonical(lying))
            attestation = {"key": ATTESTER.public_key.hex(), "statement": lying, "signature": signature.hex()}
            with pytest.raises(Rejected) as refused:
                evidence = {**evidence, "history": history, "place": evidence["place"] - 1}
                verify(rewritten(data, evidence=evidence, attestation=attestation))
            assert refused.value.check == "conservation"

    async def test_without_permissioned_burns_a_thaw_stands_for_the_authority(self) -> None:
        """Clusters whose Token-2022 is older: accounts are frozen but for the length of an act."""
        async with running_solana() as network:
            stage = SolanaStage(network, BurnGuard.FROZEN)
            await stage.open()
            data = await make_bundle(stage)
            await stage.rpc.close()
        assert verify(data).claim["authority"].endswith(encode_base58(stage.key("authority")))
        assert accepted_mutations(data, 60, recompute_digest=True, seed=7) == []

    async def test_a_long_history_is_the_voucher_s_own(
        self, stage: SolanaStage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Past what fits, the life of the voucher alone is shown, and the bundle says so."""
        monkeypatch.setattr("audit.proofs.solana_history.MOST_SIGNATURES", 3)
        for _ in range(3):
            await stage.issue()
        data = await make_bundle(stage, life=True)
        statement = decode_canonical(data)["attestation"]["statement"]
        assert (statement["scope"], len(statement["transactions"])) == ("voucher", 2)
        assert any("all of voucher" in fact.statement for fact in verify(data).facts)

    async def test_a_block_hash_anchors_nothing(self, stage: SolanaStage) -> None:
        with pytest.raises(Rejected) as refused:
            verify(await make_bundle(stage), trusted_block_hash="0x" + "00" * 32)
        assert refused.value.check == "block"


class TestAChangedBundle:
    async def test_one_byte_anywhere_is_found(self, stage: SolanaStage) -> None:
        """120 random changes as they are, and 120 with the outer digest recomputed."""
        data = await make_bundle(stage)
        assert accepted_mutations(data, 120, recompute_digest=False, seed=3) == []
        assert accepted_mutations(data, 120, recompute_digest=True, seed=4) == []

    async def test_each_claim_is_compared_with_the_evidence(self, stage: SolanaStage) -> None:
        data = await make_bundle(stage)
        claim = decode_canonical(data)["claim"]
        for name, value in claim.items():
            changed = value + 1 if isinstance(value, int) else None if isinstance(value, dict) else value + "0"
            with pytest.raises(Rejected):
                verify(rewritten(data, claim={**claim, name: changed}))

    async def test_the_attestation_of_another_transaction_is_refused(self, stage: SolanaStage) -> None:
        data, other = await make_bundle(stage), await make_bundle(stage)
        with pytest.raises(Rejected) as refused:
            verify(rewritten(data, attestation=decode_canonical(other)["attestation"]))
        assert refused.value.check == "attestation"

    async def test_another_campaign_is_refused(self, stage: SolanaStage) -> None:
        data = await make_bundle(stage)
        campaign = decode_canonical(data)["campaign"]
        with pytest.raises(Rejected):
            verify(rewritten(data, campaign={**campaign, "salt": "00" * 32}))


class TestABundleThatCannotBe:
    async def test_waits_for_finality(self, stage: SolanaStage) -> None:
        tx_hash = await stage.redeem(await stage.issue(), order_hash=keccak256(ORDER))
        subject = await stage.subject(tx_hash)
        with pytest.raises(ProofUnavailable, match="when it is final"):
            await builder(stage).build(subject)
        await stage.network.finalise()
        verify(await builder(stage).build(subject))

    async def test_is_refused_when_the_ledger_names_another_redemption(self, stage: SolanaStage) -> None:
        tx_hash = await stage.redeem(await stage.issue(), order_hash=keccak256(ORDER))
        await stage.network.finalise()
        subject = await stage.subject(tx_hash)
        with pytest.raises(ProofUnavailable, match="no memo of redemption"):
            await builder(stage).build(
                replace(subject, redemption=replace(subject.redemption, redemption_id=bytes(32)))
            )
