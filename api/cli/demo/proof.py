"""Check a proof bundle with the stand-alone verifier, as an auditor would: in a process of its own, without network."""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import orjson

from primitives.errors import ProofRejected

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Checked:
    """`refused_at`: the byte that was changed in the copy that the verifier refused."""

    facts: int
    size: int
    refused_at: int


async def check_proof(bundle: bytes) -> Checked:
    """Verify the bundle, then a copy with one byte changed, which must be refused.

    Raises:
        ProofRejected: The untouched bundle was refused, or the changed one accepted.
    """
    code, output = await _verify(bundle)
    if code != 0:
        raise ProofRejected(f"the verifier refused an untouched bundle: {output[:400]!r}", check="untouched")
    place = random.SystemRandom().randrange(len(bundle))
    changed = bytearray(bundle)
    changed[place] ^= 1
    code, _ = await _verify(bytes(changed))
    if code == 0:
        raise ProofRejected(f"the verifier accepted a bundle with byte {place} changed", check="changed")
    return Checked(len(orjson.loads(output).get("facts", ())), len(bundle), place)


async def _verify(bundle: bytes) -> tuple[int, bytes]:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        file.write(bundle)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "audit.verifier",
            file.name,
            "--json",
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=_ROOT,
        )
        output, _ = await process.communicate()
    return process.returncode or 0, output
