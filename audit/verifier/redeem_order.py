"""The orders that holder and merchant consent to, read from a transaction's calldata, and their EIP-712 digest."""

from __future__ import annotations

from dataclasses import dataclass

from .abi import Words
from .crypto import keccak256
from .report import require

CHECK = "order"
MAX_ITEMS = 64
MAX_ORDERS = 1024

_ITEM = "RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)"
_ORDER = (
    "RedeemOrder(address holder,address merchant,bytes32 orderHash,uint64 validBefore,address remainderAsset,"
    "uint256 remainderAmount,RedeemItem[] items)"
)
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_ORDER_ABI = "(address,address,bytes32,uint64,address,uint256,(uint256,uint128,uint64)[])"
_PERMIT = ",(uint256,uint256,uint8,bytes32,bytes32)"
_LAST_ARGUMENTS = {"redeemSigned": "", "redeem": "", "redeemFromDrop": ",bytes32[][]"}
_LAST_ARGUMENTS |= dict.fromkeys(("payAndRedeem", "payAndRedeemAuthorized"), _PERMIT)
_ONE = {keccak256(f"{name}({_ORDER_ABI},bytes{last})".encode())[:4]: name for name, last in _LAST_ARGUMENTS.items()}
_MANY = {keccak256(f"{name}(({_ORDER_ABI},bytes)[])".encode())[:4] for name in ("redeemBatch", "redeemBestEffort")}


@dataclass(frozen=True, slots=True)
class SubmittedOrder:
    """A RedeemOrder, and the signature (r ‖ s ‖ v) over it: the holder's, or the merchant's where the holder called.
    `items`: voucher, minor units, sequence. `authorized`: the remainder goes through the book, by ERC-3009."""

    holder: bytes
    merchant: bytes
    order_hash: bytes
    valid_before: int
    remainder_asset: bytes
    remainder_amount: int
    items: tuple[tuple[bytes, int, int], ...]
    signed_by_holder: bool
    authorized: bool
    signature: bytes

    def digest(self, chain_number: int, book: bytes) -> bytes:
        """The EIP-712 digest for the book's domain, 32 bytes."""
        item_type = keccak256(_ITEM.encode())
        items = [_hashed(item_type, *item) for item in self.items]
        struct = _hashed(
            keccak256((_ORDER + _ITEM).encode()),
            *(self.holder, self.merchant, self.order_hash, self.valid_before),
            *(self.remainder_asset, self.remainder_amount, keccak256(b"".join(items))),
        )
        name, version = keccak256(b"Quanbao VoucherBook"), keccak256(b"1")
        domain = _hashed(keccak256(_DOMAIN.encode()), name, version, chain_number, book)
        return keccak256(b"\x19\x01" + domain + struct)


def read_orders(calldata: bytes) -> list[SubmittedOrder]:
    """Decode a call of one of the book's seven ways to redeem. Raises Rejected for anything else."""
    selector, arguments = calldata[:4], Words(CHECK, calldata[4:])
    if selector in _ONE:
        return [_order(arguments, _ONE[selector])]
    require(selector in _MANY, CHECK, "the transaction calls none of the ways to redeem")
    batch = arguments.tail(0)
    count = batch.number(0)
    require(0 < count <= MAX_ORDERS, CHECK, f"the batch has {count} orders, not 1 to {MAX_ORDERS}")
    signed = batch.rest(1)
    return [_order(signed.tail(place), "") for place in range(count)]


def _order(arguments: Words, function: str) -> SubmittedOrder:
    order = arguments.tail(0)
    array = order.tail(6)
    count = array.number(0)
    require(count <= MAX_ITEMS, CHECK, f"the order has {count} vouchers, more than {MAX_ITEMS}")
    places = range(1, 3 * count + 1, 3)
    items = tuple((array.word(i), array.number(i + 1, 128), array.number(i + 2, 64)) for i in places)
    named = (order.address(0), order.address(1), order.word(2), order.number(3, 64), order.address(4), order.number(5))
    return SubmittedOrder(*named, items, function != "redeem", function == "payAndRedeemAuthorized", arguments.data(1))


def _hashed(*words: int | bytes) -> bytes:
    """keccak256 of the values in words of 32 bytes each, padded on the left."""
    padded = (word.rjust(32, b"\0") if isinstance(word, bytes) else word.to_bytes(32, "big") for word in words)
    return keccak256(b"".join(padded))
