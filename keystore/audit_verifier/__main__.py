"""`python -m keystore.audit_verifier LOG [--checkpoint FILE] [--trusted-key HEX]`.

Exit code 0: accepted; 1: refused; 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from .verify import MAX_LINE_BYTES, LogRejected, read_checkpoint, verify_log

_MAX_CHECKPOINT_BYTES = 64 * 1024 * 1024


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one exported log and say what was found."""
    parser = argparse.ArgumentParser(prog="verify-audit-log", description="Check an exported audit log, offline.")
    parser.add_argument("log", type=Path)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint that was kept elsewhere")
    parser.add_argument("--trusted-key", help="the key that must have signed the checkpoint, 64 hex digits")
    options = parser.parse_args(arguments)
    try:
        checkpoint = None
        if options.checkpoint is not None:
            with options.checkpoint.open("rb") as file:
                checkpoint = read_checkpoint(file.read(_MAX_CHECKPOINT_BYTES), options.trusted_key)
        heads = verify_log(_lines(options.log), checkpoint)
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 2
    except LogRejected as rejected:
        sys.stdout.write(f"REFUSED  {rejected}\n")
        return 1
    entries = sum(head.count for head in heads.values())
    sys.stdout.write(f"ACCEPTED  {entries} entries of {len(heads)} keys, wallets and vaults\n")
    if checkpoint is not None:
        sys.stdout.write(f"    contains the checkpoint of {checkpoint.at}, signed by {checkpoint.key}\n")
    return 0


def _lines(path: Path) -> Iterator[bytes]:
    """Never more than one entry's worth at once, whatever the file holds."""
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            yield line


if __name__ == "__main__":
    sys.exit(main())
