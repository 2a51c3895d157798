#!/usr/bin/env python3
"""Ask the advisory databases of PyPI and npm about every locked package.

Exit code 1: something is known to be wrong with a package, or a database could not be asked, which must not pass for an
answer. With `--if-answered`, for machines without their network, a database that cannot be asked is said plainly and
is no failure; whether one answers is tried with a version that is known to be wrong, for a package index without
advisories would call everything well.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import urllib.request
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ("requirements/run.lock", "requirements/dev.lock")
AUDITOR = ROOT / ".venv-advisories" / "bin" / "pip-audit"
AUDITOR_RELEASE = "pip-audit==2.10.1"

PYPI = "pypi/jinja2/2.11.2/json"
NPM = "-/npm/v1/security/advisories/bulk"
NPM_QUESTION = {"lodash": ["4.17.4"]}
_SECONDS = 15


def ask(path: str, question: Any = None) -> Any:
    """The JSON that a database answers, where pip and npm themselves look for it. Raises OSError, ValueError."""
    if path == NPM:
        url = run("npm", "config", "get", "registry")[1].strip().rstrip("/") + "/" + path
    else:
        from pip._internal.models.index import PyPI

        url = f"{PyPI.url}{path}"
    body = None if question is None else json.dumps(question).encode()
    request = urllib.request.Request(url, data=body, headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
        return json.load(answer)


def run(*command: str | Path) -> tuple[int, str]:
    """Exit code and standard output."""
    done = subprocess.run([str(word) for word in command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def why_silent(question: Callable[[], Any]) -> str | None:
    """Why a database cannot be asked; None: it told of what is known to be wrong."""
    try:
        told = question()
    except (OSError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return None if told else "it knows of nothing wrong where something is: it has no advisories"


def _known(release: Any) -> Any:
    return release.get("vulnerabilities") if isinstance(release, dict) else None


def pypi_findings(lock: str) -> Sequence[str]:
    """Raises RuntimeError: not every package could be asked about."""
    if not AUDITOR.exists():
        venv.create(AUDITOR.parent.parent, with_pip=True)
        code, _ = run(AUDITOR.with_name("pip"), "install", "--quiet", "--disable-pip-version-check", AUDITOR_RELEASE)
        if code:
            raise RuntimeError(f"{AUDITOR_RELEASE} cannot be installed")
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        options = ("--disable-pip", "--strict", "--progress-spinner", "off", "--format", "json", "--output", file.name)
        code, _ = run(AUDITOR, "--requirement", lock, *options)
        try:
            found = json.loads(Path(file.name).read_text() or "{}").get("dependencies", [])
        except ValueError:
            found = []
    wrong = [
        f"{each['name']} {each['version']}: {', '.join(one['id'] for one in each['vulns'])}"
        for each in found
        if each.get("vulns")
    ]
    if code and not wrong:
        raise RuntimeError("pip-audit was not answered about every package")
    return wrong


def npm_findings(_lock: str) -> Sequence[str]:
    """Moderate ones and worse. Raises RuntimeError: npm was not answered."""
    code, said = run("npm", "audit", "--json", "--audit-level=moderate")
    try:
        told = json.loads(said)
        found = told["vulnerabilities"]
    except (ValueError, KeyError, TypeError) as error:
        raise RuntimeError("npm audit was not answered") from error
    if not code:
        return []
    wrong = [
        f"{name}: {entry['severity']}" for name, entry in found.items() if entry["severity"] not in ("info", "low")
    ]
    if not wrong:
        raise RuntimeError("npm audit failed")
    return wrong


def main(arguments: Sequence[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-answered", action="store_true", help="no failure where no database can be asked")
    lenient = parser.parse_args(arguments).if_answered
    worst = 0
    databases: tuple[tuple[str, Callable[[], Any], Callable[[str], Sequence[str]], Sequence[str]], ...] = (
        ("PyPI", lambda: _known(ask(PYPI)), pypi_findings, LOCKS),
        ("npm", lambda: ask(NPM, NPM_QUESTION), npm_findings, ("package-lock.json",)),
    )
    for name, question, findings, locks in databases:
        silent = why_silent(question)
        for lock in locks:
            try:
                if silent:
                    raise RuntimeError(silent)
                wrong = findings(lock)
            except RuntimeError as error:
                print(f"NOT AUDITED  {lock}: {name}'s advisories cannot be asked ({error}).")
                print("             Run `make audit` on a machine that reaches them, before a release and weekly.")
                worst = worst if lenient else 1
                continue
            for line in wrong:
                print(f"KNOWN WRONG  {lock}: {line}")
                worst = 1
            if not wrong:
                print(f"audited      {lock}: nothing known to be wrong")
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
