"""Ask the chains themselves to do what must not be done, and read their refusal.

Twice the same voucher: the very call (or message) that redeemed it is executed again by the node on its newest state.
A stranger: a fresh key that holds nothing but fees sends a real transaction that tries to use a live voucher; it is
included, charged and refused.
"""

from __future__ import annotations

import asyncio
import base64
import re
import secrets
from dataclasses import dataclass

from coincurve import PrivateKey
from nacl.signing import SigningKey

from chains.evm.errors import revert_data
from chains.evm.reverts import reverted
from chains.registry import ConfiguredChains
from chains.rpc.client import JsonRpcClient
from chains.rpc.errors import NodeRefusal
from chains.solana.errors import reason_of
from codec.evm.book.calls import redeem_signed_call
from codec.evm.redeem_order import RedeemItem, RedeemOrder, digest
from codec.evm.transaction import (
    FeeMarketTransaction,
    address_of_public_key,
    encode_signed,
    encode_unsigned,
    signing_hash,
    transaction_hash,
)
from codec.solana.associated_token import associated_token_address
from codec.solana.campaign_mint import campaign_mint_address
from codec.solana.message import assemble_transaction, build_message, decode_message, decode_transaction
from codec.solana.programs import TOKEN_2022
from codec.solana.token_extensions import permissioned_burn
from primitives.account_id import AccountId
from primitives.base58 import decode_base58, encode_base58
from primitives.chain_id import ChainId
from primitives.errors import OperationError
from primitives.voucher_id import VoucherId


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the chain said. `tx` is None where the node executed without including (the same voucher again)."""

    reason: str
    tx: str | None
    height: int
    block_hash: str | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A key that nobody here knows, made for one attempt."""

    account: AccountId
    secret: bytes

    def __repr__(self) -> str:
        return f"Stranger({self.account})"


def make_stranger(chain: ChainId) -> Stranger:
    """A fresh key of the chain's curve."""
    secret = secrets.token_bytes(32)
    if chain.family == "eip155":
        raw = address_of_public_key(PrivateKey(secret).public_key.format(compressed=True))
    else:
        raw = bytes(SigningKey(secret).verify_key)
    return Stranger(AccountId.from_raw(chain, raw), secret)


async def again_on_evm(rpc: JsonRpcClient, tx_hash: str) -> Refusal:
    """Execute a redeeming call once more on the newest block. Raises OperationError when the chain lets it pass."""
    made = await rpc.call("eth_getTransactionByHash", tx_hash)
    call = {"from": made["from"], "to": made["to"], "data": made["input"]}
    head = await rpc.call("eth_getBlockByNumber", "latest", False)
    try:
        await rpc.call("eth_call", call, head["number"])
    except NodeRefusal as refusal:
        data = revert_data(refusal)
        if data is None:
            raise
        return Refusal(_short(reverted(data).reason), None, int(head["number"], 16), head["hash"])
    raise OperationError("the chain accepted the same voucher a second time")


async def again_on_solana(rpc: JsonRpcClient, tx_hash: str) -> Refusal:
    """Execute a redeeming message once more on the newest slot. Raises OperationError when the chain lets it pass."""
    options = {"encoding": "base64", "commitment": "confirmed", "maxSupportedTransactionVersion": 0}
    made = await rpc.call("getTransaction", tx_hash, options)
    answer = await rpc.call(
        "simulateTransaction",
        made["transaction"][0],
        {"encoding": "base64", "sigVerify": False, "replaceRecentBlockhash": True, "commitment": "processed"},
    )
    error = answer["value"]["err"]
    if error is None:
        raise OperationError("the chain accepted the same voucher a second time")
    message = decode_message(decode_transaction(base64.b64decode(made["transaction"][0]))[1])
    return Refusal(reason_of(error, message.instructions), None, int(answer["context"]["slot"]), None)


async def stranger_on_evm(
    chains: ConfiguredChains, stranger: Stranger, book: AccountId, voucher: VoucherId, merchant: AccountId
) -> Refusal:
    """Send a redemption of somebody's live voucher, signed by the stranger as holder."""
    chain = stranger.account.chain
    rpc = chains.client(chain)
    order = RedeemOrder(
        holder=stranger.account.raw,
        merchant=merchant.raw,
        order_hash=secrets.token_bytes(32),
        valid_before=2**40 - 1,
        remainder_asset=bytes(20),
        remainder_amount=0,
        items=(RedeemItem(voucher, 1, 0),),
    )
    key = PrivateKey(stranger.secret)
    signature = key.sign_recoverable(digest(order, chain.evm_number, book.raw), hasher=None)
    nonce = int(await rpc.call("eth_getTransactionCount", stranger.account.address, "latest"), 16)
    transaction = FeeMarketTransaction(
        chain_id=chain.evm_number,
        nonce=nonce,
        max_priority_fee_per_gas=10**9,
        max_fee_per_gas=100 * 10**9,
        gas_limit=500_000,
        to=book.raw,
        value=0,
        data=redeem_signed_call(order, signature),
    )
    signed = encode_signed(transaction, key.sign_recoverable(signing_hash(encode_unsigned(transaction)), hasher=None))
    await rpc.call("eth_sendRawTransaction", "0x" + signed.hex())
    return await _included_refusal(chains, chain, "0x" + transaction_hash(signed).hex())


async def stranger_on_solana(
    chains: ConfiguredChains, stranger: Stranger, issuer: AccountId, voucher: VoucherId, holder: AccountId
) -> Refusal:
    """Send a burn of somebody's live voucher with the stranger in the place of owner and burn authority."""
    chain = stranger.account.chain
    rpc = chains.client(chain)
    mint = campaign_mint_address(issuer.raw, voucher.campaign)
    token_account = associated_token_address(holder.raw, mint, TOKEN_2022)
    me = stranger.account.raw
    newest = await rpc.call("getLatestBlockhash", {"commitment": "confirmed"})
    blockhash = decode_base58(newest["value"]["blockhash"], length=32)
    message = build_message(me, (permissioned_burn(token_account, mint, me, me, 1),), blockhash)
    signature = SigningKey(stranger.secret).sign(message).signature
    raw = assemble_transaction(message, {me: signature})
    await rpc.call(
        "sendTransaction",
        base64.b64encode(raw).decode(),
        {"encoding": "base64", "skipPreflight": True, "preflightCommitment": "confirmed"},
    )
    return await _included_refusal(chains, chain, encode_base58(signature))


async def _included_refusal(chains: ConfiguredChains, chain: ChainId, tx_hash: str) -> Refusal:
    adapter = chains.adapter(chain)
    for _ in range(240):
        receipt = await adapter.receipt(tx_hash)
        if receipt is not None:
            if receipt.ok:
                raise OperationError(f"the chain let a stranger use somebody's voucher ({tx_hash})")
            return Refusal(_short(receipt.reason or "refused"), tx_hash, receipt.height, receipt.block_hash.hex())
        await asyncio.sleep(0.25)
    raise OperationError(f"{tx_hash} was not included within a minute")


def _short(reason: str) -> str:
    """Voucher ids and addresses among the error's values, cut to what tells them apart."""
    return re.sub(r"\b(0x[0-9a-f]{4}|\d{6})[0-9a-f]{20,}([0-9a-f]{4})\b", r"\1…\2", reason)
