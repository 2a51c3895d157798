"""Transactions and balances of one Solana cluster."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chains.intent import Intent
from chains.one_by_one import OneByOne
from chains.ports import Finalised, Heads, PreparedTransaction, Preview, Receipt, SignedTransaction, Speed
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from chains.solana import durable_nonce
from chains.solana.errors import (
    ALREADY_PROCESSED,
    broadcast_error,
    failed_instruction,
    lacks_fee,
    reason_of,
    transaction_error,
)
from chains.solana.fees import MAX_UNIT_PRICE, Price, unit_limit, unit_price, written_accounts
from chains.solana.history import AccountActivity, account_history
from chains.solana.instructions import Plan, plan, read_mint, require_own, token_balance
from chains.solana.node import COMMITMENTS, SolanaNode
from codec.solana.associated_token import associated_token_address
from codec.solana.compute_budget import MAX_COMPUTE_UNITS
from codec.solana.instruction import Instruction
from codec.solana.lookup_table import build_message_with_tables, resolved_instructions
from codec.solana.message import (
    MAX_TRANSACTION_BYTES,
    assemble_transaction,
    build_message,
    decode_message,
    decode_transaction,
    encode_length,
)
from codec.solana.mint_powers import HeldPower, mint_powers
from codec.solana.programs import CLOCK_SYSVAR
from codec.solana.token import parse_transfer
from codec.solana.token_extensions import ExtensionType, parse_extensions
from codec.solana.token_metadata import TokenMetadata
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.base58 import decode_base58, encode_base58
from primitives.chain_id import ChainId
from primitives.errors import (
    ChainMismatch,
    InsufficientFunds,
    InvalidValue,
    NodeUnavailable,
    TransactionRejected,
    TransactionReverted,
    UnknownAsset,
)
from primitives.position import Finality
from primitives.signing import Curve, PublicKey, Signature, SigningScheme


class SolanaAdapter(OneByOne):
    """Speaks to one Solana cluster; `chains.ports.ChainAdapter` by shape.

    Nodes answer questions about blocks and transactions from `confirmed` on, so `Heads.included` and the first receipt
    are at that level; balances can be asked for earlier.

    Args:
        chain: The chain that the node must serve; `check` compares its genesis hash.
        native: SOL, 9 decimals.
        required_finality: When a payment counts as done.
        known_assets: Tokens whose symbols the chain does not tell.
        max_unit_price: Micro-lamports per compute unit that are bid at most.
    """

    def __init__(
        self,
        chain: ChainId,
        rpc: JsonRpcClient,
        *,
        native: Asset,
        required_finality: Finality = Finality.FINALIZED,
        known_assets: Sequence[Asset] = (),
        max_unit_price: int = MAX_UNIT_PRICE,
    ) -> None:
        self._chain = chain
        self._node = SolanaNode(rpc)
        self._native = native
        self._max_unit_price = max_unit_price
        self._required_finality = required_finality
        self._symbols = {asset.id: asset.symbol for asset in known_assets}
        self._assets: dict[AssetId, Asset] = {native.id: native}
        self._programs: dict[AssetId, bytes] = {}

    @property
    def chain_id(self) -> ChainId:
        return self._chain

    @property
    def native(self) -> Asset:
        return self._native

    @property
    def required_finality(self) -> Finality:
        return self._required_finality

    @property
    def node(self) -> SolanaNode:
        """For the voucher book of the same cluster."""
        return self._node

    def account_of(self, public_key: PublicKey) -> AccountId:
        """The account of an ed25519 key. Raises InvalidValue for another curve."""
        if public_key.curve is not Curve.ED25519:
            raise InvalidValue(f"a Solana account needs an ed25519 key, not {public_key.curve}")
        return AccountId.from_raw(self._chain, public_key.raw)

    async def check(self) -> None:
        """Raises ChainMismatch, NodeUnavailable."""
        self._require_chain(await self._node.read("getGenesisHash"))

    def _require_chain(self, genesis: str) -> None:
        served = ChainId.solana(genesis)
        if served != self._chain:
            raise ChainMismatch(
                f"the node at {self._node.rpc.place} serves {served}, configured is {self._chain}: correct the URL",
                served=str(served),
                configured=str(self._chain),
            )

    async def asset(self, asset_id: AssetId) -> Asset:
        """SOL, or a token: decimals from its mint; symbol as configured, else from its metadata, else its address
        shortened.

        Raises:
            UnknownAsset: Of another chain, or no mint of a token program at that address.
            NodeUnavailable
        """
        known = self._assets.get(asset_id)
        if known is not None:
            return known
        if asset_id.chain != self._chain or asset_id.namespace != "token":
            raise UnknownAsset(f"{asset_id} is not a coin or token of {self._chain}", asset=str(asset_id))
        account = await self._node.account(AccountId(self._chain, asset_id.reference).raw)
        mint, self._programs[asset_id] = read_mint(asset_id, account)
        symbol = self._symbols.get(asset_id) or _symbol(account.data if account else b"", asset_id.reference)
        asset = Asset(asset_id, symbol, mint.decimals)
        self._assets[asset_id] = asset
        return asset

    async def token_program(self, asset_id: AssetId) -> bytes:
        """The program that owns a token's mint, 32 bytes. Raises as `asset`; UnknownAsset for the native coin too."""
        await self.asset(asset_id)
        program = self._programs.get(asset_id)
        if program is None:
            raise UnknownAsset(f"{asset_id} is not a token", asset=str(asset_id))
        return program

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        """SOL, or what the account's associated token account holds.

        Raises:
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        require_own(self._chain, account)
        if asset.id.is_native and asset.id.chain == self._chain:
            found = await self._node.account(account.raw, COMMITMENTS[at])
            return Amount(found.lamports if found else 0, asset)
        program = await self.token_program(asset.id)
        mint = AccountId(self._chain, asset.id.reference).raw
        held = await self._node.account(associated_token_address(account.raw, mint, program), COMMITMENTS[at])
        return Amount(token_balance(held), asset)

    async def heads(self) -> Heads:
        confirmed, finalized = await self._node.read_all(
            [("getSlot", [{"commitment": level}]) for level in ("confirmed", "finalized")]
        )
        # The two answers are of one exchange but not of one moment: never show an order that cannot be.
        confirmed = max(confirmed, finalized)
        return Heads(included=confirmed, safe=confirmed, finalized=finalized)

    async def block_hash(self, height: int) -> bytes | None:
        block = await self._node.block(height)
        return None if block is None else block.hash

    async def block_time(self) -> int:
        clock = await self._node.account(CLOCK_SYSVAR)
        if clock is None or len(clock.data) < 40:
            raise NodeUnavailable("the node does not tell the time of its chain")
        # slot u64, epoch start i64, epoch u64, leader schedule epoch u64, unix timestamp i64 (solana-clock, `Clock`).
        return int.from_bytes(clock.data[32:40], "little", signed=True)

    async def next_nonce(self, account: AccountId) -> int | None:
        """None: a blockhash takes the nonce's place."""
        require_own(self._chain, account)
        return None

    async def preview(self, intent: Intent, *, speed: Speed = Speed.NORMAL) -> Preview:
        """Simulate at `confirmed` without signatures, and price with the compute limit that `prepare` will set.

        Raises:
            AmountNotPositive, InvalidAddress, UnknownAsset, AssetMismatch, InvalidValue: The intent is impossible.
            InsufficientFunds: `needed` (amount, rent of new accounts and fee) and `available`.
            TransactionReverted: The simulation was refused; `reason` says why.
            NodeUnavailable
        """
        planned = await plan(self._node, self._chain, intent)
        sender = intent.sender
        start = await self._start(intent)
        trial = self._message(intent, planned, start, Price(MAX_COMPUTE_UNITS, 0))
        decoded = decode_message(trial)
        calls: list[Call] = [
            ("simulateTransaction", [_unsigned(trial, decoded.required_signatures), _SIMULATION]),
            ("getFeeForMessage", [_base64(trial), {"commitment": "confirmed"}]),
            ("getBalance", [sender.address, {"commitment": "confirmed"}]),
            ("getMinimumBalanceForRentExemption", [0]),
            ("getRecentPrioritizationFees", [[encode_base58(key) for key in written_accounts(decoded)]]),
        ]
        simulation, fee, balance, least, fees = await self._node.read_all(calls)
        available = int(balance["value"])
        needed = planned.lamports + _fee(fee)
        self._require_lamports(needed, available, int(least))
        result = simulation["value"]
        if result["err"] is not None:
            await self._refuse(result["err"], resolved_instructions(decoded, planned.tables))
        price = Price(unit_limit(int(result["unitsConsumed"])), unit_price(fees, speed, self._max_unit_price))
        final = self._message(intent, planned, start, price)
        total = _fee(await self._node.read("getFeeForMessage", _base64(final), {"commitment": "confirmed"}))
        self._require_lamports(planned.lamports + total, available, int(least))
        return Preview(
            fee_limit=Amount(total, self._native),
            units=int(result["unitsConsumed"]),
            priority_fee=price.micro_lamports or None,
            notices=planned.notices,
        )

    async def prepare(self, intent: Intent, *, nonce: int | None, preview: Preview) -> PreparedTransaction:
        """Take a confirmed blockhash, or the durable nonce that the intent names; limit and price are the preview's.

        Raises:
            InvalidValue: A nonce was given, or the transaction is larger than 1,232 bytes.
            ChainMismatch: The node has come to serve another chain.
            FeatureUnavailable: The durable nonce was not opened.
            As `preview` for an impossible intent.
        """
        if nonce is not None:
            raise InvalidValue("a Solana transaction has no nonce")
        planned = await plan(self._node, self._chain, intent)
        start = await self._start(intent)
        price = Price(unit_limit(preview.units), preview.priority_fee or 0)
        message = self._message(intent, planned, start, price)
        return PreparedTransaction(
            sender=intent.sender,
            scheme=SigningScheme.SOLANA_MESSAGE,
            payload=message,
            signers=(intent.sender, *intent.cosigners),
            fee_limit=preview.fee_limit,
            last_valid_height=start.last_valid_height,
        )

    async def _start(self, intent: Intent) -> _Start:
        """What the message begins with; asked together with the genesis hash, so that nothing is ever signed for a
        cluster that was exchanged under us."""
        calls: list[Call] = [("getGenesisHash", ()), ("getLatestBlockhash", ({"commitment": "confirmed"},))]
        genesis, latest = await self._node.read_all(calls)
        self._require_chain(genesis)
        if intent.durable_nonce is None:
            value = latest["value"]
            return _Start(decode_base58(value["blockhash"], length=32), int(value["lastValidBlockHeight"]))
        durable = await durable_nonce.current(self._node, intent.sender, intent.durable_nonce)
        return _Start(durable.value, None, (durable.advance,))

    def assemble(self, prepared: PreparedTransaction, signatures: Mapping[AccountId, Signature]) -> SignedTransaction:
        """Raises TransactionRejected when a signature is missing or does not fit its account."""
        try:
            raw = assemble_transaction(
                prepared.payload, {account.raw: signature.raw for account, signature in signatures.items()}
            )
        except InvalidValue as error:
            raise TransactionRejected(error.message, **error.facts) from error
        (first, *_), _ = decode_transaction(raw)
        return SignedTransaction(self._chain, raw, encode_base58(first), last_valid_height=prepared.last_valid_height)

    async def broadcast(self, signed: SignedTransaction) -> None:
        """Hand over the bytes; a node that has processed them already counts as success.

        Raises:
            TransactionExpired: The node does not know the blockhash (any more).
            TransactionRejected: Its preflight was refused; `reason` says why. Nothing was sent on, but the bytes stay
                valid until their blockhash expires.
            InsufficientFunds, NodeUnavailable
        """
        options = {"encoding": "base64", "preflightCommitment": "confirmed"}
        try:
            await self._node.rpc.call("sendTransaction", _base64(signed.raw), options)
        except NodeRefusal as refusal:
            if transaction_error(refusal) == ALREADY_PROCESSED or await self._knows(signed.tx_hash):
                return
            raise broadcast_error(refusal, _instructions_of(signed.raw), tx_hash=signed.tx_hash) from refusal

    async def receipt(self, tx_hash: str) -> Receipt | None:
        status = await self._status(tx_hash)
        if status is None or status["confirmationStatus"] not in _LEVELS:
            return None
        # Nodes index transactions after they have carried them out. One that has landed must never look absent: after
        # its blockhash's end that would count as a payment that nobody made.
        (found,) = await self._node.transactions([tx_hash])
        if found is None:
            raise NodeUnavailable(f"the node has not stored transaction {tx_hash} yet: ask again")
        slot = int(found["slot"])
        block = await self._node.block(slot)
        if block is None or tx_hash not in block.signatures:
            raise NodeUnavailable(f"the node has not stored the block of transaction {tx_hash} yet: ask again")
        error = found["meta"]["err"]
        return Receipt(
            tx_hash=tx_hash,
            height=slot,
            index=block.signatures.index(tx_hash),
            block_hash=block.hash,
            block_time=block.time,
            ok=error is None,
            reason=None
            if error is None
            else reason_of(error, _instructions_of(base64.b64decode(found["transaction"][0]))),
            fee_paid=Amount(int(found["meta"]["fee"]), self._native),
            finality=_LEVELS[status["confirmationStatus"]],
        )

    async def finalised(self, account: AccountId) -> Finalised:
        require_own(self._chain, account)
        height = await self._node.read("getBlockHeight", {"commitment": COMMITMENTS[self._required_finality]})
        return Finalised(nonce=None, block_height=int(height))

    async def never_lands(self, signed: SignedTransaction) -> bool:
        """Whether a transaction with a durable nonce is dead: at required finality its nonce was advanced, and another
        transaction is seen to have used it, or the node remembers everything and has not seen this one. False for one
        with a blockhash, which `finalised` decides. Raises NodeUnavailable."""
        if not await durable_nonce.is_spent(self._node, signed.raw, COMMITMENTS[self._required_finality]):
            return False
        # In this order: what was advanced before this one was found missing was not advanced by it.
        if await self.receipt(signed.tx_hash) is not None:
            return False
        if await durable_nonce.used_by_another(self._node, signed.raw, signed.tx_hash):
            return True
        return await self.history_since() == 0

    async def open_nonce(self, account: AccountId, number: int = 0) -> Intent | None:
        """What makes the account's durable nonce with this number (0 to 7); None when it exists."""
        require_own(self._chain, account)
        return await durable_nonce.opening(self._node, account, number)

    async def close_nonce(self, account: AccountId, number: int = 0) -> Intent | None:
        """What ends the durable nonce, and with it everything that was signed with it; None when there is none."""
        require_own(self._chain, account)
        return await durable_nonce.closing(self._node, account, number)

    async def history(
        self, account: AccountId, *, before: str | None = None, limit: int = 25
    ) -> Sequence[AccountActivity]:
        """The account's transactions, newest first. Raises InvalidValue, InvalidAddress, NodeUnavailable."""
        require_own(self._chain, account)
        return await account_history(self._node, account, before=before, limit=limit)

    async def powers(self, asset_id: AssetId) -> Sequence[HeldPower]:
        """What somebody can still do to the holders of a token. Raises UnknownAsset, NodeUnavailable."""
        await self.token_program(asset_id)
        found = await self._node.account(AccountId(self._chain, asset_id.reference).raw)
        return () if found is None else mint_powers(found.data)

    async def history_since(self) -> int:
        return await self._node.first_block_height()

    async def close(self) -> None:
        await self._node.rpc.close()

    def _message(self, intent: Intent, planned: Plan, start: _Start, price: Price) -> bytes:
        instructions = (*start.first, *price.budget(), *planned.instructions)
        if planned.tables:
            message = build_message_with_tables(intent.sender.raw, instructions, start.blockhash, planned.tables)
        else:
            message = build_message(intent.sender.raw, instructions, start.blockhash)
        signers = decode_message(message).signers
        declared = (intent.sender, *intent.cosigners)
        if set(signers) != {account.raw for account in declared} or len(signers) != len(declared):
            raise InvalidValue(
                "the instructions need other signatures than the intent names",
                needed=[encode_base58(key) for key in signers],
                named=[account.address for account in declared],
            )
        size = 1 + 64 * len(signers) + len(message)
        if size > MAX_TRANSACTION_BYTES:
            raise InvalidValue(
                f"the transaction has {size} bytes, at most {MAX_TRANSACTION_BYTES} fit",
                size=size,
                limit=MAX_TRANSACTION_BYTES,
            )
        return message

    def _require_lamports(self, needed: int, available: int, least: int) -> None:
        """An account may be emptied, but what it keeps must be rent-exempt."""
        if needed < available < needed + least:
            needed += least
        if available < needed:
            raise InsufficientFunds(
                f"{needed} lamports are needed (amount, rent of new accounts and fee), {available} are there",
                needed=needed,
                available=available,
                asset=str(self._native.id),
            )

    async def _refuse(self, error: Any, instructions: Sequence[Instruction]) -> None:
        """Raise what a refused simulation means; a token payment that lacks funds says how much."""
        failed = failed_instruction(error)
        moved = parse_transfer(instructions[failed[0]]) if failed else None
        if moved is not None and moved.mint is not None:
            held = token_balance(await self._node.account(moved.source))
            if held < moved.amount:
                asset = AssetId.fungible(self._chain, encode_base58(moved.mint))
                raise InsufficientFunds(
                    f"{moved.amount} base units of {asset.reference} are needed, {held} are there",
                    needed=moved.amount,
                    available=held,
                    asset=str(asset),
                )
        if lacks_fee(error):
            raise InsufficientFunds("the fee payer cannot pay the fee: top it up", asset=str(self._native.id))
        reason = reason_of(error, instructions)
        raise TransactionReverted(f"the chain would refuse this: {reason}", reason=reason)

    async def _status(self, tx_hash: str) -> dict[str, Any] | None:
        options = {"searchTransactionHistory": True}
        status: dict[str, Any] | None = (await self._node.read("getSignatureStatuses", [tx_hash], options))["value"][0]
        return status

    async def _knows(self, tx_hash: str) -> bool:
        return await self._status(tx_hash) is not None


@dataclass(frozen=True, slots=True)
class _Start:
    """The blockhash or nonce of a message, until when it counts, and the instructions that come before all others."""

    blockhash: bytes
    last_valid_height: int | None
    first: tuple[Instruction, ...] = ()


_LEVELS = {"confirmed": Finality.SAFE, "finalized": Finality.FINALIZED}
_SIMULATION = {"encoding": "base64", "commitment": "confirmed", "sigVerify": False, "replaceRecentBlockhash": True}


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unsigned(message: bytes, signatures: int) -> str:
    return _base64(encode_length(signatures) + bytes(64) * signatures + message)


def _fee(answer: Any) -> int:
    if answer["value"] is None:
        raise NodeUnavailable("the node does not know the blockhash that it gave: ask again")
    return int(answer["value"])


def _symbol(data: bytes, reference: str) -> str:
    entry = parse_extensions(data).get(ExtensionType.TOKEN_METADATA)
    if entry is not None:
        try:
            symbol = TokenMetadata.parse(entry).symbol
        except InvalidValue:
            symbol = ""
        if symbol:
            return symbol[:32]
    return f"{reference[:4]}…{reference[-4:]}"


def _instructions_of(raw: bytes) -> tuple[Instruction, ...]:
    """Empty where accounts come from lookup tables, which the bytes alone do not resolve."""
    _, message = decode_transaction(raw)
    decoded = decode_message(message)
    return () if decoded.lookups else decoded.instructions
