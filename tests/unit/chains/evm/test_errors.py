"""What EVM nodes say, read into the tree."""

from __future__ import annotations

import pytest

from chains.evm.errors import Verdict, error_of, revert_data, verdict_of
from chains.evm.reverts import reverted
from chains.rpc.errors import NodeRefusal
from codec.evm.abi import encode
from primitives.errors import FeeTooLow, InsufficientFunds, NodeUnavailable, NonceTooLow, TransactionRejected
from primitives.hashing import keccak256


def _refusal(text: str, number: int = -32000, data: object = None) -> NodeRefusal:
    return NodeRefusal("eth_sendRawTransaction", number, text, data)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        # go-ethereum, core/txpool/errors.go and core/error.go
        ("already known", Verdict.ALREADY_KNOWN),
        ("nonce too low: next nonce 7, tx nonce 3", Verdict.NONCE_TOO_LOW),
        ("replacement transaction underpriced", Verdict.FEE_TOO_LOW),
        ("transaction underpriced: tip needed 1, tip permitted 0", Verdict.FEE_TOO_LOW),
        ("max fee per gas less than block base fee: address 0x…, maxFeePerGas: 1", Verdict.FEE_TOO_LOW),
        ("insufficient funds for gas * price + value: balance 0, tx cost 1", Verdict.INSUFFICIENT_FUNDS),
        ("txpool is full", Verdict.BUSY),
        ("intrinsic gas too low: gas 20000, minimum needed 21000", Verdict.REJECTED),
        ("invalid sender", Verdict.REJECTED),
        # Anvil 1.7.1
        ("transaction already imported", Verdict.ALREADY_KNOWN),
        ("Insufficient funds for gas * price + value", Verdict.INSUFFICIENT_FUNDS),
        ("max priority fee per gas higher than max fee per gas", Verdict.REJECTED),
        ("invalid chain id for signer", Verdict.REJECTED),
        ("Failed to decode transaction", Verdict.REJECTED),
        # Nethermind, AcceptTxResult.cs
        ("AlreadyKnown", Verdict.ALREADY_KNOWN),
        ("OldNonce, Current nonce: 5, nonce of rejected tx: 3.", Verdict.NONCE_TOO_LOW),
        ("FeeTooLow, MaxFeePerGas too low.", Verdict.FEE_TOO_LOW),
        ("ReplacementNotAllowed", Verdict.FEE_TOO_LOW),
        ("NonceTooFarInFuture", Verdict.BUSY),
        ("NonceGap, Future nonce. Expected nonce: 5", Verdict.BUSY),
        ("NotCurrentNonceForDelegation", Verdict.BUSY),
        ("DelegatorHasPendingTx", Verdict.BUSY),
        ("PendingTxsOfConflictingType", Verdict.BUSY),
        ("InsufficientFunds, Balance is 0 less than sending value", Verdict.INSUFFICIENT_FUNDS),
        ("FeeTooLowToCompete", Verdict.FEE_TOO_LOW),
        ("Syncing", Verdict.BUSY),
        ("SenderIsContract", Verdict.REJECTED),
        # go-ethereum, core/txpool/errors.go, on delegated accounts and full pools
        ("in-flight transaction limit reached for delegated accounts", Verdict.BUSY),
        ("gapped-nonce tx from delegated accounts", Verdict.BUSY),
        ("address already reserved", Verdict.BUSY),
        ("authority already reserved", Verdict.BUSY),
        ("future transaction tries to replace pending", Verdict.BUSY),
        ("account limit exceeded: pooled 16 txs", Verdict.BUSY),
        ("transaction gas price below minimum: gas tip cap 0, minimum needed 1", Verdict.FEE_TOO_LOW),
        ("tx fee (1.20 ether) exceeds the configured cap (1.00 ether)", Verdict.REJECTED),
        ("exceeds block gas limit", Verdict.REJECTED),
        ("nonce has max value", Verdict.REJECTED),
        # Erigon, txpoolcfg.go
        ("existing txn with same hash", Verdict.ALREADY_KNOWN),
        ("existing tx with same hash", Verdict.ALREADY_KNOWN),
        ("could not replace existing tx", Verdict.FEE_TOO_LOW),
        ("replaced by transaction with higher tip", Verdict.FEE_TOO_LOW),
        ("fee too low", Verdict.FEE_TOO_LOW),
        ("baseFee sub-pool is full", Verdict.BUSY),
        ("queued sub-pool is full", Verdict.BUSY),
        ("spammer", Verdict.BUSY),
        ("RLPTooLong", Verdict.REJECTED),
        # Besu, TransactionInvalidReason.java
        ("Nonce too distant from current sender nonce", Verdict.BUSY),
        ("An invalid transaction with a lower nonce exists", Verdict.BUSY),
        ("Replacement transaction underpriced", Verdict.FEE_TOO_LOW),
        ("Transaction pool not enabled", Verdict.BUSY),
        ("Intrinsic gas exceeds gas limit", Verdict.REJECTED),
        ("Known transaction", Verdict.ALREADY_KNOWN),
        ("Upfront cost exceeds account balance", Verdict.INSUFFICIENT_FUNDS),
        ("Gas price below configured minimum gas price", Verdict.FEE_TOO_LOW),
    ],
)
def test_refusals_are_read_by_their_text(text: str, verdict: Verdict) -> None:
    assert verdict_of(_refusal(text)) is verdict


@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (Verdict.NONCE_TOO_LOW, NonceTooLow),
        (Verdict.FEE_TOO_LOW, FeeTooLow),
        (Verdict.INSUFFICIENT_FUNDS, InsufficientFunds),
        (Verdict.BUSY, NodeUnavailable),
        (Verdict.REJECTED, TransactionRejected),
    ],
)
def test_errors_carry_hash_and_message(verdict: Verdict, kind: type[Exception]) -> None:
    error = error_of(_refusal("words of the node"), verdict, tx_hash="0xab")
    assert type(error) is kind
    assert error.facts == {"tx_hash": "0xab", "node_message": "words of the node"}


class TestReverts:
    def test_error_string_is_its_text(self) -> None:
        data = bytes.fromhex("08c379a0") + encode(["string"], ["too late"])
        assert reverted(data).reason == "too late"

    def test_panic_names_its_meaning(self) -> None:
        reason = reverted(bytes.fromhex("4e487b71") + encode(["uint256"], [0x11])).reason
        assert reason.startswith("Panic")
        assert "overflow" in reason

    def test_known_custom_error_has_name_and_facts(self) -> None:
        selector = keccak256(b"ERC20InsufficientBalance(address,uint256,uint256)")[:4]
        data = selector + encode(["address", "uint256", "uint256"], ["0x" + "11" * 20, 5, 9])
        assert reverted(data).reason == f"ERC20InsufficientBalance(0x{'11' * 20}, 5, 9)"

    def test_unknown_malformed_and_empty_data_never_raise(self) -> None:
        assert reverted(b"\xde\xad\xbe\xef" + b"\x01" * 31).reason == "0xdeadbeef"
        assert reverted(bytes.fromhex("08c379a0") + b"\xff").reason == "0x08c379a0"
        assert reverted(b"").reason == "without a reason"

    def test_data_is_found_where_nodes_put_it(self) -> None:
        assert revert_data(_refusal("execution reverted", 3, "0x0102")) == b"\x01\x02"
        assert revert_data(_refusal("VM execution error.", -32015, "Reverted 0x0102")) == b"\x01\x02"
        assert revert_data(_refusal("execution reverted", 3, {"data": "0x0102"})) == b"\x01\x02"
        assert revert_data(_refusal("execution reverted")) == b""
        assert revert_data(_refusal("header not found")) is None
