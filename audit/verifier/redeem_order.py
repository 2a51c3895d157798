"""The order that holder and merchant consent to, read from a transaction's calldata, and its EIP-712 digest."""

from __future__ import annotations

from dataclasses import dataclass

from .abi import Words
from .crypto import keccak256
from .report import Rejected, require

CHECK = "order"
MAX_ITEMS = 64

_ITEM = "RedeemItem(uint256 voucherId,uint128 amountMinor,uint64 sequence)"
_ORDER = (
    "RedeemOrder(address holder,address merchant,bytes32 orderHash,uint64 validBefore,address remainderAsset,"
    "uint256 remainderAmount,RedeemItem[] items)"
)
_DOMAIN = "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
_ORDER_ABI = "(address,address,bytes32,uint64,address,uint256,(uint256,uint128,uint64)[])"
_BY_MERCHANT = {
    keccak256(f"redeemSigned({_ORDER_ABI},bytes)".encode())[:4],
    keccak256(f"payAndRedeem({_ORDER_ABI},bytes,(uint256,uint256,uint8,bytes32,bytes32))".encode())[:4],
}
_BY_HOLDER = keccak256(f"redeem({_ORDER_ABI},bytes)".encode())[:4]


@dataclass(frozen=True, slots=True)
class OrderItem:
    """`voucher` has 32 bytes, `amount_minor` counts minor units of the campaign's currency."""

    voucher: bytes
    amount_minor: int
    sequence: int


@dataclass(frozen=True, slots=True)
class SubmittedOrder:
    """A RedeemOrder and the other party's signature over it.

    Attributes:
        signed_by_holder: True: the signature is the holder's. False: the merchant's, and the holder called.
        signature: 65 bytes r ‖ s ‖ v.
    """

    holder: bytes
    merchant: bytes
    order_hash: bytes
    valid_before: int
    remainder_asset: bytes
    remainder_amount: int
    items: tuple[OrderItem, ...]
    signed_by_holder: bool
    signature: bytes

    def digest(self, chain_number: int, book: bytes) -> bytes:
        """The EIP-712 digest for the book's domain, 32 bytes."""
        item_type = keccak256(_ITEM.encode())
        items = [_hashed(item_type, item.voucher, item.amount_minor, item.sequence) for item in self.items]
        struct = _hashed(
            keccak256((_ORDER + _ITEM).encode()),
            *(self.holder, self.merchant, self.order_hash, self.valid_before),
            *(self.remainder_asset, self.remainder_amount, keccak256(b"".join(items))),
        )
        name, version = keccak256(b"Quanbao VoucherBook"), keccak256(b"1")
        domain = _hashed(keccak256(_DOMAIN.encode()), name, version, chain_number, book)
        return keccak256(b"\x19\x01" + domain + struct)


def read_order(calldata: bytes) -> SubmittedOrder:
    """Decode a call of redeemSigned, payAndRedeem or redeem.

    Raises:
        Rejected: Another function, or arguments that the book could not have read.
    """
    selector = calldata[:4]
    if selector not in _BY_MERCHANT and selector != _BY_HOLDER:
        raise Rejected(CHECK, "the transaction calls none of redeemSigned, payAndRedeem and redeem")
    arguments = Words(CHECK, calldata[4:])
    order = arguments.tail(0)
    array = order.tail(6)
    count = array.number(0)
    require(0 < count <= MAX_ITEMS, CHECK, f"the order has {count} vouchers, not 1 to {MAX_ITEMS}")
    return SubmittedOrder(
        holder=order.address(0),
        merchant=order.address(1),
        order_hash=order.word(2),
        valid_before=order.number(3, 64),
        remainder_asset=order.address(4),
        remainder_amount=order.number(5),
        items=tuple(
            OrderItem(array.word(i), array.number(i + 1, 128), array.number(i + 2, 64))
            for i in range(1, 3 * count + 1, 3)
        ),
        signed_by_holder=selector in _BY_MERCHANT,
        signature=arguments.data(1),
    )


def _hashed(*words: int | bytes) -> bytes:
    """keccak256 of the values in words of 32 bytes each, padded on the left."""
    padded = (word.rjust(32, b"\0") if isinstance(word, bytes) else word.to_bytes(32, "big") for word in words)
    return keccak256(b"".join(padded))
