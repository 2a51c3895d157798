"""Receipts of an EVM chain, and where the transactions of an account stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chains.evm.calls import TAGS, read_all
from chains.evm.errors import revert_data
from chains.evm.reverts import reverted
from chains.ports import Finalised, Receipt, Standing
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.errors import TransactionReverted
from primitives.position import Finality


class Receipts:
    """Reads receipts in the canonical chain, with the finality of their blocks at that moment."""

    def __init__(self, rpc: JsonRpcClient, native: Asset, required_finality: Finality) -> None:
        self._rpc = rpc
        self._native = native
        self._required = TAGS[required_finality]

    async def one(self, tx_hash: str) -> Receipt | None:
        found, *blocks = await read_all(self._rpc, [("eth_getTransactionReceipt", [tx_hash]), *_heads()])
        return (await self._canonical([found], blocks))[0]

    async def standing(self, account: AccountId, tx_hashes: Sequence[str]) -> Standing:
        """One exchange, the final nonce before the receipts: a transaction that used the nonce and is final shows its
        receipt, so a nonce that is used up with none of these receipts was used by another."""
        calls: list[Call] = [
            ("eth_getTransactionCount", [account.address, self._required]),
            ("eth_getTransactionCount", [account.address, "latest"]),
            *(("eth_getTransactionReceipt", [tx_hash]) for tx_hash in tx_hashes),
            *_heads(),
        ]
        answers = await read_all(self._rpc, calls)
        found, blocks = answers[2:-3], answers[-3:]
        return Standing(
            finalised=Finalised(nonce=int(answers[0], 16), block_height=None),
            included=int(answers[1], 16),
            receipts=tuple(await self._canonical(found, blocks)),
        )

    async def _canonical(self, found: Sequence[Any], heads: Sequence[Any]) -> list[Receipt | None]:
        heights = sorted({int(one["blockNumber"], 16) for one in found if _placed(one)})
        if not heights:
            return [None] * len(found)
        blocks = await read_all(self._rpc, [("eth_getBlockByNumber", [hex(height), False]) for height in heights])
        by_height = dict(zip(heights, blocks, strict=True))
        return [await self._receipt(one, by_height, heads) if _placed(one) else None for one in found]

    async def _receipt(
        self, found: Mapping[str, Any], blocks: Mapping[int, Any], heads: Sequence[Any]
    ) -> Receipt | None:
        height = int(found["blockNumber"], 16)
        canonical = blocks[height]
        if canonical is None or canonical["hash"] != found["blockHash"]:
            return None
        finality = Finality.INCLUDED
        for level, block in zip(TAGS, heads, strict=True):
            if block is not None and height <= int(block["number"], 16):
                finality = max(finality, level)
        gas_used = int(found["gasUsed"], 16)
        refusal = None
        if int(found["status"], 16) != 1:
            refusal = await self._why_reverted(found["transactionHash"], height, gas_used)
        # OP Stack receipts name the data fee beside gas (`l1Fee`).
        fee = gas_used * int(found["effectiveGasPrice"], 16) + int(found.get("l1Fee") or "0x0", 16)
        return Receipt(
            tx_hash=found["transactionHash"],
            height=height,
            index=int(found["transactionIndex"], 16),
            block_hash=bytes.fromhex(found["blockHash"][2:]),
            block_time=int(canonical["timestamp"], 16),
            ok=refusal is None,
            reason=None if refusal is None else str(refusal.reason),
            fee_paid=Amount(fee, self._native),
            finality=finality,
            refusal=refusal,
        )

    async def _why_reverted(self, tx_hash: str, height: int, gas_used: int) -> TransactionReverted:
        """As the node traces it; where it does not, the transaction is run again on the block before, which lacks what
        its own block did first. Where that state is gone the reason is plainly `reverted`."""
        (transaction,) = await read_all(self._rpc, [("eth_getTransactionByHash", [tx_hash])])
        if transaction is None:
            return _plain("reverted", tx_hash)
        if gas_used >= int(transaction["gas"], 16):
            return _plain("out of gas", tx_hash)
        top = {"tracer": "callTracer", "tracerConfig": {"onlyTopCall": True}}
        (traced,) = await self._rpc.settle([("debug_traceTransaction", [tx_hash, top])])
        told = None if isinstance(traced, NodeRefusal) else traced.get("output")
        if isinstance(told, str) and len(told) > 2:
            return reverted(bytes.fromhex(told[2:]), tx_hash=tx_hash)
        call = {key: transaction[key] for key in ("from", "to", "value", "gas")} | {"data": transaction["input"]}
        try:
            await self._rpc.call("eth_call", call, hex(height - 1))
        except NodeRefusal as refusal:
            output = revert_data(refusal)
            if output:
                return reverted(output, tx_hash=tx_hash)
        return _plain("reverted", tx_hash)


def _plain(reason: str, tx_hash: str) -> TransactionReverted:
    return TransactionReverted(
        f"the transaction is on the chain and had no effect: {reason}", reason=reason, tx_hash=tx_hash
    )


def _heads() -> list[Call]:
    return [("eth_getBlockByNumber", [tag, False]) for tag in TAGS.values()]


def _placed(found: Any) -> bool:
    return found is not None and found.get("blockHash") is not None
