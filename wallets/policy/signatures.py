"""What a signature that is no payment lets others take, read from the bytes that are signed.

Sources: ERC-2612 `permit` and the older `Permit(…, bool allowed)`, ERC-3009 `TransferWithAuthorization`, Permit2
(`AllowanceTransfer`, `SignatureTransfer`), the voucher book's `RedeemOrder`, and the orders of CoW Protocol
(`GPv2Order`). Whatever else is signed is read by nobody here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from codec.evm.permit import PERMIT_FIELDS
from codec.evm.redeem_order import DOMAIN_NAME, ORDER_FIELDS
from codec.evm.tokens import PERMIT2, UNLIMITED
from codec.evm.typed_data import TypedData, parse_typed_data
from primitives.account_id import AccountId, parse_evm_address
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import InvalidAddress, InvalidValue
from primitives.signing import SigningScheme

_OLD_PERMIT = ("holder", "spender", "nonce", "expiry", "allowed")
_AUTHORIZATION = ("from", "to", "value", "validAfter", "validBefore", "nonce")
_COW = bytes.fromhex("9008d19f58aabd9ed0d60971565aa8510560ab41")
"""GPv2Settlement, at one address on every chain."""
_COW_ORDER = (
    "sellToken",
    "buyToken",
    "receiver",
    "sellAmount",
    "buyAmount",
    "validTo",
    "appData",
    "feeAmount",
    "kind",
    "partiallyFillable",
    "sellTokenBalance",
    "buyTokenBalance",
)
_PERMIT2_ALLOWANCES = ("PermitSingle", "PermitBatch")
_PERMIT2_TRANSFERS = (
    "PermitTransferFrom",
    "PermitBatchTransferFrom",
    "PermitWitnessTransferFrom",
    "PermitBatchWitnessTransferFrom",
)


@dataclass(frozen=True, slots=True)
class Taking:
    """One amount that a signature lets somebody take."""

    asset: AssetId
    base_units: int
    recipient: AccountId


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read.

    Attributes:
        takings: None where nobody here can read it: it may let others take anything.
        contract: Which contract would act on it.
    """

    takings: tuple[Taking, ...] | None
    contract: AccountId | None = None


def read_signature(scheme: SigningScheme, payload: bytes, account: AccountId) -> Reading:
    """Of a message (EIP-191) or a document (EIP-712) that this account signs.

    A message that is text moves nothing by itself; one that is no text is signed blindly.
    """
    if scheme is SigningScheme.EVM_MESSAGE:
        return Reading(() if _is_text(payload) else None)
    if scheme is not SigningScheme.EVM_TYPED_DATA:
        return Reading(None)
    chain = account.chain
    try:
        data = parse_typed_data(payload)
        named = data.verifying_contract
        contract = None if named is None else AccountId.from_raw(chain, named)
        takings = (
            None
            if contract is None or data.chain_id not in (None, chain.evm_number)
            else _read(data, contract, account)
        )
    except (InvalidValue, InvalidAddress, KeyError, TypeError):
        return Reading(None)
    return Reading(takings, contract)


def _is_text(payload: bytes) -> bool:
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(one.isprintable() or one in "\n\r\t" for one in text)


def _read(data: TypedData, contract: AccountId, account: AccountId) -> tuple[Taking, ...] | None:
    fields = tuple(name for name, _ in data.types[data.primary_type])
    message = data.message
    chain = contract.chain

    def taking(token: str, units: Any, taker: Any) -> Taking:
        return Taking(AssetId.fungible(chain, _account(chain, token).address), _number(units), _account(chain, taker))

    match data.primary_type:
        case "Permit" if data.types["Permit"] == PERMIT_FIELDS:
            return (taking(contract.address, message["value"], message["spender"]),)
        case "Permit" if fields == _OLD_PERMIT:
            return (taking(contract.address, UNLIMITED if message["allowed"] else 0, message["spender"]),)
        case "TransferWithAuthorization" | "ReceiveWithAuthorization" if fields == _AUTHORIZATION:
            return (taking(contract.address, message["value"], message["to"]),)
        case name if name in _PERMIT2_ALLOWANCES + _PERMIT2_TRANSFERS and contract.raw == PERMIT2:
            listed = message["details" if name in _PERMIT2_ALLOWANCES else "permitted"]
            rows: Sequence[Mapping[str, Any]] = listed if isinstance(listed, list) else [listed]
            return tuple(taking(row["token"], row["amount"], message["spender"]) for row in rows)
        case "RedeemOrder" if data.types["RedeemOrder"] == ORDER_FIELDS and data.domain.get("name") == DOMAIN_NAME:
            if not _number(message["remainderAmount"]):
                return ()
            return (taking(message["remainderAsset"], message["remainderAmount"], message["merchant"]),)
        case "Order" if contract.raw == _COW and fields == _COW_ORDER:
            units = _number(message["sellAmount"]) + _number(message["feeAmount"])
            # What is bought may go to somebody else: then it is they who are paid.
            buyer = _account(chain, message["receiver"])
            paid = contract if buyer == account or not any(buyer.raw) else buyer
            return (taking(message["sellToken"], units, paid.address),)
        case _:
            return None


def _account(chain: ChainId, value: Any) -> AccountId:
    return AccountId.from_raw(chain, parse_evm_address(value))


def _number(value: Any) -> int:
    """Numbers of typed data come as JSON numbers, decimal or hexadecimal text; the document was checked before."""
    return int(value, 0) if isinstance(value, str) else int(value)
