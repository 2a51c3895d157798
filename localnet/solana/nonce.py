"""Durable nonces, which LiteSVM does not protect once its own blockhash check is off.

Account layout (System program, `nonce::versions::Versions`, 80 bytes): u32 version (1 = current), u32 state
(1 = initialised), authority 32, durable nonce 32 at byte 40, u64 lamports per signature.
"""

from __future__ import annotations

from hashlib import sha256

from solders.account import Account
from solders.hash import Hash
from solders.pubkey import Pubkey

from localnet.solana.transaction import DecodedTransaction

SYSTEM_PROGRAM = Pubkey.default()
_ADVANCE_NONCE = (4).to_bytes(4, "little")
_NONCE_BYTES = 80
_CURRENT_INITIALISED = bytes([1, 0, 0, 0, 1, 0, 0, 0])
_AUTHORITY = slice(8, 40)
_NONCE = slice(40, 72)


def stored_nonce(account: Account | None) -> Hash | None:
    """The durable nonce that an account holds, or None if it is no initialised nonce account."""
    if account is None or account.owner != SYSTEM_PROGRAM or len(account.data) != _NONCE_BYTES:
        return None
    if account.data[:8] != _CURRENT_INITIALISED:
        return None
    return Hash(account.data[_NONCE])


def nonce_authority(account: Account) -> Pubkey:
    """The key that must sign the use of an initialised nonce account."""
    return Pubkey(account.data[_AUTHORITY])


def nonce_account_of(transaction: DecodedTransaction) -> Pubkey | None:
    """The nonce account that the first instruction advances, if the transaction has that form.

    Source: Agave, `get_durable_nonce` in svm-transaction: first instruction, System program,
    AdvanceNonceAccount, account 0 writable.
    """
    if not transaction.instructions:
        return None
    first = transaction.instructions[0]
    keys = transaction.keys
    if first.program_id_index >= transaction.static or keys[first.program_id_index] != SYSTEM_PROGRAM:
        return None
    if bytes(first.data)[:4] != _ADVANCE_NONCE or not first.accounts or first.accounts[0] >= transaction.static:
        return None
    index = first.accounts[0]
    return keys[index] if transaction.writable[index] else None


def next_nonce(blockhash: Hash, signature: bytes) -> Hash:
    """The durable nonce after a use: never one that was there before.

    LiteSVM would take it from its own blockhash, whose sequence starts over with each process, so that an old nonce
    could come back. Agave hashes "DURABLE_NONCE" with the blockhash; the signature added here makes it new even
    twice in one slot.
    """
    return Hash(sha256(b"DURABLE_NONCE" + bytes(blockhash) + signature).digest())


def with_nonce(account: Account, nonce: Hash) -> Account:
    """The same nonce account holding another durable nonce."""
    data = bytearray(account.data)
    data[_NONCE] = bytes(nonce)
    return Account(account.lamports, bytes(data), account.owner, account.executable, account.rent_epoch)
