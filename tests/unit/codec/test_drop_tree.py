"""A drop's tree and the index of its holders."""

from __future__ import annotations

import secrets

import pytest

from codec.drop_tree import (
    BLOCK,
    INDEX_BLOCK,
    build_index,
    build_upper,
    drop_leaves,
    entries_range,
    fences_length,
    holder_key,
    indices_in,
    leaf_proof,
    proves,
)
from codec.solana.drop import drop_leaf, drop_proof, drop_tree
from primitives.errors import InvalidValue
from primitives.voucher_id import CampaignId

CAMPAIGN = CampaignId(bytes(range(24)))


def find(index: bytes, holder: bytes) -> list[int]:
    head = index[: fences_length(index[:4])]
    start, end = entries_range(head, holder_key(holder))
    assert end - start <= 4 * INDEX_BLOCK * 12 or len(indices_in(index[start:end], holder_key(holder))) > INDEX_BLOCK
    return sorted(indices_in(index[start:end], holder_key(holder)))


@pytest.mark.parametrize("count", [1, 255, 256, 257, 5_000])
def test_every_holder_is_found_where_it_stands(count: int) -> None:
    holders = [secrets.token_bytes(20) for _ in range(count)]
    index = build_index(20, b"".join(holders))
    for place in {0, count // 2, count - 1, count // 3}:
        assert place in find(index, holders[place])
    assert find(index, bytes(20)) == []


def test_a_holder_with_a_thousand_leaves_is_found_with_all_of_them() -> None:
    """Equal keys may fill several blocks of the index, and begin before a fence."""
    same = b"\x07" * 32
    holders = [same if at % 3 else secrets.token_bytes(32) for at in range(3_000)]
    index = build_index(32, b"".join(holders))
    assert find(index, same) == [at for at in range(3_000) if at % 3]


def test_a_leaf_on_solana_is_the_same_as_its_own_codec_says() -> None:
    holders = [secrets.token_bytes(32) for _ in range(BLOCK + 7)]
    levels = drop_tree([drop_leaf(CAMPAIGN, at, holder) for at, holder in enumerate(holders)])
    upper = build_upper(CAMPAIGN, 0, 32, b"".join(holders))
    assert upper.root == levels[-1][0]
    for index in (0, 100, BLOCK, BLOCK + 6):
        first = index // BLOCK * BLOCK
        proof = leaf_proof(CAMPAIGN, 0, 32, b"".join(holders[first : first + BLOCK]), index, upper)
        assert proof == drop_proof(levels, index)


def test_another_holder_index_or_drop_proves_nothing() -> None:
    holders = b"".join(secrets.token_bytes(20) for _ in range(300))
    upper = build_upper(CAMPAIGN, 1, 20, holders)
    proof = leaf_proof(CAMPAIGN, 1, 20, holders[: BLOCK * 20], 5, upper)
    good = drop_leaves(CAMPAIGN, 1, 20, 5, holders[100:120])[0]
    assert proves(upper.root, good, proof)
    for leaf in (
        drop_leaves(CAMPAIGN, 1, 20, 6, holders[100:120])[0],
        drop_leaves(CAMPAIGN, 1, 20, 5, holders[120:140])[0],
        drop_leaves(CAMPAIGN, 2, 20, 5, holders[100:120])[0],
    ):
        assert not proves(upper.root, leaf, proof)


def test_an_empty_or_torn_list_is_refused() -> None:
    for holders in (b"", b"\x01" * 21):
        with pytest.raises(InvalidValue):
            build_upper(CAMPAIGN, 0, 20, holders)
    with pytest.raises(InvalidValue):
        leaf_proof(CAMPAIGN, 0, 20, b"\x01" * 20, 1, build_upper(CAMPAIGN, 0, 20, b"\x01" * 20))
