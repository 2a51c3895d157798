"""A token with what the book uses of ERC-20 and ERC-3009, assembled by hand; it believes every authorisation."""

from __future__ import annotations

from primitives.hashing import keccak256

RECEIVE = "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"

_TRANSFER = keccak256(b"Transfer(address,address,uint256)")
_CALLER = b"\x33"


def _argument(place: int) -> bytes:
    """PUSH1, CALLDATALOAD."""
    return bytes([0x60, 4 + 32 * place, 0x35])


def _moving(sender: bytes, recipient: bytes, amount: bytes) -> bytes:
    """Balances are storage words by address: take, give, log, return true."""
    take = amount + sender + b"\x54\x03" + sender + b"\x55"
    give = amount + recipient + b"\x54\x01" + recipient + b"\x55"
    log = amount + b"\x5f\x52" + recipient + sender + b"\x7f" + _TRANSFER + b"\x60\x20\x5f\xa3"
    return b"\x5b" + take + give + log + b"\x60\x01\x5f\x52\x60\x20\x5f\xf3"


def authorized_token() -> bytes:
    """Runtime code; a balance is set by writing the storage word of the address."""
    first, second, third = (_argument(place) for place in range(3))
    bodies = {
        "balanceOf(address)": b"\x5b" + first + b"\x54\x5f\x52\x60\x20\x5f\xf3",
        "transfer(address,uint256)": _moving(_CALLER, first, second),
        RECEIVE: _moving(first, second, third),
    }
    table = b"\x5f\x35\x60\xe0\x1c"
    at = len(table) + 11 * len(bodies) + 3
    for signature, body in bodies.items():
        table += b"\x80\x63" + keccak256(signature.encode())[:4] + b"\x14\x61" + at.to_bytes(2, "big") + b"\x57"
        at += len(body)
    return table + b"\x5f\x5f\xfd" + b"".join(bodies.values())
