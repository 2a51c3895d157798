"""Many bundles: accepted without a network and by a second verifier, and refused after any change of one byte.

`python -m tests.integration.audit.test_many_bundles` writes tests/vectors/evm-proofs.json anew.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.proofs.solana import SolanaBundleBuilder
from audit.verifier import Rejected, verify
from codec.canonical_json import decode_canonical, encode_canonical
from codec.evm.book.calls import issue_packed_call, redeem_batch_call
from codec.evm.book.structs import SignedOrder
from codec.evm.redeem_order import digest
from primitives.hashing import keccak256
from primitives.voucher_id import Serial, SerialClass, VoucherId
from tests.fakes.anvil import running_anvil
from tests.fakes.solana_localnet import running_solana
from tests.integration.audit.evm_stage import BOOK, CHAIN, EvmStage
from tests.integration.audit.forge_cases import forge_case
from tests.integration.audit.mutations import accepted_mutations, rewritten
from tests.integration.audit.odd_bundles import refused
from tests.integration.audit.solana_stage import SolanaStage

pytestmark = pytest.mark.xdist_group("audit_many_bundles")

ATTESTER = FileAttester(keccak256(b"attester"))
ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "vectors" / "evm-proofs.json"
CHECK = """
import sys, pathlib, checker
for path in sorted(pathlib.Path("bundles").iterdir()):
    checker.verify(path.read_bytes())
    print(path.name)
"""
BLOCKED = """
import socket
def refused(*arguments, **options):
    raise OSError("this environment has no network")
socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = refused
socket.getaddrinfo = socket.create_connection = refused
"""


async def evm_bundles(count: int) -> list[bytes]:
    """Packed vouchers of one holder, redeemed ten at a time; each has a bundle of its own."""
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil, cap=count)
        await stage.open()
        owners = stage.holder.address * count
        await stage.done(await stage.send(stage.issuer, BOOK, issue_packed_call(stage.campaign_id, 0, owners)))
        builder = EvmBundleBuilder(CHAIN, anvil.rpc, [BOOK], ATTESTER, headers=2)
        bundles: list[bytes] = []
        for start in range(0, count, 10):
            vouchers = [
                VoucherId(stage.campaign_id, Serial(0, SerialClass.PACKED, number))
                for number in range(start, min(start + 10, count))
            ]
            orders = [stage.order(one, order_hash=keccak256(one.raw), remainder=10**4) for one in vouchers]
            batch = [SignedOrder(order, stage.holder.sign(digest(order, 31337, BOOK))) for order in orders]
            receipt = (await stage.done(await stage.send(stage.relayer, BOOK, redeem_batch_call(batch))))[0]
            await anvil.mine(4)
            bundles += [await builder.build(stage.subject(receipt, item=item)) for item in range(len(vouchers))]
        return bundles


async def solana_bundles(count: int) -> list[bytes]:
    async with running_solana() as network:
        stage = SolanaStage(network, vouchers=count)
        await stage.open()
        sent: list[tuple[str, int]] = []
        for start in range(0, count, 5):
            vouchers = await stage.issue_many(min(5, count - start))
            order = keccak256(bytes([start]))
            one = await stage.redeem(*vouchers, order_hash=order, remainder=10**4)
            sent += [(one, item) for item in range(len(vouchers))]
        await network.finalise()
        builder = SolanaBundleBuilder(stage.chain, stage.rpc, ATTESTER)
        bundles = [await builder.build(await stage.subject(one, item=item)) for one, item in sent]
        await stage.rpc.close()
        return bundles


def accepted_without_network(bundles: Sequence[bytes], folder: Path) -> int:
    """Verified by a copy of the verifier alone, in a namespace without interfaces; where the kernel allows none, with
    every way to open a connection shut."""
    shutil.copytree(ROOT / "audit" / "verifier", folder / "checker", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "bundles").mkdir()
    for number, data in enumerate(bundles):
        (folder / "bundles" / f"{number:04}.json").write_bytes(data)
    apart = ["unshare", "--user", "--map-root-user", "--net"]
    allowed = (
        shutil.which("unshare") and not subprocess.run([*apart, "true"], capture_output=True, check=False).returncode
    )
    command = [*(apart if allowed else []), sys.executable, "-c", (BLOCKED if not allowed else "") + CHECK]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr
    return len(done.stdout.split())


def forge_accepts(bundles: Sequence[bytes]) -> None:
    """Ten at a time, which fit into a call's gas. Forge reads files below tests/vectors only."""
    for start in range(0, len(bundles), 10):
        _forge_accepts(bundles[start : start + 10])


def _forge_accepts(bundles: Sequence[bytes]) -> None:
    with tempfile.TemporaryDirectory(dir=VECTORS.parent, prefix=".proofs-") as folder:
        path = Path(folder) / "evm-proofs.json"
        path.write_text(json.dumps({"bundles": [forge_case(data) for data in bundles]}))
        done = subprocess.run(
            ["sh", "contracts/evm/test.sh", "--match-contract", "ProofBundleTest"],
            cwd=ROOT,
            env={**os.environ, "PROOF_BUNDLES": str(path)},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
    assert done.returncode == 0, done.stdout + done.stderr


async def test_bundles_are_accepted_without_a_network_and_odd_ones_refused(tmp_path: Path) -> None:
    """Whatever stands where something else belongs: the answer is a refusal by name, never another exception."""
    on_evm, on_solana = await evm_bundles(3), await solana_bundles(2)
    assert accepted_without_network([*on_evm, *on_solana], tmp_path) == 5
    for seed, data in enumerate((on_evm[0], on_solana[0])):
        assert refused(data, 250, seed) > 150


async def test_evidence_of_another_chain_or_another_voucher_is_refused() -> None:
    """A foreign bundle: genuine parts of two, put together."""
    (first, second, _), (solana, _) = await evm_bundles(3), await solana_bundles(2)
    for one, other in ((first, second), (first, solana), (solana, first)):
        ours, theirs = decode_canonical(one), decode_canonical(other)
        for member in ("claim", "evidence", "attestation"):
            # Two redemptions of one block rest on the same head.
            if ours[member] == theirs[member]:
                continue
            with pytest.raises(Rejected):
                verify(rewritten(one, **{member: theirs[member]}))


def test_what_is_no_bundle_is_refused_with_little_memory() -> None:
    """Truncated, giant, nested without end, with a member twice."""
    bundle = encode_canonical(json.loads(VECTORS.read_text())["sources"][0])
    tracemalloc.start()
    for raw in (
        b"",
        bundle[:-1],
        bundle[: len(bundle) // 2],
        bundle + b" ",
        b"{" + b'"a":{' * 200_000,
        b"[" * 4_000_000,
        b'{"a":"' + b"[" * 40 + b'"}' + b"[" * 40,
        b"1" * 5_000_000,
        bundle.replace(b'{"attestation"', b'{"attestation":{},"attestation"', 1),
        b"\xff\xfe",
    ):
        with pytest.raises(Rejected):
            verify(raw)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 64 * 1024 * 1024


def test_the_vectors_of_the_second_verifier_are_bundles_of_the_first() -> None:
    """contracts/evm/test/ProofBundle.t.sol reads the cases; each is made from a bundle that is accepted here."""
    kept = json.loads(VECTORS.read_text())
    bundles = [encode_canonical(bundle) for bundle in kept["sources"]]
    assert len(bundles) >= 3
    for data, case in zip(bundles, kept["bundles"], strict=True):
        verify(data)
        assert forge_case(data) == case


@pytest.mark.soak
@pytest.mark.timeout(1500)
async def test_a_hundred_bundles_by_trie_proof() -> None:
    """The EVM part on chain, by OpenZeppelin's library."""
    forge_accepts(await evm_bundles(100))


@pytest.mark.soak
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("make", [evm_bundles, solana_bundles])
async def test_a_hundred_bundles_without_a_network(
    tmp_path: Path, make: Callable[[int], Awaitable[list[bytes]]]
) -> None:
    assert accepted_without_network(await make(100), tmp_path) == 100


@pytest.mark.soak
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("recompute_digest", [False, True])
async def test_a_thousand_changes_of_one_byte(recompute_digest: bool) -> None:
    for data in ((await evm_bundles(1))[0], (await solana_bundles(1))[0]):
        assert accepted_mutations(data, 1_000, recompute_digest=recompute_digest, seed=11) == []


def _write_vectors() -> None:
    bundles = asyncio.run(evm_bundles(3))
    kept: dict[str, Any] = {
        "about": "Proof bundles (sources) and what of them ProofBundle.t.sol reads (bundles); made by this project.",
        "bundles": [forge_case(data) for data in bundles],
        "sources": [decode_canonical(data) for data in bundles],
    }
    VECTORS.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    _write_vectors()
