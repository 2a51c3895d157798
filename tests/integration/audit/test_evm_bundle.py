"""Bundles of redemptions on a real Anvil, and the verifier's answers to them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.verifier import Rejected, verify
from codec.canonical_json import decode_canonical, encode_canonical
from primitives.errors import ProofUnavailable
from primitives.hashing import keccak256
from tests.fakes.anvil import running_anvil
from tests.integration.audit.evm_stage import BOOK, CHAIN, RULES, EvmStage
from tests.integration.audit.mutations import accepted_mutations, rewritten

ORDER = encode_canonical({"schema": "quanbao.order.v1", "salt": "5a" * 32, "payable_minor": 8000})
ATTESTER = FileAttester(keccak256(b"attester"))
VERIFIER = Path(__file__).parents[3] / "audit" / "verifier"


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[EvmStage]:
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil)
        await stage.open()
        yield stage


def builder(stage: EvmStage, **options: Any) -> EvmBundleBuilder:
    return EvmBundleBuilder(CHAIN, stage.anvil.rpc, [BOOK], ATTESTER, **options)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another Python, which sees nothing but the folder and the installed packages."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


async def make_bundle(stage: EvmStage) -> bytes:
    """A voucher redeemed by the relayer amid other transactions, three blocks ago."""
    voucher = await stage.issue()
    receipt = await stage.redeem(stage.order(voucher, order_hash=keccak256(ORDER)), neighbours=20)
    await stage.anvil.mine(4)
    return await builder(stage).build(stage.subject(receipt, order_document=ORDER))


class TestAnUntouchedBundle:
    async def test_is_accepted_with_every_fact(self, stage: EvmStage) -> None:
        """All is proven from the chain's bytes but finality, which the service key attests."""
        data = await make_bundle(stage)
        report = verify(data)
        assert {fact.name: fact.basis for fact in report.facts} == {
            "block": "proven",
            "finality": f"attested by ed25519:{ATTESTER.public_key.hex()}",
            "transaction": "proven",
            "receipt": "proven",
            "voucher_redeemed": "proven",
            "voucher_state": "proven",
            "redemption_id": "proven",
            "holder_consent": "proven",
            "merchant_consent": "proven",
            "payout": "proven",
            "remainder": "proven",
            "rule_document": "proven",
            "order_document": "proven",
        }
        assert report.claim["payout"]["base_units"] == "20000000"
        assert report.claim["remainder"]["base_units"] == "80000000"
        assert report.claim["rules_hash"] == keccak256(RULES).hex()

    async def test_every_way_to_redeem_is_proven(self, stage: EvmStage) -> None:
        """Submitted by the merchant, by the holder, and without remainder."""
        for by, remainder in ((stage.merchant, 80_000_000), (stage.holder, 1), (stage.relayer, 0)):
            voucher = await stage.issue()
            order = stage.order(voucher, order_hash=keccak256(bytes([remainder % 251])), remainder=remainder)
            receipt = await stage.redeem(order, by=by)
            await stage.anvil.mine(2)
            report = verify(await builder(stage).build(stage.subject(receipt)))
            assert report.claim["submitter"].endswith(by.address.hex()[-4:]) or by.address.hex() in (
                report.claim["submitter"].lower()
            )
            assert (report.claim["remainder"] is None) == (remainder == 0)

    async def test_each_voucher_of_one_order_has_its_own(self, stage: EvmStage) -> None:
        vouchers = [await stage.issue(), await stage.issue()]
        receipt = await stage.redeem(stage.order(*vouchers, order_hash=keccak256(ORDER)))
        await stage.anvil.mine(2)
        claims = [verify(await builder(stage).build(stage.subject(receipt, item=place))).claim for place in range(2)]
        assert [claim["voucher"] for claim in claims] == [str(voucher) for voucher in vouchers]
        assert claims[0]["redemption_id"] != claims[1]["redemption_id"]

    async def test_a_trusted_block_hash_anchors_it(self, stage: EvmStage) -> None:
        """Any header of the bundle may be the one that the reader knows; another block's hash is refused."""
        data = await make_bundle(stage)
        statement = decode_canonical(data)["attestation"]["statement"]
        for height in range(verify(data).claim["height"], statement["height"] + 1):
            block = await stage.call("eth_getBlockByNumber", hex(height), False)
            (fact,) = (f for f in verify(data, trusted_block_hash=block["hash"]).facts if f.name == "block")
            assert "which you trust" in fact.statement
        above = await stage.call("eth_getBlockByNumber", hex(statement["height"] + 1), False)
        with pytest.raises(Rejected) as refused:
            verify(data, trusted_block_hash=above["hash"])
        assert refused.value.check == "block"

    async def test_runs_alone(self, stage: EvmStage, tmp_path: Path) -> None:
        """The folder works anywhere under any name and loads nothing of ours."""
        data = await make_bundle(stage)
        shutil.copytree(VERIFIER, tmp_path / "checker", ignore=shutil.ignore_patterns("__pycache__"))
        (tmp_path / "bundle.json").write_bytes(data)
        key = ATTESTER.public_key.hex()
        report = run(tmp_path, "-m", "checker", "bundle.json", "--json", "--trusted-key", key)
        assert json.loads(report.stdout)["digest"] == verify(data).digest
        loaded = run(tmp_path, "-c", "import checker, sys; print(*{name.partition('.')[0] for name in sys.modules})")
        ours = {path.name for path in VERIFIER.parents[1].iterdir() if (path / "__init__.py").exists()}
        assert {"audit", "primitives"} < ours
        assert ours.isdisjoint(loaded.stdout.split())


class TestAChangedBundle:
    async def test_one_byte_anywhere_is_found(self, stage: EvmStage) -> None:
        """120 random changes as they are, and 120 with the outer digest recomputed."""
        data = await make_bundle(stage)
        assert accepted_mutations(data, 120, recompute_digest=False, seed=1) == []
        assert accepted_mutations(data, 120, recompute_digest=True, seed=2) == []

    async def test_each_claim_is_compared_with_the_evidence(self, stage: EvmStage) -> None:
        data = await make_bundle(stage)
        claim = decode_canonical(data)["claim"]
        for name, value in claim.items():
            changed = value + 1 if isinstance(value, int) else None if isinstance(value, dict) else f"{value or ''}0"
            with pytest.raises(Rejected):
                verify(rewritten(data, claim={**claim, name: changed}))

    async def test_unknown_and_missing_fields_are_refused(self, stage: EvmStage) -> None:
        data = await make_bundle(stage)
        evidence = decode_canonical(data)["evidence"]
        without = {name: value for name, value in evidence.items() if name != "log_index"}
        for members in (
            {"note": "x"},
            {"evidence": {**evidence, "x": 1}},
            {"evidence": without},
            {"version": 1},
            {"version": 3},
        ):
            with pytest.raises(Rejected) as refused:
                verify(rewritten(data, **members))
            assert refused.value.check in ("shape", "version")

    async def test_evidence_that_is_not_needed_is_refused(self, stage: EvmStage) -> None:
        data = await make_bundle(stage)
        evidence = decode_canonical(data)["evidence"]
        longer = {**evidence, "receipt_proof": [*evidence["receipt_proof"], "c0"]}
        with pytest.raises(Rejected, match="does not need"):
            verify(rewritten(data, evidence=longer))

    async def test_another_rule_document_is_refused(self, stage: EvmStage) -> None:
        data = await make_bundle(stage)
        campaign = decode_canonical(data)["campaign"]
        better = {**campaign, "rule_document": {**campaign["rule_document"], "amount_off": 3000}}
        with pytest.raises(Rejected) as refused:
            verify(rewritten(data, campaign=better))
        assert refused.value.check == "rule_document"

    async def test_the_attestation_of_another_head_is_refused(self, stage: EvmStage) -> None:
        """A genuine signature of the genuine key, but over a sibling block."""
        data = await make_bundle(stage)
        other = await builder(stage, headers=1).build(await self._subject_again(stage, data))
        with pytest.raises(Rejected) as refused:
            verify(rewritten(data, attestation=decode_canonical(other)["attestation"]))
        assert refused.value.check == "attestation"

    async def test_a_key_that_the_reader_does_not_trust_is_refused(self, stage: EvmStage) -> None:
        data = await make_bundle(stage)
        with pytest.raises(Rejected) as refused:
            verify(data, trusted_keys=["ab" * 32])
        assert refused.value.check == "attestation"

    async def test_the_command_says_what_failed(self, stage: EvmStage, tmp_path: Path) -> None:
        """Exit code 1 and the check's name; 2 when there is no file."""
        data = await make_bundle(stage)
        path = tmp_path / "bundle.json"
        path.write_bytes(data.replace(b'"amount_minor":"2000"', b'"amount_minor":"2001"'))
        refused = run(VERIFIER.parents[1], "-m", "audit.verifier", str(path), "--json")
        assert refused.returncode == 1
        assert json.loads(refused.stdout)["check"] == "digest"
        path.unlink()
        missing = run(VERIFIER.parents[1], "-m", "audit.verifier", str(path), "--json")
        assert missing.returncode == 2

    async def _subject_again(self, stage: EvmStage, data: bytes) -> Any:
        receipt = await stage.call("eth_getTransactionReceipt", decode_canonical(data)["claim"]["transaction"])
        return stage.subject(receipt)


class TestABundleThatCannotBe:
    async def test_waits_for_finality(self, stage: EvmStage) -> None:
        voucher = await stage.issue()
        receipt = await stage.redeem(stage.order(voucher, order_hash=keccak256(ORDER)))
        with pytest.raises(ProofUnavailable) as early:
            await builder(stage).build(stage.subject(receipt))
        assert early.value.height > early.value.final_height
        await stage.anvil.mine(2)
        verify(await builder(stage).build(stage.subject(receipt)))

    async def test_is_refused_for_a_transaction_that_a_reorg_dropped(self, stage: EvmStage) -> None:
        voucher = await stage.issue()
        receipt = await stage.redeem(stage.order(voucher, order_hash=keccak256(ORDER)))
        await stage.call("anvil_reorg", 1, [])
        with pytest.raises(ProofUnavailable):
            await builder(stage).build(stage.subject(receipt))

    async def test_is_refused_when_the_ledger_names_another_redemption(self, stage: EvmStage) -> None:
        voucher = await stage.issue()
        receipt = await stage.redeem(stage.order(voucher, order_hash=keccak256(ORDER)))
        await stage.anvil.mine(2)
        subject = stage.subject(receipt)
        wrong = replace(subject, redemption=replace(subject.redemption, redemption_id=bytes(32)))
        with pytest.raises(ProofUnavailable, match="no log of redemption"):
            await builder(stage).build(wrong)
