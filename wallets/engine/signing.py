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
    """Transactions of one sender that needs no cosigner: asked for key by key, all or none."""
    by_key: dict[KeyId, list[int]] = {}
    known: dict[tuple[object, AccountId], KeyId] = {}
    for place, (payment, prepared) in enumerate(wanted):
        who = (payment.tenant_id, prepared.sender)
        if who not in known:
            known[who] = await key_of(tx, keys, payment, prepared.sender)
        by_key.setdefault(known[who], []).append(place)
    signed: dict[int, SignedTransaction] = {}
    for key, places in by_key.items():
        requests = [
            SigningRequest(
                key=key,
                scheme=wanted[place][1].scheme,
                payload=wanted[place][1].payload,
                chain=wanted[place][0].chain,
                act=wanted[place][0].act,
            )
            for place in places
        ]
        if len(requests) == 1:
            signatures: Sequence[Signature] = [await signer.sign(requests[0])]
        else:
            signatures = await signer.sign_many(requests)
        for place, signature in zip(places, signatures, strict=True):
            prepared = wanted[place][1]
            signed[place] = adapter.assemble(prepared, {prepared.sender: signature})
    return [signed[place] for place in range(len(wanted))]
