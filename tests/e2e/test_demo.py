"""The main job, played by `quanbao demo --json` against a running installation and read back from the chains."""

from __future__ import annotations

import httpx
import pytest

from tests.e2e.played import Played
from tests.e2e.running import NO_TLS

# The story waits for finality on both chains, and the machine may be busy with other tests.
pytestmark = [pytest.mark.timeout(600), pytest.mark.xdist_group("played")]

CHAINS = ("eip155", "solana")
ON_CHAIN = (
    "campaign launched",
    "escrow funded for 50",
    "voucher issued, holder pays 0",
    "order of 100.00 paid",
    "merchant paid in full",
    "same voucher again: refused",
    "a stranger: refused",
    "order refunded",
    "payout back in escrow",
    "voucher reissued",
)


@pytest.fixture(scope="module")
def told(played: Played) -> dict[str, object]:
    return played.story


def _steps(told: dict[str, object], family: str) -> dict[str, dict[str, str]]:
    steps = told["steps"]
    assert isinstance(steps, list)
    return {step["act"]: step for step in steps if (step["chain"] or "").startswith(family + ":")}


@pytest.mark.parametrize("family", CHAINS)
class TestDemo:
    def test_every_step_has_its_chain_evidence(self, told: dict[str, object], family: str) -> None:
        steps = _steps(told, family)
        assert set(steps) == set(ON_CHAIN)
        for act, step in steps.items():
            assert isinstance(step["height"], int)
            assert step["height"] > 0, act
            if not act.endswith("refused"):
                assert step["finality"] == "finalized", act
                assert step["tx"], act
                assert step["block_hash"], act

    def test_merchant_gets_the_whole_price_and_the_escrow_was_full(self, told: dict[str, object], family: str) -> None:
        steps = _steps(told, family)
        assert steps["order of 100.00 paid"]["amount"] == "80.00 tCNY"
        assert steps["merchant paid in full"]["amount"] == "100.00 tCNY"
        assert steps["escrow funded for 50"]["amount"] == "1000.00 tCNY"

    def test_a_refund_brings_everything_back(self, told: dict[str, object], family: str) -> None:
        steps = _steps(told, family)
        assert steps["order refunded"]["amount"] == "80.00 tCNY"
        assert steps["payout back in escrow"]["amount"] == "20.00 tCNY"
        assert steps["order refunded"]["tx"] != steps["order of 100.00 paid"]["tx"]
        assert steps["voucher reissued"]["tx"] == steps["payout back in escrow"]["tx"], "in one act, or neither"
        fresh, _, used = steps["voucher reissued"]["fact"].partition(" for ")
        assert fresh != used == steps["voucher issued, holder pays 0"]["fact"]

    def test_the_chain_itself_says_why_it_refuses(self, told: dict[str, object], family: str) -> None:
        steps = _steps(told, family)
        again, stranger = steps["same voucher again: refused"]["fact"], steps["a stranger: refused"]
        assert ("VoucherAlreadyRedeemed" if family == "eip155" else "redeemed before") in again
        assert ("NotMerchantOrRelayer" if family == "eip155" else "redemption authority") in stranger["fact"]
        assert stranger["tx"], "the stranger's transaction was included and charged"

    def test_evidence_is_what_the_node_says(self, told: dict[str, object], played: Played, family: str) -> None:
        """The block of each transaction is asked from the node directly, with none of our code in between."""
        status = played.up.localnet_status()
        url = next(chain["rpc_url"] for chain in status["chains"] if chain["family"] == family)
        method = "eth_getTransactionReceipt" if family == "eip155" else "getTransaction"
        for act, step in _steps(told, family).items():
            if not step["tx"]:
                continue
            options = [] if family == "eip155" else [{"maxSupportedTransactionVersion": 0, "commitment": "confirmed"}]
            body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": [step["tx"], *options]}
            found = httpx.post(url, json=body, trust_env=False, verify=NO_TLS).json()["result"]
            height = int(found["blockNumber"], 16) if family == "eip155" else found["slot"]
            assert height == step["height"], act
            worked = found["status"] == "0x1" if family == "eip155" else found["meta"]["err"] is None
            assert worked is not act.endswith("refused"), act
