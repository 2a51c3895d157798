"""Command line: exit code 0 for an accepted bundle, 1 for a refused one, 2 for wrong use."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from . import verify
from .canonical import MAX_BUNDLE_BYTES
from .report import Rejected


def main(arguments: Sequence[str] | None = None) -> int:
    """Verify one file and print its facts, or the check that failed."""
    parser = argparse.ArgumentParser(prog="verify", description="Check a Quanbao proof bundle without any network.")
    parser.add_argument("bundle", type=Path, help="the file; - for standard input")
    parser.add_argument("--trusted-block-hash", help="EVM: hash of a block that you know from elsewhere")
    parser.add_argument("--trusted-key", action="append", default=[], help="attestation key to accept; repeatable")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    options = parser.parse_args(arguments)
    try:
        with sys.stdin.buffer if str(options.bundle) == "-" else options.bundle.open("rb") as file:
            # One byte more than a bundle may have, so that a giant file is not loaded.
            data = file.read(MAX_BUNDLE_BYTES + 1)
    except OSError as error:
        sys.stderr.write(f"{options.bundle}: {error.strerror}\n")
        return 2
    try:
        report = verify(data, trusted_block_hash=options.trusted_block_hash, trusted_keys=options.trusted_key)
    except Rejected as rejected:
        answer = {"accepted": False, "check": rejected.check, "reason": rejected.reason}
        sys.stdout.write((json.dumps(answer, ensure_ascii=False) if options.json else f"REFUSED  {rejected}") + "\n")
        return 1
    if options.json:
        sys.stdout.write(json.dumps(report.to_json(), ensure_ascii=False) + "\n")
        return 0
    sys.stdout.writelines(f"{fact.basis}\n    {fact.name}: {fact.statement}\n" for fact in report.facts)
    sys.stdout.write(f"ACCEPTED  sha256 {report.digest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
