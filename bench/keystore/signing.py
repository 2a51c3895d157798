"""Signing many: policy and audit included in ours, nothing but the signature in the raw limit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any

import eth_hash.auto
from coincurve import PrivateKey
from eth_account import Account
from eth_hash.backends import pycryptodome, pysha3
from nacl.signing import SigningKey
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams
from solders.system_program import transfer as solders_transfer
from solders.transaction import VersionedTransaction

from bench.keystore.floors import Floor, with_floors
from bench.keystore.node_peer import NodePeer
from bench.keystore.stage import CONTRACT, EVM, PRIMARY_TYPE, SOLANA, TRANSFER, Stage
from bench.measure import Case, Report, compare
from codec.evm.transaction_template import FeeMarketTemplate
from codec.evm.typed_data_template import TypedDataTemplate
from codec.solana.instruction import Instruction
from codec.solana.message_template import MessageTemplate
from codec.solana.system import transfer
from keystore.batch.evm import EvmBatch, EvmItem
from keystore.batch.solana import SolanaBatch, SolanaItem
from keystore.batch.typed_data import TypedDataBatch

_KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
_OURS, _CHECKED = "ours: policy, audit, batch", "ours, each signature verified"
_PLAIN, _PYSHA3 = "eth-account", "eth-account with pysha3"
_BATCH = 10_000
_RAW_EVM = "raw: coincurve sign_recoverable"


def _hashing(backend: Any, work: Callable[[int], object]) -> Callable[[int], object]:
    """eth-account hashes with whatever eth-hash has loaded; both kinds are measured in one run."""

    def hashed(count: int) -> object:
        eth_hash.auto.keccak.hasher = backend.keccak256
        return work(count)

    return hashed


def _raw(count: int) -> None:
    key = PrivateKey(_KEY)
    digest = hashlib.sha256(b"benchmark").digest()
    for _ in range(count):
        key.sign_recoverable(digest, None)


def _in_parts(pool: Sequence[Any], sign: Callable[[Sequence[Any]], object]) -> Callable[[int], None]:
    def work(count: int) -> None:
        while count > 0:
            sign(pool[:count])
            count -= len(pool)

    return work


def eip1559(rounds: int, seconds: float, stage: Stage, node: NodePeer, *, pool: int) -> list[Report]:
    """ERC-20 transfers of one sender to many: fields in, broadcast bytes and hash out."""
    template = FeeMarketTemplate(EVM.evm_number, 10**9, 2 * 10**9, 100_000)
    items = [
        EvmItem(nonce, CONTRACT, 0, TRANSFER + nonce.to_bytes(20, "big").rjust(32, b"\0") + (5).to_bytes(32, "big"))
        for nonce in range(pool)
    ]
    signer = stage.keystore.service_signer()

    def ours(part: Sequence[EvmItem], *, verify: bool) -> None:
        batch = EvmBatch(stage.evm.id, EVM, "airdrop", template, CONTRACT, TRANSFER, part)
        stage.run(signer.sign_batch(batch, verify=verify))

    def eth_account(count: int) -> None:
        for item in items[:count]:
            Account.sign_transaction(
                {
                    "type": 2, "chainId": EVM.evm_number, "nonce": item.nonce, "gas": 100_000, "to": CONTRACT,
                    "value": 0, "data": item.data, "maxFeePerGas": 2 * 10**9, "maxPriorityFeePerGas": 10**9,
                },
                _KEY,
            )  # fmt: skip

    cases = [
        Case(_RAW_EVM, _raw, reference=True),
        Case(_OURS, _in_parts(items, lambda part: ours(part, verify=False)), least=min(pool, _BATCH)),
        Case(_CHECKED, _in_parts(items, lambda part: ours(part, verify=True)), least=min(pool, _BATCH) // 2),
        Case(_PLAIN, _hashing(pycryptodome, eth_account)),
        Case(_PYSHA3, _hashing(pysha3, eth_account)),
        *node.cases("eip1559"),
    ]
    report = compare("EVM: EIP-1559 batch", "transactions", cases, rounds=rounds, seconds=seconds)
    computed = compare(
        "EVM: EIP-1559 batch, by processor time of this process",
        "transactions",
        cases[:5],
        rounds=rounds,
        seconds=seconds,
        clock=time.process_time,
    )
    floors = [
        Floor(_OURS, _RAW_EVM, 0.65),
        Floor(_OURS, _PLAIN, 10),
        Floor(_OURS, _PYSHA3, 8),
        Floor(_CHECKED, _PYSHA3, 5),
    ]
    return [with_floors(report, floors), with_floors(computed, floors)]


_TYPES = {
    PRIMARY_TYPE: [
        ("holder", "address"),
        ("merchant", "address"),
        ("orderHash", "bytes32"),
        ("validBefore", "uint40"),
        ("remainderAsset", "address"),
        ("remainderAmount", "uint256"),
        ("note", "string"),
    ]
}
_DOMAIN = {"name": "Quanbao", "version": "1", "chainId": 31337, "verifyingContract": "0x" + CONTRACT.hex()}


def eip712(rounds: int, seconds: float, stage: Stage, node: NodePeer, *, pool: int) -> Report:
    """A struct of seven fields under one domain: values in, 65 bytes out."""
    items: list[dict[str, Any]] = [
        {
            "holder": CONTRACT, "merchant": CONTRACT, "orderHash": bytes([0x33] * 32), "validBefore": 1_893_456_000,
            "remainderAsset": CONTRACT, "remainderAmount": number, "note": f"order {number}",
        }
        for number in range(pool)
    ]  # fmt: skip
    types = {name: [{"name": n, "type": t} for n, t in fields] for name, fields in _TYPES.items()}
    template = TypedDataTemplate(_TYPES, PRIMARY_TYPE, _DOMAIN, items[0])
    signer = stage.keystore.service_signer()

    def ours(part: Sequence[dict[str, Any]], *, verify: bool) -> None:
        batch = TypedDataBatch(stage.evm.id, EVM, "orders", template, part)
        stage.run(signer.sign_batch(batch, verify=verify))

    def eth_account(count: int) -> None:
        for message in items[:count]:
            Account.sign_typed_data(_KEY, _DOMAIN, types, message)

    cases = [
        Case(_PLAIN, _hashing(pycryptodome, eth_account), reference=True),
        Case(_PYSHA3, _hashing(pysha3, eth_account)),
        Case(_OURS, _in_parts(items, lambda part: ours(part, verify=False)), least=min(pool, _BATCH)),
        Case(_CHECKED, _in_parts(items, lambda part: ours(part, verify=True)), least=min(pool, _BATCH) // 2),
        Case(_RAW_EVM, _raw),
        *node.cases("eip712"),
    ]
    report = compare("EVM: EIP-712 batch", "signatures", cases, rounds=rounds, seconds=seconds)
    return with_floors(report, [Floor(_OURS, _PLAIN, 8), Floor(_OURS, _PYSHA3, 8)])


def solana_transfers(rounds: int, seconds: float, stage: Stage, node: NodePeer, *, pool: int) -> Report:
    """SOL transfers of one payer: recipient and lamports in, signed transaction out."""
    blockhash = bytes([7] * 32)
    payer = stage.solana.public_key.raw

    def made(recipient: bytes, amount: int) -> Sequence[Instruction]:
        return (transfer(payer, recipient, amount),)

    template = MessageTemplate(payer, made, blockhash, version="v0")
    items = [SolanaItem(hashlib.sha256(number.to_bytes(8, "big")).digest(), number + 1) for number in range(pool)]
    signer = stage.keystore.service_signer()

    def ours(part: Sequence[SolanaItem], *, verify: bool) -> None:
        batch = SolanaBatch(stage.solana.id, SOLANA, "airdrop", template, part)
        stage.run(signer.sign_batch(batch, verify=verify))

    pair, recent = Keypair.from_seed(_KEY), Hash(blockhash)
    rows = [(Pubkey(item.recipient), item.amount) for item in items]

    def solders(count: int) -> None:
        sender = pair.pubkey()
        for recipient, lamports in rows[:count]:
            step = solders_transfer(TransferParams(from_pubkey=sender, to_pubkey=recipient, lamports=lamports))
            bytes(VersionedTransaction(MessageV0.try_compile(sender, [step], [], recent), [pair]))

    key = SigningKey(_KEY)

    def raw(count: int) -> None:
        for _ in range(count):
            key.sign(blockhash * 5)

    peer = "solders, v0"
    cases = [
        Case(peer, solders, reference=True),
        Case(_OURS, _in_parts(items, lambda part: ours(part, verify=False)), least=min(pool, _BATCH)),
        Case(_CHECKED, _in_parts(items, lambda part: ours(part, verify=True)), least=min(pool, _BATCH) // 2),
        Case("raw: PyNaCl sign", raw),
        *node.cases("solana_transfer"),
    ]
    report = compare("Solana: transfer, built and signed", "transactions", cases, rounds=rounds, seconds=seconds)
    return with_floors(report, [Floor(_OURS, peer, 2.5)])
