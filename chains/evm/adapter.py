"""Transactions and balances of one EVM chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chains.evm.calls import (
    TAGS,
    as_bytes,
    as_hex,
    as_word,
    balance_call,
    call_of,
    gas_limit,
    present,
    quantity,
    read_all,
    require_own,
    symbol_text,
    unreadable,
)
from chains.evm.collectibles import collectible
from chains.evm.delegation import end_delegation
from chains.evm.errors import Verdict, error_of, revert_data, verdict_of
from chains.evm.fees import FeeRules, FeeSource, raised
from chains.evm.previews import Previews
from chains.evm.receipts import Receipts
from chains.evm.unsigned import encode_bid, encode_void, rebid, signed_bytes
from chains.intent import EndDelegation, Intent
from chains.ports import (
    AccountState,
    Bid,
    FeeQuote,
    Finalised,
    Heads,
    NonceLane,
    Nonces,
    PreparedTransaction,
    Preview,
    Receipt,
    SeenTransaction,
    SignedTransaction,
    Speed,
    Standing,
)
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.erc20 import decimals_call, symbol_call
from codec.evm.transaction import (
    address_of_public_key,
    recover_address,
    signed_from_unsigned,
    signing_hash,
    transaction_hash,
)
from primitives.account_id import AccountId, checksum_address
from primitives.asset import MOST_DECIMALS, Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    ChainError,
    ChainMismatch,
    InvalidValue,
    NodeUnavailable,
    QuanbaoError,
    TransactionRejected,
    UnknownAsset,
)
from primitives.position import Finality
from primitives.signing import Curve, PublicKey, Signature, SigningScheme

_SCAN_BLOCKS = 50
"""Blocks with their transactions per exchange."""


class EvmAdapter:
    """Speaks to one EVM chain; `chains.ports.ChainAdapter` and `NonceLane` by shape.

    Args:
        chain: The chain that the node must serve; `check` compares.
        native: The coin that pays fees, 18 decimals.
        required_finality: When a payment counts as done.
        fees: What is known of the chain's fees beforehand.
    """

    def __init__(
        self,
        chain: ChainId,
        rpc: JsonRpcClient,
        *,
        native: Asset,
        required_finality: Finality = Finality.FINALIZED,
        fees: FeeRules | None = None,
    ) -> None:
        self._chain = chain
        self._rpc = rpc
        self._native = native
        self._required_finality = required_finality
        self._assets: dict[AssetId, Asset] = {native.id: native}
        self._fees = FeeSource(rpc, fees or FeeRules())
        self._previews = Previews(chain, rpc, native, self._fees)
        self._receipts = Receipts(rpc, native, required_finality)

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
    def lane(self) -> NonceLane:
        return self

    @property
    def window(self) -> int:
        return self._fees.rules.window

    def account_of(self, public_key: PublicKey) -> AccountId:
        """The account of a secp256k1 key. Raises InvalidValue for another curve."""
        if public_key.curve is not Curve.SECP256K1:
            raise InvalidValue(f"an EVM account needs a secp256k1 key, not {public_key.curve}")
        return AccountId(self._chain, checksum_address(address_of_public_key(public_key.raw)))

    async def check(self) -> None:
        """Raises ChainMismatch, NodeUnavailable."""
        served = int(await self._read("eth_chainId"), 16)
        if served != self._chain.evm_number:
            raise ChainMismatch(
                f"the node at {self._rpc.place} serves eip155:{served}, configured is {self._chain}: correct the URL",
                served=f"eip155:{served}",
                configured=str(self._chain),
            )

    async def asset(self, asset_id: AssetId) -> Asset:
        """Native coin, ERC-20, or one of an ERC-721 or ERC-1155 collection, as the contract names it.

        Raises:
            UnknownAsset: Of another chain, or no such contract at that address.
            NodeUnavailable
        """
        known = self._assets.get(asset_id)
        if known is not None:
            return known
        if asset_id.chain == self._chain and asset_id.namespace in ("erc721", "erc1155"):
            self._assets[asset_id] = await collectible(self._rpc, asset_id)
            return self._assets[asset_id]
        if asset_id.chain != self._chain or asset_id.namespace != "erc20":
            raise UnknownAsset(f"{asset_id} is not a coin or token of {self._chain}", asset=str(asset_id))
        call = {"to": asset_id.reference}
        symbol, decimals = await self._rpc.settle(
            [
                ("eth_call", [{**call, "data": as_hex(symbol_call())}, "latest"]),
                ("eth_call", [{**call, "data": as_hex(decimals_call())}, "latest"]),
            ]
        )
        for answer in (symbol, decimals):
            if isinstance(answer, NodeRefusal) and revert_data(answer) is None:
                raise unreadable(answer)
        try:
            places = int.from_bytes(as_word(decimals), "big")
            if places > MOST_DECIMALS:
                raise UnknownAsset(
                    f"{asset_id.reference} says that it has {places} decimals, and {MOST_DECIMALS} is the most that "
                    "amounts can have",
                    asset=str(asset_id),
                    decimals=places,
                )
            asset = Asset(asset_id, symbol_text(as_bytes(symbol)), places)
        except UnknownAsset:
            raise
        except (TypeError, ValueError) as error:
            raise UnknownAsset(
                f"there is no ERC-20 token at {asset_id.reference} on {self._chain}", asset=str(asset_id)
            ) from error
        self._assets[asset_id] = asset
        return asset

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        """Raises InvalidAddress and UnknownAsset for another chain's, NodeUnavailable."""
        require_own(self._chain, account)
        method, params = balance_call(self._chain, account, asset.id, TAGS[at])
        return Amount(quantity(await self._read(method, *params), asset, account), asset)

    async def heads(self) -> Heads:
        try:
            told = await self._rpc.opinions([("eth_getBlockByNumber", [tag, False]) for tag in TAGS.values()])
        except NodeRefusal as refusal:
            raise unreadable(refusal) from refusal
        # Of several nodes the lowest of each: what one alone calls final is not.
        included, safe, finalized = (
            min(int(present(block)["number"], 16) for block in level) for level in zip(*told, strict=True)
        )
        # The three answers are of one exchange but not of one moment: never show an order that cannot be.
        return Heads(included=max(included, safe, finalized), safe=max(safe, finalized), finalized=finalized)

    async def block_hash(self, height: int) -> bytes | None:
        try:
            (block,) = await self._rpc.agreed(
                [("eth_getBlockByNumber", [hex(height), False])], lambda answers: answers[0] and answers[0]["hash"]
            )
        except NodeRefusal as refusal:
            raise unreadable(refusal) from refusal
        return None if block is None else bytes.fromhex(block["hash"][2:])

    async def block_time(self) -> int:
        return int(present(await self._read("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def next_nonce(self, account: AccountId) -> int | None:
        require_own(self._chain, account)
        return int(await self._read("eth_getTransactionCount", account.address, "latest"), 16)

    async def state(self, account: AccountId, assets: Sequence[Asset]) -> AccountState:
        """One exchange: the height before the balances, which are then at least as new.

        Raises:
            InvalidAddress, UnknownAsset, NodeUnavailable
        """
        (state,) = await self.states([(account, assets)])
        return state

    async def states(self, wanted: Sequence[tuple[AccountId, Sequence[Asset]]]) -> Sequence[AccountState]:
        calls: list[Call] = [("eth_blockNumber", [])]
        for account, assets in wanted:
            require_own(self._chain, account)
            calls += [
                ("eth_getTransactionCount", [account.address, "latest"]),
                ("eth_getTransactionCount", [account.address, "pending"]),
                *(balance_call(self._chain, account, asset.id, "latest") for asset in assets),
            ]
        answers = iter(await read_all(self._rpc, calls))
        height = int(next(answers), 16)
        found = []
        for account, assets in wanted:
            included, pending = int(next(answers), 16), int(next(answers), 16)
            balances = {asset.id: Amount(quantity(next(answers), asset, account), asset) for asset in assets}
            found.append(AccountState(height, Nonces(included, max(included, pending)), balances))
        return found

    async def preview(self, intent: Intent, *, speed: Speed = Speed.NORMAL) -> Preview:
        """Simulate on the newest block and price from the fee history.

        Raises:
            AmountNotPositive, InvalidAddress, UnknownAsset, InvalidValue: The intent itself is impossible.
            InsufficientFunds: `needed` and `available` for the token, or for value plus fee in the native coin.
            TransactionReverted: With the decoded reason.
            FeeTooLow: The market is above the chain's fee cap; `cap` and `market` in wei per gas.
            NodeUnavailable
        """
        (answer,) = await self._previews.many([(intent, speed)])
        if isinstance(answer, QuanbaoError):
            raise answer
        return answer

    async def preview_many(self, intents: Sequence[tuple[Intent, Speed]]) -> Sequence[Preview | QuanbaoError]:
        return await self._previews.many(intents)

    async def priced(self, calls: Sequence[tuple[Intent, Speed, int]]) -> Sequence[Preview]:
        """Price intents whose gas is known from a simulation; balances are not looked at.

        Raises:
            FeeTooLow, NodeUnavailable
        """
        return await self._previews.priced(calls)

    async def quotes(self) -> Mapping[Speed, FeeQuote]:
        """Raises NodeUnavailable."""
        return await self._fees.quotes()

    def raised(self, bid: Bid) -> Bid:
        return Bid(raised(bid.price), None if bid.priority_fee is None else raised(bid.priority_fee))

    def capped(self, bid: Bid) -> bool:
        return bid.price > self._fees.rules.price_cap

    async def prepare(self, intent: Intent, *, nonce: int | None, preview: Preview) -> PreparedTransaction:
        """Pure: everything but the nonce is already in the preview."""
        if nonce is None or preview.price is None:
            raise InvalidValue("an EVM transaction needs a nonce and a price per gas")
        call = call_of(self._chain, intent)
        bid = Bid(preview.price, preview.priority_fee)
        payload = encode_bid(
            self._chain,
            nonce=nonce,
            price=bid.price,
            priority=bid.priority_fee,
            gas=gas_limit(preview.units, call[2]),
            call=call,
        )
        prepared = self._prepared(intent.sender, payload, preview.fee_limit.base_units, nonce, bid)
        if isinstance(intent.action, EndDelegation):
            return end_delegation(prepared, self._chain.evm_number, bid)
        return prepared

    def rebid(self, sender: AccountId, raw: bytes, bid: Bid) -> PreparedTransaction:
        """Raises InvalidValue when `raw` is no signed transaction."""
        payload, nonce, gas = rebid(raw, bid)
        return self._prepared(sender, payload, gas * bid.price, nonce, bid)

    def void(self, sender: AccountId, nonce: int, bid: Bid) -> PreparedTransaction:
        payload, gas = encode_void(self._chain, sender.raw, nonce, bid)
        return self._prepared(sender, payload, gas * bid.price, nonce, bid)

    def _prepared(self, sender: AccountId, payload: bytes, fee: int, nonce: int, bid: Bid) -> PreparedTransaction:
        return PreparedTransaction(
            sender=sender,
            scheme=SigningScheme.EVM_TRANSACTION,
            payload=payload,
            signers=(sender,),
            fee_limit=Amount(fee, self._native),
            nonce=nonce,
            bid=bid,
        )

    def assemble(self, prepared: PreparedTransaction, signatures: Mapping[AccountId, Signature]) -> SignedTransaction:
        """Raises TransactionRejected when a signature is missing or was not made by the sender's key."""
        signature = signatures.get(prepared.sender)
        if signature is None:
            raise TransactionRejected(f"the signature of {prepared.sender} is missing")
        signer = recover_address(signing_hash(prepared.payload), signature.raw)
        if signer != prepared.sender.raw:
            raise TransactionRejected(
                f"the signature is of {checksum_address(signer)}, not of the sender {prepared.sender.address}"
            )
        raw = signed_from_unsigned(prepared.payload, signature.raw)
        return SignedTransaction(
            self._chain, raw, as_hex(transaction_hash(raw)), nonce=prepared.nonce, bid=prepared.bid
        )

    async def broadcast(self, signed: SignedTransaction) -> None:
        """Hand over the bytes; a node that knows them already, or has mined them, counts as success.

        Raises:
            NonceTooLow: Another transaction has used the nonce, as far as this node knows.
            FeeTooLow, InsufficientFunds, TransactionRejected, NodeUnavailable
        """
        (error,) = await self._hand_over([signed])
        if error is not None:
            raise error

    async def broadcast_many(self, signed: Sequence[SignedTransaction]) -> Sequence[ChainError | None]:
        answers = await self._hand_over(signed)
        for answer in answers:
            if isinstance(answer, NodeUnavailable) and all(one is not None for one in answers):
                raise answer
        return answers

    async def _hand_over(self, signed: Sequence[SignedTransaction]) -> list[ChainError | None]:
        answers = await self._rpc.settle([("eth_sendRawTransaction", [as_hex(one.raw)]) for one in signed])
        refused = {
            place: verdict
            for place, answer in enumerate(answers)
            if isinstance(answer, NodeRefusal) and (verdict := verdict_of(answer)) is not Verdict.ALREADY_KNOWN
        }
        # Once our own bytes are mined, nodes complain of their nonce or of the balance that they have used up.
        known = await self._known([signed[place].tx_hash for place, one in refused.items() if one is not Verdict.BUSY])
        return [
            error_of(answers[place], refused[place], tx_hash=one.tx_hash)
            if place in refused and one.tx_hash not in known
            else None
            for place, one in enumerate(signed)
        ]

    async def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt in the canonical chain, with the finality of its block at this moment."""
        return await self._receipts.one(tx_hash)

    async def standing(self, account: AccountId, tx_hashes: Sequence[str]) -> Standing:
        require_own(self._chain, account)
        return await self._receipts.standing(account, tx_hashes)

    async def finalised(self, account: AccountId) -> Finalised:
        require_own(self._chain, account)
        tag = TAGS[self._required_finality]
        return Finalised(
            nonce=int(await self._read("eth_getTransactionCount", account.address, tag), 16), block_height=None
        )

    async def never_lands(self, signed: SignedTransaction) -> bool:
        """False: the account's nonce decides (`finalised`)."""
        return False

    async def history_since(self) -> int:
        return 0

    async def seen(self, account: AccountId, since: int) -> Sequence[SeenTransaction]:
        """Reads every block above `since` with its transactions: for the time after a restore, not for every day."""
        require_own(self._chain, account)
        head = int(await self._read("eth_blockNumber"), 16)
        found: list[SeenTransaction] = []
        for start in range(since + 1, head + 1, _SCAN_BLOCKS):
            heights = range(start, min(start + _SCAN_BLOCKS, head + 1))
            blocks = await read_all(self._rpc, [("eth_getBlockByNumber", [hex(height), True]) for height in heights])
            found += [
                _seen(transaction)
                for block in map(present, blocks)
                for transaction in block["transactions"]
                if transaction["from"].lower() == account.address.lower()
            ]
        return sorted(found, key=lambda one: one.nonce)

    def is_act(self, seen: SeenTransaction, intent: Intent) -> bool:
        if isinstance(intent.action, EndDelegation):
            # Without its authorisation it looks like a nonce that was only used up.
            return False
        to, value, data = call_of(self._chain, intent)
        return seen.to is not None and (bytes.fromhex(seen.to[2:]), seen.value, seen.data) == (to, value, data)

    async def close(self) -> None:
        await self._rpc.close()

    async def _read(self, method: str, *params: Any) -> Any:
        return (await read_all(self._rpc, [(method, params)]))[0]

    async def _known(self, tx_hashes: Sequence[str]) -> set[str]:
        """Those that the node has in a block or in its pool."""
        if not tx_hashes:
            return set()
        asked: list[Call] = [(method, [tx_hash]) for tx_hash in tx_hashes for method in _SHOWN_BY]
        answers = await read_all(self._rpc, asked)
        return {params[0] for (_, params), answer in zip(asked, answers, strict=True) if answer is not None}


_SHOWN_BY = ("eth_getTransactionReceipt", "eth_getTransactionByHash")


def _seen(transaction: Mapping[str, Any]) -> SeenTransaction:
    to = transaction["to"]
    return SeenTransaction(
        nonce=int(transaction["nonce"], 16),
        tx_hash=transaction["hash"],
        height=int(transaction["blockNumber"], 16),
        to=None if to is None else checksum_address(bytes.fromhex(to[2:])),
        value=int(transaction["value"], 16),
        data=bytes.fromhex(transaction["input"][2:]),
        raw=signed_bytes(transaction),
    )
