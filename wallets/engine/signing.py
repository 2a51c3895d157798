"""Asking a signer for the signatures of prepared transactions."""

from __future__ import annotations

from collections.abc import Sequence

from chains.ports import ChainAdapter, PreparedTransaction, SignedTransaction
from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.errors import KeyNotFound
from primitives.signing import KeyId, PublicKey, Signature, Signer, SigningRequest
from wallets.engine.model import Payment
from wallets.engine.ports import KeyFinder


async def key_of(tx: Transaction, keys: KeyFinder, payment: Payment, account: AccountId) -> KeyId:
    """The payer's own key first: two tenants may have imported the same words. Raises KeyNotFound."""
    try:
        return await keys.key_for(tx, account, tenant_id=payment.tenant_id)
    except KeyNotFound:
        return await keys.key_for(tx, account)


async def sign_one(
    tx: Transaction,
    keys: KeyFinder,
    payment: Payment,
    adapter: ChainAdapter,
    prepared: PreparedTransaction,
    signer: Signer,
) -> SignedTransaction:
    """Every signature that the transaction needs, in order; each signer sees those before it."""
    signatures: dict[AccountId, Signature] = {}
    collected: list[tuple[PublicKey, Signature]] = []
    for account in prepared.signers:
        key = await key_of(tx, keys, payment, account)
        signature = await signer.sign(
            SigningRequest(
                key=key,
                scheme=prepared.scheme,
                payload=prepared.payload,
                chain=payment.chain,
                act=payment.act,
                cosignatures=tuple(collected),
                last_valid_height=prepared.last_valid_height,
            )
        )
        signatures[account] = signature
        collected.append((await signer.public_key(key), signature))
    return adapter.assemble(prepared, signatures)


async def sign_many(
    tx: Transaction,
    keys: KeyFinder,
    adapter: ChainAdapter,
    wanted: Sequence[tuple[Payment, PreparedTransaction]],
    signer: Signer,
) -> list[SignedTransaction]:
    """Transactions that need no cosigner: all or none, each key's with one entry in its audit log."""
    known = await keys.keys_for(tx, {(prepared.sender, payment.tenant_id) for payment, prepared in wanted})
    requests, whole = [], []
    for payment, unfinished in wanted:
        key = known[unfinished.sender, payment.tenant_id]
        prepared = await _agreed(payment, unfinished, key, signer)
        whole.append(prepared)
        requests.append(
            SigningRequest(
                key=key,
                scheme=prepared.scheme,
                payload=prepared.payload,
                chain=payment.chain,
                act=payment.act,
            )
        )
    if len(requests) == 1:
        signatures: Sequence[Signature] = [await signer.sign(requests[0])]
    else:
        signatures = await signer.sign_many(requests)
    return [
        adapter.assemble(prepared, {prepared.sender: signature})
        for prepared, signature in zip(whole, signatures, strict=True)
    ]


async def _agreed(payment: Payment, prepared: PreparedTransaction, key: KeyId, signer: Signer) -> PreparedTransaction:
    """With what the sender must sign before the transaction itself exists; alone it does nothing."""
    agreement = prepared.agreement
    if agreement is None:
        return prepared
    asked = SigningRequest(key, agreement.scheme, agreement.payload, payment.chain, payment.act)
    return agreement.complete(await signer.sign(asked))
