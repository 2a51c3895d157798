"""Accounts and transactions in the encodings that clients ask for."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from solders.account import Account
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.transaction import VersionedTransaction

from localnet.solana.bank import Bank
from localnet.solana.errors import UNSUPPORTED_TRANSACTION_VERSION, RpcError, invalid_params
from localnet.solana.params import Options, decode_base58_bytes
from localnet.solana.parsing.accounts import parsed_account
from localnet.solana.parsing.instructions import parsed_instruction
from localnet.solana.records import TransactionRecord
from localnet.solana.tokens import mint_decimals
from primitives.base58 import encode_base58

_BASE58_DATA_BYTES = 128
MEMO_PROGRAMS = frozenset(
    {"MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr", "Memo1UhkJRfHyvLMcVucJwxXeuD728EqVDDwQDxFMNo"}
)


def encode_account(
    bank: Bank, address: Pubkey, account: Account, options: Options, *, default: str = "base64"
) -> dict[str, Any]:
    """`UiAccount`; data that no parser knows is base64 also under `jsonParsed`."""
    encoding = options.get("encoding", default)
    data: Any = None
    if encoding == "jsonParsed":
        data = parsed_account(address, account, lambda mint: mint_decimals(bank.account(mint)))
    if data is None:
        raw = _slice(account.data, options)
        if encoding == "base58" or encoding == "binary":
            if len(raw) > _BASE58_DATA_BYTES:
                raise invalid_params(
                    "Encoded binary (base 58) data should be less than 128 bytes, please use Base64 encoding."
                )
            data = encode_base58(raw) if encoding == "binary" else [encode_base58(raw), "base58"]
        elif encoding in ("base64", "jsonParsed"):
            data = [b64encode(raw).decode(), "base64"]
        else:
            raise invalid_params(f"Invalid params: encoding {encoding!r} is not supported here; use base64")
    return {
        "lamports": account.lamports,
        "data": data,
        "owner": str(account.owner),
        "executable": account.executable,
        "rentEpoch": account.rent_epoch,
        "space": len(account.data),
    }


def encode_transaction(
    record: TransactionRecord, options: Options, *, default: str = "json", lowest_only: bool = False
) -> dict[str, Any]:
    """`EncodedTransactionWithStatusMeta`.

    Raises:
        RpcError: A versioned transaction for a client that did not say it knows them.
    """
    transaction = VersionedTransaction.from_bytes(record.wire)
    version = transaction.version()
    highest = options.integer("maxSupportedTransactionVersion")
    if isinstance(version, int) and (highest is None or version > highest):
        raise RpcError(
            UNSUPPORTED_TRANSACTION_VERSION,
            f"Transaction version ({version}) is not supported by the requesting client. "
            "Please try the request again with the following configuration parameter: "
            f'"maxSupportedTransactionVersion": {version}',
        )
    encoding = options.get("encoding", default)
    if encoding in ("base64", "base58"):
        wire = b64encode(record.wire).decode() if encoding == "base64" else encode_base58(record.wire)
        shown: Any = [wire, encoding]
    elif encoding == "binary":
        shown = encode_base58(record.wire)
    elif encoding in ("json", "jsonParsed"):
        shown = _transaction_json(transaction, record, parsed=encoding == "jsonParsed")
    else:
        raise invalid_params(f"Invalid params: encoding {encoding!r} is not known")
    meta = _parsed_meta(record) if encoding == "jsonParsed" else record.meta
    body: dict[str, Any] = {"transaction": shown, "meta": meta}
    if highest is not None:
        body["version"] = version if isinstance(version, int) else "legacy"
    return body


def memo_of(record: TransactionRecord) -> str | None:
    """The memos of a transaction as `getSignaturesForAddress` shows them: `[bytes] text`, joined by `; `.

    Source: Agave, `transaction-status/src/extract_memos.rs`.
    """
    found = []
    for instruction in VersionedTransaction.from_bytes(record.wire).message.instructions:
        if record.accounts[instruction.program_id_index] in MEMO_PROGRAMS:
            raw = bytes(instruction.data)
            text = raw.decode(errors="replace")
            found.append(f"[{len(raw)}] {text}")
    return "; ".join(found) or None


def transaction_accounts(record: TransactionRecord) -> list[dict[str, Any]]:
    """`accountKeys` with roles, as `jsonParsed` and the `accounts` detail level show them."""
    message = VersionedTransaction.from_bytes(record.wire).message
    header = message.header
    static = len(message.account_keys)
    loaded_writable = len(record.meta["loadedAddresses"]["writable"])
    accounts = []
    for index, key in enumerate(record.accounts):
        if index < static:
            signer = index < header.num_required_signatures
            writable = (
                index < header.num_required_signatures - header.num_readonly_signed_accounts
                if signer
                else index < static - header.num_readonly_unsigned_accounts
            )
        else:
            signer, writable = False, index < static + loaded_writable
        source = "transaction" if index < static else "lookupTable"
        accounts.append({"pubkey": key, "signer": signer, "source": source, "writable": writable})
    return accounts


def _parsed_meta(record: TransactionRecord) -> dict[str, Any]:
    inner = [
        {
            "index": entry["index"],
            "instructions": [
                parsed_instruction(
                    record.accounts,
                    call["programIdIndex"],
                    call["accounts"],
                    decode_base58_bytes(call["data"]),
                    call["stackHeight"],
                )
                for call in entry["instructions"]
            ],
        }
        for entry in record.meta["innerInstructions"]
    ]
    return {name: value for name, value in record.meta.items() if name != "loadedAddresses"} | {
        "innerInstructions": inner
    }


def _transaction_json(transaction: VersionedTransaction, record: TransactionRecord, *, parsed: bool) -> dict[str, Any]:
    message = transaction.message
    header = message.header
    if parsed:
        instructions: list[dict[str, Any]] = [
            parsed_instruction(
                record.accounts,
                instruction.program_id_index,
                list(instruction.accounts),
                bytes(instruction.data),
                1,
            )
            for instruction in message.instructions
        ]
        body: dict[str, Any] = {"accountKeys": transaction_accounts(record)}
    else:
        instructions = [
            {
                "programIdIndex": instruction.program_id_index,
                "accounts": list(instruction.accounts),
                "data": encode_base58(bytes(instruction.data)),
                "stackHeight": 1,
            }
            for instruction in message.instructions
        ]
        body = {
            "accountKeys": [str(key) for key in message.account_keys],
            "header": {
                "numRequiredSignatures": header.num_required_signatures,
                "numReadonlySignedAccounts": header.num_readonly_signed_accounts,
                "numReadonlyUnsignedAccounts": header.num_readonly_unsigned_accounts,
            },
        }
    body |= {"recentBlockhash": str(message.recent_blockhash), "instructions": instructions}
    if isinstance(message, MessageV0):
        body["addressTableLookups"] = [
            {
                "accountKey": str(lookup.account_key),
                "writableIndexes": list(bytes(lookup.writable_indexes)),
                "readonlyIndexes": list(bytes(lookup.readonly_indexes)),
            }
            for lookup in message.address_table_lookups
        ]
    return {"signatures": [str(signature) for signature in transaction.signatures], "message": body}


def _slice(data: bytes, options: Options) -> bytes:
    wanted = options.get("dataSlice")
    if wanted is None:
        return data
    try:
        offset, length = int(wanted["offset"]), int(wanted["length"])
    except (KeyError, TypeError, ValueError) as error:
        raise invalid_params("Invalid params: dataSlice needs offset and length") from error
    return data[offset : offset + length]
