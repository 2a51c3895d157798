"""The repository itself: locks, image, compose file, declared dependencies."""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from importlib.metadata import distributions, packages_distributions
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
OURS = (
    "api",
    "audit",
    "chains",
    "codec",
    "keystore",
    "localnet",
    "people",
    "persistence",
    "primitives",
    "vouchers",
    "wallets",
)


class TestLocks:
    @pytest.mark.parametrize("name", ["run.lock", "dev.lock", "node.lock", "audit.lock"])
    def test_python_lock_is_hashed_and_carries_no_address(self, name: str) -> None:
        text = (ROOT / "requirements" / name).read_text()
        assert "://" not in text
        requirements = re.findall(r"^([a-z0-9][^\s;]*)==", text, re.M)
        blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
        assert len(requirements) == len(blocks) > 0
        assert all("--hash=sha256:" in block for block in blocks)

    @pytest.mark.parametrize("folder", [".", "bench/gas"])
    def test_node_lock_is_hashed_and_carries_no_address(self, folder: str) -> None:
        packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
        installed = {
            name: entry for name, entry in packages.items() if "node_modules/" in name and not entry.get("link")
        }
        assert installed
        for name, entry in installed.items():
            assert "integrity" in entry, name
            assert "://" not in entry.get("resolved", ""), name

    def test_the_environment_is_the_lock(self) -> None:
        """What CI tests is what is locked, and so what `make audit` asks about."""
        locked = dict(
            re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^\s;]+)", (ROOT / "requirements/dev.lock").read_text(), re.M)
        )
        installed = {dist.name.lower().replace("_", "-"): dist.version for dist in distributions()}
        wrong = {
            name: (installed[name], version)
            for name, version in locked.items()
            if name in installed and installed[name] != version
        }
        assert wrong == {}

    def test_what_runs_is_locked_as_what_is_tested(self) -> None:
        run, dev = (
            dict(re.findall(r"^([a-z0-9][^\s;=]*)==([^\s;]+)", (ROOT / "requirements" / name).read_text(), re.M))
            for name in ("run.lock", "dev.lock")
        )
        assert {name: version for name, version in run.items() if dev.get(name) != version} == {}


class TestDependencies:
    def test_every_imported_distribution_is_declared(self) -> None:
        """What we import we name ourselves; nothing comes in only because something else brings it."""
        project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        declared = {re.split(r"[\[>=<;]", entry)[0].lower().replace("_", "-") for entry in project["dependencies"]}
        known = packages_distributions()
        missing: dict[str, str] = {}
        for package in OURS:
            for path in (ROOT / package).rglob("*.py"):
                for module in _imported_roots(ast.parse(path.read_text())):
                    if module in OURS or module in sys.stdlib_module_names:
                        continue
                    owners = {owner.lower().replace("_", "-") for owner in known.get(module, [])}
                    if not owners & declared:
                        missing[module] = str(path.relative_to(ROOT))
        assert missing == {}


def _imported_roots(tree: ast.AST) -> set[str]:
    roots: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            roots.add(node.module.partition(".")[0])
    return roots


class TestImage:
    def test_everything_that_the_image_copies_exists(self) -> None:
        copied = [
            word
            for line in (ROOT / "Dockerfile").read_text().splitlines()
            if line.startswith("COPY ") and "--from" not in line
            for word in line.split()[1:-1]
        ]
        assert [word for word in copied if not (ROOT / word).exists()] == []

    def test_every_package_of_ours_is_in_the_image(self) -> None:
        text = (ROOT / "Dockerfile").read_text()
        assert [name for name in OURS if f"COPY {name} {name}\n" not in text] == []

    def test_compose_file_wires_the_roles(self) -> None:
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
        services = compose["services"]
        assert set(services) == {"api", "worker", "localnet", "database"}
        assert services["api"]["command"] == ["api"]
        assert services["worker"]["command"] == ["worker"]
        assert services["localnet"]["command"][0] == "localnet"
        for name, service in services.items():
            for port in service.get("ports", []):
                assert port.startswith("127.0.0.1:"), f"{name} is published beyond loopback"
        named = {secret for service in services.values() for secret in service.get("secrets", [])}
        assert named <= set(compose["secrets"])
