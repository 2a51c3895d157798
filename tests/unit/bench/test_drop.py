"""The drop benchmark's trees agree, and its proofs lead to the same root."""

from __future__ import annotations

from bench.drop import _trees
from bench.reference.merkle import reference_levels, reference_proof
from codec.drop_tree import BLOCK, build_upper, drop_leaves, leaf_proof, proves
from primitives.account_id import checksum_address
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId

CAMPAIGN = CampaignId(bytes(range(24)))


def test_the_short_form_measures_tree_and_proofs() -> None:
    """The life through the API has a test of its own: tests/integration/vouchers/test_claims.py."""
    tree, proofs = _trees(1_000)
    assert [result.reference for result in tree.results] == [True, False]
    assert [result.reference for result in proofs.results] == [True, False]
    assert "nodes kept" in tree.remarks[0]


def test_every_proof_equals_the_references() -> None:
    """Also where a block, and a level, is cut off."""
    for leaves in (1, 2, 3, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5):
        holders = b"".join(keccak256(at.to_bytes(4, "big"))[:20] for at in range(leaves))
        levels = reference_levels(
            CAMPAIGN.raw, 3, [checksum_address(holders[at : at + 20]) for at in range(0, len(holders), 20)]
        )
        upper = build_upper(CAMPAIGN, 3, 20, holders)
        assert upper.root == levels[-1][0]
        for index in {0, leaves - 1, leaves // 2, min(leaves - 1, BLOCK)}:
            first = index // BLOCK * BLOCK
            proof = leaf_proof(CAMPAIGN, 3, 20, holders[first * 20 : (first + BLOCK) * 20], index, upper)
            assert list(proof) == reference_proof(levels, index)
            leaf = drop_leaves(CAMPAIGN, 3, 20, index, holders[index * 20 : index * 20 + 20])[0]
            assert proves(upper.root, leaf, proof)
            assert leaf == levels[0][index]
