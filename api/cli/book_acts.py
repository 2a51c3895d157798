"""What `quanbao contracts` does."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path
from typing import Any

from coincurve import PrivateKey
from rich.console import Console

from api.cli.acts.answers import show
from chains.evm.book_deployment import DeploymentPlan, DeploymentStep, is_deployed, plan_deployment
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.book_versions import BookVersion, book_versions, newest_book
from codec.evm.transaction import (
    FeeMarketTransaction,
    address_of_public_key,
    encode_signed,
    encode_unsigned,
    signing_hash,
)
from primitives.account_id import checksum_address
from primitives.errors import InvalidKeyFile, InvalidValue, NodeUnavailable, TransactionRejected, TransactionReverted

console = Console()

_RECEIPT_SECONDS = 300.0
_CHECK_SECONDS = 0.5


async def carry_out(rpc: str, dry_run: bool, key_file: Path | None, version: BookVersion, *, as_json: bool) -> None:
    key = None if key_file is None else _read_key(key_file)
    sender = bytes(20) if key is None else address_of_public_key(key.public_key.format())
    node = JsonRpcClient(rpc, timeout_seconds=30)
    try:
        plan = await plan_deployment(node, version, sender)
        if as_json:
            show(_document(plan), as_json=True)
        else:
            _show(plan)
        if dry_run or plan.present:
            return
        if key is None:
            raise InvalidValue("name the key that pays with --key-file, or look only with --dry-run")
        for step in plan.steps:
            await _send(node, plan, step, key, sender)
            if not as_json:
                console.print(f"done: {step.act}", highlight=False)
        if not await is_deployed(node, plan.chain, version):
            raise TransactionReverted(f"the book is still not at {plan.book}", book=str(plan.book))
        if not as_json:
            console.print(f"The voucher book is at {plan.book}", highlight=False)
    finally:
        await node.close()


async def _send(
    node: JsonRpcClient, plan: DeploymentPlan, step: DeploymentStep, key: PrivateKey, sender: bytes
) -> None:
    raw = step.data
    if step.to is not None:
        place = checksum_address(sender)
        call = {
            "from": place,
            "to": checksum_address(step.to),
            "value": hex(step.value),
            "data": "0x" + step.data.hex(),
        }
        nonce, block, gas = await node.batch(
            [
                ("eth_getTransactionCount", [place, "pending"]),
                ("eth_getBlockByNumber", ["latest", False]),
                ("eth_estimateGas", [call]),
            ]
        )
        price = max(plan.price, 2 * int(block["baseFeePerGas"], 16))
        transaction = FeeMarketTransaction(
            chain_id=plan.chain.evm_number,
            nonce=int(nonce, 16),
            max_priority_fee_per_gas=min(price, 1_000_000_000),
            max_fee_per_gas=price,
            gas_limit=int(gas, 16) if step.data == b"" else int(gas, 16) * 6 // 5,
            to=step.to,
            value=step.value,
            data=step.data,
        )
        signature = key.sign_recoverable(signing_hash(encode_unsigned(transaction)), hasher=None)
        raw = encode_signed(transaction, signature)
    try:
        tx_hash = await node.call("eth_sendRawTransaction", "0x" + raw.hex())
    except NodeRefusal as refusal:
        hint = "" if step.to else ". Chains that demand EIP-155 cannot have the deterministic deployer"
        raise TransactionRejected(f"the node refused to {step.act}: {refusal.text[:200]}{hint}") from refusal
    receipt = await _receipt(node, tx_hash)
    if receipt["status"] != "0x1":
        raise TransactionReverted(f"the chain refused to {step.act}", reason="reverted", tx_hash=tx_hash)


async def _receipt(node: JsonRpcClient, tx_hash: str) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_RECEIPT_SECONDS):
            while True:
                found: dict[str, Any] | None = await node.call("eth_getTransactionReceipt", tx_hash)
                if found is not None:
                    return found
                await asyncio.sleep(_CHECK_SECONDS)
    except TimeoutError:
        raise NodeUnavailable(
            f"{tx_hash} is not in a block after {_RECEIPT_SECONDS:.0f} s: run the same command again later",
            tx_hash=tx_hash,
        ) from None


async def with_node(rpc: str, act: Any) -> Any:
    node = JsonRpcClient(rpc, timeout_seconds=30)
    try:
        return await act(node)
    finally:
        await node.close()


def version_of(number: int | None) -> BookVersion:
    if number is None:
        return newest_book()
    for version in book_versions():
        if version.number == number:
            return version
    raise InvalidValue(f"there is no version {number} of the voucher book: see quanbao contracts versions")


def _read_key(path: Path) -> PrivateKey:
    """Raises InvalidKeyFile; never shows what the file holds."""
    try:
        state = path.stat()
        text = path.read_text().strip().removeprefix("0x")
    except OSError as error:
        raise InvalidKeyFile(f"the key file {path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        text = ""
    if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise InvalidKeyFile(f"others can read the key file {path}: chmod 600 {path}")
    try:
        return PrivateKey(bytes.fromhex(text) if len(text) == 64 else b"")
    except ValueError:
        raise InvalidKeyFile(f"the key file {path} does not hold a private key of 64 hex digits") from None


def shown(version: BookVersion) -> dict[str, Any]:
    return {
        "version": version.number,
        "address": checksum_address(version.address),
        "salt": "0x" + version.salt.hex(),
        "released": version.released,
    }


def _document(plan: DeploymentPlan) -> dict[str, Any]:
    return {
        "chain": str(plan.chain),
        "book": str(plan.book),
        "version": plan.version.number,
        "present": plan.present,
        "deployer_present": plan.deployer_present,
        "opcodes": dict(plan.features.opcodes),
        "gas_price": str(plan.price),
        "cost": str(plan.cost),
        "transactions": [
            {
                "act": step.act,
                "to": None if step.to is None else checksum_address(step.to),
                "value": str(step.value),
                "gas": None if step.gas is None else str(step.gas),
                "data": "0x" + step.data.hex(),
            }
            for step in plan.steps
        ],
    }


def _show(plan: DeploymentPlan) -> None:
    console.print(f"chain     {plan.chain}", highlight=False)
    console.print(f"book      {plan.book.address}, version {plan.version.number}", highlight=False)
    runs = ", ".join(name for name, there in plan.features.opcodes.items() if there)
    console.print(f"runs      {runs}", highlight=False)
    if plan.present:
        console.print("It is there already; nothing to do.", highlight=False)
        return
    for number, step in enumerate(plan.steps, 1):
        gas = "gas unknown before that" if step.gas is None else f"{step.gas:,} gas"
        size = f"{len(step.data):,} bytes"
        console.print(f"{number}. {step.act}: {gas}, {step.value:,} wei, {size}", highlight=False)
    console.print(f"about {plan.cost:,} wei at {plan.price:,} wei per gas", highlight=False)
