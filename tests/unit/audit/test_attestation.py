"""The attestation key's file."""

from __future__ import annotations

import pickle
import stat
from pathlib import Path

import pytest

from audit.attestation import FileAttester
from audit.verifier.crypto import check_ed25519
from primitives.errors import InvalidKeyFile


async def test_is_made_once_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "attestation.key"
    first = FileAttester.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert FileAttester.open(path).public_key == first.public_key
    check_ed25519("attestation", first.public_key, b"statement", await first.attest(b"statement"))


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "attestation.key"
    FileAttester.open(path)
    path.chmod(0o640)
    with pytest.raises(InvalidKeyFile, match="chmod 600"):
        FileAttester.open(path)


def test_a_broken_file_is_refused_without_showing_it(tmp_path: Path) -> None:
    path = tmp_path / "attestation.key"
    for content in ("5ec2e7" * 3, "not hex at all"):
        path.write_text(content)
        path.chmod(0o600)
        with pytest.raises(InvalidKeyFile) as refused:
            FileAttester.open(path)
        assert content not in str(refused.value)
        assert refused.value.__cause__ is None


def test_shows_its_public_key_only() -> None:
    seed = bytes(range(32))
    attester = FileAttester(seed)
    assert seed.hex() not in repr(attester) + str(attester)
    with pytest.raises(TypeError):
        pickle.dumps(attester)
