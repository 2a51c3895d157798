"""`python -m bench NAME [--json FILE] [--smoke]`; without a name, the list."""

from __future__ import annotations

import argparse
import importlib
import pkgutil
import sys
from pathlib import Path

from rich.console import Console

import bench
from bench.measure import Report
from primitives.errors import MissingPart

_FRAME = {"measure", "__main__", "reference", "solana_campaign", "solana_load"}


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name not in _FRAME)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure ours beside a reference.")
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--smoke", action="store_true", help="few short rounds: only to see that it runs")
    arguments = parser.parse_args()
    console = Console()
    if arguments.name is None:
        for name in names():
            about = (importlib.import_module(f"bench.{name}").__doc__ or "").strip().splitlines()[0]
            console.print(f"{name:12} {about}", highlight=False)
        return 0
    try:
        reports: list[Report] = importlib.import_module(f"bench.{arguments.name}").run(smoke=arguments.smoke)
    except MissingPart as missing:
        sys.stderr.write(f"{missing.message}\n")
        return 1
    for report in reports:
        report.show(console)
    if arguments.json:
        arguments.json.write_bytes(b"[" + b",".join(report.to_json() for report in reports) + b"]\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
