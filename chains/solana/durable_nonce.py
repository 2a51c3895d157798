"""Durable nonces of an account: opened once, used by transactions whose signers may take longer than a blockhash lives.

A transaction with a durable nonce has no height after which it is dead. It is dead when its nonce was advanced, at
required finality, by another transaction.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from chains.intent import Intent, ProgramCall
from chains.solana.node import SolanaNode
from codec.solana.instruction import Instruction
from codec.solana.message import decode_message, decode_transaction
from codec.solana.nonce import (
    NONCE_LENGTH,
    NonceAccount,
    advance_nonce,
    nonce_address,
    open_nonce,
    parse_advance,
    withdraw_nonce,
)
from codec.solana.programs import SYSTEM
from primitives.account_id import AccountId
from primitives.errors import FeatureUnavailable, InvalidValue

_NEWEST = 100
MOST_NONCES = 8
"""Nonce accounts that one account may have: so many of its transactions can wait for signatures at a time."""


@dataclass(frozen=True, slots=True)
class DurableNonce:
    """`value` takes the blockhash's place, `advance` is the transaction's first instruction."""

    value: bytes
    advance: Instruction


async def opening(node: SolanaNode, account: AccountId, number: int) -> Intent | None:
    """What makes the account's nonce with this number; None when it exists. Raises InvalidValue, NodeUnavailable."""
    _require_number(number)
    there = await node.account(nonce_address(account.raw, number))
    if there is not None and _parsed(there.owner, there.data, account.raw) is not None:
        return None
    (rent,) = await node.rents([NONCE_LENGTH])
    top_up = max(0, rent - (there.lamports if there else 0))
    return Intent(account, ProgramCall(open_nonce(account.raw, number, top_up)))


async def closing(node: SolanaNode, account: AccountId, number: int) -> Intent | None:
    """What ends the nonce and returns its rent; None when there is none. Whatever was signed with it dies."""
    _require_number(number)
    address = nonce_address(account.raw, number)
    there = await node.account(address)
    if there is None:
        return None
    return Intent(account, ProgramCall((withdraw_nonce(address, account.raw, account.raw, there.lamports),)))


async def current(node: SolanaNode, account: AccountId, number: int) -> DurableNonce:
    """The nonce as it stands now.

    Raises:
        FeatureUnavailable: It was not opened; `feature` is durable_nonce.
        InvalidValue, NodeUnavailable
    """
    _require_number(number)
    address = nonce_address(account.raw, number)
    there = await node.account(address)
    held = None if there is None else _parsed(there.owner, there.data, account.raw)
    if held is None:
        raise FeatureUnavailable(
            f"{account.address} has no durable nonce {number}: open it first", feature="durable_nonce", number=number
        )
    return DurableNonce(held.nonce, advance_nonce(address, account.raw))


async def is_spent(node: SolanaNode, raw: bytes, commitment: str) -> bool:
    """Whether the nonce of signed bytes was advanced or ended; False for bytes with a blockhash.

    Ask before looking for the transaction itself: what was advanced before it was found missing was not advanced by it.
    """
    _, message = decode_transaction(raw)
    decoded = decode_message(message)
    advanced = None if decoded.lookups else parse_advance(decoded.instructions[0])
    if advanced is None:
        return False
    there = await node.account(advanced.account, commitment)
    held = None if there is None else _parsed(there.owner, there.data, advanced.authority)
    return held is None or held.nonce != decoded.blockhash


async def used_by_another(node: SolanaNode, raw: bytes, tx_hash: str) -> bool:
    """Whether the node shows a transaction other than this one that began with the same nonce: then this one never
    lands, however little else the node remembers."""
    _, message = decode_transaction(raw)
    decoded = decode_message(message)
    advanced = None if decoded.lookups else parse_advance(decoded.instructions[0])
    if advanced is None:
        return False
    entries = await node.newest([advanced.account], before=None, limit=_NEWEST)
    others = [entry.signature for entry in entries if entry.signature != tx_hash]
    for document in await node.transactions(others):
        if document is None:
            continue
        try:
            _, other = decode_transaction(base64.b64decode(document["transaction"][0]))
            if decode_message(other).blockhash == decoded.blockhash:
                return True
        except InvalidValue:
            continue
    return False


def _parsed(owner: bytes, data: bytes, authority: bytes) -> NonceAccount | None:
    if owner != SYSTEM:
        return None
    try:
        held = NonceAccount.parse(data)
    except InvalidValue:
        return None
    return held if held.authority == authority else None


def _require_number(number: int) -> None:
    if not 0 <= number < MOST_NONCES:
        raise InvalidValue(f"an account has durable nonces 0 to {MOST_NONCES - 1}, not {number}")
