"""Transactions and balances of one EVM chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chains.evm.errors import Verdict, error_of, revert_data, revert_reason, verdict_of
from chains.intent import ContractCall, Intent, Transfer
from chains.ports import Finalised, Heads, PreparedTransaction, Preview, Receipt, SignedTransaction
from chains.rpc.client import Call, JsonRpcClient
from chains.rpc.errors import NodeRefusal
from codec.evm.erc20 import balance_of_call, decimals_call, decode_text, symbol_call, transfer_call
from codec.evm.transaction import (
    FeeMarketTransaction,
    LegacyTransaction,
    address_of_public_key,
    decode_unsigned,
    encode_signed,
    encode_unsigned,
    recover_address,
    signing_hash,
    transaction_hash,
)
from primitives.account_id import AccountId, checksum_address
from primitives.asset import Amount, Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    AmountNotPositive,
    ChainMismatch,
    InsufficientFunds,
    InvalidAddress,
    InvalidValue,
    NodeUnavailable,
    TransactionRejected,
    TransactionReverted,
    UnknownAsset,
)
from primitives.position import Finality
from primitives.signing import Curve, PublicKey, Signature, SigningScheme

_TAGS = {Finality.INCLUDED: "latest", Finality.SAFE: "safe", Finality.FINALIZED: "finalized"}
_PLAIN_TRANSFER_GAS = 21_000
"""Yellow Paper, G_transaction: a transfer to an account without code costs exactly this."""
_GAS_CAP = 2**24
"""EIP-7825: no transaction may ask for more gas."""
_DEFAULT_PRIORITY_FEE = 1_000_000_000
"""Wei per gas, where a node does not know `eth_maxPriorityFeePerGas`."""


class EvmAdapter:
    """Speaks to one EVM chain; `chains.ports.ChainAdapter` by shape.

    Args:
        chain: The chain that the node must serve; `check` compares.
        native: The coin that pays fees, 18 decimals.
        required_finality: When a payment counts as done.
    """

    def __init__(
        self,
        chain: ChainId,
        rpc: JsonRpcClient,
        *,
        native: Asset,
        required_finality: Finality = Finality.FINALIZED,
    ) -> None:
        self._chain = chain
        self._rpc = rpc
        self._native = native
        self._required_finality = required_finality
        self._assets: dict[AssetId, Asset] = {native.id: native}

    @property
    def chain_id(self) -> ChainId:
        return self._chain

    @property
    def native(self) -> Asset:
        return self._native

    @property
    def required_finality(self) -> Finality:
        return self._required_finality

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
        """Native coin or ERC-20, as the contract names it.

        Raises:
            UnknownAsset: Of another chain, not fungible, or no ERC-20 contract at that address.
            NodeUnavailable
        """
        known = self._assets.get(asset_id)
        if known is not None:
            return known
        if asset_id.chain != self._chain or asset_id.namespace != "erc20":
            raise UnknownAsset(f"{asset_id} is not a coin or ERC-20 token of {self._chain}", asset=str(asset_id))
        call = {"to": asset_id.reference}
        symbol, decimals = await self._rpc.settle(
            [
                ("eth_call", [{**call, "data": _hex(symbol_call())}, "latest"]),
                ("eth_call", [{**call, "data": _hex(decimals_call())}, "latest"]),
            ]
        )
        for answer in (symbol, decimals):
            if isinstance(answer, NodeRefusal) and revert_data(answer) is None:
                raise _unreadable(answer)
        try:
            places = int.from_bytes(_word(decimals), "big")
            asset = Asset(asset_id, _symbol_text(_bytes(symbol)), places)
        except (TypeError, ValueError) as error:
            raise UnknownAsset(
                f"there is no ERC-20 token at {asset_id.reference} on {self._chain}", asset=str(asset_id)
            ) from error
        self._assets[asset_id] = asset
        return asset

    async def balance(self, account: AccountId, asset: Asset, *, at: Finality = Finality.INCLUDED) -> Amount:
        """Raises InvalidAddress and UnknownAsset for another chain's, NodeUnavailable."""
        self._require_own(account)
        method, params = self._balance_call(account, asset.id, _TAGS[at])
        return Amount(_quantity(await self._read(method, *params), asset), asset)

    async def heads(self) -> Heads:
        blocks = await self._read_all([("eth_getBlockByNumber", [tag, False]) for tag in _TAGS.values()])
        included, safe, finalized = (int(block["number"], 16) for block in map(_present, blocks))
        # The three answers are of one exchange but not of one moment: never show an order that cannot be.
        return Heads(included=max(included, safe, finalized), safe=max(safe, finalized), finalized=finalized)

    async def block_hash(self, height: int) -> bytes | None:
        block = await self._read("eth_getBlockByNumber", hex(height), False)
        return None if block is None else bytes.fromhex(block["hash"][2:])

    async def block_time(self) -> int:
        return int(_present(await self._read("eth_getBlockByNumber", "latest", False))["timestamp"], 16)

    async def next_nonce(self, account: AccountId) -> int | None:
        self._require_own(account)
        return int(await self._read("eth_getTransactionCount", account.address, "latest"), 16)

    async def preview(self, intent: Intent) -> Preview:
        """Simulate on the newest block and price at twice its base fee, so that six full blocks do not outrun it.

        Raises:
            AmountNotPositive, InvalidAddress, UnknownAsset, InvalidValue: The intent itself is impossible.
            InsufficientFunds: `needed` and `available` for the token, or for value plus fee in the native coin.
            TransactionReverted: With the decoded reason.
            NodeUnavailable
        """
        to, value, data = self._call_of(intent)
        sender = intent.sender
        calls: list[Call] = [
            ("eth_getBlockByNumber", ["latest", False]),
            self._balance_call(sender, self._native.id, "latest"),
            ("eth_maxPriorityFeePerGas", []),
        ]
        token = intent.action.amount if isinstance(intent.action, Transfer) else None
        if token is not None and not token.asset.id.is_native:
            calls.append(self._balance_call(sender, token.asset.id, "latest"))
        answers = await self._rpc.settle(calls)
        block = _present(_value(answers[0]))
        available = int(_value(answers[1]), 16)
        if token is not None and len(answers) == 4:
            if isinstance(answers[3], NodeRefusal) and revert_data(answers[3]) is not None:
                raise UnknownAsset(f"{token.asset.id} does not answer as a token", asset=str(token.asset.id))
            _require_funds(token, _quantity(_value(answers[3]), token.asset))
        _require_funds(Amount(value, self._native), available)
        gas = await self._estimate(sender, to, value, data)
        base_fee = int(block["baseFeePerGas"], 16) if block.get("baseFeePerGas") else None
        if base_fee is None:
            price, priority = int(await self._read("eth_gasPrice"), 16), None
        else:
            refused = isinstance(answers[2], NodeRefusal)
            priority = _DEFAULT_PRIORITY_FEE if refused else int(answers[2], 16)
            price = 2 * base_fee + priority
        fee_limit = Amount(_gas_limit(gas, data) * price, self._native)
        _require_funds(Amount(value + fee_limit.base_units, self._native), available)
        return Preview(fee_limit=fee_limit, units=gas, priority_fee=priority)

    async def prepare(self, intent: Intent, *, nonce: int | None, preview: Preview) -> PreparedTransaction:
        """Pure: everything but the nonce is already in the preview."""
        if nonce is None:
            raise InvalidValue("an EVM transaction needs a nonce")
        to, value, data = self._call_of(intent)
        gas_limit = _gas_limit(preview.units, data)
        price = preview.fee_limit.base_units // gas_limit
        transaction: FeeMarketTransaction | LegacyTransaction
        if preview.priority_fee is None:
            transaction = LegacyTransaction(self._chain.evm_number, nonce, price, gas_limit, to, value, data)
        else:
            transaction = FeeMarketTransaction(
                chain_id=self._chain.evm_number,
                nonce=nonce,
                max_priority_fee_per_gas=min(preview.priority_fee, price),
                max_fee_per_gas=price,
                gas_limit=gas_limit,
                to=to,
                value=value,
                data=data,
            )
        return PreparedTransaction(
            sender=intent.sender,
            scheme=SigningScheme.EVM_TRANSACTION,
            payload=encode_unsigned(transaction),
            signers=(intent.sender,),
            fee_limit=preview.fee_limit,
            nonce=nonce,
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
        raw = encode_signed(decode_unsigned(prepared.payload), signature.raw)
        return SignedTransaction(self._chain, raw, _hex(transaction_hash(raw)), nonce=prepared.nonce)

    async def broadcast(self, signed: SignedTransaction) -> None:
        """Hand over the bytes; a node that knows them already, or has mined them, counts as success.

        Raises:
            NonceTooLow: Another transaction has used the nonce, as far as this node knows.
            FeeTooLow, InsufficientFunds, TransactionRejected, NodeUnavailable
        """
        try:
            await self._rpc.call("eth_sendRawTransaction", _hex(signed.raw))
        except NodeRefusal as refusal:
            verdict = verdict_of(refusal)
            if verdict is Verdict.ALREADY_KNOWN:
                return
            # Once our own bytes are mined, nodes complain of their nonce or of the balance that they have used up.
            if verdict is not Verdict.BUSY and await self._knows(signed.tx_hash):
                return
            raise error_of(refusal, verdict, tx_hash=signed.tx_hash) from refusal

    async def receipt(self, tx_hash: str) -> Receipt | None:
        """The receipt in the canonical chain, with the finality of its block at this moment.

        A reverted transaction is run again on the block before it to find the reason; where the node no longer has that
        state, the reason is plainly `reverted`.
        """
        calls: list[Call] = [("eth_getTransactionReceipt", [tx_hash])]
        calls += [("eth_getBlockByNumber", [tag, False]) for tag in _TAGS.values()]
        found, *blocks = await self._read_all(calls)
        if found is None or found.get("blockHash") is None:
            return None
        height = int(found["blockNumber"], 16)
        canonical = await self._read("eth_getBlockByNumber", hex(height), False)
        if canonical is None or canonical["hash"] != found["blockHash"]:
            return None
        finality = Finality.INCLUDED
        for level, block in zip(_TAGS, blocks, strict=True):
            if block is not None and height <= int(block["number"], 16):
                finality = max(finality, level)
        ok = int(found["status"], 16) == 1
        fee = int(found["gasUsed"], 16) * int(found["effectiveGasPrice"], 16)
        return Receipt(
            tx_hash=tx_hash,
            height=height,
            index=int(found["transactionIndex"], 16),
            block_hash=bytes.fromhex(found["blockHash"][2:]),
            block_time=int(canonical["timestamp"], 16),
            ok=ok,
            reason=None if ok else await self._why_reverted(tx_hash, height, int(found["gasUsed"], 16)),
            fee_paid=Amount(fee, self._native),
            finality=finality,
        )

    async def finalised(self, account: AccountId) -> Finalised:
        self._require_own(account)
        tag = _TAGS[self._required_finality]
        return Finalised(
            nonce=int(await self._read("eth_getTransactionCount", account.address, tag), 16), block_height=None
        )

    async def history_since(self) -> int:
        return 0

    async def close(self) -> None:
        await self._rpc.close()

    async def _read(self, method: str, *params: Any) -> Any:
        return (await self._read_all([(method, params)]))[0]

    async def _read_all(self, calls: list[Call]) -> list[Any]:
        """A node that refuses a plain read (still syncing, state pruned) counts as not available."""
        try:
            return await self._rpc.batch(calls)
        except NodeRefusal as refusal:
            raise _unreadable(refusal) from refusal

    def _require_own(self, account: AccountId) -> None:
        if account.chain != self._chain:
            raise InvalidAddress(f"{account} is not an account of {self._chain}", address=str(account))

    def _call_of(self, intent: Intent) -> tuple[bytes, int, bytes]:
        """Recipient (20 bytes), value in wei and call data of an intent."""
        self._require_own(intent.sender)
        if intent.cosigners:
            raise InvalidValue("an EVM transaction has one signer")
        match intent.action:
            case Transfer(amount, recipient):
                self._require_own(recipient)
                if amount.asset.id.chain != self._chain:
                    raise UnknownAsset(f"{amount.asset.id} is not of {self._chain}", asset=str(amount.asset.id))
                if amount.base_units == 0:
                    raise AmountNotPositive("an amount to transfer must be above zero")
                if amount.asset.id.is_native:
                    return recipient.raw, amount.base_units, b""
                if amount.asset.id.namespace != "erc20":
                    raise UnknownAsset(f"{amount.asset.id} is not a fungible token", asset=str(amount.asset.id))
                token = AccountId.of(self._chain, amount.asset.id.reference)
                return token.raw, 0, transfer_call(recipient.raw, amount.base_units)
            case ContractCall(to, data, value):
                self._require_own(to)
                return to.raw, value, data
            case _:
                raise InvalidValue("Solana instructions cannot run on an EVM chain")

    def _balance_call(self, account: AccountId, asset: AssetId, tag: str) -> Call:
        if asset.chain != self._chain:
            raise UnknownAsset(f"{asset} is not of {self._chain}", asset=str(asset))
        if asset.is_native:
            return ("eth_getBalance", [account.address, tag])
        return ("eth_call", [{"to": asset.reference, "data": _hex(balance_of_call(account.raw))}, tag])

    async def _estimate(self, sender: AccountId, to: bytes, value: int, data: bytes) -> int:
        call = {"from": sender.address, "to": _hex(to), "value": hex(value), "data": _hex(data)}
        try:
            return int(await self._rpc.call("eth_estimateGas", call), 16)
        except NodeRefusal as refusal:
            output = revert_data(refusal)
            if output is not None:
                reason = revert_reason(output) or "without a reason"
                raise TransactionReverted(f"the chain would refuse this: {reason}", reason=reason) from refusal
            if verdict_of(refusal) is Verdict.BUSY:
                raise _unreadable(refusal) from refusal
            reason = refusal.text[:200]
            raise TransactionReverted(f"the node cannot simulate this: {reason}", reason=reason) from refusal

    async def _knows(self, tx_hash: str) -> bool:
        return any(
            answer is not None
            for answer in await self._read_all(
                [("eth_getTransactionReceipt", [tx_hash]), ("eth_getTransactionByHash", [tx_hash])]
            )
        )

    async def _why_reverted(self, tx_hash: str, height: int, gas_used: int) -> str:
        transaction = await self._read("eth_getTransactionByHash", tx_hash)
        if transaction is None:
            return "reverted"
        if gas_used >= int(transaction["gas"], 16):
            return "out of gas"
        call = {key: transaction[key] for key in ("from", "to", "value", "gas")} | {"data": transaction["input"]}
        try:
            await self._rpc.call("eth_call", call, hex(height - 1))
        except NodeRefusal as refusal:
            return revert_reason(revert_data(refusal) or b"") or "reverted"
        return "reverted"


def _gas_limit(units: int, data: bytes) -> int:
    """A fifth above the simulation, because state moves until inclusion; an exact transfer needs no room."""
    if not data and units == _PLAIN_TRANSFER_GAS:
        return units
    return min(units * 6 // 5, max(units, _GAS_CAP))


def _require_funds(needed: Amount, available: int) -> None:
    if available < needed.base_units:
        asset = needed.asset
        raise InsufficientFunds(
            f"{needed} needed, {Amount(available, asset)} available: top the account up or send less",
            needed=needed.base_units,
            available=available,
            asset=str(asset.id),
        )


def _unreadable(refusal: NodeRefusal) -> NodeUnavailable:
    return NodeUnavailable(f"the node cannot answer {refusal.method}: {refusal.text[:200]}", reason=refusal.text[:200])


def _value(answer: Any) -> Any:
    if isinstance(answer, NodeRefusal):
        raise _unreadable(answer) from answer
    return answer


def _present(block: Any) -> Any:
    if block is None:
        raise NodeUnavailable("the node has no such block yet", reason="no block")
    return block


def _hex(data: bytes) -> str:
    return "0x" + data.hex()


def _bytes(answer: Any) -> bytes:
    if not isinstance(answer, str):
        raise TypeError("no bytes")
    return bytes.fromhex(answer[2:])


def _word(answer: Any) -> bytes:
    data = _bytes(answer)
    if len(data) < 32:
        raise ValueError("no 32-byte word")
    return data[:32]


def _quantity(answer: Any, asset: Asset) -> int:
    """A balance: a hex quantity of the node, or the 32-byte word that a token answers."""
    if asset.id.is_native:
        return int(answer, 16)
    try:
        return int.from_bytes(_word(answer), "big")
    except (TypeError, ValueError) as error:
        raise UnknownAsset(f"there is no token at {asset.id.reference}", asset=str(asset.id)) from error


def _symbol_text(data: bytes) -> str:
    """A symbol is a string, or bytes32 in tokens older than the standard's final text."""
    text = data.rstrip(b"\0").decode() if len(data) == 32 else decode_text(data)
    cleaned = "".join(c for c in text if c.isprintable())[:32]
    if not cleaned:
        raise ValueError("empty symbol")
    return cleaned
