"""Holdings and approvals of the accounts of EVM chains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from chains.evm.approvals import Approval, ApprovalKind, EvmApprovals
from chains.evm.holdings import EvmHoldings, Holding, Sighting, TokenKind
from chains.intent import ContractCall, Intent
from chains.ports import Chains, Notice
from chains.rpc.client import JsonRpcClient
from codec.evm import tokens
from persistence.database import Database
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    FeatureUnavailable,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    NotFound,
    PaymentNotFound,
)
from primitives.signing import Signer
from wallets.assets import sql
from wallets.assets.lookalike import imitates, lures
from wallets.engine.model import Payment, PaymentRequest
from wallets.engine.service import Engine
from wallets.risk.evm import call_findings
from wallets.risk.model import digest_of, notices_of
from wallets.transfers.acceptance import require_accepted
from wallets.transfers.ports import Acceptances, HeldAccounts

ACT = "approval.revoke"
GIVE = "approval.give"
SPAN = 10_000
PAGES_AT_ONCE = 20


class ConnectedChains(Chains, Protocol):
    """The configured chains with their nodes; `chains.registry.ConfiguredChains` conforms."""

    def client(self, chain: ChainId) -> JsonRpcClient: ...

    def known_assets(self, chain: ChainId) -> Sequence[Asset]: ...


@dataclass(frozen=True, slots=True)
class NewApproval:
    """What somebody shall be allowed to take.

    Attributes:
        kind: ALLOWANCE (ERC-20) or OPERATOR (every token of a collection).
        base_units: Of an allowance; None: without limit.
    """

    account: AccountId
    kind: ApprovalKind
    token: AccountId
    spender: AccountId
    base_units: int | None

    def call(self) -> ContractCall:
        """Raises InvalidAddress: another chain's. InvalidValue: no such kind is given by a call of a token."""
        for one in (self.token, self.spender):
            if one.chain != self.account.chain:
                raise InvalidAddress(f"{one} is not on {self.account.chain}", address=str(one))
        spender = "0x" + self.spender.raw.hex()
        if self.kind is ApprovalKind.OPERATOR:
            return ContractCall(self.token, tokens.call("setApprovalForAll(address,bool)", spender, True))
        if self.kind is not ApprovalKind.ALLOWANCE:
            raise InvalidValue(f"a {self.kind} is not given here: choose allowance or operator")
        amount = tokens.UNLIMITED if self.base_units is None else self.base_units
        return ContractCall(self.token, tokens.call("approve(address,uint256)", spender, amount))


class Mark(StrEnum):
    """Why something held is not to be trusted.

    UNSOLICITED: it came by itself and nothing of it was ever sent on. IMITATION: an unknown contract under the symbol
    of a known asset. LURE: its name sends the reader somewhere.
    """

    UNSOLICITED = "unsolicited"
    IMITATION = "imitation"
    LURE = "lure"


@dataclass(frozen=True, slots=True)
class MarkedHolding:
    """`hidden` ones are left out of totals and lists unless asked for."""

    holding: Holding
    marks: tuple[Mark, ...]

    @property
    def hidden(self) -> bool:
        return Mark.IMITATION in self.marks or Mark.LURE in self.marks


class AssetService:
    """Finds by reading final blocks once, and the blocks above them each time."""

    def __init__(
        self,
        database: Database,
        chains: ConnectedChains,
        accounts: HeldAccounts,
        engine: Engine,
        acceptances: Acceptances | None = None,
    ) -> None:
        self._acceptances = acceptances
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._engine = engine

    async def holdings(self, tenant_id: UUID, account: AccountId) -> tuple[Sequence[MarkedHolding], bool]:
        """Tokens and collectibles of one of the caller's accounts, and whether the whole history was read; when not,
        asking again reads on.

        Raises:
            InvalidAddress: Not the caller's account.
            FeatureUnavailable: Not an EVM chain.
            UnknownChain, NodeUnavailable
        """
        await self._require_own(tenant_id, account)
        fresh, complete = await self._read_on(account)
        async with self._database.transaction() as tx:
            seen = {asset: (kind, sent) for asset, kind, sent in await sql.seen_assets(tx, account)}
        for one in fresh:
            kind, sent = seen.get(one.asset, (one.kind, False))
            seen[one.asset] = kind, sent or (not one.incoming and one.base_units > 0)
        known = {asset.id: asset for asset in self._chains.known_assets(account.chain)}
        for asset in known:
            if asset.namespace == "erc20":
                seen.setdefault(asset, (TokenKind.ERC20, True))
        reader = EvmHoldings(account.chain, self._chains.client(account.chain))
        found = await reader.holdings(account, [(asset, kind) for asset, (kind, _) in seen.items()])
        symbols = {asset.symbol for asset in known.values()}
        return [MarkedHolding(one, _marks(one, known, symbols, sent=seen[one.asset][1])) for one in found], complete

    async def approvals(self, tenant_id: UUID, account: AccountId) -> tuple[Sequence[Approval], bool]:
        """What others may take, unlimited ones first, and whether the whole history was read.

        Raises:
            InvalidAddress, FeatureUnavailable, UnknownChain, NodeUnavailable
        """
        await self._require_own(tenant_id, account)
        _, complete = await self._read_on(account)
        async with self._database.transaction() as tx:
            given = dict.fromkeys(await sql.given_approvals(tx, account))
        reader = EvmApprovals(account.chain, self._chains.client(account.chain))
        heads = await self._chains.adapter(account.chain).heads()
        if heads.included > heads.finalized:
            above, _ = await reader.ever_given(account, heads.finalized + 1, heads.included)
            given.update(dict.fromkeys(above))
        standing = await reader.standing(account, list(given))
        return sorted(standing, key=lambda one: not one.unlimited), complete

    async def revoke(
        self,
        tenant_id: UUID,
        account: AccountId,
        kind: ApprovalKind,
        token: AccountId | None,
        spender: AccountId,
        signer: Signer,
        *,
        idempotency_key: str,
    ) -> Payment:
        """End an approval that stands.

        Raises:
            NotFound: Nothing like it stands.
            IdempotencyConflict, KeystoreLocked, and what `approvals` raises.
        """
        key = f"revoke:{idempotency_key}"
        async with self._database.transaction() as tx:
            known = await self._engine.by_key(tx, tenant_id, key)
        if known is not None:
            return await self._engine.authorise(known.id, signer)
        standing, _ = await self.approvals(tenant_id, account)
        approval = next((one for one in standing if (one.kind, one.token, one.spender) == (kind, token, spender)), None)
        if approval is None:
            raise NotFound(f"{spender} has no such approval from {account} (any more)")
        intent = EvmApprovals(account.chain, self._chains.client(account.chain)).revocation(approval)
        async with self._database.transaction() as tx:
            payment = await self._engine.request(tx, PaymentRequest(tenant_id, key, intent, ACT, signs="person"))
        fault_point("revocation.requested")
        return await self._engine.authorise(payment.id, signer)

    async def approve(
        self, tenant_id: UUID, wanted: NewApproval, signer: Signer, *, accepted: frozenset[str], idempotency_key: str
    ) -> Payment:
        """Let somebody take an exact amount, or everything when that warning is accepted.

        Raises:
            WarningNotAccepted: `unlimited_approval`, `spender_without_code`.
            InvalidAddress, FeatureUnavailable, UnknownChain, InsufficientFunds, FeeTooLow
            TransactionReverted: The token refuses, as some do while an earlier approval stands: revoke that first.
            IdempotencyConflict, KeystoreLocked, NodeUnavailable
        """
        await self._require_own(tenant_id, wanted.account)
        chain, key = wanted.account.chain, f"approve:{idempotency_key}"
        if chain.family != "eip155":
            raise FeatureUnavailable("approvals are given on EVM chains only", feature="approvals")
        call = wanted.call()
        intent = Intent(wanted.account, call)
        preview, notices = None, list[Notice]()
        async with self._database.transaction() as tx:
            known = await self._engine.by_key(tx, tenant_id, key)
        if known is None:
            notices = [*notices_of(call_findings(call)), *await self._spender_notices(wanted.spender)]
            require_accepted(notices, accepted)
            preview = await self._chains.adapter(chain).preview(intent)
        async with self._database.transaction() as tx:
            payment = await self._engine.request(tx, PaymentRequest(tenant_id, key, intent, GIVE, signs="person"))
            if self._acceptances is not None and notices:
                await self._acceptances.accepted(tx, tenant_id, payment.id, digest_of(intent), notices, accepted)
        fault_point("approval.requested")
        return await self._engine.authorise(payment.id, signer, preview=preview)

    async def _spender_notices(self, spender: AccountId) -> Sequence[Notice]:
        code = await self._chains.client(spender.chain).call("eth_getCode", spender.address, "latest")
        if len(code) > 2 and not code.startswith("0x" + tokens.DELEGATION_PREFIX.hex()):
            return ()
        return (
            Notice(
                "spender_without_code",
                f"{spender.address} is no contract but somebody's own account: exchanges and shops are contracts, "
                "thieves often are not",
            ),
        )

    async def revocation(self, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another person's, and for payments that end no approval."""
        return await self._call(tenant_id, payment_id, ACT)

    async def given(self, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another person's, and for payments that give no approval."""
        return await self._call(tenant_id, payment_id, GIVE)

    async def _call(self, tenant_id: UUID, payment_id: UUID, act: str) -> Payment:
        async with self._database.transaction() as tx:
            payment = await self._engine.get(tx, tenant_id, payment_id)
        if payment.act != act:
            raise PaymentNotFound(f"there is no such call {payment_id}", payment_id=str(payment_id))
        return payment

    async def _require_own(self, tenant_id: UUID, account: AccountId) -> None:
        self._chains.adapter(account.chain)
        if all(held.account != account for held in await self._accounts.list(tenant_id)):
            raise InvalidAddress(
                f"{account} is not an account of your wallets: choose one of them", address=str(account)
            )

    async def _read_on(self, account: AccountId) -> tuple[Sequence[Sighting], bool]:
        """Read final blocks further; what is above them, and whether all final ones are read."""
        if account.chain.family != "eip155":
            raise FeatureUnavailable("tokens are found by logs on EVM chains only", feature="logs")
        client = self._chains.client(account.chain)
        holdings, approvals = EvmHoldings(account.chain, client), EvmApprovals(account.chain, client)
        heads = await self._chains.adapter(account.chain).heads()
        async with self._database.transaction() as tx:
            height = await sql.scanned_height(tx, account)
        if height > heads.finalized:
            # A local chain that began anew: what was seen stays listed, balances are always asked for.
            height = -1
        for _ in range(PAGES_AT_ONCE):
            if height >= heads.finalized:
                break
            until = min(heads.finalized, height + SPAN)
            sightings, end = await holdings.sightings(account, height + 1, until)
            given, end_again = await approvals.ever_given(account, height + 1, until)
            if end != end_again:
                raise NodeUnavailable("the chain changed while it was read: ask again", reason="reorg")
            async with self._database.transaction() as tx:
                await sql.hold_account(tx, account)
                await sql.add_sightings(tx, account, sightings)
                await sql.add_approvals(tx, account, given)
                await sql.put_height(tx, account, until)
            height = until
        if height < heads.finalized:
            return (), False
        if heads.included == heads.finalized:
            return (), True
        above, _ = await holdings.sightings(account, heads.finalized + 1, heads.included)
        return above, True


def _marks(holding: Holding, known: dict[AssetId, Asset], symbols: set[str], *, sent: bool) -> tuple[Mark, ...]:
    if holding.asset in known:
        return ()
    marks = []
    if not sent:
        marks.append(Mark.UNSOLICITED)
    if imitates(holding.symbol, symbols) or imitates(holding.name, symbols):
        marks.append(Mark.IMITATION)
    if lures(holding.name) or lures(holding.symbol):
        marks.append(Mark.LURE)
    return tuple(marks)
