"""The exported audit log and its checkpoints, checked by the verifier that stands alone."""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from nacl.signing import SigningKey
from sqlalchemy import text

import keystore.audit_verifier
from keystore.audit_export import export_log, make_checkpoint
from keystore.audit_verifier.__main__ import main
from keystore.audit_verifier.verify import Checkpoint, LogRejected, canonical, read_checkpoint, verify_log
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.test_signing import evm_request, junk_key

ATTESTER = SigningKey(bytes([9] * 32))
KEY = bytes(ATTESTER.verify_key)


async def attest(message: bytes) -> bytes:
    return ATTESTER.sign(message).signature


async def exported(database: Database) -> list[bytes]:
    return [line async for line in export_log(database)]


@pytest.fixture
async def log(keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database) -> list[bytes]:
    key = await junk_key(keystore, tenant, token)
    for _ in range(3):
        await keystore.signer(token).sign(evm_request(key.id))
    lines = await exported(database)
    assert len(lines) == 4
    return lines


@pytest.fixture
async def checkpoint(log: list[bytes], database: Database, clock: StoppedClock) -> bytes:
    return await make_checkpoint(database, clock, KEY, attest)


def changed(line: bytes, **fields: Any) -> bytes:
    return canonical(json.loads(line) | fields) + b"\n"


def refused(lines: list[bytes], checkpoint: Checkpoint | None = None) -> str:
    with pytest.raises(LogRejected) as caught:
        verify_log(lines, checkpoint)
    return caught.value.entry


async def test_whole_log_and_checkpoint_are_accepted(log: list[bytes], checkpoint: bytes) -> None:
    known = read_checkpoint(checkpoint, KEY.hex())
    assert verify_log(log, known) == dict(known.heads)
    assert sum(head.count for head in known.heads.values()) == 4


async def test_each_byte_of_an_entry_counts(log: list[bytes]) -> None:
    signed = next(at for at, line in enumerate(log) if b'"sequence":2' in line)
    line = log[signed]
    for at in range(len(line) - 1):
        for bit in (0x01, 0x20):
            bad = line[:at] + bytes([line[at] ^ bit]) + line[at + 1 :]
            try:
                same = json.loads(bad) == json.loads(line)
            except ValueError:
                same = False
            if not same:
                refused([*log[:signed], bad, *log[signed + 1 :]])


async def test_entries_left_out_moved_or_made_up(log: list[bytes]) -> None:
    mine = [line for line in log if b'"signed"' in line]
    rest = [line for line in log if b'"signed"' not in line]
    subject = json.loads(mine[0])["subject"]
    assert refused([*rest, mine[0], mine[2]]) == f"entry 2 of {subject}"
    assert refused([*rest, mine[1], mine[0], mine[2]]) == f"entry 1 of {subject}"
    assert refused([*rest, *mine, mine[2]]) == f"entry 4 of {subject}"
    assert refused([*rest, mine[0], changed(mine[1], facts={}), mine[2]]) == f"entry 2 of {subject}"
    assert refused([*rest, mine[0], changed(mine[1], more=1), mine[2]]) == "line 3"
    assert refused([b"x" * 70_000]) == "line 1"
    assert refused([b"[" * 60_000]) == "line 1"


async def test_entry_rewritten_with_its_own_hash_is_not_followed_by_the_next(log: list[bytes]) -> None:
    mine = [line for line in log if b'"signed"' in line]
    entry = json.loads(mine[1]) | {"facts": {"act": "something else"}}
    hashed = {name: value for name, value in entry.items() if name != "hash"} | {"version": 1}
    forged = changed(mine[1], facts=entry["facts"], hash=hashlib.sha256(canonical(hashed)).hexdigest())
    verify_log([mine[0], forged])
    assert refused([mine[0], forged, mine[2]]) == f"entry 3 of {entry['subject']}"


async def test_end_cut_off_is_found_by_the_checkpoint_only(log: list[bytes], checkpoint: bytes) -> None:
    known = read_checkpoint(checkpoint)
    verify_log(log[:-1])
    assert refused(log[:-1], known).startswith("entry")
    assert refused([], known).startswith("entry 1 of")


async def test_database_rolled_back_and_written_anew_is_found(
    log: list[bytes], checkpoint: bytes, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
) -> None:
    """Every chain of it verifies; only what was kept elsewhere says that it is another history."""
    async with database.transaction() as tx:
        await tx.execute(text("ALTER TABLE keystore_audit_entry DISABLE TRIGGER USER"))
        await tx.execute(text("DELETE FROM keystore_audit_entry WHERE sequence = 3"))
        await tx.execute(text("ALTER TABLE keystore_audit_entry ENABLE TRIGGER USER"))
    key = await junk_key(keystore, tenant, token)
    for act in ("another", "past"):
        request = evm_request(key.id)
        await keystore.signer(token).sign(type(request)(key.id, request.scheme, request.payload, request.chain, act))
    lines = await exported(database)
    verify_log(lines)
    assert refused(lines, read_checkpoint(checkpoint)) == f"entry 3 of {key.id}"


async def test_checkpoint_of_others_or_changed(checkpoint: bytes) -> None:
    document = json.loads(checkpoint)
    bad: list[bytes] = [
        changed(checkpoint, at="2020-01-01T00:00:00.000000+00:00"),
        changed(checkpoint, heads=[]),
        changed(checkpoint, kind="other"),
        changed(checkpoint, signature="00" * 64),
        changed(checkpoint, signature="zz"),
        changed(checkpoint, key=bytes(SigningKey.generate().verify_key).hex()),
        changed(checkpoint, more=1),
        canonical({name: value for name, value in document.items() if name != "at"}),
        b"", b"null", b"[" * 100_000,
    ]  # fmt: skip
    for raw in bad:
        with pytest.raises(LogRejected):
            read_checkpoint(raw)
    with pytest.raises(LogRejected, match="not by the key that you trust"):
        read_checkpoint(checkpoint, "11" * 32)


async def test_command_line(
    log: list[bytes], checkpoint: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, kept = tmp_path / "log", tmp_path / "kept"
    file.write_bytes(b"".join(log))
    kept.write_bytes(checkpoint)
    assert main([str(file), "--checkpoint", str(kept), "--trusted-key", KEY.hex()]) == 0
    assert "4 entries" in capsys.readouterr().out
    file.write_bytes(b"".join(log[:-1]))
    assert main([str(file)]) == 0
    assert main([str(file), "--checkpoint", str(kept)]) == 1
    assert "REFUSED" in capsys.readouterr().out
    assert main([str(tmp_path / "absent")]) == 2


def test_verifier_stands_alone(tmp_path: Path) -> None:
    """It runs from a folder of its own, and imports nothing of ours."""
    source = Path(keystore.audit_verifier.__file__).parent
    for path in source.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert all(name.partition(".")[0] in (*sys.stdlib_module_names, "nacl") for name in names)
        (tmp_path / "alone").mkdir(exist_ok=True)
        (tmp_path / "alone" / path.name).write_bytes(path.read_bytes())
    (tmp_path / "log").write_bytes(b"")
    done = subprocess.run(
        [sys.executable, "-m", "alone", str(tmp_path / "log")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split()[0]) == (0, "ACCEPTED")
