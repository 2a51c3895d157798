"""What an act would change, told by simulation before it is signed, and where that is not what was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chains.evm.calls import call_of
from chains.evm.simulation import BalanceChange, EvmSimulator, Simulated, SimulatedCall
from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Notice
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.errors import TransactionReverted
from wallets.assets.service import ConnectedChains

TOLERANCE_PERCENT = 5
"""By so much an act may turn out worse than it was shown before the person is asked again."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """`changes`: of the sender first; None where no node simulates."""

    changes: tuple[BalanceChange, ...] | None
    notices: tuple[Notice, ...] = ()


class Foresight:
    """Simulates acts on EVM chains; of others nothing is foreseen."""

    def __init__(self, chains: ConnectedChains) -> None:
        self._chains = chains

    async def look(self, intent: Intent) -> Foreseen:
        """What the act would change for its sender (and a transfer's recipient) now.

        Raises:
            TransactionReverted: It would be refused, or the token says that it moves nothing.
            NodeUnavailable, InvalidAddress, UnknownAsset
        """
        if intent.chain.family != "eip155" or not isinstance(intent.action, Transfer | ContractCall):
            return Foreseen(None)
        to, value, data = call_of(intent.chain, intent)
        call = SimulatedCall(intent.sender, AccountId.from_raw(intent.chain, to), data, value)
        if isinstance(intent.action, ContractCall):
            ran = await self._run(call, [intent.sender], [])
            return Foreseen(None if ran is None else ran.changes)
        transfer = intent.action
        people = list(dict.fromkeys([intent.sender, transfer.recipient]))
        ran = await self._run(call, people, [transfer.amount.asset.id])
        if transfer.amount.asset.id.namespace == "erc20":
            _require_yes(ran.answers[0] if ran is not None and ran.answers else await self._answer(call))
        if ran is None:
            return Foreseen(None)
        return Foreseen(ran.changes, _differences(intent.sender, transfer, ran))

    async def _run(
        self, call: SimulatedCall, accounts: Sequence[AccountId], assets: Sequence[AssetId]
    ) -> Simulated | None:
        chain = call.sender.chain
        ran = await EvmSimulator(chain, self._chains.client(chain)).run([call], accounts, assets)
        if ran is not None and ran.refused is not None:
            raise ran.refused
        return ran

    async def _answer(self, call: SimulatedCall) -> bytes:
        wanted = {"from": call.sender.address, "to": call.to.address, "data": "0x" + call.data.hex()}
        (answer,) = await self._chains.client(call.sender.chain).settle([("eth_call", [wanted, "latest"])])
        # A refusal has its reason from the estimate, which every act goes through.
        return b"" if isinstance(answer, NodeRefusal) else bytes.fromhex(answer[2:])


def _require_yes(answer: bytes) -> None:
    """Tokens answer true, or nothing at all as some old ones do; false means that nothing was moved (ERC-20)."""
    if tokens.decode_word(answer) == 0:
        raise TransactionReverted(
            "the token answers that it would not transfer: nothing would move, so nothing is sent",
            reason="the token returned false",
        )


def _differences(sender: AccountId, transfer: Transfer, ran: Simulated) -> tuple[Notice, ...]:
    asset, wanted = transfer.amount.asset, transfer.amount.base_units
    if transfer.recipient == sender or asset.id.is_native:
        return _others_lost(sender, asset.id, ran)
    arrived, left = ran.change(transfer.recipient, asset.id), -ran.change(sender, asset.id)
    notices = []
    if arrived <= 0:
        raise TransactionReverted(
            "the simulation shows that nothing would arrive, so nothing is sent", reason="nothing would arrive"
        )
    if arrived < wanted:
        notices.append(
            Notice(
                "transfer_fee",
                f"the token keeps part of each transfer: {Amount(arrived, asset)} of {transfer.amount} would arrive",
            )
        )
    if left > wanted:
        notices.append(
            Notice("balance_difference", f"{Amount(left, asset)} would leave this account, not {transfer.amount}")
        )
    return (*notices, *_others_lost(sender, asset.id, ran))


def _others_lost(sender: AccountId, asset: AssetId, ran: Simulated) -> tuple[Notice, ...]:
    lost = [one for one in ran.changes if one.account == sender and one.asset != asset and one.base_units < 0]
    if not lost:
        return ()
    told = ", ".join(f"{-one.base_units} of {one.asset}" for one in lost)
    return (Notice("balance_difference", f"this account would lose more than was asked for: {told}"),)


def worse(shown: Sequence[BalanceChange] | None, now: Sequence[BalanceChange] | None) -> tuple[Notice, ...]:
    """Where an act that was shown before would now give less or take more, by more than a few percent."""
    if shown is None or now is None:
        return ()
    before = {(one.account, one.asset): one.base_units for one in shown}
    after = {(one.account, one.asset): one.base_units for one in now}
    told = []
    for what in dict.fromkeys([*before, *after]):
        old, new = before.get(what, 0), after.get(what, 0)
        if new < old - abs(old) * TOLERANCE_PERCENT // 100:
            told.append(f"{what[1]} would change by {new}, and was shown to change by {old}")
    if not told:
        return ()
    return (Notice("balance_difference", f"it does something else now than when it was asked for: {'; '.join(told)}"),)


def changes_to_json(changes: Sequence[BalanceChange] | None) -> Any:
    """A JSON list from which `changes_from_json` makes equal changes; None stays None."""
    if changes is None:
        return None
    return [
        {"account": str(one.account), "asset": str(one.asset), "base_units": str(one.base_units)} for one in changes
    ]


def changes_from_json(told: Any) -> tuple[BalanceChange, ...] | None:
    if told is None:
        return None
    return tuple(
        BalanceChange(AccountId.parse(one["account"]), AssetId.parse(one["asset"]), int(one["base_units"]))
        for one in told
    )
