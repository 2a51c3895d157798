"""What calls would do to balances, before anybody signs.

A node that has `eth_simulateV1` (go-ethereum, Nethermind, Reth, Erigon, Anvil) runs the calls one after the other on
its newest block, between two readings of every balance in question: what the contracts themselves say counts, and
logs only tell which tokens to ask. Where there is only `debug_traceCall`, a single call is traced, and its logs and
value transfers are believed. Sources: ethereum/execution-apis `eth_simulateV1`; go-ethereum's "callTracer".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chains.evm.calls import as_hex
from chains.evm.reverts import reverted
from chains.evm.token_moves import Move, moves_of
from chains.evm.traced_call import moves_of_frame
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from primitives.account_id import AccountId, checksum_address
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable, TransactionReverted

_PROBE = "0x00000000000000000000000000000000b0a1a9ce"
_PROBE_CODE = "0x6000353160005260206000f3"
"""Answers the native balance of the address that it is called with: CALLDATALOAD BALANCE MSTORE RETURN."""
_MOST_TOKENS = 20


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """A call as `sender` would send it. `value` is in wei."""

    sender: AccountId
    to: AccountId
    data: bytes = b""
    value: int = 0


@dataclass(frozen=True, slots=True)
class BalanceChange:
    """What an account has more of (or less, below zero), in base units of `asset`; fees are not counted."""

    account: AccountId
    asset: AssetId
    base_units: int


@dataclass(frozen=True, slots=True)
class Simulated:
    """What the calls would do.

    Attributes:
        changes: Of the accounts that were asked about; what stays the same is left out.
        gas: Used by each call, as far as they ran; refunds may be taken off, which are a fifth at most (EIP-3529).
        answers: What each call returned.
        refused: Why the first call that fails does; then `changes` is empty.
        failed: Its place.
    """

    changes: tuple[BalanceChange, ...]
    gas: tuple[int, ...] = ()
    answers: tuple[bytes, ...] = ()
    refused: TransactionReverted | None = None
    failed: int | None = None

    def change(self, account: AccountId, asset: AssetId) -> int:
        """Zero where nothing changes."""
        return sum(one.base_units for one in self.changes if (one.account, one.asset) == (account, asset))


class EvmSimulator:
    """Simulates on one chain."""

    def __init__(self, chain: ChainId, rpc: JsonRpcClient) -> None:
        self._chain = chain
        self._rpc = rpc
        self._native = AssetId.native(chain)

    async def run(
        self, calls: Sequence[SimulatedCall], accounts: Sequence[AccountId], assets: Sequence[AssetId] = ()
    ) -> Simulated | None:
        """Run the calls in this order and say how the accounts' balances change; None where no node simulates.

        Args:
            assets: Fungible ones that are surely asked about, so that no second exchange is needed for them.

        Raises:
            NodeUnavailable
        """
        fungible = [one.reference for one in assets if one.namespace == "erc20"]
        for _ in range(2):
            results = await self._simulate(calls, accounts, fungible)
            if results is None:
                return await self._traced(calls, accounts)
            before, ran, after = _split(results, len(calls))
            failed = next((place for place, one in enumerate(ran) if int(one["status"], 16) != 1), None)
            if failed is not None:
                return Simulated((), _gas(ran), _returned(ran), _refusal(ran[failed]), failed)
            moves = [move for one in ran for move in moves_of(self._chain, one.get("logs") or ())]
            seen = [one.asset.reference for one in _of(moves, accounts) if one.asset.namespace == "erc20"]
            fresh = [one for one in dict.fromkeys(seen) if one not in fungible][: _MOST_TOKENS - len(fungible)]
            if not fresh:
                break
            # What the logs name is asked for as well, in a second run on the same calls.
            fungible += fresh
        changes = self._balances(accounts, fungible, before, after)
        collected = [one for one in moves if one.asset.namespace != "erc20"]
        return Simulated((*changes, *_sums(collected, accounts)), _gas(ran), _returned(ran))

    async def _simulate(
        self, calls: Sequence[SimulatedCall], accounts: Sequence[AccountId], fungible: Sequence[str]
    ) -> Sequence[Mapping[str, Any]] | None:
        probes = [{"to": _PROBE, "data": "0x" + account.raw.rjust(32, b"\0").hex()} for account in accounts] + [
            {"to": token, "data": as_hex(tokens.call("balanceOf(address)", "0x" + account.raw.hex()))}
            for token in fungible
            for account in accounts
        ]
        looking = {"stateOverrides": {_PROBE: {"code": _PROBE_CODE}}, "calls": probes}
        # A block for each: within one some nodes keep what is warm, and count too little gas.
        blocks = [looking, *({"calls": [_request(one)]} for one in calls), looking]
        (answer,) = await self._rpc.settle(
            [("eth_simulateV1", [{"blockStateCalls": blocks, "validation": False}, "latest"])]
        )
        if isinstance(answer, NodeRefusal):
            return None
        results = [one for block in answer for one in block["calls"]] if isinstance(answer, list) else []
        if len(results) != 2 * len(probes) + len(calls):
            raise NodeUnavailable("the node's simulation is incomplete: ask again", reason="simulation")
        return results

    def _balances(
        self,
        accounts: Sequence[AccountId],
        fungible: Sequence[str],
        before: Sequence[Mapping[str, Any]],
        after: Sequence[Mapping[str, Any]],
    ) -> list[BalanceChange]:
        ids = [self._native, *(AssetId.fungible(self._chain, checksum_address(_raw(one))) for one in fungible)]
        changes = []
        for place, (old, new) in enumerate(zip(before, after, strict=True)):
            account, asset = accounts[place % len(accounts)], ids[place // len(accounts)]
            difference = _word(new) - _word(old)
            if difference:
                changes.append(BalanceChange(account, asset, difference))
        return changes

    async def _traced(self, calls: Sequence[SimulatedCall], accounts: Sequence[AccountId]) -> Simulated | None:
        if len(calls) != 1:
            return None
        options = {"tracer": "callTracer", "tracerConfig": {"withLog": True}}
        (frame,) = await self._rpc.settle([("debug_traceCall", [_request(calls[0]), "latest", options])])
        if isinstance(frame, NodeRefusal) or not isinstance(frame, Mapping):
            return None
        returned = bytes.fromhex(str(frame.get("output") or "0x")[2:])
        gas = (int(str(frame.get("gasUsed") or "0x0"), 16),)
        if frame.get("error"):
            return Simulated((), gas, (returned,), reverted(returned), 0)
        return Simulated(tuple(_sums(moves_of_frame(self._chain, frame), accounts)), gas, (returned,))


def _request(call: SimulatedCall) -> dict[str, str]:
    return {
        "from": call.sender.address,
        "to": call.to.address,
        "value": hex(call.value),
        "data": as_hex(call.data),
    }


def _split(
    results: Sequence[Mapping[str, Any]], count: int
) -> tuple[Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]], Sequence[Mapping[str, Any]]]:
    probes = (len(results) - count) // 2
    return results[:probes], results[probes : probes + count], results[probes + count :]


def _refusal(result: Mapping[str, Any]) -> TransactionReverted:
    told = result.get("error") or {}
    data = told.get("data") or result.get("returnData") or "0x"
    raw = bytes.fromhex(data[2:]) if isinstance(data, str) and data.startswith("0x") else b""
    if not raw and told.get("message") and "revert" not in str(told["message"]).lower():
        reason = str(told["message"])[:200]
        return TransactionReverted(f"the node cannot simulate this: {reason}", reason=reason)
    return reverted(raw)


def _of(moves: Sequence[Move], accounts: Sequence[AccountId]) -> list[Move]:
    wanted = {account.raw for account in accounts}
    return [move for move in moves if move.sender in wanted or move.recipient in wanted]


def _sums(moves: Sequence[Move], accounts: Sequence[AccountId]) -> list[BalanceChange]:
    changes: dict[tuple[AccountId, AssetId], int] = {}
    for move in moves:
        for account in accounts:
            amount = move.base_units * ((move.recipient == account.raw) - (move.sender == account.raw))
            changes[account, move.asset] = changes.get((account, move.asset), 0) + amount
    return [BalanceChange(account, asset, amount) for (account, asset), amount in changes.items() if amount]


def _gas(results: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """`maxUsedGas`, where nodes tell it, is before refunds: what a limit must cover."""
    return tuple(int(one.get("maxUsedGas") or one["gasUsed"], 16) for one in results)


def _returned(results: Sequence[Mapping[str, Any]]) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex((one.get("returnData") or "0x")[2:]) for one in results)


def _word(result: Mapping[str, Any]) -> int:
    """Zero for what does not answer like a token."""
    data = _returned([result])[0] if int(result["status"], 16) == 1 else b""
    return int.from_bytes(data[:32], "big") if len(data) >= 32 else 0


def _raw(address: str) -> bytes:
    return bytes.fromhex(address[2:])
