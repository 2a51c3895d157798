"""Calls and logs of tokens of every standard, of Multicall3 and of Permit2.

Sources: ERC-20, ERC-165, ERC-721, ERC-1155; Multicall3 (`aggregate3`); Permit2 (`AllowanceTransfer`); EIP-7702.
Addresses have 20 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from eth_abi.abi import decode as abi_decode
from eth_abi.exceptions import DecodingError

from codec.evm.abi import encode
from primitives.errors import InvalidValue
from primitives.hashing import keccak256

MULTICALL3 = bytes.fromhex("ca11bde05977b3631167028862be2a173976ca11")
PERMIT2 = bytes.fromhex("000000000022d473030f116ddee9f6b43ac78ba3")
DELEGATION_PREFIX = bytes.fromhex("ef0100")
"""EIP-7702: the code of an account that borrows another's is this and the other's address."""

ERC721 = bytes.fromhex("80ac58cd")
ERC1155 = bytes.fromhex("d9b67a26")
UNLIMITED = 2**256 - 1
UNLIMITED_PERMIT2 = 2**160 - 1


def topic(signature: str) -> str:
    """The first topic of an event's logs, as nodes write it."""
    return "0x" + keccak256(signature.encode()).hex()


TRANSFER = topic("Transfer(address,address,uint256)")
"""ERC-20 (two indexed) and ERC-721 (three indexed) share it."""
TRANSFER_SINGLE = topic("TransferSingle(address,address,address,uint256,uint256)")
TRANSFER_BATCH = topic("TransferBatch(address,address,address,uint256[],uint256[])")
APPROVAL = topic("Approval(address,address,uint256)")
APPROVAL_FOR_ALL = topic("ApprovalForAll(address,address,bool)")
PERMIT2_APPROVAL = topic("Approval(address,address,address,uint160,uint48)")
PERMIT2_PERMIT = topic("Permit(address,address,address,uint160,uint48,uint48)")


def address_topic(address: bytes) -> str:
    return "0x" + (bytes(12) + address).hex()


def call(signature: str, *arguments: object) -> bytes:
    """Calldata of a function by its signature, such as `ownerOf(uint256)`."""
    types = signature[signature.index("(") + 1 : -1]
    return keccak256(signature.encode())[:4] + encode(types.split(",") if types else [], arguments)


def aggregate3_call(calls: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Calldata of Multicall3's `aggregate3`; each call may fail by itself."""
    rows = [("0x" + target.hex(), True, data) for target, data in calls]
    return keccak256(b"aggregate3((address,bool,bytes)[])")[:4] + encode(["(address,bool,bytes)[]"], [rows])


def decode_aggregate3(data: bytes) -> list[bytes | None]:
    """What each call returned; None for one that failed.

    Raises:
        InvalidValue: Malformed.
    """
    try:
        (rows,) = abi_decode(["(bool,bytes)[]"], data)
    except (DecodingError, OverflowError) as error:
        raise InvalidValue(f"malformed ABI data: {error}") from error
    return [answer if ok else None for ok, answer in rows]


def decode_word(data: bytes | None) -> int | None:
    """The first word as a number; None when there is none."""
    return int.from_bytes(data[:32], "big") if data is not None and len(data) >= 32 else None


def decode_label(data: bytes | None) -> str:
    """A name or symbol: a string, or bytes32 in tokens older than the standard's final text. Empty when unreadable."""
    if not data:
        return ""
    try:
        if len(data) == 32:
            text = data.rstrip(b"\0").decode()
        else:
            length = int.from_bytes(data[32:64], "big")
            text = data[64 : 64 + length].decode() if length <= len(data) - 64 else ""
    except UnicodeDecodeError:
        return ""
    return "".join(one for one in text if one.isprintable())[:64]
