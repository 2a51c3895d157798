"""A library that computes wrongly is found before any key is opened."""

from __future__ import annotations

import pytest

from keystore.self_check import check_libraries
from primitives.errors import MissingPart
from primitives.signing import Curve, Signature


def test_this_machine_computes_rightly() -> None:
    check_libraries()


@pytest.mark.parametrize(
    ("name", "answer", "library"),
    [
        ("sign_digest", Signature(Curve.SECP256K1, bytes(65)), "coincurve"),
        ("sign_message", Signature(Curve.ED25519, bytes(64)), "PyNaCl"),
        ("keccak256", bytes(32), "safe-pysha3"),
    ],
)
def test_wrong_answer_names_the_library(
    name: str, answer: object, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"keystore.self_check.{name}", lambda *_: answer)
    with pytest.raises(MissingPart, match=library):
        check_libraries()
