"""`jsonParsed` of Token-2022 extensions: `{"extension", "state"}` per TLV entry.

Source: Agave, `account-decoder/src/parse_token_extension.rs` and the client types of its names; entry layouts from
spl-token-2022's `extension` modules (little-endian; a key of zeros is none).
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Callable
from typing import Any

from codec.solana.token_extensions import parse_extensions
from codec.solana.token_metadata import TokenMetadata
from primitives.base58 import encode_base58
from primitives.errors import InvalidValue

_STATES = ("uninitialized", "initialized", "frozen")
State = dict[str, Any]


def _key(data: bytes, at: int = 0) -> str | None:
    raw = data[at : at + 32]
    return encode_base58(raw) if any(raw) else None


def _transfer_fee_config(data: bytes) -> State:
    def fee(at: int) -> State:
        epoch, most, points = struct.unpack_from("<QQH", data, at)
        return {"epoch": epoch, "maximumFee": most, "transferFeeBasisPoints": points}

    (withheld,) = struct.unpack_from("<Q", data, 64)
    return {
        "transferFeeConfigAuthority": _key(data),
        "withdrawWithheldAuthority": _key(data, 32),
        "withheldAmount": withheld,
        "olderTransferFee": fee(72),
        "newerTransferFee": fee(90),
    }


def _interest(data: bytes) -> State:
    started, before, updated, current = struct.unpack_from("<qhqh", data, 32)
    return {
        "rateAuthority": _key(data),
        "initializationTimestamp": started,
        "preUpdateAverageRate": before,
        "lastUpdateTimestamp": updated,
        "currentRate": current,
    }


def _metadata(data: bytes) -> State:
    found = TokenMetadata.parse(data)
    return {
        "updateAuthority": encode_base58(found.update_authority) if found.update_authority else None,
        "mint": encode_base58(found.mint),
        "name": found.name,
        "symbol": found.symbol,
        "uri": found.uri,
        "additionalMetadata": [list(pair) for pair in found.fields.items()],
    }


def _group(data: bytes) -> State:
    size, most = struct.unpack_from("<QQ", data, 64)
    return {"updateAuthority": _key(data), "mint": _key(data, 32), "size": size, "maxSize": most}


def _member(data: bytes) -> State:
    (number,) = struct.unpack_from("<Q", data, 64)
    return {"mint": _key(data), "group": _key(data, 32), "memberNumber": number}


def _scaled(data: bytes) -> State:
    multiplier, since, next_multiplier = struct.unpack_from("<dqd", data, 32)
    return {
        "authority": _key(data),
        "multiplier": _decimal(multiplier),
        "newMultiplierEffectiveTimestamp": since,
        "newMultiplier": _decimal(next_multiplier),
    }


def _decimal(value: float) -> str:
    # Rust shows a whole float without its fraction.
    return str(int(value)) if value.is_integer() else repr(value)


def _pointer(field: str) -> Callable[[bytes], State]:
    return lambda data: {"authority": _key(data), field: _key(data, 32)}


def _nothing(data: bytes) -> None:
    return None


_READERS: dict[int, tuple[str, Callable[[bytes], State | None]]] = {
    1: ("transferFeeConfig", _transfer_fee_config),
    2: ("transferFeeAmount", lambda data: {"withheldAmount": int.from_bytes(data[:8], "little")}),
    3: ("mintCloseAuthority", lambda data: {"closeAuthority": _key(data)}),
    6: ("defaultAccountState", lambda data: {"accountState": _STATES[data[0]]}),
    7: ("immutableOwner", _nothing),
    8: ("memoTransfer", lambda data: {"requireIncomingTransferMemos": data[0] == 1}),
    9: ("nonTransferable", _nothing),
    10: ("interestBearingConfig", _interest),
    11: ("cpiGuard", lambda data: {"lockCpi": data[0] == 1}),
    12: ("permanentDelegate", lambda data: {"delegate": _key(data)}),
    13: ("nonTransferableAccount", _nothing),
    14: ("transferHook", _pointer("programId")),
    15: ("transferHookAccount", lambda data: {"transferring": data[0] == 1}),
    18: ("metadataPointer", _pointer("metadataAddress")),
    19: ("tokenMetadata", _metadata),
    20: ("groupPointer", _pointer("groupAddress")),
    21: ("tokenGroup", _group),
    22: ("groupMemberPointer", _pointer("memberAddress")),
    23: ("tokenGroupMember", _member),
    25: ("scaledUiAmountConfig", _scaled),
    26: ("pausableConfig", lambda data: {"authority": _key(data), "paused": data[32] == 1}),
    27: ("pausableAccount", _nothing),
    28: ("permissionedBurnConfig", lambda data: {"authority": _key(data)}),
}


def parsed_extensions(data: bytes) -> list[dict[str, Any]]:
    """Every extension of a mint or token account, in its order; one that is not known is `unparseableExtension`."""
    found: list[dict[str, Any]] = []
    try:
        entries = parse_extensions(data)
    except InvalidValue:
        return [{"extension": "unparseableExtension"}]
    for kind, value in entries.items():
        name, read = _READERS.get(kind, ("unparseableExtension", _nothing))
        try:
            state = read(value)
        except (struct.error, IndexError, InvalidValue):
            found.append({"extension": "unparseableExtension", "data": b64encode(value).decode()})
            continue
        found.append({"extension": name} if state is None else {"extension": name, "state": state})
    return found
