"""Composing the transaction that pays a request, and recognising one that does.

Source: Solana Pay specification: references are read-only, non-signer keys of the transfer instruction; a memo is the
instruction before it.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from codec.solana import system, token
from codec.solana.associated_token import associated_token_address
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.lookup_table import instructions_with
from codec.solana.memo import memo
from codec.solana.message import decode_message, decode_transaction
from codec.solana.programs import MEMO, TOKEN_PROGRAMS
from primitives.account_id import AccountId
from primitives.base58 import decode_base58, encode_base58
from primitives.errors import InvalidValue
from wallets.solana_pay.model import PayRequest, SeenPayment

_TRANSFER_CHECKED_WITH_FEE = b"\x1a\x01"


def with_reference(instructions: Sequence[Instruction], request: PayRequest) -> tuple[Instruction, ...]:
    """The planned instructions of a plain transfer, with the request's reference and memo.

    Raises:
        InvalidValue: There is no transfer among them.
    """
    place = _transfer_at(instructions)
    if place is None:
        raise InvalidValue("a payment request is paid by a transfer")
    transfer = instructions[place]
    marked = replace(transfer, accounts=(*transfer.accounts, AccountMeta(request.reference, False, False)))
    note = () if request.memo is None else (memo(request.memo.encode(), ()),)
    return (*instructions[:place], *note, marked, *instructions[place + 1 :])


def paid_by(request: PayRequest, document: Mapping[str, Any], signature: str) -> SeenPayment | None:
    """What a transaction pays of this request: `getTransaction` in base64; None if it does not pay it whole.

    It pays when it was carried out, a transfer instruction to the recipient's account names the reference, the memo
    before it is the request's, and the account holds at least the amount more than before, whatever fees a token takes.
    """
    meta = document["meta"]
    if meta["err"] is not None:
        return None
    loaded = meta.get("loadedAddresses") or {"writable": [], "readonly": []}
    writable, readonly = (
        tuple(decode_base58(text, length=32) for text in loaded[kind]) for kind in ("writable", "readonly")
    )
    try:
        _, raw = decode_transaction(base64.b64decode(document["transaction"][0]))
        message = decode_message(raw)
        instructions = instructions_with(message, writable, readonly)
    except InvalidValue:
        return None
    place = _transfer_at(instructions, naming=request.reference)
    if place is None or not _memo_fits(request, instructions[:place]):
        return None
    keys = (*message.account_keys, *writable, *readonly)
    received = _received(request, instructions[place], keys, meta)
    if received < request.amount.base_units:
        return None
    payer = AccountId.from_raw(request.recipient.chain, message.fee_payer)
    return SeenPayment(signature, int(document["slot"]), payer, received, final=False)


def _transfer_at(instructions: Sequence[Instruction], naming: bytes | None = None) -> int | None:
    for place in reversed(range(len(instructions))):
        one = instructions[place]
        if not _is_transfer(one):
            continue
        if naming is None or any(meta.key == naming and not meta.is_signer for meta in one.accounts):
            return place
    return None


def _is_transfer(instruction: Instruction) -> bool:
    return (
        system.parse_transfer(instruction) is not None
        or token.parse_transfer(instruction) is not None
        or (instruction.program in TOKEN_PROGRAMS and instruction.data[:2] == _TRANSFER_CHECKED_WITH_FEE)
    )


def _memo_fits(request: PayRequest, before: Sequence[Instruction]) -> bool:
    if request.memo is None:
        return True
    return bool(before) and before[-1].program == MEMO and before[-1].data == request.memo.encode()


def _received(request: PayRequest, transfer: Instruction, keys: Sequence[bytes], meta: Mapping[str, Any]) -> int:
    """Base units that the transfer's destination gained in the whole transaction; 0 if it is not the recipient's."""
    asset, recipient = request.amount.asset, request.recipient.raw
    if asset.id.is_native:
        moved = system.parse_transfer(transfer)
        if moved is None or moved[1] != recipient:
            return 0
        index = keys.index(recipient)
        return int(meta["postBalances"][index]) - int(meta["preBalances"][index])
    mint = AccountId.of(request.recipient.chain, asset.id.reference).raw
    account = associated_token_address(recipient, mint, transfer.program)
    # Transfer names source and destination; the checked forms have the mint between them.
    destination = 1 if transfer.data[:1] == b"\x03" else 2
    if transfer.program not in TOKEN_PROGRAMS or transfer.accounts[destination].key != account:
        return 0
    index = keys.index(account)
    before, after = (_held(meta[name] or [], index, mint) for name in ("preTokenBalances", "postTokenBalances"))
    return after - before


def _held(rows: Sequence[Mapping[str, Any]], index: int, mint: bytes) -> int:
    name = encode_base58(mint)
    return next(
        (int(row["uiTokenAmount"]["amount"]) for row in rows if row["accountIndex"] == index and row["mint"] == name), 0
    )
