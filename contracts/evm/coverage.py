"""Measure what the Forge tests reach, and refuse a function of the book that none of them calls.

Forge instruments the unoptimised build (profile `coverage`), whose lines and branches are those of the sources. The
report is `coverage/lcov.info`; the table goes to the screen.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
NODE_MODULES = HERE.parents[1] / "node_modules"
LIBRARIES = ("@openzeppelin/contracts", "solady/src", "@layerzerolabs/toolbox-foundry/lib")
FORGE = NODE_MODULES / "@foundry-rs" / "forge-linux-amd64" / "bin" / "forge"
REPORT = HERE / "coverage" / "lcov.info"


@dataclass(slots=True)
class Reached:
    """Of one source: lines, branches and functions reached and in all, and the functions that are not."""

    lines: tuple[int, int] = (0, 0)
    branches: tuple[int, int] = (0, 0)
    functions: tuple[int, int] = (0, 0)
    unreached: list[str] = field(default_factory=list)


def read(report: str) -> Mapping[str, Reached]:
    """An lcov report by source. Source: geninfo(1), "FILES"."""
    found: dict[str, Reached] = {}
    current = Reached()
    numbers: dict[str, int] = {}
    for line in report.splitlines():
        kind, _, rest = line.partition(":")
        if kind == "SF":
            current = found.setdefault(rest, Reached())
        elif kind == "FNDA":
            count, _, name = rest.partition(",")
            if int(count) == 0:
                current.unreached.append(name)
        elif kind in ("LF", "LH", "BRF", "BRH", "FNF", "FNH"):
            numbers[kind] = int(rest)
        elif kind == "end_of_record":
            current.lines = numbers.get("LH", 0), numbers.get("LF", 0)
            current.branches = numbers.get("BRH", 0), numbers.get("BRF", 0)
            current.functions = numbers.get("FNH", 0), numbers.get("FNF", 0)
            numbers = {}
    return found


def show(found: Mapping[str, Reached]) -> None:
    sys.stdout.write(f"{'source':34} {'lines':>16} {'branches':>16} {'functions':>16}\n")
    for source, reached in sorted(found.items()):
        columns = [f"{hit}/{of} {100 * hit / of:5.1f} %" if of else "–" for hit, of in _figures(reached)]
        sys.stdout.write(f"{source:34} " + " ".join(f"{column:>16}" for column in columns) + "\n")


def _figures(reached: Reached) -> tuple[tuple[int, int], ...]:
    return reached.lines, reached.branches, reached.functions


def lay_out(place: Path) -> Path:
    """A copy of the project whose libraries lie inside of it: Forge's coverage does not find them anywhere else."""
    project = place / "contracts" / "evm"
    for name in ("src", "test", "artifacts", "tools"):
        shutil.copytree(HERE / name, project / name)
    shutil.copytree(HERE.parents[1] / "tests" / "vectors", place / "tests" / "vectors")
    for library in LIBRARIES:
        shutil.copytree(NODE_MODULES / library, project / "node_modules" / library)
    (place / "node_modules").symlink_to(NODE_MODULES)
    settings = (HERE / "foundry.toml").read_text().replace("../../node_modules", "node_modules")
    (project / "foundry.toml").write_text(settings)
    return project


def main() -> int:
    if not FORGE.exists():
        sys.stderr.write("Forge is not installed. Run: make setup-tests\n")
        return 1
    REPORT.parent.mkdir(exist_ok=True)
    environment = {**os.environ, "FOUNDRY_PROFILE": "coverage", "FOUNDRY_DISABLE_NIGHTLY_WARNING": "1"}
    # The committed bytecode is not instrumented, so what runs against it reaches nothing here.
    command = [FORGE, "coverage", "--report", "lcov", "--report-file", REPORT, "--no-match-path", "test/Artifacts*"]
    command += ["--no-match-coverage", "test/|node_modules"]
    with tempfile.TemporaryDirectory(prefix="quanbao-coverage-") as folder:
        project = lay_out(Path(folder))
        done = subprocess.run([str(word) for word in command], cwd=project, env=environment)
    if done.returncode != 0:
        return done.returncode
    found = {source: reached for source, reached in read(REPORT.read_text()).items() if source.startswith("src/")}
    show(found)
    missing = [f"{source}: {name}" for source, reached in sorted(found.items()) for name in reached.unreached]
    for entry in missing:
        sys.stderr.write(f"no test calls {entry}\n")
    return 1 if missing or not found else 0


if __name__ == "__main__":
    sys.exit(main())
