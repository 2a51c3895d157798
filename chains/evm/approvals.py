"""Who may take what from an account, and how to end it.

Found by logs, and only shown when the contract still says so: ERC-20 allowances, operators of collections (ERC-721 and
ERC-1155), Permit2 allowances, and the code that an account has borrowed (EIP-7702).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from chains.evm.log_scan import LogScan
from chains.evm.multicall import Multicall, View
from chains.intent import ContractCall, EndDelegation, Intent
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm import tokens
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import NodeUnavailable


class ApprovalKind(StrEnum):
    ALLOWANCE = "allowance"
    OPERATOR = "operator"
    PERMIT2 = "permit2"
    DELEGATION = "delegation"


@dataclass(frozen=True, slots=True)
class Approval:
    """Something that stands now.

    Attributes:
        token: The contract whose tokens may be taken; None for a delegation, which may take everything.
        spender: Who may.
        base_units: How much; None for all of them (operators, delegations).
        until: Unix seconds after which it ends by itself; None: never.
    """

    kind: ApprovalKind
    owner: AccountId
    token: AccountId | None
    spender: AccountId
    base_units: int | None
    until: int | None = None

    @property
    def unlimited(self) -> bool:
        """All there is and ever will be: nobody's balance reaches half of the largest number."""
        most = tokens.UNLIMITED_PERMIT2 if self.kind is ApprovalKind.PERMIT2 else tokens.UNLIMITED
        return self.base_units is None or self.base_units > most // 2


class EvmApprovals:
    """Approvals of one chain."""

    def __init__(self, chain: ChainId, rpc: JsonRpcClient) -> None:
        self._chain = chain
        self._rpc = rpc
        self._multicall = Multicall(rpc)

    async def ever_given(
        self, owner: AccountId, since: int, until: int
    ) -> tuple[Sequence[tuple[ApprovalKind, bytes, bytes]], bytes]:
        """Kind, token and spender of every approval in a range of blocks, and the hash of the last one.

        Raises:
            NodeUnavailable
        """
        me = tokens.address_topic(owner.raw)
        wanted = [tokens.APPROVAL, tokens.APPROVAL_FOR_ALL, tokens.PERMIT2_APPROVAL, tokens.PERMIT2_PERMIT]
        page = await LogScan(self._rpc, topics=[wanted, me]).page(since, until)
        found: dict[tuple[ApprovalKind, bytes, bytes], None] = {}
        for log in page.logs:
            contract = bytes.fromhex(log["address"][2:])
            parties = [bytes.fromhex(one[2:])[12:] for one in log["topics"][2:]]
            kind = log["topics"][0]
            if kind == tokens.APPROVAL and len(parties) == 1:
                found[ApprovalKind.ALLOWANCE, contract, parties[0]] = None
            elif kind == tokens.APPROVAL_FOR_ALL and len(parties) == 1:
                found[ApprovalKind.OPERATOR, contract, parties[0]] = None
            elif contract == tokens.PERMIT2 and len(parties) == 2:
                found[ApprovalKind.PERMIT2, parties[0], parties[1]] = None
        return list(found), page.until_hash

    async def standing(
        self, owner: AccountId, given: Sequence[tuple[ApprovalKind, bytes, bytes]]
    ) -> Sequence[Approval]:
        """Those that still stand, and the account's delegation.

        Raises:
            NodeUnavailable
        """
        me = "0x" + owner.raw.hex()
        views: list[View] = []
        for kind, token, spender in given:
            other = "0x" + spender.hex()
            if kind is ApprovalKind.ALLOWANCE:
                views.append((token, tokens.call("allowance(address,address)", me, other)))
            elif kind is ApprovalKind.OPERATOR:
                views.append((token, tokens.call("isApprovedForAll(address,address)", me, other)))
            else:
                views.append(
                    (
                        tokens.PERMIT2,
                        tokens.call("allowance(address,address,address)", me, "0x" + token.hex(), other),
                    )
                )
        found = []
        for (kind, token, spender), answer in zip(given, await self._multicall.views(views), strict=True):
            amount = tokens.decode_word(answer)
            if not amount:
                continue
            until = None
            if kind is ApprovalKind.PERMIT2 and answer is not None:
                until = int.from_bytes(answer[32:64], "big")
            found.append(
                Approval(
                    kind,
                    owner,
                    self._account(token),
                    self._account(spender),
                    None if kind is ApprovalKind.OPERATOR else amount,
                    until,
                )
            )
        delegate = await self._delegate(owner)
        if delegate is not None:
            found.append(Approval(ApprovalKind.DELEGATION, owner, None, self._account(delegate), None))
        return found

    async def _delegate(self, owner: AccountId) -> bytes | None:
        try:
            code = bytes.fromhex((await self._rpc.call("eth_getCode", owner.address, "latest"))[2:])
        except NodeRefusal as refusal:
            raise NodeUnavailable(
                f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200]
            ) from refusal
        return code[3:] if len(code) == 23 and code.startswith(tokens.DELEGATION_PREFIX) else None

    def revocation(self, approval: Approval) -> Intent:
        """What ends it: a call, or for a delegation a transaction that gives the borrowed code back."""
        spender = "0x" + approval.spender.raw.hex()
        if approval.token is None:
            return Intent(approval.owner, EndDelegation())
        token = "0x" + approval.token.raw.hex()
        match approval.kind:
            case ApprovalKind.ALLOWANCE:
                call = ContractCall(approval.token, tokens.call("approve(address,uint256)", spender, 0))
            case ApprovalKind.OPERATOR:
                call = ContractCall(approval.token, tokens.call("setApprovalForAll(address,bool)", spender, False))
            case _:
                data = tokens.call("approve(address,address,uint160,uint48)", token, spender, 0, 0)
                call = ContractCall(self._account(tokens.PERMIT2), data)
        return Intent(approval.owner, call)

    def _account(self, raw: bytes) -> AccountId:
        return AccountId.from_raw(self._chain, raw)
