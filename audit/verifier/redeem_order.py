"""The order that holder and merchant consent to, read from a transaction's calldata, and its EIP-712 digest."""

from __future__ import annotations

from dataclasses import dataclass

from .abi import Words
from .crypto import keccak256
from .rejected import Rejected, require

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
        items = b"".join(
            keccak256(item_type + item.voucher + _word(item.amount_minor) + _word(item.sequence)) for item in self.items
        )
        struct = keccak256(
            keccak256((_ORDER + _ITEM).encode())
            + _word(self.holder)
            + _word(self.merchant)
            + self.order_hash
            + _word(self.valid_before)
            + _word(self.remainder_asset)
            + _word(self.remainder_amount)
            + keccak256(items)
        )
        domain = keccak256(
            keccak256(_DOMAIN.encode())
            + keccak256(b"Quanbao VoucherBook")
            + keccak256(b"1")
            + _word(chain_number)
            + _word(book)
        )
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
    words = array.rest(1)
    return SubmittedOrder(
        holder=order.address(0),
        merchant=order.address(1),
        order_hash=order.word(2),
        valid_before=order.number(3, 64),
        remainder_asset=order.address(4),
        remainder_amount=order.number(5),
        items=tuple(
            OrderItem(words.word(3 * i), words.number(3 * i + 1, 128), words.number(3 * i + 2, 64))
            for i in range(count)
        ),
        signed_by_holder=selector in _BY_MERCHANT,
        signature=arguments.data(1),
    )


def _word(value: int | bytes) -> bytes:
    return value.rjust(32, b"\0") if isinstance(value, bytes) else value.to_bytes(32, "big")
