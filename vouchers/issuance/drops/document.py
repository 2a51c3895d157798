"""The published list of a drop's holders: what anybody needs to compute the root and every proof.

Bytes: "quanbao.drop.v1" and a zero byte (16), the campaign's id (24), the drop's number (2, big-endian), how many bytes
a holder has (2), how many holders there are (4), then the holders in order. Its keccak256 names it.
"""

from __future__ import annotations

from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId

DROP_SCHEMA = "quanbao.drop.v1"
_MAGIC = DROP_SCHEMA.encode() + b"\0"
HEAD_BYTES = len(_MAGIC) + 24 + 2 + 2 + 4


def encode_head(campaign: CampaignId, drop: int, holder_bytes: int, count: int) -> bytes:
    return b"".join(
        (
            _MAGIC,
            campaign.raw,
            drop.to_bytes(2, "big"),
            holder_bytes.to_bytes(2, "big"),
            count.to_bytes(4, "big"),
        )
    )


def decode_drop(body: bytes) -> tuple[CampaignId, int, int, bytes]:
    """Campaign, drop number, bytes of a holder, and the holders. Raises InvalidValue."""
    if len(body) < HEAD_BYTES or not body.startswith(_MAGIC):
        raise InvalidValue("this is no list of a drop's holders")
    at = len(_MAGIC)
    campaign = CampaignId(body[at : at + 24])
    drop, holder_bytes = int.from_bytes(body[at + 24 : at + 26], "big"), int.from_bytes(body[at + 26 : at + 28], "big")
    count = int.from_bytes(body[at + 28 : at + 32], "big")
    holders = body[HEAD_BYTES:]
    if len(holders) != count * holder_bytes:
        raise InvalidValue("the list does not have as many holders as its head says")
    return campaign, drop, holder_bytes, holders
